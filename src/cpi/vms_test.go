package cpi

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestDeleteVMDeletesEverything(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		disk := e.disk()
		before := e.cloud.Inventory()
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(
			`{"instance_type":"m1.small","boot_from_volume":true,"loadbalancer_pools":[{"name":%q,"port":80}]}`, e.pool())))
		require.NoError(e, err)
		_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: created.CID, Disk: disk})
		require.NoError(e, err)
		for range 2 { // the second time it is already deleted
			_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
			require.NoError(e, err)
		}
		assert.Empty(e, e.cloud.Inventory().Diff(before))
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, "available", volume.Status)
	})
}

// The server was deleted by others. Its port and its pool member are found
// nevertheless, but not those of VMs that exist or may be in creation.
func TestDeleteVMThatDoesNotExist(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		pool := fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, e.pool())
		lost, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), pool))
		require.NoError(e, err)
		other, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.11"), pool))
		require.NoError(e, err)
		e.pass(time.Hour)
		operators := e.portWith("10.0.0.12", ports.CreateOpts{Name: "vrrp"})
		owner := e.cpi().owner()
		fresh := e.portWith("10.0.0.13", ports.CreateOpts{Description: owner.Description()})
		kept := e.cloud.Inventory()

		require.NoError(e, e.cpi().compute.DeleteServer(e.Context(), string(lost.CID)))
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: lost.CID})
		require.NoError(e, err)
		assert.ElementsMatch(e, []string{"- server", "- port", "- member"}, kinds(e.cloud.Inventory().Diff(kept)))

		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: other.CID})
		require.NoError(e, err)
		require.NoError(e, e.cpi().network.DeletePort(e.Context(), operators.ID))
		require.NoError(e, e.cpi().network.DeletePort(e.Context(), fresh.ID))
		assert.NotContains(e, kinds(e.cloud.Inventory().Diff(before)), "+ port")
	})
}

// kinds returns the signs and kinds of the lines of a Diff.
func kinds(diff []string) (short []string) {
	for _, line := range diff {
		words := strings.Fields(line)
		short = append(short, words[0]+" "+words[1])
	}
	return short
}

// The server is in state ERROR and was leaked by create_vm.
func TestDeleteVMInError(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: "boom"})
		e.cloud.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusForbidden})
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
		text := e.requireKind(err, bosh.VMCreationFailed)
		assert.Contains(e, text, "left behind, delete by hand: server vm-")
		var vm bosh.VMCID
		for _, line := range e.cloud.Inventory().Diff(before) {
			if id, isServer := strings.CutPrefix(line, "+ server "); isServer {
				vm = bosh.VMCID(strings.Fields(id)[0])
			}
		}
		has, err := e.cpi().HasVM(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		assert.True(e, has)
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
	})
}

