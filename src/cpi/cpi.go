// Package cpi carries out the methods of the BOSH CPI contract on OpenStack:
// one method, one file. A method decides (validation and reads, which may fail
// freely), acts (every write with its undo), and settles (waits, then answers).
//
// It is the only package that combines writes, and so the only one that undoes
// them. The services below it speak OpenStack, the types above it speak BOSH.
package cpi

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// CPI serves one request. Nothing is asked of the cloud before a method needs it.
type CPI struct {
	request bosh.Request
	config  config.Config
	log     *slog.Logger
	// httpClient reaches what is not OpenStack: the registry and the metadata service.
	httpClient *http.Client

	compute       *compute.Service
	network       *network.Service
	volume        *volume.Service
	image         *image.Service
	loadbalancers *loadbalancer.Service
}

// New returns the CPI for one request on one cloud.
func New(request bosh.Request, cfg config.Config, session *openstack.Session, httpClient *http.Client, log *slog.Logger) *CPI {
	return &CPI{
		request: request, config: cfg, log: log, httpClient: httpClient,
		compute: compute.New(session), network: network.New(session), volume: volume.New(session),
		image: image.New(session), loadbalancers: loadbalancer.New(session),
	}
}

// Nothing is the result of methods that answer null.
type Nothing = *struct{}

// owner is on whose behalf this request creates objects.
func (c *CPI) owner() bosh.Owner {
	return bosh.Owner{DirectorUUID: c.request.Context.DirectorUUID}
}

// newName returns the prefix followed by a new UUID. An object whose creation was
// not answered is found by its unique name.
func newName(prefix string) string {
	var id [16]byte
	_, _ = rand.Read(id[:])   // never fails
	id[6] = id[6]&0x0f | 0x40 // version 4: random
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%s%x-%x-%x-%x-%x", prefix, id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// decode reads the cloud_properties of an argument; null and nothing are empty.
func decode(data json.RawMessage, into any) error {
	if len(data) == 0 {
		return nil
	}
	err := json.Unmarshal(data, into)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		name := "cloud_properties"
		if wrong.Field != "" {
			name += "." + wrong.Field
		}
		return bosh.Errorf(bosh.CPIError, "%s must not be %s", name, jsonkind.Found(wrong))
	}
	if err != nil {
		return bosh.Errorf(bosh.CPIError, "cloud_properties: %w", err)
	}
	return nil
}

// gib turns MiB into the GiB that Cinder counts in, rounded up.
func gib(mib int) int { return (mib + 1023) / 1024 }
