package doctor_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// healthyConfig asks only for what the simulator has.
const healthyConfig = `
azs:
- name: z1
  cloud_properties: {availability_zone: z1}
vm_types:
- name: default
  cloud_properties: {instance_type: m1.small, key_name: bosh, security_groups: [default]}
- name: from-volume
  cloud_properties: {instance_type: m1.bfv, boot_from_volume: true, root_disk: {size: 10, type: ssd}}
vm_extensions:
- name: lb
  cloud_properties: {loadbalancer_pools: [{name: pool-1, port: 443}]}
disk_types:
- name: fast
  disk_size: 10_240
  cloud_properties: {type: hdd}
networks:
- name: default
  type: manual
  subnets:
  - range: 10.0.0.0/24
    gateway: 10.0.0.1
    reserved: [10.0.0.2 - 10.0.0.9, 10.0.0.128-10.0.0.254]
    cloud_properties: {net_id: $private, security_groups: [$default]}
- name: leased
  type: dynamic
  cloud_properties: {net_id: $private_2}
- name: public
  type: vip
  subnets: [{static: [$floating]}]
`

func TestHealthyCloudConfig(t *testing.T) {
	t.Parallel()
	report := patient{wanted: healthyConfig, properties: object{"default_security_groups": []string{"default", "bosh"}}}.examine(t)
	for _, finding := range report.Findings {
		assert.Contains(t, []doctor.Level{doctor.OK, doctor.Note}, finding.Level, "%+v", finding)
	}
	for check, subjects := range map[string][]string{
		"cloud-config":    {"cloud properties"},
		"flavors":         {"VM type default", "VM type from-volume"},
		"key-pairs":       {"key pair bosh"},
		"zones":           {"zones of Nova", "zones of Cinder"},
		"networks":        {"network default", "network leased", "network public"},
		"security-groups": {"openstack.default_security_groups", "VM type default", "network default"},
		"volume-types":    {"disk type fast", "VM type from-volume, root_disk"},
		"pools":           {"pool pool-1"},
	} {
		for _, subject := range subjects {
			assert.NotEmpty(t, of(report, check, subject), subject)
		}
	}
}

// vmType is a cloud config with a VM type.
func vmType(properties string) patient {
	return patient{wanted: "vm_types: [{name: v, cloud_properties: {" + properties + "}}]"}
}

// subnet is a cloud config with a manual network.
func subnet(fields string) patient {
	return patient{wanted: "networks: [{name: n, type: manual, subnets: [{" + fields + "}]}]"}
}

// ruled alters the rules of security groups.
func ruled(keep func(rule object) bool) patient {
	return patient{
		path: "", wanted: "vm_types: [{name: v, cloud_properties: {instance_type: m1.small, security_groups: [bosh]}}]",
		change: func(body object) {
			group, is := body["security_group"].(object)
			if !is {
				return
			}
			kept := []any{}
			for _, rule := range each(group, "security_group_rules") {
				if keep(rule) {
					kept = append(kept, rule)
				}
			}
			group["security_group_rules"] = kept
		},
	}
}

