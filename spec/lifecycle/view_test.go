package lifecycle_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// server is Nova's.
type server struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Status      string            `json:"status"`
	Zone        string            `json:"OS-EXT-AZ:availability_zone"`
	Metadata    map[string]string `json:"metadata"`
	ConfigDrive string            `json:"config_drive"`
	KeyName     string            `json:"key_name"`
	Image       any               `json:"image"`
	Volumes     []struct {
		ID string `json:"id"`
	} `json:"os-extended-volumes:volumes_attached"`
}

// port is Neutron's.
type port struct {
	ID             string   `json:"id"`
	MAC            string   `json:"mac_address"`
	NetworkID      string   `json:"network_id"`
	Description    string   `json:"description"`
	SecurityGroups []string `json:"security_groups"`
	FixedIPs       []struct {
		Address string `json:"ip_address"`
	} `json:"fixed_ips"`
	AllowedAddressPairs []struct {
		Address string `json:"ip_address"`
	} `json:"allowed_address_pairs"`
}

// volume is Cinder's.
type volume struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Status      string            `json:"status"`
	SizeGiB     int               `json:"size"`
	Type        string            `json:"volume_type"`
	Zone        string            `json:"availability_zone"`
	Bootable    string            `json:"bootable"`
	Metadata    map[string]string `json:"metadata"`
	Attachments []struct {
		ServerID string `json:"server_id"`
		Device   string `json:"device"`
	} `json:"attachments"`
}

// hint is where a guest finds the volume, which is attached: virtio disks under their serial number, others by the name
// that Nova has given them.
func (v volume) hint() string {
	if device := v.Attachments[0].Device; !strings.HasPrefix(device, "/dev/vd") {
		return device
	}
	return "/dev/disk/by-id/virtio-" + v.ID[:20]
}

// snapshot is Cinder's.
type snapshot struct {
	Status      string            `json:"status"`
	VolumeID    string            `json:"volume_id"`
	Description string            `json:"description"`
	Metadata    map[string]string `json:"metadata"`
}

// see reads one document of the cloud.
func see[T any](s *scenario, service, path string) (found T) {
	s.Helper()
	require.NoError(s, s.cloud.Get(s.always(), service, path, &found))
	return found
}

func (s *scenario) server(cid string) server {
	s.Helper()
	return see[struct{ Server server }](s, "compute", "/servers/"+cid).Server
}

func (s *scenario) volume(cid string) volume {
	s.Helper()
	return see[struct{ Volume volume }](s, "volume", "/volumes/"+cid).Volume
}

func (s *scenario) snapshot(cid string) snapshot {
	s.Helper()
	return see[struct{ Snapshot snapshot }](s, "volume", "/snapshots/"+cid).Snapshot
}

func (s *scenario) image(cid string) object {
	s.Helper()
	return see[object](s, "image", "/images/"+cid)
}

// ports are those that Neutron lists for a query such as "device_id=…".
func (s *scenario) ports(query string) []port {
	s.Helper()
	return see[struct{ Ports []port }](s, "network", "/ports?"+query).Ports
}

// portOf is the only port of a server.
func (s *scenario) portOf(server string) port {
	s.Helper()
	found := s.ports("device_id=" + server)
	require.Len(s, found, 1)
	return found[0]
}

// exists tells whether the cloud has an object.
func (s *scenario) exists(service, path string) bool {
	s.Helper()
	err := s.cloud.Get(s.always(), service, path, nil)
	if !cloud.IsNotFound(err) {
		require.NoError(s, err)
	}
	return err == nil
}

// everything is what the project has now.
func (s *scenario) everything() cloud.Inventory {
	s.Helper()
	found, err := s.cloud.Inventory(s.always())
	require.NoError(s, err)
	return found
}

// marks tell this scenario's objects from those that others make in the same project meanwhile. In a cloud of its own
// everything is the scenario's.
func (s *scenario) marks() []string {
	if s.simulator != nil {
		return nil
	}
	return append([]string{s.director.UUID}, s.cids...)
}

// neighbour makes an object in the cloud, as somebody else would, and removes it when the scenario ends.
func (s *scenario) neighbour(service, path, key string, document object) (id string) {
	s.Helper()
	var made map[string]struct{ ID string }
	require.NoError(s, s.cloud.Send(s.Context(), http.MethodPost, service, path, object{key: document}, &made))
	id = made[key].ID
	s.Cleanup(func() { require.NoError(s, remove(s.always(), s.cloud, service, path+"/"+id)) })
	return id
}

// switchOff stops a server as its operator would, and waits until it is off.
func (s *scenario) switchOff(server string) {
	s.Helper()
	require.NoError(s, s.cloud.Send(s.Context(), http.MethodPost, "compute", "/servers/"+server+"/action", object{"os-stop": nil}, nil))
	s.until("the server is off", func() bool { return s.server(server).Status == "SHUTOFF" })
}

// until looks again and again.
func (s *scenario) until(what string, done func() bool) {
	s.Helper()
	for began := time.Now(); time.Since(began) < s.patience; <-time.After(50 * time.Millisecond) {
		if done() {
			return
		}
	}
	require.Fail(s, "it never came", what)
}
