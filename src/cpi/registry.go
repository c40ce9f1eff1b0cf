package cpi

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/registry"
)

// registryEntry is where a VM of API version 1 finds its settings. It is nil
// for all others, and its methods then do nothing.
type registryEntry struct {
	client *registry.Client
	key    string
}

// registryFor returns the registry entry of a VM whose agent reads one. Without
// a configured registry there is nothing to keep up to date: a VM that is still
// there must stay removable after its registry is gone.
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

// registryEntry finds the entry under the name the VM was created with.
func (c *CPI) registryEntry(serverName string, metadata map[string]string) *registryEntry {
	key := metadata[registryKey]
	if key == "" {
		key = serverName
	}
	return &registryEntry{client: registry.New(*c.config.Registry, c.httpClient), key: key}
}

// requireRegistry fails if the agent needs a registry and none is configured.
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

// change rewrites disks.persistent and leaves all else as it is.
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
