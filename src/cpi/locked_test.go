package cpi

import (
	"context"
	"fmt"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// lock locks a server, or unlocks it.
func (e *env) lock(vm bosh.VMCID, locked bool) {
	e.Helper()
	_, session, _ := e.session()
	nova, err := session.Compute(e.Context())
	require.NoError(e, err)
	if locked {
		require.NoError(e, servers.Lock(e.Context(), nova, string(vm)).ExtractErr())
		return
	}
	require.NoError(e, servers.Unlock(e.Context(), nova, string(vm)).ExtractErr())
}

// A server that an operator has locked is not changed. The error says how to
// unlock it, and the repetition after that succeeds.
func TestLockedServer(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(e *env) (bosh.VMCID, func(context.Context, *CPI) error){
		"attach_disk": func(e *env) (bosh.VMCID, func(context.Context, *CPI) error) {
			args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
			return args.VM, func(ctx context.Context, c *CPI) error { _, err := c.AttachDisk(ctx, args); return err }
		},
		"detach_disk": func(e *env) (bosh.VMCID, func(context.Context, *CPI) error) {
			args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
			_, err := e.cpi().AttachDisk(e.Context(), args)
			require.NoError(e, err)
			return args.VM, func(ctx context.Context, c *CPI) error { _, err := c.DetachDisk(ctx, args); return err }
		},
		"reboot_vm": func(e *env) (bosh.VMCID, func(context.Context, *CPI) error) {
			args := bosh.VMArgs{VM: e.vm("10.0.0.10")}
			return args.VM, func(ctx context.Context, c *CPI) error { _, err := c.RebootVM(ctx, args); return err }
		},
		"set_vm_metadata": func(e *env) (bosh.VMCID, func(context.Context, *CPI) error) {
			args := bosh.SetVMMetadataArgs{VM: e.vm("10.0.0.10"), Metadata: bosh.Metadata{"job": "router"}}
			return args.VM, func(ctx context.Context, c *CPI) error { _, err := c.SetVMMetadata(ctx, args); return err }
		},
		"delete_vm": func(e *env) (bosh.VMCID, func(context.Context, *CPI) error) {
			args := bosh.VMArgs{VM: e.vm("10.0.0.10")}
			return args.VM, func(ctx context.Context, c *CPI) error { _, err := c.DeleteVM(ctx, args); return err }
		},
		"delete_vm in a pool": func(e *env) (bosh.VMCID, func(context.Context, *CPI) error) {
			created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"),
				fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, e.pool())))
			require.NoError(e, err)
			args := bosh.VMArgs{VM: created.CID}
			return args.VM, func(ctx context.Context, c *CPI) error { _, err := c.DeleteVM(ctx, args); return err }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				vm, call := prepare(e)
				before := e.cloud.Inventory()
				e.lock(vm, true)
				text := e.requireKind(call(e.Context(), e.cpi()), bosh.CloudError)
				assert.Contains(e, text, "(Instance "+string(vm)+" is locked)")
				assert.Contains(e, text, "the server is locked against changes: unlock it with `openstack server unlock <id>`")
				assert.Empty(e, e.changes(before))
				e.lock(vm, false)
				require.NoError(e, call(e.Context(), e.cpi()))
				assert.NotEmpty(e, e.changes(before))
			})
		})
	}
}
