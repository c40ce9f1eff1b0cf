package cpi

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func (e *env) upload(args bosh.CreateStemcellArgs) bosh.StemcellCID {
	e.Helper()
	cid, err := e.cpi().CreateStemcell(e.Context(), args)
	require.NoError(e, err)
	return cid
}

// planned returns the plan of create_stemcell.
func (e *env) planned(args bosh.CreateStemcellArgs) *stemcellPlan {
	e.Helper()
	properties := bosh.Metadata{}
	require.NoError(e, decode(args.CloudProperties, &properties))
	plan, err := e.cpi().planStemcell(args, properties)
	require.NoError(e, err)
	e.Cleanup(func() { assert.NoError(e, plan.archive.Close()) })
	return plan
}

func TestCreateStemcell(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := bosh.CreateStemcellArgs{
			ImagePath: e.stemcellArchive(3 << 20), CloudProperties: []byte(stemcellProperties),
			Env: bosh.StemcellEnv{Tags: bosh.Metadata{"team": "blue", "version": "not this", "visibility": "public"}},
		}
		cid := e.upload(args)
		image, err := e.cpi().image.Image(e.Context(), string(cid))
		require.NoError(e, err)
		assert.Equal(e, "bosh-openstack-kvm-ubuntu-jammy/1.234", image.Name)
		assert.EqualValues(e, "active", image.Status)
		assert.EqualValues(e, "private", image.Visibility)
		assert.Equal(e, int64(3<<20), image.SizeBytes)
		for key, value := range map[string]string{
			"version": "1.234", "os_type": "linux", "os_distro": "ubuntu", "architecture": "x86_64", "auto_disk_config": "true",
			"hypervisor_type": "kvm", "team": "blue", "bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID,
		} {
			assert.Equal(e, value, image.Properties[key], key)
		}
		assert.NotContains(e, image.Properties, "infrastructure")

		assert.Equal(e, cid, e.upload(args), "the same archive is not uploaded twice")
		args.ImagePath = e.stemcellArchive(1 << 20)
		assert.NotEqual(e, cid, e.upload(args), "another archive of the same name is")

		for range 2 { // the second time it is already deleted
			_, err = e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: cid})
			require.NoError(e, err)
		}
		_, err = e.cpi().image.Image(e.Context(), string(cid))
		require.Error(e, err)
	})
}

func TestLightStemcell(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		cid := e.upload(bosh.CreateStemcellArgs{CloudProperties: []byte(`{"image_id":"` + e.image() + `"}`)})
		assert.Equal(e, bosh.StemcellCID(e.image()+" light"), cid)
		args := e.newVM(e.manual("10.0.0.10"), smallVM)
		args.Stemcell = cid
		_, err := e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)

		before := e.cloud.Inventory()
		for _, stemcell := range []bosh.StemcellCID{cid, bosh.StemcellCID(e.image()), unknownID} {
			_, err = e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: stemcell})
			require.NoError(e, err)
		}
		assert.Empty(e, e.cloud.Inventory().Diff(before), "the operator's image is kept, also if its CID lacks the suffix")
		_, err = e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{CloudProperties: []byte(`{"image_id":"` + unknownID + `"}`)})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "No active image with id '"+unknownID+"'")
	})
}

// An image without the CPI's mark is deleted only if it has everything that an
// older CPI set.
func TestDeleteStemcellOfAnOlderCPI(t *testing.T) {
	t.Parallel()
	uploaded := func() image.CreateOpts {
		return image.CreateOpts{ID: unknownID, Name: "bosh-openstack-kvm-ubuntu-jammy-go_agent/1.5", DiskFormat: "qcow2", ContainerFormat: "bare", Properties: map[string]string{
			"version": "1.5", "os_type": "linux", "os_distro": "ubuntu", "architecture": "x86_64", "auto_disk_config": "true", "hypervisor_type": "kvm",
		}}
	}
	for name, test := range map[string]struct {
		change  func(opts *image.CreateOpts)
		deleted bool
	}{
		"all marks":        {deleted: true, change: func(*image.CreateOpts) {}},
		"old name":         {deleted: true, change: func(opts *image.CreateOpts) { opts.Name = "BOSH-7c2f" }},
		"name and version": {change: func(opts *image.CreateOpts) { opts.Properties = map[string]string{"version": "1.5"} }},
		"another name":     {change: func(opts *image.CreateOpts) { opts.Name = "golden/1.5" }},
		"public":           {change: func(opts *image.CreateOpts) { opts.Public = true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{PublicImages: true}, func(e *env) {
				opts := uploaded()
				test.change(&opts)
				_, err := e.cpi().image.CreateImage(e.Context(), opts)
				require.NoError(e, err)
				_, err = e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: unknownID})
				require.NoError(e, err)
				_, err = e.cpi().image.Image(e.Context(), unknownID)
				assert.Equal(e, test.deleted, openstack.IsNotFound(err))
				assert.Equal(e, !test.deleted, strings.Contains(e.log.String(), "image is kept"))
			})
		})
	}
}

