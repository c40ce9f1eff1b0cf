package world

// Fixtures are the ids of what the cloud has from the beginning.
type Fixtures struct {
	ProjectID string `json:"project_id"`
	UserID    string `json:"user_id"`
	KeyPair   string `json:"key_pair"`
	// Ids by name.
	Networks       map[string]string `json:"networks"`
	Subnets        map[string]string `json:"subnets"`
	SecurityGroups map[string]string `json:"security_groups"`
	Flavors        map[string]string `json:"flavors"`
	Images         map[string]string `json:"images"`
	VolumeTypes    map[string]string `json:"volume_types"`
	Pools          map[string]string `json:"pools"`
	// FloatingIPs are ids by address; none is associated.
	FloatingIPs map[string]string `json:"floating_ips"`
	// ApplicationCredentialID and ApplicationCredentialSecret belong to the
	// user and the project.
	ApplicationCredentialID     string `json:"application_credential_id"`
	ApplicationCredentialSecret string `json:"application_credential_secret"`
}

func newFixtures() Fixtures {
	return Fixtures{
		KeyPair:  "bosh",
		Networks: map[string]string{}, Subnets: map[string]string{}, SecurityGroups: map[string]string{},
		Flavors: map[string]string{}, Images: map[string]string{}, VolumeTypes: map[string]string{}, Pools: map[string]string{},
		FloatingIPs: map[string]string{},
	}
}
