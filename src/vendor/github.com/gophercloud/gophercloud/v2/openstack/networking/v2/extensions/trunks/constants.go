package trunks

const (
	StatusActive   = "ACTIVE"
	StatusBuild    = "BUILD"
	StatusDegraded = "DEGRADED"
	StatusDown     = "DOWN"
	StatusError    = "ERROR"
)
