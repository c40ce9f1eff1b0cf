package cpi

import "github.com/piston/openstack-bosh-cpi/src/bosh"

// Info returns the API version and the stemcell formats that the CPI supports. It
// needs neither a configuration nor a cloud, because the director calls it before
// nearly every other method. Operators can lower maxAPIVersion, because directors
// v282.0.7 to v282.1.0 mishandle version 3.
func Info(maxAPIVersion int) bosh.Info {
	return bosh.Info{
		APIVersion:      maxAPIVersion,
		StemcellFormats: []string{"openstack-raw", "openstack-qcow2", "openstack-light"},
	}
}

// Ping returns "pong". It sends no request to the cloud.
func Ping() string { return "pong" }
