package cpi

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/registry"
)

// registryEntry is the entry of the registry that contains the settings of a VM
// of API version 1. It is nil for other VMs; its methods do nothing then.
type registryEntry struct {
	client *registry.Client
	key    string
}

// registryFor returns the registry entry of the VM if its agent reads one. It
// returns nil if no registry is configured: VMs must remain deletable after their
// registry has been removed.
func (c *CPI) registryFor(ctx context.Context, vm bosh.VMCID) (*registryEntry, error) {
	if c.request.Registryless() || c.config.Registry == nil {
		return nil, nil
	}
	server, err := c.compute.Server(ctx, string(vm))
	if openstack.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return c.registryEntry(server.Name, server.Metadata), nil
}

// registryEntry returns the entry whose key is the name that the VM was created
// with.
func (c *CPI) registryEntry(serverName string, metadata map[string]string) *registryEntry {
	key := metadata[mark.VMName]
	if key == "" {
		key = serverName
	}
	return &registryEntry{client: registry.New(*c.config.Registry, c.httpClient), key: key}
}

// requireRegistry returns an error if the agent needs a registry and none is
// configured.
func (c *CPI) requireRegistry() error {
	if c.request.Registryless() || c.config.Registry != nil {
		return nil
	}
	return bosh.Errorf(bosh.CPIError, "Invalid CPI properties. Used CPI API version is %d and stemcell API version is %d. "+
		"Since at least one API version is 1, the registry has to be configured", c.request.APIVersion, c.request.Context.StemcellAPIVersion)
}

func (e *registryEntry) addDisk(ctx context.Context, disk bosh.DiskCID, hint bosh.DiskHint) error {
	return e.change(ctx, func(disks map[bosh.DiskCID]any) { disks[disk] = string(hint) })
}

func (e *registryEntry) removeDisk(ctx context.Context, disk bosh.DiskCID) error {
	return e.change(ctx, func(disks map[bosh.DiskCID]any) { delete(disks, disk) })
}

func (e *registryEntry) delete(ctx context.Context) error {
	if e == nil {
		return nil
	}
	return e.client.Delete(ctx, e.key)
}

// change applies a function to disks.persistent and keeps all other settings.
func (e *registryEntry) change(ctx context.Context, apply func(map[bosh.DiskCID]any)) error {
	if e == nil {
		return nil
	}
	stored, err := e.client.Get(ctx, e.key)
	if err != nil {
		return err
	}
	settings, disks, persistent := map[string]json.RawMessage{}, map[string]json.RawMessage{}, map[bosh.DiskCID]any{}
	err = json.Unmarshal(stored, &settings)
	if err == nil && settings["disks"] != nil {
		err = json.Unmarshal(settings["disks"], &disks)
	}
	if err == nil && disks["persistent"] != nil {
		err = json.Unmarshal(disks["persistent"], &persistent)
	}
	if err != nil {
		return fmt.Errorf("read registry settings of %s: %w", e.key, err)
	}
	apply(persistent)
	disks["persistent"] = bosh.JSON(persistent)
	settings["disks"] = bosh.JSON(disks)
	return e.client.Put(ctx, e.key, bosh.JSON(settings))
}
