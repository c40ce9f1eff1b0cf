package cpi

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// step is one call of a director.
type step struct {
	Call string
	// A and B select the operands among the objects that exist at that time.
	A, B int
	// Fault is an index of stepFaults.
	Fault int
	// Nth is the request that the fault applies to.
	Nth int
}

// stepFault is a fault that is injected into a step.
type stepFault struct {
	// fault applies to one request.
	fault simulator.Fault
	// failsLater makes the cloud accept requests whose execution then fails.
	failsLater bool
	// creationsOnly excludes calls that do not create an object. A failed creation
	// is undone, but a failed delete_vm can leave a port that cannot be found once
	// the server is deleted.
	creationsOnly bool
}

// stepFaults begins with no fault.
var stepFaults = []stepFault{
	{fault: simulator.Fault{On: "none"}},
	{fault: simulator.Fault{Status: http.StatusInternalServerError}},
	{fault: simulator.Fault{Status: http.StatusServiceUnavailable}},
	{fault: simulator.RateLimited("", 1e9)},
	{fault: simulator.Fault{Kind: simulator.LostAnswer}},
	{fault: simulator.Fault{Kind: simulator.Unanswered}},
	{fault: simulator.Fault{Kind: simulator.Dropped}},
	{fault: simulator.Fault{Kind: simulator.Refused}},
	{fault: simulator.Fault{On: "none"}, failsLater: true},
	{fault: simulator.Fault{Status: http.StatusForbidden}, creationsOnly: true},
}

// stateFaults are those after which a second call succeeds.
var stateFaults = []simulator.StateFault{
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
		"attach_disk", "detach_disk", "resize_disk", "update_disk", "snapshot_disk", "delete_snapshot", "set_vm_metadata", "set_disk_metadata", "reboot_vm",
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			Call: rapid.SampledFrom(calls).Draw(t, "call"), A: rapid.IntRange(0, 3).Draw(t, "a"), B: rapid.IntRange(0, 3).Draw(t, "b"),
			Fault: rapid.IntRange(0, len(stepFaults)-1).Draw(t, "fault"), Nth: rapid.IntRange(1, 12).Draw(t, "nth"),
		}
	}), 20, 50)
}

// model is the director's record of the objects in the cloud.
type model struct {
	*env

	before     simulator.Inventory
	taken      int // steps that made a call
	addresses  int
	vms        []bosh.VMCID
	disks      []bosh.DiskCID
	sizes      map[bosh.DiskCID]int
	attachedTo map[bosh.DiskCID]bosh.VMCID
	snapshots  []bosh.SnapshotCID
	diskOf     map[bosh.SnapshotCID]bosh.DiskCID
	indexes    map[string]string // metadata of VMs and disks
}

// A director makes random calls in random order, and one request of a call may
// fail. Each call succeeds or can be repeated, and the cloud then has exactly the
// objects of the director's record.
func TestDirectorAndCloudAgree(t *testing.T) {
	t.Parallel()
	// About 20 steps with a call each. The option -rapid.checks makes more.
	number, least := "40", 500
	if raceDetector {
		number, least = "5", 50
	}
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set(number); err != nil {
			t.Fatal(err)
		}
	}
	taken := 0
	rapid.Check(t, func(rt *rapid.T) {
		plan := steps().Draw(rt, "steps")
		var failed error
		synctest.Test(t, func(t *testing.T) {
			e := &env{
				T: t, cloud: simulator.New(simulator.Options{}), api: 2, stemcell: 3, log: &logBuffer{},
				overrides: map[string]any{"connection_options": map[string]any{"connect_timeout": 5}, "log_level": "error"},
			}
			m := &model{
				env: e, before: e.cloud.Inventory(), sizes: map[bosh.DiskCID]int{}, attachedTo: map[bosh.DiskCID]bosh.VMCID{},
				diskOf: map[bosh.SnapshotCID]bosh.DiskCID{}, indexes: map[string]string{},
			}
			failed = m.run(plan)
			taken += m.taken
		})
		if failed != nil {
			rt.Fatal(failed)
		}
	})
	t.Logf("%d steps", taken)
	assert.GreaterOrEqual(t, taken, least)
}

func (m *model) run(plan []step) error {
	for i, s := range plan {
		err := m.take(s)
		if err == nil {
			err = m.compare()
		}
		if err != nil {
			return fmt.Errorf("step %d, %+v: %w", i+1, s, err)
		}
	}
	if violations := m.cloud.Violations(); len(violations) > 0 {
		return fmt.Errorf("requests that OpenStack does not define: %v", violations)
	}
	return nil
}

