package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// size is the size of a deployment.
type size struct {
	VMs       int     `json:"vms"`
	Processes int     `json:"processes"` // at the same time
	Scale     float64 `json:"scale"`     // factor of the times of changes
}

// parseSizes parses "40@8,2000@32x0.1".
func parseSizes(text string) ([]size, error) {
	var sizes []size
	for part := range strings.SplitSeq(text, ",") {
		s := size{Scale: 1}
		counts, scale, scaled := strings.Cut(part, "x")
		vms, processes, found := strings.Cut(counts, "@")
		var errs [3]error
		s.VMs, errs[0] = strconv.Atoi(vms)
		s.Processes, errs[1] = strconv.Atoi(processes)
		if scaled {
			s.Scale, errs[2] = strconv.ParseFloat(scale, 64)
		}
		if errors.Join(errs[:]...) != nil || !found || s.VMs < 1 || s.Processes < 1 || s.Scale <= 0 {
			return nil, fmt.Errorf("%q is not a deployment such as 40@8 or 2000@32x0.1", part)
		}
		sizes = append(sizes, s)
	}
	return sizes, nil
}

// deployment is the measurement of a deployment: for each VM the calls of a
// director that creates it with a disk.
type deployment struct {
	size
	Contender string  `json:"contender"`
	Wall      float64 `json:"wall"`
	Deletion  float64 `json:"deletion,omitempty"` // 0 if the cloud is thrown away
	CreateVM  samples `json:"create_vm"`          // quartiles
	PeakMiB   samples `json:"peak_mib"`
	CPU       float64 `json:"cpu"` // of all calls
	traffic
	Minimum float64 `json:"minimum"` // 0 on a real cloud
	Failed  int     `json:"failed"`  // VMs
	Error   string  `json:"error,omitempty"`
}

// measureDeployments measures all sizes, one after the other. Without a cache
// only those of at most 40 VMs are measured.
func (b *bench) measureDeployments(ctx context.Context) ([]deployment, error) {
	const uncached = 40
	var all []deployment
	for _, s := range b.options.deployments {
		for _, of := range b.contenders {
			if of.name == coldName && s.VMs > uncached {
				continue
			}
			b.report("  %d VMs at %d processes, %s", s.VMs, s.Processes, of.name)
			measured, err := b.deploy(ctx, of, s)
			if err != nil {
				return nil, err
			}
			all = append(all, measured)
		}
	}
	return all, nil
}

// deploy measures one deployment. Further VMs fill the cache before it.
func (b *bench) deploy(ctx context.Context, of contender, s size) (measured deployment, err error) {
	changes := b.options.changes.Scaled(s.Scale)
	on, err := b.newSite(ctx, changes)
	if err != nil {
		return deployment{}, err
	}
	defer on.close()
	calls, err := b.newCaller(of, on)
	if err != nil {
		return deployment{}, err
	}
	nics, err := on.nics(ctx, s.VMs+1)
	if err != nil {
		return deployment{}, err
	}
	if of.cache {
		first := &lifecycle{caller: calls, site: on}
		err := first.deployVM(ctx, nics[s.VMs], new(deployment))
		if err = calls.tolerate(errors.Join(err, first.cleanUp(context.WithoutCancel(ctx)))); err != nil {
			return deployment{}, err
		}
	}
	least := on.slowBoots(changes, b.options.longestBoot(s.Scale), s.VMs)

	measured = deployment{size: s, Contender: of.name}
	on.meter.take()
	began := time.Now()
	lives := calls.deployAll(ctx, on, nics[:s.VMs], s.Processes, &measured)
	measured.Wall, measured.traffic = seconds(time.Since(began)), on.meter.take()
	if on.simulator != nil {
		chain := (&lifecycle{caller: calls, site: on}).chain("", cloud.NIC{})
		for _, s := range chain {
			least += time.Duration(measured.VMs) * s.minimum(b.options.answers, changes)
		}
		measured.Minimum = seconds(least) / float64(s.Processes)
		return measured, nil
	}
	began = time.Now()
	err = calls.tolerate(deleteAll(ctx, lives, s.Processes))
	measured.Deletion = seconds(time.Since(began))
	return measured, errors.Join(err, ctx.Err())
}

// slowBoots makes the simulator boot the next VMs in times that grow evenly from
// that of the changes to the longest one, in an order without a pattern, and
// returns the sum of what this adds.
func (s *site) slowBoots(changes simulator.Latencies, longest time.Duration, vms int) (sum time.Duration) {
	span := longest - changes.ServerBuild
	if s.simulator == nil || span <= 0 {
		return 0
	}
	const prime = 7919
	for i := range vms {
		slow := span * time.Duration(i*prime%vms) / time.Duration(vms)
		s.simulator.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Slow: slow + 1})
		sum += slow
	}
	return sum
}

// deployAll creates the VMs in a number of processes at a time. A VM that fails
// does not stop the others.
func (c *caller) deployAll(ctx context.Context, on *site, nics []cloud.NIC, processes int, into *deployment) []*lifecycle {
	lives := make([]*lifecycle, len(nics))
	measured := make([]deployment, len(nics))
	var all sync.WaitGroup
	next := make(chan int)
	for range processes {
		all.Go(func() {
			for i := range next {
				lives[i] = &lifecycle{caller: c, site: on}
				if err := lives[i].deployVM(ctx, nics[i], &measured[i]); err != nil {
					measured[i].Failed, measured[i].Error = 1, firstLine(err)
				}
			}
		})
	}
	for i := range nics {
		next <- i
	}
	close(next)
	all.Wait()
	for _, m := range measured {
		into.add(m)
	}
	into.CreateVM = into.CreateVM.quartiles()
	return lives
}

// add adds the measurement of one VM.
func (d *deployment) add(vm deployment) {
	d.CreateVM = append(d.CreateVM, vm.CreateVM...)
	d.CPU += vm.CPU
	d.Failed += vm.Failed
	if d.Error == "" {
		d.Error = vm.Error
	}
	if len(d.PeakMiB) == 0 {
		d.PeakMiB = samples{0}
	}
	d.PeakMiB[0] = max(d.PeakMiB[0], vm.PeakMiB.most())
}

// chain returns the calls of a director that creates a VM with a disk.
func (l *lifecycle) chain(image string, nic cloud.NIC) []step {
	l.stemcell, l.nic, l.agentID = image, nic, director.NewUUID()
	var chain []step
	for _, s := range l.steps() {
		switch s.method {
		case "create_vm", "set_vm_metadata", "create_disk", "attach_disk", "set_disk_metadata":
			chain = append(chain, s)
		}
	}
	return chain
}

// deployVM makes the calls for one VM.
func (l *lifecycle) deployVM(ctx context.Context, nic cloud.NIC, into *deployment) error {
	for _, s := range l.chain(l.site.image, nic) {
		if err := ctx.Err(); err != nil {
			return err
		}
		used, err := l.perform(ctx, s)
		if err != nil {
			return err
		}
		into.CPU += seconds(used.CPU)
		into.PeakMiB = append(into.PeakMiB, float64(used.PeakKiB)/1024)
		if s.method == "create_vm" {
			into.CreateVM = append(into.CreateVM, seconds(used.Wall))
		}
	}
	return nil
}

// deleteAll deletes the VMs and disks.
func deleteAll(ctx context.Context, lives []*lifecycle, processes int) error {
	group := new(errgroup.Group)
	group.SetLimit(processes)
	for _, l := range lives {
		group.Go(func() error { return l.cleanUp(context.WithoutCancel(ctx)) })
	}
	return group.Wait()
}
