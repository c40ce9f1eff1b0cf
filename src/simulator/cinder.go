package simulator

type cinder struct{ *Simulator }

func startCinder(s *Simulator) *cinder { return &cinder{Simulator: s} }
