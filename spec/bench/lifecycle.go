package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// lifecycle is the life of one VM and its disk: each method of a CPI.
type lifecycle struct {
	*caller
	site    *site
	nic     cloud.NIC
	image   string // path of a stemcell
	agentID string

	stemcell, vm, disk, snapshot, network string
	existing                              []existing
}

// existing is an object that has to be deleted, and the method that does it.
type existing struct{ method, cid string }

// step is one call of a lifecycle.
type step struct {
	method string
	// arguments are made when the calls before it have ended.
	arguments func() []any
	// cid receives the result if the call creates an object, which the method
	// deletedBy deletes.
	cid       *string
	deletedBy string
	// optional steps may fail: a CPI may not have the method.
	optional bool
	// writes are the services of the requests without which no CPI can do it,
	// one after the other. For a method that only reads, it is the read.
	writes []string
	// change is the time that the cloud takes after the last request.
	change func(l simulator.Latencies) time.Duration
}

// minimum returns the time that the cloud itself takes for a step.
func (s step) minimum(answers map[string]time.Duration, changes simulator.Latencies) (least time.Duration) {
	for _, service := range s.writes {
		least += answers[service]
	}
	if s.change != nil {
		least += max(0, s.change(changes))
	}
	return least
}

// newLifecycle prepares a lifecycle with a stemcell of a small image.
func (c *caller) newLifecycle(ctx context.Context, on *site) (*lifecycle, error) {
	nics, err := on.nics(ctx, 1)
	if err != nil {
		return nil, err
	}
	l := &lifecycle{caller: c, site: on, nic: nics[0], agentID: director.NewUUID(), image: filepath.Join(c.bench.folder, "image-"+director.NewUUID())}
	return l, director.WriteStemcell(l.image, l.agentID, 1)
}

// with returns the arguments of a step that does not depend on others.
func with(arguments ...any) func() []any { return func() []any { return arguments } }

// of returns a step's arguments that are CIDs of objects which others create.
func of(cids ...*string) func() []any {
	return func() []any {
		var arguments []any
		for _, cid := range cids {
			arguments = append(arguments, *cid)
		}
		return arguments
	}
}

// steps returns the lifecycle.
func (l *lifecycle) steps() []step {
	return slices.Concat(l.stepsOfVM(), l.stepsOfDisk(), l.lastSteps())
}

func (l *lifecycle) stepsOfVM() []step {
	return []step{
		{method: "info", arguments: with()},
		{
			method: "create_stemcell", arguments: with(l.image, l.stemcellProperties()),
			cid: &l.stemcell, deletedBy: "delete_stemcell", writes: []string{"image", "image"},
		},
		{
			method: "create_vm", arguments: func() []any { return l.vmArguments(l.agentID, l.stemcell, l.nic) },
			cid: &l.vm, deletedBy: "delete_vm", writes: []string{"network", "compute"},
			change: func(t simulator.Latencies) time.Duration { return t.ServerBuild },
		},
		{method: "set_vm_metadata", arguments: func() []any { return []any{l.vm, vmMetadata(l.agentID)} }, writes: []string{"compute"}},
		{method: "has_vm", arguments: of(&l.vm), writes: []string{"compute"}},
		{
			method: "calculate_vm_cloud_properties", optional: true,
			arguments: with(object{"cpu": 1, "ram": 512, "ephemeral_disk_size": 1024}), writes: []string{"compute"},
		},
	}
}

func (l *lifecycle) stepsOfDisk() []step {
	return []step{
		{
			method: "create_disk", arguments: func() []any { return l.diskArguments(l.vm) }, cid: &l.disk, deletedBy: "delete_disk",
			writes: []string{"volume"}, change: func(t simulator.Latencies) time.Duration { return t.VolumeCreate },
		},
		{method: "has_disk", arguments: of(&l.disk), writes: []string{"volume"}},
		{
			method: "attach_disk", arguments: of(&l.vm, &l.disk), writes: []string{"compute"},
			change: func(t simulator.Latencies) time.Duration { return t.VolumeAttach },
		},
		{method: "set_disk_metadata", arguments: func() []any { return []any{l.disk, diskMetadata(l.agentID)} }, writes: []string{"volume"}},
		{method: "get_disks", optional: true, arguments: of(&l.vm), writes: []string{"compute"}},
		{
			method: "snapshot_disk", optional: true, cid: &l.snapshot, deletedBy: "delete_snapshot",
			arguments: func() []any { return []any{l.disk, diskMetadata(l.agentID)} },
			writes:    []string{"volume"}, change: func(t simulator.Latencies) time.Duration { return t.SnapshotCreate },
		},
		{
			method: "delete_snapshot", optional: true, arguments: of(&l.snapshot), writes: []string{"volume"},
			change: func(t simulator.Latencies) time.Duration { return t.SnapshotDelete },
		},
		{
			method: "detach_disk", arguments: of(&l.vm, &l.disk), writes: []string{"compute"},
			change: func(t simulator.Latencies) time.Duration { return t.VolumeDetach },
		},
		{
			method: "resize_disk", optional: true, arguments: func() []any { return []any{l.disk, 2048} },
			writes: []string{"volume"}, change: func(t simulator.Latencies) time.Duration { return t.VolumeExtend },
		},
		{
			method: "update_disk", optional: true, arguments: func() []any { return append([]any{l.disk, 3072}, l.diskArguments("")[1]) },
			writes: []string{"volume"}, change: func(t simulator.Latencies) time.Duration { return t.VolumeExtend },
		},
	}
}

