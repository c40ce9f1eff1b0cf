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

// osOverhead is what stemcell and agent take of the root disk, in GiB.
const osOverhead = 3

// CalculatedVM are the cloud_properties of a VM chosen by its size.
type CalculatedVM struct {
	InstanceType string          `json:"instance_type"`
	RootDisk     *CalculatedDisk `json:"root_disk,omitempty"`
}

// CalculatedDisk is the boot volume such a VM needs; Size is GiB.
type CalculatedDisk struct {
	Size int `json:"size"`
}

// CalculateVMCloudProperties chooses the smallest flavor that fits.
func (c *CPI) CalculateVMCloudProperties(ctx context.Context, args bosh.CalculateVMArgs) (CalculatedVM, error) {
	if err := requirementsComplete(args.Requirements); err != nil {
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

// flavorsWithSpace keeps the flavors that hold an ephemeral disk of the wanted
// GiB: on a disk of its own if any flavor has that, else on the root disk. A
// boot volume is made as large as needed, so only the lack of an ephemeral disk
// counts.
func flavorsWithSpace(from []flavors.Flavor, ephemeral int, fromVolume bool) []flavors.Flavor {
	keep := func(fits func(flavors.Flavor) bool) []flavors.Flavor {
		return slices.DeleteFunc(slices.Clone(from), func(f flavors.Flavor) bool { return !fits(f) })
	}
	if fromVolume {
		return keep(func(f flavors.Flavor) bool { return f.Ephemeral == 0 })
	}
	if own := keep(func(f flavors.Flavor) bool { return f.Ephemeral >= ephemeral && f.Disk >= osOverhead }); len(own) > 0 {
		return own
	}
	return keep(func(f flavors.Flavor) bool { return f.Ephemeral == 0 && f.Disk >= ephemeral+osOverhead })
}

func requirementsComplete(requirements bosh.Requirements) error {
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
