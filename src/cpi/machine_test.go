package cpi

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// step is one call of a director. Its operands are chosen among what exists when its turn comes.
type step struct {
	Call    string
	A, B    int
	Trouble int // of troubles
	AtCall  int // the request that fails
}

// trouble is what goes wrong in one step: one request fails, or what the cloud was asked to do does.
type trouble struct {
	fault simulator.Fault
	ill   bool
	// creating: only calls that create something get into it. They undo what they began; of a deleted VM whose port
	// was not deleted nobody knows any more that it had one.
	creating bool
}

// troubles begin with none.
var troubles = []trouble{
	{fault: simulator.Fault{On: "none"}},
	{fault: simulator.Fault{Status: http.StatusInternalServerError}},
	{fault: simulator.Fault{Status: http.StatusServiceUnavailable}},
	{fault: simulator.RateLimited("", 1e9)},
	{fault: simulator.Fault{Kind: simulator.LostAnswer}},
	{fault: simulator.Fault{Kind: simulator.Unanswered}},
	{fault: simulator.Fault{Kind: simulator.Dropped}},
	{fault: simulator.Fault{Kind: simulator.Refused}},
	{fault: simulator.Fault{On: "none"}, ill: true},
	{fault: simulator.Fault{Status: http.StatusForbidden}, creating: true},
}

// illnesses are those from which a second try recovers.
var illnesses = []simulator.StateFault{
	{Resource: "server", Phase: "create"},
	{Resource: "server", Phase: "delete"},
	{Resource: "server", Phase: "reboot"},
	{Resource: "volume", Phase: "create"},
	{Resource: "volume", Phase: "attach"},
	{Resource: "volume", Phase: "detach"},
	{Resource: "snapshot", Phase: "create"},
}

func steps() *rapid.Generator[[]step] {
	calls := []string{
		"create_vm", "create_vm", "delete_vm", "create_disk", "create_disk", "create_disk", "delete_disk", "attach_disk", "attach_disk",
		"attach_disk", "detach_disk", "resize_disk", "snapshot_disk", "delete_snapshot", "set_vm_metadata", "set_disk_metadata", "reboot_vm",
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			Call: rapid.SampledFrom(calls).Draw(t, "call"), A: rapid.IntRange(0, 3).Draw(t, "a"), B: rapid.IntRange(0, 3).Draw(t, "b"),
			Trouble: rapid.IntRange(0, len(troubles)-1).Draw(t, "trouble"), AtCall: rapid.IntRange(1, 12).Draw(t, "at"),
		}
	}), 10, 30)
}

// machine is what a director believes to be in the cloud.
type machine struct {
	*env

	before    simulator.Inventory
	addresses int
	vms       []bosh.VMCID
	disks     []bosh.DiskCID
	sizes     map[bosh.DiskCID]int
	home      map[bosh.DiskCID]bosh.VMCID // of attached disks
	snapshots []bosh.SnapshotCID
	of        map[bosh.SnapshotCID]bosh.DiskCID
}

// Whatever a director asks for, in whatever order, and whatever single request of a call fails: a call has succeeded or
// it can be made again, and the cloud has what the director believes to be there, and nothing else.
func TestDirectorAndCloudAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		plan := steps().Draw(rt, "steps")
		var failed error
		synctest.Test(t, func(t *testing.T) {
			e := &env{
				T: t, cloud: simulator.New(simulator.Options{}), api: 2, stemcell: 3, log: &bytes.Buffer{},
				overrides: map[string]any{"connection_options": map[string]any{"connect_timeout": 5}, "log_level": "error"},
			}
			m := &machine{
				env: e, before: e.cloud.Inventory(), sizes: map[bosh.DiskCID]int{}, home: map[bosh.DiskCID]bosh.VMCID{},
				of: map[bosh.SnapshotCID]bosh.DiskCID{},
			}
			failed = m.run(plan)
		})
		if failed != nil {
			rt.Fatal(failed)
		}
	})
}

func (m *machine) run(plan []step) error {
	for i, s := range plan {
		err := m.take(s)
		if err == nil {
			err = m.agrees()
		}
		if err != nil {
			return fmt.Errorf("step %d, %+v: %w", i+1, s, err)
		}
	}
	if violations := m.cloud.Violations(); len(violations) > 0 {
		return fmt.Errorf("requests that OpenStack does not know: %v", violations)
	}
	return nil
}

