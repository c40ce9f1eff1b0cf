package cpi

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// scenario is one call of a method.
type scenario struct {
	name string
	// prepare makes what the call needs and returns the call.
	prepare func(e *env) func(context.Context, *CPI) error
	// done is what the call must do: all lines of env.changes about objects that
	// are created, deleted or changed, and those fields of created objects that
	// matter.
	done []string
	// repeatable calls bring an object into a state. A failed one is repeated,
	// as callers do, and must then have done all its work. After the failure of
	// any other call everything must be as before.
	repeatable bool
	// twice is what the call does if its write is executed and not answered, and
	// therefore repeated; nil stands for the same as done.
	twice []string
}

func scenarios() []scenario {
	imported := []string{
		"+ image", "+ image: name bosh-openstack-kvm-ubuntu-jammy/1.234", "+ image: status active", "+ image: size 65536",
		"+ image: disk format qcow2", "+ image: properties.bosh_cpi openstack-bosh-cpi", "+ image: properties.director_uuid …",
	}
	return []scenario{
		{name: "create_stemcell", done: []string{
			"+ image", "+ image: name bosh-openstack-kvm-ubuntu-jammy/1.234", "+ image: status active",
			"+ image: size 65536", "+ image: disk format qcow2", "+ image: container format bare",
			"+ image: visibility private", "+ image: properties.version 1.234",
			"+ image: properties.bosh_cpi openstack-bosh-cpi", "+ image: properties.director_uuid …",
		}, prepare: func(e *env) func(context.Context, *CPI) error {
			archive := e.stemcellArchive(1 << 16)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateStemcell(ctx, bosh.CreateStemcellArgs{ImagePath: archive, CloudProperties: []byte(stemcellProperties)})
				return err
			}
		}},
		{name: "create_stemcell imported", done: imported, prepare: func(e *env) func(context.Context, *CPI) error {
			args := e.sourced(e.stemcellArchive(1<<16), "")
			return func(ctx context.Context, c *CPI) error { _, err := c.CreateStemcell(ctx, args); return err }
		}},
		{name: "create_stemcell imported, no archive", done: imported, prepare: func(e *env) func(context.Context, *CPI) error {
			args := e.sourced(e.emptyArchive(), sha512Of(rootImage()))
			return func(ctx context.Context, c *CPI) error { _, err := c.CreateStemcell(ctx, args); return err }
		}},
		{name: "delete_stemcell", repeatable: true, done: []string{"- image"}, prepare: func(e *env) func(context.Context, *CPI) error {
			cid, err := e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 10), CloudProperties: []byte(stemcellProperties)})
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteStemcell(ctx, bosh.DeleteStemcellArgs{Stemcell: cid})
				return err
			}
		}},
		{name: "create_vm manual", done: newVM(
			"+ port", "+ port: network private", "+ port: fixed ips 10.0.0.10", "+ server: image tiny-public",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.manual("10.0.0.10"), smallVM) })
		}},
		{name: "create_vm dynamic with vip", done: newVM(
			"+ port", "+ port: network private", "+ server: image tiny-public", "+ association",
			"~ floating IP: port  -> new port", "~ floating IP: fixed ip  -> 10.0.0.129",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.networks(`{"private":{"type":"dynamic","default":["gateway"],"cloud_properties":{"net_id":%q}},"vip":{"type":"vip","ip":%q}}`,
					e.cloud.Fixtures().Networks["private"], e.floatingIP()), smallVM)
			})
		}},
		{name: "create_vm two networks", done: newVM(
			"+ port", "+ port: network private", "+ port: fixed ips 10.0.0.10", "+ port", "+ port: network private-2",
			"+ port: fixed ips 10.0.1.10", "+ server: image tiny-public", "+ server: config drive true",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			e.overrides["use_dhcp"], e.overrides["config_drive"] = false, "cdrom"
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.twoNetworks(), smallVM) })
		}},
		{name: "create_vm NIC groups with vips", done: newVM(
			"+ port", "+ port: network dual", "+ port: fixed ips 10.0.2.10, fd00:10:2::10", "+ port: address pairs 10.0.2.16/28 at fa:16:3e:…", "+ port: tags blue", "+ port: dns_name web-0",
			"+ port", "+ port: network private", "+ server: image tiny-public",
			"+ association", "~ floating IP: port  -> new port", "~ floating IP: fixed ip  -> 10.0.2.10",
			"+ association", "~ floating IP: port  -> new port", "~ floating IP: fixed ip  -> 10.0.0.129",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.networks(`{"four":{"ip":"10.0.2.10","nic_group":"1","default":["gateway"],"cloud_properties":{"net_id":%[1]q,"tags":["blue"],"dns_name":"web-0"}},
					"six":{"ip":"fd00:10:2::10","nic_group":"1","cloud_properties":{"net_id":%[1]q}},
					"prefix":{"ip":"10.0.2.16","prefix":"28","nic_group":"1","cloud_properties":{"net_id":%[1]q}},
					"back":{"type":"dynamic","nic_group":"2","cloud_properties":{"net_id":%[2]q}},
					"v":{"type":"vip","ip":%[3]q,"nic_group":"1"},"w":{"type":"vip","ip":%[4]q,"nic_group":"2"}}`,
					e.net("dual"), e.net("private"), e.floatingIPs()[0], e.floatingIPs()[1]), smallVM)
			})
		}},
		{name: "create_vm with a trunk", done: newVM(
			"+ port", "+ port: network private", "+ port: fixed ips 10.0.0.10", "+ port", "+ port: network private-2", "+ port", "+ port: network dual",
			"+ port: port security false", "+ trunk", "+ trunk: port new port", "+ trunk: subport with VLAN 101 new port", "+ server: image tiny-public",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.trunked(), smallVM) })
		}},
		{name: "delete_vm with a trunk", repeatable: true, done: []string{"- server", "- trunk", "- port", "- port", "- port"}, prepare: func(e *env) func(context.Context, *CPI) error {
			vm, err := e.cpi().CreateVM(e.Context(), e.newVM(e.trunked(), smallVM))
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteVM(ctx, bosh.VMArgs{VM: vm.CID})
				return err
			}
		}},
		{name: "create_network with a router", done: []string{
			"+ network", "+ network: description openstack-bosh-cpi director=…", "+ subnet", "+ subnet: cidr 10.9.0.0/24", "+ subnet: gateway 10.9.0.1",
			"+ subnet: pools 10.9.0.239-10.9.0.254", "+ subnet: dhcp true", "+ router", "+ port", "+ port: fixed ips 10.9.0.1", "+ port: device owner network:router_interface",
		}, prepare: func(*env) func(context.Context, *CPI) error {
			return creatingNetwork(bosh.SubnetDefinition{Type: bosh.Manual, Range: "10.9.0.0/24", CloudProperties: []byte(`{"external_network":"external"}`)})
		}},
		{name: "create_network from a subnet pool", done: []string{
			"+ network", "+ subnet", "+ subnet: cidr 10.64.0.0/26", "+ subnet: pools 10.64.0.59-10.64.0.62", "+ subnet: dhcp true", "+ port", "+ port: fixed ips 10.64.0.1",
		}, prepare: func(*env) func(context.Context, *CPI) error {
			return creatingNetwork(bosh.SubnetDefinition{NetmaskBits: 26, CloudProperties: []byte(`{"subnet_pool":"ranges","router":"router"}`)})
		}},
		{name: "delete_network", repeatable: true, done: []string{"- network", "- subnet", "- router", "- port"}, prepare: func(e *env) func(context.Context, *CPI) error {
			made, err := e.cpi().CreateNetwork(e.Context(), bosh.CreateNetworkArgs{Subnet: bosh.SubnetDefinition{
				Range: "10.9.0.0/24", CloudProperties: []byte(`{"external_network":"external"}`),
			}})
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteNetwork(ctx, bosh.NetworkArgs{Network: made.CID})
				return err
			}
		}},
		{name: "create_vm from volume", done: newVM(
			"+ port", "+ port: network private", "+ port: fixed ips 10.0.0.10", "+ volume", "+ volume: size 5",
			"+ volume: image tiny-public", "+ volume: bootable true", "+ volume: metadata.boot_volume_of new server",
			"+ volume: metadata.director_uuid …", "+ attachment", "+ attachment: device /dev/vda",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true,"root_disk":{"size":5}}`)
			})
		}},
		{name: "create_vm from volume in a zone", done: newVM(
			"+ port", "+ port: network private", "+ volume", "+ volume: size 5", "+ volume: zone z2", "+ volume: name vm-…-root",
			"+ volume: image tiny-public", "+ volume: bootable true", "+ volume: metadata.boot_volume_of new server",
			"+ volume: metadata.director_uuid …", "+ attachment", "+ attachment: device /dev/vda",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true,"root_disk":{"size":5,"type":"ssd","availability_zone":"z2"}}`)
			})
		}},
		{name: "create_vm with a data volume", done: newVM(
			"+ port", "+ port: network private", "+ server: image tiny-public", "+ volume", "+ volume: size 7", "+ server: metadata.data_volume true",
			"+ volume: metadata.boot_volume_of new server", "+ volume: metadata.director_uuid …", "+ attachment", "+ attachment: device /dev/vdc",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","block_devices":[{"type":"volume","size":7}]}`)
			})
		}},
		{name: "create_vm in a pool", done: newVM(
			"+ port", "+ port: network private", "+ port: fixed ips 10.0.0.10", "+ server: image tiny-public",
			"+ server: metadata.lbaas_pool_1 pool-1/…", "+ member", "+ member: address 10.0.0.10", "+ member: port 8080",
			"+ member: label vm-…",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, e.pool()))
			})
		}},
		{name: "create_vm in a new server group", done: newVM(
			"+ server group", "+ server group: policy soft-anti-affinity", "+ server group: members new server",
			"+ server group: name openstack-bosh-cpi director=… deployment=cf policy=soft-anti-affinity group=d-cf-router",
			"+ port", "+ port: network private", "+ server: image tiny-public", "+ server: metadata.server_group new server group", "+ server: server group new server group",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			e.overrides["default_server_group_policy"] = "soft-anti-affinity"
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.manual("10.0.0.10"), smallVM) })
		}},
		{name: "create_vm in a server group", done: newVM(
			"+ port", "+ port: network private", "+ server: image tiny-public", "+ server: metadata.server_group the server group", "+ server: server group the server group",
			"~ server group: members the server -> the server, new server",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			e.overrides["default_server_group_policy"] = "soft-anti-affinity"
			e.vm("10.0.0.11")
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.manual("10.0.0.10"), smallVM) })
		}},
		{name: "create_vm in a server group by name", done: newVM(
			"+ port", "+ port: network private", "+ server: image tiny-public", "+ server: server group the server group", "~ server group: members  -> new server",
		), prepare: func(e *env) func(context.Context, *CPI) error {
			e.serverGroup(operators)
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","server_group":"operators"}`)
			})
		}},
		{name: "delete_vm", repeatable: true, done: []string{"- server", "- port"}, prepare: func(e *env) func(context.Context, *CPI) error {
			return deleting(e, smallVM)
		}},
		{name: "delete_vm with a data volume", repeatable: true, done: []string{"- server", "- port", "- volume", "- attachment"}, prepare: func(e *env) func(context.Context, *CPI) error {
			return deleting(e, `{"instance_type":"m1.small","block_devices":[{"type":"volume","size":7}]}`)
		}},
		{name: "delete_vm in a pool", repeatable: true, done: []string{"- server", "- port", "- member"}, prepare: func(e *env) func(context.Context, *CPI) error {
			return deleting(e, fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, e.pool()))
		}},
		{name: "delete_vm in a server group", repeatable: true, done: []string{"- server", "- port", "- server group"}, prepare: func(e *env) func(context.Context, *CPI) error {
			e.overrides["default_server_group_policy"] = "soft-anti-affinity"
			return deleting(e, smallVM)
		}},
		{name: "reboot_vm", repeatable: true, done: []string{"~ server: boots 1 -> 2"}, twice: []string{"~ server: boots 1 -> 3"}, prepare: func(e *env) func(context.Context, *CPI) error {
			vm := e.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.RebootVM(ctx, bosh.VMArgs{VM: vm})
				return err
			}
		}},
		{name: "set_vm_metadata", repeatable: true, done: []string{
			"~ server: metadata.name  -> router/1", "~ server: metadata.job  -> router",
		}, prepare: func(e *env) func(context.Context, *CPI) error {
			e.overrides["human_readable_vm_names"] = false
			return settingMetadata(e)
		}},
		{name: "set_vm_metadata with human_readable_vm_names", repeatable: true, done: []string{
			"~ server: name vm-… -> router/1", "~ server: metadata.name  -> router/1",
			"~ server: metadata.job  -> router",
		}, prepare: settingMetadata},
		{name: "create_disk", done: []string{
			"+ volume", "+ volume: size 2", "+ volume: status available", "+ volume: name volume-…",
			"+ volume: metadata.bosh_cpi openstack-bosh-cpi", "+ volume: metadata.director_uuid …",
		}, prepare: func(*env) func(context.Context, *CPI) error {
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateDisk(ctx, bosh.CreateDiskArgs{SizeMiB: 2048})
				return err
			}
		}},
		{name: "delete_disk", repeatable: true, done: []string{"- volume"}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteDisk(ctx, bosh.DiskArgs{Disk: disk})
				return err
			}
		}},
		{name: "attach_disk", done: []string{
			"+ attachment", "+ attachment: device /dev/vdc", "~ server: volumes  -> the volume",
			"~ volume: attachments  -> the server", "~ volume: status available -> in-use",
		}, prepare: func(e *env) func(context.Context, *CPI) error {
			args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
			return func(ctx context.Context, c *CPI) error {
				_, err := c.AttachDisk(ctx, args)
				return err
			}
		}},
		{name: "detach_disk", repeatable: true, done: []string{
			"- attachment", "~ server: volumes the volume -> ", "~ volume: attachments the server -> ",
			"~ volume: status in-use -> available",
		}, prepare: func(e *env) func(context.Context, *CPI) error {
			args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
			_, err := e.cpi().AttachDisk(e.Context(), args)
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DetachDisk(ctx, args)
				e.pass(50 * time.Millisecond) // Nova lists the attachment a little longer than Cinder
				return err
			}
		}},
		{name: "set_disk_metadata", repeatable: true, done: []string{"~ volume: metadata.deployment  -> cf"}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SetDiskMetadata(ctx, bosh.SetDiskMetadataArgs{Disk: disk, Metadata: bosh.Metadata{"deployment": "cf"}})
				return err
			}
		}},
		{name: "resize_disk", repeatable: true, done: []string{"~ volume: size 1 -> 4"}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.ResizeDisk(ctx, bosh.ResizeDiskArgs{Disk: disk, SizeMiB: 4096})
				return err
			}
		}},
		{name: "resize_disk attached", repeatable: true, done: []string{"~ volume: size 1 -> 4"}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: disk})
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.ResizeDisk(ctx, bosh.ResizeDiskArgs{Disk: disk, SizeMiB: 4096})
				return err
			}
		}},
		{name: "update_disk", repeatable: true, done: []string{"~ volume: type ssd -> hdd", "~ volume: size 1 -> 4"}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.UpdateDisk(ctx, bosh.UpdateDiskArgs{Disk: disk, SizeMiB: 4096, CloudProperties: []byte(`{"type":"hdd"}`)})
				return err
			}
		}},
		{name: "update_disk type by id", repeatable: true, done: []string{"~ volume: type ssd -> hdd"}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk, hdd := e.disk(), e.cloud.Fixtures().VolumeTypes["hdd"]
			return func(ctx context.Context, c *CPI) error {
				_, err := c.UpdateDisk(ctx, bosh.UpdateDiskArgs{Disk: disk, SizeMiB: 1024, CloudProperties: fmt.Appendf(nil, `{"type":%q}`, hdd)})
				return err
			}
		}},
		{name: "snapshot_disk", done: []string{
			"+ snapshot", "+ snapshot: volume the volume", "+ snapshot: status available",
			"+ snapshot: metadata.bosh_cpi openstack-bosh-cpi", "+ snapshot: metadata.director_uuid …",
		}, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SnapshotDisk(ctx, bosh.SnapshotDiskArgs{Disk: disk})
				return err
			}
		}},
		{name: "delete_snapshot", repeatable: true, done: []string{"- snapshot"}, prepare: func(e *env) func(context.Context, *CPI) error {
			snapshot, err := e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: e.disk()})
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteSnapshot(ctx, bosh.DeleteSnapshotArgs{Snapshot: snapshot})
				return err
			}
		}},
	}
}

