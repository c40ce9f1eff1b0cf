package cpi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// creationMargin is what a creation can take beyond the wait for the server:
// look-ups, retried requests and the undo.
const creationMargin = 10 * time.Minute

// creationLimit returns the age from which on an object cannot be in creation.
func (c *CPI) creationLimit() time.Duration { return c.config.OpenStack.StateTimeout + creationMargin }

// addressHolder is a port that has the address of a planned interface.
type addressHolder struct {
	ip   string
	port ports.Port
	// server is nil if the port has none, or if it does not exist any more.
	server *servers.Server
	// owner is empty if the holder is not marked.
	owner  mark.Owner
	marked bool
}

// freeAddresses deletes what an interrupted creation left on the addresses of a
// port to create: Neutron refuses the new port otherwise, at every attempt to
// deploy the VM. What must not be deleted is named in the error, and then nothing
// is deleted.
func (c *CPI) freeAddresses(ctx context.Context, opts network.PortCreateOpts) error {
	planned, _ := mark.FromDescription(opts.Description)
	holders, err := c.addressHolders(ctx, opts)
	if err != nil {
		return err
	}
	if len(holders) == 0 {
		return fmt.Errorf("no visible port has the address %s: it belongs to a port of another project, or Neutron keeps it allocated without a port", strings.Join(opts.FixedIPs, " or "))
	}
	for _, holder := range holders {
		if err := c.checkLost(holder, planned); err != nil {
			return err
		}
	}
	for _, holder := range holders {
		if err := c.deleteLost(ctx, holder); err != nil {
			return err
		}
	}
	return nil
}

// addressHolders returns the ports that have an address of the planned port, each
// once.
func (c *CPI) addressHolders(ctx context.Context, opts network.PortCreateOpts) (holders []addressHolder, err error) {
	for _, ip := range opts.FixedIPs {
		found, err := c.network.PortsWithIP(ctx, ip, opts.NetworkID)
		if err != nil {
			return nil, err
		}
		for _, port := range found {
			if slices.ContainsFunc(holders, func(holder addressHolder) bool { return holder.port.ID == port.ID }) {
				continue
			}
			holder, err := c.addressHolder(ctx, ip, port)
			if err != nil {
				return nil, err
			}
			holders = append(holders, holder)
		}
	}
	return holders, nil
}

func (c *CPI) addressHolder(ctx context.Context, ip string, port ports.Port) (addressHolder, error) {
	holder := addressHolder{ip: ip, port: port}
	holder.owner, holder.marked = mark.FromDescription(port.Description)
	if port.DeviceID == "" || !strings.HasPrefix(port.DeviceOwner, "compute:") {
		return holder, nil
	}
	server, err := c.compute.Server(ctx, port.DeviceID)
	if openstack.IsNotFound(err) {
		return holder, nil
	}
	if err != nil {
		return holder, err
	}
	holder.server = &server
	holder.owner, holder.marked = mark.FromMetadata(server.Metadata)
	return holder, nil
}

// checkLost fails unless the holder of the address is provably left over from a
// creation whose result no director received: it carries the CPI's mark and this
// director's UUID, and
//   - it was created for the same agent: a director repeats create_vm with an
//     agent id only after the previous call has failed, or
//   - its server has no metadata of set_vm_metadata, which directors and the bosh
//     command line call after every successful create_vm, and it is older than a
//     creation can take.
//
// A server that was announced to the director is lost only if the operator says
// so with openstack.replace_lost_vms.
func (c *CPI) checkLost(holder addressHolder, planned mark.Owner) error {
	announced := holder.server != nil && mark.Announced(holder.server.Metadata)
	limit := c.creationLimit()
	switch {
	case holder.port.DeviceOwner != "" && !strings.HasPrefix(holder.port.DeviceOwner, "compute:"):
		return holder.keep("it is not the port of a VM")
	case !holder.marked:
		return holder.keep("it was not created by this CPI. Delete it if it is not needed, or use another address")
	case holder.owner.DirectorUUID != planned.DirectorUUID:
		return holder.keep("it belongs to the director " + cmp.Or(holder.owner.DirectorUUID, "of another installation"))
	case planned.AgentID != "" && holder.owner.AgentID == planned.AgentID:
		return nil
	case announced && c.config.OpenStack.ReplaceLostVMs:
		return nil
	case announced:
		return holder.keep(fmt.Sprintf("it was created by this director. If no deployment uses it, delete it with `bosh delete-vm %s`, "+
			"or set openstack.replace_lost_vms to let the CPI delete it", holder.server.ID))
	case holder.age() < limit:
		return holder.keep(fmt.Sprintf("it may be in creation by another call. It can be replaced when it is older than %s", limit))
	}
	return nil
}

// deleteLost deletes the server as delete_vm does, or the port without a server.
func (c *CPI) deleteLost(ctx context.Context, holder addressHolder) error {
	c.log.Warn("deleting what an interrupted creation left on the address", slog.String("ip", holder.ip),
		slog.String("port", holder.port.ID), slog.String("server", holder.port.DeviceID), slog.Duration("age", holder.age()))
	if holder.server != nil {
		if _, err := c.DeleteVM(ctx, bosh.VMArgs{VM: bosh.VMCID(holder.server.ID)}); err != nil {
			return err
		}
	}
	return c.network.DeletePort(ctx, holder.port.ID)
}

func (h addressHolder) age() time.Duration {
	created := h.port.CreatedAt
	if h.server != nil {
		created = h.server.Created
	}
	return time.Since(created).Round(time.Second)
}

// keep returns the error that names the holder and says why it is not deleted.
func (h addressHolder) keep(reason string) error {
	var who strings.Builder
	fmt.Fprintf(&who, "the address %s is in use by port %s", h.ip, h.port.ID)
	if h.port.Name != "" {
		fmt.Fprintf(&who, " (%s)", h.port.Name)
	}
	switch {
	case h.server != nil:
		fmt.Fprintf(&who, " of server %s (%s)", h.server.ID, h.server.Name)
		for _, key := range []string{"deployment", "instance_group", "job", "id", "index"} {
			if value := h.server.Metadata[key]; value != "" {
				fmt.Fprintf(&who, ", %s %s", key, value)
			}
		}
	case h.port.DeviceID != "":
		fmt.Fprintf(&who, " of device %s (%s)", h.port.DeviceID, h.port.DeviceOwner)
	}
	return fmt.Errorf("%s, created %s ago: %s", &who, h.age(), reason)
}
