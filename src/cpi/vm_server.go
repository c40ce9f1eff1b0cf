package cpi

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
)

// createServer requests the server in a zone. waitForServer waits for it.
func (c *CPI) createServer(ctx context.Context, undo *undoStack, plan vmPlan, zone string, created vmPorts, settings bosh.AgentSettings) (servers.Server, error) {
	userData, err := settings.UserData()
	if err != nil {
		return servers.Server{}, err
	}
	opts := compute.CreateOpts{
		Name: plan.name, FlavorID: plan.flavorID, AvailabilityZone: zone, KeyName: plan.keyName, UserData: userData,
		ConfigDrive: plan.configDrive, Metadata: plan.metadata, Tags: plan.tags, SchedulerHints: plan.schedulerHints,
		ImageID: plan.imageID,
	}
	if opts.BlockDevices = plan.withBlockDevices(); plan.bootVolume != nil {
		opts.ImageID = ""
	}
	opts.Networks, opts.SecurityGroups = serverNetworks(plan.nics, created)

	deleteServer := c.compute.DeleteServer
	if plan.createsVolumes() {
		deleteServer = c.deleteServerAndVolumes
	}
	creation := undo.pushCreation("server", plan.name, deleteServer, c.compute.DeleteServerNamed, undo.steps...)
	server, err := c.createInGroup(ctx, plan.serverGroup, opts)
	creation.answered(server.ID, err)
	if typed := plan.typedVolume(); openstack.StatusOf(err) == http.StatusNotAcceptable && typed != "" {
		return server, bosh.Errorf(bosh.CloudError, "cloud_properties.%s needs Nova API 2.67, which came with OpenStack Stein: %w", typed, err)
	}
	if openstack.StatusOf(err) == http.StatusNotAcceptable && len(plan.tags) > 0 {
		return server, bosh.Errorf(bosh.CloudError, "cloud_properties.tags needs Nova API 2.52, which came with OpenStack Pike: %w", err)
	}
	if err != nil {
		return server, c.creationError(ctx, plan, zone, err)
	}
	return server, nil
}

// serverNetworks returns the interfaces as Nova expects them, and the security
// groups of the ports that Nova creates.
func serverNetworks(nics []nic, created vmPorts) (networks []servers.Network, groups []string) {
	for _, n := range nics {
		if port, ok := created[n.index]; ok {
			networks = append(networks, servers.Network{Port: port.ID})
			continue
		}
		groups = n.port.SecurityGroups
		if n.port.NetworkID != "" {
			networks = append(networks, servers.Network{UUID: n.port.NetworkID})
		}
	}
	return networks, groups
}

// waitForServer waits until the server is active. Nova schedules and builds it
// after it has answered the request, so a zone without capacity shows here.
func (c *CPI) waitForServer(ctx context.Context, id, zone string) (servers.Server, error) {
	server, err := c.compute.WaitActive(ctx, id)
	if err != nil {
		return server, inZone(zone, bosh.Retryable(bosh.VMCreationFailed, "%w%s", err, c.console(ctx, id)), err)
	}
	return server, nil
}

// console returns the end of the server's console for an error, or "". It is of
// use if a server was started and not reported as active; one that has no host yet
// has no console.
func (c *CPI) console(ctx context.Context, id string) string {
	if ctx.Err() != nil {
		return ""
	}
	output, err := c.compute.Console(ctx, id)
	if err != nil {
		c.log.Info("the console of the failed server cannot be read", slog.String("server", id), slog.Any("error", err))
	}
	if err != nil || output == "" {
		return ""
	}
	return "\nthe end of its console:\n" + output
}

// creationError adds the zone and missing networks to the error of a creation.
// Only transient errors are marked ok_to_retry.
func (c *CPI) creationError(ctx context.Context, plan vmPlan, zone string, cause error) error {
	err := inZone(zone, cause, cause)
	switch {
	case openstack.IsTimeout(err):
		timeout := bosh.Errorf(bosh.VMCreationFailed, "VM creation with name '%s' received a timeout: %w", plan.name, err)
		// After the 504 of a gateway, Nova has ended the request or does so soon.
		timeout.OKToRetry = openstack.StatusOf(err) == http.StatusGatewayTimeout
		return timeout
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

// missingNetworks returns the networks without a port that do not exist. It is
// called after Nova's refusal; a look-up that fails is ignored, because the
// refusal is the more important error.
func (c *CPI) missingNetworks(ctx context.Context, plan vmPlan) (missing []string) {
	for _, n := range plan.nics {
		if n.createPort || n.port.NetworkID == "" {
			continue
		}
		if _, err := c.network.Network(ctx, n.port.NetworkID); openstack.IsNotFound(err) {
			missing = append(missing, n.port.NetworkID)
		}
	}
	return missing
}
