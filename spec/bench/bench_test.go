package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/spec/target"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// build builds a program of this folder.
func build(t *testing.T, folder, name, source string) string {
	t.Helper()
	executable := filepath.Join(folder, name)
	command := exec.CommandContext(t.Context(), "go", "build", "-C", source, "-buildvcs=false", "-o", executable, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	return executable
}

// builtOptions builds the programs of a run and returns the options that name
// them.
func builtOptions(t *testing.T) []string {
	t.Helper()
	tar, err := exec.LookPath("tar")
	require.NoError(t, err)
	curl, err := exec.LookPath("curl")
	require.NoError(t, err, "the bench compares uploads with curl: install the package curl")
	folder := t.TempDir()
	cpi, err := target.Build(t.Context(), folder)
	require.NoError(t, err)
	return []string{
		"--cpi", cpi, "--measure", build(t, folder, "measure", "measure"), "--plot", build(t, folder, "plot", "plot"), "--tar", tar, "--curl", curl,
		"--commit", "abcdef0",
	}
}

// TestQuickRun runs all parts on the simulator, with this CPI as the other one,
// too.
func TestQuickRun(t *testing.T) {
	t.Parallel()
	o, out := builtOptions(t), t.TempDir()
	var progress bytes.Buffer
	err := run(t.Context(), append(o, "--quick", "--out", out, "--against", "twin="+o[1]+" -config={config}"), &progress, &progress)
	require.NoError(t, err, progress.String())

	found, err := readResults(filepath.Join(out, "performance", "simulator.json"))
	require.NoError(t, err)
	require.NotNil(t, found)
	assert.Equal(t, []string{"warm", "cold", "twin"}, found.Contenders)
	seen := &view{results: *found}
	for _, name := range seen.methodNames() {
		warm, cold, twin := seen.ofContender("warm")[name], seen.ofContender("cold")[name], seen.ofContender("twin")[name]
		for _, m := range []method{warm, cold, twin} {
			assert.Empty(t, m.Error, "%s %s", name, m.Contender)
			assert.Len(t, m.Wall, 1, "%s %s", name, m.Contender)
			assert.Greater(t, m.Wall.median(), m.Minimum, "%s %s: the least", name, m.Contender)
			assert.Greater(t, m.PeakMiB.most(), 4.0, "%s %s", name, m.Contender)
			assert.Less(t, m.PeakMiB.most(), 24.0, "%s %s: not the memory of this process", name, m.Contender)
			assert.Zero(t, m.Requests["other"], "%s %s: requests to no service", name, m.Contender)
		}
		assert.Zero(t, warm.Tokens, name)
		if name != "info" {
			assert.Equal(t, 1, cold.Tokens, name)
		}
		assert.Equal(t, warm.Requests["identity"], twin.Requests["identity"], name)
	}
	assert.Equal(t, map[string]int{"compute": 1}, seen.ofContender("warm")["has_vm"].Requests)
	for _, b := range found.Boots {
		assert.Greater(t, b.Wall.median(), b.Minimum, b.Contender)
	}
	require.Len(t, found.Deployments, 3)
	for _, d := range found.Deployments {
		assert.Zero(t, d.Failed, d.Error)
		assert.Equal(t, 4, d.VMs)
		assert.Len(t, d.CreateVM, 5, d.Contender)
		assert.Greater(t, d.Wall, d.Minimum, d.Contender)
	}
	for _, g := range seen.grown() {
		assert.Equal(t, g.small.total(), g.large.total(), g.small.Name)
	}
	assert.Len(t, found.Stemcells, 4, "tar, curl and two CPIs")

	page, err := os.ReadFile(filepath.Join(out, "performance.md"))
	require.NoError(t, err)
	for _, title := range []string{"### Methods\n", "### Boots\n", "### Deployments\n", "### Projects of different sizes\n", "### Stemcells\n", "\n| create_vm | "} {
		assert.Contains(t, string(page), title)
	}
	for _, name := range []string{"methods", "boots", "deployments", "growth", "stemcells"} {
		assert.Contains(t, string(page), "(performance/simulator-"+name+".svg)")
		checkPicture(t, filepath.Join(out, "performance", "simulator-"+name+".svg"))
	}
}

// TestCloudRun measures on a cloud that is only known by its cpi.json and its
// fixtures file: another simulator. The other CPI cannot do anything.
func TestCloudRun(t *testing.T) {
	t.Parallel()
	o := builtOptions(t)
	folder, out := t.TempDir(), t.TempDir()
	changes := new(simulator.Latencies).Scaled(0.05)
	simulated := simulator.New(simulator.Options{Latencies: changes})
	base, stop, err := simulated.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(stop)
	given := simulated.Fixtures()
	described := fixtures.Fixtures{
		Networks: map[string]fixtures.Network{"private": {ID: given.Networks["private"], Subnets: []fixtures.Subnet{
			{IPVersion: 4, StaticFirst: "10.0.0.10", StaticLast: "10.0.0.30"},
		}}},
		Flavors: map[string]fixtures.Flavor{"m1.small": {RAM: 2048, Disk: 20, Ephemeral: 10}}, Images: given.Images, VolumeTypes: given.VolumeTypes,
	}
	document, err := json.Marshal(described)
	require.NoError(t, err)
	config, description := filepath.Join(folder, "cpi.json"), filepath.Join(folder, "fixtures.json")
	require.NoError(t, os.WriteFile(config, simulated.CPIConfig(base), 0o600))
	require.NoError(t, os.WriteFile(description, document, 0o600))
	before := simulated.Inventory()

	var progress bytes.Buffer
	err = run(t.Context(), append(o, "--quick", "--out", out, "--cloud", "--cloud-config", config, "--cloud-fixtures", description, "--cloud-release", "zed", "--against", "other=/bin/false"), &progress, &progress)
	require.NoError(t, err, progress.String())
	assert.NotContains(t, progress.String(), "new in the project")
	assert.Empty(t, simulated.Leaks(before))
	assert.Empty(t, simulated.Violations())
	found, err := readResults(filepath.Join(out, "performance", "openstack.json"))
	require.NoError(t, err)
	require.NotNil(t, found)
	seen := &view{results: *found}
	assert.Equal(t, map[string]int{"compute": 1}, seen.ofContender("warm")["has_vm"].Requests)
	assert.Equal(t, map[string]int{"compute": 1, "identity": 1}, seen.ofContender("cold")["has_vm"].Requests)
	require.Len(t, found.Deployments, 3)
	assert.Equal(t, 4, found.Deployments[2].Failed)
	for _, d := range found.Deployments[:2] {
		assert.Zero(t, d.Failed, d.Error)
		assert.Zero(t, d.Minimum)
		assert.Positive(t, d.Deletion)
		assert.Zero(t, d.Requests["other"])
	}
	assert.Len(t, found.Stemcells, 4)
	assert.Empty(t, found.Growth)
	assert.Contains(t, seen.ofContender("other")["create_vm"].Error, "create_vm: ")
	page, err := os.ReadFile(filepath.Join(out, "performance.md"))
	require.NoError(t, err)
	assert.Contains(t, string(page), "| OpenStack | zed |")
	checkPicture(t, filepath.Join(out, "performance", "openstack-methods.svg"))
}

// checkPicture checks that a picture is well-formed and has colors for dark pages.
func checkPicture(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(content), "prefers-color-scheme: dark", file)
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, file)
	}
}

