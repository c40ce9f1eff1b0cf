package cpi

import "github.com/piston/openstack-bosh-cpi/src/bosh"

// Info says what this CPI can do. It needs neither a configuration nor a cloud:
// the director asks before nearly every call. maxAPIVersion may be lowered by
// the operator, because directors v282.0.7 to v282.1.0 mishandle version 3.
func Info(maxAPIVersion int) bosh.Info {
	return bosh.Info{
		APIVersion:      maxAPIVersion,
		StemcellFormats: []string{"openstack-raw", "openstack-qcow2", "openstack-light"},
	}
}

// Ping answers "pong", without a cloud.
func Ping() string { return "pong" }
