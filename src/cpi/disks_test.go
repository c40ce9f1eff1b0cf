package cpi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
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
		args       bosh.CreateDiskArgs
		configured string
		size       int
		volumeType string
	}{
		"rounds up":                    {args: bosh.CreateDiskArgs{SizeMiB: 1025}, size: 2, volumeType: "ssd"},
		"configured type":              {args: bosh.CreateDiskArgs{SizeMiB: 1024}, configured: "hdd", size: 1, volumeType: "hdd"},
		"own type":                     {args: bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"type":"ssd"}`)}, configured: "hdd", size: 1, volumeType: "ssd"},
		"null properties":              {args: bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`null`)}, size: 1, volumeType: "ssd"},
		"for a VM that does not exist": {args: bosh.CreateDiskArgs{SizeMiB: 1024, VM: unknownID}, size: 1, volumeType: "ssd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				if test.configured != "" {
					e.overrides["default_volume_type"] = test.configured
				}
				disk, err := e.cpi().CreateDisk(e.Context(), test.args)
				require.NoError(e, err)
				volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
				require.NoError(e, err)
				assert.Equal(e, test.size, volume.Size)
				assert.Equal(e, test.volumeType, volume.VolumeType)
				assert.Equal(e, "openstack-bosh-cpi", volume.Metadata["bosh_cpi"])
				assert.Equal(e, directorUUID, volume.Metadata["director_uuid"])
			})
		})
	}
}

func TestCreateDiskRefuses(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{Quotas: map[string]int{"gigabytes": 2}}, func(e *env) {
		_, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1023})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Minimum disk size is 1 GiB")
		_, err = e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"type":7}`)})
		assert.Contains(e, e.requireKind(err, bosh.CPIError), "cloud_properties.type must not be a number")
		_, err = e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"type":"tape"}`)})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "correct disk_types.*.cloud_properties.type of the cloud config")
		_, err = e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 3 * 1024})
		e.requireKind(err, bosh.NoDiskSpace)
	})
}

func TestFailedCreateDiskDeletesTheVolume(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "create"})
		before := e.cloud.Inventory()
		_, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "state is error, expected available")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// Cinder refuses to delete a volume that is being created. A volume that stays in
// this state is named for the operator.
func TestFailedCreateDiskNamesAStuckVolume(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["state_timeout"] = 60
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "create", Stuck: true})
		before := e.cloud.Inventory()
		begun := time.Now()
		_, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
		text := e.requireKind(err, bosh.CloudError)
		assert.InDelta(e, 120, time.Since(begun).Seconds(), 1, "state_timeout once for the creation, once for the undo")

		var id, name string
		left := e.cloud.Inventory().Diff(before)
		require.Len(e, left, 1)
		_, err = fmt.Sscanf(left[0], "+ volume %s (%s", &id, &name)
		require.NoError(e, err)
		assert.Contains(e, text, "Timed out waiting for Volume `"+id+"' to be available, its state is creating")
		assert.Contains(e, text, "left behind, delete by hand: volume "+strings.TrimSuffix(name, ")")+" with id "+id)
	})
}

func TestDeleteDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		vm := e.vm("10.0.0.10")
		args := bosh.VMDiskArgs{VM: vm, Disk: disk}
		_, err := e.cpi().AttachDisk(e.Context(), args)
		require.NoError(e, err)
		_, err = e.cpi().DeleteDisk(e.Context(), bosh.DiskArgs{Disk: disk})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Cannot delete volume `"+string(disk)+"', state is in-use")

		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		for range 2 { // the second time it is already deleted
			_, err = e.cpi().DeleteDisk(e.Context(), bosh.DiskArgs{Disk: disk})
			require.NoError(e, err)
		}
		has, err := e.cpi().HasDisk(e.Context(), bosh.DiskArgs{Disk: disk})
		require.NoError(e, err)
		assert.False(e, has)
	})
}

func TestAttachAndDetachDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm, one, two, three := e.vm("10.0.0.10"), e.disk(), e.disk(), e.disk()
		attach := func(disk bosh.DiskCID) bosh.DiskHint {
			hint, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
			require.NoError(e, err)
			return hint
		}
		first := attach(one)
		assert.Equal(e, "/dev/disk/by-id/virtio-"+string(one)[:20], string(first))
		assert.Equal(e, first, attach(one), "attaching again returns the same path")
		assert.NotEqual(e, first, attach(two))

		for range 2 { // the second time it is already detached
			_, err := e.cpi().DetachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: one})
			require.NoError(e, err)
		}
		assert.NotEqual(e, first, attach(three), "Nova reuses the first device name")
		disks, err := e.cpi().GetDisks(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		assert.ElementsMatch(e, []bosh.DiskCID{two, three}, disks)

		_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: unknownID})
		assert.Contains(e, e.requireKind(err, bosh.DiskNotFound), "Volume `"+unknownID+"' not found")
		_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: "no-uuid"})
		e.requireKind(err, bosh.DiskNotFound)
		_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: unknownID, Disk: one})
		assert.Contains(e, e.requireKind(err, bosh.VMNotFound), "Server `"+unknownID+"' not found")
		_, err = e.cpi().DetachDisk(e.Context(), bosh.VMDiskArgs{VM: unknownID, Disk: one})
		require.NoError(e, err, "the director's detachment of a dynamic disk from a lost VM")
		_, err = e.cpi().DetachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: unknownID})
		require.NoError(e, err)
	})
}

