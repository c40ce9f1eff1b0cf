// Package provision creates on a cloud what the test suites need, and removes
// it. scripts/acceptance --prepare and --clean use it.
//
// Everything it creates has a name that begins with Mark, and a description
// where the service has one. It finds its objects again by them, so that
// creating them twice creates nothing, and removing them removes nothing else.
package provision

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// Mark begins the name of everything that is created.
const Mark = "cpi-acceptance"

// description is that of everything that is created in Neutron and Octavia.
const description = "made by scripts/acceptance --prepare, removed by --clean"

const floatingIPs = 4

// object is a JSON object.
type object = map[string]any

// Provisioner creates objects in the project of a user.
type Provisioner struct {
	// User owns the objects. The suites log in with the same credentials.
	User *cloud.Cloud
	// Admin creates flavors and volume types. It can be the user; then what the
	// cloud forbids is left out.
	Admin *cloud.Cloud
	// Log receives a line for each object that is created or removed.
	Log io.Writer
	// Pause is the time between two looks at a load balancer.
	Pause time.Duration
	// External is the name of the network for floating IPs, "" for any.
	External string
}

// Make creates what is missing and describes everything for the suites.
func (p *Provisioner) Make(ctx context.Context) (fixtures.Fixtures, error) {
	made := fixtures.Fixtures{Project: p.User.Token.Project.Name}
	for _, step := range []func(context.Context, *fixtures.Fixtures) error{
		p.makeNetworks, p.makeKeyPair, p.makeSecurityGroup, p.makeFloatingIPs, p.describeImage, p.makeFlavors, p.makeVolumeTypes,
		p.describeZones, p.makeLoadBalancer,
	} {
		if err := step(ctx, &made); err != nil {
			return made, err
		}
	}
	if missing := made.Missing(); len(missing) > 0 {
		return made, fmt.Errorf("the cloud lacks %q, which an administrator has to create", missing)
	}
	return made, nil
}

// Remove deletes what Make creates. It goes on after an error, and returns all of
// them.
func (p *Provisioner) Remove(ctx context.Context) error {
	var problems []error
	for _, step := range []func(context.Context) error{
		p.removeLoadBalancer, p.removeFloatingIPs, p.removeRouter, p.removeNetworks, p.removeSecurityGroup, p.removeKeyPair,
		p.removeFlavors, p.removeVolumeTypes,
	} {
		problems = append(problems, step(ctx))
	}
	return errors.Join(problems...)
}

func (p *Provisioner) logf(format string, args ...any) {
	fmt.Fprintf(p.Log, "  "+format+"\n", args...) //nolint:errcheck // a message for people
}

// kind is a kind of object of Neutron or Octavia, by its key in requests.
type kind string

const (
	network       kind = "network"
	subnet        kind = "subnet"
	router        kind = "router"
	securityGroup kind = "security_group"
	floatingIP    kind = "floatingip"
	balancer      kind = "loadbalancer"
	pool          kind = "pool"
)

// octavia is the service of load balancers.
const octavia = "load-balancer"

func (k kind) service() string {
	if k == balancer || k == pool {
		return octavia
	}
	return "network"
}

// key returns the key of the list.
func (k kind) key() string { return string(k) + "s" }

// url returns the path of the list.
func (k kind) url() string { return "/" + strings.ReplaceAll(k.key(), "_", "-") }

// own lists the marked objects of a kind with the name, "" for any.
func (p *Provisioner) own(ctx context.Context, k kind, name string) ([]object, error) {
	query := url.Values{"project_id": {p.User.Token.Project.ID}}
	if name != "" {
		query.Set("name", name)
	}
	var page map[string][]object
	if err := p.User.Get(ctx, k.service(), k.url()+"?"+query.Encode(), &page); err != nil {
		return nil, err
	}
	var found []object
	for _, element := range page[k.key()] {
		if element["description"] == description {
			found = append(found, element)
		}
	}
	return found, nil
}

// label names an object for people. Floating IPs have an address and no name.
func label(k kind, made object) string {
	name := made["name"]
	if k == floatingIP {
		name = made["floating_ip_address"]
	}
	return fmt.Sprintf("%s %v %v", k, name, made["id"])
}

// ensure returns the marked object with the name, and creates it if it does not
// exist.
func (p *Provisioner) ensure(ctx context.Context, k kind, name string, attributes object) (object, error) {
	found, err := p.own(ctx, k, name)
	if err != nil || len(found) > 0 {
		return first(found), err
	}
	attributes["name"] = name
	return p.create(ctx, k, attributes)
}

