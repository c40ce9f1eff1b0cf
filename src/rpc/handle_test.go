package rpc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
)

// echo returns a method that returns its decoded arguments.
func echo[A any]() rpc.Method {
	return rpc.Handle(func(_ context.Context, args A) (A, error) { return args, nil })
}

// echoes returns the methods of the CPI API with their real arguments.
func echoes() rpc.Methods {
	return rpc.Methods{
		"info": echo[bosh.AnyArgs](), "ping": echo[bosh.AnyArgs](), "current_vm_id": echo[bosh.AnyArgs](), "configure_networks": echo[bosh.AnyArgs](),
		"create_stemcell": echo[bosh.CreateStemcellArgs](), "delete_stemcell": echo[bosh.DeleteStemcellArgs](),
		"create_vm": echo[bosh.CreateVMArgs](), "delete_vm": echo[bosh.VMArgs](), "has_vm": echo[bosh.VMArgs](), "reboot_vm": echo[bosh.VMArgs](),
		"set_vm_metadata": echo[bosh.SetVMMetadataArgs](), "calculate_vm_cloud_properties": echo[bosh.CalculateVMArgs](),
		"create_disk": echo[bosh.CreateDiskArgs](), "delete_disk": echo[bosh.DiskArgs](), "has_disk": echo[bosh.DiskArgs](),
		"attach_disk": echo[bosh.VMDiskArgs](), "detach_disk": echo[bosh.VMDiskArgs](), "get_disks": echo[bosh.VMArgs](),
		"set_disk_metadata": echo[bosh.SetDiskMetadataArgs](), "resize_disk": echo[bosh.ResizeDiskArgs](), "update_disk": echo[bosh.UpdateDiskArgs](),
		"snapshot_disk": echo[bosh.SnapshotDiskArgs](), "delete_snapshot": echo[bosh.DeleteSnapshotArgs](),
		"create_network": echo[bosh.AnyArgs](), "delete_network": echo[bosh.AnyArgs](),
	}
}

func request(method, arguments string, version int) string {
	return fmt.Sprintf(`{"method":%q,"arguments":%s,"context":{"director_uuid":"d"},"api_version":%d}`, method, arguments, version)
}

func TestArgumentsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ method, arguments, message string }{
		{"delete_vm", `[]`, "delete_vm: argument 1 (vm_cid) is missing"},
		{"delete_vm", `[null]`, "delete_vm: argument 1 (vm_cid) must not be null"},
		{"delete_vm", `[""]`, "delete_vm: argument 1 (vm_cid) must not be empty"},
		{"delete_vm", `["  "]`, "delete_vm: argument 1 (vm_cid) must not be empty"},
		{"delete_vm", `[5]`, "delete_vm: argument 1 (vm_cid) must be a string, got a number"},
		{"delete_vm", `[["canary"]]`, "delete_vm: argument 1 (vm_cid) must be a string, got an array"},
		{"delete_vm", `[{"canary":1}]`, "delete_vm: argument 1 (vm_cid) must be a string, got an object"},
		{"delete_vm", `[true]`, "delete_vm: argument 1 (vm_cid) must be a string, got a boolean"},
		{"delete_vm", `["vm","canary"]`, "delete_vm: at most 1 arguments expected, got 2"},
		{"attach_disk", `["vm"]`, "attach_disk: argument 2 (disk_cid) is missing"},
		{"delete_vm", `[".."]`, "delete_vm: argument 1 (vm_cid) cannot be the id of a resource"},
		{"has_vm", `["x?y=1"]`, "has_vm: argument 1 (vm_cid) cannot be the id of a resource"},
		{"has_disk", `["a/b"]`, "has_disk: argument 1 (disk_cid) cannot be the id of a resource"},
		{"delete_snapshot", `["detail"]`, "delete_snapshot: argument 1 (snapshot_cid) cannot be the id of a resource"},
		{"delete_stemcell", `["a#b light"]`, "delete_stemcell: argument 1 (stemcell_cid) cannot be the id of a resource"},
		{"create_disk", `[1,{},"a b"]`, "create_disk: argument 3 (vm_cid) cannot be the id of a resource"},
		{"create_vm", `["a","s",{},{},["d","%2e"]]`, "create_vm: argument 5 (disk_cids)[1] cannot be the id of a resource"},
		{"create_disk", `["canary"]`, "create_disk: argument 1 (size) must be an integer, got a string"},
		{"create_disk", `[1234567.5]`, "create_disk: argument 1 (size) must be an integer, got a number"},
		{"create_disk", `[12345678901234567890]`, "create_disk: argument 1 (size) must be an integer, got a number"},
		{"create_disk", `[1,{},5]`, "create_disk: argument 3 (vm_cid) must be a string, got a number"},
		{"set_vm_metadata", `["vm",["canary"]]`, "set_vm_metadata: argument 2 (metadata) must be an object, got an array"},
		{"set_vm_metadata", `["vm"]`, "set_vm_metadata: argument 2 (metadata) is missing"},
		{"create_stemcell", `["/image",{},{"tags":"canary"}]`, "create_stemcell: argument 3 (env) at tags must be an object, got a string"},
		{"calculate_vm_cloud_properties", `[{"cpu":"canary"}]`, "calculate_vm_cloud_properties: argument 1 (vm_resources) at cpu must be an integer, got a string"},
		{"create_vm", `["a","s",{},{},"canary",{}]`, "create_vm: argument 5 (disk_cids) must be an array, got a string"},
		{"create_vm", `["a","s",{},{},["d",5],{}]`, "create_vm: argument 5 (disk_cids) must be a string, got a number"},
		{"create_vm", `["a","s",null,{}]`, "create_vm: argument 3 (cloud_properties) must not be null"},
	} {
		a := serve(t, echoes(), request(test.method, test.arguments, 2))
		require.NotNil(t, a.Error, a.raw)
		assert.Equal(t, "Bosh::Clouds::CpiError", a.Error.Type)
		assert.Equal(t, "Arguments are not correct, details: '"+test.message+"'", a.Error.Message)
		assert.NotContains(t, a.raw+a.log, "canary")
	}

	for _, networks := range []string{`["canary"]`, `"canary"`, `{"default":"canary"}`, `{"default":{"type":{"canary":1}}}`, `{"default":{"cloud_properties":{"security_groups":"canary"}}}`} {
		a := serve(t, echoes(), request("create_vm", `["a","s",{},`+networks+`,[],{}]`, 2))
		require.NotNil(t, a.Error, a.raw)
		assert.Contains(t, a.Error.Message, "Arguments are not correct, details: 'create_vm: argument 4 (networks)")
		assert.NotContains(t, a.raw+a.log, "canary")
	}
}

