package cpi

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// scenario is one call of a method. prepare makes what the call needs and
// returns the call, which may be made again.
type scenario struct {
	name    string
	prepare func(w *world) func(context.Context, *CPI) error
	// removes says that the call takes something away: after a failure it is
	// made again, as callers do, and must then have done all its work.
	removes bool
}

func scenarios() []scenario {
	return []scenario{
		{name: "create_stemcell", prepare: func(w *world) func(context.Context, *CPI) error {
			archive := w.stemcellArchive(1 << 16)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateStemcell(ctx, bosh.CreateStemcell{ImagePath: archive, CloudProperties: []byte(stemcellProperties)})
				return err
			}
		}},
		{name: "delete_stemcell", removes: true, prepare: func(w *world) func(context.Context, *CPI) error {
			cid, err := w.cpi().CreateStemcell(w.Context(), bosh.CreateStemcell{ImagePath: w.stemcellArchive(1 << 10), CloudProperties: []byte(stemcellProperties)})
			require.NoError(w, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteStemcell(ctx, bosh.DeleteStemcell{Stemcell: cid})
				return err
			}
		}},
		{name: "create_vm manual", prepare: func(w *world) func(context.Context, *CPI) error {
			return creating(w, func() bosh.CreateVM { return w.newVM(w.manual("10.0.0.10"), smallVM) })
		}},
		{name: "create_vm dynamic with vip", prepare: func(w *world) func(context.Context, *CPI) error {
			return creating(w, func() bosh.CreateVM {
				return w.newVM(w.networks(`{"private":{"type":"dynamic","default":["gateway"],"cloud_properties":{"net_id":%q}},"vip":{"type":"vip","ip":%q}}`,
					w.cloud.Fixtures().Networks["private"], w.floatingIP()), smallVM)
			})
		}},
		{name: "create_vm two networks", prepare: func(w *world) func(context.Context, *CPI) error {
			w.overrides["use_dhcp"], w.overrides["config_drive"] = false, "cdrom"
			return creating(w, func() bosh.CreateVM { return w.newVM(w.twoNetworks(), smallVM) })
		}},
		{name: "create_vm from volume", prepare: func(w *world) func(context.Context, *CPI) error {
			return creating(w, func() bosh.CreateVM {
				return w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true,"root_disk":{"size":5}}`)
			})
		}},
		{name: "create_vm in a pool", prepare: func(w *world) func(context.Context, *CPI) error {
			return creating(w, func() bosh.CreateVM {
				return w.newVM(w.manual("10.0.0.10"), fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, w.pool()))
			})
		}},
		{name: "delete_vm", removes: true, prepare: func(w *world) func(context.Context, *CPI) error {
			return deleting(w, smallVM)
		}},
		{name: "delete_vm in a pool", removes: true, prepare: func(w *world) func(context.Context, *CPI) error {
			return deleting(w, fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, w.pool()))
		}},
		{name: "reboot_vm", prepare: func(w *world) func(context.Context, *CPI) error {
			vm := w.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.RebootVM(ctx, bosh.VM{VM: vm})
				return err
			}
		}},
		{name: "set_vm_metadata", prepare: func(w *world) func(context.Context, *CPI) error {
			vm := w.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SetVMMetadata(ctx, bosh.SetVMMetadata{VM: vm, Metadata: bosh.Metadata{"name": "router/1", "job": "router"}})
				return err
			}
		}},
		{name: "create_disk", prepare: func(*world) func(context.Context, *CPI) error {
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateDisk(ctx, bosh.CreateDisk{SizeMiB: 2048})
				return err
			}
		}},
		{name: "delete_disk", removes: true, prepare: func(w *world) func(context.Context, *CPI) error {
			disk := w.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteDisk(ctx, bosh.Disk{Disk: disk})
				return err
			}
		}},
		{name: "attach_disk", prepare: func(w *world) func(context.Context, *CPI) error {
			args := bosh.AttachDisk{VM: w.vm("10.0.0.10"), Disk: w.disk()}
			return func(ctx context.Context, c *CPI) error {
				_, err := c.AttachDisk(ctx, args)
				return err
			}
		}},
		{name: "detach_disk", removes: true, prepare: func(w *world) func(context.Context, *CPI) error {
			args := bosh.AttachDisk{VM: w.vm("10.0.0.10"), Disk: w.disk()}
			_, err := w.cpi().AttachDisk(w.Context(), args)
			require.NoError(w, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DetachDisk(ctx, args)
				return err
			}
		}},
		{name: "set_disk_metadata", prepare: func(w *world) func(context.Context, *CPI) error {
			disk := w.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SetDiskMetadata(ctx, bosh.SetDiskMetadata{Disk: disk, Metadata: bosh.Metadata{"deployment": "cf"}})
				return err
			}
		}},
		{name: "resize_disk", prepare: func(w *world) func(context.Context, *CPI) error {
			disk := w.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.ResizeDisk(ctx, bosh.ResizeDisk{Disk: disk, SizeMiB: 4096})
				return err
			}
		}},
		{name: "snapshot_disk", prepare: func(w *world) func(context.Context, *CPI) error {
			disk := w.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SnapshotDisk(ctx, bosh.SnapshotDisk{Disk: disk})
				return err
			}
		}},
		{name: "delete_snapshot", removes: true, prepare: func(w *world) func(context.Context, *CPI) error {
			snapshot, err := w.cpi().SnapshotDisk(w.Context(), bosh.SnapshotDisk{Disk: w.disk()})
			require.NoError(w, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteSnapshot(ctx, bosh.DeleteSnapshot{Snapshot: snapshot})
				return err
			}
		}},
	}
}

func creating(_ *world, args func() bosh.CreateVM) func(context.Context, *CPI) error {
	return func(ctx context.Context, c *CPI) error {
		_, err := c.CreateVM(ctx, args())
		return err
	}
}

func deleting(w *world, cloudProperties string) func(context.Context, *CPI) error {
	created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), cloudProperties))
	require.NoError(w, err)
	return func(ctx context.Context, c *CPI) error {
		_, err := c.DeleteVM(ctx, bosh.VM{VM: created.CID})
		return err
	}
}

// blow is one way in which one of a method's writes can fail.
type blow struct {
	name  string
	fault simulator.Fault
}

var blows = []blow{
	{"500", simulator.Fault{Status: http.StatusInternalServerError}},
	{"503", simulator.Fault{Status: http.StatusServiceUnavailable}},
	{"429", simulator.RateLimited("", 1e9)},
	{"answer lost after the write", simulator.Fault{Kind: simulator.LostAnswer}},
	{"time-out after the write", simulator.Fault{Kind: simulator.Unanswered}},
	{"time-out before the write", simulator.Fault{Kind: simulator.Swallowed}},
	{"connection refused", simulator.Fault{Kind: simulator.Refused}},
	{"400", simulator.Fault{Status: http.StatusBadRequest}},
	{"403", simulator.Fault{Status: http.StatusForbidden}},
	{"409", simulator.Fault{Status: http.StatusConflict}},
}

// Every write of every method fails in every way, once. Afterwards the method
// has succeeded and made what it makes, no more, or it has failed with one of
// the ten kinds and left nothing.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var writes []simulator.Exchange
			var clean []string
			var done simulator.Inventory
			inCloud(t, simulator.Options{}, func(w *world) {
				call := s.prepare(w)
				before := w.cloud.Inventory()
				w.cloud.ResetJournal()
				require.NoError(t, call(w.Context(), w.cpi()))
				done = w.cloud.Inventory()
				clean = kindsOf(done.Diff(before))
				for _, exchange := range w.cloud.Journal() {
					if exchange.Write {
						writes = append(writes, exchange)
					}
				}
			})
			require.NotEmpty(t, writes)
			for nth, write := range writes {
				for _, b := range blows {
					t.Run(fmt.Sprintf("write %d %s %s %s", nth+1, write.Method, write.Route, b.name), func(t *testing.T) {
						t.Parallel()
						inCloud(t, simulator.Options{}, func(w *world) { s.survives(w, b.fault, nth+1, clean, done) })
					})
				}
			}
		})
	}
}

// survives makes the call while its nth write fails.
func (s scenario) survives(w *world, fault simulator.Fault, nth int, clean []string, done simulator.Inventory) {
	call := s.prepare(w)
	before := w.cloud.Inventory()
	fault.Match, fault.Nth = func(e simulator.Exchange) bool { return e.Write }, nth
	w.cloud.Inject(fault)
	err := call(w.Context(), w.cpi())
	w.cloud.ClearFaults()
	switch {
	case err == nil:
		assert.ElementsMatch(w, clean, kindsOf(w.cloud.Inventory().Diff(before)), "what a success made")
	case s.removes:
		require.NoError(w, call(w.Context(), w.cpi()), "the second try after: %v", err)
		for _, line := range w.cloud.Leaks(done) { // ids are the same in every run
			// Neutron forgets whose port it was; the error has told.
			assert.Contains(w, err.Error(), path.Base(strings.Fields(line)[1]), "still there after the second try: %s", line)
		}
	default:
		assert.NotEmpty(w, bosh.AsError(err).Kind.String())
		assert.Empty(w, existence(w.cloud.Inventory().Diff(before)), "left behind by: %v", err)
	}
}

// existence drops the lines about changed fields: some of several settings may
// be applied when a later one fails.
func existence(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "~") })
}

// kindsOf reduces inventory lines to sign and kind: "+ port".
func kindsOf(lines []string) []string {
	kinds := []string{}
	for _, line := range lines {
		var sign, kind string
		_, err := fmt.Sscan(line, &sign, &kind)
		if err == nil {
			kinds = append(kinds, sign+" "+kind)
		}
	}
	return kinds
}

func (w *world) floatingIP() string {
	for address := range w.cloud.Fixtures().FloatingIPs {
		return address
	}
	w.Fatal("the cloud has no floating IP")
	return ""
}

func (w *world) pool() string {
	for name := range w.cloud.Fixtures().Pools {
		return name
	}
	w.Fatal("the cloud has no pool")
	return ""
}

func (w *world) twoNetworks() bosh.Networks {
	return w.networks(`{"b":{"type":"manual","ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q}},
		"a":{"type":"manual","ip":"10.0.1.10","cloud_properties":{"net_id":%q}}}`,
		w.cloud.Fixtures().Networks["private"], w.cloud.Fixtures().Networks["private-2"])
}
