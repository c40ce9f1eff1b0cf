// Package orphans finds, judges and deletes what a CPI left behind in the cloud:
// objects that carry the CPI's mark and that no director knows. A CPI that is
// killed leaves them, because it cannot undo what it did.
//
// An object without a mark is never deleted. Nor is one of which it is uncertain
// whether somebody needs it: an incomplete list, of the cloud or of a director,
// makes objects undecided, not orphans.
package orphans

import (
	"time"

	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// Cloud is the project that is searched.
type Cloud struct {
	session       *openstack.Session
	compute       *compute.Service
	network       *network.Service
	volume        *volume.Service
	image         *image.Service
	loadbalancers *loadbalancer.Service
}

// New returns the project of the session. It sends no request.
func New(session *openstack.Session) *Cloud {
	return &Cloud{
		session: session,
		compute: compute.New(session), network: network.New(session), volume: volume.New(session),
		image: image.New(session), loadbalancers: loadbalancer.New(session),
	}
}

// Kind is the kind of an object.
type Kind string

// The kinds of objects, in the order of their deletion: nothing is deleted
// before what uses it.
const (
	PoolMember Kind = "pool member"
	FloatingIP Kind = "floating IP" // only its association is removed
	Server     Kind = "server"
	Port       Kind = "port"
	Snapshot   Kind = "snapshot"
	BootVolume Kind = "boot volume"
	Volume     Kind = "volume"
	Image      Kind = "image"
	Network    Kind = "network"
	Router     Kind = "router" // a network's deletion disconnects it
	// ServerGroup is one without members.
	ServerGroup Kind = "server group"
)

// kinds returns all kinds in the order of their deletion.
func kinds() []Kind {
	return []Kind{PoolMember, FloatingIP, Server, Port, Snapshot, BootVolume, Volume, Image, Network, Router, ServerGroup}
}

// Object is one marked object in the cloud.
type Object struct {
	Kind  Kind
	ID    string
	Name  string
	State string
	// Created is zero if the service does not report it.
	Created time.Time
	// Owner is empty for pool members whose server is gone: they carry only its
	// name.
	Owner mark.Owner
	// Announced reports that the director knew the object, see mark.Announced.
	Announced bool

	// Server is the id of the server that the object belongs to, "" for none.
	Server string
	// Pool is the pool of a member, Port the port of a floating IP.
	Pool, Port string
}