// pick chooses among what exists.
func pick[T any](from []T, i int) (chosen T, exists bool) {
	if len(from) == 0 {
		return chosen, false
	}
	return from[i%len(from)], true
}

func (m *machine) take(s step) error {
	vm, hasVM := pick(m.vms, s.A)
	disk, hasDisk := pick(m.disks, s.B)
	snapshot, hasSnapshot := pick(m.snapshots, s.A)
	_, attached := m.home[disk]
	switch {
	case strings.HasPrefix(s.Call, "create_"):
		return m.creates(s)
	case strings.HasSuffix(s.Call, "_vm") || strings.HasSuffix(s.Call, "_vm_metadata"):
		if hasVM {
			return m.vmStep(s, vm)
		}
	case s.Call == "delete_snapshot":
		if hasSnapshot {
			return m.again(s, func(c *CPI) error {
				_, err := c.DeleteSnapshot(m.Context(), bosh.DeleteSnapshotArgs{Snapshot: snapshot})
				return err
			}, func() {
				m.snapshots = slices.DeleteFunc(m.snapshots, func(other bosh.SnapshotCID) bool { return other == snapshot })
				delete(m.of, snapshot)
			})
		}
	case s.Call == "attach_disk":
		if hasVM && hasDisk && !attached {
			return m.again(s, func(c *CPI) error {
				_, err := c.AttachDisk(m.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
				return err
			}, func() { m.home[disk] = vm })
		}
	case hasDisk:
		return m.diskStep(s, disk, attached)
	}
	return nil
}

func (m *machine) creates(s step) error {
	switch {
	case s.Call == "create_vm" && len(m.vms) < 2:
		m.addresses++
		args := m.newVM(m.manual(fmt.Sprintf("10.0.0.%d", 9+m.addresses)), smallVM)
		return m.once(s, func(c *CPI) error {
			created, err := c.CreateVM(m.Context(), args)
			if err == nil {
				m.vms = append(m.vms, created.CID)
			}
			return err
		})
	case s.Call == "create_disk" && len(m.disks) < 4:
		return m.once(s, func(c *CPI) error {
			disk, err := c.CreateDisk(m.Context(), bosh.CreateDiskArgs{SizeMiB: 1024})
			if err == nil {
				m.disks, m.sizes[disk] = append(m.disks, disk), 1
			}
			return err
		})
	}
	return nil
}

func (m *machine) vmStep(s step, vm bosh.VMCID) error {
	return m.again(s, func(c *CPI) (err error) {
		switch s.Call {
		case "delete_vm":
			_, err = c.DeleteVM(m.Context(), bosh.VMArgs{VM: vm})
		case "reboot_vm":
			_, err = c.RebootVM(m.Context(), bosh.VMArgs{VM: vm})
		default:
			_, err = c.SetVMMetadata(m.Context(), bosh.SetVMMetadataArgs{VM: vm, Metadata: bosh.Metadata{"job": "router", "index": s.B}})
		}
		return err
	}, func() {
		if s.Call == "delete_vm" {
			m.vms = slices.DeleteFunc(m.vms, func(other bosh.VMCID) bool { return other == vm })
			maps.DeleteFunc(m.home, func(_ bosh.DiskCID, home bosh.VMCID) bool { return home == vm })
		}
	})
}

func (m *machine) diskStep(s step, disk bosh.DiskCID, attached bool) error {
	inUse := attached || slices.Contains(slices.Collect(maps.Values(m.of)), disk)
	switch s.Call {
	case "snapshot_disk":
		return m.once(s, func(c *CPI) error {
			snapshot, err := c.SnapshotDisk(m.Context(), bosh.SnapshotDiskArgs{Disk: disk})
			if err == nil {
				m.snapshots, m.of[snapshot] = append(m.snapshots, snapshot), disk
			}
			return err
		})
	case "delete_disk":
		remove := func(c *CPI) error { _, err := c.DeleteDisk(m.Context(), bosh.DiskArgs{Disk: disk}); return err }
		if inUse {
			return m.refuses(s, remove)
		}
		return m.again(s, remove, func() {
			m.disks = slices.DeleteFunc(m.disks, func(other bosh.DiskCID) bool { return other == disk })
		})
	case "resize_disk":
		size := m.sizes[disk] + 1
		grow := func(c *CPI) error {
			_, err := c.ResizeDisk(m.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: size * 1024})
			return err
		}
		if attached {
			return m.refuses(s, grow)
		}
		return m.again(s, grow, func() { m.sizes[disk] = size })
	case "detach_disk":
		if !attached {
			return nil
		}
		return m.again(s, func(c *CPI) error {
			_, err := c.DetachDisk(m.Context(), bosh.VMDiskArgs{VM: m.home[disk], Disk: disk})
			return err
		}, func() { delete(m.home, disk) })
	}
	return m.again(s, func(c *CPI) error {
		_, err := c.SetDiskMetadata(m.Context(), bosh.SetDiskMetadataArgs{Disk: disk, Metadata: bosh.Metadata{"index": s.A}})
		return err
	}, func() {})
}

