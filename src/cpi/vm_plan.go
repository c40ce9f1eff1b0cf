package cpi

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// vmPlan is everything that create_vm decides before it writes to the cloud.
// It is complete when planVM returns it, and is not changed afterwards: every
// attempt to build the VM starts from the same plan.
type vmPlan struct {
	// name is unique. A server whose creation was not answered is found by it.
	name  string
	owner mark.Owner
	// settings are those of the agent, without the MAC addresses of the ports.
	settings bosh.AgentSettings
	// nics are the network interfaces in the order of the guest.
	nics []nic

	imageID  string
	flavorID string
	// bootVolume is nil if the server boots from a disk of its flavor.
	bootVolume *servers.BlockDevice
	// bootZone is the zone of a boot volume that the CPI creates, "" if Nova
	// creates it.
	bootZone string
	// blockDevices are further disks that Nova creates.
	blockDevices   []servers.BlockDevice
	keyName        string
	schedulerHints map[string]any
	serverGroup    plannedGroup
	metadata       map[string]string
	tags           []string

	// zones are tried in order; "" leaves the choice to Nova.
	zones []string
	// inZoneOfDisks says that the only zone is that of the disks.
	inZoneOfDisks bool
	configDrive   bool
	// floatingIPs are those of the vip networks.
	floatingIPs []plannedFloatingIP
	pools       []plannedPool
	// found is what the plan was made from.
	found vmLookups
}

// plannedFloatingIP is a floating IP and the interface that it leads to.
type plannedFloatingIP struct {
	floatingips.FloatingIP

	nic nic
}

// plannedPool is a load balancer pool that the VM becomes a member of.
type plannedPool struct {
	poolMembership

	id string
}

// planVM validates the arguments, looks up the objects that they name, and
// decides how the VM is built. It does not change anything in the cloud. memory
// is what earlier calls have looked up.
func (c *CPI) planVM(ctx context.Context, args bosh.CreateVMArgs, memory *openstack.Memory) (vmPlan, error) {
	properties, err := c.checkVM(args)
	if err != nil {
		return vmPlan{}, err
	}
	found, err := c.lookUpVM(ctx, args, properties, memory)
	if err != nil {
		return vmPlan{}, err
	}
	if found.zones, err = c.planZones(ctx, properties, args.Disks, found.diskZones); err != nil {
		return vmPlan{}, err
	}
	return c.decideVM(args, properties, found)
}

// checkVM returns the VM's cloud properties if the arguments are valid by
// themselves.
func (c *CPI) checkVM(args bosh.CreateVMArgs) (properties vmProperties, err error) {
	if err := decode(args.CloudProperties, &properties); err != nil {
		return properties, err
	}
	// A misspelled property is often the reason of the next error.
	if err := c.reportIgnored(c.ignoredByVM(args, properties)); err != nil {
		return properties, err
	}
	if err := properties.check(c.config.OpenStack.IgnoreServerAvailabilityZone); err != nil {
		return properties, err
	}
	if err := checkNetworks(args.Networks); err != nil {
		return properties, err
	}
	if err := checkPortOptions(properties, args.Networks); err != nil {
		return properties, err
	}
	if err := checkAddressPairs(properties, args.Networks); err != nil {
		return properties, err
	}
	if err := checkPools(properties, args.Networks); err != nil {
		return properties, err
	}
	if _, err := c.wantedGroup(properties, readEnv(args.Env)); err != nil {
		return properties, err
	}
	return properties, c.requireRegistry()
}