func TestFaultsOfCloudConfigs(t *testing.T) {
	t.Parallel()
	const whole = `range: 10.0.0.0/24, gateway: 10.0.0.1, reserved: [10.0.0.128-10.0.0.254], cloud_properties: {net_id: $private}`
	for name, s := range map[string]symptom{
		"none":     {patient{}, "cloud-config", "cloud config", doctor.Note, "none was given", ""},
		"variable": {vmType("instance_type: ((flavor)), key_name: ((key.name))"), "cloud-config", "variables", doctor.Unknown, "flavor, key", "bosh interpolate"},
		"misspelt": {vmType("instance_type: m1.small, securty_groups: [a]"), "cloud-config", "VM type v", doctor.Warning, "did you mean security_groups", "no effect"},
		"misspelt in a disk type": {
			patient{wanted: "disk_types: [{name: d, cloud_properties: {typ: ssd}}]"}, "cloud-config", "disk type d", doctor.Warning, "did you mean type", "",
		},
		"misspelt in a network":         {subnet("cloud_properties: {netid: x}"), "cloud-config", "network n, subnet 1", doctor.Warning, "did you mean net_id", ""},
		"misspelt in a managed network": {patient{wanted: "networks: [{name: n, managed: true, subnets: [{cloud_properties: {ruter: x}}]}]"}, "cloud-config", "network n", doctor.Warning, "did you mean router", ""},
		"misspelt in an AZ":             {patient{wanted: "azs: [{name: z, cloud_properties: {availability_zon: z1}}]"}, "cloud-config", "AZ z", doctor.Warning, "did you mean availability_zone?", ""},
		"misspelt, strict": {
			patient{wanted: "vm_extensions: [{name: e, cloud_properties: {keyname: a}}]", properties: object{"strict_cloud_properties": true}},
			"cloud-config", "VM extension e", doctor.Problem, "keyname is unknown", "strict",
		},
		"wrong type":        {vmType("instance_type: m1.small, security_groups: web"), "cloud-config", "VM type v", doctor.Problem, "security_groups must not be a string", "correct"},
		"no flavor":         {vmType("key_name: bosh"), "cloud-config", "VM type v", doctor.Warning, "names no flavor", "instance_type"},
		"unknown flavor":    {vmType("instance_type: m1.smal"), "flavors", "VM type v", doctor.Problem, "m1.smal does not exist", "probably to m1.small"},
		"no root disk":      {vmType("instance_type: m1.bfv"), "flavors", "VM type v", doctor.Warning, "no root disk", "boot_from_volume"},
		"no size of volume": {vmType("instance_type: m1.bfv, boot_from_volume: true"), "flavors", "VM type v", doctor.Problem, "how large", "root_disk.size"},
		"volume by default": {
			patient{wanted: vmType("instance_type: m1.bfv").wanted, properties: object{"boot_from_volume": true}}, "flavors", "VM type v", doctor.Problem, "how large", "",
		},
		"small root disk": {vmType("instance_type: m1.tiny"), "flavors", "VM type v", doctor.Warning, "1 GiB is too small", "larger root disk"},
		"small ephemeral disk": {
			patient{wanted: vmType("instance_type: m1.large").wanted, path: "/flavors/detail", change: func(body object) {
				for _, flavor := range each(body, "flavors") {
					if flavor["name"] == "m1.large" {
						flavor["OS-FLV-EXT-DATA:ephemeral"] = 10
					}
				}
			}}, "flavors", "VM type v", doctor.Problem, "should have at least 16Gb of ephemeral disk", "larger ephemeral",
		},
		"pool of create-env": {
			patient{wanted: "resource_pools: [{name: vms, cloud_properties: {instance_type: m9}}]"}, "flavors", "VM type vms", doctor.Problem, "m9 does not exist", "",
		},
		"unknown key":         {vmType("key_name: mine"), "key-pairs", "key pair mine", doctor.Problem, "does not exist for this user", "create"},
		"unknown default key": {patient{properties: object{"default_key_name": "mine"}}, "key-pairs", "key pair mine", doctor.Problem, "does not exist", ""},
		"no key":              {patient{properties: object{"default_key_name": ""}}, "key-pairs", "key pair", doctor.Note, "none is named", ""},
		"key fails": {patient{seed: func(cloud *simulator.Simulator) {
			cloud.Inject(simulator.Fault{On: "GET /os-keypairs/{name}", Status: http.StatusForbidden, Times: -1})
		}}, "key-pairs", "key pair bosh", doctor.Unknown, "403", ""},
		"unknown zone":   {vmType("availability_zone: z9"), "zones", "VM type v", doctor.Problem, "z9 is not one of Nova: z1, z2", "correct"},
		"unknown zones":  {vmType("availability_zones: [z1, z9]"), "zones", "VM type v", doctor.Problem, "z9 is not one of Nova", ""},
		"zone of a host": {vmType("availability_zone: 'z1:host-1'"), "zones", "zones of Cinder", doctor.OK, "one for each zone", ""},
		"Cinder has other zones": {
			patient{options: simulator.Options{VolumeZones: []string{"a", "b"}}}, "zones", "zones of Cinder", doctor.Problem, "a, b, but not z1, z2", "volume_availability_zones",
		},
		"Cinder has one zone": {
			patient{options: simulator.Options{VolumeZones: []string{"nova"}}}, "zones", "zones of Cinder", doctor.OK, "nova: the only one", "",
		},
		"Cinder has other zones, ignored": {
			patient{options: simulator.Options{VolumeZones: []string{"nova"}}, properties: object{"ignore_server_availability_zone": true}},
			"zones", "zones of Cinder", doctor.OK, "Cinder's default zone", "",
		},
		"Cinder has the zones that are used": {
			patient{options: simulator.Options{VolumeZones: []string{"z1"}}, wanted: "azs: [{name: z, cloud_properties: {availability_zone: z1}}]"},
			"zones", "zones of Cinder", doctor.OK, "one for each zone", "",
		},
		"no net_id":            {subnet("range: 10.0.0.0/24"), "networks", "network n", doctor.Problem, "names no network", "net_id"},
		"no net_id, dynamic":   {patient{wanted: "networks: [{name: n, type: dynamic}]"}, "networks", "network n", doctor.Note, "names no network", ""},
		"unknown network":      {subnet("cloud_properties: {net_id: 6e1c6ef3-0000-4000-8000-000000000000}"), "networks", "network n", doctor.Problem, "does not exist", "correct net_id"},
		"name of a network":    {subnet("cloud_properties: {net_id: private}"), "networks", "network n", doctor.Problem, "is the name of a network, its id is ", "net_id"},
		"id of a subnet":       {subnet("cloud_properties: {net_id: $private_v4}"), "networks", "network n", doctor.Problem, "is the id of a subnet, that of its network private is ", "net_id"},
		"range of another":     {subnet("range: 10.7.0.0/24, cloud_properties: {net_id: $private}"), "networks", "network n", doctor.Problem, "in no subnet of network private, which has 10.0.0.0/24", "range"},
		"range too large":      {subnet("range: 10.0.0.0/16, cloud_properties: {net_id: $private}"), "networks", "network n", doctor.Problem, "in no subnet", "range"},
		"no range":             {subnet("cloud_properties: {net_id: $private}"), "networks", "network n", doctor.Problem, "ParsePrefix", "10.0.0.0/24"},
		"half of the range":    {subnet("range: 10.0.0.0/25, gateway: 10.0.0.1, cloud_properties: {net_id: $private}"), "networks", "network n", doctor.OK, "none of the 125 addresses", ""},
		"another gateway":      {subnet(strings.Replace(whole, "gateway: 10.0.0.1", "gateway: 10.0.0.254", 1)), "networks", "network n", doctor.Warning, "Neutron's subnet 10.0.0.1", "gateway"},
		"wrong reserved":       {subnet(strings.Replace(whole, "10.0.0.128-", "10.0.0.x-", 1)), "networks", "network n", doctor.Problem, "10.0.0.x", "reserved"},
		"backward reserved":    {subnet(strings.Replace(whole, "10.0.0.128-10.0.0.254", "10.0.0.9-10.0.0.2", 1)), "networks", "network n", doctor.Problem, "not a range", "reserved"},
		"pools overlap":        {subnet(strings.Replace(whole, "10.0.0.128-10.0.0.254", "10.0.0.128-10.0.0.199", 1)), "networks", "network n", doctor.Warning, "55 of the 181 addresses that BOSH assigns (10.0.0.200-10.0.0.254)", "reserve 10.0.0.200-10.0.0.254"},
		"address of the cloud": {subnet(strings.Replace(whole, "10.0.0.128-", "10.0.0.130-", 1)), "networks", "network n", doctor.Problem, "10.0.0.128 (Octavia)", "reserved"},
		"no gateway": {
			patient{wanted: subnet(whole).wanted, path: "/v2.0/subnets", change: func(body object) {
				for _, each := range each(body, "subnets") {
					each["gateway_ip"] = nil
				}
			}}, "networks", "network n", doctor.Warning, "Neutron's subnet has none", "something has the address",
		},
		"no router": {
			patient{wanted: subnet(whole).wanted, path: "/v2.0/ports", change: func(body object) { body["ports"] = []any{} }},
			"networks", "network n", doctor.Warning, "nothing has the address of gateway 10.0.0.1", "openstack router add subnet",
		},
		"router of others": {
			patient{wanted: subnet(whole).wanted, path: "", change: func(body object) {
				if body["ports"] != nil {
					body["ports"] = []any{}
				}
				if body["networks"] == nil {
					return
				}
				for _, network := range each(body, "networks") {
					network["project_id"], network["tenant_id"] = "another", "another"
				}
			}}, "networks", "network n", doctor.Note, "the network is not of this project", "",
		},
		"gateway in a VM": {
			patient{wanted: subnet(whole).wanted, path: "/v2.0/ports", change: func(body object) {
				for _, port := range each(body, "ports") {
					port["device_owner"] = "compute:z1"
				}
			}}, "networks", "network n", doctor.Warning, "gateway 10.0.0.1 is no router's: port ", "make sure that this port routes",
		},
		"router": {subnet(whole), "networks", "network n", doctor.OK, "gateway 10.0.0.1 is an interface of router ", ""},
		"AZs of several CPIs": {
			patient{wanted: "azs: [{name: z1, cpi: east}, {name: z2, cpi: west}]"}, "cloud-config", "AZs", doctor.Warning, "are of the CPIs east, west", "-cpi",
		},
		"no DHCP":                   {noDHCP(whole, nil), "networks", "network n", doctor.Problem, "no address", "enable DHCP"},
		"no DHCP, but config drive": {noDHCP(whole, object{"use_dhcp": false, "config_drive": "disk"}), "networks", "network n", doctor.OK, "from the config drive", ""},
		"address of another port": {
			patient{wanted: subnet(whole).wanted, path: "/v2.0/ports", change: func(body object) {
				for _, port := range each(body, "ports") {
					port["device_owner"], port["fixed_ips"] = "compute:z1", []any{object{"ip_address": "10.0.0.50", "subnet_id": ""}}
				}
			}}, "networks", "network n", doctor.Warning, "did not create: 10.0.0.50", "another CPI",
		},
		"address of our port": {
			patient{wanted: subnet(whole).wanted, path: "/v2.0/ports", change: func(body object) {
				for _, port := range each(body, "ports") {
					port["description"], port["fixed_ips"] = "openstack-bosh-cpi", []any{object{"ip_address": "10.0.0.50", "subnet_id": ""}}
				}
			}}, "networks", "network n", doctor.OK, "allocates none of the 126", "",
		},
		"ports fail": {
			patient{wanted: subnet(whole).wanted, seed: func(cloud *simulator.Simulator) {
				cloud.Inject(simulator.Fault{On: "GET /ports", Status: http.StatusForbidden, Times: -1})
			}}, "networks", "network n", doctor.Unknown, "403", "",
		},
		"vip of others": {patient{wanted: "networks: [{name: n, type: vip, subnets: [{static: 172.24.4.99}]}]"}, "networks", "network n", doctor.Problem, "172.24.4.99 is not allocated", "allocate"},
		"vip of create-env": {
			patient{wanted: "{networks: [{name: n, type: vip}], instance_groups: [{name: bosh, networks: [{name: n, static_ips: [172.24.4.99]}]}]}"},
			"networks", "network n", doctor.Problem, "172.24.4.99 is not allocated", "",
		},
		"range of vips": {patient{wanted: "networks: [{name: n, type: vip, subnets: [{static: [172.24.4.10-172.24.4.12]}]}]"}, "networks", "network n", doctor.Unknown, "not a single address", ""},
		"unknown group": {vmType("security_groups: [web]"), "security-groups", "VM type v", doctor.Problem, "web does not exist", "create"},
		"groups fail": {patient{seed: func(cloud *simulator.Simulator) {
			cloud.Inject(simulator.Fault{On: "GET /security-groups/{id}", Status: http.StatusForbidden, Times: -1})
		}}, "security-groups", "openstack.default_security_groups", doctor.Unknown, "403", ""},
		"no configured group": {
			patient{properties: object{"default_security_groups": []string{}}}, "security-groups", "group default", doctor.Note, "TCP 22 is closed", "",
		},
		"closed outside": {ruled(func(rule object) bool { return rule["direction"] != "egress" }), "security-groups", "VM type v", doctor.Warning, "all outgoing", "4222"},
		"closed inside":  {ruled(func(object) bool { return true }), "security-groups", "VM type v", doctor.Warning, "between the VMs", "remote group"},
		"SSH":            {ruled(func(object) bool { return true }), "security-groups", "VM type v", doctor.OK, "TCP 22 is open for SSH", ""},
		"SSH closed":     {ruled(func(rule object) bool { return rule["port_range_min"] != 22.0 }), "security-groups", "VM type v", doctor.Note, "TCP 22 is closed", ""},
		"agent of create-env closed": {
			patient{properties: object{"default_security_groups": []string{"default"}}, wanted: "resource_pools: [{name: vms, cloud_properties: {instance_type: m1.small}}]"},
			"security-groups", "openstack.default_security_groups", doctor.Warning, "TCP 6868 is closed", "machine that runs bosh",
		},
		"unknown volume type":         {patient{wanted: "disk_types: [{name: d, cloud_properties: {type: sdd}}]"}, "volume-types", "disk type d", doctor.Problem, "sdd does not exist", "probably to hdd"},
		"unknown type of boot volume": {vmType("root_disk: {type: nvme}"), "volume-types", "VM type v, root_disk", doctor.Problem, "nvme does not exist", "correct"},
		"unknown default type":        {patient{properties: object{"default_volume_type": "nvme"}}, "volume-types", "openstack.default_volume_type", doctor.Problem, "nvme does not exist", ""},
		"no volume types":             {patient{path: "/types", change: func(body object) { body["volume_types"] = []any{} }}, "volume-types", "volume types", doctor.Note, "none", ""},
		"type of a boot volume, old Nova": {
			patient{wanted: vmType("root_disk: {type: ssd}").wanted, options: simulator.Options{NovaMicroversion: 60}}, "versions", "Nova", doctor.Problem, "2.67 (Stein)", "upgrade",
		},
		"unknown pool": {vmType("loadbalancer_pools: [{name: web, port: 1}]"), "pools", "pool web", doctor.Problem, "does not exist", "create"},
		"pool fails": {
			patient{wanted: vmType("loadbalancer_pools: [{name: pool-1, port: 1}]").wanted, seed: func(cloud *simulator.Simulator) {
				cloud.Inject(simulator.Fault{On: "GET /lbaas/pools", Status: http.StatusForbidden, Times: -1})
			}}, "pools", "pool pool-1", doctor.Problem, "403", "load-balancer_member",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.confirm(t)
		})
	}
}

