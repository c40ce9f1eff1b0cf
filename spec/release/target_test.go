package release_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/spec/settings"
)

// object is a JSON object.
type object = map[string]any

// target is the cloud that the director is installed on.
type target struct {
	cloud      *cloud.Cloud
	properties object // of the job
	nic        cloud.NIC
	flavor     string
	before     cloud.Inventory
	shared     bool // others may use the project
}

// openTarget returns the cloud that CPI_TARGET selects, by default a simulator.
func openTarget(t *testing.T) target {
	t.Helper()
	config, network, addresses, flavor, shared := "", "private", "10.0.0.20-10.0.0.100", "m1.small", false
	switch kind := os.Getenv("CPI_TARGET"); kind {
	case "", "simulator":
		config = simulate(t)
	case "openstack":
		config, shared = settings.Path("CPI_CONFIG"), true
		given, err := fixtures.Read(settings.Path("CPI_FIXTURES"))
		require.NoError(t, err, "CPI_FIXTURES")
		require.Empty(t, given.Missing(), "CPI_FIXTURES lacks them")
		network, addresses, flavor = given.Networks["private"].ID, given.Networks["private"].StaticIPs(), given.PlainFlavor()
	default:
		t.Fatalf("CPI_TARGET is %q; it can be simulator or openstack", kind)
	}
	seen, err := cloud.Open(t.Context(), config)
	require.NoError(t, err)
	nic, err := seen.ChooseNIC(t.Context(), network, addresses, nil)
	require.NoError(t, err)
	before, err := seen.Inventory(t.Context())
	require.NoError(t, err)
	return target{cloud: seen, properties: readProperties(t, config), nic: nic, flavor: flavor, before: before, shared: shared}
}

// readProperties returns the properties of a cpi.json.
func readProperties(t *testing.T, config string) object {
	t.Helper()
	content, err := os.ReadFile(config)
	require.NoError(t, err)
	var file struct {
		Cloud struct{ Properties struct{ OpenStack object } }
	}
	require.NoError(t, json.Unmarshal(content, &file))
	properties := file.Cloud.Properties.OpenStack
	for name, value := range properties {
		if value == nil {
			delete(properties, name)
		}
	}
	return properties
}

// simulate starts the simulator and returns the path of a cpi.json for it.
func simulate(t *testing.T) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "cpi.json")
	process := exec.Command(build(t, "go.mod", "./src/cmd/openstack_simulator"), "--write-config", config)
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	process.Stderr = t.Output()
	stdout, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		if process.Process.Signal(syscall.SIGTERM) == nil {
			process.Wait() //nolint:errcheck // it was terminated
		}
	})
	require.True(t, bufio.NewScanner(stdout).Scan(), "the simulator does not listen")
	return config
}
