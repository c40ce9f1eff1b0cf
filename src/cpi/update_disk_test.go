package cpi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// volumeOf returns the volume of a disk.
func (e *env) volumeOf(disk bosh.DiskCID) volumes.Volume {
	e.Helper()
	found, err := e.cpi().volume.Volume(e.Context(), string(disk))
	require.NoError(e, err)
	return found
}

func (e *env) update(disk bosh.DiskCID, mib int, cloudProperties string) error {
	e.Helper()
	cid, err := e.cpi().UpdateDisk(e.Context(), bosh.UpdateDiskArgs{Disk: disk, SizeMiB: mib, CloudProperties: []byte(cloudProperties)})
	if err == nil {
		assert.Equal(e, disk, cid)
	}
	return err
}

// The disks of these tests have 1 GiB, the type ssd and the zone z1.
func TestUpdateDisk(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configured      any
		mib             int
		cloudProperties string
		size            int
		volumeType      string
		calls           int
	}{
		"nothing":                     {nil, 1024, `{}`, 1, "ssd", 0},
		"no properties":               {nil, 1024, `null`, 1, "ssd", 0},
		"the same":                    {nil, 1000, `{"type":"ssd","availability_zone":"z1"}`, 1, "ssd", 0},
		"bigger":                      {nil, 2049, `{}`, 3, "ssd", 1},
		"another type":                {nil, 1024, `{"type":"hdd"}`, 1, "hdd", 1},
		"another type, with copy":     {nil, 1024, `{"type":"hdd","migration_policy":"on-demand"}`, 1, "hdd", 1},
		"bigger, of another type":     {nil, 3072, `{"type":"hdd","migration_policy":"never"}`, 3, "hdd", 2},
		"of the configured type":      {"hdd", 1024, `{}`, 1, "hdd", 1},
		"own instead of configured":   {"hdd", 1024, `{"type":"ssd"}`, 1, "ssd", 0},
		"any instead of configured":   {"hdd", 1024, `{"type":""}`, 1, "ssd", 0},
		"only its migration policy":   {nil, 1024, `{"type":"ssd","migration_policy":"on-demand"}`, 1, "ssd", 0},
		"a name, for a dynamic disk":  {nil, 2048, `{"name":"data"}`, 2, "ssd", 1},
		"a type's name like an id":    {nil, 1024, `{"type":"5a2c9d1e-0000-4000-8000-000000000000"}`, 1, "5a2c9d1e-0000-4000-8000-000000000000", 1},
		"of the type with an id":      {nil, 1024, `{"type":"HDD"}`, 1, "hdd", 1},
		"of the same type with an id": {nil, 1024, `{"type":"SSD"}`, 1, "ssd", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{VolumeTypes: []string{"ssd", "hdd", unknownID}}, func(e *env) {
				disk := e.disk()
				e.overrides["default_volume_type"] = test.configured
				types := e.cloud.Fixtures().VolumeTypes
				properties := strings.NewReplacer("HDD", types["hdd"], "SSD", types["ssd"]).Replace(test.cloudProperties)
				e.cloud.ResetJournal()
				for range 2 { // the second time it is as it has to be
					require.NoError(e, e.update(disk, test.mib, properties))
				}
				assert.Equal(e, test.calls, e.calls("POST /volumes/{id}/action"))
				found := e.volumeOf(disk)
				assert.Equal(e, test.size, found.Size)
				assert.Equal(e, test.volumeType, found.VolumeType)
				assert.Equal(e, "available", found.Status)
				if name == "a name, for a dynamic disk" {
					assert.Equal(e, "data", found.Metadata["disk_name"])
				}
			})
		})
	}
}