// newVM returns what every create_vm must do, and more.
func newVM(more ...string) []string {
	return append(more,
		"+ server", "+ server: name vm-…", "+ server: status active", "+ server: boots 1", "+ server: flavor m1.small", "+ server: key pair bosh",
		"+ server: metadata.registry_key vm-…", "+ server: metadata.agent_id agent-1", "+ server: metadata.deployment cf",
		"+ server: metadata.team blue", "+ server: metadata.bosh_cpi openstack-bosh-cpi", "+ server: metadata.director_uuid …",
		"+ server: user data …", "+ port: device new server", "+ port: security groups default, bosh",
	)
}

func creating(_ *env, args func() bosh.CreateVMArgs) func(context.Context, *CPI) error {
	return func(ctx context.Context, c *CPI) error {
		_, err := c.CreateVM(ctx, args())
		return err
	}
}

func creatingNetwork(want bosh.SubnetDefinition) func(context.Context, *CPI) error {
	return func(ctx context.Context, c *CPI) error {
		_, err := c.CreateNetwork(ctx, bosh.CreateNetworkArgs{Subnet: want})
		return err
	}
}

func settingMetadata(e *env) func(context.Context, *CPI) error {
	vm := e.vm("10.0.0.10")
	return func(ctx context.Context, c *CPI) error {
		_, err := c.SetVMMetadata(ctx, bosh.SetVMMetadataArgs{VM: vm, Metadata: bosh.Metadata{"name": "router/1", "job": "router"}})
		return err
	}
}

func deleting(e *env, cloudProperties string) func(context.Context, *CPI) error {
	created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), cloudProperties))
	require.NoError(e, err)
	return func(ctx context.Context, c *CPI) error {
		_, err := c.DeleteVM(ctx, bosh.VMArgs{VM: created.CID})
		return err
	}
}

// floatingIP returns an address that is not associated.
func (e *env) floatingIP() string {
	return e.floatingIPs()[0]
}

func (e *env) pool() string { return slices.Min(slices.Collect(maps.Keys(e.cloud.Fixtures().Pools))) }

func (e *env) twoNetworks() bosh.Networks {
	return e.networks(`{"b":{"type":"manual","ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q}},
		"a":{"type":"manual","ip":"10.0.1.10","cloud_properties":{"net_id":%q}}}`,
		e.cloud.Fixtures().Networks["private"], e.cloud.Fixtures().Networks["private-2"])
}
