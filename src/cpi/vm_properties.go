package cpi

import (
	"encoding/json"
	"errors"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// vmProperties are the cloud_properties of a VM, which the director merges from
// AZ, VM type and VM extensions. Manifests may contain keys of other OpenStack
// CPIs; see reportIgnored. docs/cloud-properties.md is generated from the comments
// of the fields.
type vmProperties struct {
	// InstanceType is the name or the id of a flavor. It is required.
	InstanceType string `json:"instance_type"`
	// AvailabilityZone is the zone of Nova. Default: that of the persistent
	// disks, else Nova's choice.
	AvailabilityZone *string `json:"availability_zone"`
	// AvailabilityZones are tried in random order if a zone has no capacity. That
	// needs openstack.ignore_server_availability_zone, and no AvailabilityZone.
	AvailabilityZones []string `json:"availability_zones"`
	// KeyName is the name of a key pair. Default: openstack.default_key_name.
	KeyName string `json:"key_name"`
	// SecurityGroups are names or UUIDs of security groups. They replace those of
	// the networks. Default: those of the networks.
	SecurityGroups []string `json:"security_groups"`
	// SchedulerHints are sent to Nova unchanged. The hint group can also be the
	// name of a server group.
	SchedulerHints map[string]any `json:"scheduler_hints"`
	// ServerGroup is the name or UUID of a server group, or an object. See
	// docs/anti-affinity.md.
	ServerGroup *serverGroup `json:"server_group"`
	// BootFromVolume says whether the root disk is a volume, instead of a disk of
	// the hypervisor. Default: openstack.boot_from_volume.
	BootFromVolume *bool `json:"boot_from_volume"`
	// RootDisk describes the root disk of a VM that boots from a volume.
	RootDisk *rootDisk `json:"root_disk"`
	// BlockDevices are further disks of the VM. See docs/disks.md.
	BlockDevices []blockDevice `json:"block_devices"`
	// AllowedAddressPairs are further addresses that the VM may send from, on the
	// NIC of its default network: one address or CIDR, or a list of them, or a
	// list of objects with ip_address and mac_address.
	AllowedAddressPairs addressPairs `json:"allowed_address_pairs"`
	// LoadBalancerPools are those that the VM becomes a member of. Since: Octavia
	// (Pike), or neutron-lbaas v2 (Liberty to Stein).
	LoadBalancerPools []poolMembership `json:"loadbalancer_pools"`
	// ConfigDrive says whether the VM gets a config drive. Default:
	// openstack.config_drive.
	ConfigDrive *configDrive `json:"config_drive"`

	// Metadata is added to that of the server, in addition to the tags of the
	// deployment. Values are strings, numbers or booleans.
	Metadata bosh.Metadata `json:"metadata"`
	// Tags are Nova's tags of the server. Those of the ports are tags of the
	// network. Since: Nova 2.52 (Pike).
	Tags []string `json:"tags"`

	// PortProperties are the defaults of the networks' ones.
	bosh.PortProperties
}

// configDrive says whether a server gets a config drive. Nova's configuration
// decides whether the guest sees it as a disk or as a CD-ROM.
type configDrive bool

// UnmarshalJSON reads true and false, and the values of openstack.config_drive.
func (d *configDrive) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null":
	case "true", `"disk"`, `"cdrom"`:
		*d = true
	case "false", `""`:
		*d = false
	default:
		return errors.New("config_drive must be true, false, disk or cdrom")
	}
	return nil
}

// rootDisk describes the volume that a VM boots from.
type rootDisk struct {
	// Size is GiB. Default: the size of the flavor's root disk.
	Size *int `json:"size"`
	// Type is a Cinder volume type. Default: Cinder's. Since: Nova 2.67 (Stein).
	Type string `json:"type"`
	// AvailabilityZone is a zone of Cinder. The CPI then creates the volume there,
	// and the server boots from it. Default: Nova leaves the zone to Cinder, unless
	// its cross_az_attach is off.
	AvailabilityZone string `json:"availability_zone"`
}