// Nova lists an attachment for some time after the volume is available, and
// refuses to attach the volume in that time.
func TestAttachDiskWaitsUntilNovaHasForgottenAnAttachment(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{Latencies: simulator.Latencies{AttachmentForget: 3 * time.Second}}, func(e *env) {
		vm, other, disk := e.vm("10.0.0.10"), e.vm("10.0.0.11"), e.disk()
		for range 2 { // from one VM to the other and back
			args := bosh.VMDiskArgs{VM: vm, Disk: disk}
			_, err := e.cpi().AttachDisk(e.Context(), args)
			require.NoError(e, err)
			_, err = e.cpi().DetachDisk(e.Context(), args)
			require.NoError(e, err)
			vm, other = other, vm
		}

		args := bosh.VMDiskArgs{VM: vm, Disk: disk}
		_, err := e.cpi().AttachDisk(e.Context(), args)
		require.NoError(e, err)
		require.NoError(e, e.cpi().compute.Detach(e.Context(), string(vm), string(disk)))
		hint, err := e.cpi().AttachDisk(e.Context(), args)
		require.NoError(e, err, "it waits for a detachment in progress")
		assert.NotEmpty(e, hint)
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, "in-use", volume.Status)
	})
}

// The refusal of a volume that Nova never forgets is returned in the end, and
// that of a volume of another VM at once.
func TestAttachDiskOfAnotherVM(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		detached bool
		took     time.Duration
	}{
		"attached":                    {took: time.Second},
		"detached, but not forgotten": {detached: true, took: 400 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{Latencies: simulator.Latencies{AttachmentForget: time.Hour}}, func(e *env) {
				args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
				_, err := e.cpi().AttachDisk(e.Context(), args)
				require.NoError(e, err)
				if test.detached {
					_, err = e.cpi().DetachDisk(e.Context(), args)
					require.NoError(e, err)
				}
				begun := time.Now()
				_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: e.vm("10.0.0.11"), Disk: args.Disk})
				assert.Contains(e, e.requireKind(err, bosh.CloudError), "is already attached to instances: "+string(args.VM))
				assert.Less(e, time.Since(begun), test.took+3*time.Second, "with the creation of the VM")
			})
		})
	}
}

func TestAttachDiskWaitsForAnAttachmentInProgress(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm, disk := e.vm("10.0.0.10"), e.disk()
		_, err := e.cpi().compute.Attach(e.Context(), string(vm), string(disk))
		require.NoError(e, err)
		_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
		require.NoError(e, err)
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, "in-use", volume.Status)
	})
}

// Nova refuses to attach a disk that another call has just attached. That
// attachment must not be undone.
func TestAttachDiskThatAnotherCallAttaches(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm, disk := e.vm("10.0.0.10"), e.disk()
		e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper { return otherAttaches{e, cloud, vm, disk} }
		hint, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
		require.NoError(e, err)
		assert.Equal(e, "/dev/disk/by-id/virtio-"+string(disk)[:20], string(hint))
		e.wrapTransport = nil
		disks, err := e.cpi().GetDisks(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		assert.Equal(e, []bosh.DiskCID{disk}, disks)
	})
}

// otherAttaches is a transport by which another call attaches the disk directly
// before the request to do so.
type otherAttaches struct {
	e     *env
	cloud http.RoundTripper
	vm    bosh.VMCID
	disk  bosh.DiskCID
}

