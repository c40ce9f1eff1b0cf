package lifecycle_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// server is a server in Nova's format.
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

// port is a port in Neutron's format.
type port struct {
	ID             string   `json:"id"`
	MAC            string   `json:"mac_address"`
	NetworkID      string   `json:"network_id"`
	Description    string   `json:"description"`
	SecurityGroups []string `json:"security_groups"`
	PortSecurity   bool     `json:"port_security_enabled"`
	Tags           []string `json:"tags"`
	DNSName        string   `json:"dns_name"`
	QoSPolicy      string   `json:"qos_policy_id"`
	FixedIPs       []struct {
		Address string `json:"ip_address"`
	} `json:"fixed_ips"`
	AllowedAddressPairs []struct {
		Address string `json:"ip_address"`
	} `json:"allowed_address_pairs"`
}

// volume is a volume in Cinder's format.
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

// hint returns the device path of an attached volume in the guest: by the
// serial number for virtio disks, otherwise by the name that Nova assigned.
func (v volume) hint() string {
	if device := v.Attachments[0].Device; !strings.HasPrefix(device, "/dev/vd") {
		return device
	}
	return "/dev/disk/by-id/virtio-" + v.ID[:20]
}

// snapshot is a snapshot in Cinder's format.
type snapshot struct {
	Status      string            `json:"status"`
	VolumeID    string            `json:"volume_id"`
	Description string            `json:"description"`
	Metadata    map[string]string `json:"metadata"`
}

// get reads one document from the cloud.
func get[T any](s *scenario, service, path string) (found T) {
	s.Helper()
	require.NoError(s, s.cloud.Get(s.cleanupContext(), service, path, &found))
	return found
}

func (s *scenario) server(cid string) server {
	s.Helper()
	return get[struct{ Server server }](s, "compute", "/servers/"+cid).Server
}

func (s *scenario) volume(cid string) volume {
	s.Helper()
	return get[struct{ Volume volume }](s, "volume", "/volumes/"+cid).Volume
}

func (s *scenario) snapshot(cid string) snapshot {
	s.Helper()
	return get[struct{ Snapshot snapshot }](s, "volume", "/snapshots/"+cid).Snapshot
}

func (s *scenario) image(cid string) object {
	s.Helper()
	return get[object](s, "image", "/images/"+cid)
}

// ports lists the ports that match a query such as "device_id=…".
func (s *scenario) ports(query string) []port {
	s.Helper()
	return get[struct{ Ports []port }](s, "network", "/ports?"+query).Ports
}

// portOf returns the only port of a server.
func (s *scenario) portOf(server string) port {
	s.Helper()
	found := s.ports("device_id=" + server)
	require.Len(s, found, 1)
	return found[0]
}

// exists reports whether the cloud has an object.
func (s *scenario) exists(service, path string) bool {
	s.Helper()
	err := s.cloud.Get(s.cleanupContext(), service, path, nil)
	if !cloud.IsNotFound(err) {
		require.NoError(s, err)
	}
	return err == nil
}

// inventory returns the objects of the project.
func (s *scenario) inventory() cloud.Inventory {
	s.Helper()
	found, err := s.cloud.Inventory(s.cleanupContext())
	require.NoError(s, err)
	return found
}

// marks returns strings that identify this scenario's objects in a project that
// others use. On the simulator all objects are the scenario's, which nil means.
func (s *scenario) marks() []string {
	if s.simulator != nil {
		return nil
	}
	return append([]string{s.director.UUID}, s.cids...)
}

// createDirectly creates an object without the CPI, and deletes it when the
// scenario ends.
func (s *scenario) createDirectly(service, path, key string, document object) (id string) {
	s.Helper()
	var made map[string]struct{ ID string }
	require.NoError(s, s.cloud.Send(s.Context(), http.MethodPost, service, path, object{key: document}, &made))
	id = made[key].ID
	s.Cleanup(func() { require.NoError(s, target.Remove(s.cleanupContext(), s.cloud, service, path+"/"+id)) })
	return id
}

// stopServer stops a server without the CPI.
func (s *scenario) stopServer(server string) {
	s.Helper()
	require.NoError(s, s.cloud.Send(s.Context(), http.MethodPost, "compute", "/servers/"+server+"/action", object{"os-stop": nil}, nil))
	s.waitUntil("the server is SHUTOFF", func() bool { return s.server(server).Status == "SHUTOFF" })
}

// waitUntil polls until the condition is true.
func (s *scenario) waitUntil(condition string, satisfied func() bool) {
	s.Helper()
	for began := time.Now(); time.Since(began) < s.timeout; <-time.After(50 * time.Millisecond) {
		if satisfied() {
			return
		}
	}
	require.Fail(s, "timeout", "waiting until %s", condition)
}
