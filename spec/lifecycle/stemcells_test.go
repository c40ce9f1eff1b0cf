package lifecycle_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// archive creates a stemcell's image file with unique content.
func (s *scenario) archive(mib int) string {
	s.Helper()
	file := filepath.Join(s.TempDir(), "image")
	require.NoError(s, director.WriteStemcell(file, s.director.UUID, mib))
	return file
}

// stemcellProperties returns the properties of published stemcells.
func (s *scenario) stemcellProperties() object {
	return object{
		"name": "bosh-openstack-kvm-lifecycle", "version": "0." + s.director.UUID, "infrastructure": "openstack", "hypervisor": "kvm",
		"disk": 3072, "disk_format": "raw", "container_format": "bare", "os_type": "linux", "os_distro": "ubuntu",
		"architecture": "x86_64", "auto_disk_config": true, "hw_vif_model": "virtio",
	}
}

func TestStemcell(t *testing.T) {
	s := newScenario(t)
	s.api = 3
	archive := s.archive(4)
	var cid string
	s.call(&cid, "create_stemcell", archive, s.stemcellProperties(), object{"tags": object{"team": "blue", "version": "not this one"}})
	s.Cleanup(func() { s.call(nil, "delete_stemcell", cid) })

	image := s.image(cid)
	wanted := object{
		"name": "bosh-openstack-kvm-lifecycle/0." + s.director.UUID, "status": "active", "visibility": "private",
		"disk_format": "raw", "container_format": "bare", "size": 4.0 * 1024 * 1024,
		"version": "0." + s.director.UUID, "os_type": "linux", "os_distro": "ubuntu", "architecture": "x86_64",
		"auto_disk_config": "true", "hypervisor_type": "kvm", "hw_vif_model": "virtio", "team": "blue",
		"bosh_cpi": "openstack-bosh-cpi", "director_uuid": s.director.UUID,
	}
	for key, value := range wanted {
		assert.Equal(t, value, image[key], key)
	}
	assert.NotContains(t, image, "infrastructure")

	s.createVM(vmArguments{stemcell: cid, networks: networks{s.dynamic("private")}})
}

func TestStemcellIsUploadedOnce(t *testing.T) {
	s := newScenario(t)
	archive := s.archive(1)
	var first, again, ofAnother string
	s.call(&first, "create_stemcell", archive, s.stemcellProperties())
	s.call(&again, "create_stemcell", archive, s.stemcellProperties())
	assert.Equal(t, first, again)

	another := *s.director
	another.UUID = suite.target.UUID()
	mine := s.director
	s.director = &another
	s.call(&ofAnother, "create_stemcell", archive, s.stemcellProperties())
	assert.NotEqual(t, first, ofAnother, "only the director that owns an image may delete it")
	s.call(nil, "delete_stemcell", ofAnother)
	s.director = mine

	assert.True(t, s.exists("image", "/images/"+first))
	s.call(nil, "delete_stemcell", first)
	assert.False(t, s.exists("image", "/images/"+first))
	s.call(nil, "delete_stemcell", first)
}

// The image of a light stemcell belongs to the operator and is not deleted.
func TestLightStemcell(t *testing.T) {
	s := newScenario(t)
	image := s.fixtures.Image()
	var cid string
	s.call(&cid, "create_stemcell", "/nowhere", object{"image_id": image})
	assert.Equal(t, image+" light", cid)
	s.runLifeCycle(vmArguments{stemcell: cid, networks: networks{s.dynamic("private")}}, "")
	s.call(nil, "delete_stemcell", cid)
	assert.True(t, s.exists("image", "/images/"+image))
	s.call(nil, "delete_stemcell", image)
	assert.True(t, s.exists("image", "/images/"+image), "an image that no CPI uploaded is not deleted")
}

func TestInvalidStemcell(t *testing.T) {
	s := newScenario(t)
	s.refused("CloudError", []string{"No active image with id '" + unknownID + "'"}, "create_stemcell", "/nowhere", object{"image_id": unknownID})
	s.refused("CloudError", []string{"No active image with id 'non-existing-id'"}, "create_stemcell", "/nowhere", object{"image_id": "non-existing-id"})
	s.refused("CpiError", []string{"image_path", "/nowhere"}, "create_stemcell", "/nowhere", s.stemcellProperties())
	s.refused("CpiError", []string{"cloud_properties.name"}, "create_stemcell", s.archive(1), object{})
	notAnArchive := s.director.CPI.Config
	s.refused("CloudError", []string{"Extracting stemcell root image failed"}, "create_stemcell", notAnArchive, s.stemcellProperties())
}
