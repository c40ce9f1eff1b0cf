package volume_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const unknownID = "5a2c9d1e-0000-4000-8000-000000000000"

// cinder is a simulated cloud with the service of this package.
type cinder struct {
	*openstacktest.Cloud
	*volume.Service
}

func run(t *testing.T, options simulator.Options, test func(c cinder)) {
	t.Helper()
	openstacktest.Run(t, options, func(cloud *openstacktest.Cloud) { test(cinder{cloud, volume.New(cloud.Session)}) })
}

// smallPages returns the service with lists of two objects per page.
func (c cinder) smallPages() *volume.Service {
	c.Helper()
	return volume.New(c.NewSession(nil, openstack.WithTransport(openstacktest.SmallPages{Cloud: c.Transport()})))
}

// disk creates a volume of 1 GiB, waits until it is available and returns its
// id.
func (c cinder) disk(name string) string {
	c.Helper()
	made, err := c.CreateVolume(c.Context(), volume.CreateOpts{Name: name, SizeGiB: 1})
	require.NoError(c, err)
	_, err = c.WaitAvailable(c.Context(), made.ID)
	require.NoError(c, err)
	return made.ID
}

func TestCreateVolume(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		made, err := c.CreateVolume(c.Context(), volume.CreateOpts{
			Name: "volume-1", SizeGiB: 3, VolumeType: "hdd", AvailabilityZone: "z2", Metadata: map[string]string{"a": "b"},
		})
		require.NoError(c, err)
		assert.Equal(c, "creating", made.Status)
		ready, err := c.WaitAvailable(c.Context(), made.ID)
		require.NoError(c, err)
		assert.Equal(c, []string{"volume-1", "hdd", "z2", "available"}, []string{ready.Name, ready.VolumeType, ready.AvailabilityZone, ready.Status})
		assert.Equal(c, 3, ready.Size)
		assert.Equal(c, map[string]string{"a": "b"}, ready.Metadata)

		plain, err := c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-2", SizeGiB: 1})
		require.NoError(c, err)
		assert.Equal(c, []string{"ssd", "z1"}, []string{plain.VolumeType, plain.AvailabilityZone}, "Cinder's defaults")
	})
}

func TestCreateVolumeIsRefused(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{Quotas: map[string]int{"gigabytes": 4, "volumes": 2}}, func(c cinder) {
		_, err := c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-1", SizeGiB: 1, VolumeType: "tape"})
		require.ErrorContains(c, err, "create volume volume-1 of 1 GiB: OpenStack API NotFound (Volume type with name tape could not be found.)")
		_, err = c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-1", SizeGiB: 1, AvailabilityZone: "nowhere"})
		require.ErrorContains(c, err, "Availability zone 'nowhere' is invalid.")
		require.ErrorContains(c, err, "check the zone's name: compute and volume zones are named separately")
		_, err = c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-1", SizeGiB: 5})
		assert.True(c, openstack.IsQuota(err))
		require.ErrorContains(c, err, "Requested 5G, quota is 4G and 0G has been consumed.")
		c.disk("volume-1")
		c.disk("volume-2")
		_, err = c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-3", SizeGiB: 1})
		assert.True(c, openstack.IsQuota(err))
		assert.Equal(c, 6, c.Calls("POST /volumes"), "an exhausted quota is not retried")
	})
}

func TestVolumesOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		before := c.Inventory()
		for range 5 {
			c.disk("twin")
		}
		other := c.disk("twin-2")
		paged := c.smallPages()
		c.Inject(simulator.Fault{On: "GET /volumes/detail", Nth: 3, Status: http.StatusForbidden})
		require.ErrorContains(c, paged.DeleteVolumeNamed(c.Context(), "twin"), "list volumes named twin: OpenStack API Forbidden")
		c.Inject(simulator.Fault{On: "DELETE /volumes/{id}", Status: http.StatusForbidden})
		require.ErrorContains(c, paged.DeleteVolumeNamed(c.Context(), "twin"), "OpenStack API Forbidden")
		require.NoError(c, paged.DeleteVolumeNamed(c.Context(), "twin"))
		assert.Equal(c, []string{"+ volume " + other + " (twin-2)"}, c.Inventory().Diff(before))
	})
}

func TestWaitForVolume(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.StateFault
		says  string
	}{
		"error": {simulator.StateFault{}, "Volume `ID' state is error, expected available"},
		"stuck": {simulator.StateFault{Stuck: true}, "Timed out waiting for Volume `ID' to be available, its state is creating"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(c cinder) {
				test.fault.Resource, test.fault.Phase = "volume", "create"
				c.InjectStateFault(test.fault)
				made, err := c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-1", SizeGiB: 1})
				require.NoError(c, err)
				_, err = c.WaitAvailable(c.Context(), made.ID)
				require.EqualError(c, err, strings.ReplaceAll(test.says, "ID", made.ID))
				err = c.DeleteVolumeNamed(c.Context(), "volume-1")
				if test.fault.Stuck {
					assert.True(c, openstack.IsTimeout(err), "Cinder does not delete what it is making")
					return
				}
				require.NoError(c, err)
			})
		})
	}
	run(t, simulator.Options{}, func(c cinder) {
		_, err := c.WaitAvailable(c.Context(), unknownID)
		require.EqualError(c, err, "Volume `"+unknownID+"': Resource not found")
		_, err = c.Volume(c.Context(), unknownID)
		assert.True(c, openstack.IsNotFound(err))
	})
}