// delete_stemcell deletes no image that this director has not uploaded, and none
// that is protected.
func TestDeleteStemcellOfOthers(t *testing.T) {
	t.Parallel()
	marks := func(director string) map[string]string {
		return map[string]string{"bosh_cpi": "openstack-bosh-cpi", "director_uuid": director, "version": "1.5"}
	}
	protected := true
	for name, test := range map[string]struct {
		properties map[string]string
		protected  *bool
		logged     string
		says       string
	}{
		"own":              {properties: marks(directorUUID)},
		"own, protected":   {properties: marks(directorUUID), protected: &protected, says: "is protected and cannot be deleted"},
		"another director": {properties: marks(unknownID), logged: "director " + unknownID + " uploaded it"},
		"an operator":      {properties: map[string]string{"version": "1.5"}, logged: "it does not have the marks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				_, session, _ := e.session()
				client, err := session.Image(e.Context())
				require.NoError(e, err)
				made, err := images.Create(e.Context(), client, images.CreateOpts{
					Name: "bosh-ubuntu/1.5", DiskFormat: "raw", ContainerFormat: "bare", Properties: test.properties, Protected: test.protected,
				}).Extract()
				require.NoError(e, err)
				_, err = e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: bosh.StemcellCID(made.ID)})
				if test.says != "" {
					assert.Contains(e, e.requireKind(err, bosh.CloudError), test.says)
					assert.Contains(e, err.Error(), "openstack image set --unprotect")
				} else {
					require.NoError(e, err)
				}
				_, err = e.cpi().image.Image(e.Context(), made.ID)
				assert.Equal(e, name == "own", openstack.IsNotFound(err))
				assert.Contains(e, e.log.String(), test.logged)
			})
		})
	}
}

// Whatever state the image of a stemcell is in, create_stemcell returns an active
// image with the data. TestInterruptedUploadsOfAStemcell has further states.
func TestFixInEveryState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(e *env, args bosh.CreateStemcellArgs) (id string)
		delete  simulator.Fault
		kept    bool // the first image
	}{
		"active": {kept: true, prepare: func(e *env, args bosh.CreateStemcellArgs) string { return string(e.upload(args)) }},
		"deactivated": {kept: true, prepare: func(e *env, args bosh.CreateStemcellArgs) string {
			id := string(e.upload(args))
			e.deactivate(id)
			return id
		}},
		"deleted": {prepare: func(e *env, args bosh.CreateStemcellArgs) string {
			id := e.upload(args)
			_, err := e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: id})
			require.NoError(e, err)
			return string(id)
		}},
		"killed":            {prepare: (*env).killedUpload},
		"killed, protected": {prepare: (*env).killedUpload, kept: true, delete: simulator.Fault{Status: http.StatusForbidden, Times: -1}},
		"killed, in use":    {prepare: (*env).killedUpload, kept: true, delete: simulator.Fault{Status: http.StatusConflict, Times: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)}
				first := test.prepare(e, args)
				if test.delete.Status != 0 {
					test.delete.On = "DELETE /images/{id}"
					e.cloud.Inject(test.delete)
				}
				fixed := string(e.upload(args))
				assert.Equal(e, name == "active", first == fixed)
				stored, err := e.cpi().image.Image(e.Context(), fixed)
				require.NoError(e, err)
				assert.EqualValues(e, "active", stored.Status)
				assert.EqualValues(e, 1<<16, stored.SizeBytes)
				_, err = e.cpi().image.Image(e.Context(), first)
				assert.Equal(e, test.kept, err == nil)
			})
		})
	}
}

// deactivate makes Glance refuse the data of an image, as its operator can.
func (e *env) deactivate(id string) {
	e.Helper()
	_, session, _ := e.session()
	client, err := session.Image(e.Context())
	require.NoError(e, err)
	_, err = client.Post(e.Context(), client.ServiceURL("images", id, "actions", "deactivate"), nil, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}})
	require.NoError(e, err)
}

