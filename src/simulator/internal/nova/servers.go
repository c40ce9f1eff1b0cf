package nova

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// server is a virtual machine.
type server struct {
	api.Identity
	userID, name, description  string
	flavor                     *flavor
	imageID, keyName           string // "" for none
	requestedZone              string // "" for any
	zone                       string // requested or chosen zone, "" for none yet
	host                       int    // number in the zone, 0 while there is none
	boots                      int    // how often it became active
	userData                   string // base64, as it was sent
	vmState, taskState         string // taskState "" is null
	configDrive, locked        bool
	metadata                   map[string]string
	tags, requestedGroups      []string
	nics                       []*nic
	disks                      []*disk
	group                      *serverGroup
	fault                      *fault
	created, updated, launched time.Time
}

// nic is a NIC of a server: with an existing port, or in a network in which
// Nova creates the port.
type nic struct {
	network       neutron.Network
	fixedIP       string // "" for any
	requestedPort string // id of a port that existed before, "" for none
	port          string // id of the port once it is bound
}

// fault is the reason why a server is in ERROR.
type fault struct {
	message string
	at      time.Time
}

const (
	building = "building"
	active   = "active"
	stopped  = "stopped"
	failed   = "error"
	deleting = "deleting"
)

func (n *Service) addServerRoutes() {
	queries := []string{
		"name", "status", "flavor", "image", "ip", "limit", "marker", "sort_key", "sort_dir", "tags", "tags-any", "changes-since",
		"all_tenants", "project_id", "tenant_id",
	}
	n.Frontend.Handle("GET /servers", n.listServers, queries...)
	n.Frontend.Handle("GET /servers/detail", n.listServersDetail, queries...)
	n.Frontend.Handle("POST /servers", n.createServer)
	n.Frontend.Handle("GET /servers/{id}", n.showServer)
	n.Frontend.Handle("PUT /servers/{id}", n.updateServer)
	n.Frontend.Handle("DELETE /servers/{id}", n.deleteServer)
	n.Frontend.Handle("POST /servers/{id}/action", n.serverAction)
	n.Frontend.Handle("GET /servers/{id}/metadata", n.listMetadata)
	n.Frontend.Handle("POST /servers/{id}/metadata", n.mergeMetadata)
	n.Frontend.Handle("GET /servers/{id}/metadata/{key}", n.showMetadata)
	n.Frontend.Handle("DELETE /servers/{id}/metadata/{key}", n.deleteMetadata)
}

// wanted returns the server of the path.
func (n *Service) wanted(c *api.Call) (*server, error) {
	if s := api.ByID(api.Visible(c.Caller, n.servers), c.Path["id"]); s != nil {
		return s, nil
	}
	return nil, api.Refuse(http.StatusNotFound, "Instance "+c.Path["id"]+" could not be found.")
}

// exists reports whether a server still exists. Changes of deleted servers do
// nothing.
func (n *Service) exists(s *server) bool { return slices.Contains(n.servers, s) }

// set changes the states of a server.
func (n *Service) set(s *server, vmState, taskState string) {
	s.vmState, s.taskState, s.updated = vmState, taskState, n.world.Now()
}

// status returns the status that follows from the two states.
func (s *server) status() string {
	switch s.vmState {
	case building:
		return "BUILD"
	case stopped:
		return "SHUTOFF"
	case failed:
		return "ERROR"
	}
	switch s.taskState {
	case "rebooting":
		return "REBOOT"
	case "rebooting_hard":
		return "HARD_REBOOT"
	}
	return "ACTIVE"
}

func (s *server) powerState() int {
	const none, running, shutdown = 0, 1, 4
	switch {
	case s.launched.IsZero():
		return none
	case s.vmState == stopped:
		return shutdown
	}
	return running
}

func (s *server) hostID() string {
	if s.host == 0 {
		return ""
	}
	sum := sha256.Sum224([]byte(s.Project + s.zone + strconv.Itoa(s.host)))
	return hex.EncodeToString(sum[:])
}

func (n *Service) showServer(c *api.Call) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	document := n.serverDocument(c, s)
	if c.Microversion >= memberOfGroups {
		document["server_groups"] = groupsOf(s)
	}
	return api.OK(api.Object{"server": document})
}

func groupsOf(s *server) []string {
	if s.group == nil {
		return []string{}
	}
	return []string{s.group.ID}
}

// coreDocument returns the fields that every microversion and operation shows.
func (n *Service) coreDocument(c *api.Call, s *server) api.Object {
	document := api.Object{
		"id": s.ID, "name": s.name, "status": s.status(), "tenant_id": s.Project, "user_id": s.userID, "metadata": s.metadata,
		"hostId": s.hostID(), "image": "", "flavor": n.flavorOf(c, s), "created": world.Seconds(s.created), "updated": world.Seconds(s.updated),
		"addresses": n.addresses(s), "accessIPv4": "", "accessIPv6": "", "links": n.links(c, "servers", s.ID), "OS-DCF:diskConfig": "MANUAL",
	}
	if s.imageID != "" {
		document["image"] = api.Object{"id": s.imageID, "links": []api.Object{n.bookmark(c, "images", s.imageID)}}
	}
	if s.status() == "BUILD" || s.status() == "ACTIVE" || s.vmState == active {
		document["progress"] = 0
	}
	if s.fault != nil && s.vmState == failed {
		fault := api.Object{"code": http.StatusInternalServerError, "created": world.Seconds(s.fault.at), "message": s.fault.message}
		if c.Admin {
			fault["details"] = "Traceback (most recent call last):\n  " + s.fault.message + "\n"
		}
		document["fault"] = fault
	}
	return document
}

