package octavia

import "slices"

// change sets a load balancer and the touched resources to PENDING and, after
// LoadBalancerUpdate, to ACTIVE, or to ERROR on a fault. done completes the
// change.
func (o *Service) change(b *loadBalancer, phase, status string, touched []*resource, done func()) {
	b.status = status
	for _, r := range touched {
		r.status = pendingUpdate
	}
	end := func(final string) {
		for _, r := range append(touched, &b.resource) {
			r.status, r.updated = final, o.world.Now()
		}
	}
	o.world.Progress("loadbalancer", phase, "", o.world.Options.Latencies.LoadBalancerUpdate, func() {
		end(activeStatus)
		done()
	}, func(string) { end(errorStatus) })
}

// touchedBy returns the pool and the listeners that a change of the pool's
// members sets to PENDING.
func (o *Service) touchedBy(p *pool) []*resource {
	touched := []*resource{&p.resource}
	for _, l := range o.listenersOf(p) {
		touched = append(touched, &l.resource)
	}
	return touched
}

func (o *Service) listenersOf(p *pool) []*listener {
	var found []*listener
	for _, l := range o.listeners {
		if l.defaultPool == p {
			found = append(found, l)
		}
	}
	return found
}

func (o *Service) poolsOf(b *loadBalancer) []*pool {
	return slices.DeleteFunc(slices.Clone(o.pools), func(p *pool) bool { return p.balancer != b })
}

func (o *Service) listenersAt(b *loadBalancer) []*listener {
	return slices.DeleteFunc(slices.Clone(o.listeners), func(l *listener) bool { return l.balancer != b })
}

// settled sets the status of a resource to ACTIVE.
func (o *Service) settled(r *resource) { r.status, r.updated = activeStatus, o.world.Now() }
