package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// Population is how many objects Populate creates.
type Population struct {
	Networks, SecurityGroups, Ports, FloatingIPs int
	Flavors, KeyPairs, ServerGroups, Servers     int
	Volumes, Snapshots, Images                   int
}

// Populate creates objects in the project of the cloud's user, named "server-1"
// and so on. Every server has a port of its own. All objects are complete when
// Populate returns, whatever the latencies. The journal does not contain the
// requests. Quotas apply.
func (s *Simulator) Populate(p Population) error {
	var usual Latencies
	s.locked(func() {
		usual = s.world.Options.Latencies
		s.world.Options.Latencies = usual.Scaled(0)
		for i := 1; i <= p.Flavors; i++ {
			s.nova.AddFlavor("flavor-"+strconv.Itoa(i), 1+i%8, 1024*(1+i%32), 10*(1+i%8))
		}
	})
	defer s.locked(func() {
		s.world.Options.Latencies = usual
		s.world.ResetJournal()
	})
	c := &populator{sim: s, http: &http.Client{Transport: s.Transport()}}
	c.login()
	c.several(p.Networks, func(i int) { c.network("network-"+strconv.Itoa(i), subnetOf(i)) })
	c.several(p.SecurityGroups, func(i int) { c.named(networking+"/security-groups", "security_group", "group", i, nil) })
	c.ports(p)
	c.several(p.FloatingIPs, func(int) {
		c.create(networking+"/floatingips", "floatingip", api.Object{"floating_network_id": s.world.Fixtures.Networks["external"]})
	})
	c.several(p.KeyPairs, func(i int) { c.named("/compute/v2.1/os-keypairs", "keypair", "key", i, nil) })
	c.several(p.ServerGroups, func(i int) {
		c.named("/compute/v2.1/os-server-groups", "server_group", "server-group", i, api.Object{"policies": []string{"anti-affinity"}})
	})
	c.several(p.Images, c.image)
	c.volumes(p)
	return c.err
}

const networking = "/networking/v2.0"

// populator creates objects as a client does. After an error it does nothing.
type populator struct {
	sim   *Simulator
	http  *http.Client
	token string
	err   error
}

func (c *populator) several(count int, create func(i int)) {
	for i := 1; i <= count && c.err == nil; i++ {
		create(i)
	}
}

func (c *populator) login() {
	o := c.sim.world.Options
	domain := api.Object{"name": o.DomainName}
	user := api.Object{"name": o.UserName, "password": o.Password, "domain": domain}
	answer := c.send(http.MethodPost, "/identity/v3/auth/tokens", "application/json", api.Object{"auth": api.Object{
		"identity": api.Object{"methods": []string{"password"}, "password": api.Object{"user": user}},
		"scope":    api.Object{"project": api.Object{"name": o.ProjectName, "domain": domain}},
	}})
	if c.err == nil {
		c.token = answer.header.Get("X-Subject-Token")
	}
}

// ports creates the ports of the servers, the servers, and the other ports.
// They have a network of their own, whose addresses are not searched one by one.
func (c *populator) ports(p Population) {
	if p.Ports+p.Servers == 0 {
		return
	}
	id := c.network("population", "10.128.0.0/15")
	address := netip.MustParseAddr("10.128.0.10")
	port := func(name string) string {
		address = address.Next()
		return c.create(networking+"/ports", "port", api.Object{
			"network_id": id, "name": name, "fixed_ips": []api.Object{{"ip_address": address.String()}},
		})
	}
	c.several(p.Servers, func(i int) {
		c.named("/compute/v2.1/servers", "server", "server", i, api.Object{
			"flavorRef": c.sim.world.Fixtures.Flavors["m1.small"], "imageRef": c.sim.world.Fixtures.Images["tiny-public"],
			"networks": []api.Object{{"port": port("server-" + strconv.Itoa(i) + "-port")}},
		})
	})
	c.several(p.Ports, func(i int) { port("port-" + strconv.Itoa(i)) })
}

func (c *populator) network(name, cidr string) string {
	id := c.create(networking+"/networks", "network", api.Object{"name": name})
	c.create(networking+"/subnets", "subnet", api.Object{"network_id": id, "name": name, "ip_version": 4, "cidr": cidr})
	return id
}

// subnetOf returns an address range for the ith network.
func subnetOf(i int) string { return fmt.Sprintf("10.%d.%d.0/24", 192+i/256%64, i%256) }

func (c *populator) image(i int) {
	id := c.created(c.send(http.MethodPost, "/image/v2/images", "application/json", api.Object{
		"name": "image-" + strconv.Itoa(i), "disk_format": "raw", "container_format": "bare",
	}), "")
	c.send(http.MethodPut, "/image/v2/images/"+id+"/file", "application/octet-stream", nil)
}

func (c *populator) volumes(p Population) {
	path := "/volume/v3/" + c.sim.world.Fixtures.ProjectID
	newest := ""
	c.several(max(p.Volumes, min(p.Snapshots, 1)), func(i int) {
		newest = c.named(path+"/volumes", "volume", "volume", i, api.Object{"size": 1})
	})
	c.several(p.Snapshots, func(i int) {
		c.named(path+"/snapshots", "snapshot", "snapshot", i, api.Object{"volume_id": newest})
	})
}

func (c *populator) named(path, kind, prefix string, i int, fields api.Object) string {
	body := api.Object{"name": prefix + "-" + strconv.Itoa(i)}
	maps.Copy(body, fields)
	return c.create(path, kind, body)
}

func (c *populator) create(path, kind string, fields api.Object) string {
	return c.created(c.send(http.MethodPost, path, "application/json", api.Object{kind: fields}), kind)
}

// created returns the id of a new object, which the answer has as a field of
// its own or, for the kind "", at the top.
func (c *populator) created(answer populated, kind string) string {
	if c.err != nil {
		return ""
	}
	object := answer.body
	if kind != "" {
		object, _ = object[kind].(map[string]any)
	}
	id, _ := object["id"].(string)
	return id
}

// populated is the answer to a request of a populator.
type populated struct {
	header http.Header
	body   map[string]any
}

func (c *populator) send(method, path, contentType string, body any) (answer populated) {
	if c.err != nil {
		return populated{}
	}
	text := []byte("data")
	if body != nil {
		text = api.Marshal(body)
	}
	req, err := http.NewRequest(method, "http://simulator"+path, bytes.NewReader(text)) //nolint:noctx // it is handled in process
	if err != nil {
		c.err = err
		return populated{}
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Auth-Token", c.token)
	resp, err := c.http.Do(req)
	if err != nil {
		c.err = err
		return populated{}
	}
	defer resp.Body.Close()
	var document bytes.Buffer
	if _, err := document.ReadFrom(resp.Body); err != nil {
		c.err = err
		return populated{}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		c.err = fmt.Errorf("populate: %s %s: %s: %s", method, path, resp.Status, document.String())
		return populated{}
	}
	answer.header = resp.Header
	if document.Len() > 0 {
		c.err = json.Unmarshal(document.Bytes(), &answer.body)
	}
	return answer
}
