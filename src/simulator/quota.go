package simulator

// SetQuota changes a limit while the cloud is running; a negative limit is no limit. Options.Quotas has the names.
func (s *Simulator) SetQuota(name string, limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quotas[name] = limit
}

// quota returns the limit of a resource, -1 when there is none.
func (s *Simulator) quota(name string) int {
	if limit, ok := s.quotas[name]; ok && limit >= 0 {
		return limit
	}
	return -1
}

// exceeds tells whether more of a resource than its quota would be in use.
func (s *Simulator) exceeds(name string, wanted int) bool {
	limit := s.quota(name)
	return limit >= 0 && wanted > limit
}
