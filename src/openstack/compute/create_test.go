package compute_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// created returns the body and the microversion of the last request to create a
// server.
func (n nova) created() (body map[string]any, microversion string) {
	n.Helper()
	for _, exchange := range n.Journal() {
		if exchange.Call() == "POST /servers" {
			body, microversion = nil, exchange.Microversion
			require.NoError(n, json.Unmarshal([]byte(exchange.RequestBody), &body))
		}
	}
	return body, microversion
}

func TestCreateServerSendsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		group := n.Make(n.Session.Compute, "os-server-groups", map[string]any{
			"server_group": map[string]any{"name": "spread", "policies": []string{"anti-affinity"}},
		})["id"]
		opts := n.tiny("vm-1")
		opts.KeyName, opts.AvailabilityZone, opts.ConfigDrive, opts.UserData = "bosh", "z2", true, []byte("e30=")
		opts.SecurityGroups, opts.Metadata = []string{"default", "bosh"}, map[string]string{"a": "b"}
		opts.SchedulerHints = map[string]any{"group": group}
		made, err := n.CreateServer(n.Context(), opts)
		require.NoError(n, err)
		server, err := n.WaitActive(n.Context(), made.ID)
		require.NoError(n, err)
		assert.Equal(n, []string{"vm-1", "z2", "bosh"}, []string{server.Name, server.AvailabilityZone, server.KeyName})
		assert.True(n, server.ConfigDrive)
		assert.Equal(n, opts.Metadata, server.Metadata)

		body, microversion := n.created()
		assert.Equal(n, "2.1", microversion)
		assert.Equal(n, map[string]any{"group": group}, body["os:scheduler_hints"])
		sent := body["server"].(map[string]any)
		assert.Equal(n, []any{map[string]any{"name": "default"}, map[string]any{"name": "bosh"}}, sent["security_groups"])
		assert.Equal(n, []any{map[string]any{"uuid": n.Fixtures().Networks["private"]}}, sent["networks"])
	})
}

func TestCreateServerLeavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		opts := n.tiny("vm-1")
		_, err := n.CreateServer(n.Context(), opts)
		require.NoError(n, err)
		body, _ := n.created()
		assert.Len(n, body, 1)
		sent := body["server"].(map[string]any)
		for _, key := range []string{"key_name", "user_data", "config_drive", "security_groups", "metadata", "availability_zone", "block_device_mapping_v2"} {
			assert.NotContains(n, sent, key)
		}
	})
}

// The type of a boot volume needs a later microversion, in which a request
// without networks must say "auto".
func TestCreateServerFromVolume(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		volumeType, microversion string
		networks                 any
	}{
		"of the default type": {microversion: "2.1"},
		"of another type":     {volumeType: "hdd", microversion: "2.67", networks: "auto"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(n nova) {
				opts := n.tiny("vm-1")
				opts.BlockDevices = []servers.BlockDevice{{
					SourceType: servers.SourceImage, DestinationType: servers.DestinationVolume, UUID: opts.ImageID, VolumeSize: 3,
					DeleteOnTermination: true, VolumeType: test.volumeType,
				}}
				opts.ImageID, opts.Networks = "", nil
				_, err := n.CreateServer(n.Context(), opts)
				// The project has several networks, so Nova refuses to choose
				// one.
				require.ErrorContains(n, err, "Multiple possible networks found, use a Network ID to be more specific.")
				body, microversion := n.created()
				assert.Equal(n, test.microversion, microversion)
				sent := body["server"].(map[string]any)
				assert.Equal(n, test.networks, sent["networks"])
				assert.NotContains(n, sent, "imageRef")

				opts.Networks = n.tiny("").Networks
				made, err := n.CreateServer(n.Context(), opts)
				require.NoError(n, err)
				_, err = n.WaitActive(n.Context(), made.ID)
				require.NoError(n, err)
				attached, err := n.Attachments(n.Context(), made.ID)
				require.NoError(n, err)
				require.Len(n, attached, 1)
				assert.Equal(n, "/dev/vda", attached[0].Device)
			})
		})
	}
}

func TestCloudIsTooOldForVolumeTypes(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{NovaMicroversion: 65}, func(n nova) {
		opts := n.tiny("vm-1")
		opts.BlockDevices = []servers.BlockDevice{{SourceType: servers.SourceImage, UUID: opts.ImageID, VolumeType: "hdd"}}
		_, err := n.CreateServer(n.Context(), opts)
		require.ErrorContains(n, err, "create server vm-1: OpenStack API NotAcceptable (Version 2.67 is not supported by the API. Minimum is 2.1 and maximum is 2.65.)")
		require.ErrorContains(n, err, "the cloud is too old for this feature")
	})
}

// A failed look-up is not evidence that the server does not exist.
func TestCreateServerCannotLook(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		n.Inject(simulator.Fault{On: "POST /servers", Kind: simulator.LostAnswer})
		n.Inject(simulator.Fault{On: "GET /servers/detail", Status: http.StatusForbidden})
		_, err := n.CreateServer(n.Context(), n.tiny("vm-1"))
		require.ErrorContains(n, err, "the object may exist: looking for it failed: list servers named vm-1: OpenStack API Forbidden")
		assert.Equal(n, 1, n.Calls("POST /servers"))
		require.NoError(n, n.DeleteServerNamed(n.Context(), "vm-1"))
	})
}

func TestQuotaOfServers(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{Quotas: map[string]int{"instances": 0}}, func(n nova) {
		_, err := n.CreateServer(n.Context(), n.tiny("vm-1"))
		assert.True(n, openstack.IsQuota(err))
		require.ErrorContains(n, err, "Quota exceeded for instances: Requested 1, but already used 0 of 0 instances")
		require.ErrorContains(n, err, "the project's quota is used up")
	})
}

func TestWaitActiveTellsTheFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.StateFault
		words []string
	}{
		"no host": {simulator.StateFault{Reason: simulator.NoValidHost}, []string{"' state is error, expected active\nNo valid host was found.", "no compute host can take the VM"}},
		"stuck":   {simulator.StateFault{Stuck: true}, []string{"Timed out waiting for Server `", "' to be active, its state is build"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(n nova) {
				test.fault.Resource, test.fault.Phase = "server", "create"
				n.InjectStateFault(test.fault)
				made, err := n.CreateServer(n.Context(), n.tiny("vm-1"))
				require.NoError(n, err)
				_, err = n.WaitActive(n.Context(), made.ID)
				for _, words := range test.words {
					require.ErrorContains(n, err, words)
				}
				require.NoError(n, n.DeleteServer(n.Context(), made.ID), "such a server can be deleted")
			})
		})
	}
	run(t, simulator.Options{}, func(n nova) {
		// Administrators get a traceback.
		traced := edited{n.Transport(), `"message":"boom"`, `"message":"boom","details":"` + strings.Repeat("File x, ", 1000) + `"`}
		n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: "boom"})
		made, err := n.CreateServer(n.Context(), n.tiny("vm-1"))
		require.NoError(n, err)
		_, err = compute.New(n.NewSession(nil, openstack.WithTransport(traced))).WaitActive(n.Context(), made.ID)
		require.ErrorContains(n, err, "boom\nFile x, File x, ")
		assert.Less(n, len(err.Error()), 1200)
	})
	run(t, simulator.Options{}, func(n nova) {
		_, err := compute.New(n.Session).WaitActive(n.Context(), unknownID)
		require.EqualError(n, err, "Server `"+unknownID+"': Resource not found")
		assert.True(n, openstack.IsNotFound(err))
	})
}
