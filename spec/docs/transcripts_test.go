package docs_test

import (
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/target"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// symptoms cause what the sections of docs/troubleshooting.md are about, by their
// headings.
func symptoms() map[string]func(*desk) {
	return map[string]func(*desk){
		"The CPI cannot log in": func(d *desk) {
			d.configure(func(properties object) { properties["api_key"] = "wrong" })
		},
		"The cloud forbids a request": func(d *desk) {
			d.cloud.Inject(simulator.Fault{
				On: "POST /volumes", Status: http.StatusForbidden, Times: -1,
				Body: `{"forbidden": {"code": 403, "message": "Policy doesn't allow volume:create to be performed."}}`,
			})
		},
		"A VM is not built in time": func(d *desk) {
			d.configure(func(properties object) { properties["state_timeout"] = 3 })
			d.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Stuck: true, Times: 2})
			d.call(nil, "create_vm", "agent-1", strings.Trim(d.names["STEMCELL_CID"], "'"), `{"instance_type": "m1.small"}`, "@networks.json")
		},
		"The agent does not answer": func(d *desk) {
			d.createVM()
			d.change("cloud-config.yml", "gateway: 10.0.0.1", "gateway: 10.0.0.254")
		},
		"An address is in use": func(d *desk) {
			port := object{"network_id": d.names["NETWORK_ID"], "fixed_ips": []object{{"ip_address": "10.0.0.20"}}}
			require.NoError(d, d.seen.Send(d.Context(), http.MethodPost, "network", "/ports", object{"port": port}, nil))
		},
		"No host takes the VM": func(d *desk) {
			d.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: "No valid host was found. There are not enough hosts available."})
			d.change("cloud-config.yml", "vm_types:", "- {name: z2, cloud_properties: {availability_zone: z9}}\nvm_types:\n- {name: large, cloud_properties: {instance_type: m1.larg}}")
		},
		"A quota is used up": func(d *desk) { d.cloud.SetQuota("cores", 3) },
		"A floating IP is not found": func(d *desk) {
			d.change("cloud-config.yml", "networks:", "networks:\n- {name: public, type: vip, subnets: [{static: [172.24.4.99]}]}")
		},
		"A disk hangs": func(d *desk) {
			d.createVM()
			var disk string
			d.call(&disk, "create_disk", "1024", "{}")
			d.names["DISK_CID"] = disk
			d.cloud.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "attach", Stuck: true})
			attachment := object{"volumeAttachment": object{"volumeId": disk}}
			require.NoError(d, d.seen.Send(d.Context(), http.MethodPost, "compute", "/servers/"+d.names["VM_CID"]+"/os-volume_attachments", attachment, nil))
		},
		"Everything is slow": func(d *desk) { d.createVM() },
		"The cloud limits the rate": func(d *desk) {
			d.cloud.Inject(simulator.RateLimited("GET /servers/{id}", time.Second))
			d.createVM()
			d.cloud.Inject(simulator.RateLimited("GET /servers/{id}", time.Second))
		},
		"A property has no effect": func(d *desk) {
			d.change("cloud-config.yml", "{instance_type: m1.small}", "{instance_type: m1.small, securty_groups: [web]}")
		},
		"Objects are left": func(d *desk) {
			d.createVM()
			<-time.After(2 * time.Second) // the age of an orphan
		},
		"Find a call in the logs of the cloud": func(d *desk) { d.createVM() },
	}
}

// transcripts are the pages whose commands are shown with what they print, and
// what the sections with commands need.
func transcripts() map[string]map[string]func(*desk) {
	return map[string]map[string]func(*desk){
		"docs/troubleshooting.md": symptoms(),
		"docs/several-openstacks.md": {
			"Look at each cloud":     (*desk).describeTwoClouds,
			"Call one cloud by hand": (*desk).createVM,
		},
		"docs/networking.md": {"Multi-homed VMs": func(d *desk) {
			d.write("networks.json", d.filled(`{
				"front": {"type": "manual", "ip": "10.0.0.20", "netmask": "255.255.255.0", "gateway": "10.0.0.1", "default": ["dns", "gateway"],
					"cloud_properties": {"net_id": "NETWORK_ID"}},
				"back": {"type": "manual", "ip": "10.0.1.20", "netmask": "255.255.255.0", "gateway": "10.0.1.1",
					"cloud_properties": {"net_id": "`+d.cloud.Fixtures().Networks["private-2"]+`"}}}`))
		}},
	}
}

// describeTwoClouds writes the values of the variables in the examples of a CPI
// config and a cloud config. Both clouds are regions of the simulated one.
func (d *desk) describeTwoClouds() {
	d.Helper()
	var config object
	require.NoError(d, json.Unmarshal([]byte(d.read(filepath.Join(d.dir, "cpi.json"))), &config))
	url := target.Properties(config)["auth_url"]
	server := httptest.NewTLSServer(nil)
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	server.Close()
	text, err := json.Marshal(object{
		"east_auth_url": url, "west_auth_url": url, "openstack_username": "bosh", "openstack_password": "simulator", "openstack_domain": "Default",
		"openstack_project": "bosh", "openstack_ca": object{"certificate": certificate}, "east_az": "z1", "west_az": "z2",
		"east_net_id": d.names["NETWORK_ID"], "west_net_id": d.cloud.Fixtures().Networks["private-2"],
	})
	require.NoError(d, err)
	d.write("variables.yml", string(text))
}

// testTranscripts runs the commands of a page and compares what they print with
// the lines below them. Each section with commands has a cloud of its own.
func testTranscripts(t *testing.T, installed tools, page markdown, prepare map[string]func(*desk)) {
	t.Helper()
	shown := map[string][]string{}
	for _, text := range strings.Split(page.text, "\n## ")[1:] {
		title, body, _ := strings.Cut(text, "\n")
		for _, block := range (markdown{title, body}).blocks() {
			shown[title] = append(shown[title], strings.Split("\n"+block, "\n$ ")[1:]...)
		}
		if len(shown[title]) == 0 {
			delete(shown, title)
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(prepare)), slices.Collect(maps.Keys(shown)), "sections with commands")
	for title, commands := range shown {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, installed)
			prepare[title](d)
			for _, text := range commands {
				line, lines, _ := strings.Cut(text, "\n")
				assertPrints(t, d.run(line), lines, line)
			}
		})
	}
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}`)

// assertPrints fails unless the output contains the lines in their order. … is
// what varies, and a line may be the beginning of one that was printed.
func assertPrints(t *testing.T, output, lines, command string) {
	t.Helper()
	rest := uuid.ReplaceAllString(output, "UUID")
	for wanted := range strings.SplitSeq(uuid.ReplaceAllString(lines, "UUID"), "\n") {
		if strings.TrimSpace(wanted) == "" {
			continue
		}
		parts := strings.Split(wanted, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		found := regexp.MustCompile("(?m)^" + strings.Join(parts, ".*")).FindStringIndex(rest)
		if !assert.NotNil(t, found, "%s does not print, in this order: %s\n%s", command, wanted, output) {
			return
		}
		rest = rest[found[1]:]
	}
}
