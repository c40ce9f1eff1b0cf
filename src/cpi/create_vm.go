package cpi

import (
	"context"
	"errors"
	"log/slog"
	"reflect"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// CreateVM creates a VM and returns its CID and its networks as the agent must
// configure them. If several zones are allowed and one has no capacity, the
// next one is tried. A failed call deletes everything that it created; what
// could not be deleted is named in the error.
func (c *CPI) CreateVM(ctx context.Context, args bosh.CreateVMArgs) (vm bosh.CreatedVM, err error) {
	var memory openstack.Memory
	plan, err := c.planVM(ctx, args, &memory)
	if err == nil {
		vm, err = c.buildPlan(ctx, plan)
		if err == nil || !memory.Used() {
			return vm, c.explainRefusal(ctx, args, err)
		}
	}
	if !memory.Used() || ctx.Err() != nil || errors.As(err, new(*leftBehindError)) {
		return vm, err
	}
	return c.createChangedVM(ctx, args, plan, err)
}

// createChangedVM creates the VM without what earlier calls have looked up, if
// that is different now. Otherwise it returns the error.
func (c *CPI) createChangedVM(ctx context.Context, args bosh.CreateVMArgs, recalled vmPlan, failed error) (vm bosh.CreatedVM, err error) {
	plan, err := c.planVM(ctx, args, &openstack.Memory{Renewed: true})
	if err != nil {
		return vm, err
	}
	if reflect.DeepEqual(plan.found.recallable(), recalled.found.recallable()) {
		return vm, failed
	}
	c.log.Info("creating the VM again, because what earlier calls have looked up has changed", slog.Any("error", failed))
	vm, err = c.buildPlan(ctx, plan)
	return vm, c.explainRefusal(ctx, args, err)
}

// buildPlan builds the VM in one of the zones of its plan, or of Nova's choice if
// the zone of its disks is not a zone of Nova.
func (c *CPI) buildPlan(ctx context.Context, plan vmPlan) (bosh.CreatedVM, error) {
	vm, err := c.buildInZones(ctx, plan)
	if plan, changed := c.withoutDiskZone(ctx, plan, err); changed {
		return c.buildInZones(ctx, plan)
	}
	return vm, err
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
	if plan, err = c.createBootVolume(ctx, undo, plan); err != nil {
		return vm, err
	}
	settings := plan.settingsWith(ports)
	server, err := c.createServer(ctx, undo, plan, zone, ports, settings)
	if err != nil {
		return vm, err
	}

	if c.config.OpenStack.KeepFailedVMs {
		undo.keeps = plan.isFinal(zone)
	}

	waiting := ctx
	if len(plan.pools) == 0 {
		// For create_disk, which needs the zone, and delete_vm. The memberships of
		// pools become known later.
		waiting = openstack.Keep(ctx)
	}
	server, err = c.waitForServer(waiting, server.ID, zone)
	if err != nil {
		return vm, err
	}
	c.markVolumes(ctx, plan, server)

	if err := c.checkMember(ctx, server); err != nil {
		return vm, err
	}
	if err := c.nameNICs(ctx, plan, ports); err != nil {
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

// isFinal returns a function that reports whether an error in the zone ends the
// call: no other zone is tried after it.
func (p vmPlan) isFinal(zone string) func(error) bool {
	last := zone == p.zones[len(p.zones)-1]
	return func(err error) bool { return last || !errors.As(err, new(*zoneError)) }
}
