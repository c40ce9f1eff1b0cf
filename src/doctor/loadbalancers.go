package doctor

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// checkPools looks for the load balancer pools of VM types and extensions.
func (d *Doctor) checkPools(ctx context.Context, s *sheet) {
	var names []string
	for _, wish := range d.vmWishes() {
		for _, pool := range wish.properties.LoadBalancerPools {
			names = append(names, pool.Name)
		}
	}
	for _, name := range closed(names...) {
		found, err := d.loadbalancers.Pool(ctx, name)
		switch {
		case openstack.IsNotFound(err):
			s.bad("pool "+name, "create it, or correct its name in loadbalancer_pools", "does not exist in this project")
		case err != nil:
			s.bad("pool "+name, "give the user the role load-balancer_member, or remove loadbalancer_pools", "%s", err)
		default:
			s.ok("pool "+name, "exists (%s), %s", found.ID, found.ProvisioningStatus)
		}
	}
	if len(closed(names...)) == 0 {
		s.note("pools", "no VM type names any (loadbalancer_pools)")
	}
}
