package cpi

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
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

// deleteUnused deletes the network as soon as no port uses it. Until then it stays
// as it is, connected with its routers.
func (c *CPI) deleteUnused(ctx context.Context, unwanted networks.Network) error {
	for started, pause := time.Now(), time.Second; ; pause = min(2*pause, c.config.OpenStack.PollInterval) {
		all, err := c.network.PortsOfNetwork(ctx, unwanted.ID)
		if err != nil {
			return err
		}
		users := usersOf(all)
		if len(users) == 0 {
			err = c.deleteWithPorts(ctx, unwanted, all)
			if !openstack.IsConflict(err) {
				return err
			}
		}
		if tried := c.config.OpenStack.StateTimeout; time.Since(started) > tried {
			if len(users) == 0 {
				return fmt.Errorf("%w (it was tried for %s)", err, tried)
			}
			return bosh.Errorf(bosh.CloudError, "Network '%s' (%s) is not deleted: it is in use by %s (it was tried for %s)",
				unwanted.ID, unwanted.Name, strings.Join(users, ", "), tried)
		}
		if err := openstack.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// usersOf returns the ports that keep a network in use, for an error. Ports that
// the CPI has created for a VM that they do not have are deleted with the network.
func usersOf(all []ports.Port) (users []string) {
	for _, port := range all {
		if network.KeepsNetworkInUse(port) && !isUnusedPort(port) {
			users = append(users, strings.TrimSpace(fmt.Sprintf("port %s %s %s", port.ID, port.DeviceOwner, port.DeviceID)))
		}
	}
	return users
}

// isUnusedPort reports whether the CPI has created the port, and no server has it.
func isUnusedPort(port ports.Port) bool {
	_, marked := mark.FromDescription(port.Description)
	return marked && port.DeviceID == ""
}

// deleteWithPorts deletes unused ports, disconnects routers from the network, and
// deletes the router that the CPI has created for it, and then the network. Neutron
// refuses to delete a subport of a VM's trunk, which looks like an unused port.
func (c *CPI) deleteWithPorts(ctx context.Context, unwanted networks.Network, all []ports.Port) error {
	for _, port := range all {
		if isUnusedPort(port) {
			if err := c.network.DeletePort(ctx, port.ID); err != nil {
				return err
			}
		}
	}
	if err := c.network.DisconnectRouters(ctx, all); err != nil {
		return err
	}
	if err := c.deleteRouterOf(ctx, unwanted); err != nil {
		return err
	}
	return c.network.DeleteNetwork(ctx, unwanted.ID)
}

// deleteRouterOf deletes the router that the CPI has created for the network. It
// has the name of the network; another client may have given that name to a router
// without the mark, or a name to the network that routers have.
func (c *CPI) deleteRouterOf(ctx context.Context, unwanted networks.Network) error {
	named, err := c.network.RoutersNamed(ctx, unwanted.Name)
	if err != nil {
		return err
	}
	for _, router := range named {
		if _, marked := mark.FromDescription(router.Description); marked {
			if err := c.network.DeleteRouter(ctx, router.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
