package simulator

import "encoding/json"

// Fixtures are the things that the cloud has from the beginning, by their names.
type Fixtures struct {
	ProjectID, UserID string
	KeyPair           string
	// Ids by name.
	Networks, Subnets, SecurityGroups, Flavors, Images, VolumeTypes, Pools map[string]string
	// FloatingIPs are ids by address; none is associated.
	FloatingIPs map[string]string
	// ApplicationCredentialID and ApplicationCredentialSecret belong to the user and the project.
	ApplicationCredentialID, ApplicationCredentialSecret string
}

func newFixtures() Fixtures {
	return Fixtures{
		KeyPair:  "bosh",
		Networks: map[string]string{}, Subnets: map[string]string{}, SecurityGroups: map[string]string{},
		Flavors: map[string]string{}, Images: map[string]string{}, VolumeTypes: map[string]string{}, Pools: map[string]string{},
		FloatingIPs: map[string]string{},
	}
}

// Fixtures returns the ids of what every simulated cloud has. The maps must not be changed.
func (s *Simulator) Fixtures() Fixtures { return s.fixtures }

// AuthURL is the URL of Keystone below the base URL of a door, as users write it: "<base>/identity/v3".
func (s *Simulator) AuthURL(base string) string { return base + "/identity/v3" }

// CPIConfig is a ready cpi.json for the cloud behind a base URL.
func (s *Simulator) CPIConfig(base string) []byte {
	openstack := object{
		"auth_url":                        s.AuthURL(base),
		"username":                        s.options.UserName,
		"api_key":                         s.options.Password,
		"project":                         s.options.ProjectName,
		"domain":                          s.options.DomainName,
		"region":                          s.options.Regions[0],
		"endpoint_type":                   "publicURL",
		"default_key_name":                s.fixtures.KeyPair,
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
	properties := object{"openstack": openstack, "agent": object{"mbus": "nats://nats:nats@127.0.0.1:4222", "ntp": []string{}}}
	document := object{"cloud": object{"plugin": "openstack", "properties": properties}}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(err)
	}
	return append(text, '\n')
}