// pick selects one of the elements, if there are any.
func pick[T any](from []T, i int) (chosen T, exists bool) {
	if len(from) == 0 {
		return chosen, false
	}
	return from[i%len(from)], true
}

func (m *model) take(s step) error {
	vm, hasVM := pick(m.vms, s.A)
	disk, hasDisk := pick(m.disks, s.B)
	snapshot, hasSnapshot := pick(m.snapshots, s.A)
	_, attached := m.attachedTo[disk]
	switch {
	case strings.HasPrefix(s.Call, "create_"):
		return m.creates(s)
	case strings.HasSuffix(s.Call, "_vm") || strings.HasSuffix(s.Call, "_vm_metadata"):
		if hasVM {
			return m.vmStep(s, vm)
		}
	case s.Call == "delete_snapshot":
		if hasSnapshot {
			return m.repeated(s, func(c *CPI) error {
				_, err := c.DeleteSnapshot(m.Context(), bosh.DeleteSnapshotArgs{Snapshot: snapshot})
				return err
			}, func() {
				m.snapshots = slices.DeleteFunc(m.snapshots, func(other bosh.SnapshotCID) bool { return other == snapshot })
				delete(m.diskOf, snapshot)
			})
		}
	case s.Call == "attach_disk":
		if hasVM && hasDisk && !attached {
			return m.repeated(s, func(c *CPI) error {
				_, err := c.AttachDisk(m.Context(), bosh.VMDiskArgs{VM: vm, Disk: disk})
				return err
			}, func() { m.attachedTo[disk] = vm })
		}
	case hasDisk:
		return m.diskStep(s, disk, attached)
	}
	return nil
}

