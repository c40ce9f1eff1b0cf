package cpi

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
)

// createServer makes the server in a zone and waits until it runs.
func (c *CPI) createServer(ctx context.Context, undo *undo, plan *vmPlan, zone string, ports vmPorts) (servers.Server, error) {
	userData, err := c.agentSettings(plan).UserData()
	if err != nil {
		return servers.Server{}, err
	}
	opts := compute.CreateOpts{
		Name: plan.name, FlavorID: plan.flavor.ID, AvailabilityZone: zone, KeyName: plan.keyName, UserData: userData,
		ConfigDrive: c.config.OpenStack.ConfigDrive != "", Metadata: plan.metadata, SchedulerHints: plan.properties.SchedulerHints,
		ImageID: plan.imageID,
	}
	if plan.bootVolume != nil {
		opts.ImageID, opts.BlockDevices = "", []servers.BlockDevice{*plan.bootVolume}
	}
	for _, n := range plan.networks.Private() {
		if port, made := ports[n.Name]; made {
			opts.Networks = append(opts.Networks, servers.Network{Port: port.ID})
			continue
		}
		opts.SecurityGroups = plan.groups
		if n.CloudProperties.NetID != "" {
			opts.Networks = append(opts.Networks, servers.Network{UUID: n.CloudProperties.NetID})
		}
	}

	var server servers.Server
	undo.push("server "+plan.name, func(ctx context.Context) error {
		if server.ID != "" {
			return c.compute.DeleteServer(ctx, server.ID)
		}
		return removeUnanswered(ctx, err, func(ctx context.Context) error { return c.compute.DeleteServerNamed(ctx, plan.name) })
	})
	server, err = c.compute.CreateServer(ctx, opts)
	if openstack.StatusOf(err) == http.StatusNotAcceptable {
		// Nothing else asks for a microversion.
		return server, bosh.Errorf(bosh.CloudError, "cloud_properties.root_disk.type needs Nova API 2.67, which came with OpenStack Stein: %w", err)
	}
	if err != nil {
		return server, &zoneError{c.creationError(ctx, plan, zone, err)}
	}
	active, err := c.compute.WaitActive(ctx, server.ID)
	if err != nil {
		return server, &zoneError{bosh.Retryable(bosh.VMCreationFailed, "%w", err)}
	}
	c.markBootVolume(ctx, plan, active)
	return active, nil
}

// creationError tells why Nova did not take the server. Only what may pass by
// itself is worth another try of the director.
func (c *CPI) creationError(ctx context.Context, plan *vmPlan, zone string, err error) error {
	if zone != "" {
		err = fmt.Errorf("in availability zone '%s': %w", zone, err)
	}
	switch {
	case openstack.IsTimeout(err):
		return bosh.Errorf(bosh.VMCreationFailed, "VM creation with name '%s' received a timeout: %w", plan.name, err)
	case openstack.StatusOf(err) >= 500 || openstack.IsAmbiguous(err):
		return bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	case openstack.IsBadRequest(err) || openstack.IsNotFound(err):
		if missing := c.missingNetworks(ctx, plan); len(missing) > 0 {
			return bosh.Errorf(bosh.VMCreationFailed, "VM creation with name '%s' failed. Following network IDs are not existing or not accessible "+
				"from this project: '%s'. Make sure you do not use subnet IDs: %w", plan.name, strings.Join(missing, ","), err)
		}
	}
	return bosh.Errorf(bosh.CloudError, "%w", err)
}

// missingNetworks asks, after Nova refused, which networks do not exist. An
// answer that cannot be had is left out: the first error counts.
func (c *CPI) missingNetworks(ctx context.Context, plan *vmPlan) (missing []string) {
	for _, n := range plan.networks.Private() {
		id := n.CloudProperties.NetID
		if id == "" || n.Type == bosh.Manual {
			continue
		}
		if _, err := c.network.Network(ctx, id); openstack.IsNotFound(err) {
			missing = append(missing, id)
		}
	}
	return missing
}

// bootVolumeOf is the volume metadata key that ties a boot volume to its server.
const bootVolumeOf = "boot_volume_of"

// markBootVolume puts the owner on the volume that Nova made for the server. A
// volume that Nova forgets to delete can then be told from a disk. The VM is
// good without it, so a failure is not one of create_vm.
func (c *CPI) markBootVolume(ctx context.Context, plan *vmPlan, server servers.Server) {
	if plan.bootVolume == nil {
		return
	}
	for _, attached := range server.AttachedVolumes {
		metadata := plan.owner.Metadata()
		metadata[bootVolumeOf] = server.ID
		if err := c.volume.SetMetadata(ctx, attached.ID, metadata); err != nil {
			c.log.Warn("boot volume could not be marked", slog.String("volume", attached.ID), slog.Any("error", err))
		}
	}
}

// agentSettings are what the agent in the VM has to know.
func (c *CPI) agentSettings(plan *vmPlan) bosh.AgentSettings {
	settings := bosh.AgentSettings{
		VMName: plan.name, AgentID: plan.agentID, Networks: plan.networks, Env: plan.env, Agent: c.config.Agent,
	}
	if plan.flavor.Ephemeral > 0 {
		settings.EphemeralDisk = "/dev/sdb"
	}
	if !c.request.Registryless() {
		settings.Registry = c.config.Registry.Endpoint
	}
	return settings
}

// maxUserData is how long user data may be in base64 (nova MAX_USERDATA_SIZE).
const maxUserData = 65535

// checkUserData measures the user data with stand-ins for the MACs, which are
// all of one length.
func (c *CPI) checkUserData(plan *vmPlan) error {
	for _, n := range plan.networks {
		if n.Type == bosh.Manual {
			n.Set("mac", "fa:16:3e:00:00:00")
		}
	}
	userData, err := c.agentSettings(plan).UserData()
	if err != nil {
		return err
	}
	if size := base64.StdEncoding.EncodedLen(len(userData)); size > maxUserData {
		return bosh.Errorf(bosh.VMCreationFailed, "the agent's settings take %d bytes of user data, Nova allows %d: make env smaller", size, maxUserData)
	}
	return nil
}

// publishSettings puts the settings where an agent of version 1 looks for them.
func (c *CPI) publishSettings(ctx context.Context, undo *undo, plan *vmPlan) error {
	if c.request.Registryless() {
		return nil
	}
	document, err := c.agentSettings(plan).RegistryDocument()
	if err != nil {
		return err
	}
	entry := c.registryEntry(plan.name, nil)
	undo.push("registry settings of "+plan.name, entry.delete)
	if err := entry.client.Put(ctx, entry.key, document); err != nil {
		return bosh.Errorf(bosh.VMCreationFailed, "publish agent settings: %w", err)
	}
	return nil
}
