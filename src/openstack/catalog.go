package openstack

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	tokens2 "github.com/gophercloud/gophercloud/v2/openstack/identity/v2/tokens"
	tokens3 "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// endpoint is one line of the service catalog.
type endpoint struct {
	Type, Region, Interface, URL string
}

// service says how a service is found in the catalog and how its API's base is built from what is found there.
type service struct {
	name string // in errors and statistics
	// types are the names the catalog may use, best first.
	types []string
	// version is the path segment of the API, for catalogs that name the service's root only.
	version string
	// inProject: below the version comes the project's id.
	inProject bool
}

func computeService() service {
	return service{name: "compute", types: []string{"compute"}, version: "v2.1"}
}

func imageService() service {
	return service{name: "image", types: []string{"image", "imagev2"}, version: "v2"}
}

func networkService() service {
	return service{name: "network", types: []string{"network"}, version: "v2.0"}
}

func volumeService() service {
	return service{name: "volume", types: []string{"volumev3", "block-storage", "volumev2", "volume"}, version: "v3", inProject: true}
}

func loadBalancerService() service {
	return service{name: "load-balancer", types: []string{"load-balancer"}, version: "v2.0"}
}

// catalogV3 flattens Keystone v3's catalog.
func catalogV3(catalog *tokens3.ServiceCatalog) []endpoint {
	var all []endpoint
	for _, entry := range catalog.Entries {
		for _, e := range entry.Endpoints {
			region := e.Region
			if region == "" {
				region = e.RegionID
			}
			all = append(all, endpoint{Type: entry.Type, Region: region, Interface: e.Interface, URL: e.URL})
		}
	}
	return all
}

// catalogV2 does the same for Keystone v2's.
func catalogV2(catalog *tokens2.ServiceCatalog) []endpoint {
	var all []endpoint
	for _, entry := range catalog.Entries {
		for _, e := range entry.Endpoints {
			for name, address := range map[string]string{"public": e.PublicURL, "internal": e.InternalURL, "admin": e.AdminURL} {
				if address != "" {
					all = append(all, endpoint{Type: entry.Type, Region: e.Region, Interface: name, URL: address})
				}
			}
		}
	}
	return all
}

// locate finds a service in the catalog. Without a region the catalog must offer the service in one only, because to
// guess would be to build VMs in the wrong place.
func locate(catalog []endpoint, want service, face, region string) (endpoint, error) {
	var offered []endpoint
	for _, kind := range want.types {
		for _, e := range catalog {
			if e.Type == kind && e.Interface == face {
				offered = append(offered, e)
			}
		}
	}
	matches := slices.DeleteFunc(slices.Clone(offered), func(e endpoint) bool { return region != "" && e.Region != region })
	switch regions := regionsOf(matches); {
	case len(matches) > 0 && len(regions) == 1:
		return matches[0], nil
	case len(regions) > 1:
		return endpoint{}, fmt.Errorf("the service catalog has the %s service in several regions (%s): set openstack.region",
			want.name, strings.Join(regions, ", "))
	case len(offered) > 0:
		return endpoint{}, fmt.Errorf("the service catalog has no %s endpoint of the %s service in region %q, only in %s: check openstack.region",
			face, want.name, region, strings.Join(regionsOf(offered), ", "))
	}
	return endpoint{}, fmt.Errorf("the service catalog has no %s endpoint of the %s service; there are: %s",
		face, want.name, strings.Join(described(catalog), ", "))
}

func regionsOf(endpoints []endpoint) []string {
	regions := make([]string, 0, len(endpoints))
	for _, e := range endpoints {
		regions = append(regions, e.Region)
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}

// described lists what the catalog has, as "compute (public, RegionOne)".
func described(catalog []endpoint) []string {
	lines := make([]string, 0, len(catalog))
	for _, e := range catalog {
		lines = append(lines, fmt.Sprintf("%s (%s, %s)", e.Type, e.Interface, e.Region))
	}
	if len(lines) == 0 {
		return []string{"nothing at all; is the user a member of the project?"}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

var versionSegment = regexp.MustCompile(`/v\d+(\.\d+)?(/|$)`)

// base returns the URL below which the service's resources are, with a slash at the end. Catalogs name either the
// service's root or the version's; Cinder's entries end in the project's id.
func (s service) base(address, projectID string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(address, "/") + "/")
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("the %s service's endpoint in the service catalog is not a URL: %q", s.name, address)
	}
	if versionSegment.MatchString(u.Path) {
		return u, nil
	}
	u = u.JoinPath(s.version, "/")
	if s.inProject {
		u = u.JoinPath(projectID, "/")
	}
	return u, nil
}
