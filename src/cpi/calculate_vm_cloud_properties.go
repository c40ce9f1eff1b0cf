package cpi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// osOverhead is the space, in GiB, that stemcell and agent need on the root disk.
const osOverhead = 3

// CalculatedVM are the cloud_properties of a VM of a requested size.
type CalculatedVM struct {
	InstanceType string          `json:"instance_type"`
	RootDisk     *CalculatedDisk `json:"root_disk,omitempty"`
}

// CalculatedDisk is the boot volume that such a VM needs.
type CalculatedDisk struct {
	// Size is GiB.
	Size int `json:"size"`
}

// CalculateVMCloudProperties returns the smallest flavor that meets the
// requirements.
func (c *CPI) CalculateVMCloudProperties(ctx context.Context, args bosh.CalculateVMArgs) (CalculatedVM, error) {
	if err := checkRequirements(args.Requirements); err != nil {
		return CalculatedVM{}, err
	}
	cpu, ram := *args.Requirements.CPU, *args.Requirements.RAM
	ephemeral := gib(*args.Requirements.EphemeralDiskSize)
	all, err := c.compute.Flavors(ctx)
	if err != nil {
		return CalculatedVM{}, err
	}

	fromVolume := c.config.OpenStack.BootFromVolume
	large := slices.DeleteFunc(slices.Clone(all), func(f flavors.Flavor) bool { return f.VCPUs < cpu || f.RAM < ram })
	fitting := flavorsWithSpace(large, ephemeral, fromVolume)
	if len(fitting) == 0 {
		return CalculatedVM{}, bosh.Errorf(bosh.CloudError, "Unable to meet requested VM requirements: %d CPU, %d MB RAM, %d GB Disk.\nAvailable flavors:\n%s",
			cpu, ram, ephemeral, describeFlavors(all))
	}
	smallest := slices.MinFunc(fitting, func(a, b flavors.Flavor) int {
		return cmp.Or(cmp.Compare(a.VCPUs, b.VCPUs), cmp.Compare(a.RAM, b.RAM),
			cmp.Compare(a.Disk+a.Ephemeral, b.Disk+b.Ephemeral), cmp.Compare(a.Disk, b.Disk))
	})
	result := CalculatedVM{InstanceType: smallest.Name}
	if fromVolume && smallest.Disk < osOverhead+ephemeral {
		result.RootDisk = &CalculatedDisk{Size: osOverhead + ephemeral}
	}
	return result, nil
}

// flavorsWithSpace returns the flavors that have space for an ephemeral disk of
// the given GiB: those with a separate disk for it, or if there are none, those
// with enough space on the root disk. A boot volume is created as large as
// needed, but then the flavor must not have an ephemeral disk.
func flavorsWithSpace(from []flavors.Flavor, ephemeral int, fromVolume bool) []flavors.Flavor {
	keep := func(fits func(flavors.Flavor) bool) []flavors.Flavor {
		return slices.DeleteFunc(slices.Clone(from), func(f flavors.Flavor) bool { return !fits(f) })
	}
	if fromVolume {
		return keep(func(f flavors.Flavor) bool { return f.Ephemeral == 0 })
	}
	if separate := keep(func(f flavors.Flavor) bool { return f.Ephemeral >= ephemeral && f.Disk >= osOverhead }); len(separate) > 0 {
		return separate
	}
	return keep(func(f flavors.Flavor) bool { return f.Ephemeral == 0 && f.Disk >= ephemeral+osOverhead })
}

func checkRequirements(requirements bosh.Requirements) error {
	var missing []string
	for _, required := range []struct {
		name  string
		value *int
	}{{"cpu", requirements.CPU}, {"ram", requirements.RAM}, {"ephemeral_disk_size", requirements.EphemeralDiskSize}} {
		if required.value == nil {
			missing = append(missing, "'"+required.name+"'")
		}
	}
	if len(missing) > 0 {
		return bosh.Errorf(bosh.CPIError, "Missing VM cloud properties: %s", strings.Join(missing, ", "))
	}
	return nil
}

func describeFlavors(all []flavors.Flavor) string {
	lines := make([]string, 0, len(all))
	for _, f := range all {
		lines = append(lines, fmt.Sprintf("%s: %d CPU, %d MB RAM, %d GB Disk", f.Name, f.VCPUs, f.RAM, f.Disk))
	}
	return strings.Join(lines, "\n")
}
