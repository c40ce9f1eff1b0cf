package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

type calculated struct {
	InstanceType string `json:"instance_type"`
	RootDisk     *struct {
		Size int `json:"size"`
	} `json:"root_disk"`
}

// The director requests a flavor for the size of a VM, and creates the VM with
// it.
func TestCalculatedVM(t *testing.T) {
	s := newScenario(t)
	var found calculated
	s.call(&found, "calculate_vm_cloud_properties", object{"cpu": 1, "ram": 512, "ephemeral_disk_size": 2048})
	flavor := s.flavor(found.InstanceType)
	assert.GreaterOrEqual(t, flavor.VCPUs, 1)
	assert.GreaterOrEqual(t, flavor.RAM, 512)
	assert.True(t, flavor.Ephemeral >= 2 || flavor.Ephemeral == 0 && flavor.Disk >= 2+3, "%+v", flavor)
	assert.Nil(t, found.RootDisk)
	s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: object{"instance_type": found.InstanceType}})
}

func TestCalculatedVMBootsFromVolume(t *testing.T) {
	s := newScenario(t)
	s.configure(object{"boot_from_volume": true})
	var found calculated
	s.call(&found, "calculate_vm_cloud_properties", object{"cpu": 1, "ram": 512, "ephemeral_disk_size": 10000 * 1024})
	assert.Zero(t, s.flavor(found.InstanceType).Ephemeral)
	if assert.NotNil(t, found.RootDisk) {
		assert.Equal(t, 10003, found.RootDisk.Size)
	}
	s.call(&found, "calculate_vm_cloud_properties", object{"cpu": 1, "ram": 512, "ephemeral_disk_size": 1024})
	properties := object{"instance_type": found.InstanceType}
	if found.RootDisk != nil {
		properties["root_disk"] = found.RootDisk
	}
	s.createVM(vmArguments{networks: networks{s.dynamic("private")}, properties: properties})
}

func TestCalculatedVMWithoutFlavor(t *testing.T) {
	s := newScenario(t)
	s.refused("CloudError", []string{"Unable to meet requested VM requirements: 1000 CPU, 512 MB RAM, 1 GB Disk", s.fixtures.PlainFlavor()},
		"calculate_vm_cloud_properties", object{"cpu": 1000, "ram": 512, "ephemeral_disk_size": 1024})
	s.refused("CpiError", []string{"Missing VM cloud properties: 'cpu', 'ephemeral_disk_size'"},
		"calculate_vm_cloud_properties", object{"ram": 512, "ephemeral_disk_size": nil})
}

// flavor is a flavor in Nova's format.
type flavor struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	VCPUs     int    `json:"vcpus"`
	RAM       int    `json:"ram"`
	Disk      int    `json:"disk"`
	Ephemeral int    `json:"OS-FLV-EXT-DATA:ephemeral"`
}

// flavor reads a flavor of the cloud, since the CPI may choose one that is not
// in the fixtures.
func (s *scenario) flavor(name string) (found flavor) {
	s.Helper()
	for _, one := range get[struct{ Flavors []flavor }](s, "compute", "/flavors/detail").Flavors {
		if one.Name == name {
			return one
		}
	}
	s.Fatalf("the cloud has no flavor %q", name)
	return found
}
