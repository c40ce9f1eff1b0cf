package main

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// method is the measurement of one method by one contender.
type method struct {
	Name      string  `json:"name"`
	Contender string  `json:"contender"`
	Wall      samples `json:"wall"`
	PeakMiB   samples `json:"peak_mib"`
	CPU       samples `json:"cpu"`
	traffic           // of the last run
	Minimum   float64 `json:"minimum"`         // 0 on a real cloud
	Error     string  `json:"error,omitempty"` // of a method that the CPI does not have
}

// measureMethods runs lifecycles of all contenders: on the simulator at the same
// time, each on a cloud of its own, because they mostly wait; on a real cloud one
// after the other.
func (b *bench) measureMethods(ctx context.Context) ([]method, error) {
	measured := make([][]method, len(b.contenders))
	group, ctx := errgroup.WithContext(ctx)
	if b.options.cloud {
		group.SetLimit(1)
	}
	for i, of := range b.contenders {
		group.Go(func() (err error) {
			measured[i], err = b.methodsOf(ctx, of)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []method
	for _, of := range measured {
		all = append(all, of...)
	}
	return all, nil
}

// methodsOf measures the lifecycles of one contender on a cloud of its own.
func (b *bench) methodsOf(ctx context.Context, of contender) ([]method, error) {
	on, err := b.newSite(ctx, b.options.changes)
	if err != nil {
		return nil, err
	}
	defer on.close()
	calls, err := b.newCaller(of, on)
	if err != nil {
		return nil, err
	}
	all, err := b.lifecycles(ctx, calls, on, of.cache, b.options.runs)
	for i := range all {
		all[i].Contender = of.name
	}
	return all, err
}

// lifecycles measures a number of lifecycles. Another one before them fills the
// cache, if there is one.
func (b *bench) lifecycles(ctx context.Context, calls *caller, on *site, cache bool, runs int) (all []method, err error) {
	if cache {
		if _, err := b.runLifecycle(ctx, calls, on); err != nil {
			return nil, err
		}
	}
	for range runs {
		measured, err := b.runLifecycle(ctx, calls, on)
		if err != nil {
			return nil, err
		}
		all = merge(all, measured)
	}
	return all, nil
}

// merge adds the samples of a lifecycle to those of earlier ones.
func merge(earlier, measured []method) []method {
	for i, m := range earlier {
		measured[i].Wall = append(m.Wall, measured[i].Wall...)
		measured[i].CPU = append(m.CPU, measured[i].CPU...)
		measured[i].PeakMiB = append(m.PeakMiB, measured[i].PeakMiB...)
	}
	return measured
}

// runLifecycle measures each step of a lifecycle.
func (b *bench) runLifecycle(ctx context.Context, calls *caller, on *site) (all []method, err error) {
	life, err := calls.newLifecycle(ctx, on)
	if err != nil {
		return nil, err
	}
	defer func() {
		if failed := calls.tolerate(life.cleanUp(context.WithoutCancel(ctx))); err == nil {
			err = failed
		}
	}()
	for _, s := range life.steps() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		on.meter.take()
		used, err := life.perform(ctx, s)
		m := method{
			Name: s.method, traffic: on.meter.take(),
			Wall: samples{seconds(used.Wall)}, CPU: samples{seconds(used.CPU)}, PeakMiB: samples{float64(used.PeakKiB) / 1024},
		}
		if on.simulator != nil {
			m.Minimum = seconds(s.minimum(b.options.answers, b.options.changes))
		}
		if err != nil {
			if !s.optional && !calls.of.other {
				return nil, err
			}
			m.Error, m.Wall, m.CPU, m.PeakMiB = firstLine(err), nil, nil, nil
			b.report("  %s: %s", calls.of.name, m.Error)
		}
		all = append(all, m)
	}
	return all, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// boot is the measurement of create_vm on a cloud that boots VMs in a time.
type boot struct {
	Contender string  `json:"contender"`
	Boot      float64 `json:"boot"`
	Wall      samples `json:"wall"`
	Polls     samples `json:"polls"`
	Minimum   float64 `json:"minimum"`
}

// measureBoots measures create_vm on clouds that boot VMs in different times, all
// at the same time.
func (b *bench) measureBoots(ctx context.Context) ([]boot, error) {
	all := make([]boot, len(b.options.boots)*len(b.contenders))
	group, ctx := errgroup.WithContext(ctx)
	for i, duration := range b.options.boots {
		for j, of := range b.contenders {
			group.Go(func() (err error) {
				changes := b.options.changes
				changes.ServerBuild = duration
				all[j*len(b.options.boots)+i], err = b.bootsOf(ctx, of, changes)
				return err
			})
		}
	}
	return all, group.Wait()
}

func (b *bench) bootsOf(ctx context.Context, of contender, changes simulator.Latencies) (boot, error) {
	measured := boot{Contender: of.name, Boot: seconds(changes.ServerBuild)}
	on, err := b.newSite(ctx, changes)
	if err != nil {
		return measured, err
	}
	defer on.close()
	calls, err := b.newCaller(of, on)
	if err != nil {
		return measured, err
	}
	nics, err := on.nics(ctx, 1+b.options.bootRuns)
	if err != nil {
		return measured, err
	}
	life := &lifecycle{caller: calls, site: on}
	for i, nic := range nics {
		if i == 0 && !of.cache {
			continue // the first one fills the cache
		}
		on.meter.take()
		_, used, err := calls.call(ctx, "create_vm", life.vmArguments(director.NewUUID(), on.image, nic)...)
		if failed := calls.tolerate(err); failed != nil {
			return measured, fmt.Errorf("boot of %s: %w", changes.ServerBuild, failed)
		}
		if i > 0 && err == nil {
			measured.Wall = append(measured.Wall, seconds(used.Wall))
			measured.Polls = append(measured.Polls, float64(on.meter.take().Polls))
		}
	}
	for _, s := range life.steps() {
		if s.method == "create_vm" {
			measured.Minimum = seconds(s.minimum(b.options.answers, changes))
		}
	}
	return measured, nil
}
