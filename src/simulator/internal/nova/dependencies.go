package nova

import (
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/cinder"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/glance"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
)

// ports are the calls to Neutron.
type ports interface {
	Network(caller api.Caller, id string) (info neutron.Network, found bool)
	Networks(caller api.Caller) []neutron.Network
	GroupIDs(project, nameOrID string) []string
	CountPorts(project string) int
	Port(id string) (info neutron.Port, found bool)
	PortWithIP(networkID, ip string) (info neutron.Port, found bool)
	CreatePort(caller api.Caller, spec neutron.PortSpec) (neutron.Port, error)
	BindPort(id, serverID, zone, hostname string)
	ActivatePort(id string)
	UnbindPort(id string)
	DeletePort(id string)
}

// volumes are the calls to Cinder.
type volumes interface {
	HasType(nameOrID string) bool
	SnapshotSize(project, id string) (gib int, found bool)
	Volume(id string) (info cinder.Volume, found bool)
	CreateVolume(spec cinder.VolumeSpec) (id string, err error)
	ReserveVolume(id string) bool
	UnreserveVolume(id string)
	AttachVolume(id, serverID, device string)
	BeginDetach(id string) bool
	CancelDetach(id string)
	DetachVolume(id, serverID string)
	DeleteVolume(id string)
}

// images are the calls to Glance.
type images interface {
	Image(caller api.Caller, id string) (img glance.Image, found bool)
}
