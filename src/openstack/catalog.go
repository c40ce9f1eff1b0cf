package openstack

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	tokens2 "github.com/gophercloud/gophercloud/v2/openstack/identity/v2/tokens"
	tokens3 "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// endpoint is one entry of the service catalog.
type endpoint struct {
	Type, Region, Interface, URL string
}

// service describes how to find a service in the catalog and how to build the
// base URL of its API from the entry.
type service struct {
	name     string // in errors and statistics
	software string // the OpenStack project that implements it, in errors
	// types are the names that the catalog may use, the preferred one first.
	types []string
	// version is the path segment of the API, for catalogs that hold the
	// service's root URL.
	version string
	// inProject is whether the project's id follows the version in the path.
	inProject bool
}

func computeService() service {
	return service{name: "compute", software: "Nova", types: []string{"compute"}, version: "v2.1"}
}

func imageService() service {
	return service{name: "image", software: "Glance", types: []string{"image", "imagev2"}, version: "v2"}
}

func networkService() service {
	return service{name: "network", software: "Neutron", types: []string{"network"}, version: "v2.0"}
}

func volumeService() service {
	return service{
		name: "volume", software: "Cinder", version: "v3", inProject: true,
		types: []string{"volumev3", "block-storage", "volumev2", "volume"},
	}
}

func loadBalancerService() service {
	return service{name: "load-balancer", software: "Octavia", types: []string{"load-balancer"}, version: "v2.0"}
}

func (s service) unavailable(err error) error {
	return fmt.Errorf("connect to %s: %w", s.software, err)
}

// catalogV3 returns the endpoints of Keystone v3's catalog.
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

// catalogV2 returns the endpoints of Keystone v2's catalog.
func catalogV2(catalog *tokens2.ServiceCatalog) []endpoint {
	var all []endpoint
	for _, entry := range catalog.Entries {
		for _, e := range entry.Endpoints {
			for interfaceType, address := range map[string]string{"public": e.PublicURL, "internal": e.InternalURL, "admin": e.AdminURL} {
				if address != "" {
					all = append(all, endpoint{Type: entry.Type, Region: e.Region, Interface: interfaceType, URL: address})
				}
			}
		}
	}
	return all
}

// locate finds a service in the catalog. If no region is configured, the
// service must have only one: a guess could create VMs in the wrong place.
func locate(catalog []endpoint, want service, interfaceType, region string) (endpoint, error) {
	var offered []endpoint
	for _, catalogType := range want.types {
		for _, e := range catalog {
			if e.Type == catalogType && e.Interface == interfaceType {
				offered = append(offered, e)
			}
		}
	}
	matches := slices.DeleteFunc(slices.Clone(offered), func(e endpoint) bool { return region != "" && e.Region != region })
	switch regions := regionsOf(matches); {
	case len(matches) > 0 && len(regions) == 1:
		return matches[0], nil
	case len(regions) > 1:
		return endpoint{}, fmt.Errorf("the service catalog has the %s service in several regions (%s): %s",
			want.name, strings.Join(regions, ", "), config.HintSetRegion)
	case len(offered) > 0:
		return endpoint{}, fmt.Errorf("the service catalog has no %s endpoint of the %s service in region %q, only in %s: %s",
			interfaceType, want.name, region, strings.Join(regionsOf(offered), ", "), config.HintCheckRegion)
	}
	return endpoint{}, fmt.Errorf("the service catalog has no %s endpoint of the %s service; there are: %s",
		interfaceType, want.name, strings.Join(describe(catalog), ", "))
}

func regionsOf(endpoints []endpoint) []string {
	regions := make([]string, 0, len(endpoints))
	for _, e := range endpoints {
		regions = append(regions, e.Region)
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}

// describe lists the endpoints of the catalog, as "compute (public,
// RegionOne)".
func describe(catalog []endpoint) []string {
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

// base returns the URL of the service's API, with a trailing slash. Catalogs
// hold the root URL of the service or the URL of the version; in Cinder's
// entries the project's id follows.
func (s service) base(address, projectID string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(address, "/") + "/")
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the %s service's endpoint in the service catalog is not an http or https URL: %q", s.name, address)
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
