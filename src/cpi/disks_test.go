package cpi

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const unknownID = "5a2c9d1e-0000-4000-8000-000000000000"

func TestCreateDisk(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args       bosh.CreateDisk
		configured string
		size       int
		volumeType string
	}{
		"rounds up":                    {args: bosh.CreateDisk{SizeMiB: 1025}, size: 2, volumeType: "ssd"},
		"configured type":              {args: bosh.CreateDisk{SizeMiB: 1024}, configured: "hdd", size: 1, volumeType: "hdd"},
		"own type":                     {args: bosh.CreateDisk{SizeMiB: 1024, CloudProperties: []byte(`{"type":"ssd"}`)}, configured: "hdd", size: 1, volumeType: "ssd"},
		"null properties":              {args: bosh.CreateDisk{SizeMiB: 1024, CloudProperties: []byte(`null`)}, size: 1, volumeType: "ssd"},
		"for a VM that does not exist": {args: bosh.CreateDisk{SizeMiB: 1024, VM: unknownID}, size: 1, volumeType: "ssd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(w *world) {
				if test.configured != "" {
					w.overrides["default_volume_type"] = test.configured
				}
				disk, err := w.cpi().CreateDisk(w.Context(), test.args)
				require.NoError(w, err)
				volume, err := w.cpi().volume.Volume(w.Context(), string(disk))
				require.NoError(w, err)
				assert.Equal(w, test.size, volume.Size)
				assert.Equal(w, test.volumeType, volume.VolumeType)
				assert.Equal(w, "openstack-bosh-cpi", volume.Metadata["bosh_cpi"])
				assert.Equal(w, directorUUID, volume.Metadata["director_uuid"])
			})
		})
	}
}

func TestCreateDiskRefuses(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{Quotas: map[string]int{"gigabytes": 2}}, func(w *world) {
		_, err := w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1023})
		assert.Contains(w, w.kind(err, bosh.CloudError), "Minimum disk size is 1 GiB")
		_, err = w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1024, CloudProperties: []byte(`{"type":7}`)})
		assert.Contains(w, w.kind(err, bosh.CPIError), "cloud_properties.type must not be a number")
		_, err = w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1024, CloudProperties: []byte(`{"type":"tape"}`)})
		assert.Contains(w, w.kind(err, bosh.CloudError), "tape")
		_, err = w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 3 * 1024})
		w.kind(err, bosh.NoDiskSpace)
	})
}

// A volume that ends in error, or never gets ready, is taken away again.
func TestCreateDiskLeavesNoBrokenVolume(t *testing.T) {
	t.Parallel()
	for _, ailment := range []simulator.Ailment{
		{Resource: "volume", Phase: "create"},
		{Resource: "volume", Phase: "create", Stuck: true},
	} {
		inCloud(t, simulator.Options{}, func(w *world) {
			w.cloud.Afflict(ailment)
			before := w.cloud.Inventory()
			_, err := w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1024})
			text := w.kind(err, bosh.CloudError)
			if left := w.cloud.Inventory().Diff(before); len(left) > 0 {
				// Cinder refuses to delete a volume that is still being made.
				assert.True(w, ailment.Stuck)
				assert.Contains(w, text, "left behind, delete by hand: volume volume-")
			}
		})
	}
}

func TestDeleteDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		disk := w.disk()
		vm := w.vm("10.0.0.10")
		args := bosh.AttachDisk{VM: vm, Disk: disk}
		_, err := w.cpi().AttachDisk(w.Context(), args)
		require.NoError(w, err)
		_, err = w.cpi().DeleteDisk(w.Context(), bosh.Disk{Disk: disk})
		assert.Contains(w, w.kind(err, bosh.CloudError), "Cannot delete volume `"+string(disk)+"', state is in-use")

		_, err = w.cpi().DeleteVM(w.Context(), bosh.VM{VM: vm})
		require.NoError(w, err)
		for range 2 { // the second time it is gone already
			_, err = w.cpi().DeleteDisk(w.Context(), bosh.Disk{Disk: disk})
			require.NoError(w, err)
		}
		has, err := w.cpi().HasDisk(w.Context(), bosh.Disk{Disk: disk})
		require.NoError(w, err)
		assert.False(w, has)
	})
}

func TestAttachAndDetachDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		vm, one, two, three := w.vm("10.0.0.10"), w.disk(), w.disk(), w.disk()
		attach := func(disk bosh.DiskCID) bosh.DiskHint {
			hint, err := w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: disk})
			require.NoError(w, err)
			return hint
		}
		first := attach(one)
		assert.Equal(w, "/dev/disk/by-id/virtio-"+string(one)[:20], string(first))
		assert.Equal(w, first, attach(one), "attaching again tells the same path")
		assert.NotEqual(w, first, attach(two))

		for range 2 { // the second time it is detached already
			_, err := w.cpi().DetachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: one})
			require.NoError(w, err)
		}
		assert.NotEqual(w, first, attach(three), "Nova fills the hole in the letters")
		disks, err := w.cpi().GetDisks(w.Context(), bosh.VM{VM: vm})
		require.NoError(w, err)
		assert.ElementsMatch(w, []bosh.DiskCID{two, three}, disks)

		_, err = w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: unknownID})
		assert.Contains(w, w.kind(err, bosh.DiskNotFound), "Volume `"+unknownID+"' not found")
		_, err = w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: "no-uuid"})
		w.kind(err, bosh.DiskNotFound)
		_, err = w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: unknownID, Disk: one})
		assert.Contains(w, w.kind(err, bosh.VMNotFound), "Server `"+unknownID+"' not found")
		_, err = w.cpi().DetachDisk(w.Context(), bosh.AttachDisk{VM: unknownID, Disk: one})
		w.kind(err, bosh.VMNotFound)
		_, err = w.cpi().DetachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: unknownID})
		require.NoError(w, err)
	})
}

// Nova lists a volume for some moments after Cinder calls it available, and refuses to attach what it lists.
func TestDetachedMeansDetached(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{Latencies: simulator.Latencies{AttachmentForget: 3 * time.Second}}, func(w *world) {
		vm, other, disk := w.vm("10.0.0.10"), w.vm("10.0.0.11"), w.disk()
		for range 2 { // from one VM to the other and back
			args := bosh.AttachDisk{VM: vm, Disk: disk}
			_, err := w.cpi().AttachDisk(w.Context(), args)
			require.NoError(w, err)
			_, err = w.cpi().DetachDisk(w.Context(), args)
			require.NoError(w, err)
			vm, other = other, vm
		}

		args := bosh.AttachDisk{VM: vm, Disk: disk}
		_, err := w.cpi().AttachDisk(w.Context(), args)
		require.NoError(w, err)
		require.NoError(w, w.cpi().compute.Detach(w.Context(), string(vm), string(disk)))
		hint, err := w.cpi().AttachDisk(w.Context(), args)
		require.NoError(w, err, "a detachment under way is waited for")
		assert.NotEmpty(w, hint)
		volume, err := w.cpi().volume.Volume(w.Context(), string(disk))
		require.NoError(w, err)
		assert.Equal(w, "in-use", volume.Status)
	})
}

// An attachment that an earlier call has left under way is waited for.
func TestAttachedMeansAttached(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		vm, disk := w.vm("10.0.0.10"), w.disk()
		_, err := w.cpi().compute.Attach(w.Context(), string(vm), string(disk))
		require.NoError(w, err)
		_, err = w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: disk})
		require.NoError(w, err)
		volume, err := w.cpi().volume.Volume(w.Context(), string(disk))
		require.NoError(w, err)
		assert.Equal(w, "in-use", volume.Status)
	})
}