// attaching and reserved are intermediate states; every state but these and
// in-use is a failure.
func TestWaitInUse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.StateFault
		fails string
	}{
		"attached": {},
		"slow":     {fault: simulator.StateFault{Slow: time.Minute}},
		"stuck":    {fault: simulator.StateFault{Stuck: true}, fails: "Timed out waiting for Volume `ID' to be in-use, its state is reserved"},
		"refused":  {fault: simulator.StateFault{Reason: "no"}, fails: "Volume `ID' state is available, expected in-use"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(c cinder) {
				fixtures := c.Fixtures()
				server := c.Make(c.Session.Compute, "servers", map[string]any{"server": map[string]any{
					"name": "vm-1", "flavorRef": fixtures.Flavors["m1.tiny"], "imageRef": fixtures.Images["tiny-public"],
					"networks": []any{map[string]string{"uuid": fixtures.Networks["private"]}},
				}})["id"].(string)
				disk := c.disk("volume-1")
				c.Waits(10 * time.Second)
				if test.fault != (simulator.StateFault{}) {
					test.fault.Resource, test.fault.Phase = "volume", "attach"
					c.InjectStateFault(test.fault)
				}
				c.Make(c.Session.Compute, "servers/"+server+"/os-volume_attachments", map[string]any{"volumeAttachment": map[string]string{"volumeId": disk}})
				used, err := c.WaitInUse(c.Context(), disk)
				if test.fails != "" {
					require.EqualError(c, err, strings.ReplaceAll(test.fails, "ID", disk))
					return
				}
				require.NoError(c, err)
				require.Len(c, used.Attachments, 1)
				assert.Equal(c, server, used.Attachments[0].ServerID)
				err = c.DeleteVolume(c.Context(), disk)
				require.ErrorContains(c, err, "delete volume "+disk+": OpenStack API BadRequest (Invalid volume: Volume status must be available or error")
			})
		})
	}
}

func TestDeleteVolumeFails(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		c.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "delete"})
		err := c.DeleteVolume(c.Context(), disk)
		require.EqualError(c, err, "delete volume "+disk+": Volume `"+disk+"' state is error_deleting, expected deleted")
	})
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		c.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "delete", Stuck: true})
		require.ErrorContains(c, c.DeleteVolume(c.Context(), disk), "Timed out waiting for Volume `"+disk+"' to be deleted, its state is deleting")
	})
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		c.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "create"})
		broken, err := c.CreateVolume(c.Context(), volume.CreateOpts{Name: "volume-2", SizeGiB: 1})
		require.NoError(c, err)
		c.Waits(time.Minute)
		require.NoError(c, c.DeleteVolume(c.Context(), broken.ID), "the state it was in before is no failure")
		c.Inject(simulator.Fault{On: "DELETE /volumes/{id}", Status: http.StatusForbidden})
		require.ErrorContains(c, c.DeleteVolume(c.Context(), disk), "delete volume "+disk+": OpenStack API Forbidden")
	})
}

func TestSetMetadata(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		require.NoError(c, c.SetMetadata(c.Context(), disk, map[string]string{"a": "1", "b": "2"}))
		c.Inject(simulator.Fault{On: "POST /volumes/{id}/metadata", Kind: simulator.LostAnswer})
		c.Inject(simulator.Fault{On: "POST /volumes/{id}/metadata", Nth: 2, Status: http.StatusServiceUnavailable})
		require.NoError(c, c.SetMetadata(c.Context(), disk, map[string]string{"b": "3", "c": "4"}))
		found, err := c.Volume(c.Context(), disk)
		require.NoError(c, err)
		assert.Equal(c, map[string]string{"a": "1", "b": "3", "c": "4"}, found.Metadata)

		err = c.SetMetadata(c.Context(), unknownID, map[string]string{"a": "b"})
		require.ErrorContains(c, err, "set metadata of volume "+unknownID+": OpenStack API NotFound")
		assert.True(c, openstack.IsNotFound(err))
	})
}

func TestNoCinder(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		ctx, none := c.Context(), volume.New(c.WithoutServices())
		for name, call := range map[string]func() error{
			"CreateVolume":          func() error { _, err := none.CreateVolume(ctx, volume.CreateOpts{}); return err },
			"Volume":                func() error { _, err := none.Volume(ctx, "x"); return err },
			"Volumes":               func() error { _, err := none.Volumes(ctx); return err },
			"Snapshots":             func() error { _, err := none.Snapshots(ctx); return err },
			"WaitAvailable":         func() error { _, err := none.WaitAvailable(ctx, "x"); return err },
			"WaitInUse":             func() error { _, err := none.WaitInUse(ctx, "x"); return err },
			"DeleteVolume":          func() error { return none.DeleteVolume(ctx, "x") },
			"DeleteVolumeNamed":     func() error { return none.DeleteVolumeNamed(ctx, "x") },
			"Extend":                func() error { return none.Extend(ctx, "x", 1, false) },
			"Retype":                func() error { return none.Retype(ctx, "x", "ssd", false) },
			"TypeName":              func() error { _, err := none.TypeName(ctx, "x"); return err },
			"WaitSettled":           func() error { _, err := none.WaitSettled(ctx, "x"); return err },
			"SetMetadata":           func() error { return none.SetMetadata(ctx, "x", nil) },
			"CreateSnapshot":        func() error { _, err := none.CreateSnapshot(ctx, volume.SnapshotCreateOpts{}); return err },
			"Snapshot":              func() error { _, err := none.Snapshot(ctx, "x"); return err },
			"WaitSnapshotAvailable": func() error { _, err := none.WaitSnapshotAvailable(ctx, "x"); return err },
			"DeleteSnapshot":        func() error { return none.DeleteSnapshot(ctx, "x") },
			"DeleteSnapshotNamed":   func() error { return none.DeleteSnapshotNamed(ctx, "x") },
		} {
			require.ErrorContains(c, call(), `connect to Cinder: the service catalog has no public endpoint of the volume service in region "nowhere"`, name)
		}
	})
}
