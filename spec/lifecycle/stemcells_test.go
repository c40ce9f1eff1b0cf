package lifecycle_test

import (
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/spec/serve"
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

// importedProperties returns the cloud_properties of manifests/imported-stemcell.MF
// for these data.
func (s *scenario) importedProperties(url string, data []byte) object {
	s.Helper()
	content, err := os.ReadFile("../../manifests/imported-stemcell.MF")
	require.NoError(s, err)
	var example struct {
		CloudProperties object `yaml:"cloud_properties"`
	}
	require.NoError(s, yaml.Unmarshal(content, &example))
	properties, sum := example.CloudProperties, sha512.Sum512(data)
	require.Contains(s, properties, "source_url")
	require.Contains(s, properties, "source_sha512")
	properties["version"], properties["disk_format"] = "0."+s.director.UUID, "raw"
	properties["source_url"], properties["source_sha512"] = url, hex.EncodeToString(sum[:])
	return properties
}

// Glance downloads the disk image of a stemcell. What the URL does not have is
// uploaded from the archive, or else an error.
func TestImportedStemcell(t *testing.T) {
	s := newScenario(t)
	s.needs(serve.Possible(), serve.What)
	data := []byte(strings.Repeat(s.director.UUID+"\n", 4096))
	empty := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))

	properties := s.importedProperties(serve.Data(t, data, nil), data)
	_, failure := s.ask("create_stemcell", empty, properties)
	s.needs(failure == nil || !strings.Contains(failure.Message, "Glance of this cloud"), "the import method web-download for the port of CPI_SERVE")
	var cid, again string
	s.call(&cid, "create_stemcell", empty, properties)
	image := s.image(cid)
	wanted := object{
		"name": "bosh-openstack-kvm-ubuntu-noble/0." + s.director.UUID, "status": "active", "size": float64(len(data)), "visibility": "private",
		"os_hash_value": properties["source_sha512"], "disk_format": "raw", "architecture": "x86_64", "director_uuid": s.director.UUID,
	}
	for key, value := range wanted {
		assert.Equal(t, value, image[key], key)
	}
	s.call(&again, "create_stemcell", empty, properties)
	assert.Equal(t, cid, again)
	s.runLifeCycle(vmArguments{stemcell: cid, networks: networks{s.dynamic("private")}}, "")
	s.call(nil, "delete_stemcell", cid)
	assert.False(t, s.exists("image", "/images/"+cid))

	absent := strings.TrimSuffix(properties["source_url"].(string), "/") + "-absent"
	properties["source_url"] = absent
	s.refused("CloudError", []string{"import image", absent, "Glance could not download or store the data"}, "create_stemcell", empty, properties)
	s.call(&cid, "create_stemcell", s.archive(1), properties)
	assert.Equal(t, "active", s.image(cid)["status"])
	assert.InDelta(t, 1<<20, s.image(cid)["size"], 0)
	s.call(nil, "delete_stemcell", cid)
}
