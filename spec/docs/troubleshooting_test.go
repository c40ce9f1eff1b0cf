package docs_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// troubleshooting lists commands by symptom. Below each command are lines that
// it prints, with … for what varies.
const troubleshooting = "docs/troubleshooting.md"

// symptoms cause what the sections of the page are about, by their headings.
func symptoms() map[string]func(*desk) {
	return map[string]func(*desk){
		"The CPI cannot log in": func(d *desk) {
			d.configure(func(properties object) { properties["api_key"] = "wrong" })
		},
		"The cloud forbids a request": func(d *desk) {
			d.cloud.Inject(simulator.Fault{On: "POST /volumes", Status: http.StatusForbidden, Times: -1,
				Body: `{"forbidden": {"code": 403, "message": "Policy doesn't allow volume:create to be performed."}}`})
		},
		"A VM is not built in time": func(d *desk) {
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

func testTroubleshooting(t *testing.T, installed tools) {
	t.Helper()
	var page markdown
	for _, document := range documents(t) {
		if document.name == troubleshooting {
			page = document
		}
	}
	sections := map[string]markdown{}
	for _, text := range strings.Split(page.text, "\n## ")[1:] {
		title, body, _ := strings.Cut(text, "\n")
		sections[title] = markdown{title, body}
	}
	all := symptoms()
	assert.ElementsMatch(t, slices.Collect(maps.Keys(all)), slices.Collect(maps.Keys(sections)))
	for title, section := range sections {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, installed)
			all[title](d)
			shown := 0
			for _, block := range section.blocks() {
				for _, text := range strings.Split("\n"+block, "\n$ ")[1:] {
					line, lines, _ := strings.Cut(text, "\n")
					assertPrints(t, d.run(line), lines, line)
					shown++
				}
			}
			assert.Positive(t, shown, "a section without commands")
		})
	}
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}`)

// assertPrints fails unless the output contains the lines in their order. A line
// may be the beginning of one that was printed.
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
