package cpi

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// sharedDisk creates a disk whose type allows several attachments.
func (e *env) sharedDisk() bosh.DiskCID {
	e.Helper()
	e.cloud.AddVolumeType("shared", map[string]string{"multiattach": "<is> True"})
	disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"type":"shared"}`)})
	require.NoError(e, err)
	return disk
}

// A disk whose type allows several attachments is a disk like others, and attached
// to one VM only.
func TestMultiattachDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk, one, two := e.sharedDisk(), e.vm("10.0.0.10"), e.vm("10.0.0.11")
		before := e.cloud.Inventory()
		attach := func(vm bosh.VMCID) error {
			_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
			return err
		}
		for range 2 { // the second time it is attached
			require.NoError(e, attach(one))
		}
		assert.Equal(e, "in-use", e.volumeOf(disk).Status)
		text := e.requireKind(attach(two), bosh.CloudError)
		assert.Contains(e, text, "volume "+string(disk)+" is attached to server "+string(one)+"; its type shared allows several attachments")
		require.Len(e, e.volumeOf(disk).Attachments, 1)
		_, err := e.cpi().DetachDisk(e.Context(), bosh.VMDiskArgs{VM: one, Disk: disk})
		require.NoError(e, err)
		assert.Empty(e, e.changes(before))
		require.NoError(e, attach(two))
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: two})
		require.NoError(e, err)
		_, err = e.cpi().DeleteDisk(e.Context(), bosh.DiskArgs{Disk: disk})
		require.NoError(e, err)
	})
	inCloud(t, simulator.Options{NovaMicroversion: 59}, func(e *env) {
		disk, vm := e.sharedDisk(), e.vm("10.0.0.10")
		before := e.cloud.Inventory()
		_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "Version 2.60 is not supported by the API")
		assert.Contains(e, text, "the cloud is too old for this feature")
		assert.Empty(e, e.changes(before))
	})
}

// A type that no back end has is refused, with and without copying the data.
func TestTypeWithoutBackend(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		before := e.cloud.Inventory()
		e.cloud.AddVolumeType("tape", map[string]string{"volume_backend_name": "tape"})
		for _, policy := range []string{"never", "on-demand"} {
			err := e.update(disk, 2048, `{"type":"tape","migration_policy":"`+policy+`"}`)
			assert.Contains(e, e.requireKind(err, bosh.NotSupported), "volume "+string(disk)+" still has the type ssd after its change to tape: ")
			assert.Empty(e, e.changes(before))
		}
		require.NoError(e, e.update(disk, 1024, `{"type":"hdd"}`))
	})
}
