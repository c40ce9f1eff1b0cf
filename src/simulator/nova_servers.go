package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// server is a virtual machine.
type server struct {
	identity
	userID, name, description  string
	flavor                     *flavor
	imageID, keyName           string // "" for none
	requestedZone              string // "" for any
	zone                       string // the one asked for, later the one chosen; "" before that
	host                       int    // number in the zone, 0 while there is none
	boots                      int    // how often it became active
	userData                   string // base64, as it was sent
	vmState, taskState         string // taskState "" is null
	configDrive                bool
	metadata                   map[string]string
	tags, requestedGroups      []string
	nics                       []*nic
	disks                      []*disk
	group                      *serverGroup
	fault                      *fault
	created, updated, launched time.Time
}

// nic is one network card: by a port, or by a network in which Nova makes the port.
type nic struct {
	network       networkInfo
	fixedIP       string // "" for any
	requestedPort string // id of a port that existed before, "" for none
	port          string // id of the port once it is bound
}

// fault is why a server is in ERROR.
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

func (n *nova) addServerRoutes() {
	queries := []string{
		"name", "status", "flavor", "image", "ip", "limit", "marker", "sort_key", "sort_dir", "tags", "tags-any", "changes-since",
		"all_tenants", "project_id", "tenant_id",
	}
	n.handle(n.service, "GET /servers", n.listServers, queries...)
	n.handle(n.service, "GET /servers/detail", n.listServersDetail, queries...)
	n.handle(n.service, "POST /servers", n.createServer)
	n.handle(n.service, "GET /servers/{id}", n.showServer)
	n.handle(n.service, "PUT /servers/{id}", n.updateServer)
	n.handle(n.service, "DELETE /servers/{id}", n.deleteServer)
	n.handle(n.service, "POST /servers/{id}/action", n.serverAction)
	n.handle(n.service, "GET /servers/{id}/metadata", n.listMetadata)
	n.handle(n.service, "POST /servers/{id}/metadata", n.mergeMetadata)
	n.handle(n.service, "GET /servers/{id}/metadata/{key}", n.showMetadata)
	n.handle(n.service, "DELETE /servers/{id}/metadata/{key}", n.deleteMetadata)
}

// wanted finds the server of the path.
func (n *nova) wanted(c *call) (*server, error) {
	if s := byID(visible(c.caller, n.servers), c.path["id"]); s != nil {
		return s, nil
	}
	return nil, refuse(http.StatusNotFound, "Instance "+c.path["id"]+" could not be found.")
}

// exists tells whether a server is still there; events of servers that are gone do nothing.
func (n *nova) exists(s *server) bool { return slices.Contains(n.servers, s) }

// set changes the states of a server.
func (n *nova) set(s *server, vmState, taskState string) {
	s.vmState, s.taskState, s.updated = vmState, taskState, n.now
}

// status is what users see of the two states.
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
	sum := sha256.Sum224([]byte(s.project + s.zone + strconv.Itoa(s.host)))
	return hex.EncodeToString(sum[:])
}

func (n *nova) showServer(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	document := n.serverDocument(c, s)
	if c.microversion >= memberOfGroups {
		document["server_groups"] = groupsOf(s)
	}
	return ok(object{"server": document})
}

func groupsOf(s *server) []string {
	if s.group == nil {
		return []string{}
	}
	return []string{s.group.id}
}

// coreDocument is what every microversion and every operation shows of a server.
func (n *nova) coreDocument(c *call, s *server) object {
	document := object{
		"id": s.id, "name": s.name, "status": s.status(), "tenant_id": s.project, "user_id": s.userID, "metadata": s.metadata,
		"hostId": s.hostID(), "image": "", "flavor": n.flavorOf(c, s), "created": seconds(s.created), "updated": seconds(s.updated),
		"addresses": n.addresses(s), "accessIPv4": "", "accessIPv6": "", "links": n.links(c, "servers", s.id), "OS-DCF:diskConfig": "MANUAL",
	}
	if s.imageID != "" {
		document["image"] = object{"id": s.imageID, "links": []object{n.bookmark(c, "images", s.imageID)}}
	}
	if s.status() == "BUILD" || s.status() == "ACTIVE" || s.vmState == active {
		document["progress"] = 0
	}
	if s.fault != nil && s.vmState == failed {
		fault := object{"code": http.StatusInternalServerError, "created": seconds(s.fault.at), "message": s.fault.message}
		if c.Admin {
			fault["details"] = "Traceback (most recent call last):\n  " + s.fault.message + "\n"
		}
		document["fault"] = fault
	}
	return document
}

