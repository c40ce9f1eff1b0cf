// Package cpi implements the methods of the BOSH CPI contract on OpenStack, each
// in a file of its own. A method first decides (validates its arguments and looks
// up what they name), then acts (each write with its undo), and finally settles
// (waits, then returns its result).
//
// It is the only package that combines writes, and therefore the only one that
// undoes them. It translates between the types of package bosh and those of the
// OpenStack services.
package cpi

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// CPI serves one request. It sends no request to the cloud, not even for a token,
// before a method needs it.
type CPI struct {
	request bosh.Request
	config  config.Config
	log     *slog.Logger
	// httpClient is for the registry and the metadata service.
	httpClient *http.Client

	compute       *compute.Service
	network       *network.Service
	volume        *volume.Service
	image         *image.Service
	loadbalancers *loadbalancer.Service

	// undoStacks are those of the call, for Undo.
	undoStacks []*undoStack
	warnings   []string
}

// New returns the CPI for one request on one cloud.
func New(request bosh.Request, cfg config.Config, session *openstack.Session, httpClient *http.Client, log *slog.Logger) *CPI {
	return &CPI{
		request: request, config: cfg, log: log, httpClient: httpClient,
		compute: compute.New(session), network: network.New(session), volume: volume.New(session),
		image: image.New(session), loadbalancers: loadbalancer.New(session),
	}
}

// Warnings returns what the call has warned about so far: properties that have no
// effect.
func (c *CPI) Warnings() []string { return c.warnings }

// owner returns the owner of objects that do not belong to a VM.
func (c *CPI) owner() mark.Owner {
	return mark.Owner{DirectorUUID: c.request.Context.DirectorUUID}
}

// Nothing is the type of the result null.
type Nothing = *struct{}

// newName returns the prefix followed by a new UUID. An object whose creation was
// not answered is found by its unique name.
func newName(prefix string) string {
	var id [16]byte
	_, _ = rand.Read(id[:])   // never fails
	id[6] = id[6]&0x0f | 0x40 // version 4: random
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%s%x-%x-%x-%x-%x", prefix, id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// maxMiB is 2 PiB, more than any volume has.
const maxMiB = 1 << 31

// checkSize returns an error for a size that no disk can have.
func checkSize(mib int) error {
	if mib < 1 || mib > maxMiB {
		return bosh.Errorf(bosh.CPIError, "The size of a disk must be 1 to %d MiB, got %d", maxMiB, mib)
	}
	return nil
}

// gib converts MiB to GiB, rounded up.
func gib(mib int) int { return (mib + 1023) / 1024 }
