package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

// Origin is the CPI that a deployment comes from.
type Origin string

// The origins: the two jobs of bosh-openstack-cpi-release.
const (
	Ruby     Origin = "ruby"     // openstack_cpi, until it was removed in 2026
	Official Origin = "official" // openstack_cpi_golang
)

// ErrOrigin reports a manifest that does not say which CPI it is for.
var ErrOrigin = errors.New("the manifest has neither the job openstack_cpi (Ruby) nor openstack_cpi_golang: say with -from where it comes from")

// OriginOf returns the CPI that the jobs of the manifest belong to.
func OriginOf(wanted manifest.Document) (Origin, error) {
	names := wanted.JobNames()
	switch {
	case slices.Contains(names, "openstack_cpi_golang"):
		return Official, nil
	case slices.Contains(names, "openstack_cpi"):
		return Ruby, nil
	}
	return "", ErrOrigin
}

// migration is the comparison of two CPIs for one deployment.
type migration struct {
	from   Origin
	wanted manifest.Document
}

// Migrate returns what changes for a deployment that comes from another CPI, and
// what the way back needs. It sends no request.
func Migrate(ctx context.Context, from Origin, wanted manifest.Document) Report {
	start := time.Now()
	m := migration{from, wanted}
	configuration, changes, back := sheet{check: "configuration"}, sheet{check: "changes"}, sheet{check: "way back"}
	d := m.checkConfig(ctx, &configuration)
	d.checkCloudConfig(ctx, &configuration)
	m.checkSections(&changes)
	m.checkVMTypes(&changes)
	for _, rule := range always() {
		rule.report(&changes, m.from, rule.subject)
	}
	m.checkWayBack(&back)
	return Report{
		Cloud: fmt.Sprintf("from the %s CPI to this one", title(from)), Took: time.Since(start),
		Findings: slices.Concat(configuration.findings, changes.findings, back.findings),
	}
}

func title(from Origin) string {
	if from == Ruby {
		return "Ruby"
	}
	return "official Go"
}

// checkConfig loads the configuration as this CPI does.
func (m migration) checkConfig(ctx context.Context, s *sheet) *Doctor {
	d := &Doctor{wanted: m.wanted}
	text, err := m.wanted.CPIConfig()
	if err != nil {
		s.note("configuration", "%s", err)
		return d
	}
	d.config, err = config.Load(text, nil)
	invalid, is := errors.AsType[*config.InvalidError](err)
	switch {
	case is && len(m.wanted.Variables) > 0:
		s.add(Unknown, "configuration", "fill the variables in: bosh interpolate MANIFEST -l VARIABLES | openstack_cpi doctor -migrate -",
			"not checked, because it has variables without a value: %s", strings.Join(m.wanted.Variables, ", "))
	case is:
		for _, problem := range invalid.Problems {
			s.bad("configuration", "correct it: every call fails with this error", "%s", problem)
		}
		for _, warning := range invalid.Warnings {
			s.warning("configuration", "correct or remove it", "%s", warning)
		}
	case err != nil:
		s.bad("configuration", "correct it: every call fails with this error", "%s", err)
	default:
		s.ok("configuration", "is valid for this CPI")
		d.checkConfiguration(ctx, s)
	}
	return d
}

// checkSections compares what the CPIs do with the properties of the job.
func (m migration) checkSections(s *sheet) {
	for _, section := range m.wanted.Sections() {
		for _, rule := range properties() {
			if value, given := section.Keys[rule.subject]; given && (rule.given == nil || rule.given(value)) {
				rule.report(s, m.from, section.Path+"."+rule.subject)
			}
		}
		for _, rule := range missing() {
			if _, given := section.Keys[rule.subject]; !given {
				rule.report(s, m.from, section.Path+"."+rule.subject)
			}
		}
		for _, rule := range beside() {
			if _, given := section.Beside[rule.subject]; given {
				rule.report(s, m.from, strings.TrimSuffix(section.Path, "openstack")+rule.subject)
			}
		}
	}
}

// checkVMTypes compares what the CPIs do with cloud properties.
func (m migration) checkVMTypes(s *sheet) {
	for _, place := range m.places() {
		for _, rule := range cloudProperties() {
			if value, given := place.keys[rule.subject]; given && place.isVM == rule.ofVM && (rule.given == nil || rule.given(value)) {
				rule.report(s, m.from, place.name+", "+rule.subject)
			}
		}
	}
}

// keyPlace is a place of the cloud config with its keys.
type keyPlace struct {
	name        string
	isVM, isNet bool
	keys        map[string]json.RawMessage
	// unknown are the keys that this CPI does not know either.
	unknown []string
}

func (m migration) places() (all []keyPlace) {
	d := Doctor{wanted: m.wanted}
	for _, place := range d.propertyPlaces() {
		isNet := strings.HasPrefix(place.name, "network ")
		unknown, err := place.check(place.data)
		if err != nil {
			continue // see checkCloudConfig
		}
		all = append(all, keyPlace{
			unknown: unknown, name: place.name, isNet: isNet, isVM: !isNet && !strings.HasPrefix(place.name, "disk type "),
			keys: readable[map[string]json.RawMessage](place.data),
		})
	}
	return all
}

// newKeys returns the keys that the official CPIs do not read, and this one does.
func (p keyPlace) newKeys() (keys []string) {
	known := officialKeys(p)
	for _, key := range slices.Sorted(maps.Keys(p.keys)) {
		unknown := slices.ContainsFunc(p.unknown, func(text string) bool { return strings.Contains(text, "."+key+" is unknown") })
		if !slices.Contains(known, key) && !unknown {
			keys = append(keys, key)
		}
	}
	if disk := readable[map[string]json.RawMessage](p.keys["root_disk"]); len(disk["type"]) > 0 {
		keys = append(keys, "root_disk.type")
	}
	if jsonkind.Of(p.keys["allowed_address_pairs"]) == jsonkind.Array {
		keys = append(keys, "allowed_address_pairs as a list")
	}
	for _, pool := range readable[[]map[string]json.RawMessage](p.keys["loadbalancer_pools"]) {
		for _, key := range []string{"weight", "backup", "ip_version"} {
			if len(pool[key]) > 0 && !slices.Contains(keys, "loadbalancer_pools."+key) {
				keys = append(keys, "loadbalancer_pools."+key)
			}
		}
	}
	return keys
}

// checkWayBack looks for what the other CPI does not have.
func (m migration) checkWayBack(s *sheet) {
	for _, place := range m.places() {
		for _, key := range place.newKeys() {
			s.warning(place.name, "remove it before going back, and recreate what has it", "%s: the official CPIs do not read it", key)
		}
	}
	for _, n := range m.wanted.Networks {
		if n.Managed {
			s.warning("network "+n.Name, "delete the deployments in it, and their networks, before going back", "managed: the official CPIs cannot create or delete networks")
		}
		for i, subnet := range n.Subnets {
			if len(subnet.Prefix) > 0 {
				s.warning(fmt.Sprintf("network %s, subnet %d", n.Name, i+1), "remove it before going back, and recreate the VMs", "prefix: the official CPIs assign single addresses")
			}
		}
	}
	for _, group := range m.wanted.Groups {
		if slices.ContainsFunc(group.Networks, func(used manifest.GroupNetwork) bool { return len(used.NICGroup) > 0 }) {
			s.warning("instance group "+group.Name, "remove it before going back, and recreate the VMs", "nic_group: the official CPIs create one NIC for each network")
		}
	}
	for _, rule := range wayBack() {
		rule.report(s, m.from, rule.subject)
	}
}
