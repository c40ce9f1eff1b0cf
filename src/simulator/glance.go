package simulator

const imageName = "image"

type glance struct{ *Simulator }

func startGlance(s *Simulator) *glance { return &glance{Simulator: s} }
