package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// doctor runs the command on the installation.
func (i *installation) doctor(args ...string) (code int, stdout, stderr string) {
	i.Helper()
	var out, logs bytes.Buffer
	chosen, args, found := find(append([]string{"doctor"}, args...))
	require.True(i, found)
	chosen.create = func(s streams) tool {
		doctor := newDoctorCommand(s)
		doctor.transport = i
		return doctor
	}
	code = chosen.execute(i.Context(), append([]string{"-config", i.config}, args...), streams{strings.NewReader(i.stdin), &out, &logs})
	assert.NotContains(i, out.String()+logs.String(), "canary")
	return code, out.String(), logs.String()
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		code, stdout, stderr := i.doctor("-skip", "connection")
		assert.Equal(t, 0, code, stdout)
		assert.Empty(t, stderr)
		assert.Contains(t, stdout, "\n  ✓ login: user bosh in project bosh")
		assert.Contains(t, stdout, "\n0 problems, 0 warnings, 0 not looked at, ")
		assert.Contains(t, stdout, "; skipped: connection; ")

		code, stdout, _ = i.doctor()
		assert.Equal(t, 1, code)
		assert.Contains(t, stdout, "  ! cloud: answers without TLS")

		i.cloud.Inject(simulator.Fault{On: "GET /flavors/detail", Status: http.StatusOK, Body: `{"flavors": []}`, Times: -1})
		code, stdout, _ = i.doctor("-json")
		assert.Equal(t, 2, code)
		var document struct{ Counts map[string]int }
		require.NoError(t, json.Unmarshal([]byte(stdout), &document))
		assert.Equal(t, 1, document.Counts["problem"])
	})
}

func TestDoctorComparesCloudConfigs(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		config := i.file("cloud-config.yml", "vm_types: [{name: v, cloud_properties: {instance_type: m1.smal}}]")
		code, stdout, _ := i.doctor("-cloud-config", config)
		assert.Equal(t, 2, code)
		assert.Contains(t, stdout, "  ✗ VM type v: flavor m1.smal does not exist; there are: ")
		assert.Contains(t, stdout, "      → correct instance_type, probably to m1.small\n")
	})
}

// The properties of a CPI config replace those of the job, and only its AZs are
// compared.
func TestDoctorOfSeveralClouds(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		clouds := i.file("cpi-config.yml", "cpis: [{name: west, type: openstack, properties: {api_key: canary-wrong}}, {name: east, type: openstack, properties: {state_timeout: 400}}]")
		zones := i.file("cloud-config.yml", "azs: [{name: e, cpi: east, cloud_properties: {availability_zone: z1}}, {name: w, cpi: west, cloud_properties: {availability_zone: w1}}]")
		code, stdout, stderr := i.doctor("-cpi", "east", "-cpi-config", clouds, "-cloud-config", zones, "-skip", "connection")
		assert.Equal(t, 0, code, stdout+stderr)
		assert.Contains(t, stdout, "  ✓ login: ")

		code, stdout, _ = i.doctor("-cpi", "west", "-cpi-config", clouds)
		assert.Equal(t, 2, code)
		assert.Contains(t, stdout, "  ✗ login: ")

		code, stdout, _ = i.doctor("-cloud-config", zones)
		assert.Equal(t, 2, code)
		assert.Contains(t, stdout, "  ! AZs: are of the CPIs east, west: ")

		for _, options := range [][]string{
			{"-cpi", "north", "-cpi-config", clouds},
			{"-cpi", "north", "-cloud-config", zones},
			{"-cpi", "east"},
			{"-cpi-config", clouds},
			{"-cpi", "east", "-cpi-config", "-", "-cloud-config", "-"},
			{"-cpi", "east", "-cpi-config", "/nowhere"},
			{"-cpi", "east", "-cpi-config", clouds, "-manifest", zones},
		} {
			code, stdout, stderr := i.doctor(options...)
			assert.Equal(t, exitNoExamination, code, options)
			assert.Empty(t, stdout)
			assert.NotEmpty(t, stderr)
		}
	})
}

