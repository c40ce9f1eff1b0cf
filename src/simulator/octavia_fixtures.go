package simulator

// addFixtures makes one load balancer in the network "private" with two pools, one of them behind a listener.
func (o *octavia) addFixtures() {
	subnet := subnetInfo{ID: o.fixtures.Subnets["private-v4"], NetworkID: o.fixtures.Networks["private"]}
	b, err := o.newBalancer(caller{Project: o.fixtures.ProjectID}, "lb", subnet)
	if err != nil {
		return // a quota of no ports leaves the cloud without load balancers
	}
	o.settled(&b.lbResource)
	l := &listener{lbResource: o.newResource(b.project), balancer: b, protocol: "TCP", protocolPort: 443}
	l.name = "lb-https"
	o.settled(&l.lbResource)
	o.listeners = append(o.listeners, l)
	for _, name := range []string{"pool-1", "pool-2"} {
		p := &pool{lbResource: o.newResource(b.project), balancer: b, protocol: "TCP", algorithm: "ROUND_ROBIN"}
		p.name = name
		o.settled(&p.lbResource)
		o.pools = append(o.pools, p)
		o.fixtures.Pools[name] = p.id
	}
	l.defaultPool = o.pools[0]
}
