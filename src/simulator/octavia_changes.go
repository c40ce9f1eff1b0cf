package simulator

import "slices"

// change lets a load balancer and everything that the change touches become PENDING, and ACTIVE after a while. failed resources
// end in ERROR. done does what is left to do.
func (o *octavia) change(b *loadBalancer, phase, status string, touched []*lbResource, done func()) {
	b.status = status
	for _, r := range touched {
		r.status = pendingUpdate
	}
	end := func(final string) {
		for _, r := range append(touched, &b.lbResource) {
			r.status, r.updated = final, o.now
		}
	}
	o.progress("loadbalancer", phase, "", o.options.Latencies.LoadBalancerUpdate, func() {
		end(activeStatus)
		done()
	}, func(string) { end(errorStatus) })
}

// touchedBy are the pool and the listeners that a change of the pool's members makes PENDING.
func (o *octavia) touchedBy(p *pool) []*lbResource {
	touched := []*lbResource{&p.lbResource}
	for _, l := range o.listenersOf(p) {
		touched = append(touched, &l.lbResource)
	}
	return touched
}

func (o *octavia) listenersOf(p *pool) []*listener {
	var found []*listener
	for _, l := range o.listeners {
		if l.defaultPool == p {
			found = append(found, l)
		}
	}
	return found
}

func (o *octavia) poolsOf(b *loadBalancer) []*pool {
	return slices.DeleteFunc(slices.Clone(o.pools), func(p *pool) bool { return p.balancer != b })
}

func (o *octavia) listenersAt(b *loadBalancer) []*listener {
	return slices.DeleteFunc(slices.Clone(o.listeners), func(l *listener) bool { return l.balancer != b })
}

// settled sets the status of a resource that was PENDING by itself.
func (o *octavia) settled(r *lbResource) { r.status, r.updated = activeStatus, o.now }
