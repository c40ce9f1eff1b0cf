package doctor

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/cpi"
)

// checkFlavors looks at the flavors that VM types can name.
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
	usable := 0
	for _, flavor := range all {
		if err := cpi.CheckEphemeralDisk(flavor); err != nil {
			s.warning("flavor "+flavor.Name, "name another flavor in VM types: create_vm refuses it",
				"its ephemeral disk of %d GiB is too small for %d MiB of memory: %s", flavor.Ephemeral, flavor.RAM, err)
			continue
		}
		usable++
	}
	s.ok("flavors", "%d of %d can be used", usable, len(all))
}
