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
	prepare func(e *env) func(context.Context, *CPI) error
	// removes says that the call takes something away: after a failure it is
	// made again, as callers do, and must then have done all its work.
	removes bool
}

func scenarios() []scenario {
	return []scenario{
		{name: "create_stemcell", prepare: func(e *env) func(context.Context, *CPI) error {
			archive := e.stemcellArchive(1 << 16)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateStemcell(ctx, bosh.CreateStemcellArgs{ImagePath: archive, CloudProperties: []byte(stemcellProperties)})
				return err
			}
		}},
		{name: "delete_stemcell", removes: true, prepare: func(e *env) func(context.Context, *CPI) error {
			cid, err := e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 10), CloudProperties: []byte(stemcellProperties)})
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteStemcell(ctx, bosh.DeleteStemcellArgs{Stemcell: cid})
				return err
			}
		}},
		{name: "create_vm manual", prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.manual("10.0.0.10"), smallVM) })
		}},
		{name: "create_vm dynamic with vip", prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.networks(`{"private":{"type":"dynamic","default":["gateway"],"cloud_properties":{"net_id":%q}},"vip":{"type":"vip","ip":%q}}`,
					e.cloud.Fixtures().Networks["private"], e.floatingIP()), smallVM)
			})
		}},
		{name: "create_vm two networks", prepare: func(e *env) func(context.Context, *CPI) error {
			e.overrides["use_dhcp"], e.overrides["config_drive"] = false, "cdrom"
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.twoNetworks(), smallVM) })
		}},
		{name: "create_vm from volume", prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true,"root_disk":{"size":5}}`)
			})
		}},
		{name: "create_vm in a pool", prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, e.pool()))
			})
		}},
		{name: "delete_vm", removes: true, prepare: func(e *env) func(context.Context, *CPI) error {
			return deleting(e, smallVM)
		}},
		{name: "delete_vm in a pool", removes: true, prepare: func(e *env) func(context.Context, *CPI) error {
			return deleting(e, fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":8080}]}`, e.pool()))
		}},
		{name: "reboot_vm", prepare: func(e *env) func(context.Context, *CPI) error {
			vm := e.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.RebootVM(ctx, bosh.VMArgs{VM: vm})
				return err
			}
		}},
		{name: "set_vm_metadata", prepare: func(e *env) func(context.Context, *CPI) error {
			vm := e.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SetVMMetadata(ctx, bosh.SetVMMetadataArgs{VM: vm, Metadata: bosh.Metadata{"name": "router/1", "job": "router"}})
				return err
			}
		}},
		{name: "create_disk", prepare: func(*env) func(context.Context, *CPI) error {
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateDisk(ctx, bosh.CreateDiskArgs{SizeMiB: 2048})
				return err
			}
		}},
		{name: "delete_disk", removes: true, prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteDisk(ctx, bosh.DiskArgs{Disk: disk})
				return err
			}
		}},
		{name: "attach_disk", prepare: func(e *env) func(context.Context, *CPI) error {
			args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
			return func(ctx context.Context, c *CPI) error {
				_, err := c.AttachDisk(ctx, args)
				return err
			}
		}},
		{name: "detach_disk", removes: true, prepare: func(e *env) func(context.Context, *CPI) error {
			args := bosh.VMDiskArgs{VM: e.vm("10.0.0.10"), Disk: e.disk()}
			_, err := e.cpi().AttachDisk(e.Context(), args)
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DetachDisk(ctx, args)
				return err
			}
		}},
		{name: "set_disk_metadata", prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SetDiskMetadata(ctx, bosh.SetDiskMetadataArgs{Disk: disk, Metadata: bosh.Metadata{"deployment": "cf"}})
				return err
			}
		}},
		{name: "resize_disk", prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.ResizeDisk(ctx, bosh.ResizeDiskArgs{Disk: disk, SizeMiB: 4096})
				return err
			}
		}},
		{name: "snapshot_disk", prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.SnapshotDisk(ctx, bosh.SnapshotDiskArgs{Disk: disk})
				return err
			}
		}},
		{name: "delete_snapshot", removes: true, prepare: func(e *env) func(context.Context, *CPI) error {
			snapshot, err := e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: e.disk()})
			require.NoError(e, err)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.DeleteSnapshot(ctx, bosh.DeleteSnapshotArgs{Snapshot: snapshot})
				return err
			}
		}},
	}
}

func creating(_ *env, args func() bosh.CreateVMArgs) func(context.Context, *CPI) error {
	return func(ctx context.Context, c *CPI) error {
		_, err := c.CreateVM(ctx, args())
		return err
	}
}

func deleting(e *env, cloudProperties string) func(context.Context, *CPI) error {
	created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), cloudProperties))
	require.NoError(e, err)
	return func(ctx context.Context, c *CPI) error {
		_, err := c.DeleteVM(ctx, bosh.VMArgs{VM: created.CID})
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
	{"time-out before the write", simulator.Fault{Kind: simulator.Dropped}},
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
			inCloud(t, simulator.Options{}, func(e *env) {
				call := s.prepare(e)
				before := e.cloud.Inventory()
				e.cloud.ResetJournal()
				require.NoError(t, call(e.Context(), e.cpi()))
				done = e.cloud.Inventory()
				clean = kindsOf(done.Diff(before))
				for _, exchange := range e.cloud.Journal() {
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
						inCloud(t, simulator.Options{}, func(e *env) { s.survives(e, b.fault, nth+1, clean, done) })
					})
				}
			}
		})
	}
}

// survives makes the call while its nth write fails.
func (s scenario) survives(e *env, fault simulator.Fault, nth int, clean []string, done simulator.Inventory) {
	call := s.prepare(e)
	before := e.cloud.Inventory()
	fault.Match, fault.Nth = func(e simulator.Exchange) bool { return e.Write }, nth
	e.cloud.Inject(fault)
	err := call(e.Context(), e.cpi())
	e.cloud.ClearFaults()
	switch {
	case err == nil:
		assert.ElementsMatch(e, clean, kindsOf(e.cloud.Inventory().Diff(before)), "what a success made")
	case s.removes:
		require.NoError(e, call(e.Context(), e.cpi()), "the second try after: %v", err)
		for _, line := range e.cloud.Leaks(done) { // ids are the same in every run
			// Neutron forgets whose port it was; the error has told.
			assert.Contains(e, err.Error(), path.Base(strings.Fields(line)[1]), "still there after the second try: %s", line)
		}
	default:
		assert.NotEmpty(e, bosh.AsError(err).Kind.String())
		assert.Empty(e, existence(e.cloud.Inventory().Diff(before)), "left behind by: %v", err)
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

func (e *env) floatingIP() string {
	for address := range e.cloud.Fixtures().FloatingIPs {
		return address
	}
	e.Fatal("the cloud has no floating IP")
	return ""
}

func (e *env) pool() string {
	for name := range e.cloud.Fixtures().Pools {
		return name
	}
	e.Fatal("the cloud has no pool")
	return ""
}

func (e *env) twoNetworks() bosh.Networks {
	return e.networks(`{"b":{"type":"manual","ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q}},
		"a":{"type":"manual","ip":"10.0.1.10","cloud_properties":{"net_id":%q}}}`,
		e.cloud.Fixtures().Networks["private"], e.cloud.Fixtures().Networks["private-2"])
}
