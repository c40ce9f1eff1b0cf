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

func (e *env) upload(args bosh.CreateStemcellArgs) bosh.StemcellCID {
	e.Helper()
	cid, err := e.cpi().CreateStemcell(e.Context(), args)
	require.NoError(e, err)
	return cid
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
