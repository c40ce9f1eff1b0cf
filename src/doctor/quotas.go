package doctor

import (
	"context"
	"fmt"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
)

// need is what the VMs and disks of the manifest, or the compilation of packages,
// take of the quotas.
type need struct{ instances, cores, ram, volumes, gigabytes, ports int }

// needs returns what has to be free, as far as flavors and sizes are known.
func (d *Doctor) needs(all []flavors.Flavor) (total need) {
	types := map[string]flavors.Flavor{}
	for _, t := range d.wanted.AllVMTypes() {
		for _, flavor := range all {
			if flavor.Name == readable[vmProperties](t.CloudProperties).InstanceType {
				types[t.Name] = flavor
			}
		}
	}
	add := func(count int, vmType string, networks int) {
		total.instances += count
		total.cores += count * types[vmType].VCPUs
		total.ram += count * types[vmType].RAM
		total.ports += count * networks
	}
	disks := map[string]int{}
	for _, t := range d.wanted.AllDiskTypes() {
		disks[t.Name] = int(t.SizeMiB)
	}
	for _, group := range d.wanted.Groups {
		count := int(group.Instances)
		add(count, group.VMType+group.ResourcePool, len(group.Networks))
		if size := max(int(group.PersistentDiskMiB), disks[group.PersistentDiskType+group.DiskPool]); size > 0 {
			total.volumes += count
			total.gigabytes += count * ((size + 1023) / 1024)
		}
	}
	if c := d.wanted.Compilation; c != nil {
		add(int(c.Workers), c.VMType, 1)
	}
	return total
}

// quota is one quota. A negative limit is unlimited.
type quota struct {
	name              string
	limit, used, need int
	unit              string
}

// checkQuotas compares what is left of the quotas with what the manifest needs.
func (d *Doctor) checkQuotas(ctx context.Context, s *sheet) {
	var total need
	if !d.wanted.Empty() {
		all, err := d.compute.Flavors(ctx)
		if err != nil {
			s.failed("needs", err)
		}
		total = d.needs(all)
	}
	var quotas []quota
	if nova, err := d.compute.Limits(ctx); err != nil {
		s.failed("Nova", err)
	} else {
		quotas = append(quotas, quota{"instances", nova.MaxTotalInstances, nova.TotalInstancesUsed, total.instances, ""},
			quota{"cores", nova.MaxTotalCores, nova.TotalCoresUsed, total.cores, ""}, quota{"memory", nova.MaxTotalRAMSize, nova.TotalRAMUsed, total.ram, " MiB"})
	}
	if cinder, err := d.volume.Limits(ctx); err != nil {
		s.failed("Cinder", err)
	} else {
		quotas = append(quotas, quota{"volumes", cinder.MaxTotalVolumes, cinder.TotalVolumesUsed, total.volumes, ""},
			quota{"volume space", cinder.MaxTotalVolumeGigabytes, cinder.TotalGigabytesUsed, total.gigabytes, " GiB"},
			quota{"snapshots", cinder.MaxTotalSnapshots, cinder.TotalSnapshotsUsed, 0, ""})
	}
	if neutron, err := d.network.Quotas(ctx); err != nil {
		s.failed("Neutron", err)
	} else {
		quotas = append(quotas, quota{"ports", neutron.Port.Limit, neutron.Port.Used + neutron.Port.Reserved, total.ports, ""},
			quota{"floating IPs", neutron.FloatingIP.Limit, neutron.FloatingIP.Used, 0, ""})
	}
	for _, q := range quotas {
		q.check(s)
	}
}

// check compares the quota with the need.
func (q quota) check(s *sheet) {
	free := q.limit - q.used
	switch text := fmt.Sprintf("%d of %d%s are free", free, q.limit, q.unit); {
	case q.limit < 0:
		s.ok(q.name, "unlimited, %d%s used", q.used, q.unit)
	case free < q.need:
		s.warning(q.name, "ask the cloud's operator for more, unless the VMs and disks exist already", "%s, %d are needed", text, q.need)
	case free <= 0 && q.name != "floating IPs" && q.name != "snapshots":
		s.warning(q.name, "delete what is not needed, or ask the cloud's operator for more", "%s: nothing more can be created", text)
	case q.need > 0:
		s.ok(q.name, "%s, %d are needed", text, q.need)
	default:
		s.ok(q.name, "%s", text)
	}
}