func (m *model) creates(s step) error {
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

func (m *model) vmStep(s step, vm bosh.VMCID) error {
	return m.repeated(s, func(c *CPI) (err error) {
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
		switch s.Call {
		case "set_vm_metadata":
			m.indexes[string(vm)] = strconv.Itoa(s.B)
		case "delete_vm":
			m.vms = slices.DeleteFunc(m.vms, func(other bosh.VMCID) bool { return other == vm })
			maps.DeleteFunc(m.attachedTo, func(_ bosh.DiskCID, other bosh.VMCID) bool { return other == vm })
		}
	})
}

func (m *model) diskStep(s step, disk bosh.DiskCID, attached bool) error {
	inUse := attached || slices.Contains(slices.Collect(maps.Values(m.diskOf)), disk)
	switch s.Call {
	case "snapshot_disk":
		return m.once(s, func(c *CPI) error {
			snapshot, err := c.SnapshotDisk(m.Context(), bosh.SnapshotDiskArgs{Disk: disk})
			if err == nil {
				m.snapshots, m.diskOf[snapshot] = append(m.snapshots, snapshot), disk
			}
			return err
		})
	case "delete_disk":
		remove := func(c *CPI) error { _, err := c.DeleteDisk(m.Context(), bosh.DiskArgs{Disk: disk}); return err }
		if inUse {
			return m.refused(s, remove)
		}
		return m.repeated(s, remove, func() {
			m.disks = slices.DeleteFunc(m.disks, func(other bosh.DiskCID) bool { return other == disk })
		})
	case "resize_disk":
		size := m.sizes[disk] + 1
		grow := func(c *CPI) error {
			_, err := c.ResizeDisk(m.Context(), bosh.ResizeDiskArgs{Disk: disk, SizeMiB: size * 1024})
			return err
		}
		return m.repeated(s, grow, func() { m.sizes[disk] = size })
	case "update_disk":
		size, volumeType := m.sizes[disk]+1, []string{"ssd", "hdd"}[s.A%2]
		return m.repeated(s, func(c *CPI) error {
			properties := fmt.Appendf(nil, `{"type":%q}`, volumeType)
			if attached {
				properties = []byte(`{}`)
			}
			_, err := c.UpdateDisk(m.Context(), bosh.UpdateDiskArgs{Disk: disk, SizeMiB: size * 1024, CloudProperties: properties})
			return err
		}, func() { m.sizes[disk] = size })
	case "detach_disk":
		if !attached {
			return nil
		}
		return m.repeated(s, func(c *CPI) error {
			_, err := c.DetachDisk(m.Context(), bosh.VMDiskArgs{VM: m.attachedTo[disk], Disk: disk})
			return err
		}, func() { delete(m.attachedTo, disk) })
	}
	return m.repeated(s, func(c *CPI) error {
		_, err := c.SetDiskMetadata(m.Context(), bosh.SetDiskMetadataArgs{Disk: disk, Metadata: bosh.Metadata{"index": s.A}})
		return err
	}, func() { m.indexes[string(disk)] = strconv.Itoa(s.A) })
}

// once makes a call with the fault of the step.
func (m *model) once(s step, call func(*CPI) error) error {
	m.taken++
	injected := stepFaults[s.Fault]
	if injected.failsLater {
		for _, fault := range stateFaults {
			m.cloud.InjectStateFault(fault)
		}
	}
	injected.fault.Nth = s.Nth
	m.cloud.Inject(injected.fault)
	err := call(m.cpi())
	m.cloud.ClearFaults()
	m.cloud.ClearStateFaults()
	if err != nil && s.Fault == 0 {
		return fmt.Errorf("failed without a fault: %w", err)
	}
	return checkKind(err)
}

// repeated makes a call that has to succeed, at the second time if the first one
// fails.
func (m *model) repeated(s step, call func(*CPI) error, done func()) error {
	if stepFaults[s.Fault].creationsOnly {
		s.Fault = 0
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

// refused makes a call that has to fail.
func (m *model) refused(s step, call func(*CPI) error) error {
	var failed error
	if err := m.once(s, func(c *CPI) error { failed = call(c); return nil }); err != nil {
		return err
	}
	if failed == nil {
		return errors.New("it succeeded")
	}
	return checkKind(failed)
}

// checkKind returns an error for one that blames the CPI or its input, which are
// right in all steps, and for one that no method has given a kind although it
// does not come from OpenStack.
func checkKind(err error) error {
	switch {
	case err == nil:
		return nil
	case bosh.AsError(err).Kind == bosh.CPIError:
		return fmt.Errorf("an error of the CPI itself: %w", err)
	case errors.As(err, new(*bosh.Error)), errors.As(err, new(*openstack.APIError)),
		errors.As(err, new(*openstack.WaitError)), errors.As(err, new(*openstack.MissingError)):
		return nil
	}
	return fmt.Errorf("an error without a kind: %w", err)
}

// compare returns an error if the cloud differs from the director's record.
func (m *model) compare() error {
	want, have := m.expected(), m.existing()
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		return fmt.Errorf("the cloud has\n%s\nand the director has recorded\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
	return m.compareResults()
}

// expected describes the objects that must exist.
func (m *model) expected() []string {
	objects := []string{}
	for _, vm := range m.vms {
		objects = append(objects, "port of "+string(vm), fmt.Sprintf("server %s, active, index %s", vm, m.indexes[string(vm)]))
	}
	for _, disk := range m.disks {
		vm, attached := m.attachedTo[disk]
		status := "available"
		if attached {
			status = "in-use"
			objects = append(objects, fmt.Sprintf("attachment %s to %s", disk, vm))
		}
		objects = append(objects, fmt.Sprintf("volume %s, %s, %d GiB, index %s", disk, status, m.sizes[disk], m.indexes[string(disk)]))
	}
	for _, snapshot := range m.snapshots {
		objects = append(objects, fmt.Sprintf("snapshot %s of %s, available", snapshot, m.diskOf[snapshot]))
	}
	return objects
}

// existing describes the objects that exist now and did not before, as expected
// does.
func (m *model) existing() []string {
	objects := []string{}
	for key, o := range m.cloud.Inventory() {
		if _, known := m.before[key]; known {
			continue
		}
		switch kindOf(key) {
		case "port":
			key = "port of " + o.Fields["device"]
		case "server":
			key += fmt.Sprintf(", %s, index %s", o.Fields["status"], o.Fields["metadata.index"])
		case "volume":
			key += fmt.Sprintf(", %s, %s GiB, index %s", o.Fields["status"], o.Fields["size"], o.Fields["metadata.index"])
		case "snapshot":
			key += fmt.Sprintf(" of %s, %s", o.Fields["volume"], o.Fields["status"])
		}
		objects = append(objects, key)
	}
	return objects
}

// compareResults returns an error if the results of has_vm, has_disk and get_disks
// differ from the director's record.
func (m *model) compareResults() error {
	c := m.cpi()
	for _, vm := range m.vms {
		has, err := c.HasVM(m.Context(), bosh.VMArgs{VM: vm})
		if err != nil {
			return err
		}
		if !has {
			return fmt.Errorf("has_vm returned false for %s", vm)
		}
		var want []bosh.DiskCID
		for disk, attachedTo := range m.attachedTo {
			if attachedTo == vm {
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
			return fmt.Errorf("has_disk returned false for %s", disk)
		}
	}
	return nil
}
