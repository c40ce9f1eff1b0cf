package main

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/cpi"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
)

// methods returns the methods of the CPI API by name. Those that need the cloud
// load the configuration when they are called. The secrets of the request are
// known to the mask afterwards, before anything is quoted from it.
func (c *call) methods(_ context.Context, request bosh.Request) (rpc.Methods, error) {
	c.addSecrets(request)
	c.method = request.Method
	if id := request.Context.RequestID; id != "" {
		c.log = c.log.With("request_id", id)
	}
	return c.table(), nil
}

// table returns the methods by name.
func (c *call) table() rpc.Methods {
	return rpc.Methods{
		"info": rpc.Handle(c.info),
		"ping": rpc.Handle(c.ping),

		"create_stemcell": bind(c, (*cpi.CPI).CreateStemcell),
		"delete_stemcell": bind(c, (*cpi.CPI).DeleteStemcell),

		"create_vm":                     bind(c, (*cpi.CPI).CreateVM),
		"delete_vm":                     bind(c, (*cpi.CPI).DeleteVM),
		"has_vm":                        bind(c, (*cpi.CPI).HasVM),
		"reboot_vm":                     bind(c, (*cpi.CPI).RebootVM),
		"set_vm_metadata":               bind(c, (*cpi.CPI).SetVMMetadata),
		"calculate_vm_cloud_properties": bind(c, (*cpi.CPI).CalculateVMCloudProperties),
		"current_vm_id":                 bind(c, (*cpi.CPI).CurrentVMID),
		"configure_networks":            bind(c, (*cpi.CPI).ConfigureNetworks),

		"create_disk":       bind(c, (*cpi.CPI).CreateDisk),
		"delete_disk":       bind(c, (*cpi.CPI).DeleteDisk),
		"has_disk":          bind(c, (*cpi.CPI).HasDisk),
		"attach_disk":       bind(c, (*cpi.CPI).AttachDisk),
		"detach_disk":       bind(c, (*cpi.CPI).DetachDisk),
		"get_disks":         bind(c, (*cpi.CPI).GetDisks),
		"set_disk_metadata": bind(c, (*cpi.CPI).SetDiskMetadata),
		"resize_disk":       bind(c, (*cpi.CPI).ResizeDisk),
		"update_disk":       bind(c, (*cpi.CPI).UpdateDisk),
		"snapshot_disk":     bind(c, (*cpi.CPI).SnapshotDisk),
		"delete_snapshot":   bind(c, (*cpi.CPI).DeleteSnapshot),

		"create_network": bind(c, (*cpi.CPI).CreateNetwork),
		"delete_network": bind(c, (*cpi.CPI).DeleteNetwork),
	}
}

// bind turns a method of the CPI into one that rpc can call.
func bind[A, R any](c *call, method func(*cpi.CPI, context.Context, A) (R, error)) rpc.Method {
	return func(ctx context.Context, request bosh.Request) (any, error) {
		return rpc.Handle(func(ctx context.Context, args A) (result R, err error) {
			served, err := c.open(request)
			if err != nil {
				return result, err
			}
			ctx, cancel := openstack.WithLimit(ctx, c.limit())
			defer cancel()
			result, err = method(served, ctx, args)
			c.failure = err
			return result, c.withWarnings(err)
		})(ctx, request)
	}
}