// killedUpload leaves the image of an upload that Glance has ended.
func (e *env) killedUpload(args bosh.CreateStemcellArgs) string {
	e.Helper()
	c, plan := e.cpi(), e.planned(args)
	plan.image.ID = imageID(plan.image, 0)
	_, err := c.image.CreateImage(e.Context(), plan.image)
	require.NoError(e, err)
	e.cloud.InjectStateFault(simulator.StateFault{Resource: "image", Phase: "create"})
	root, err := plan.archive.Image()
	require.NoError(e, err)
	require.NoError(e, c.image.Upload(e.Context(), plan.image.ID, root, plan.size))
	return plan.image.ID
}

// upload-stemcell --fix calls create_stemcell again. An image without its data is
// not returned again.
func TestStemcellThatNeedsAFix(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]simulator.Fault{
		"no content": {Status: http.StatusNoContent, Times: -1},
		"not found":  {Status: http.StatusNotFound, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 20), CloudProperties: []byte(stemcellProperties)}
				first := e.upload(args)
				lost.On = "GET /images/{id}/file"
				e.cloud.Inject(lost)
				second := e.upload(args)
				e.cloud.ClearFaults()
				assert.NotEqual(e, first, second)
				assert.Contains(e, e.log.String(), "Glance does not have its data")
				_, err := e.cpi().image.Image(e.Context(), string(first))
				require.NoError(e, err, "VMs may use it")

				e.cloud.Inject(simulator.Fault{On: "GET /images/{id}/file", Status: http.StatusForbidden, Times: -1})
				assert.Contains(e, []bosh.StemcellCID{first, second}, e.upload(args), "a policy that forbids downloads is no damage")
			})
		})
	}
}

func TestDamagedImages(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 20), CloudProperties: []byte(stemcellProperties)}
		cid := e.upload(args)
		plan := e.planned(args)
		stored, err := e.cpi().image.Image(e.Context(), string(cid))
		require.NoError(e, err)
		damage := func(change func(stored *images.Image)) string {
			changed := stored
			changed.Properties = maps.Clone(stored.Properties)
			change(&changed)
			found, err := e.cpi().damageOrLoss(e.Context(), plan, changed)
			require.NoError(e, err)
			return found
		}
		assert.Empty(e, damage(func(*images.Image) {}))
		assert.Empty(e, damage(func(stored *images.Image) { stored.Properties["os_hash_algo"] = "unknown" }))
		assert.Contains(e, damage(func(stored *images.Image) { stored.SizeBytes-- }), "it has 1048575 bytes, expected 1048576")
		assert.Contains(e, damage(func(stored *images.Image) { stored.Properties["os_hash_value"] = "0" }), "its hash is 0")
		assert.Contains(e, damage(func(stored *images.Image) { stored.Properties["os_hash_algo"] = "sha256" }), "its hash is ")
		old := func(stored *images.Image) {
			delete(stored.Properties, "os_hash_algo")
			delete(stored.Properties, "os_hash_value")
		}
		assert.Empty(e, damage(old), "before Glance API 2.7 the MD5 is compared")
		assert.Contains(e, damage(func(stored *images.Image) { old(stored); stored.Checksum = "0" }), "its hash is 0")
		assert.Empty(e, damage(func(stored *images.Image) { old(stored); stored.Checksum = "" }))
	})
}

// Several directors' workers, or CPIs of one director that share a project, upload
// the same stemcell at the same time.
func TestConcurrentUploadsOfOneStemcell(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]bool{"all succeed": false, "the first fails": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{Latencies: simulator.Latencies{ImageSave: time.Minute}}, func(e *env) {
				before := e.cloud.Inventory()
				if fail {
					e.cloud.Inject(simulator.Fault{On: "PUT /images/{id}/file", Status: http.StatusForbidden})
				}
				args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)}
				cids, failed := map[bosh.StemcellCID]int{}, 0
				var all sync.WaitGroup
				var mu sync.Mutex
				for range 8 {
					c := e.cpi()
					c.log = slog.New(slog.DiscardHandler)
					all.Go(func() {
						cid, err := c.CreateStemcell(e.Context(), args)
						mu.Lock()
						defer mu.Unlock()
						if err != nil {
							failed++
							return
						}
						cids[cid]++
					})
				}
				all.Wait()
				assert.Len(e, cids, 1)
				assert.Len(e, e.cloud.Inventory().Diff(before), 1, "one image")
				if !fail {
					assert.Zero(e, failed)
				}
			})
		})
	}
}

