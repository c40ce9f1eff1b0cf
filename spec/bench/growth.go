package main

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// growth is the measurement of a method in a project with a number of objects of
// each kind, on a simulator without latencies.
type growth struct {
	Objects int `json:"objects"`
	method
}

// measureGrowth measures lifecycles in projects of different sizes. Nothing
// waits, so the times are those of the CPI and of the simulator.
func (b *bench) measureGrowth(ctx context.Context) ([]growth, error) {
	var all []growth
	for _, objects := range b.options.growth {
		b.report("  %d objects of each kind", objects)
		on, err := b.simulate(ctx, new(simulator.Latencies).Scaled(0), simulator.Population{
			Flavors: objects, SecurityGroups: objects, Ports: objects, Servers: objects, Volumes: objects,
		})
		if err != nil {
			return nil, err
		}
		measured, err := b.growthOn(ctx, on, objects)
		on.close()
		if err != nil {
			return nil, err
		}
		all = append(all, measured...)
	}
	return all, nil
}

func (b *bench) growthOn(ctx context.Context, on *site, objects int) ([]growth, error) {
	var all []growth
	for _, of := range b.contenders {
		calls, err := b.newCaller(of, on)
		if err != nil {
			return nil, err
		}
		methods, err := b.lifecycles(ctx, calls, on, of.cache, b.options.growthRuns)
		if err != nil {
			return nil, err
		}
		for _, m := range methods {
			m.Contender = of.name
			all = append(all, growth{objects, m})
		}
	}
	return all, nil
}
