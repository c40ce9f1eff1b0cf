package doctor

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/cpi"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
)

// TrialDirector is the director's UUID in the marks of what a trial creates, by
// which the command orphans finds what a killed trial has left.
const TrialDirector = "openstack-cpi-doctor"

// Trial is what is tried out: a VM, a disk and an image are created, used and
// deleted by the methods of the CPI.
type Trial struct {
	// Flavor and Network are a flavor's name and a network's id. If they are
	// empty, they are those of the cloud config, else the smallest flavor and the
	// project's only network.
	Flavor, Network string
	Log             *slog.Logger
	// Client is for what is not OpenStack.
	Client *http.Client
}

// WithTrial makes the examination end with a trial.
func (d *Doctor) WithTrial(trial Trial) *Doctor {
	d.trial = &trial
	return d
}

const (
	// trialImage is the size of the image in bytes. Nothing boots from it: Nova
	// does not look into it.
	trialImage = 1 << 20
	// deletionTime limits the deletion of everything.
	deletionTime = 10 * time.Minute
)

// checkTrial creates an image, a VM and a disk, attaches the disk, and deletes all
// of them, also if it is interrupted.
func (d *Doctor) checkTrial(ctx context.Context, s *sheet) {
	if d.trial == nil {
		s.note("trial", "nothing was created: -deep creates and deletes a VM, a disk and an image")
		return
	}
	if _, err := d.session.ProjectID(ctx); err != nil {
		s.unknown("trial", "nothing was created, because the login failed")
		return
	}
	properties, networks, err := d.trialVM(ctx)
	if err != nil {
		s.add(Unknown, "trial", "name them with -flavor and -network", "nothing was created: %s", err)
		return
	}
	folder, archive, err := trialStemcell()
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	if err != nil {
		s.failed("trial", err)
		return
	}
	t := &trial{doctor: d, sheet: s}
	defer t.end(context.WithoutCancel(ctx))
	t.run(ctx, archive, properties, networks)
}

// trialVM returns the cloud properties and the networks of the VM.
func (d *Doctor) trialVM(ctx context.Context) (properties json.RawMessage, networks bosh.Networks, err error) {
	vm := map[string]json.RawMessage{}
	if types := d.wanted.AllVMTypes(); len(types) > 0 {
		// Others, such as load balancer pools, would affect other VMs.
		for _, key := range []string{"instance_type", "availability_zone", "boot_from_volume", "root_disk", "key_name", "security_groups", "config_drive"} {
			if value, given := readable[map[string]json.RawMessage](types[0].CloudProperties)[key]; given {
				vm[key] = value
			}
		}
	}
	flavor := cmp.Or(d.trial.Flavor, readable[string](vm["instance_type"]))
	if flavor == "" {
		if flavor, err = d.smallestFlavor(ctx); err != nil {
			return nil, nil, err
		}
	}
	network, err := d.trialNetwork(ctx)
	if err != nil {
		return nil, nil, err
	}
	vm["instance_type"] = bosh.JSON(flavor)
	definition := bosh.JSON(map[string]any{"trial": map[string]any{"type": "dynamic", "cloud_properties": network}})
	err = json.Unmarshal(definition, &networks)
	return bosh.JSON(vm), networks, err
}

// errTrial reports that nothing says what to create.
var (
	errNoFlavor  = errors.New("no flavor can be used")
	errNoNetwork = errors.New("the project has no network, or several")
)

// smallestFlavor returns the name of the smallest flavor that create_vm accepts.
func (d *Doctor) smallestFlavor(ctx context.Context) (string, error) {
	all, err := d.compute.Flavors(ctx)
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(flavor flavors.Flavor) bool {
		return cpi.CheckEphemeralDisk(flavor) != nil || flavor.Disk == 0
	})
	if len(all) == 0 {
		return "", errNoFlavor
	}
	return slices.MinFunc(all, func(a, b flavors.Flavor) int { return cmp.Or(a.VCPUs-b.VCPUs, a.RAM-b.RAM, a.Disk-b.Disk) }).Name, nil
}

