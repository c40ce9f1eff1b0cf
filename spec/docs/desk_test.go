package docs_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/target"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// object is a JSON object.
type object = map[string]any

// director owns what the commands of a desk create.
const director = "0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11"

// desk is a folder with the files that documents name, beside a simulated cloud
// of its own.
type desk struct {
	*testing.T
	dir, path string
	cloud     *simulator.Simulator
	seen      *cloud.Cloud
	names     map[string]string // values of what documents write in capitals
}

func newDesk(t *testing.T, installed tools) *desk {
	t.Helper()
	const soon = 20 * time.Millisecond
	simulated := simulator.New(simulator.Options{Regions: []string{"RegionOne", "east", "west"}, Latencies: simulator.Latencies{
		ServerBuild: soon, ServerDelete: soon, ServerReboot: soon, ServerStop: soon, ServerStart: soon,
		VolumeCreate: soon, VolumeDelete: soon, VolumeAttach: soon, VolumeDetach: soon,
	}})
	base, stop, err := simulated.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(stop)
	fixtures := simulated.Fixtures()
	d := &desk{T: t, dir: t.TempDir(), path: string(installed), cloud: simulated, names: map[string]string{
		"STEMCELL_CID": "'" + fixtures.Images["tiny-public"] + " light'", "NETWORK_ID": fixtures.Networks["private"],
		"DIRECTOR_UUID": director, "VM_CID": "unset", "DISK_CID": "unset",
	}}
	d.write("cpi.json", string(simulated.CPIConfig(base)))
	d.configure(func(properties object) { properties["wait_resource_poll_interval"] = 1 })
	d.seen, err = cloud.Open(t.Context(), filepath.Join(d.dir, "cpi.json"))
	require.NoError(t, err)
	for _, folder := range []string{"src", "manifests"} {
		absolute, err := filepath.Abs(filepath.Join(root, folder))
		require.NoError(t, err)
		require.NoError(t, os.Symlink(absolute, filepath.Join(d.dir, folder)))
	}
	d.writeFiles(base)
	return d
}

// writeFiles writes the files that documents name.
func (d *desk) writeFiles(base string) {
	d.Helper()
	login := "export OS_AUTH_URL=" + base + "/identity OS_USERNAME=bosh OS_PASSWORD=simulator OS_PROJECT_NAME=bosh OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default\n"
	for name, text := range map[string]string{
		"cacert.pem": "", "task.log": d.read(filepath.Join(root, "src/timeline/testdata/deploy.debug")), "openrc": login,
		"clouds.yaml": `clouds: {devstack: {auth: {auth_url: "` + base + `/identity", username: bosh, password: simulator, project_name: bosh,
			user_domain_name: Default, project_domain_name: Default}}}`,
		"instances.json": listOf("instances", "instance", "vm_cid", "disk_cids"), "disks.json": listOf("disks", "disk_cid"), "stemcells.json": listOf("stemcells", "cid"),
		"networks.json": d.filled(`{"default": {"type": "manual", "ip": "10.0.0.20", "netmask": "255.255.255.0", "gateway": "10.0.0.1",
			"default": ["dns", "gateway"], "cloud_properties": {"net_id": "NETWORK_ID"}}}`),
		"bosh-deployment/bosh.yml":                        d.read(filepath.Join(root, "spec/jobs/testdata/bosh.yml")),
		"bosh-deployment/external-ip-not-recommended.yml": "[]",
		"bosh.yml":              d.filled(boshManifest(base)),
		"variables.yml":         "{internal_ip: 10.0.0.6, auth_url: \"" + base + "/identity\"}",
		"cloud-config.yml":      d.filled(cloudConfig),
		"cloud-config-east.yml": "",
	} {
		d.write(name, text)
	}
	d.write("task.debug", d.read(filepath.Join(d.dir, "task.log")))
	d.write("director/instances.json", d.read(filepath.Join(d.dir, "instances.json")))
}

func boshManifest(base string) string {
	return `
releases: []
resource_pools: [{name: vms, cloud_properties: {instance_type: m1.small}}]
networks: [{name: default, type: manual, subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, cloud_properties: {net_id: NETWORK_ID}}]}]
instance_groups: [{name: bosh, instances: 1, resource_pool: vms, jobs: [{name: openstack_cpi_golang}], properties: {director: {}}}]
cloud_provider:
  template: {name: openstack_cpi_golang}
  properties:
    openstack: {auth_url: "` + base + `/identity", username: bosh, api_key: simulator, project: bosh, domain: Default}
    agent: {mbus: "https://mbus:secret@((internal_ip)):6868"}
`
}