// once makes a call that creates something: it does, or leaves nothing.
func (m *machine) once(s step, call func(*CPI) error) error {
	trouble := troubles[s.Trouble]
	if trouble.ill {
		for _, illness := range illnesses {
			m.cloud.InjectStateFault(illness)
		}
	}
	trouble.fault.Nth = s.AtCall
	m.cloud.Inject(trouble.fault)
	err := call(m.cpi())
	m.cloud.ClearFaults()
	m.cloud.ClearStateFaults()
	if err != nil && s.Trouble == 0 {
		return fmt.Errorf("nothing was wrong: %w", err)
	}
	return ofAKind(err)
}

// again makes a call that brings something into a state: it does, or does when it is made again.
func (m *machine) again(s step, call func(*CPI) error, done func()) error {
	if troubles[s.Trouble].creating {
		s.Trouble = 0
	}
	var failed error
	if err := m.once(s, func(c *CPI) error { failed = call(c); return failed }); err != nil {
		return err
	}
	if failed != nil {
		if err := call(m.cpi()); err != nil {
			return fmt.Errorf("the second try after (%w): %w", failed, err)
		}
	}
	done()
	return nil
}

// refuses makes a call that must not succeed.
func (m *machine) refuses(s step, call func(*CPI) error) error {
	var failed error
	if err := m.once(s, func(c *CPI) error { failed = call(c); return nil }); err != nil {
		return err
	}
	if failed == nil {
		return errors.New("it succeeded")
	}
	return ofAKind(failed)
}

// ofAKind complains about errors that no director knows.
func ofAKind(err error) error {
	if err == nil || strings.HasPrefix(bosh.AsError(err).Kind.String(), "Bosh::Clouds::") {
		return nil
	}
	return fmt.Errorf("an error of no kind: %w", err)
}

// agrees compares the cloud with what the director believes.
func (m *machine) agrees() error {
	want := []string{}
	for _, vm := range m.vms {
		want = append(want, "+ server "+string(vm), "+ port")
	}
	for _, disk := range m.disks {
		want = append(want, "+ volume "+string(disk))
		if _, attached := m.home[disk]; attached {
			want = append(want, "+ attachment "+string(disk))
		}
	}
	for _, snapshot := range m.snapshots {
		want = append(want, "+ snapshot "+string(snapshot))
	}
	have := []string{}
	for _, line := range m.cloud.Inventory().Diff(m.before) {
		fields := strings.Fields(line)
		if fields[1] == "port" {
			fields = fields[:2]
		}
		have = append(have, strings.Join(fields[:min(3, len(fields))], " "))
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		return fmt.Errorf("the cloud has\n%s\nand the director believes\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
	return m.answers()
}

// answers compares what the methods say.
func (m *machine) answers() error {
	c := m.cpi()
	for _, vm := range m.vms {
		has, err := c.HasVM(m.Context(), bosh.VMArgs{VM: vm})
		if err != nil {
			return err
		}
		if !has {
			return fmt.Errorf("has_vm denies %s", vm)
		}
		var want []bosh.DiskCID
		for disk, home := range m.home {
			if home == vm {
				want = append(want, disk)
			}
		}
		disks, err := c.GetDisks(m.Context(), bosh.VMArgs{VM: vm})
		slices.Sort(want)
		slices.Sort(disks)
		if err != nil {
			return err
		}
		if !slices.Equal(want, disks) {
			return fmt.Errorf("get_disks of %s: %v; expected %v", vm, disks, want)
		}
	}
	for _, disk := range m.disks {
		has, err := c.HasDisk(m.Context(), bosh.DiskArgs{Disk: disk})
		if err != nil {
			return err
		}
		if !has {
			return fmt.Errorf("has_disk denies %s", disk)
		}
	}
	return nil
}