func (n *nova) serverDocument(c *call, s *server) object {
	document := n.coreDocument(c, s)
	n.addExtended(c, s, document)
	return document
}

// addExtended shows what were extensions of the API once.
func (n *nova) addExtended(c *call, s *server, document object) {
	drive := ""
	if s.configDrive {
		drive = "True"
	}
	document["OS-EXT-AZ:availability_zone"], document["config_drive"] = s.zone, drive
	document["key_name"], document["OS-EXT-STS:task_state"] = textOrNull(s.keyName), textOrNull(s.taskState)
	document["OS-EXT-STS:vm_state"], document["OS-EXT-STS:power_state"] = s.vmState, s.powerState()
	document["OS-SRV-USG:launched_at"], document["OS-SRV-USG:terminated_at"] = nil, nil
	if !s.launched.IsZero() {
		document["OS-SRV-USG:launched_at"] = microseconds(s.launched.Truncate(time.Second))
	}
	if groups := n.groupNames(s); len(groups) > 0 {
		document["security_groups"] = groups
	}
	attached := []object{}
	for _, d := range s.disks {
		if s.vmState == building && s.taskState != "spawning" {
			break // Nova shows volumes once they are attached
		}
		entry := object{"id": d.volumeID}
		if c.microversion >= deleteOnTermination {
			entry["delete_on_termination"] = d.deleteOnTermination
		}
		attached = append(attached, entry)
	}
	document["os-extended-volumes:volumes_attached"] = attached
	for name, added := range map[string]struct {
		since microversion
		value any
	}{
		"locked": {serverLocked, false}, "description": {serverDescription, s.description}, "tags": {serverTags, s.tags},
		"trusted_image_certificates": {trustedCertificates, nil}, "locked_reason": {lockedReason, nil},
		"OS-EXT-SRV-ATTR:hostname": {serverHostname, s.description},
	} {
		if c.microversion >= added.since {
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

func (n *nova) flavorOf(c *call, s *server) object {
	f := s.flavor
	if c.microversion < flavorWithoutID {
		return object{"id": f.id, "links": []object{n.bookmark(c, "flavors", f.id)}}
	}
	return object{
		"vcpus": f.vcpus, "ram": f.ram, "disk": f.disk, "ephemeral": f.ephemeral, "swap": f.swap, "original_name": f.name,
		"extra_specs": object{},
	}
}

// plugged returns the ports of a server in the order of its NICs, without the
// deleted ones.
func (n *nova) plugged(s *server) []portInfo {
	found := []portInfo{}
	for _, card := range s.nics {
		if p, exists := n.ports.Port(card.port); exists {
			found = append(found, p)
		}
	}
	return found
}

// addresses are shown once the server has been launched.
func (n *nova) addresses(s *server) object {
	shown := object{}
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
			list, _ := shown[p.Network.Name].([]object)
			shown[p.Network.Name] = append(list, object{
				"version": version, "addr": a.IP.String(), "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": p.MAC,
			})
		}
	}
	return shown
}

func (n *nova) groupNames(s *server) []object {
	var names []object
	for _, p := range n.plugged(s) {
		for _, name := range p.Groups {
			names = append(names, object{"name": name})
		}
	}
	return names
}

func (n *nova) updateServer(c *call) (answer, error) {
	var body struct {
		Server *struct {
			Name        *string `json:"name"`
			Description *string `json:"description"`
		} `json:"server"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Server == nil {
		return answer{}, required("", "server", nil)
	}
	if err := since(c, serverDescription, body.Server.Description != nil, "server", "description", valueAt(c.body, "server")); err != nil {
		return answer{}, err
	}
	if body.Server.Name != nil {
		if err := checkName(*body.Server.Name); err != nil {
			return answer{}, err
		}
	}
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	assign(&s.name, body.Server.Name)
	assign(&s.description, body.Server.Description)
	s.updated = n.now
	document := n.coreDocument(c, s)
	if c.microversion >= strictQueries {
		n.addExtended(c, s, document)
		document["server_groups"] = groupsOf(s)
	}
	return ok(object{"server": document})
}