const cloudConfig = `
azs:
- {name: z1, cloud_properties: {availability_zone: z1}}
vm_types:
- {name: default, cloud_properties: {instance_type: m1.small}}
networks:
- name: default
  type: manual
  subnets:
  - range: 10.0.0.0/24
    gateway: 10.0.0.1
    reserved: [10.0.0.2-10.0.0.9, 10.0.0.128-10.0.0.254]
    azs: [z1]
    cloud_properties: {net_id: NETWORK_ID}
compilation: {workers: 4, az: z1, network: default, vm_type: default}
`

// listOf returns the output of the command line of BOSH with --json for a list
// without rows.
func listOf(content string, columns ...string) string {
	header := object{}
	for _, name := range columns {
		header[name] = name
	}
	text, err := json.Marshal(object{"Tables": []object{{"Content": content, "Header": header, "Rows": []object{}}}})
	if err != nil {
		return ""
	}
	return string(text)
}

func (d *desk) read(name string) string {
	d.Helper()
	content, err := os.ReadFile(name)
	require.NoError(d, err)
	return string(content)
}

func (d *desk) write(name, text string) {
	d.Helper()
	path := filepath.Join(d.dir, name)
	require.NoError(d, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(d, os.WriteFile(path, []byte(text), 0o600))
}

// filled replaces the names in capitals by their values.
func (d *desk) filled(text string) string {
	for _, name := range slices.Sorted(maps.Keys(d.names)) {
		text = strings.ReplaceAll(text, name, d.names[name])
	}
	return text
}

// configure changes the openstack properties of cpi.json.
func (d *desk) configure(change func(properties object)) {
	d.Helper()
	var config object
	require.NoError(d, json.Unmarshal([]byte(d.read(filepath.Join(d.dir, "cpi.json"))), &config))
	change(target.Properties(config))
	text, err := json.Marshal(config)
	require.NoError(d, err)
	d.write("cpi.json", string(text))
}

// change replaces a part of a file.
func (d *desk) change(name, old, replacement string) {
	d.Helper()
	text := d.read(filepath.Join(d.dir, name))
	require.Contains(d, text, old)
	d.write(name, strings.Replace(text, old, replacement, 1))
}

// run runs a command line of a document and returns what it prints.
func (d *desk) run(line string) string {
	d.Helper()
	line = strings.NewReplacer("/var/vcap/packages/openstack_cpi/bin/", "", "/var/vcap/jobs/openstack_cpi/config/", "", "build/", "").Replace(line)
	// compdef is a part of zsh.
	command := exec.CommandContext(d.Context(), "bash", "-c", "mkdir -p ~/.config/fish/completions; compdef() { :; }; "+d.filled(line))
	command.Dir = d.dir
	command.Env = []string{"PATH=" + d.path + ":" + os.Getenv("PATH"), "HOME=" + d.dir, "BOSH_NON_INTERACTIVE=true"}
	output, err := command.CombinedOutput()
	d.Logf("%s\n%s%v", line, output, err)
	return string(output)
}

// call calls a method by hand, and decodes its result unless into is nil. The
// log of the call becomes that of the task.
func (d *desk) call(into any, method string, args ...string) {
	d.Helper()
	words := append([]string{"call", "-config", "cpi.json", "-director", director, method}, args...)
	command := exec.CommandContext(d.Context(), filepath.Join(d.path, "openstack_cpi"), words...)
	command.Dir, command.Env = d.dir, []string{"BOSH_LOG_LEVEL=debug"}
	var log strings.Builder
	command.Stderr = &log
	output, err := command.Output()
	d.write("task.log", log.String())
	d.write("task.debug", log.String())
	if into != nil {
		require.NoError(d, err, log.String())
		require.NoError(d, json.Unmarshal(output, into))
	}
}

// createVM creates the VM that documents call VM_CID.
func (d *desk) createVM() {
	d.Helper()
	var result []json.RawMessage
	d.call(&result, "create_vm", "agent-1", strings.Trim(d.names["STEMCELL_CID"], "'"), `{"instance_type": "m1.small"}`, "@networks.json")
	require.Len(d, result, 2)
	d.names["VM_CID"] = strings.Trim(string(result[0]), `"`)
}
