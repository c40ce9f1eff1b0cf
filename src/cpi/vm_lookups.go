package cpi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// vmLookups are the objects in the cloud that the arguments of create_vm name.
type vmLookups struct {
	image  images.Image
	flavor flavors.Flavor
	// keyPair is empty if none is configured.
	keyPair keypairs.KeyPair
	// groups are security group UUIDs.
	groups []string
	// diskZones are in the order of the disks; empty if the VM may be in
	// another zone than its disks.
	diskZones []string
	// zones follow from the cloud properties and the zones of the disks.
	zones vmZones
	// floatingIPs are those of the vip networks.
	floatingIPs []floatingips.FloatingIP
	// subnets are those of the networks with several addresses on one interface,
	// or with a prefix.
	subnets []subnets.Subnet
	// qosPolicies are the ids of QoS policies, by name or id.
	qosPolicies map[string]string
	// pools are the ids of pools in the order of the cloud properties.
	pools []string
	// serverGroup is empty for a VM in no server group.
	serverGroup plannedGroup
}

// The ages up to which create_vm uses the look-ups of earlier calls. A lasting
// object keeps its name as long as it exists, and a request that names a deleted
// one is refused. The name of a changing one can be given to another, and its
// properties can change.
const (
	lastingAge  = 10 * time.Minute
	changingAge = time.Minute
)

// lookUpVM runs all look-ups of create_vm concurrently. memory has those of earlier
// calls.
func (c *CPI) lookUpVM(ctx context.Context, args bosh.CreateVMArgs, properties vmProperties, memory *openstack.Memory) (found vmLookups, err error) {
	group, err := c.wantedGroup(properties, readEnv(args.Env))
	if err != nil {
		return found, err
	}
	all, ctx := errgroup.WithContext(ctx)
	lasting, changing := memory.Recall(ctx, lastingAge), memory.Recall(ctx, changingAge)
	grouped := changing
	if group.create != nil {
		grouped = ctx // others may have created the group of the CPI in the meantime, or left it
	}
	lookUp(lasting, all, &found.image, c.lookUpImage, args.Stemcell)
	lookUp(lasting, all, &found.flavor, c.lookUpFlavor, properties.InstanceType)
	lookUp(lasting, all, &found.keyPair, c.lookUpKeyPair, properties.KeyName)
	lookUp(changing, all, &found.groups, c.lookUpGroups, c.groupNames(properties, args.Networks))
	lookUp(ctx, all, &found.diskZones, c.lookUpDiskZones, args.Disks)
	lookUp(ctx, all, &found.floatingIPs, c.lookUpFloatingIPs, args.Networks.VIPs())
	lookUp(changing, all, &found.subnets, c.network.Subnets, subnetsNeeded(args.Networks))
	lookUp(changing, all, &found.qosPolicies, c.lookUpQoSPolicies, qosPoliciesNeeded(properties, args.Networks))
	lookUp(grouped, all, &found.serverGroup, c.lookUpServerGroup, group)
	lookUp(changing, all, &found.pools, c.lookUpPools, properties.LoadBalancerPools)
	all.Go(func() error { return c.requirePorts(ctx, reservedAddresses(properties, args.Networks)) })
	err = all.Wait()
	return found, err
}

// recallable returns what can be recalled.
func (l vmLookups) recallable() vmLookups {
	recallable := vmLookups{
		image: l.image, flavor: l.flavor, keyPair: l.keyPair, groups: l.groups, subnets: l.subnets, qosPolicies: l.qosPolicies, pools: l.pools,
	}
	if l.serverGroup.create == nil {
		recallable.serverGroup = l.serverGroup
	}
	return recallable
}

// explainRefusal returns the error of a look-up if the cloud refused the VM because
// an object was deleted after it had been looked up: the cloud's words often name
// its id only, or nothing. Other errors, and nil, are returned unchanged.
func (c *CPI) explainRefusal(ctx context.Context, args bosh.CreateVMArgs, refused error) error {
	var properties vmProperties
	status := openstack.StatusOf(refused)
	if status != http.StatusBadRequest && status != http.StatusNotFound || ctx.Err() != nil || decode(args.CloudProperties, &properties) != nil {
		return refused
	}
	if _, err := c.lookUpVM(ctx, args, properties, &openstack.Memory{Renewed: true}); openstack.IsNotFound(err) {
		return fmt.Errorf("%w\nit was deleted while the VM was being created: %s", err, refused.Error())
	}
	return refused
}

// lookUp starts one look-up and stores its result. No other goroutine may read
// or write the result before the group has ended.
func lookUp[Key, Found any](ctx context.Context, group *errgroup.Group, result *Found, find func(context.Context, Key) (Found, error), key Key) {
	group.Go(func() (err error) {
		*result, err = find(ctx, key)
		return err
	})
}

func (c *CPI) lookUpImage(ctx context.Context, stemcell bosh.StemcellCID) (images.Image, error) {
	found, err := c.image.Image(ctx, stemcell.ImageID())
	return found, imageNotFound(err, stemcell)
}