// What a killed upload has left is deleted, and not waited for in vain.
func TestInterruptedUploadsOfAStemcell(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		saving bool
		age    time.Duration
		within time.Duration
	}{
		"queued, old":   {age: time.Hour, within: 10 * time.Second},
		"queued, fresh": {within: 3 * time.Minute},
		"saving, old":   {saving: true, age: time.Hour, within: 10 * time.Second},
		"saving, fresh": {saving: true, within: 31 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				before := e.cloud.Inventory()
				args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)}
				c, plan := e.cpi(), e.planned(args)
				opts := plan.image
				opts.ID = imageID(opts, 0)
				_, err := c.image.CreateImage(e.Context(), opts)
				require.NoError(e, err)
				if test.saving {
					e.cloud.InjectStateFault(simulator.StateFault{Resource: "image", Phase: "create", Stuck: true})
					root, err := plan.archive.Image()
					require.NoError(e, err)
					require.NoError(e, c.image.Upload(e.Context(), opts.ID, root, plan.size))
				}
				e.pass(test.age + time.Second)

				begun := time.Now()
				cid := e.upload(args)
				assert.LessOrEqual(e, time.Since(begun), test.within)
				stored, err := e.cpi().image.Image(e.Context(), string(cid))
				require.NoError(e, err)
				assert.EqualValues(e, "active", stored.Status)
				assert.Len(e, e.cloud.Inventory().Diff(before), 1)
			})
		})
	}
}

// Glance does not accept the id of a deleted image again.
func TestStemcellIsUploadedAgainAfterItsDeletion(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)}
		first := e.upload(args)
		_, err := e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: first})
		require.NoError(e, err)
		e.cloud.Inject(simulator.Fault{On: "POST /images", Status: http.StatusConflict, Times: maxImageIDs})
		assert.NotEqual(e, first, e.upload(args))
		e.cloud.Inject(simulator.Fault{On: "POST /images", Status: http.StatusConflict, Times: -1})
		args.ImagePath = e.stemcellArchive(1 << 17)
		_, err = e.cpi().CreateStemcell(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "Glance accepts none of 17 ids")
	})
}

// Another image is uploaded if Glance, or another client, has taken the first
// one.
func TestStemcellWhoseImageIsLost(t *testing.T) {
	t.Parallel()
	const put = "PUT /images/{id}/file"
	for name, test := range map[string]struct {
		fault simulator.Fault
		state simulator.StateFault
		says  string // "" if the call succeeds
	}{
		"not found":             {fault: simulator.Fault{On: put, Status: http.StatusNotFound}},
		"conflict":              {fault: simulator.Fault{On: put, Status: http.StatusConflict}},
		"gone":                  {fault: simulator.Fault{On: put, Status: http.StatusGone, Times: 2}},
		"gone for ever":         {fault: simulator.Fault{On: put, Status: http.StatusGone, Times: -1}, says: "OpenStack API Gone"},
		"killed":                {state: simulator.StateFault{Resource: "image", Phase: "create"}},
		"killed for ever":       {state: simulator.StateFault{Resource: "image", Phase: "create", Times: -1}, says: "state is killed, expected active"},
		"no response":           {fault: simulator.Fault{On: put, Kind: simulator.Dropped}},
		"stuck":                 {fault: simulator.Fault{On: put, Kind: simulator.LostAnswer}, state: simulator.StateFault{Resource: "image", Phase: "create", Stuck: true}},
		"stuck, no other fault": {state: simulator.StateFault{Resource: "image", Phase: "create", Stuck: true}, says: "Timed out waiting for Image"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				before := e.cloud.Inventory()
				if test.fault.On != "" {
					e.cloud.Inject(test.fault)
				}
				if test.state.Resource != "" {
					e.cloud.InjectStateFault(test.state)
				}
				cid, err := e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)})
				if test.says != "" {
					assert.Contains(e, e.requireKind(err, bosh.CloudError), test.says)
					assert.Empty(e, e.cloud.Inventory().Diff(before))
					return
				}
				require.NoError(e, err)
				stored, err := e.cpi().image.Image(e.Context(), string(cid))
				require.NoError(e, err)
				assert.EqualValues(e, "active", stored.Status)
				assert.Len(e, e.cloud.Inventory().Diff(before), 1, "one image")
			})
		})
	}
}