// A disk that the hypervisor does not let go is reported at once.
func TestDetachIsRefused(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		args := bosh.AttachDisk{VM: w.vm("10.0.0.10"), Disk: w.disk()}
		_, err := w.cpi().AttachDisk(w.Context(), args)
		require.NoError(w, err)
		w.cloud.Afflict(simulator.Ailment{Resource: "volume", Phase: "detach"})
		begun := time.Now()
		_, err = w.cpi().DetachDisk(w.Context(), args)
		assert.Contains(w, w.kind(err, bosh.CloudError), "Volume `"+string(args.Disk)+"' state is in-use, expected available")
		assert.Less(w, time.Since(begun), 2*time.Second)
	})
}

func TestGetDisksLeavesOutTheBootVolume(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true}`))
		require.NoError(w, err)
		disks, err := w.cpi().GetDisks(w.Context(), bosh.VM{VM: created.CID})
		require.NoError(w, err)
		assert.Empty(w, disks)
		attachments, err := w.cpi().compute.Attachments(w.Context(), string(created.CID))
		require.NoError(w, err)
		require.Len(w, attachments, 1)
		boot, err := w.cpi().volume.Volume(w.Context(), attachments[0].VolumeID)
		require.NoError(w, err)
		assert.Equal(w, "openstack-bosh-cpi", boot.Metadata["bosh_cpi"])
		assert.Equal(w, string(created.CID), boot.Metadata["boot_volume_of"])
	})
}

func TestResizeDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		disk := w.disk()
		resize := func(mib int) error {
			_, err := w.cpi().ResizeDisk(w.Context(), bosh.ResizeDisk{Disk: disk, SizeMiB: mib})
			return err
		}
		require.NoError(w, resize(1024))
		require.NoError(w, resize(2049))
		volume, err := w.cpi().volume.Volume(w.Context(), string(disk))
		require.NoError(w, err)
		assert.Equal(w, 3, volume.Size)
		assert.Equal(w, "available", volume.Status)
		assert.Contains(w, w.kind(resize(1024), bosh.NotSupported), "Cannot resize volume to a smaller size from 3 GiB to 1 GiB")

		_, err = w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: w.vm("10.0.0.10"), Disk: disk})
		require.NoError(w, err)
		assert.Contains(w, w.kind(resize(8192), bosh.NotSupported), "it still has 1 attachment(s)")
		_, err = w.cpi().ResizeDisk(w.Context(), bosh.ResizeDisk{Disk: unknownID, SizeMiB: 1024})
		assert.Contains(w, w.kind(err, bosh.DiskNotFound), "Cannot resize volume because volume with "+unknownID+" not found")
	})
}

func TestSetDiskMetadata(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		disk := w.disk()
		for _, metadata := range []bosh.Metadata{{"deployment": "cf", "index": 1}, {"deployment": "cf2", "ümlaut": "b"}, {}} {
			_, err := w.cpi().SetDiskMetadata(w.Context(), bosh.SetDiskMetadata{Disk: disk, Metadata: metadata})
			require.NoError(w, err)
		}
		volume, err := w.cpi().volume.Volume(w.Context(), string(disk))
		require.NoError(w, err)
		assert.Equal(w, map[string]string{"bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID, "deployment": "cf2", "index": "1", "_mlaut": "b"}, volume.Metadata)
		_, err = w.cpi().SetDiskMetadata(w.Context(), bosh.SetDiskMetadata{Disk: unknownID, Metadata: bosh.Metadata{"a": "b"}})
		assert.Contains(w, w.kind(err, bosh.DiskNotFound), "Disk `"+unknownID+"' not found")
	})
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		disk, vm := w.disk(), w.vm("10.0.0.10")
		_, err := w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: vm, Disk: disk})
		require.NoError(w, err)
		cid, err := w.cpi().SnapshotDisk(w.Context(), bosh.SnapshotDisk{Disk: disk, Metadata: bosh.Metadata{
			"deployment": "cf", "job": "router", "index": float64(0), "director_name": "d", "director_uuid": directorUUID, "agent_id": "a", "instance_id": "i",
		}})
		require.NoError(w, err)
		snapshot, err := w.cpi().volume.Snapshot(w.Context(), string(cid))
		require.NoError(w, err)
		assert.Equal(w, "cf/router/0/vdc", snapshot.Description, "vdb is the flavor's ephemeral disk")
		assert.Equal(w, map[string]string{
			"deployment": "cf", "director": "d", "director_uuid": directorUUID, "agent_id": "a", "instance_id": "i",
			"instance_index": "0", "instance_name": "router/i", "bosh_cpi": "openstack-bosh-cpi",
		}, snapshot.Metadata)

		few, err := w.cpi().SnapshotDisk(w.Context(), bosh.SnapshotDisk{Disk: disk})
		require.NoError(w, err, "no metadata at all")
		for _, id := range []bosh.SnapshotCID{cid, few, cid, unknownID} {
			_, err = w.cpi().DeleteSnapshot(w.Context(), bosh.DeleteSnapshot{Snapshot: id})
			require.NoError(w, err)
		}
		_, err = w.cpi().SnapshotDisk(w.Context(), bosh.SnapshotDisk{Disk: unknownID})
		w.kind(err, bosh.DiskNotFound)
	})
}

