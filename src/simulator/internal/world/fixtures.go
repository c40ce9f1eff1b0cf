package world

// Fixtures are the ids of what the cloud has from the beginning.
type Fixtures struct {
	ProjectID, UserID string
	KeyPair           string
	// Ids by name.
	Networks, Subnets, SecurityGroups, Flavors, Images, VolumeTypes, Pools map[string]string
	// FloatingIPs are ids by address; none is associated.
	FloatingIPs map[string]string
	// ApplicationCredentialID and ApplicationCredentialSecret belong to the
	// user and the project.
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