func (o otherAttaches) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/os-volume_attachments") {
		o.e.wrapTransport = nil
		_, err := o.e.cpi().AttachDisk(o.e.Context(), bosh.VMDiskArgs{VM: o.vm, Disk: o.disk})
		require.NoError(o.e, err)
	}
	return o.cloud.RoundTrip(request)
}

// The undo of attach_disk waits for the end of the attachment, however the call
// has failed and although single polls fail in the undo, too.
func TestFailedAttachDiskDetachesTheVolume(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(e *env) context.Context{
		"odd polls": func(e *env) context.Context {
			e.cloud.Inject(simulator.Fault{On: "GET /volumes/{id}", Times: 3, Status: http.StatusNotFound})
			return e.Context()
		},
		"never three in succession": func(e *env) context.Context {
			e.overrides["state_timeout"] = 10
			polls := 0
			e.cloud.Inject(simulator.Fault{On: "GET /volumes/{id}", Times: -1, Status: http.StatusNotFound, Match: func(exchange simulator.Exchange) bool {
				if exchange.Call() == "GET /volumes/{id}" {
					polls++
				}
				return polls <= 40 && polls%3 != 0
			}})
			return e.Context()
		},
		"time-out": func(e *env) context.Context {
			e.overrides["state_timeout"] = 10
			return e.Context()
		},
		"SIGTERM": func(e *env) context.Context {
			ctx, cancel := context.WithCancel(e.Context())
			time.AfterFunc(10*time.Second, cancel)
			return ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
				before := e.cloud.Inventory()
				e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "attach", Slow: time.Minute})
				ctx := fail(e)
				_, err := e.cpi().AttachDisk(ctx, args)
				require.Error(e, err)
				assert.NotContains(e, err.Error(), "left behind")
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

// withoutDevice removes the device from the response to an attachment.
type withoutDevice struct{ http.RoundTripper }

func (w withoutDevice) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.RoundTripper.RoundTrip(request)
	if err != nil || request.Method != http.MethodPost || !strings.HasSuffix(request.URL.Path, "/os-volume_attachments") {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body, response.ContentLength = io.NopCloser(strings.NewReader(strings.Replace(string(body), `"/dev/vdc"`, "null", 1))), -1
	return response, err
}

func TestAttachDiskNeedsADevice(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm, disk := e.vm("10.0.0.10"), e.disk()
		before := e.cloud.Inventory()
		e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper { return withoutDevice{cloud} }
		_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Nova returned no device name")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// If the hypervisor does not detach the disk, the call fails at once.
func TestDetachDiskIsRefused(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
		_, err := e.cpi().AttachDisk(e.Context(), args)
		require.NoError(e, err)
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "detach"})
		begun := time.Now()
		_, err = e.cpi().DetachDisk(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Volume `"+string(args.Disk)+"' state is in-use, expected available")
		assert.Less(e, time.Since(begun), 2*time.Second)
	})
}

func TestGetDisksOmitsTheBootVolume(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true}`))
		require.NoError(e, err)
		disks, err := e.cpi().GetDisks(e.Context(), bosh.VMArgs{VM: created.CID})
		require.NoError(e, err)
		assert.Empty(e, disks)
		attachments, err := e.cpi().compute.Attachments(e.Context(), string(created.CID))
		require.NoError(e, err)
		require.Len(e, attachments, 1)
		boot, err := e.cpi().volume.Volume(e.Context(), attachments[0].VolumeID)
		require.NoError(e, err)
		assert.Equal(e, "openstack-bosh-cpi", boot.Metadata["bosh_cpi"])
		assert.Equal(e, string(created.CID), boot.Metadata["boot_volume_of"])
	})
}

func TestResizeDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		resize := func(mib int) error {
			_, err := e.cpi().ResizeDisk(e.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: mib})
			return err
		}
		require.NoError(e, resize(1024))
		require.NoError(e, resize(2049))
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, 3, volume.Size)
		assert.Equal(e, "available", volume.Status)
		assert.Contains(e, e.requireKind(resize(1024), bosh.NotSupported), "Cannot resize volume to a smaller size from 3 GiB to 1 GiB")
		_, err = e.cpi().ResizeDisk(e.Context(), bosh.ResizeDiskArgs{Disk: unknownID, SizeMiB: 1024})
		assert.Contains(e, e.requireKind(err, bosh.DiskNotFound), "Cannot resize volume because volume with "+unknownID+" not found")
	})
}