func TestOptionalArguments(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{`[1024]`, `[1024,null]`, `[1024,null,null]`} {
		a := serve(t, rpc.Methods{"create_disk": rpc.Handle(func(_ context.Context, args bosh.CreateDiskArgs) (bool, error) {
			assert.Equal(t, bosh.CreateDiskArgs{SizeMiB: 1024}, args)
			return true, nil
		})}, request("create_disk", arguments, 2))
		assert.Equal(t, "true", string(a.Result))
	}
	a := serve(t, rpc.Methods{"create_disk": rpc.Handle(func(_ context.Context, args bosh.CreateDiskArgs) (bool, error) {
		assert.Equal(t, bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: json.RawMessage(`{"type":"ssd"}`), VM: "vm"}, args)
		return true, nil
	})}, request("create_disk", `[1024,{"type":"ssd"},"vm"]`, 2))
	assert.Equal(t, "true", string(a.Result))
}

func TestMethodsThatTakeAnything(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{`[]`, `[null]`, `[1,"a",{},[]]`} {
		assert.Nil(t, serve(t, echoes(), request("configure_networks", arguments, 2)).Error)
	}
}

func TestResultsFollowTheCallersVersion(t *testing.T) {
	t.Parallel()
	methods := rpc.Methods{
		"create_vm": rpc.Handle(func(_ context.Context, args bosh.CreateVMArgs) (bosh.CreatedVM, error) {
			return bosh.CreatedVM{CID: "vm", Networks: args.Networks}, nil
		}),
		"attach_disk": rpc.Handle(func(context.Context, bosh.VMDiskArgs) (bosh.DiskHint, error) { return "/dev/vdc", nil }),
		"delete_vm":   rpc.Handle(func(context.Context, bosh.VMArgs) (any, error) { return nil, nil }),
	}
	const networks = `{"z":{"type":"dynamic","extra":[2,1]},"a":{"type":"dynamic"}}`
	for _, test := range []struct {
		method, arguments string
		version           int
		want              string
	}{
		{"create_vm", `["a","s",{},` + networks + `]`, 1, `"vm"`},
		{"create_vm", `["a","s",{},` + networks + `]`, 2, `["vm",` + networks + `]`},
		{"create_vm", `["a","s",{},` + networks + `]`, 3, `["vm",` + networks + `]`},
		{"attach_disk", `["vm","disk"]`, 1, `null`},
		{"attach_disk", `["vm","disk"]`, 2, `"/dev/vdc"`},
		{"attach_disk", `["vm","disk"]`, 3, `"/dev/vdc"`},
		{"delete_vm", `["vm"]`, 2, `null`},
	} {
		a := serve(t, methods, request(test.method, test.arguments, test.version))
		assert.Equal(t, test.want, string(a.Result), "%s in version %d", test.method, test.version)
	}
}

func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	for arguments, size := range map[string]string{`[1024.0]`: "1024", `[1.024e3]`: "1024", `[1024]`: "1024", `[-1]`: "-1"} {
		a := serve(t, echoes(), request("create_disk", arguments, 2))
		require.Nil(t, a.Error, arguments)
		assert.Contains(t, a.raw, `"SizeMiB":`+size, arguments)
	}
}