func (n *Service) serverDocument(c *api.Call, s *server) api.Object {
	document := n.coreDocument(c, s)
	n.addExtended(c, s, document)
	return document
}

// addExtended adds the fields that were API extensions.
func (n *Service) addExtended(c *api.Call, s *server, document api.Object) {
	drive := ""
	if s.configDrive {
		drive = "True"
	}
	document["OS-EXT-AZ:availability_zone"], document["config_drive"] = s.zone, drive
	document["key_name"], document["OS-EXT-STS:task_state"] = textOrNull(s.keyName), textOrNull(s.taskState)
	document["OS-EXT-STS:vm_state"], document["OS-EXT-STS:power_state"] = s.vmState, s.powerState()
	document["OS-SRV-USG:launched_at"], document["OS-SRV-USG:terminated_at"] = nil, nil
	if !s.launched.IsZero() {
		document["OS-SRV-USG:launched_at"] = world.Microseconds(s.launched.Truncate(time.Second))
	}
	if groups := n.groupNames(s); len(groups) > 0 {
		document["security_groups"] = groups
	}
	attached := []api.Object{}
	for _, d := range s.disks {
		if s.vmState == building && s.taskState != "spawning" {
			break // Nova shows volumes once they are attached
		}
		entry := api.Object{"id": d.volumeID}
		if c.Microversion >= deleteOnTermination {
			entry["delete_on_termination"] = d.deleteOnTermination
		}
		attached = append(attached, entry)
	}
	document["os-extended-volumes:volumes_attached"] = attached
	for name, added := range map[string]struct {
		since api.Microversion
		value any
	}{
		"locked": {serverLocked, s.locked}, "description": {serverDescription, s.description}, "tags": {serverTags, s.tags},
		"trusted_image_certificates": {trustedCertificates, nil}, "locked_reason": {lockedReason, nil},
		"OS-EXT-SRV-ATTR:hostname": {serverHostname, hostname(s)},
	} {
		if c.Microversion >= added.since {
			document[name] = added.value
		}
	}
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (n *Service) flavorOf(c *api.Call, s *server) api.Object {
	f := s.flavor
	if c.Microversion < flavorWithoutID {
		return api.Object{"id": f.id, "links": []api.Object{n.bookmark(c, "flavors", f.id)}}
	}
	return api.Object{
		"vcpus": f.vcpus, "ram": f.ram, "disk": f.disk, "ephemeral": f.ephemeral, "swap": f.swap, "original_name": f.name,
		"extra_specs": api.Object{},
	}
}

// plugged returns the ports of a server in the order of its NICs, without the
// deleted ones.
func (n *Service) plugged(s *server) []neutron.Port {
	found := []neutron.Port{}
	for _, card := range s.nics {
		if p, exists := n.ports.Port(card.port); exists {
			found = append(found, p)
		}
	}
	return found
}

// addresses returns the addresses of a server that has been launched.
func (n *Service) addresses(s *server) api.Object {
	shown := api.Object{}
	if s.launched.IsZero() {
		return shown
	}
	for _, p := range n.plugged(s) {
		for _, a := range p.Addresses {
			version, kind := 4, "fixed"
			if a.IP.Is6() {
				version = 6
			}
			if a.Floating {
				kind = "floating"
			}
			list, _ := shown[p.Network.Name].([]api.Object)
			shown[p.Network.Name] = append(list, api.Object{
				"version": version, "addr": a.IP.String(), "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": p.MAC,
			})
		}
	}
	return shown
}

func (n *Service) groupNames(s *server) []api.Object {
	var names []api.Object
	for _, p := range n.plugged(s) {
		for _, name := range p.Groups {
			names = append(names, api.Object{"name": name})
		}
	}
	return names
}

func (n *Service) updateServer(c *api.Call) (api.Answer, error) {
	var body struct {
		Server *struct {
			Name        *string `json:"name"`
			Description *string `json:"description"`
		} `json:"server"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Server == nil {
		return api.Answer{}, api.Required("", "server", nil)
	}
	if err := since(c, serverDescription, body.Server.Description != nil, "server", "description", api.ValueAt(c.Body, "server")); err != nil {
		return api.Answer{}, err
	}
	if body.Server.Name != nil {
		if err := checkName(*body.Server.Name); err != nil {
			return api.Answer{}, err
		}
	}
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	api.Assign(&s.name, body.Server.Name)
	api.Assign(&s.description, body.Server.Description)
	s.updated = n.world.Now()
	document := n.coreDocument(c, s)
	if c.Microversion >= strictQueries {
		n.addExtended(c, s, document)
		document["server_groups"] = groupsOf(s)
	}
	return api.OK(api.Object{"server": document})
}
