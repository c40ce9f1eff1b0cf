package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// CreateVM creates a VM and returns its CID and its networks as the agent must
// configure them. If several zones are allowed and one has no capacity, the
// next one is tried. A failed call deletes everything that it created; what
// could not be deleted is named in the error.
func (c *CPI) CreateVM(ctx context.Context, args bosh.CreateVMArgs) (vm bosh.CreatedVM, err error) {
	plan, err := c.planVM(ctx, args)
	if err != nil {
		return vm, err
	}
	vm, err = c.buildInZones(ctx, plan)
	if plan, changed := c.withoutDiskZone(ctx, plan, err); changed {
		vm, err = c.buildInZones(ctx, plan)
	}
	return vm, c.explainRefusal(ctx, args, err)
}

// buildVM carries out the plan in one zone. A failed attempt deletes what it
// created before it returns, so that the next attempt can create ports with
// the same addresses.
func (c *CPI) buildVM(ctx context.Context, plan vmPlan, zone string) (vm bosh.CreatedVM, err error) {
	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)

	if plan.serverGroup, err = c.prepareGroup(ctx, undo, plan.serverGroup); err != nil {
		return vm, err
	}
	ports, err := c.createPorts(ctx, undo, plan)
	if err != nil {
		return vm, err
	}
	settings := plan.settingsWith(ports)
	server, err := c.createServer(ctx, undo, plan, zone, ports, settings)
	if err != nil {
		return vm, err
	}

	server, err = c.waitForServer(ctx, server.ID, zone)
	if err != nil {
		return vm, err
	}
	c.markBootVolume(ctx, plan, server)

	if err := c.checkMember(ctx, server); err != nil {
		return vm, err
	}
	if err := c.associateFloatingIPs(ctx, undo, plan, server, ports); err != nil {
		return vm, err
	}
	if err := c.joinPools(ctx, undo, plan, server, ports); err != nil {
		return vm, err
	}
	if err := c.publishSettings(ctx, undo, settings); err != nil {
		return vm, err
	}
	return bosh.CreatedVM{CID: bosh.VMCID(server.ID), Networks: settings.Networks}, nil
}
