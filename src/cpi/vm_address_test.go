package cpi

import (
	"maps"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const contested = "10.0.0.10"

// lostVM creates a VM whose director does not receive the result, as after a
// SIGKILL of the CPI.
func (e *env) lostVM() bosh.VMCID {
	e.Helper()
	return e.vm(contested)
}

// announce does what a director does after every successful create_vm.
func (e *env) announce(vm bosh.VMCID) {
	e.Helper()
	_, err := e.cpi().SetVMMetadata(e.Context(), bosh.SetVMMetadataArgs{VM: vm, Metadata: bosh.Metadata{
		"director": "bosh", "deployment": "cf", "instance_group": "router", "job": "router", "id": "e55d3c34", "index": "0",
	}})
	require.NoError(e, err)
}

// pass lets virtual time pass.
func (e *env) pass(d time.Duration) {
	e.Helper()
	timer := time.NewTimer(d)
	<-timer.C
}

// nextVM creates a VM with the address of the lost one, for another agent.
func (e *env) nextVM() (bosh.CreatedVM, error) {
	e.Helper()
	args := e.newVM(e.manual(contested), smallVM)
	args.AgentID = "agent-2"
	return e.cpi().CreateVM(e.Context(), args)
}

// operatorsPort creates a port with the contested address.
func (e *env) operatorsPort(opts ports.CreateOpts) ports.Port {
	e.Helper()
	return e.portWith(contested, opts)
}

// portWith creates a port with an address.
func (e *env) portWith(ip string, opts ports.CreateOpts) ports.Port {
	e.Helper()
	opts.NetworkID, opts.FixedIPs = e.cloud.Fixtures().Networks["private"], []ports.IP{{IPAddress: ip}}
	port, err := ports.Create(e.Context(), e.neutron(), opts).Extract()
	require.NoError(e, err)
	return *port
}

// What an interrupted create_vm left on an address is replaced if no director
// was told of it.
func TestLostVMIsReplaced(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		overrides map[string]any
		lose      func(e *env) (vm bosh.VMCID)
		again     func(e *env) (bosh.CreatedVM, error)
	}{
		"never announced, old": {lose: func(e *env) bosh.VMCID {
			vm := e.lostVM()
			e.pass(16 * time.Minute)
			return vm
		}},
		"never announced, boot volume": {overrides: map[string]any{"boot_from_volume": true}, lose: func(e *env) bosh.VMCID {
			vm := e.lostVM()
			e.pass(16 * time.Minute)
			return vm
		}},
		"same agent": {lose: (*env).lostVM, again: func(e *env) (bosh.CreatedVM, error) {
			return e.cpi().CreateVM(e.Context(), e.newVM(e.manual(contested), smallVM))
		}},
		"announced, and replace_lost_vms": {overrides: map[string]any{"replace_lost_vms": true}, lose: func(e *env) bosh.VMCID {
			vm := e.lostVM()
			e.announce(vm)
			return vm
		}},
		"server deleted, port left": {lose: func(e *env) bosh.VMCID {
			vm := e.lostVM()
			e.announce(vm)
			require.NoError(e, e.cpi().compute.DeleteServer(e.Context(), string(vm)))
			e.pass(16 * time.Minute)
			return vm
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				maps.Copy(e.overrides, test.overrides)
				before := e.cloud.Inventory()
				lost := test.lose(e)
				again := test.again
				if again == nil {
					again = (*env).nextVM
				}
				created, err := again(e)
				require.NoError(e, err)
				assert.NotEqual(e, lost, created.CID)
				assert.NotContains(e, e.cloud.Inventory(), "server "+string(lost))

				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Inventory().Diff(before), "nothing of the lost VM is left")
			})
		})
	}
}

// The persistent disk of a replaced VM stays.
func TestReplacedVMKeepsItsDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["replace_lost_vms"] = true
		lost, disk := e.lostVM(), e.disk()
		_, err := e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: lost, Disk: disk})
		require.NoError(e, err)
		e.announce(lost)
		_, err = e.nextVM()
		require.NoError(e, err)
		volume, err := e.cpi().volume.Volume(e.Context(), string(disk))
		require.NoError(e, err)
		assert.Equal(e, "available", volume.Status)
	})
}

// What may be in use keeps its address, and the error names it.
func TestAddressInUse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hold  func(e *env) (words []string)
		again func(e *env) (bosh.CreatedVM, error)
	}{
		"a VM of the director": {hold: func(e *env) []string {
			vm := e.lostVM()
			e.announce(vm)
			e.pass(time.Hour)
			return []string{
				"of server " + string(vm), "deployment cf, instance_group router, job router, id e55d3c34, index 0", "created 1h0m",
				"bosh delete-vm " + string(vm), "openstack.replace_lost_vms",
			}
		}},
		"a VM in creation": {hold: func(e *env) []string {
			return []string{string(e.lostVM()), "may be in creation by another call", "older than 15m0s"}
		}},
		"a fresh port of another call": {hold: func(e *env) []string {
			owner := e.cpi().owner()
			owner.AgentID = "agent-of-another-vm"
			port := e.operatorsPort(ports.CreateOpts{Description: owner.Description()})
			return []string{port.ID, "may be in creation by another call"}
		}},
		"a VM of another director": {hold: func(e *env) []string {
			vm := e.lostVM()
			e.pass(time.Hour)
			return []string{string(vm), "belongs to the director " + directorUUID}
		}, again: func(e *env) (bosh.CreatedVM, error) {
			c := e.cpi()
			c.request.Context.DirectorUUID = "another-director"
			return c.CreateVM(e.Context(), e.newVM(e.manual(contested), smallVM))
		}},
		"an operator's port": {hold: func(e *env) []string {
			port := e.operatorsPort(ports.CreateOpts{Name: "vrrp"})
			e.pass(time.Hour)
			return []string{port.ID, "(vrrp)", "was not created by this CPI"}
		}},
		"a port of a router": {hold: func(e *env) []string {
			owner := e.cpi().owner()
			port := e.operatorsPort(ports.CreateOpts{Description: owner.Description(), DeviceID: "router-1", DeviceOwner: "network:router_interface"})
			e.pass(time.Hour)
			return []string{port.ID, "of device router-1 (network:router_interface)", "not the port of a VM"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["replace_lost_vms"] = name == "a VM of another director" || name == "an operator's port"
				words := test.hold(e)
				before := e.cloud.Inventory()
				again := test.again
				if again == nil {
					again = (*env).nextVM
				}
				_, err := again(e)
				text := e.requireKind(err, bosh.CloudError)
				for _, word := range append(words, "already allocated", contested) {
					assert.Contains(e, text, word)
				}
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}