// The page in docs is made of the results there.
func TestPage(t *testing.T) {
	t.Parallel()
	made, _, err := page("../../docs/performance")
	require.NoError(t, err)
	written, err := os.ReadFile("../../docs/performance.md")
	require.NoError(t, err)
	assert.Equal(t, string(written), made, "run scripts/bench --render and review the difference")
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for args, problem := range map[string]string{
		"":                                     "start this program with scripts/bench",
		"--cloud":                              "--cloud-config or --cloud-fixtures is missing",
		"--render --only nothing":              "--only: \"nothing\" is none of methods, boots, deployments, growth, stemcells",
		"--render --answers x=1s":              "--answers: \"x\" is none of identity",
		"--render --changes boot":              "--changes: \"boot\" is not NAME=DURATION",
		"--render --changes x=1s":              "there is no latency x",
		"--render --boots 1":                   "--boots: time: missing unit",
		"--render --deployments 4":             "--deployments: \"4\" is not a deployment such as 40@8",
		"--render --growth many":               "--growth: ",
		"--render more":                        "unexpected argument \"more\"",
		"--render --unknown":                   "flag provided but not defined",
		"--render --against warm=cpi":          "warm is a name of this CPI",
		"--render --against cpi":               "\"cpi\" is not NAME=COMMAND",
		"--render --against a=b --against a=c": "a is the name of two CPIs",
	} {
		_, err := parseOptions(strings.Fields(args), io.Discard)
		require.ErrorContains(t, err, problem, args)
	}
	o, err := parseOptions([]string{"--render", "--against", "official=/cpi -x", "--deployments", "3@2x0.5,4@1"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, []contender{{name: "official", command: []string{"/cpi", "-x", "-config", "{config}"}, cache: true, other: true}}, o.against)
	assert.Equal(t, []size{{VMs: 3, Processes: 2, Scale: 0.5}, {VMs: 4, Processes: 1, Scale: 1}}, o.deployments)
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	s := samples{4, 1, 3, 2}
	assert.InDelta(t, 2.5, s.median(), 1e-9)
	assert.InDelta(t, 1, s.lowest(), 0)
	assert.InDelta(t, 4, s.most(), 0)
	assert.Equal(t, "2.50 (1.00–4.00)", s.spread())
	assert.Equal(t, "–", samples{}.spread())
	assert.Equal(t, samples{1, 1.75, 2.5, 3.25, 4}, s.quartiles())
}
