package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// diskMiB and grownMiB are the disk's sizes before and after resize_disk.
const (
	diskMiB  = 1024
	grownMiB = 2048
)

// steps returns the life cycle of one VM and one disk.
func (r *run) steps() []step {
	return []step{
		{"info", r.info},
		{"create_stemcell", r.createStemcell},
		{"create_vm", r.createVM},
		{"set_vm_metadata", r.setVMMetadata},
		{"has_vm", r.has("has_vm", &r.vm, true)},
		{"create_disk", r.createDisk},
		{"has_disk", r.has("has_disk", &r.disk, true)},
		{"attach_disk", r.attachDisk},
		{"set_disk_metadata", r.setDiskMetadata},
		{"snapshot_disk", r.snapshotDisk},
		{"delete_snapshot", r.remove("delete_snapshot", &r.snapshot)},
		{"detach_disk", r.detachDisk},
		{"resize_disk", r.resizeDisk},
		{"attach_disk", r.attachDisk},
		{"reboot_vm", r.rebootVM},
		// With the disk attached, as a director deletes a VM whose agent does
		// not respond.
		{"delete_vm", r.remove("delete_vm", &r.vm)},
		{"delete_disk", r.remove("delete_disk", &r.disk)},
		{"delete_stemcell", r.remove("delete_stemcell", &r.stemcell)},
		{"has_vm", r.has("has_vm", &r.vm, false)},
		{"has_disk", r.has("has_disk", &r.disk, false)},
	}
}

func (r *run) info(ctx context.Context) (string, error) {
	info, cost, err := r.director.Info(ctx)
	r.cost = cost
	formats := strings.ReplaceAll(strings.Join(info.StemcellFormats, ", "), "openstack-", "")
	return fmt.Sprintf("api_version %d, stemcells: %s", info.APIVersion, formats), err
}

func (r *run) createStemcell(ctx context.Context) (string, error) {
	arguments := []any{r.image, map[string]any{
		"name": "bosh-openstack-kvm-demonstration", "version": "0." + r.id, "infrastructure": "openstack",
		"hypervisor": "kvm", "disk": 3072, "disk_format": "raw", "container_format": "bare", "os_type": "linux",
		"os_distro": "ubuntu", "architecture": "x86_64", "auto_disk_config": true,
	}}
	if r.director.Agreed() >= 3 {
		arguments = append(arguments, map[string]any{"tags": map[string]any{"made_by": "demonstration"}})
	}
	err := r.call(ctx, &r.stemcell, "create_stemcell", arguments...)
	return r.created("delete_stemcell", "image", r.stemcell), err
}

func (r *run) createVM(ctx context.Context) (string, error) {
	properties := map[string]any{"instance_type": r.options.Flavor}
	if r.options.AvailabilityZone != "" {
		properties["availability_zone"] = r.options.AvailabilityZone
	}
	network := map[string]any{
		"type": "manual", "ip": r.nic.Address.String(), "prefix": "32", "netmask": r.nic.Netmask(),
		"default":          []string{"dns", "gateway"},
		"cloud_properties": map[string]any{"net_id": r.nic.NetworkID},
	}
	if r.nic.Gateway != "" {
		network["gateway"] = r.nic.Gateway
	}
	if len(r.nic.DNS) > 0 {
		network["dns"] = r.nic.DNS
	}
	environment := map[string]any{"bosh": map[string]any{
		"group": "demonstration", "groups": []string{"demonstration"}, "password": "$6$" + r.id,
		"mbus": map[string]any{"cert": map[string]any{"ca": "ca", "certificate": "certificate", "private_key": "private key"}},
	}}
	var result []json.RawMessage
	err := r.call(ctx, &result, "create_vm",
		r.agentID, r.stemcell, properties, map[string]any{"private": network}, []string{}, environment)
	if err != nil {
		return "", err
	}
	if len(result) != 2 {
		return "", fmt.Errorf("create_vm returned %d values, a director expects [cid, networks]", len(result))
	}
	if err := json.Unmarshal(result[0], &r.vm); err != nil {
		return "", fmt.Errorf("the CID of create_vm: %w", err)
	}
	return r.created("delete_vm", "server", r.vm) + " at " + r.nic.Address.String(), nil
}