// A cloud that is ill is an error, never a "no": the resurrector would build a
// VM that is there a second time.
func TestIllnessIsNotAbsence(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		{Status: http.StatusInternalServerError, Times: -1},
		{Status: http.StatusBadGateway, Times: -1},
		{Kind: simulator.Refused, Times: -1},
		{Kind: simulator.Swallowed, Times: -1},
		{Status: http.StatusNotFound, Body: "<html>nginx: not found</html>", Times: -1},
	} {
		inCloud(t, simulator.Options{}, func(w *world) {
			vm, disk := w.vm("10.0.0.10"), w.disk()
			fault.Match = func(e simulator.Exchange) bool { return e.Service != "identity" }
			w.cloud.Inject(fault)
			_, err := w.cpi().HasVM(w.Context(), bosh.VM{VM: vm})
			w.kind(err, bosh.CloudError)
			_, err = w.cpi().HasDisk(w.Context(), bosh.Disk{Disk: disk})
			w.kind(err, bosh.CloudError)
		})
	}
}

// A cloud that needs two seconds is answered in two and a half, whatever the
// configured poll interval.
func TestWaitsAreShort(t *testing.T) {
	t.Parallel()
	two := 2 * time.Second
	latencies := simulator.Latencies{VolumeCreate: two, VolumeAttach: two, VolumeDetach: two, VolumeExtend: two, SnapshotCreate: two, VolumeDelete: two}
	inCloud(t, simulator.Options{Latencies: latencies}, func(w *world) {
		within := func(what string, call func() error) {
			begun := time.Now()
			require.NoError(w, call(), what)
			assert.LessOrEqual(w, time.Since(begun), 2500*time.Millisecond, what)
		}
		vm := w.vm("10.0.0.10")
		var disk bosh.DiskCID
		within("create_disk", func() (err error) {
			disk, err = w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1024})
			return err
		})
		args := bosh.AttachDisk{VM: vm, Disk: disk}
		within("attach_disk", func() error { _, err := w.cpi().AttachDisk(w.Context(), args); return err })
		within("snapshot_disk", func() error {
			snapshot, err := w.cpi().SnapshotDisk(w.Context(), bosh.SnapshotDisk{Disk: disk})
			require.NoError(w, err)
			_ = snapshot
			return err
		})
		within("detach_disk", func() error { _, err := w.cpi().DetachDisk(w.Context(), args); return err })
		within("resize_disk", func() error {
			_, err := w.cpi().ResizeDisk(w.Context(), bosh.ResizeDisk{Disk: disk, SizeMiB: 2048})
			return err
		})
	})
}
