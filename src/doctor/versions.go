package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/utils"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// feature is something that the CPI can do only from a version on.
type feature struct {
	major, minor int
	release      string
	what         string
	// wanted reports whether the cloud config needs it; nil if the CPI does
	// without.
	wanted func(*Doctor) bool
}

// apiService is a service of which the versions are looked at.
type apiService struct {
	name, software string
	client         func(context.Context) (*gophercloud.ServiceClient, error)
	// missing is what does not work without the service.
	missing string
	// microversions says whether the service has them.
	microversions bool
	features      []feature
}

func (d *Doctor) apiServices() []apiService {
	return []apiService{
		{name: "compute", software: "Nova", client: d.session.Compute, missing: "no VM can be created", microversions: true, features: []feature{
			{2, 15, "Mitaka", "server groups that the CPI creates (default_server_group_policy, server_group.policy)", (*Doctor).wantsServerGroups},
			{2, 64, "Rocky", "server_group.max_server_per_host", (*Doctor).wantsServersPerHost},
			{2, 67, "Stein", "the type of a boot volume (root_disk.type)", (*Doctor).wantsVolumeTypes},
		}},
		{name: "network", software: "Neutron", client: d.session.Network, missing: "no VM can be created"},
		{name: "image", software: "Glance", client: d.session.Image, missing: "no stemcell can be uploaded", features: []feature{
			{2, 7, "Rocky", "comparing the hash of an uploaded stemcell", nil},
		}},
		{name: "volume", software: "Cinder", client: d.session.Volume, missing: "no persistent disk can be created", microversions: true, features: []feature{
			{3, 42, "Pike", "extending attached disks in place", nil},
		}},
		{
			name: "load-balancer", software: "Octavia", client: d.session.LoadBalancer, missing: "VM types cannot have loadbalancer_pools",
		},
	}
}

// checkVersions looks for each service in the catalog, and at its versions.
func (d *Doctor) checkVersions(ctx context.Context, s *sheet) {
	for _, service := range d.apiServices() {
		d.checkService(ctx, s, service)
	}
}

func (d *Doctor) checkService(ctx context.Context, s *sheet, service apiService) {
	client, err := service.client(ctx)
	switch {
	case err == nil && client.Type == "network" && service.name != "network":
		s.note(service.software, "not in the catalog; %s, unless Neutron has them (neutron-lbaas, before Train)", service.missing)
		return
	case err != nil:
		s.bad(service.software, "correct openstack.region or openstack.endpoint_type, or ask the cloud's operator", "%s; %s", err, service.missing)
		return
	}
	versions, err := openstack.Versions(ctx, client)
	if err != nil {
		s.unknown(service.software, "%s is in the catalog, but its versions could not be read: %s", client.Endpoint, err)
		return
	}
	newest := newestOf(versions, service.microversions)
	if newest == (version{}) {
		s.unknown(service.software, "%s is in the catalog, but does not say which versions it has", client.Endpoint)
		return
	}
	s.ok(service.software, "%s, version %s", client.Endpoint, newest)
	for _, f := range service.features {
		switch missing := newest.before(version{f.major, f.minor}); {
		case missing && f.wanted != nil && f.wanted(d):
			s.bad(service.software, "remove it from the cloud config, or upgrade the cloud", "%d.%d (%s) is needed for %s", f.major, f.minor, f.release, f.what)
		case missing:
			s.note(service.software, "%d.%d (%s) is needed for %s", f.major, f.minor, f.release, f.what)
		default:
			s.ok(service.software, "has %d.%d, for %s", f.major, f.minor, f.what)
		}
	}
}

// wantsVolumeTypes reports whether a VM type has a boot volume of a type.
func (d *Doctor) wantsVolumeTypes() bool {
	return slices.ContainsFunc(d.vmWishes(), func(wish vmWish) bool { return wish.properties.RootDisk.Type != "" })
}

type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v version) before(other version) bool {
	return v.major < other.major || v.major == other.major && v.minor < other.minor
}

// newestOf returns the newest version, or the newest microversion of any version;
// the zero version if there is none.
func newestOf(versions []utils.SupportedVersion, micro bool) (newest version) {
	for _, supported := range versions {
		v := version{supported.Major, supported.Minor}
		if micro {
			v = version{supported.MaxMajor, supported.MaxMinor}
		}
		if newest.before(v) {
			newest = v
		}
	}
	return newest
}