// decideVM makes the plan from the arguments and the objects that were found.
func (c *CPI) decideVM(args bosh.CreateVMArgs, properties vmProperties, found vmLookups) (vmPlan, error) {
	if err := CheckEphemeralDisk(found.flavor); err != nil {
		return vmPlan{}, err
	}
	if err := checkSubnets(args.Networks, found.subnets); err != nil {
		return vmPlan{}, err
	}
	bootVolume, err := c.planBootVolume(properties, found)
	if err != nil {
		return vmPlan{}, err
	}

	blockDevices, err := planBlockDevices(properties, found.flavor)
	if err != nil {
		return vmPlan{}, err
	}

	name, env := newName(mark.VMPrefix), readEnv(args.Env)
	owner := c.vmOwner(args.AgentID, env)
	plan := vmPlan{
		found: found,
		name:  name, owner: owner, settings: c.planSettings(name, args, dataDevice(properties, found.flavor)),
		nics:    planNICs(name, owner, args, properties, found),
		imageID: found.image.ID, flavorID: found.flavor.ID, bootVolume: bootVolume, blockDevices: blockDevices,
		keyName: found.keyPair.Name, schedulerHints: properties.SchedulerHints, serverGroup: found.serverGroup,
		metadata: c.vmMetadata(name, owner, env, properties), tags: properties.Tags,
		zones: found.zones.names, inZoneOfDisks: found.zones.ofDisks,
		configDrive: c.wantsConfigDrive(properties),
	}
	if bootVolume != nil && properties.RootDisk != nil {
		plan.bootZone = properties.RootDisk.AvailabilityZone
	}
	if plan.floatingIPs, err = planFloatingIPs(args.Networks.VIPs(), found.floatingIPs, plan); err != nil {
		return vmPlan{}, err
	}
	for i, pool := range found.pools {
		plan.pools = append(plan.pools, plannedPool{properties.LoadBalancerPools[i], pool})
	}
	return plan, checkUserData(plan)
}

// wantsConfigDrive reports whether the server gets a config drive: the VM type
// decides, or else the configuration.
func (c *CPI) wantsConfigDrive(properties vmProperties) bool {
	if properties.ConfigDrive != nil {
		return bool(*properties.ConfigDrive)
	}
	return c.config.OpenStack.ConfigDrive != ""
}

// vmEnv is the part of create_vm's env that the CPI reads; the agent reads all
// of it.
type vmEnv struct {
	BOSH struct {
		// Group is director, deployment and instance group in one word.
		Group string `json:"group"`
		// Groups are director, deployment, instance group, and combinations.
		Groups []string      `json:"groups"`
		Tags   bosh.Metadata `json:"tags"`
	} `json:"bosh"`
}

// isCompilation reports whether the VM compiles packages. It is the only one of
// its instance group, "compilation-<uuid>".
func (e vmEnv) isCompilation() bool {
	return len(e.BOSH.Groups) > 2 && strings.HasPrefix(e.BOSH.Groups[2], "compilation-")
}

// readEnv returns an empty vmEnv if env has another form: only the agent validates
// env.
func readEnv(data json.RawMessage) (env vmEnv) {
	if json.Unmarshal(data, &env) != nil {
		return vmEnv{}
	}
	return env
}

func (c *CPI) vmOwner(agentID string, env vmEnv) mark.Owner {
	o := c.owner()
	o.AgentID = agentID
	if len(env.BOSH.Groups) > 1 {
		o.Deployment = env.BOSH.Groups[1]
	}
	return o
}

// vmMetadata returns the metadata that the server is created with: the
// deployment's tags, those of the VM type, the owner, and the key that lets
// set_vm_metadata rename the server.
func (c *CPI) vmMetadata(name string, owner mark.Owner, env vmEnv, properties vmProperties) map[string]string {
	metadata := c.tags(env.BOSH.Tags, refusedByNova, slog.String("server_name", name))
	maps.Copy(metadata, texts(properties.Metadata))
	maps.Copy(metadata, owner.Metadata())
	if c.config.OpenStack.HumanReadableVMNames {
		metadata[mark.VMName] = name
	}
	if _, found := properties.blockDevice(volumeDevice); found {
		metadata[mark.DataVolume] = "true"
	}
	return metadata
}
