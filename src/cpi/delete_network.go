package cpi

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// DeleteNetwork deletes a network that create_network has created, with its subnet
// and its router. Not found counts as success. Directors call it once and forget
// the network, so it waits until the last ports have left the network.
func (c *CPI) DeleteNetwork(ctx context.Context, args bosh.NetworkArgs) (Nothing, error) {
	id := string(args.Network)
	found, err := openstack.Confirm(ctx, func(ctx context.Context) (networks.Network, error) { return c.network.Network(ctx, id) })
	if openstack.IsNotFound(err) {
		c.log.Info("network is already deleted", slog.String("network", id))
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, marked := mark.FromDescription(found.Description); !marked {
		return nil, bosh.Errorf(bosh.CloudError, "Network '%s' (%s) is not deleted: it was not created by this CPI", id, found.Name)
	}
	return nil, c.deleteUnused(ctx, found)
}

// deleteUnused deletes the network as soon as no port uses it.
func (c *CPI) deleteUnused(ctx context.Context, unwanted networks.Network) error {
	for started, pause := time.Now(), time.Second; ; pause = min(2*pause, c.config.OpenStack.PollInterval) {
		used, err := c.emptyNetwork(ctx, unwanted)
		if err != nil {
			return err
		}
		err = c.network.DeleteNetwork(ctx, unwanted.ID)
		if !openstack.IsConflict(err) {
			return err
		}
		if time.Since(started) > c.config.OpenStack.StateTimeout {
			return fmt.Errorf("%w (it was tried for %s; in use by %s)", err, c.config.OpenStack.StateTimeout, strings.Join(used, ", "))
		}
		if err := openstack.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// emptyNetwork disconnects routers from the network, deletes the router and the
// ports that the CPI has created for it, and returns what else uses the network.
func (c *CPI) emptyNetwork(ctx context.Context, unwanted networks.Network) (used []string, err error) {
	found, err := c.network.DisconnectRouters(ctx, unwanted.ID)
	if err != nil {
		return nil, err
	}
	for _, port := range found {
		if _, marked := mark.FromDescription(port.Description); !marked || port.DeviceID != "" {
			used = append(used, fmt.Sprintf("port %s of %s %s", port.ID, port.DeviceOwner, port.DeviceID))
			continue
		}
		if err := c.network.DeletePort(ctx, port.ID); err != nil {
			return nil, err
		}
	}
	return used, c.network.DeleteRouterNamed(ctx, unwanted.Name)
}
