package target

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// password is the password of the simulated cloud's user. Its first part is
// searched for in logs and errors.
const password = "canary-password"

// simulatorTarget runs each scenario on its own simulator. Its latencies are
// short because the executable runs in real time.
func simulatorTarget(run string) Target {
	const soon = 100 * time.Millisecond
	options := simulator.Options{Password: password, Latencies: simulator.Latencies{
		ServerBuild: 3 * soon, ServerDelete: soon, ServerReboot: soon, ServerStop: soon, ServerStart: soon,
		VolumeCreate: soon, VolumeDelete: soon, VolumeExtend: soon, VolumeRetype: soon, VolumeAttach: soon, VolumeDetach: soon,
		SnapshotCreate: soon, SnapshotDelete: soon, LoadBalancerUpdate: soon,
	}}
	return Target{
		parallel: 16, run: run, scenarios: &atomic.Int64{},
		Environment: func(t *testing.T) Environment {
			t.Helper()
			simulated := simulator.New(options)
			base, stop, err := simulated.Listen("127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(stop)
			file := filepath.Join(t.TempDir(), "cpi.json")
			require.NoError(t, os.WriteFile(file, simulated.CPIConfig(base), 0o600))
			seen, err := cloud.Open(t.Context(), file)
			require.NoError(t, err)
			var config object
			require.NoError(t, json.Unmarshal(simulated.CPIConfig(base), &config))
			Properties(config)["default_security_groups"] = []string{"default"}
			return Environment{
				Cloud: seen, Config: config, Fixtures: simulatedFixtures(t, seen, simulated.Fixtures()),
				Simulator: simulated, Timeout: 20 * time.Second,
			}
		},
		Close: func(context.Context) error { return nil },
	}
}

// simulatedFixtures returns the fixtures of the simulated cloud.
func simulatedFixtures(t *testing.T, seen *cloud.Cloud, given simulator.Fixtures) fixtures.Fixtures {
	t.Helper()
	found := fixtures.Fixtures{
		Networks: map[string]fixtures.Network{}, Flavors: map[string]fixtures.Flavor{},
		Images: given.Images, SecurityGroups: given.SecurityGroups, VolumeTypes: given.VolumeTypes,
		AvailabilityZones: fixtures.Zones{Compute: []string{"z1", "z2"}, Volume: []string{"z1", "z2"}},
	}
	for name, id := range given.Networks {
		found.Networks[name] = fixtures.Network{ID: id, Subnets: simulatedSubnets(t, seen, id)}
	}
	var flavors struct {
		Flavors []struct {
			Name      string `json:"name"`
			RAM       int    `json:"ram"`
			VCPUs     int    `json:"vcpus"`
			Disk      int    `json:"disk"`
			Ephemeral int    `json:"OS-FLV-EXT-DATA:ephemeral"`
		}
	}
	require.NoError(t, seen.Get(t.Context(), "compute", "/flavors/detail", &flavors))
	for _, f := range flavors.Flavors {
		found.Flavors[f.Name] = fixtures.Flavor{RAM: f.RAM, VCPUs: f.VCPUs, Disk: f.Disk, Ephemeral: f.Ephemeral}
	}
	for address, id := range given.FloatingIPs {
		found.FloatingIPs = append(found.FloatingIPs, fixtures.FloatingIP{ID: id, Address: address})
	}
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte(given.ApplicationCredentialSecret), 0o600))
	found.Auth.ApplicationCredential = fixtures.ApplicationCredential{ID: given.ApplicationCredentialID, SecretFile: secret}
	for name, id := range given.Pools {
		found.LoadBalancer.Pool.ID, found.LoadBalancer.Pool.Name = id, name
	}
	return found
}

// simulatedSubnets returns a network's subnets with addresses outside of the
// allocation pools.
func simulatedSubnets(t *testing.T, seen *cloud.Cloud, network string) (found []fixtures.Subnet) {
	t.Helper()
	var subnets struct {
		Subnets []struct {
			CIDR    string `json:"cidr"`
			Version int    `json:"ip_version"`
		} `json:"subnets"`
	}
	require.NoError(t, seen.Get(t.Context(), "network", "/subnets?network_id="+network, &subnets))
	for _, s := range subnets.Subnets {
		first := netip.MustParsePrefix(s.CIDR).Addr()
		for range 10 {
			first = first.Next()
		}
		last := first
		for range 100 {
			last = last.Next()
		}
		found = append(found, fixtures.Subnet{IPVersion: s.Version, StaticFirst: first.String(), StaticLast: last.String()})
	}
	return found
}