func TestSetDiskMetadata(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		for _, metadata := range []bosh.Metadata{{"deployment": "cf", "index": 1}, {"deployment": "cf2", "ümlaut": "b"}, {}} {
			_, err := e.cpi().SetDiskMetadata(e.Context(), bosh.SetDiskMetadataArgs{Disk: disk, Metadata: metadata})
			require.NoError(e, err)
		}
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, map[string]string{"bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID, "deployment": "cf2", "index": "1", "_mlaut": "b"}, volume.Metadata)
		_, err = e.cpi().SetDiskMetadata(e.Context(), bosh.SetDiskMetadataArgs{Disk: unknownID, Metadata: bosh.Metadata{"a": "b"}})
		assert.Contains(e, e.requireKind(err, bosh.DiskNotFound), "Disk `"+unknownID+"' not found")
	})
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk, vm := e.disk(), e.vm("10.0.0.10")
		_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
		require.NoError(e, err)
		cid, err := e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: disk, Metadata: bosh.Metadata{
			"deployment": "cf", "job": "router", "index": float64(0), "director_name": "d", "director_uuid": directorUUID, "agent_id": "a", "instance_id": "i",
		}})
		require.NoError(e, err)
		snapshot, err := e.cpi().volume.Snapshot(e.Context(), string(cid))
		require.NoError(e, err)
		assert.Equal(e, "cf/router/0/vdc", snapshot.Description, "vdb is the flavor's ephemeral disk")
		assert.Equal(e, map[string]string{
			"deployment": "cf", "director": "d", "director_uuid": directorUUID, "agent_id": "a", "instance_id": "i",
			"instance_index": "0", "instance_name": "router/i", "bosh_cpi": "openstack-bosh-cpi",
		}, snapshot.Metadata)

		few, err := e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: disk})
		require.NoError(e, err, "no metadata at all")
		for _, id := range []bosh.SnapshotCID{cid, few, cid, unknownID} {
			_, err = e.cpi().DeleteSnapshot(e.Context(), bosh.DeleteSnapshotArgs{Snapshot: id})
			require.NoError(e, err)
		}
		_, err = e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: unknownID})
		e.requireKind(err, bosh.DiskNotFound)
	})
}

// If the cloud does not answer, has_vm and has_disk return an error and not false:
// the resurrector would create the VM a second time.
func TestUnansweredLookUpIsNotAbsence(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		{Status: http.StatusInternalServerError, Times: -1},
		{Status: http.StatusBadGateway, Times: -1},
		{Kind: simulator.Refused, Times: -1},
		{Kind: simulator.Dropped, Times: -1},
		{Status: http.StatusNotFound, Body: "<html>nginx: not found</html>", Times: -1},
	} {
		inCloud(t, simulator.Options{}, func(e *env) {
			vm, disk := e.vm("10.0.0.10"), e.disk()
			fault.Match = func(e simulator.Exchange) bool { return e.Service != "identity" }
			e.cloud.Inject(fault)
			_, err := e.cpi().HasVM(e.Context(), bosh.VMArgs{VM: vm})
			e.requireKind(err, bosh.CloudError)
			_, err = e.cpi().HasDisk(e.Context(), bosh.DiskArgs{Disk: disk})
			e.requireKind(err, bosh.CloudError)
		})
	}
}

// The end of an operation that takes 2 s is noticed within 0.5 s, also if the
// configured poll interval is longer.
func TestWaitsAreShort(t *testing.T) {
	t.Parallel()
	two := 2 * time.Second
	latencies := simulator.Latencies{VolumeCreate: two, VolumeAttach: two, VolumeDetach: two, VolumeExtend: two, SnapshotCreate: two, VolumeDelete: two}
	inCloud(t, simulator.Options{Latencies: latencies}, func(e *env) {
		within := func(what string, call func() error) {
			begun := time.Now()
			require.NoError(e, call(), what)
			assert.LessOrEqual(e, time.Since(begun), 2500*time.Millisecond, what)
		}
		vm := e.vm("10.0.0.10")
		var disk bosh.DiskCID
		within("create_disk", func() (err error) {
			disk, err = e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
			return err
		})
		args := bosh.VMDiskArgs{VM: vm, Disk: disk}
		within("attach_disk", func() error { _, err := e.cpi().AttachDisk(e.Context(), args); return err })
		within("snapshot_disk", func() error {
			snapshot, err := e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: disk})
			require.NoError(e, err)
			_ = snapshot
			return err
		})
		within("detach_disk", func() error { _, err := e.cpi().DetachDisk(e.Context(), args); return err })
		within("resize_disk", func() error {
			_, err := e.cpi().ResizeDisk(e.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: 2048})
			return err
		})
	})
}