// After NotSupported the director attaches the disk again and copies the data to
// another one. So everything is as before.
func TestUpdateDiskIsNotSupported(t *testing.T) {
	t.Parallel()
	noRetype := func(e *env) {
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "retype"})
	}
	noCapacity := func(e *env) {
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "extend", Reason: simulator.NoValidBackend})
	}
	refused := func(nth, status int) func(e *env) {
		return func(e *env) {
			e.cloud.Inject(simulator.Fault{On: "POST /volumes/{id}/action", Nth: nth, Status: status})
		}
	}
	for name, test := range map[string]struct {
		fail            func(e *env)
		mib             int
		cloudProperties string
		says            string
	}{
		"smaller":                     {nil, 1024, `{}`, "Cannot resize volume to a smaller size from 2 GiB to 1 GiB"},
		"smaller, of another type":    {nil, 1024, `{"type":"hdd"}`, "Cannot resize volume to a smaller size from 2 GiB to 1 GiB"},
		"another zone":                {nil, 4096, `{"type":"hdd","availability_zone":"z2"}`, "is in availability zone z1 and cannot be moved to z2"},
		"an unknown type":             {nil, 4096, `{"type":"tape"}`, "Volume type with name tape could not be found."},
		"a wrong property":            {nil, 4096, `{"type":7}`, "cloud_properties.type must not be a number"},
		"a wrong policy":              {nil, 4096, `{"migration_policy":"always"}`, "cloud_properties.migration_policy must be never or on-demand"},
		"a size that no disk has":     {nil, -1, `{}`, "The size of a disk must be 1 to"},
		"the type needs a copy":       {noRetype, 4096, `{"type":"hdd"}`, "to which Cinder copies the data only with migration_policy: on-demand"},
		"the copy fails":              {noRetype, 4096, `{"type":"hdd","migration_policy":"on-demand"}`, "it copies no volume that has snapshots"},
		"a refused type":              {refused(1, http.StatusForbidden), 4096, `{"type":"hdd"}`, "OpenStack API Forbidden"},
		"a refused size":              {refused(1, http.StatusBadRequest), 4096, `{}`, "OpenStack API BadRequest"},
		"quota":                       {func(e *env) { e.cloud.SetQuota("gigabytes", 3) }, 4096, `{}`, "exceeds allowed gigabytes quota"},
		"quota, after the type":       {func(e *env) { e.cloud.SetQuota("gigabytes", 3) }, 4096, `{"type":"hdd"}`, "has the type ssd again"},
		"a refused size, after it":    {refused(2, http.StatusConflict), 4096, `{"type":"hdd"}`, "has the type ssd again"},
		"no capacity":                 {noCapacity, 4096, `{}`, "still has 2 GiB after its extension to 4 GiB"},
		"no capacity, after the type": {noCapacity, 4096, `{"type":"hdd"}`, "has the type ssd again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				disk := e.disk()
				require.NoError(e, e.update(disk, 2048, `{}`))
				before := e.cloud.Inventory()
				if test.fail != nil {
					test.fail(e)
				}
				err := e.update(disk, test.mib, test.cloudProperties)
				assert.Contains(e, e.requireKind(err, bosh.NotSupported), test.says)
				assert.Empty(e, e.changes(before))
			})
		})
	}
}

func TestUpdateDiskIsStrict(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		require.NoError(e, e.update(disk, 2048, `{"typ":"hdd"}`))
		e.overrides["strict_cloud_properties"] = true
		err := e.update(disk, 4096, `{"typ":"hdd"}`)
		assert.Contains(e, e.requireKind(err, bosh.NotSupported), "cloud_properties.typ is unknown; did you mean type?")
		assert.Equal(e, 2, e.volumeOf(disk).Size)
	})
}

// The type could be changed, but neither the size nor the type back.
func TestUpdateDiskKeepsTheNewType(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		e.cloud.Inject(simulator.Fault{On: "POST /volumes/{id}/action", Nth: 2, Times: 2, Status: http.StatusForbidden})
		text := e.requireKind(e.update(disk, 4096, `{"type":"hdd"}`), bosh.CloudError)
		assert.Contains(e, text, "extend volume "+string(disk)+" to 4 GiB: OpenStack API Forbidden")
		assert.Contains(e, text, "volume "+string(disk)+" keeps the type hdd, because it could not be changed back: change the type of volume "+string(disk)+" to ssd: ")
		require.NoError(e, e.update(disk, 4096, `{"type":"hdd"}`), "the second call")
		assert.Equal(e, 4, e.volumeOf(disk).Size)
	})
}