func noDHCP(fields string, properties object) patient {
	return patient{wanted: subnet(fields).wanted, properties: properties, path: "/v2.0/subnets", change: func(body object) {
		for _, each := range each(body, "subnets") {
			each["enable_dhcp"] = false
		}
	}}
}

// Values that are variables are compared with nothing.
func TestVariables(t *testing.T) {
	t.Parallel()
	open := `
azs: [{name: z, cloud_properties: {availability_zone: ((az))}}]
vm_types: [{name: v, cloud_properties: {instance_type: ((flavor)), key_name: ((key)), security_groups: [((group))]}}]
disk_types: [{name: d, cloud_properties: {type: ((type))}}]
networks: [{name: n, type: manual, subnets: [{range: ((range)), cloud_properties: {net_id: ((net_id))}}]}, {name: m, type: manual, subnets: [{range: ((range)), cloud_properties: {net_id: %s}}]}]
`
	report := patient{wanted: fmt.Sprintf(open, "$private")}.examine(t)
	assert.Equal(t, 1, report.Count(doctor.Unknown))
	assert.Equal(t, 0, report.Count(doctor.Problem)+report.Count(doctor.Warning), "%+v", report.Findings)
	found := of(report, "cloud-config", "variables")
	assert.Len(t, found, 1)
	assert.Contains(t, found[0].Text, "az, flavor, group, key, net_id, range, type")
}

// The example of the repository has no property that is unknown.
func TestExampleOfACloudConfig(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../manifests/cloud-config.yml")
	require.NoError(t, err)
	report := patient{wanted: string(text)}.examine(t)
	found := of(report, "cloud-config", "")
	assert.Len(t, found, 2, "%+v", found)
	assert.Equal(t, "variables", found[0].Subject)
	assert.Equal(t, doctor.OK, found[1].Level)
}