func (r *run) setVMMetadata(ctx context.Context) (string, error) {
	metadata := r.metadata()
	metadata["id"] = r.agentID
	metadata["job"] = "database"
	metadata["instance_group"] = "database"
	metadata["index"] = "0"
	metadata["name"] = "database/" + r.agentID
	metadata["created_at"] = time.Now().UTC().Format(time.RFC3339)
	return "name database/" + short(r.agentID), r.call(ctx, nil, "set_vm_metadata", r.vm, metadata)
}

func (r *run) createDisk(ctx context.Context) (string, error) {
	properties := map[string]any{}
	if r.options.VolumeType != "" {
		properties["type"] = r.options.VolumeType
	}
	err := r.call(ctx, &r.disk, "create_disk", diskMiB, properties, r.vm)
	return fmt.Sprintf("%s, %d MiB", r.created("delete_disk", "volume", r.disk), diskMiB), err
}

func (r *run) attachDisk(ctx context.Context) (string, error) {
	var hint any
	if err := r.call(ctx, &hint, "attach_disk", r.vm, r.disk); err != nil {
		return "", err
	}
	if hint == nil || hint == "" {
		return "", errors.New("attach_disk returned no disk hint")
	}
	return fmt.Sprintf("hint %v", hint), nil
}

func (r *run) setDiskMetadata(ctx context.Context) (string, error) {
	metadata := r.metadata()
	metadata["instance_id"] = r.agentID
	metadata["instance_index"] = "0"
	metadata["instance_group"] = "database"
	metadata["attached_at"] = time.Now().UTC().Format(time.RFC3339)
	return fmt.Sprintf("%d keys", len(metadata)), r.call(ctx, nil, "set_disk_metadata", r.disk, metadata)
}

func (r *run) snapshotDisk(ctx context.Context) (string, error) {
	err := r.call(ctx, &r.snapshot, "snapshot_disk", r.disk, map[string]any{
		"deployment": "demonstration", "job": "database", "index": 0, "director_name": "demonstration",
		"director_uuid": r.director.UUID, "agent_id": r.agentID, "instance_id": r.agentID,
	})
	return r.created("delete_snapshot", "snapshot", r.snapshot), err
}

func (r *run) detachDisk(ctx context.Context) (string, error) {
	return "from server " + short(r.vm), r.call(ctx, nil, "detach_disk", r.vm, r.disk)
}

func (r *run) resizeDisk(ctx context.Context) (string, error) {
	return fmt.Sprintf("%d MiB", grownMiB), r.call(ctx, nil, "resize_disk", r.disk, grownMiB)
}

func (r *run) rebootVM(ctx context.Context) (string, error) {
	return "server " + short(r.vm), r.call(ctx, nil, "reboot_vm", r.vm)
}

// has returns a step that calls has_vm or has_disk and checks the result.
func (r *run) has(method string, cid *string, want bool) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		var got bool
		if err := r.call(ctx, &got, method, *cid); err != nil {
			return "", err
		}
		if got != want {
			return "", fmt.Errorf("%s of %s is %t, expected %t", method, *cid, got, want)
		}
		return fmt.Sprintf("%t", got), nil
	}
}

// remove returns a step that deletes an object of an earlier step.
func (r *run) remove(method string, cid *string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		return "deleted " + short(*cid), r.delete(ctx, method, *cid)
	}
}

// created records an object for the clean-up and returns its description.
func (r *run) created(deleteMethod, kind, cid string) string {
	if cid != "" {
		r.live[deleteMethod] = cid
	}
	return kind + " " + short(cid)
}

// metadata returns the metadata of all objects of a deployment.
func (r *run) metadata() map[string]any {
	return map[string]any{"director": "demonstration", "deployment": "demonstration"}
}