func (c *CPI) lookUpFlavor(ctx context.Context, name string) (flavors.Flavor, error) {
	found, err := c.compute.Flavor(ctx, name)
	if !openstack.IsNotFound(err) {
		return found, err
	}
	all, listErr := c.compute.Flavors(ctx)
	if listErr != nil {
		c.log.Warn("the flavors for the error text could not be listed", slog.Any("error", listErr))
	}
	return found, flavorNotFound(err, name, all)
}

func (c *CPI) lookUpKeyPair(ctx context.Context, name string) (keypairs.KeyPair, error) {
	if name == "" {
		name = c.config.OpenStack.DefaultKeyName
	}
	if name == "" {
		return keypairs.KeyPair{}, nil
	}
	found, err := c.compute.KeyPair(ctx, name)
	return found, keyPairNotFound(err, name)
}

func (c *CPI) lookUpGroups(ctx context.Context, names []string) (ids []string, err error) {
	found, err := c.network.SecurityGroups(ctx, names)
	for _, group := range found {
		ids = append(ids, group.ID)
	}
	return ids, err
}

// lookUpDiskZones returns the zone of each disk, or nothing if the VM need not
// be in the zone of its disks.
func (c *CPI) lookUpDiskZones(ctx context.Context, disks []bosh.DiskCID) ([]string, error) {
	if len(disks) == 0 || c.config.OpenStack.IgnoreServerAvailabilityZone {
		return nil, nil
	}
	zones := make([]string, len(disks))
	all, ctx := errgroup.WithContext(ctx)
	for i, disk := range disks {
		lookUp(ctx, all, &zones[i], c.lookUpDiskZone, disk)
	}
	return zones, all.Wait()
}

func (c *CPI) lookUpDiskZone(ctx context.Context, disk bosh.DiskCID) (string, error) {
	found, err := c.volume.Volume(ctx, string(disk))
	return found.AvailabilityZone, diskNotFound(err, disk)
}

// lookUpFloatingIPs returns the floating IPs of the vip networks, in their order.
// The operator has allocated them to the project; the CPI neither creates nor
// deletes any.
func (c *CPI) lookUpFloatingIPs(ctx context.Context, vips bosh.Networks) ([]floatingips.FloatingIP, error) {
	addresses := make([]string, len(vips))
	for i, vip := range vips {
		addresses[i] = vip.IP
	}
	found, err := c.network.FloatingIPs(ctx, addresses)
	if err != nil {
		return nil, bosh.Retryable(bosh.VMCreationFailed, "%w", err)
	}
	chosen := make([]floatingips.FloatingIP, len(vips))
	for i, address := range addresses {
		if chosen[i], err = chooseFloatingIP(found, address); err != nil {
			return nil, err
		}
		if err := c.checkFloatingIP(ctx, chosen[i]); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

// chooseFloatingIP returns the floating IP with the address.
func chooseFloatingIP(all []floatingips.FloatingIP, address string) (floatingips.FloatingIP, error) {
	found := slices.DeleteFunc(slices.Clone(all), func(ip floatingips.FloatingIP) bool { return ip.FloatingIP != address })
	switch {
	case len(found) == 0:
		return floatingips.FloatingIP{}, bosh.Retryable(bosh.VMCreationFailed, "Floating IP '%s' not allocated", address)
	case len(found) > 1:
		var external []string
		for _, ip := range found {
			external = append(external, "'"+ip.FloatingNetworkID+"'")
		}
		return floatingips.FloatingIP{}, bosh.Errorf(bosh.VMCreationFailed, "Floating IP '%s' found in multiple networks: %s", address, strings.Join(external, ", "))
	}
	return found[0], nil
}

func (c *CPI) lookUpQoSPolicies(ctx context.Context, namesOrIDs []string) (map[string]string, error) {
	found, err := c.network.QoSPolicies(ctx, namesOrIDs)
	if err != nil {
		return nil, bosh.Errorf(bosh.CloudError, "%w (cloud_properties.qos_policy)", err)
	}
	return found, nil
}

func (c *CPI) lookUpPools(ctx context.Context, memberships []poolMembership) (ids []string, err error) {
	for _, membership := range memberships {
		pool, err := c.loadbalancers.Pool(ctx, membership.Name)
		if err != nil {
			return nil, bosh.Errorf(bosh.VMCreationFailed, "%w", poolNotFound(err, membership.Name))
		}
		ids = append(ids, pool.ID)
	}
	return ids, nil
}

// requirePorts fails if no port has one of the addresses. Neutron could then
// assign the address to another VM.
func (c *CPI) requirePorts(ctx context.Context, addresses []string) error {
	for _, address := range addresses {
		found, err := c.network.PortsWithIP(ctx, address, "")
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return bosh.Errorf(bosh.CloudError, "Configured VRRP port with ip '%s' does not exist.", address)
		}
	}
	return nil
}
