package doctor_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// restricted alters the token into one of an application credential with rules.
func restricted(t *testing.T, change func(rules []object) []object) patient {
	t.Helper()
	text, err := os.ReadFile("../../docs/access-rules.json")
	require.NoError(t, err)
	var rules []object
	require.NoError(t, json.Unmarshal(text, &rules))
	prefix := map[string]string{"compute": "/compute", "image": "/image", "network": "/networking", "block-storage": "/volume", "volumev3": "/volume", "load-balancer": "/load-balancer"}
	for _, rule := range rules {
		rule["path"] = prefix[rule["service"].(string)] + rule["path"].(string)
	}
	return token(func(token object) { token["application_credential"] = object{"id": "c", "access_rules": change(rules)} })
}

func TestFaultsOfProjects(t *testing.T) {
	t.Parallel()
	quotas := func(limits map[string]int, wanted string) patient {
		return patient{options: simulator.Options{Quotas: limits}, wanted: wanted}
	}
	failing := func(on string) patient {
		return patient{seed: func(cloud *simulator.Simulator) {
			cloud.Inject(simulator.Fault{On: on, Status: http.StatusForbidden, Times: -1})
		}}
	}
	const director = `
resource_pools: [{name: vms, cloud_properties: {instance_type: m1.large}}]
disk_pools: [{name: disks, disk_size: 65_536}]
networks: [{name: a, type: dynamic}, {name: b, type: dynamic}]
instance_groups: [{name: bosh, instances: 2, resource_pool: vms, persistent_disk_pool: disks, networks: [{name: a}, {name: b}]}]
`
	const compilation = "{vm_types: [{name: v, cloud_properties: {instance_type: m1.medium}}], compilation: {workers: 5, vm_type: v}}"
	for name, s := range map[string]symptom{
		"no limit of the rate": {patient{}, "rate-limits", "requests", doctor.OK, "was refused because of its rate", ""},
		"no rates":             {patient{}, "rate-limits", "Nova", doctor.OK, "names no limit", ""},
		"rates": {patient{path: "/limits", change: func(body object) {
			body["limits"].(object)["rate"] = []any{object{"uri": "*", "limit": []any{object{"verb": "POST", "value": 10, "remaining": 2, "unit": "MINUTE"}}}}
		}}, "rate-limits", "Nova", doctor.Note, "POST *: 10 per minute, 2 left", ""},
		"rates fail": {failing("GET /limits"), "rate-limits", "Cinder", doctor.Unknown, "403", ""},
		"too many requests": {patient{seed: func(cloud *simulator.Simulator) {
			cloud.Inject(simulator.RateLimited("GET /flavors/detail", 3*time.Second))
		}}, "rate-limits", "requests", doctor.Warning, "of compute, with pauses of up to 3s", "higher limit"},
		"no access rules":  {patient{}, "access-rules", "access rules", doctor.OK, "none", ""},
		"all access rules": {restricted(t, func(rules []object) []object { return rules }), "access-rules", "access rules", doctor.OK, "are allowed", ""},
		"one service type of Cinder": {restricted(t, func(rules []object) (kept []object) {
			for _, rule := range rules {
				if rule["service"] != "volumev3" {
					kept = append(kept, rule)
				}
			}
			return kept
		}), "access-rules", "access rules", doctor.OK, "are allowed", ""},
		"everything": {restricted(t, func([]object) (all []object) {
			for _, service := range []string{"compute", "image", "network", "volumev3", "load-balancer"} {
				for _, method := range []string{"GET", "PUT", "POST", "DELETE"} {
					all = append(all, object{"service": service, "method": method, "path": "/**"})
				}
			}
			return all
		}), "access-rules", "access rules", doctor.OK, "are allowed", ""},
		"missing access rule": {restricted(t, func(rules []object) (kept []object) {
			for _, rule := range rules {
				if rule["path"] != "/compute/v2.1/servers/*/action" {
					kept = append(kept, rule)
				}
			}
			return kept
		}), "access-rules", "access rules", doctor.Problem, "not allowed: compute POST /v2.1/servers/*/action", "application credential"},
		"access rules without prefix": {restricted(t, func(rules []object) []object {
			for _, rule := range rules {
				rule["path"] = "/v3/volumes"
			}
			return rules
		}), "access-rules", "access rules", doctor.Problem, "compute GET /v2.1/flavors/detail", ""},
		"no rules": {restricted(t, func([]object) []object { return []object{} }), "access-rules", "access rules", doctor.Problem, "not allowed", ""},

		"extensions":        {patient{}, "extensions", "extensions", doctor.OK, "allowed-address-pairs", ""},
		"extensions fail":   {failing("GET /extensions"), "extensions", "extensions", doctor.Unknown, "403", ""},
		"no groups":         {withoutExtension("security-group", ""), "extensions", "security-group", doctor.Problem, "no security groups", "operator"},
		"no QoS":            {withoutExtension("qos", ""), "extensions", "extensions", doctor.Note, "does not have qos (qos_policy)", ""},
		"no QoS, but named": {withoutExtension("qos", "vm_types: [{name: v, cloud_properties: {qos_policy: x}}]"), "extensions", "qos", doctor.Problem, "VM type v need it", "remove"},
		"no tags, but named": {
			withoutExtension("standard-attr-tag", "networks: [{name: n, subnets: [{cloud_properties: {tags: [x]}}]}]"), "extensions", "standard-attr-tag", doctor.Problem,
			"network n, subnet 1 need it", "",
		},

		"server group": {
			patient{wanted: "vm_types: [{name: v, cloud_properties: {server_group: missing}}]"}, "server-groups", "VM type v", doctor.Problem, "missing does not exist", "create",
		},
		"server group in an object": {
			patient{wanted: "vm_types: [{name: v, cloud_properties: {server_group: {name: missing}}}]"}, "server-groups", "VM type v", doctor.Problem, "missing does not exist", "",
		},
		"server group of hints": {
			patient{wanted: "vm_types: [{name: v, cloud_properties: {scheduler_hints: {group: missing}}}]"}, "server-groups", "VM type v", doctor.Problem, "missing does not exist", "",
		},
		"server group that exists": {patient{
			wanted: "vm_types: [{name: v, cloud_properties: {server_group: server-group-1}}]",
			seed: func(cloud *simulator.Simulator) {
				if err := cloud.Populate(simulator.Population{ServerGroups: 1}); err != nil {
					panic(err)
				}
			},
		}, "server-groups", "VM type v", doctor.OK, "server-group-1, anti-affinity", ""},
		"server groups fail": {
			patient{wanted: "vm_types: [{name: v, cloud_properties: {server_group: x}}]", seed: failing("GET /os-server-groups").seed},
			"server-groups", "server groups", doctor.Unknown, "403", "",
		},
		"servers on a host, old Nova": {
			patient{options: simulator.Options{NovaMicroversion: 60}, wanted: "vm_types: [{name: v, cloud_properties: {server_group: {policy: anti-affinity, max_server_per_host: 2}}}]"},
			"versions", "Nova", doctor.Problem, "2.64 (Rocky) is needed", "upgrade",
		},

		"unlimited":         {patient{}, "quotas", "cores", doctor.OK, "unlimited, 0 used", ""},
		"enough":            {quotas(map[string]int{"cores": 8, "instances": 2}, director), "quotas", "cores", doctor.OK, "8 of 8 are free, 8 are needed", ""},
		"cores":             {quotas(map[string]int{"cores": 7}, director), "quotas", "cores", doctor.Warning, "7 of 7 are free, 8 are needed", "more"},
		"memory":            {quotas(map[string]int{"ram": 8192}, director), "quotas", "memory", doctor.Warning, "16384 are needed", ""},
		"instances":         {quotas(map[string]int{"instances": 1}, director), "quotas", "instances", doctor.Warning, "2 are needed", ""},
		"volumes":           {quotas(map[string]int{"volumes": 1}, director), "quotas", "volumes", doctor.Warning, "2 are needed", ""},
		"volume space":      {quotas(map[string]int{"gigabytes": 100}, director), "quotas", "volume space", doctor.Warning, "100 of 100 GiB are free, 128 are needed", ""},
		"ports":             {quotas(map[string]int{"ports": 4}, director), "quotas", "ports", doctor.Warning, "4 are needed", ""},
		"compilation":       {quotas(map[string]int{"cores": 9}, compilation), "quotas", "cores", doctor.Warning, "10 are needed", ""},
		"nothing left":      {quotas(map[string]int{"instances": 0}, ""), "quotas", "instances", doctor.Warning, "nothing more can be created", "delete"},
		"no more snapshots": {quotas(map[string]int{"snapshots": 0}, ""), "quotas", "snapshots", doctor.OK, "0 of 0 are free", ""},
		"Nova fails":        {failing("GET /limits"), "quotas", "Nova", doctor.Unknown, "403", ""},
		"Cinder fails":      {failing("GET /limits"), "quotas", "Cinder", doctor.Unknown, "403", ""},
		"Neutron fails":     {failing("GET /quotas/{project_id}/details.json"), "quotas", "Neutron", doctor.Unknown, "403", ""},
		"no limits":         {patient{path: "/limits", change: func(body object) { body["limits"] = nil }}, "quotas", "Nova", doctor.Unknown, "not found", ""},

		"image formats":       {patient{}, "images", "disk formats", doctor.OK, "raw, qcow2", ""},
		"no qcow2":            {imageFormats("raw", "vmdk"), "images", "disk formats", doctor.Warning, "qcow2 cannot be uploaded", "other format"},
		"neither":             {imageFormats("vmdk"), "images", "disk formats", doctor.Problem, "neither raw nor qcow2", "light"},
		"no formats":          {imageFormats(), "images", "disk formats", doctor.Unknown, "does not list", ""},
		"image schema fails":  {failing("GET /schemas/image"), "images", "disk formats", doctor.Unknown, "403", ""},
		"config drive":        {patient{properties: object{"config_drive": "disk"}}, "configuration", "settings of the agent", doctor.OK, "config drive", ""},
		"metadata service":    {patient{}, "configuration", "settings of the agent", doctor.Note, "169.254.169.254", ""},
		"zone of a disk type": {patient{wanted: "disk_types: [{name: d, cloud_properties: {availability_zone: z9}}]"}, "zones", "disk type d", doctor.Problem, "z9 is not one of Cinder", "correct"},
		"mapped zone": {
			patient{options: simulator.Options{VolumeZones: []string{"a", "b"}}, properties: object{"volume_availability_zones": object{"z1": "a", "z2": "b"}}},
			"zones", "zones of Cinder", doctor.OK, "one for each zone", "",
		},
		"zone mapped to nothing": {
			patient{properties: object{"volume_availability_zones": object{"z1": "a"}}}, "zones", "openstack.volume_availability_zones, z1", doctor.Problem, "a is not one of Cinder", "correct",
		},
		"nothing mapped to a zone": {
			patient{properties: object{"volume_availability_zones": object{"z9": "z1"}}}, "zones", "openstack.volume_availability_zones", doctor.Warning, "z9 is not one of Nova", "correct",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.confirm(t)
		})
	}
}

// withoutExtension is a Neutron without an extension, and a cloud config.
func withoutExtension(alias, wanted string) patient {
	return patient{wanted: wanted, path: "/extensions", change: func(body object) {
		kept := []any{}
		for _, extension := range each(body, "extensions") {
			if extension["alias"] != alias {
				kept = append(kept, extension)
			}
		}
		body["extensions"] = kept
	}}
}

// imageFormats is a Glance that accepts some formats.
func imageFormats(formats ...any) patient {
	return patient{path: "/schemas/image", change: func(body object) {
		body["properties"].(object)["disk_format"].(object)["enum"] = append([]any{nil}, formats...)
	}}
}
