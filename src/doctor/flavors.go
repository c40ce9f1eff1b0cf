package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/cpi"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

// stemcellDisk is the space, in GiB, that a stemcell and the agent need on the
// root disk.
const stemcellDisk = 3

// checkFlavors looks at the flavors that VM types name or could name.
func (d *Doctor) checkFlavors(ctx context.Context, s *sheet) {
	all, err := d.compute.Flavors(ctx)
	switch {
	case err != nil:
		s.failed("flavors", err)
		return
	case len(all) == 0:
		s.bad("flavors", "ask the cloud's operator for flavors", "the project can use none: VM types have no instance_type to name")
		return
	}
	var refused []string
	for _, flavor := range all {
		if cpi.CheckEphemeralDisk(flavor) != nil {
			refused = append(refused, flavor.Name)
		}
	}
	s.ok("flavors", "%d of %d can be used", len(all)-len(refused), len(all))
	if len(refused) > 0 {
		s.note("flavors", "create_vm refuses those with an ephemeral disk of less GiB than twice their memory: %s", strings.Join(refused, ", "))
	}
	for _, wish := range d.vmWishes() {
		if name := wish.properties.InstanceType; name != "" && !manifest.IsOpen(name) {
			d.checkFlavor(s, wish, all)
		}
	}
}

// checkFlavor looks at the flavor of a VM type.
func (d *Doctor) checkFlavor(s *sheet, wish vmWish, all []flavors.Flavor) {
	name := wish.properties.InstanceType
	i := slices.IndexFunc(all, func(flavor flavors.Flavor) bool { return flavor.Name == name })
	if i < 0 {
		s.bad(wish.place, "correct instance_type"+nearest(name, flavorNames(all)), "flavor %s does not exist; there are: %s", name, strings.Join(flavorNames(all), ", "))
		return
	}
	flavor := all[i]
	size, volume := flavor.Disk, wish.properties.fromVolume(d.config.OpenStack.BootFromVolume)
	if volume && wish.properties.RootDisk.Size > 0 {
		size = wish.properties.RootDisk.Size
	}
	err := cpi.CheckEphemeralDisk(flavor)
	switch {
	case err != nil:
		s.bad(wish.place, "use a flavor with a larger ephemeral disk, or without one", "%s, it has %d: swap and data of the agent share it", err, flavor.Ephemeral)
	case volume && size == 0:
		s.bad(wish.place, "set root_disk.size", "boots from a volume, but neither flavor %s nor root_disk says how large it is", name)
	case size == 0:
		s.warning(wish.place, "use a flavor with a root disk, or boot_from_volume with root_disk.size",
			"flavor %s has no root disk: Nova refuses it by default (policy servers:create:zero_disk_flavor)", name)
	case size < stemcellDisk:
		s.warning(wish.place, "use a flavor with a larger root disk, or boot_from_volume with root_disk.size",
			"its root disk of %d GiB is too small for most stemcells, which need %d", size, stemcellDisk)
	default:
		s.ok(wish.place, "flavor %s: %d CPUs, %d MiB, %d GiB root%s", name, flavor.VCPUs, flavor.RAM, size, ephemeral(flavor))
	}
}

func ephemeral(flavor flavors.Flavor) string {
	if flavor.Ephemeral == 0 {
		return ", no ephemeral disk: data are on the root disk"
	}
	return fmt.Sprintf(", %d GiB ephemeral", flavor.Ephemeral)
}

func flavorNames(all []flavors.Flavor) []string {
	names := make([]string, 0, len(all))
	for _, flavor := range all {
		names = append(names, flavor.Name)
	}
	slices.Sort(names)
	return names
}

// nearest returns " to NAME" for the name that was probably meant.
func nearest(name string, names []string) string {
	if near, ok := config.Nearest(name, names); ok {
		return ", probably to " + near
	}
	return ""
}
