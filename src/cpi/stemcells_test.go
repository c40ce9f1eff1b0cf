package cpi

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func (w *world) upload(args bosh.CreateStemcell) bosh.StemcellCID {
	w.Helper()
	cid, err := w.cpi().CreateStemcell(w.Context(), args)
	require.NoError(w, err)
	return cid
}

func TestCreateStemcell(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		args := bosh.CreateStemcell{
			ImagePath: w.stemcellArchive(3 << 20), CloudProperties: []byte(stemcellProperties),
			Env: bosh.StemcellEnv{Tags: bosh.Metadata{"team": "blue", "version": "not this", "visibility": "public"}},
		}
		cid := w.upload(args)
		image, err := w.cpi().image.Image(w.Context(), string(cid))
		require.NoError(w, err)
		assert.Equal(w, "bosh-openstack-kvm-ubuntu-jammy/1.234", image.Name)
		assert.EqualValues(w, "active", image.Status)
		assert.EqualValues(w, "private", image.Visibility)
		assert.Equal(w, int64(3<<20), image.SizeBytes)
		for key, value := range map[string]string{
			"version": "1.234", "os_type": "linux", "os_distro": "ubuntu", "architecture": "x86_64", "auto_disk_config": "true",
			"hypervisor_type": "kvm", "team": "blue", "bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID,
		} {
			assert.Equal(w, value, image.Properties[key], key)
		}
		assert.NotContains(w, image.Properties, "infrastructure")

		assert.Equal(w, cid, w.upload(args), "the same archive is not uploaded twice")
		args.ImagePath = w.stemcellArchive(1 << 20)
		assert.NotEqual(w, cid, w.upload(args), "another archive of the same name is")

		for range 2 { // the second time it is gone already
			_, err = w.cpi().DeleteStemcell(w.Context(), bosh.DeleteStemcell{Stemcell: cid})
			require.NoError(w, err)
		}
		_, err = w.cpi().image.Image(w.Context(), string(cid))
		require.Error(w, err)
	})
}

func TestLightStemcell(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		cid := w.upload(bosh.CreateStemcell{CloudProperties: []byte(`{"image_id":"` + w.image() + `"}`)})
		assert.Equal(w, bosh.StemcellCID(w.image()+" light"), cid)
		args := w.newVM(w.manual("10.0.0.10"), smallVM)
		args.Stemcell = cid
		_, err := w.cpi().CreateVM(w.Context(), args)
		require.NoError(w, err)

		before := w.cloud.Inventory()
		for _, stemcell := range []bosh.StemcellCID{cid, bosh.StemcellCID(w.image()), unknownID} {
			_, err = w.cpi().DeleteStemcell(w.Context(), bosh.DeleteStemcell{Stemcell: stemcell})
			require.NoError(w, err)
		}
		assert.Empty(w, w.cloud.Inventory().Diff(before), "the operator's image stays, also if its CID lost the suffix")
		_, err = w.cpi().CreateStemcell(w.Context(), bosh.CreateStemcell{CloudProperties: []byte(`{"image_id":"` + unknownID + `"}`)})
		assert.Contains(w, w.kind(err, bosh.CloudError), "No active image with id '"+unknownID+"'")
	})
}

func TestBadStemcells(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		before := w.cloud.Inventory()
		whole, err := os.ReadFile(w.stemcellArchive(3 << 20))
		require.NoError(w, err)
		damaged := filepath.Join(w.TempDir(), "damaged")
		require.NoError(w, os.WriteFile(damaged, whole[:len(whole)-5], 0o600))
		for path, words := range map[string]string{damaged: "damaged", filepath.Join(w.TempDir(), "absent"): "image_path"} {
			_, err = w.cpi().CreateStemcell(w.Context(), bosh.CreateStemcell{ImagePath: path, CloudProperties: []byte(stemcellProperties)})
			require.ErrorContains(w, err, words)
		}
		assert.Empty(w, w.cloud.Inventory().Diff(before))
	})
}

// Memory does not grow with the image.
func TestUploadIsStreamed(t *testing.T) {
	inCloud(t, simulator.Options{}, func(w *world) {
		archive := w.stemcellArchive(64 << 20)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w.upload(bosh.CreateStemcell{ImagePath: archive, CloudProperties: []byte(stemcellProperties)})
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "bytes allocated for an image of 64 MiB")
		assert.Contains(t, w.log.String(), "done=50%")
		assert.Contains(t, w.log.String(), "MB/s")
	})
}
