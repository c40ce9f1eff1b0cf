package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/spec/provision"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// administration answers the requests that only an administrator may send, which
// the simulator does not have, and passes all others to the simulator.
type administration struct {
	cloud   *simulator.Simulator
	denied  bool
	created []string
}

func (a *administration) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], "s")
	switch {
	case r.Method != http.MethodPost || (name != "flavor" && name != "type"):
		a.cloud.ServeHTTP(w, r)
	case a.denied:
		http.Error(w, `{"forbidden": {"code": 403, "message": "Policy doesn't allow it."}}`, http.StatusForbidden)
	default:
		var body map[string]struct{ Name string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, wanted := range body {
			a.created = append(a.created, name+" "+wanted.Name)
		}
		w.Write([]byte(`{}`))
	}
}

// onSimulator returns a simulated cloud, and the openrc variables for it.
func onSimulator(t *testing.T) (*administration, map[string]string) {
	t.Helper()
	const soon = 20 * time.Millisecond
	a := &administration{cloud: simulator.New(simulator.Options{Password: "secret", Latencies: simulator.Latencies{LoadBalancerUpdate: soon}})}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	var config struct {
		Cloud struct {
			Properties struct{ OpenStack map[string]any }
		}
	}
	require.NoError(t, json.Unmarshal(a.cloud.CPIConfig(server.URL), &config))
	variables := map[string]string{"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default"}
	for variable, property := range map[string]string{
		"OS_AUTH_URL": "auth_url", "OS_USERNAME": "username", "OS_PASSWORD": "api_key", "OS_PROJECT_NAME": "project", "OS_REGION_NAME": "region",
	} {
		variables[variable], _ = config.Cloud.Properties.OpenStack[property].(string)
	}
	return a, variables
}

// Nothing but an openrc file is needed: --prepare writes the fixtures file, from
// which the suites get their configuration. It creates nothing twice, and --clean
// removes what it has created.
func TestPrepareAndClean(t *testing.T) {
	t.Parallel()
	a, variables := onSimulator(t)
	before := a.cloud.Inventory()
	file := filepath.Join(t.TempDir(), "build", "fixtures.json")
	var log strings.Builder
	require.NoError(t, makeFixtures(t.Context(), file, variables, &log))
	made, err := fixtures.Read(file)
	require.NoError(t, err)
	assert.Empty(t, made.Missing())
	assert.Equal(t, provision.Mark, made.KeyPair.Name)
	assert.Equal(t, "10.71.0.10-10.71.0.127", made.Networks["private"].StaticIPs())
	assert.Len(t, made.Networks["dual"].Subnets, 2)
	assert.NotEmpty(t, made.Networks["external"].ID)
	assert.Len(t, made.FloatingIPs, 4)
	assert.Len(t, made.SecurityGroups, 2)
	assert.NotEmpty(t, made.LoadBalancer.Pool.ID)
	assert.NotEmpty(t, made.DisklessFlavor())
	assert.GreaterOrEqual(t, len(made.VolumeTypes), 2)
	assert.NotEmpty(t, a.cloud.Leaks(before))

	variables["CPI_FIXTURES"] = file
	require.NoError(t, prepare(t.Context(), t.TempDir(), variables), "an openrc file is sufficient")

	log.Reset()
	require.NoError(t, makeFixtures(t.Context(), file, variables, &log))
	assert.Empty(t, log.String(), "nothing is created twice")

	require.NoError(t, removeFixtures(t.Context(), file, variables, &log))
	assert.Empty(t, a.cloud.Leaks(before))
	assert.NoFileExists(t, file)
	log.Reset()
	require.NoError(t, removeFixtures(t.Context(), file, variables, &log))
	assert.Empty(t, log.String(), "objects of others remain")
	assert.Empty(t, a.cloud.Violations())
}

// --clean removes what an interrupted --prepare has created.
func TestCleanAfterAnInterruptedPrepare(t *testing.T) {
	t.Parallel()
	a, variables := onSimulator(t)
	before := a.cloud.Inventory()
	a.cloud.SetQuota("key_pairs", 1)
	file := filepath.Join(t.TempDir(), "fixtures.json")
	require.ErrorContains(t, makeFixtures(t.Context(), file, variables, t.Output()), "Quota exceeded")
	assert.NotEmpty(t, a.cloud.Leaks(before))
	assert.NoFileExists(t, file)
	require.NoError(t, removeFixtures(t.Context(), file, variables, t.Output()))
	assert.Empty(t, a.cloud.Leaks(before))
}

// An administrator creates the flavors and volume types that the cloud lacks.
func TestFlavorsAndVolumeTypes(t *testing.T) {
	t.Parallel()
	for _, denied := range []bool{false, true} {
		a, variables := onSimulator(t)
		a.denied = denied
		a.cloud.DeleteFlavor("m1.bfv")
		a.cloud.DeleteFlavor("m1.medium")
		var log strings.Builder
		err := makeFixtures(t.Context(), filepath.Join(t.TempDir(), "fixtures.json"), variables, &log)
		require.NoError(t, err)
		if denied {
			assert.Empty(t, a.created)
			assert.Contains(t, log.String(), "no flavor is like cpi-acceptance-diskless, and only an administrator can create it")
		} else {
			assert.Equal(t, []string{"flavor cpi-acceptance-swap", "flavor cpi-acceptance-diskless"}, a.created)
		}
	}
}

func TestPrepareWithoutCredentials(t *testing.T) {
	t.Parallel()
	err := makeFixtures(t.Context(), "", map[string]string{}, t.Output())
	require.ErrorContains(t, err, "OS_AUTH_URL is not set")
	require.ErrorContains(t, err, "OS_PASSWORD is not set")
}