// An operation that an earlier call has started is waited for, and so is a copy
// that takes longer than state_timeout.
func TestUpdateDiskWaits(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		e.overrides["state_timeout"] = 60
		slow := simulator.StateFault{Resource: "volume", Phase: "retype", Slow: 150 * time.Second}
		e.cloud.InjectStateFault(slow)
		err := e.update(disk, 2048, `{"type":"hdd"}`)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Timed out waiting for Volume `"+string(disk)+"' to be available, in-use, its state is retyping")
		err = e.update(disk, 2048, `{"type":"hdd"}`)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "its state is retyping")
		require.NoError(e, e.update(disk, 2048, `{"type":"hdd"}`))
		assert.Equal(e, 2, e.volumeOf(disk).Size)

		e.cloud.InjectStateFault(slow)
		require.NoError(e, e.update(disk, 2048, `{"type":"ssd","migration_policy":"on-demand"}`))
		assert.Equal(e, "ssd", e.volumeOf(disk).VolumeType)

		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "retype", Stuck: true})
		ctx, cancel := context.WithTimeout(e.Context(), time.Hour+30*time.Second) // not at the end of a state timeout
		defer cancel()
		_, err = e.cpi().UpdateDisk(ctx, bosh.UpdateDiskArgs{Disk: disk, SizeMiB: 2048, CloudProperties: []byte(`{"type":"hdd","migration_policy":"on-demand"}`)})
		require.ErrorIs(e, err, context.DeadlineExceeded)
	})
}

// A volume whose extension has failed in the back end has a state that only an
// administrator can leave.
func TestUpdateDiskInErrorState(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "extend"})
		for range 2 {
			err := e.update(disk, 2048, `{}`)
			assert.Contains(e, e.requireKind(err, bosh.CloudError), "Volume `"+string(disk)+"' state is error_extending, expected available, in-use")
		}
		_, err := e.cpi().UpdateDisk(e.Context(), bosh.UpdateDiskArgs{Disk: unknownID, SizeMiB: 1024})
		assert.Contains(e, e.requireKind(err, bosh.DiskNotFound), "Volume `"+unknownID+"' not found")
	})
}

// An attached volume is extended, if Cinder can do it. Its type is not changed.
func TestUpdateAttachedDisk(t *testing.T) {
	t.Parallel()
	attached := func(e *env) bosh.DiskCID {
		disk := e.disk()
		_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: disk})
		require.NoError(e, err)
		return disk
	}
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := attached(e)
		require.NoError(e, e.update(disk, 2048, `{"type":"ssd"}`))
		_, err := e.cpi().ResizeDisk(e.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: 3072})
		require.NoError(e, err)
		found := e.volumeOf(disk)
		assert.Equal(e, 3, found.Size)
		assert.Equal(e, "in-use", found.Status)
		err = e.update(disk, 4096, `{"type":"hdd"}`)
		assert.Contains(e, e.requireKind(err, bosh.NotSupported), "cannot be changed from ssd to hdd while it is attached to server ")
		assert.Equal(e, 3, e.volumeOf(disk).Size)
	})
	inCloud(t, simulator.Options{CinderMicroversion: 41}, func(e *env) {
		disk := attached(e)
		err := e.update(disk, 2048, `{}`)
		text := e.requireKind(err, bosh.NotSupported)
		assert.Contains(e, text, "Cannot resize volume '"+string(disk)+"' it still has 1 attachment(s)")
		assert.Contains(e, text, "Version 3.42 is not supported by the API")
		assert.Equal(e, 1, e.volumeOf(disk).Size)
	})
}

// The calls of a director for a disk whose type and size have changed: of a
// running instance, and of one that is recreated.
func TestUpdateDiskOfInstance(t *testing.T) {
	t.Parallel()
	for name, recreate := range map[string]bool{"running": false, "recreated": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				vm := e.vm("10.0.0.10")
				disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"type":"ssd"}`), VM: vm})
				require.NoError(e, err)
				attach := func() {
					_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
					require.NoError(e, err)
				}
				attach()
				before := e.cloud.Inventory()
				_, err = e.cpi().DetachDisk(e.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
				require.NoError(e, err)
				require.NoError(e, e.update(disk, 2048, `{"type":"hdd"}`))
				if recreate {
					_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
					require.NoError(e, err)
					args := e.newVM(e.manual("10.0.0.10"), smallVM)
					args.Disks = []bosh.DiskCID{disk}
					created, err := e.cpi().CreateVM(e.Context(), args)
					require.NoError(e, err)
					vm = created.CID
				}
				attach()
				if !recreate {
					assert.ElementsMatch(e, []string{"~ volume: size 1 -> 2", "~ volume: type ssd -> hdd"}, e.changes(before))
				}
				found := e.volumeOf(disk)
				assert.Equal(e, string(vm), found.Attachments[0].ServerID)
				assert.Equal(e, []any{2, "hdd", "in-use"}, []any{found.Size, found.VolumeType, found.Status})
			})
		})
	}
}

// resize_disk changes nothing, either, if it is not supported.
func TestResizeDiskIsNotSupported(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(e *env){
		"quota": func(e *env) { e.cloud.SetQuota("gigabytes", 1) },
		"no capacity": func(e *env) {
			e.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "extend", Reason: simulator.NoValidBackend})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				disk := e.disk()
				before := e.cloud.Inventory()
				fail(e)
				_, err := e.cpi().ResizeDisk(e.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: 2048})
				e.requireKind(err, bosh.NotSupported)
				assert.Empty(e, e.changes(before))
			})
		})
	}
}
