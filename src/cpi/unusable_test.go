package cpi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// A response without the object says nothing about the object.
func TestResponsesWithoutTheObject(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{}`, ``, `<html>`, `{"server":{},"volume":{}}`, `{"server":{"status":"ACTIVE"},"volume":{"status":"available"}}`} {
		inCloud(t, simulator.Options{}, func(e *env) {
			vm, disk := e.vm("10.0.0.10"), e.disk()
			before := e.cloud.Inventory()
			e.cloud.Inject(simulator.Fault{On: "GET /servers/{id}", Kind: simulator.Altered, Body: answer, Times: -1})
			e.cloud.Inject(simulator.Fault{On: "GET /volumes/{id}", Kind: simulator.Altered, Body: answer, Times: -1})
			_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
			require.ErrorContains(e, err, "get server "+string(vm)+": OpenStack API UnusableResponse")
			_, err = e.cpi().HasVM(e.Context(), bosh.VMArgs{VM: vm})
			require.ErrorContains(e, err, "get server "+string(vm))
			_, err = e.cpi().HasDisk(e.Context(), bosh.DiskArgs{Disk: disk})
			require.ErrorContains(e, err, "get volume "+string(disk))
			assert.Empty(e, e.cloud.Inventory().Diff(before))
		})
	}
}

// notFound404 is a 404 that the service itself gives, though the object exists.
func notFound404(on string) simulator.Fault {
	return simulator.Fault{On: on, Status: http.StatusNotFound, Body: `{"itemNotFound": {"code": 404, "message": "Instance could not be found."}}`}
}

// A single 404 does not make the CPI forget an object.
func TestSingle404(t *testing.T) {
	t.Parallel()
	for _, on := range []string{"GET /servers/{id}", "DELETE /servers/{id}", "DELETE /ports/{id}"} {
		inCloud(t, simulator.Options{}, func(e *env) {
			before := e.cloud.Inventory()
			vm := e.vm("10.0.0.10")
			e.cloud.Inject(notFound404(on))
			_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
			require.NoError(e, err, on)
			assert.Empty(e, e.cloud.Inventory().Diff(before), on)
		})
	}
	inCloud(t, simulator.Options{}, func(e *env) {
		vm, disk := e.vm("10.0.0.10"), e.disk()
		for _, on := range []string{"GET /servers/{id}", "GET /volumes/{id}", "DELETE /volumes/{id}"} {
			e.cloud.Inject(notFound404(on))
		}
		exists, err := e.cpi().HasVM(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		assert.True(e, exists)
		exists, err = e.cpi().HasDisk(e.Context(), bosh.DiskArgs{Disk: disk})
		require.NoError(e, err)
		assert.True(e, exists)
		_, err = e.cpi().DeleteDisk(e.Context(), bosh.DiskArgs{Disk: disk})
		require.NoError(e, err)
		exists, err = e.cpi().HasDisk(e.Context(), bosh.DiskArgs{Disk: disk})
		require.NoError(e, err)
		assert.False(e, exists)
	})
	for _, on := range []string{"GET /servers/{id}", "GET /volumes/{id}"} {
		inCloud(t, simulator.Options{}, func(e *env) {
			e.cloud.Inject(notFound404(on))
			e.vm("10.0.0.10")
			e.disk()
		})
	}
}

// A list that is not a list must not be taken for an empty one: delete_vm would
// leave the ports.
func TestListThatIsNotAList(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{}`, ``, `{"port":{}}`} {
		inCloud(t, simulator.Options{}, func(e *env) {
			vm := e.vm("10.0.0.10")
			before := e.cloud.Inventory()
			e.cloud.Inject(simulator.Fault{On: "GET /ports", Kind: simulator.Altered, Body: answer, Times: -1})
			_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
			require.ErrorContains(e, err, "list ports of server "+string(vm)+": OpenStack API UnusableResponse")
			assert.Empty(e, e.cloud.Inventory().Diff(before))
		})
	}
}

func TestImpossibleSizes(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		before := e.cloud.Inventory()
		for _, size := range []int{-9007199254740991, 0, 1<<31 + 1, 9007199254740991} {
			_, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: size})
			assert.Contains(e, e.requireKind(err, bosh.CPIError), "must be 1 to 2147483648 MiB")
			_, err = e.cpi().ResizeDisk(e.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: size})
			assert.Contains(e, e.requireKind(err, bosh.CPIError), "must be 1 to 2147483648 MiB")
		}
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// Only a root disk with a type requests a microversion.
func TestNotAcceptable(t *testing.T) {
	t.Parallel()
	for properties, blamed := range map[string]bool{smallVM: false, `{"instance_type":"m1.small","boot_from_volume":true,"root_disk":{"size":8,"type":"ssd"}}`: true} {
		inCloud(t, simulator.Options{}, func(e *env) {
			e.cloud.Inject(simulator.Fault{On: "POST /servers", Status: http.StatusNotAcceptable})
			_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), properties))
			require.Error(e, err)
			assert.Equal(e, blamed, strings.Contains(err.Error(), "root_disk.type"), err.Error())
		})
	}
}