// poolMembership is a load balancer pool that the VM becomes a member of.
type poolMembership struct {
	// Name is the name or UUID of the pool. It is required.
	Name string `json:"name"`
	// Port is the port of the VM that gets the connections. It is required.
	Port int `json:"port"`
	// MonitoringPort is the port that the health monitor checks. Default: Port.
	MonitoringPort int `json:"monitoring_port"`
	// Weight is the share of the connections that the VM gets, 0 to 256. Default:
	// 1.
	Weight *int `json:"weight"`
	// Backup VMs get connections only if no other member is healthy. Default:
	// false. Since: Octavia 2.1 (Stein).
	Backup bool `json:"backup"`
	// IPVersion is 4 or 6, the family of the VM's address. Default: 4 if the VM
	// has an IPv4 address in its gateway network.
	IPVersion int `json:"ip_version"`
}

// addressPairs are further addresses that a VM may send from: one IP or CIDR, or a
// list of them, or a list of objects with ip_address and mac_address.
type addressPairs []ports.AddressPair

// UnmarshalJSON reads all three forms.
func (p *addressPairs) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var entries []json.RawMessage
	if json.Unmarshal(data, &entries) != nil {
		entries = []json.RawMessage{data}
	}
	*p = nil
	for _, entry := range entries {
		var pair ports.AddressPair
		if json.Unmarshal(entry, &pair.IPAddress) != nil && json.Unmarshal(entry, &pair) != nil || pair.IPAddress == "" {
			return errors.New("allowed_address_pairs must be an IP address, or a list of them")
		}
		*p = append(*p, pair)
	}
	return nil
}

// check returns an error if the properties are wrong in any cloud.
func (p vmProperties) check(ignoreServerZone bool) error {
	switch {
	case p.InstanceType == "":
		return bosh.Errorf(bosh.CPIError, "cloud_properties.instance_type is missing: name a flavor")
	case p.AvailabilityZone != nil && p.AvailabilityZones != nil:
		return bosh.Errorf(bosh.CloudError, `Invalid cloud_properties: only one property of "availability_zone" and "availability_zones" allowed.`)
	case p.AvailabilityZones != nil && !ignoreServerZone:
		return bosh.Errorf(bosh.CloudError, "Cannot use multiple azs without openstack.ignore_server_availability_zone")
	case p.RootDisk != nil && (p.RootDisk.Size == nil && p.RootDisk.Type == "" && p.RootDisk.AvailabilityZone == "" || p.RootDisk.Size != nil && *p.RootDisk.Size < 1):
		return bosh.Errorf(bosh.CPIError, "Minimum root_disk size is 1 GiB (cloud_properties.root_disk.size)")
	}
	if err := p.checkLabels(); err != nil {
		return err
	}
	if err := p.checkBlockDevices(); err != nil {
		return err
	}
	for _, pool := range p.LoadBalancerPools {
		if pool.Name == "" {
			return bosh.Errorf(bosh.VMCreationFailed, "Load balancer pool defined without a name")
		}
		if pool.Port == 0 {
			return bosh.Errorf(bosh.VMCreationFailed, "Load balancer pool '%s' has no port definition", pool.Name)
		}
		if pool.Weight != nil && (*pool.Weight < 0 || *pool.Weight > 256) {
			return bosh.Errorf(bosh.VMCreationFailed, "Load balancer pool '%s' has the weight %d, which must be from 0 to 256 (cloud_properties.loadbalancer_pools.weight)", pool.Name, *pool.Weight)
		}
		if pool.IPVersion != 0 && pool.IPVersion != 4 && pool.IPVersion != 6 {
			return bosh.Errorf(bosh.VMCreationFailed, "Load balancer pool '%s' has the ip_version %d, which must be 4 or 6 (cloud_properties.loadbalancer_pools.ip_version)", pool.Name, pool.IPVersion)
		}
	}
	return nil
}
