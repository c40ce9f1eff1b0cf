package octavia

import (
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
)

// addFixtures creates one load balancer in the network "private" with two
// pools, one of them behind a listener.
func (o *Service) addFixtures() {
	subnet := neutron.Subnet{ID: o.world.Fixtures.Subnets["private-v4"], NetworkID: o.world.Fixtures.Networks["private"]}
	b, err := o.newBalancer(api.Caller{Project: o.world.Fixtures.ProjectID}, "lb", subnet)
	if err != nil {
		return // with a quota of no ports there is no load balancer
	}
	o.settled(&b.resource)
	l := &listener{resource: o.newResource(b.Project), balancer: b, protocol: "TCP", protocolPort: 443}
	l.name = "lb-https"
	o.settled(&l.resource)
	o.listeners = append(o.listeners, l)
	for _, name := range []string{"pool-1", "pool-2"} {
		p := &pool{resource: o.newResource(b.Project), balancer: b, protocol: "TCP", algorithm: "ROUND_ROBIN"}
		p.name = name
		o.settled(&p.resource)
		o.pools = append(o.pools, p)
		o.world.Fixtures.Pools[name] = p.ID
	}
	l.defaultPool = o.pools[0]
}