func (p *Provisioner) create(ctx context.Context, k kind, attributes object) (object, error) {
	attributes["description"] = description
	var made map[string]object
	if err := p.User.Send(ctx, http.MethodPost, k.service(), k.url(), object{string(k): attributes}, &made); err != nil {
		return nil, err
	}
	p.logf("created %s", label(k, made[string(k)]))
	return made[string(k)], nil
}

// removeOwn deletes the marked objects of a kind.
func (p *Provisioner) removeOwn(ctx context.Context, k kind, name, query string) error {
	found, err := p.own(ctx, k, name)
	if err != nil {
		return err
	}
	for _, element := range found {
		if err := p.User.Delete(ctx, k.service(), fmt.Sprintf("%s/%v%s", k.url(), element["id"], query)); err != nil {
			return err
		}
		p.logf("removed %s", label(k, element))
	}
	return nil
}

func first(found []object) object {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// makeKeyPair imports a public key whose private key is not kept: the tests do
// not log in to VMs.
func (p *Provisioner) makeKeyPair(ctx context.Context, made *fixtures.Fixtures) error {
	made.KeyPair.Name = Mark
	err := p.User.Get(ctx, "compute", "/os-keypairs/"+Mark, nil)
	if !cloud.IsNotFound(err) {
		return err
	}
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	var blob []byte
	for _, part := range [][]byte{[]byte("ssh-ed25519"), public} {
		blob = append(binary.BigEndian.AppendUint32(blob, uint32(len(part))), part...)
	}
	key := "ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob) + " " + Mark
	p.logf("created key pair %s", Mark)
	return p.User.Send(ctx, http.MethodPost, "compute", "/os-keypairs", object{"keypair": object{"name": Mark, "public_key": key}}, nil)
}

func (p *Provisioner) removeKeyPair(ctx context.Context) error {
	return p.removeNamed(ctx, p.User, "compute", "/os-keypairs/"+Mark, "key pair "+Mark)
}

// removeNamed deletes an object if it exists.
func (p *Provisioner) removeNamed(ctx context.Context, session *cloud.Cloud, service, path, name string) error {
	if err := session.Get(ctx, service, path, nil); err != nil {
		if cloud.IsNotFound(err) {
			return nil
		}
		return err
	}
	if err := session.Delete(ctx, service, path); err != nil {
		return err
	}
	p.logf("removed %s", name)
	return nil
}

// image is an element of Glance's list.
type image struct {
	ID, Name string
	Size     int64
	Format   string `json:"disk_format"`
}

// rank sorts images: small ones first. Images without data, such as snapshots of
// boot volumes, come last.
func (i image) rank() uint64 { return uint64(i.Size) - 1 } // 0 becomes the largest number

// describeImage chooses an image that VMs can be created from.
func (p *Provisioner) describeImage(ctx context.Context, made *fixtures.Fixtures) error {
	var page struct{ Images []image }
	if err := p.User.Get(ctx, "image", "/images?status=active&container_format=bare", &page); err != nil {
		return err
	}
	usable := slices.DeleteFunc(page.Images, func(i image) bool { return i.Format == "iso" })
	if len(usable) == 0 {
		return errors.New("the project sees no image that VMs can be created from: upload one (openstack image create)")
	}
	chosen := slices.MinFunc(usable, func(a, b image) int { return cmp.Compare(a.rank(), b.rank()) })
	made.Images = map[string]string{chosen.Name: chosen.ID}
	return nil
}

// describeZones names the zones, if both Nova and Cinder have more than one.
func (p *Provisioner) describeZones(ctx context.Context, made *fixtures.Fixtures) error {
	zones := map[string][]string{}
	for _, service := range []string{"compute", "volume"} {
		var page struct {
			Info []struct {
				Name  string                   `json:"zoneName"`
				State struct{ Available bool } `json:"zoneState"`
			} `json:"availabilityZoneInfo"`
		}
		if err := p.User.Get(ctx, service, "/os-availability-zone", &page); err != nil {
			return err
		}
		for _, zone := range page.Info {
			if zone.State.Available && zone.Name != "internal" {
				zones[service] = append(zones[service], zone.Name)
			}
		}
	}
	if len(zones["compute"]) > 1 && len(zones["volume"]) > 1 {
		made.AvailabilityZones = fixtures.Zones{Compute: zones["compute"], Volume: zones["volume"]}
	}
	return nil
}