// trialNetwork returns the cloud properties of the network. Neutron chooses the
// address, so that it is none of those that BOSH assigns elsewhere.
func (d *Doctor) trialNetwork(ctx context.Context) (map[string]any, error) {
	if d.trial.Network != "" {
		return map[string]any{"net_id": d.trial.Network}, nil
	}
	for _, wish := range d.subnetWishes() {
		if id := wish.properties.NetID; wish.network.Type != bosh.VIP && id != "" && !manifest.IsOpen(id) {
			properties := map[string]any{"net_id": id}
			if groups := closed(wish.properties.SecurityGroups...); len(groups) > 0 {
				properties["security_groups"] = groups
			}
			return properties, nil
		}
	}
	found, err := d.topology(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, n := range found.networks {
		if !n.External && len(found.subnets[n.ID]) > 0 {
			ids = append(ids, n.ID)
		}
	}
	if len(ids) != 1 {
		return nil, errNoNetwork
	}
	return map[string]any{"net_id": ids[0]}, nil
}

// trialStemcell writes a stemcell archive with a small image of zeros.
func trialStemcell() (folder, archive string, err error) {
	if folder, err = os.MkdirTemp("", "openstack-cpi-doctor-"); err != nil {
		return "", "", err
	}
	archive = filepath.Join(folder, "image")
	file, err := os.Create(archive)
	if err != nil {
		return folder, archive, err
	}
	compressed := gzip.NewWriter(file)
	members := tar.NewWriter(compressed)
	err = members.WriteHeader(&tar.Header{Name: "root.img", Mode: 0o600, Size: trialImage, Typeflag: tar.TypeReg})
	if err == nil {
		_, err = io.CopyN(members, zeros{}, trialImage)
	}
	return folder, archive, errors.Join(err, members.Close(), compressed.Close(), file.Close())
}

// zeros is an endless stream of zeros.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// trial is the state of a trial.
type trial struct {
	doctor *Doctor
	sheet  *sheet
	// undo deletes what exists, the last first.
	undo []step
}

// step is one call of the CPI.
type step struct {
	name string
	call func(context.Context) error
}

// cpi returns the CPI of one call.
func (t *trial) cpi() *cpi.CPI {
	request := bosh.Request{APIVersion: 2, Context: bosh.Context{DirectorUUID: TrialDirector, StemcellAPIVersion: 3}}
	return cpi.New(request, t.doctor.config, t.doctor.session, t.doctor.trial.Client, t.doctor.trial.Log)
}

// do makes one call, and reports whether it succeeded.
func (t *trial) do(ctx context.Context, s step) bool {
	start := time.Now()
	err := s.call(ctx)
	if err != nil {
		t.sheet.bad(s.name, "see docs/errors.md for the error", "%s", err)
		return false
	}
	t.sheet.ok(s.name, "%.1f s", time.Since(start).Seconds())
	return true
}

// later deletes what was just created at the end.
func (t *trial) later(name string, call func(context.Context) error) {
	t.undo = append(t.undo, step{name, call})
}

// end deletes what exists. What is not deleted is named.
func (t *trial) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, deletionTime)
	defer cancel()
	for _, s := range slices.Backward(t.undo) {
		t.do(ctx, s)
	}
}

// run creates the image, the VM and the disk, and attaches the disk.
func (t *trial) run(ctx context.Context, archive string, properties json.RawMessage, networks bosh.Networks) {
	var stemcell bosh.StemcellCID
	var vm bosh.VMCID
	var disk bosh.DiskCID
	created := t.do(ctx, step{"create_stemcell", func(ctx context.Context) (err error) {
		stemcell, err = t.cpi().CreateStemcell(ctx, bosh.CreateStemcellArgs{ImagePath: archive, CloudProperties: bosh.JSON(map[string]any{
			"name": TrialDirector, "version": strings.ToLower(rand.Text()), "disk_format": "raw", "container_format": "bare",
		})})
		return err
	}})
	if !created {
		return
	}
	t.later("delete_stemcell", func(ctx context.Context) error {
		return named(t.cpi().DeleteStemcell(ctx, bosh.DeleteStemcellArgs{Stemcell: stemcell}))("image", string(stemcell))
	})
	created = t.do(ctx, step{"create_vm", func(ctx context.Context) error {
		made, err := t.cpi().CreateVM(ctx, bosh.CreateVMArgs{
			AgentID: TrialDirector, Stemcell: stemcell, CloudProperties: properties, Networks: networks, Env: json.RawMessage("{}"),
		})
		vm = made.CID
		return err
	}})
	if !created {
		return
	}
	t.later("delete_vm", func(ctx context.Context) error {
		return named(t.cpi().DeleteVM(ctx, bosh.VMArgs{VM: vm}))("server", string(vm))
	})
	created = t.do(ctx, step{"create_disk", func(ctx context.Context) (err error) {
		disk, err = t.cpi().CreateDisk(ctx, bosh.CreateDiskArgs{SizeMiB: 1024, VM: vm})
		return err
	}})
	if !created {
		return
	}
	t.later("delete_disk", func(ctx context.Context) error {
		return named(t.cpi().DeleteDisk(ctx, bosh.DiskArgs{Disk: disk}))("volume", string(disk))
	})
	both := bosh.VMDiskArgs{VM: vm, Disk: disk}
	attached := t.do(ctx, step{"attach_disk", func(ctx context.Context) error {
		_, err := t.cpi().AttachDisk(ctx, both)
		return err
	}})
	if attached {
		t.later("detach_disk", func(ctx context.Context) error { return named(t.cpi().DetachDisk(ctx, both))("volume", string(disk)) })
	}
}

// named returns a function that adds to the error of a deletion what exists still.
func named[T any](_ T, err error) func(kind, id string) error {
	return func(kind, id string) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%w; left behind: %s %s. openstack_cpi orphans -director %s finds it", err, kind, id, TrialDirector)
	}
}
