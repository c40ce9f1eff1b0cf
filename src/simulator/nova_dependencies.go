package simulator

// ports are the calls to Neutron.
type ports interface {
	Network(caller caller, id string) (info networkInfo, found bool)
	Networks(caller caller) []networkInfo
	GroupIDs(project, nameOrID string) []string
	CountPorts(project string) int
	Port(id string) (info portInfo, found bool)
	PortWithIP(networkID, ip string) (info portInfo, found bool)
	CreatePort(caller caller, spec portSpec) (portInfo, error)
	BindPort(id, serverID, zone string)
	ActivatePort(id string)
	UnbindPort(id string)
	DeletePort(id string)
}

// volumes are the calls to Cinder.
type volumes interface {
	HasType(nameOrID string) bool
	SnapshotSize(project, id string) (gib int, found bool)
	Volume(id string) (info volumeInfo, found bool)
	CreateVolume(spec volumeSpec) (id string, err error)
	ReserveVolume(id string) bool
	UnreserveVolume(id string)
	AttachVolume(id, serverID, device string)
	BeginDetach(id string) bool
	CancelDetach(id string)
	DetachVolume(id, serverID string)
	DeleteVolume(id string)
}
