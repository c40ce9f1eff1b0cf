package simulator

import (
	"encoding/json"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// AuthURL returns the URL of Keystone below a base URL: "<base>/identity/v3".
func (s *Simulator) AuthURL(base string) string { return base + "/identity/v3" }

// CPIConfig returns a cpi.json for the cloud at a base URL.
func (s *Simulator) CPIConfig(base string) []byte {
	openstack := api.Object{
		"auth_url":                        s.AuthURL(base),
		"username":                        s.world.Options.UserName,
		"api_key":                         s.world.Options.Password,
		"project":                         s.world.Options.ProjectName,
		"domain":                          s.world.Options.DomainName,
		"region":                          s.world.Options.Regions[0],
		"endpoint_type":                   "publicURL",
		"default_key_name":                s.world.Fixtures.KeyPair,
		"default_security_groups":         []string{"default", "bosh"},
		"default_volume_type":             nil,
		"state_timeout":                   300,
		"wait_resource_poll_interval":     5,
		"boot_from_volume":                false,
		"use_dhcp":                        true,
		"human_readable_vm_names":         true,
		"ignore_server_availability_zone": false,
		"use_nova_networking":             false,
		"stemcell_public_visibility":      false,
	}
	properties := api.Object{"openstack": openstack, "agent": api.Object{"mbus": "nats://nats:nats@127.0.0.1:4222", "ntp": []string{}}}
	document := api.Object{"cloud": api.Object{"plugin": "openstack", "properties": properties}}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(err)
	}
	return append(text, '\n')
}
