package cpi

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/pools"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// vmPlan is all that create_vm has to know before it writes anything.
type vmPlan struct {
	// name is unique: a server whose creation was not answered is found by it.
	name       string
	agentID    string
	owner      bosh.Owner
	env        json.RawMessage
	networks   bosh.Networks
	properties vmProperties

	imageID    string
	flavor     flavors.Flavor
	bootVolume *servers.BlockDevice
	keyName    string
	// groups are security group UUIDs.
	groups []string
	// zones are tried in order; "" leaves the choice to Nova.
	zones      []string
	floatingIP *floatingips.FloatingIP
	pools      []pools.Pool
	metadata   map[string]string
}

// planVM validates the arguments, looks everything up that they name, side by
// side, and decides. It only reads.
func (c *CPI) planVM(ctx context.Context, args bosh.CreateVM) (*vmPlan, error) {
	plan := &vmPlan{agentID: args.AgentID, env: args.Env, networks: args.Networks, imageID: args.Stemcell.ImageID()}
	if err := c.checkVM(args, plan); err != nil {
		return nil, err
	}

	lookups, ctx := errgroup.WithContext(ctx)
	lookups.Go(func() error { return c.lookUpImage(ctx, args.Stemcell) })
	lookups.Go(func() error { return c.lookUpFlavor(ctx, plan) })
	lookups.Go(func() error { return c.lookUpKeyPair(ctx, plan) })
	lookups.Go(func() error { return c.lookUpGroups(ctx, plan) })
	lookups.Go(func() error { return c.lookUpZones(ctx, plan, args.Disks) })
	lookups.Go(func() error { return c.lookUpFloatingIP(ctx, plan) })
	lookups.Go(func() error { return c.lookUpPools(ctx, plan) })
	lookups.Go(func() error { return c.checkAddressPairs(ctx, plan) })
	if err := lookups.Wait(); err != nil {
		return nil, err
	}
	return plan, nil
}

// checkVM finds what is wrong with the arguments themselves.
func (c *CPI) checkVM(args bosh.CreateVM, plan *vmPlan) (err error) {
	if err := decode(args.CloudProperties, &plan.properties); err != nil {
		return err
	}
	if err := plan.properties.check(c.config.OpenStack.IgnoreServerAvailabilityZone); err != nil {
		return err
	}
	if err := checkNetworks(args.Networks, c.config.OpenStack); err != nil {
		return err
	}
	if err := c.requireRegistry(); err != nil {
		return err
	}
	if plan.name, err = newName("vm-"); err != nil {
		return err
	}
	for _, network := range args.Networks.Private() {
		network.Set("use_dhcp", c.config.OpenStack.UseDHCP)
	}
	c.tagVM(plan)
	return c.checkUserData(plan)
}

// tagVM decides what the server carries from its first moment: its owner, the
// deployment's tags, and the mark that set_vm_metadata shall rename it.
func (c *CPI) tagVM(plan *vmPlan) {
	var env struct {
		BOSH struct {
			// Groups are director, deployment, instance group, and combinations.
			Groups []string      `json:"groups"`
			Tags   bosh.Metadata `json:"tags"`
		} `json:"bosh"`
	}
	if json.Unmarshal(plan.env, &env) != nil {
		env.BOSH.Groups, env.BOSH.Tags = nil, nil // env is the agent's, of whatever form
	}
	plan.owner = c.owner()
	plan.owner.AgentID = plan.agentID
	if len(env.BOSH.Groups) > 1 {
		plan.owner.Deployment = env.BOSH.Groups[1]
	}
	plan.metadata = c.tags(env.BOSH.Tags, refusedByNova)
	maps.Copy(plan.metadata, plan.owner.Metadata())
	if c.config.OpenStack.HumanReadableVMNames {
		plan.metadata[registryKey] = plan.name
	}
}

func (c *CPI) lookUpImage(ctx context.Context, stemcell bosh.StemcellCID) error {
	_, err := c.image.Image(ctx, stemcell.ImageID())
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.CloudError, "Image `%s' not found: %w", stemcell, err)
	}
	return err
}

func (c *CPI) lookUpFlavor(ctx context.Context, plan *vmPlan) (err error) {
	name := plan.properties.InstanceType
	if plan.flavor, err = c.compute.FlavorByName(ctx, name); err != nil {
		if openstack.IsNotFound(err) {
			return bosh.Errorf(bosh.CloudError, "Flavor `%s' not found: %w", name, err)
		}
		return err
	}
	// The agent makes swap as large as the memory and needs as much again.
	if needed := plan.flavor.RAM / 1024 * 2; plan.flavor.Ephemeral > 0 && plan.flavor.Ephemeral < needed {
		return bosh.Errorf(bosh.CloudError, "Flavor `%s' should have at least %dGb of ephemeral disk", name, needed)
	}
	return c.planBootVolume(plan)
}

func (c *CPI) planBootVolume(plan *vmPlan) error {
	fromVolume := c.config.OpenStack.BootFromVolume
	if plan.properties.BootFromVolume != nil {
		fromVolume = *plan.properties.BootFromVolume
	}
	if !fromVolume {
		return nil
	}
	plan.bootVolume = &servers.BlockDevice{
		SourceType: servers.SourceImage, DestinationType: servers.DestinationVolume,
		UUID: plan.imageID, VolumeSize: plan.flavor.Disk, DeleteOnTermination: true,
	}
	if disk := plan.properties.RootDisk; disk != nil {
		plan.bootVolume.VolumeType = disk.Type
		if disk.Size != nil {
			plan.bootVolume.VolumeSize = *disk.Size
		}
	}
	if plan.bootVolume.VolumeSize == 0 {
		return bosh.Errorf(bosh.CloudError, "Flavor '%s' has a root disk size of 0. Either pick a different flavor or define root_disk.size in your VM cloud_properties", plan.flavor.Name)
	}
	return nil
}

func (c *CPI) lookUpKeyPair(ctx context.Context, plan *vmPlan) error {
	plan.keyName = plan.properties.KeyName
	if plan.keyName == "" {
		plan.keyName = c.config.OpenStack.DefaultKeyName
	}
	if plan.keyName == "" {
		return nil
	}
	_, err := c.compute.KeyPair(ctx, plan.keyName)
	if openstack.IsNotFound(err) {
		return bosh.Errorf(bosh.CloudError, "Key-pair `%s' not found: %w", plan.keyName, err)
	}
	return err
}

func (c *CPI) lookUpGroups(ctx context.Context, plan *vmPlan) error {
	names := groupNames(plan.properties.SecurityGroups, plan.networks, c.config.OpenStack.DefaultSecurityGroups)
	found, err := c.network.SecurityGroups(ctx, names)
	if err != nil {
		return err
	}
	for _, group := range found {
		plan.groups = append(plan.groups, group.ID)
	}
	return nil
}
