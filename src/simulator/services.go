package simulator

// cloud is the state of all services. A service reaches the others through it.
type cloud struct {
	keystone *keystone
	glance   *glance
	cinder   *cinder
	neutron  *neutron
	nova     *nova
	octavia  *octavia
}

// startServices adds the routes and fixtures of all services.
func (s *Simulator) startServices() {
	s.cloud.keystone = startKeystone(s)
	s.cloud.glance = startGlance(s)
	s.cloud.cinder = startCinder(s)
	s.cloud.neutron = startNeutron(s)
	s.cloud.nova = startNova(s)
	s.cloud.octavia = startOctavia(s)
}