func TestDeleteVMReportsEveryFailure(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(
			`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, e.pool())))
		require.NoError(e, err)
		e.cloud.Inject(simulator.Fault{Match: func(e simulator.Exchange) bool { return e.Service == "load-balancer" && e.Write }, Status: http.StatusForbidden, Times: -1})
		e.cloud.Inject(simulator.Fault{On: "DELETE /ports/{id}", Status: http.StatusForbidden, Times: -1})
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "Multiple cloud errors occurred:\n")
		assert.Contains(e, text, "Removing lbaas pool memberships: ")
		assert.Contains(e, text, "Removing ports: ")
		has, err := e.cpi().HasVM(e.Context(), bosh.VMArgs{VM: created.CID})
		require.NoError(e, err)
		assert.False(e, has, "the server is deleted nevertheless")
	})
}

func TestSetVMMetadata(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		readable bool
		metadata bosh.Metadata
		stored   map[string]string
		renamed  string
	}{
		"name": {
			readable: true, metadata: bosh.Metadata{"name": "router/0", "job": "x", "index": 1},
			stored: map[string]string{"name": "router/0", "job": "x", "index": "1"}, renamed: "router/0",
		},
		"job and index": {
			readable: true, metadata: bosh.Metadata{"job": "router", "index": 1},
			stored: map[string]string{"job": "router", "index": "1"}, renamed: "router/1",
		},
		"compiling": {
			readable: true, metadata: bosh.Metadata{"compiling": "golang"},
			stored: map[string]string{"compiling": "golang"}, renamed: "compiling/golang",
		},
		"no name":            {readable: true, metadata: bosh.Metadata{"job": "router"}, stored: map[string]string{"job": "router"}},
		"names not readable": {metadata: bosh.Metadata{"name": "router/0"}, stored: map[string]string{"name": "router/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["human_readable_vm_names"] = test.readable
				vm := e.vm("10.0.0.10")
				_, err := e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: vm, Metadata: test.metadata})
				require.NoError(e, err)
				server, err := e.cpi().compute.Server(e.Context(), string(vm))
				require.NoError(e, err)
				if test.renamed == "" {
					assert.Regexp(e, "^vm-", server.Name)
				} else {
					assert.Equal(e, test.renamed, server.Name)
				}
				assert.Subset(e, server.Metadata, test.stored)
				assert.Equal(e, directorUUID, server.Metadata["director_uuid"], "tags are added, not replaced")
			})
		})
	}
}

// The director deletes a VM whose metadata cannot be set, so tags that Nova would
// refuse are changed.
func TestSetVMMetadataChangesRefusedTags(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm := e.vm("10.0.0.10")
		_, err := e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: vm, Metadata: bosh.Metadata{
			"long": strings.Repeat("v", 300), strings.Repeat("k", 300): 1, "team/owner": true, "": "nameless", "nothing": nil, "number": 42,
		}})
		require.NoError(e, err)
		server, err := e.cpi().compute.Server(e.Context(), string(vm))
		require.NoError(e, err)
		assert.Equal(e, strings.Repeat("v", 255), server.Metadata["long"])
		assert.Equal(e, "1", server.Metadata[strings.Repeat("k", 255)])
		assert.Equal(e, "true", server.Metadata["team_owner"])
		assert.Equal(e, "42", server.Metadata["number"])
		assert.NotContains(e, server.Metadata, "nothing")
		assert.Contains(e, e.log.String(), "value of the tag cut because OpenStack does not accept its length")
		_, err = e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: unknownID, Metadata: bosh.Metadata{"a": "b"}})
		assert.Contains(e, e.requireKind(err, bosh.VMNotFound), "Server `"+unknownID+"' not found")
	})
}

// Tags of an operator do not replace what the CPI has stored.
func TestReservedTags(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["human_readable_vm_names"] = true
		reserved := bosh.Metadata{
			"registry_key": "x", "bosh_cpi": "x", "agent_id": "x", "director_uuid": "x", "lbaas_pool_1": "x", "boot_volume_of": "x", "bosh/cpi": "x",
			"team": "blue",
		}
		args := e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, e.pool()))
		args.Env = bosh.JSON(map[string]any{"bosh": map[string]any{"tags": reserved}})
		created, err := e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)
		metadata := func() map[string]string {
			server, err := e.cpi().compute.Server(e.Context(), string(created.CID))
			require.NoError(e, err)
			return server.Metadata
		}
		before := metadata()
		assert.NotContains(e, slices.Collect(maps.Values(before)), "x")
		_, err = e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: created.CID, Metadata: reserved})
		require.NoError(e, err)
		assert.Equal(e, before, metadata())
		assert.Contains(e, e.log.String(), "tag ignored because its key is reserved for the CPI")
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
		require.NoError(e, err)

		disk := e.disk()
		_, err = e.cpi().SetDiskMetadata(e.Context(), bosh.SetDiskMetadataArgs{Disk: disk, Metadata: reserved})
		require.NoError(e, err)
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, map[string]string{"bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID, "team": "blue", "bosh/cpi": "x"}, volume.Metadata)
	})
}

func TestTooMuchMetadata(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		tags := bosh.Metadata{}
		for i := range 130 {
			tags[fmt.Sprintf("tag-%d", i)] = "x"
		}
		_, err := e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: e.vm("10.0.0.10"), Metadata: tags})
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "use fewer tags")
	})
}

func TestRebootVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm := e.vm("10.0.0.10")
		_, err := e.cpi().RebootVM(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		server, err := e.cpi().compute.Server(e.Context(), string(vm))
		require.NoError(e, err)
		assert.Equal(e, "ACTIVE", server.Status)
		_, err = e.cpi().RebootVM(e.Context(), bosh.VMArgs{VM: unknownID})
		e.requireKind(err, bosh.VMNotFound)
	})
}

func TestHasVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		for vm, want := range map[bosh.VMCID]bool{e.vm("10.0.0.10"): true, unknownID: false} {
			has, err := e.cpi().HasVM(e.Context(), bosh.VMArgs{VM: vm})
			require.NoError(e, err)
			assert.Equal(e, want, has)
		}
	})
}

func TestCalculateVMCloudProperties(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		result, err := e.cpi().CalculateVMCloudProperties(e.Context(), calculate(1, 512, 1024))
		require.NoError(e, err)
		assert.Nil(e, result.RootDisk)
		_, err = e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), string(bosh.JSON(map[string]string{"instance_type": result.InstanceType}))))
		require.NoError(e, err)

		_, err = e.cpi().CalculateVMCloudProperties(e.Context(), calculate(4096, 512, 1024))
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "Unable to meet requested VM requirements: 4096 CPU, 512 MB RAM, 1 GB Disk.\nAvailable flavors:\n")
		assert.Contains(e, text, "m1.small: ")

		e.overrides["boot_from_volume"] = true
		result, err = e.cpi().CalculateVMCloudProperties(e.Context(), calculate(1, 512, 10_000*1024))
		require.NoError(e, err)
		assert.Equal(e, 10_003, result.RootDisk.Size)
	})
}

func TestFlavorsWithSpace(t *testing.T) {
	t.Parallel()
	separate := flavors.Flavor{Name: "separate", Disk: osOverhead, Ephemeral: 10}
	root := flavors.Flavor{Name: "root", Disk: osOverhead + 10}
	both := []flavors.Flavor{separate, root}
	assert.Equal(t, []flavors.Flavor{separate}, flavorsWithSpace(both, 10, false), "a separate disk is preferred")
	assert.Equal(t, []flavors.Flavor{root}, flavorsWithSpace(both, 10, true), "a boot volume has no separate disk beside it")
	assert.Equal(t, []flavors.Flavor{root}, flavorsWithSpace([]flavors.Flavor{root}, 10, false))
	assert.Empty(t, flavorsWithSpace(both, 11, false))
	assert.Empty(t, flavorsWithSpace([]flavors.Flavor{{Disk: osOverhead - 1, Ephemeral: 10}}, 10, false), "no space for the operating system")
	assert.Empty(t, flavorsWithSpace([]flavors.Flavor{{Disk: osOverhead + 10, Ephemeral: 1}}, 10, false), "the separate disk would be used, and is too small")
}

// The undo steps run although the context has ended.
func TestCancelledCallLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{1, 300 * time.Millisecond, 1900 * time.Millisecond} {
		inCloud(t, simulator.Options{}, func(e *env) {
			before := e.cloud.Inventory()
			ctx, cancel := context.WithTimeout(e.Context(), after)
			defer cancel()
			_, err := e.cpi().CreateVM(ctx, e.newVM(e.manual("10.0.0.10"), smallVM))
			require.ErrorIs(e, err, context.DeadlineExceeded)
			assert.Empty(e, e.cloud.Inventory().Diff(before), "cancelled after %s", after)
		})
	}
}

// A look-up that was refused does not mean that the unanswered creation was
// refused, too.
func TestUnansweredCreationWhoseLookUpIsRefused(t *testing.T) {
	t.Parallel()
	for create, list := range map[string]string{"POST /servers": "GET /servers/detail", "POST /ports": "GET /ports"} {
		t.Run(create, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.cloud.Inject(simulator.Fault{On: create, Kind: simulator.LostAnswer})
				e.cloud.Inject(simulator.Fault{On: list, Status: http.StatusForbidden})
				before := e.cloud.Inventory()
				_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
				require.Error(e, err)
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		c := e.cpi()
		assert.Panics(e, func() {
			var err error
			undo := c.newUndoStack()
			defer undo.onError(e.Context(), &err)
			plan, planErr := c.planVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM), &openstack.Memory{})
			require.NoError(e, planErr)
			_, portsErr := c.createPorts(e.Context(), undo, plan)
			require.NoError(e, portsErr)
			panic("a defect")
		})
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}
