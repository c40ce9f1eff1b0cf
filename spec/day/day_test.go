package day

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// suite is shared by all chapters; TestMain sets it.
var suite struct {
	executable string
	target     target.Target
}

func TestMain(m *testing.M) {
	code, err := runSuite(context.Background(), m) //nolint:forbidigo // this is the program's main
	if err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // TestMain has no test to fail
		code = 1
	}
	os.Exit(code)
}

func runSuite(ctx context.Context, m *testing.M) (code int, err error) {
	flag.Parse()
	folder, err := os.MkdirTemp("", "openstack-cpi-day-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if suite.target, err = target.Open(ctx, "day"); err != nil {
		return 1, err
	}
	if suite.executable, err = target.Build(ctx, folder); err != nil {
		return 1, err
	}
	if err := suite.target.SetParallel(); err != nil {
		return 1, err
	}
	code = m.Run()
	return code, suite.target.Close(ctx)
}

// TestDay replays the chapters. On a real cloud it does so one after the other,
// because they use the same addresses.
func TestDay(t *testing.T) {
	chapters, err := ReadChapters(os.DirFS("testdata"))
	require.NoError(t, err)
	for _, chapter := range chapters {
		t.Run(chapter.Name, func(t *testing.T) {
			environment := suite.target.Environment(t)
			if environment.Simulator != nil {
				t.Parallel()
			}
			replayChapter(t, environment, chapter)
		})
	}
}

func replayChapter(t *testing.T, environment target.Environment, chapter Chapter) {
	t.Helper()
	r, a := newReplay(t, environment)
	if missing := r.names.missing(chapter); len(missing) > 0 {
		needs(t, strings.Join(missing, ", "))
	}
	defer func() {
		if t.Failed() && environment.Simulator == nil {
			assert.NoError(t, errors.Join(r.configure(nil), r.cleanUp(context.WithoutCancel(t.Context()))))
		}
	}()
	for _, operation := range chapter.Operations {
		began := time.Now()
		require.NoError(t, r.run(t.Context(), operation), operation.Name)
		differences, err := a.audit(t.Context(), r.state)
		require.NoError(t, err, operation.Name)
		require.Empty(t, differences, "after "+operation.Name)
		t.Logf("%s: %d steps, %s", operation.Name, len(operation.Steps), time.Since(began).Round(time.Millisecond))
	}
	assert.Empty(t, r.state.vms)
	assert.Empty(t, r.state.disks)
	assert.Empty(t, r.state.snapshots)
	assert.Empty(t, r.state.images)
	assert.Empty(t, r.state.networks)
	if environment.Simulator != nil {
		assert.Empty(t, environment.Simulator.Violations(), "invalid requests")
	}
}

// newReplay returns a director without deployments, and the auditor of its cloud.
func newReplay(t *testing.T, environment target.Environment) (*Replay, *auditor) {
	t.Helper()
	uuid := suite.target.UUID()
	known, err := cloudNames(t.Context(), environment.Cloud, environment.Fixtures, uuid)
	require.NoError(t, err)
	for _, version := range []string{"1.1", "1.2"} {
		archive := filepath.Join(t.TempDir(), "image")
		require.NoError(t, director.WriteStemcell(archive, uuid+version, 1))
		known.set("$archive-"+version, archive)
	}
	require.NoError(t, nameCPIs(known, environment))
	r := &Replay{
		director: director.Director{
			CPI:  director.Command{Executable: suite.executable, Config: filepath.Join(t.TempDir(), "cpi.json")},
			UUID: uuid, Preferred: director.NewestAPIVersion, Stemcell: director.StemcellAPIVersion,
		},
		cloud: environment.Cloud, names: known, state: newState(), changed: map[string]bool{}, log: t.Logf,
	}
	r.configure = func(properties map[string]any) error {
		return writeConfig(r.director.CPI.Config, environment, properties)
	}
	require.NoError(t, r.configure(nil))
	return r, newAuditor(t, environment, uuid)
}

// nameCPIs names two entries of a cpi-config. They log in to the same project: as
// the user of cpi.json, and with an application credential.
func nameCPIs(known *names, environment target.Environment) error {
	first := maps.Clone(target.Properties(environment.Config))
	maps.DeleteFunc(first, func(_ string, value any) bool { return value == nil })
	first["human_readable_vm_names"] = true
	known.set("$cpi-1", first)
	given := environment.Fixtures.Auth.ApplicationCredential
	if given.ID == "" {
		return nil
	}
	secret, err := os.ReadFile(given.SecretFile)
	if err != nil {
		return err
	}
	second := maps.Clone(first)
	for _, key := range []string{"username", "api_key", "project", "project_id", "domain", "user_domain_name", "project_domain_name"} {
		delete(second, key)
	}
	second["application_credential_id"], second["application_credential_secret"] = given.ID, strings.TrimSpace(string(secret))
	known.set("$cpi-2", second)
	return nil
}

// needs skips the chapter because the cloud lacks something. With CPI_STRICT=1 the
// chapter fails instead.
func needs(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CPI_STRICT") == "1" {
		t.Fatalf("the cloud lacks %s, and CPI_STRICT is set", what)
	}
	t.Skipf("the cloud lacks %s", what)
}

func newAuditor(t *testing.T, environment target.Environment, uuid string) *auditor {
	t.Helper()
	a := &auditor{
		cloud: environment.Cloud, alone: environment.Simulator != nil, director: uuid, patience: environment.Timeout,
		groups: map[string]string{}, floating: environment.Fixtures.FloatingIPs, before: cloud.Inventory{},
	}
	var err error
	a.flavors, err = flavors(t.Context(), environment.Cloud)
	require.NoError(t, err)
	if a.alone {
		a.before, err = environment.Cloud.Inventory(t.Context())
		require.NoError(t, err)
	}
	for name, id := range environment.Fixtures.SecurityGroups {
		a.groups[id] = name
	}
	return a
}

// writeConfig writes the cpi.json of the following calls.
func writeConfig(file string, environment target.Environment, properties map[string]any) error {
	openstack := maps.Clone(target.Properties(environment.Config))
	maps.Copy(openstack, map[string]any{
		"state_timeout": int(environment.Timeout.Seconds()), "wait_resource_poll_interval": 1, "human_readable_vm_names": true,
	})
	maps.Copy(openstack, properties)
	maps.DeleteFunc(openstack, func(_ string, value any) bool { return value == nil })
	document, err := json.Marshal(map[string]any{"cloud": map[string]any{"plugin": "openstack", "properties": map[string]any{
		"openstack": openstack, "agent": map[string]any{"mbus": "nats://nats:nats@127.0.0.1:4222", "ntp": []string{}},
	}}})
	if err != nil {
		return err
	}
	return os.WriteFile(file, document, 0o600)
}