func TestBadStemcells(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		whole, err := os.ReadFile(e.stemcellArchive(3 << 20))
		require.NoError(e, err)
		damaged := filepath.Join(e.TempDir(), "damaged")
		require.NoError(e, os.WriteFile(damaged, whole[:len(whole)-5], 0o600))
		for path, words := range map[string]string{damaged: "damaged", filepath.Join(e.TempDir(), "absent"): "image_path"} {
			_, err = e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: path, CloudProperties: []byte(stemcellProperties)})
			require.ErrorContains(e, err, words)
		}
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// The memory that the upload needs does not depend on the size of the image.
func TestUploadIsStreamed(t *testing.T) {
	notWithRaceDetector(t)
	inCloud(t, simulator.Options{}, func(e *env) {
		archive := e.stemcellArchive(64 << 20)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e.upload(bosh.CreateStemcellArgs{ImagePath: archive, CloudProperties: []byte(stemcellProperties)})
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "bytes allocated for an image of 64 MiB")
		assert.Contains(t, e.log.String(), "done=50%")
		assert.Contains(t, e.log.String(), "MB/s")
	})
}

// A stemcell is read from disk once, whether it is uploaded, exists, or is damaged
// at its end.
func TestArchiveIsReadOnce(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux counts the bytes that a process reads")
	}
	notWithRaceDetector(t)
	inCloud(t, simulator.Options{}, func(e *env) {
		whole, err := os.ReadFile(e.randomArchive(8 << 20))
		require.NoError(e, err)
		archive, damaged := filepath.Join(e.TempDir(), "image"), filepath.Join(e.TempDir(), "damaged")
		require.NoError(e, os.WriteFile(archive, whole, 0o600))
		require.NoError(e, os.WriteFile(damaged, append(bytes.Clone(whole[:len(whole)-8]), "no CRC32"...), 0o600))
		for _, test := range []struct{ name, archive, says string }{
			{name: "new", archive: archive}, {name: "exists", archive: archive}, {name: "damaged", archive: damaged, says: "damaged"},
		} {
			before := bytesRead(t)
			_, err := e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: test.archive, CloudProperties: []byte(stemcellProperties)})
			passes := float64(bytesRead(t)-before) / float64(len(whole))
			assert.InDelta(t, 1, passes, 0.05, "passes, %s", test.name)
			if test.says != "" {
				require.ErrorContains(e, err, test.says)
			} else {
				require.NoError(e, err)
			}
		}
	})
}

// bytesRead returns how many bytes this process has read from files.
func bytesRead(t *testing.T) (n int64) {
	t.Helper()
	counters, err := os.ReadFile("/proc/self/io")
	require.NoError(t, err)
	_, err = fmt.Sscanf(string(counters), "rchar: %d", &n)
	require.NoError(t, err)
	return n
}

// An archive is another stemcell if its image differs, also if its length and its
// ends are the same.
func TestArchivesWithTheSameFingerprint(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		first := e.planned(bosh.CreateStemcellArgs{ImagePath: e.randomArchive(1 << 20), CloudProperties: []byte(stemcellProperties)})
		second := e.planned(bosh.CreateStemcellArgs{ImagePath: e.randomArchive(1 << 20), CloudProperties: []byte(stemcellProperties)})
		second.image.Properties[archiveKey] = first.image.Properties[archiveKey]
		cids := map[bosh.StemcellCID]bool{}
		for _, plan := range []*stemcellPlan{first, second, first, second} {
			plan.image.Properties[uploadKey] = newName("")
			c := e.cpi()
			cid, err := c.newStemcell(e.Context(), c.newUndoStack(), plan)
			require.NoError(e, err)
			cids[cid] = true
		}
		assert.Len(e, cids, 2)
	})
}

// An existing stemcell is found where no image can be created.
func TestSameStemcellWithoutQuota(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)}
		cid := e.upload(args)
		e.cloud.Inject(simulator.Fault{On: "POST /images", Status: http.StatusRequestEntityTooLarge, Times: -1})
		assert.Equal(e, cid, e.upload(args))
		args.ImagePath = e.stemcellArchive(1 << 17)
		_, err := e.cpi().CreateStemcell(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "create image")
	})
}