func TestDoctorReadsManifests(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		text, err := os.ReadFile(i.config)
		require.NoError(t, err)
		var rendered struct{ Cloud struct{ Properties any } }
		require.NoError(t, json.Unmarshal(text, &rendered))
		manifest, err := json.Marshal(map[string]any{
			"cloud_provider": map[string]any{"properties": rendered.Cloud.Properties},
			"resource_pools": []any{map[string]any{"name": "vms", "cloud_properties": map[string]any{"instance_type": "m1.smal"}}},
		})
		require.NoError(t, err)
		i.config, i.stdin = "", string(manifest)
		code, stdout, stderr := i.doctor("-manifest", "-")
		assert.Equal(t, 2, code, stderr)
		assert.Contains(t, stdout, "✓ login: user bosh in project bosh")
		assert.Contains(t, stdout, "VM type vms: flavor m1.smal does not exist")
	})
}

func TestDoctorComparesCPIs(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.config = ""
		manifest := `{cloud_provider: {template: {name: openstack_cpi_golang}, properties: {openstack: {
			auth_url: "https://keystone/v3", username: u, api_key: canary, project: p, domain: d, region: r}}}}`
		cloud := i.file("cloud-config.yml", "vm_types: [{name: v, cloud_properties: {vnic_type: direct}}]")
		code, stdout, stderr := i.doctor("-migrate", i.file("bosh.yml", manifest), "-cloud-config", cloud)
		assert.Equal(t, 1, code, stderr)
		assert.Contains(t, stdout, "from the official Go CPI to this one\n")
		assert.Contains(t, stdout, "properties.openstack.region: the official Go CPI takes the region from its environment")
		assert.Contains(t, stdout, "VM type v: vnic_type: the official CPIs do not read it")
		assert.Empty(t, i.cloud.Journal(), "no request")

		i.stdin = manifest
		_, stdout, _ = i.doctor("-migrate", "-", "-from", "ruby")
		assert.Contains(t, stdout, "from the Ruby CPI to this one\n")
	})
}

// A secret that a service quotes does not appear in the report.
func TestSecretsInTheReport(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		for _, format := range []string{"-json", "-json=false"} {
			i.echo = "X-Auth-Token"
			_, stdout, _ := i.doctor(format)
			assert.Contains(t, stdout, "the token is <redacted>")
			assert.NotContains(t, stdout, "gAAAA")
		}
	})
}

func TestWrongUseOfDoctor(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		for words, args := range map[string][]string{
			`unknown argument "now"`:             {"now"},
			`-skip: there is no check "flavor"`:  {"-skip", "networks,flavor"},
			"there is no option -fix":            {"-fix"},
			"read the configuration":             {"-config", "/absent"},
			"neither OS_CLOUD nor OS_AUTH_URL":   {"-config", ""},
			"-manifest replaces -config":         {"-manifest", "m.yml"},
			"cannot both be stdin":               {"-config", "", "-manifest", "-", "-cloud-config", "-"},
			"-migrate looks at no cloud":         {"-migrate", "m.yml"},
			"-flavor and -network belong":        {"-flavor", "m1.small"},
			"-from belongs to -migrate":          {"-from", "ruby"},
			"and is ruby or official":            {"-config", "", "-migrate", "m.yml", "-from", "perl"},
			"-migrate and -cloud-config cannot":  {"-config", "", "-migrate", "-", "-cloud-config", "-"},
			"manifest: open /nowhere":            {"-config", "", "-migrate", "/nowhere"},
			"cloud config: open /nowhere":        {"-config", "", "-migrate", i.file("a.yml", "{}"), "-cloud-config", "/nowhere"},
			"say with -from where":               {"-config", "", "-migrate", i.file("b.yml", "{}")},
			"cloud config: open /absent":         {"-cloud-config", "/absent"},
			"manifest: open /absent":             {"-config", "", "-manifest", "/absent"},
			"the manifest has no cloud_provider": {"-config", "", "-manifest", i.file("m.yml", "networks: []")},
			"Could not find cloud properties":    {"-config", i.file("empty.json", "{}")},
		} {
			code, stdout, stderr := i.doctor(args...)
			assert.Equal(t, exitNoExamination, code, words)
			assert.Contains(t, stderr, words)
			assert.Empty(t, stdout)
		}
	})
	var stdout bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"doctor", "-help"}, streams{strings.NewReader(""), &stdout, io.Discard}))
	assert.Contains(t, stdout.String(), "Exit code 0: ready")
	assert.Contains(t, stdout.String(), "configuration, connection, identity")
}
