package cpi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestDeleteVMTakesEverythingWithIt(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		disk := w.disk()
		before := w.cloud.Inventory()
		created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), fmt.Sprintf(
			`{"instance_type":"m1.small","boot_from_volume":true,"loadbalancer_pools":[{"name":%q,"port":80}]}`, w.pool())))
		require.NoError(w, err)
		_, err = w.cpi().AttachDisk(w.Context(), bosh.AttachDisk{VM: created.CID, Disk: disk})
		require.NoError(w, err)
		for range 2 { // the second time it is gone already
			_, err = w.cpi().DeleteVM(w.Context(), bosh.VM{VM: created.CID})
			require.NoError(w, err)
		}
		assert.Empty(w, w.cloud.Inventory().Diff(before))
		volume, err := w.cpi().volume.Volume(w.Context(), string(disk))
		require.NoError(w, err)
		assert.Equal(w, "available", volume.Status)
	})
}

// A server in ERROR has to go like any other.
func TestDeleteVMInError(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		before := w.cloud.Inventory()
		w.cloud.Afflict(simulator.Ailment{Resource: "server", Phase: "create", Reason: "boom"})
		w.cloud.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusForbidden})
		_, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), smallVM))
		text := w.kind(err, bosh.VMCreationFailed)
		assert.Contains(w, text, "left behind, delete by hand: server vm-")
		var vm bosh.VMCID
		for _, line := range w.cloud.Inventory().Diff(before) {
			if id, isServer := strings.CutPrefix(line, "+ server "); isServer {
				vm = bosh.VMCID(strings.Fields(id)[0])
			}
		}
		has, err := w.cpi().HasVM(w.Context(), bosh.VM{VM: vm})
		require.NoError(w, err)
		assert.True(w, has)
		_, err = w.cpi().DeleteVM(w.Context(), bosh.VM{VM: vm})
		require.NoError(w, err)
	})
}

func TestDeleteVMReportsEveryFailure(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), fmt.Sprintf(
			`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, w.pool())))
		require.NoError(w, err)
		w.cloud.Inject(simulator.Fault{Match: func(e simulator.Exchange) bool { return e.Service == "load-balancer" && e.Write }, Status: http.StatusForbidden, Times: -1})
		w.cloud.Inject(simulator.Fault{On: "DELETE /ports/{id}", Status: http.StatusForbidden, Times: -1})
		_, err = w.cpi().DeleteVM(w.Context(), bosh.VM{VM: created.CID})
		text := w.kind(err, bosh.CloudError)
		assert.Contains(w, text, "Multiple cloud errors occurred:\n")
		assert.Contains(w, text, "Removing lbaas pool memberships: ")
		assert.Contains(w, text, "Removing ports: ")
		has, err := w.cpi().HasVM(w.Context(), bosh.VM{VM: created.CID})
		require.NoError(w, err)
		assert.False(w, has, "the VM is deleted all the same")
	})
}

func TestSetVMMetadata(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		readable bool
		metadata bosh.Metadata
		renamed  string
	}{
		"name":               {readable: true, metadata: bosh.Metadata{"name": "router/0", "job": "x", "index": 1}, renamed: "router/0"},
		"job and index":      {readable: true, metadata: bosh.Metadata{"job": "router", "index": 1}, renamed: "router/1"},
		"compiling":          {readable: true, metadata: bosh.Metadata{"compiling": "golang"}, renamed: "compiling/golang"},
		"nothing to tell":    {readable: true, metadata: bosh.Metadata{"job": "router"}},
		"names not readable": {metadata: bosh.Metadata{"name": "router/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(w *world) {
				w.overrides["human_readable_vm_names"] = test.readable
				vm := w.vm("10.0.0.10")
				_, err := w.cpi().SetVMMetadata(w.Context(), bosh.SetVMMetadata{VM: vm, Metadata: test.metadata})
				require.NoError(w, err)
				server, err := w.cpi().compute.Server(w.Context(), string(vm))
				require.NoError(w, err)
				if test.renamed == "" {
					assert.Regexp(w, "^vm-", server.Name)
				} else {
					assert.Equal(w, test.renamed, server.Name)
				}
				for key, value := range test.metadata.Tags() {
					assert.Equal(w, value, server.Metadata[key])
				}
				assert.Equal(w, directorUUID, server.Metadata["director_uuid"], "tags are added, not replaced")
			})
		})
	}
}

// The director throws a VM away when its metadata cannot be set: what Nova would
// refuse is made to fit.
func TestSetVMMetadataMakesTagsFit(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		vm := w.vm("10.0.0.10")
		_, err := w.cpi().SetVMMetadata(w.Context(), bosh.SetVMMetadata{VM: vm, Metadata: bosh.Metadata{
			"long": strings.Repeat("v", 300), strings.Repeat("k", 300): 1, "team/owner": true, "": "nameless", "nothing": nil, "number": 42,
		}})
		require.NoError(w, err)
		server, err := w.cpi().compute.Server(w.Context(), string(vm))
		require.NoError(w, err)
		assert.Equal(w, strings.Repeat("v", 255), server.Metadata["long"])
		assert.Equal(w, "1", server.Metadata[strings.Repeat("k", 255)])
		assert.Equal(w, "true", server.Metadata["team_owner"])
		assert.Equal(w, "42", server.Metadata["number"])
		assert.NotContains(w, server.Metadata, "nothing")
		_, err = w.cpi().SetVMMetadata(w.Context(), bosh.SetVMMetadata{VM: unknownID, Metadata: bosh.Metadata{"a": "b"}})
		assert.Contains(w, w.kind(err, bosh.VMNotFound), "Server `"+unknownID+"' not found")
	})
}

func TestRebootVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		vm := w.vm("10.0.0.10")
		_, err := w.cpi().RebootVM(w.Context(), bosh.VM{VM: vm})
		require.NoError(w, err)
		server, err := w.cpi().compute.Server(w.Context(), string(vm))
		require.NoError(w, err)
		assert.Equal(w, "ACTIVE", server.Status)
		_, err = w.cpi().RebootVM(w.Context(), bosh.VM{VM: unknownID})
		w.kind(err, bosh.VMNotFound)
	})
}

func TestHasVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		for vm, want := range map[bosh.VMCID]bool{w.vm("10.0.0.10"): true, unknownID: false} {
			has, err := w.cpi().HasVM(w.Context(), bosh.VM{VM: vm})
			require.NoError(w, err)
			assert.Equal(w, want, has)
		}
	})
}

func TestCalculateVMCloudProperties(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		result, err := w.cpi().CalculateVMCloudProperties(w.Context(), calculate(1, 512, 1024))
		require.NoError(w, err)
		assert.Nil(w, result.RootDisk)
		_, err = w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), string(bosh.JSON(map[string]string{"instance_type": result.InstanceType}))))
		require.NoError(w, err)

		_, err = w.cpi().CalculateVMCloudProperties(w.Context(), calculate(4096, 512, 1024))
		text := w.kind(err, bosh.CloudError)
		assert.Contains(w, text, "Unable to meet requested VM requirements: 4096 CPU, 512 MB RAM, 1 GB Disk.\nAvailable flavors:\n")
		assert.Contains(w, text, "m1.small: ")

		w.overrides["boot_from_volume"] = true
		result, err = w.cpi().CalculateVMCloudProperties(w.Context(), calculate(1, 512, 10_000*1024))
		require.NoError(w, err)
		assert.Equal(w, 10_003, result.RootDisk.Size)
	})
}

// A call that is told to stop takes back what it began, although its context has ended.
func TestCancelledCallLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{1, 300 * time.Millisecond, 1900 * time.Millisecond} {
		inCloud(t, simulator.Options{}, func(w *world) {
			before := w.cloud.Inventory()
			ctx, cancel := context.WithTimeout(w.Context(), after)
			defer cancel()
			_, err := w.cpi().CreateVM(ctx, w.newVM(w.manual("10.0.0.10"), smallVM))
			require.ErrorIs(w, err, context.DeadlineExceeded)
			assert.Empty(w, w.cloud.Inventory().Diff(before), "cancelled after %s", after)
		})
	}
}

// The error of a look-up says nothing about the creation that was not answered.
func TestUnansweredCreationWhoseLookUpIsRefused(t *testing.T) {
	t.Parallel()
	for create, list := range map[string]string{"POST /servers": "GET /servers/detail", "POST /ports": "GET /ports"} {
		t.Run(create, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(w *world) {
				w.cloud.Inject(simulator.Fault{On: create, Kind: simulator.LostAnswer})
				w.cloud.Inject(simulator.Fault{On: list, Status: http.StatusForbidden})
				before := w.cloud.Inventory()
				_, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), smallVM))
				require.Error(w, err)
				assert.Empty(w, w.cloud.Inventory().Diff(before))
			})
		})
	}
}

// So does one that dies of a mistake of ours.
func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		before := w.cloud.Inventory()
		c := w.cpi()
		assert.Panics(w, func() {
			var err error
			undo := c.newUndoStack()
			defer undo.onError(w.Context(), &err)
			plan, planErr := c.planVM(w.Context(), w.newVM(w.manual("10.0.0.10"), smallVM))
			require.NoError(w, planErr)
			_, portsErr := c.createPorts(w.Context(), undo, plan)
			require.NoError(w, portsErr)
			panic("a mistake")
		})
		assert.Empty(w, w.cloud.Inventory().Diff(before))
	})
}
