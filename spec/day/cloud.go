package day

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// objects are the replay's objects in the cloud, by id.
type objects struct {
	servers   map[string]server
	ports     map[string]port
	volumes   map[string]volume
	snapshots map[string]snapshot
	images    map[string]image
	networks  map[string]bool
	others    []string
}

// server is a server in Nova's format.
type server struct {
	Name     string            `json:"name"`
	Status   string            `json:"status"`
	Zone     string            `json:"OS-EXT-AZ:availability_zone"`
	Metadata map[string]string `json:"metadata"`
	Flavor   struct {
		ID string `json:"id"`
	} `json:"flavor"`
	Image   json.RawMessage `json:"image"` // "" or an object
	Volumes []struct {
		ID string `json:"id"`
	} `json:"os-extended-volumes:volumes_attached"`
}

// port is a port in Neutron's format.
type port struct {
	Device   string   `json:"device_id"`
	Owner    string   `json:"device_owner"`
	Network  string   `json:"network_id"`
	MAC      string   `json:"mac_address"`
	Groups   []string `json:"security_groups"`
	FixedIPs []struct {
		Address string `json:"ip_address"`
	} `json:"fixed_ips"`
	Pairs []struct {
		Address string `json:"ip_address"`
	} `json:"allowed_address_pairs"`
}

// volume is a volume in Cinder's format.
type volume struct {
	Status      string            `json:"status"`
	GiB         int               `json:"size"`
	Type        string            `json:"volume_type"`
	Zone        string            `json:"availability_zone"`
	Bootable    string            `json:"bootable"`
	Metadata    map[string]string `json:"metadata"`
	Attachments []struct {
		Server string `json:"server_id"`
		Device string `json:"device"`
	} `json:"attachments"`
}

// snapshot is a snapshot in Cinder's format.
type snapshot struct {
	Status string `json:"status"`
	Volume string `json:"volume_id"`
}

// image is an image in Glance's format.
type image struct {
	Status string `json:"status"`
}

// add decodes an object into the map of its kind.
func add[T any](objects map[string]T, id, document string) error {
	var one T
	if err := json.Unmarshal([]byte(document), &one); err != nil {
		return err
	}
	objects[id] = one
	return nil
}

// read returns the objects that are not in an earlier inventory and carry one of
// the marks. Without marks all objects are the replay's.
func read(ctx context.Context, in *cloud.Cloud, before cloud.Inventory, marks []string) (found objects, err error) {
	found = objects{
		servers: map[string]server{}, ports: map[string]port{}, volumes: map[string]volume{},
		snapshots: map[string]snapshot{}, images: map[string]image{}, networks: map[string]bool{},
	}
	inventory, err := in.Inventory(ctx)
	if err != nil {
		return found, err
	}
	for _, name := range inventory.Leftovers(before, marks) {
		if err := found.add(name, inventory[name]); err != nil {
			return found, err
		}
	}
	return found, nil
}

// add adds an object of the inventory, whose name is "KIND ID NAME".
func (o *objects) add(name, document string) error {
	words := strings.Fields(name)
	switch words[0] {
	case "server":
		if words[1] != "group" {
			return add(o.servers, words[1], document)
		}
	case "port":
		return o.addPort(words[1], document)
	case "volume":
		return add(o.volumes, words[1], document)
	case "snapshot":
		return add(o.snapshots, words[1], document)
	case "image":
		return add(o.images, words[1], document)
	case "network":
		o.networks[words[1]] = true
		return nil
	}
	o.others = append(o.others, name)
	return nil
}

// addPort adds a port, unless it is one of Neutron itself, such as that of a DHCP
// server.
func (o *objects) addPort(id, document string) error {
	if err := add(o.ports, id, document); err != nil {
		return err
	}
	if strings.HasPrefix(o.ports[id].Owner, "network:") {
		delete(o.ports, id)
	}
	return nil
}

// addresses returns the fixed addresses in order.
func (p port) addresses() (found []string) {
	for _, ip := range p.FixedIPs {
		found = append(found, ip.Address)
	}
	slices.Sort(found)
	return found
}

// pairs returns the address pairs.
func (p port) pairs() (found []string) {
	for _, pair := range p.Pairs {
		found = append(found, pair.Address)
	}
	return found
}

// flavors returns the names of flavors by id.
func flavors(ctx context.Context, in *cloud.Cloud) (map[string]string, error) {
	var list struct {
		Flavors []struct{ ID, Name string }
	}
	if err := in.Get(ctx, "compute", "/flavors", &list); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, flavor := range list.Flavors {
		names[flavor.ID] = flavor.Name
	}
	return names, nil
}
