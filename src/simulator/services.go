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
	admin, projects := s.cloud.keystone.Admin(), s.cloud.keystone.Projects()
	s.cloud.glance = startGlance(s, admin)
	s.cloud.cinder = startCinder(s, s.cloud.glance)
	s.cloud.neutron = startNeutron(s, admin, projects)
	s.cloud.nova = startNova(s, s.cloud.neutron, s.cloud.cinder, s.cloud.glance)
	s.cloud.octavia = startOctavia(s, s.cloud.neutron)
}
