package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

// checkVolumeTypes looks for the volume types of the configuration, of disk types
// and of boot volumes.
func (d *Doctor) checkVolumeTypes(ctx context.Context, s *sheet) {
	all, err := d.volume.Types(ctx)
	if err != nil {
		s.failed("volume types", err)
		return
	}
	var names, ids []string
	for _, t := range all {
		names, ids = append(names, t.Name), append(ids, t.ID)
	}
	slices.Sort(names)
	if len(names) == 0 {
		s.note("volume types", "Cinder has none that the project can use: disks get Cinder's default")
	} else {
		s.ok("volume types", "%s", strings.Join(names, ", "))
	}
	wishes := d.diskWishes()
	wishes["openstack.default_volume_type"] = d.config.OpenStack.DefaultVolumeType
	for _, place := range slices.Sorted(maps.Keys(wishes)) {
		wanted := wishes[place]
		switch {
		case wanted == "" || manifest.IsOpen(wanted):
		case slices.Contains(names, wanted) || slices.Contains(ids, wanted):
			s.ok(place, "volume type %s", wanted)
		default:
			s.bad(place, "correct the type"+nearest(wanted, names), "volume type %s does not exist; there are: %s", wanted, strings.Join(names, ", "))
		}
	}
}