func (l *lifecycle) lastSteps() []step {
	return []step{
		{
			method: "reboot_vm", optional: true, arguments: of(&l.vm), writes: []string{"compute"},
			change: func(t simulator.Latencies) time.Duration { return t.ServerReboot },
		},
		{
			method: "delete_vm", arguments: of(&l.vm), writes: []string{"compute", "network"},
			change: func(t simulator.Latencies) time.Duration { return t.ServerDelete },
		},
		{
			method: "delete_disk", arguments: of(&l.disk), writes: []string{"volume"},
			change: func(t simulator.Latencies) time.Duration { return t.VolumeDelete },
		},
		{method: "delete_stemcell", arguments: of(&l.stemcell), writes: []string{"image"}},
		{
			method: "create_network", optional: true, cid: &l.network, deletedBy: "delete_network",
			arguments: with(object{"type": "manual", "range": "10.9.0.0/24", "gateway": "10.9.0.1", "cloud_properties": object{}}),
			writes:    []string{"network", "network"},
		},
		{method: "delete_network", optional: true, arguments: of(&l.network), writes: []string{"network"}},
	}
}

// perform calls a step, and records what it has created or deleted.
func (l *lifecycle) perform(ctx context.Context, s step) (usage, error) {
	arguments := s.arguments()
	for _, argument := range arguments {
		if argument == "" {
			return usage{}, fmt.Errorf("%s: the call that creates its object has failed", s.method)
		}
	}
	result, used, err := l.call(ctx, s.method, arguments...)
	if err != nil {
		return used, err
	}
	if s.cid != nil {
		if *s.cid, err = cidOf(result); err != nil {
			return used, fmt.Errorf("%s: %w", s.method, err)
		}
		l.existing = append(l.existing, existing{s.deletedBy, *s.cid})
		return used, nil
	}
	for i, found := range l.existing {
		if found.method == s.method && found.cid == arguments[0] {
			l.existing = append(l.existing[:i:i], l.existing[i+1:]...)
			break
		}
	}
	return used, nil
}

// cleanUp deletes what exists: a VM before its disk, which is then detached.
func (l *lifecycle) cleanUp(ctx context.Context) (err error) {
	for _, method := range []string{"delete_snapshot", "delete_vm", "delete_disk", "delete_network", "delete_stemcell"} {
		for _, found := range l.existing {
			if found.method == method {
				_, _, failed := l.call(ctx, method, found.cid)
				err = errors.Join(err, failed)
			}
		}
	}
	l.existing = nil
	return err
}

// cidOf returns the CID in a result: a text, or the beginning of a list.
func cidOf(result json.RawMessage) (cid string, err error) {
	var list []json.RawMessage
	if json.Unmarshal(result, &list) == nil && len(list) > 0 {
		result = list[0]
	}
	if err := json.Unmarshal(result, &cid); err != nil {
		return "", fmt.Errorf("the result has no CID: %w: %s", err, result)
	}
	return cid, nil
}

func (l *lifecycle) stemcellProperties() object {
	return object{
		"name": "bosh-openstack-kvm-bench", "version": "0." + l.agentID, "infrastructure": "openstack", "hypervisor": "kvm", "disk": 3072,
		"disk_format": "raw", "container_format": "bare", "os_type": "linux", "os_distro": "ubuntu", "architecture": "x86_64", "auto_disk_config": true,
	}
}

// vmArguments returns the arguments of create_vm for a VM with a manual network.
func (l *lifecycle) vmArguments(agentID, stemcell string, nic cloud.NIC) []any {
	properties := object{"instance_type": l.site.flavor}
	if l.site.zone != "" {
		properties["availability_zone"] = l.site.zone
	}
	network := object{
		"type": "manual", "ip": nic.Address.String(), "netmask": nic.Netmask(), "default": []string{"dns", "gateway"},
		"cloud_properties": object{"net_id": nic.NetworkID},
	}
	if nic.Gateway != "" {
		network["gateway"] = nic.Gateway
	}
	return []any{
		agentID, stemcell, properties,
		object{"private": network},
		[]string{},
		object{"bosh": object{"group": "bench", "groups": []string{"bench"}}},
	}
}

func (l *lifecycle) diskArguments(vm string) []any {
	properties := object{}
	if l.site.volumeType != "" {
		properties["type"] = l.site.volumeType
	}
	return []any{1024, properties, vm}
}

func vmMetadata(agentID string) object {
	return object{
		"director": "bench", "deployment": "bench", "id": agentID, "job": "job", "instance_group": "job", "index": "0",
		"name": "job/" + agentID, "created_at": "2026-01-01T00:00:00Z",
	}
}

func diskMetadata(agentID string) object {
	return object{
		"director": "bench", "deployment": "bench", "instance_id": agentID, "instance_index": "0", "instance_group": "job",
		"attached_at": "2026-01-01T00:00:00Z",
	}
}
