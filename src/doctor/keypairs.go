package doctor

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// checkKeyPairs looks for the key pairs of the configuration and of VM types.
func (d *Doctor) checkKeyPairs(ctx context.Context, s *sheet) {
	names := []string{d.config.OpenStack.DefaultKeyName}
	for _, wish := range d.vmWishes() {
		names = append(names, wish.properties.KeyName)
	}
	for _, name := range closed(names...) {
		_, err := d.compute.KeyPair(ctx, name)
		switch {
		case openstack.IsNotFound(err):
			s.bad("key pair "+name, "create it as the user of the CPI (openstack keypair create), or correct the name",
				"does not exist for this user: key pairs belong to users, not to projects")
		case err != nil:
			s.failed("key pair "+name, err)
		default:
			s.ok("key pair "+name, "exists")
		}
	}
	if len(closed(names...)) == 0 {
		s.note("key pair", "none is named (openstack.default_key_name): VMs have no SSH key of the cloud; bosh ssh does not need one")
	}
}
