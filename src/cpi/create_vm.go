package cpi

import (
	"context"
	"errors"
	"log/slog"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// CreateVM makes the VM and returns its CID and its networks as the agent must
// see them. If it fails, nothing it made is left; what could not be removed is
// named in the error. Where several zones are allowed, a zone that has no room
// is followed by the next.
func (c *CPI) CreateVM(ctx context.Context, args bosh.CreateVM) (bosh.CreatedVM, error) {
	plan, err := c.planVM(ctx, args)
	if err != nil {
		return bosh.CreatedVM{}, err
	}

	for i, zone := range plan.zones {
		var vm bosh.VMCID
		vm, err = c.buildVM(ctx, plan, zone)
		if err == nil {
			return bosh.CreatedVM{CID: vm, Networks: plan.networks}, nil
		}
		if !errors.As(err, new(*zoneError)) || ctx.Err() != nil || i == len(plan.zones)-1 {
			break
		}
		c.log.Warn("VM could not be created in this zone, trying another", slog.String("zone", zone), slog.Any("error", err))
	}
	return bosh.CreatedVM{}, err
}

// buildVM makes one attempt, in one zone. A failed attempt is gone before the
// next begins: a second one needs ports of its own.
func (c *CPI) buildVM(ctx context.Context, plan *vmPlan, zone string) (vm bosh.VMCID, err error) {
	undo := c.newUndo()
	defer undo.onError(ctx, &err)
	ports, err := c.createPorts(ctx, undo, plan)
	if err != nil {
		return "", err
	}
	server, err := c.createServer(ctx, undo, plan, zone, ports)
	if err != nil {
		return "", err
	}
	if err := c.associateFloatingIP(ctx, undo, plan, server, ports); err != nil {
		return "", err
	}
	if err := c.joinPools(ctx, undo, plan, server); err != nil {
		return "", err
	}
	return bosh.VMCID(server.ID), c.publishSettings(ctx, undo, plan)
}
