package cpi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The error of a VM that was not built has Nova's fault, and the end of the
// console if there is one.
func TestReasonOfAFailedVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: "Build of instance aborted: no space left on device"})
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
		text := e.requireKind(err, bosh.VMCreationFailed)
		assert.Contains(e, text, "state is error, expected active\nBuild of instance aborted: no space left on device")
		assert.NotContains(e, text, "console", "a server without a host has none")
		assert.Contains(e, e.log.String(), "the console of the failed server cannot be read")
	})
	inCloud(t, simulator.Options{Latencies: simulator.Latencies{ServerBuild: time.Hour}}, func(e *env) {
		before := e.cloud.Inventory()
		e.overrides["state_timeout"] = 1800
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
		text := e.requireKind(err, bosh.VMCreationFailed)
		assert.Regexp(e, "Timed out waiting for Server `.*' to be active, its state is build\nthe end of its console:\nboot 1 of vm-", text)
		assert.NotContains(e, text, "\x1b")
		assert.Empty(e, e.cloud.Leaks(before))
	})
	inCloud(t, simulator.Options{}, func(e *env) {
		vm := e.vm("10.0.0.10")
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "reboot", Reason: "the host is down", Times: -1})
		_, err := e.cpi().RebootVM(e.Context(), bosh.VMArgs{VM: vm})
		require.ErrorContains(e, err, "the host is down\nthe end of its console:\nboot 1 of vm-")
	})
}

// With keep_failed_vms, the server of a failed create_vm stays with what belongs
// to it, and the director does not repeat the call.
func TestKeepFailedVMs(t *testing.T) {
	t.Parallel()
	zones := `{"instance_type":"m1.small","availability_zones":["z1","z2"]}`
	for name, test := range map[string]struct {
		properties string
		fault      simulator.Fault
		state      simulator.StateFault
		left       []string
	}{
		"not built": {properties: smallVM, state: simulator.StateFault{Resource: "server", Phase: "create", Reason: "Build of instance aborted"}, left: []string{"port", "server"}},
		"no capacity in the only zone": {
			properties: smallVM, state: simulator.StateFault{Resource: "server", Phase: "create", Reason: simulator.NoValidHost}, left: []string{"port", "server"},
		},
		"no capacity in any zone": {
			properties: zones, state: simulator.StateFault{Resource: "server", Phase: "create", Reason: simulator.NoValidHost, Times: -1}, left: []string{"port", "server"},
		},
		"no capacity in one zone": {properties: zones, state: simulator.StateFault{Resource: "server", Phase: "create", Reason: simulator.NoValidHost}},
		"not requested":           {properties: smallVM, fault: simulator.Fault{On: "POST /servers", Status: http.StatusBadRequest}, left: []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["keep_failed_vms"] = true
				e.overrides["ignore_server_availability_zone"] = true
				before := e.cloud.Inventory()
				if test.fault.On != "" {
					e.cloud.Inject(test.fault)
				} else {
					e.cloud.InjectStateFault(test.state)
				}
				_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), test.properties))
				if test.left == nil {
					require.NoError(e, err)
					return
				}
				require.Error(e, err)
				assert.False(e, bosh.AsError(err).OKToRetry)
				kinds := []string{}
				for _, line := range e.cloud.Leaks(before) {
					kinds = append(kinds, strings.Fields(line)[0])
					assert.Contains(e, err.Error(), strings.Fields(line)[1])
				}
				assert.Equal(e, test.left, kinds)
				assert.Equal(e, len(test.left) > 0, strings.Contains(err.Error(), "\nkept because openstack.keep_failed_vms is true: port vm-"))
			})
		})
	}
}

// What is kept does not block the address for ever: the next create_vm replaces the
// port when no other call can be working on it any more. Nova has unplugged the
// failed server, which stays.
func TestAddressOfAKeptVM(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["keep_failed_vms"] = true
		before := e.cloud.Inventory()
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: "Build of instance aborted"})
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
		require.Error(e, err)
		e.agentID = "agent-2"
		_, err = e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
		require.ErrorContains(e, err, "it may be in creation by another call")
		e.pass(2 * time.Hour)
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: e.vm("10.0.0.10")})
		require.NoError(e, err)
		left := e.cloud.Leaks(before)
		require.Len(e, left, 1)
		assert.Contains(e, left[0], "server ")
	})
}
