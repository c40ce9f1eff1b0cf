package openstack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// objectKind is a kind of object that a service package creates and deletes.
type objectKind struct {
	path    string // of its resources in the API
	failure string // how the error of a failed creation begins
	// parent creates what the object needs and returns its id; nil if it needs
	// nothing.
	parent func(c *openstacktest.Cloud) string
	create func(c *openstacktest.Cloud, parent string) (id string, err error)
	// settle waits for the end of the creation.
	settle      func(c *openstacktest.Cloud, id string) error
	delete      func(c *openstacktest.Cloud, id string) error
	deleteNamed func(c *openstacktest.Cloud) error
}

const imageID = "6f7f0a52-7d4b-4c35-9f4b-2f0b4c6f5a11"

func objectKinds() []objectKind {
	return []objectKind{
		{
			path: "servers", failure: "create server only: OpenStack API ",
			create: func(c *openstacktest.Cloud, _ string) (string, error) {
				fixtures := c.Fixtures()
				created, err := compute.New(c.Session).CreateServer(c.Context(), compute.CreateOpts{
					Name: "only", FlavorID: fixtures.Flavors["m1.tiny"], ImageID: fixtures.Images["tiny-public"],
					Networks: []servers.Network{{UUID: fixtures.Networks["private"]}},
				})
				return created.ID, err
			},
			settle: func(c *openstacktest.Cloud, id string) error {
				_, err := compute.New(c.Session).WaitActive(c.Context(), id)
				return err
			},
			delete: func(c *openstacktest.Cloud, id string) error {
				return compute.New(c.Session).DeleteServer(c.Context(), id)
			},
			deleteNamed: func(c *openstacktest.Cloud) error {
				return compute.New(c.Session).DeleteServerNamed(c.Context(), "only")
			},
		},
		{
			path: "ports", failure: "create port only with address 10.0.0.10",
			create: func(c *openstacktest.Cloud, _ string) (string, error) {
				opts := network.PortCreateOpts{Name: "only", NetworkID: c.Fixtures().Networks["private"], FixedIPs: []string{"10.0.0.10"}}
				created, err := network.New(c.Session).CreatePort(c.Context(), opts)
				return created.ID, err
			},
			settle: func(*openstacktest.Cloud, string) error { return nil },
			delete: func(c *openstacktest.Cloud, id string) error {
				return network.New(c.Session).DeletePort(c.Context(), id)
			},
			deleteNamed: func(c *openstacktest.Cloud) error { return network.New(c.Session).DeletePortNamed(c.Context(), "only") },
		},
		{
			path: "volumes", failure: "create volume only of 1 GiB: OpenStack API ",
			create: func(c *openstacktest.Cloud, _ string) (string, error) {
				created, err := volume.New(c.Session).CreateVolume(c.Context(), volume.CreateOpts{Name: "only", SizeGiB: 1})
				return created.ID, err
			},
			settle: func(c *openstacktest.Cloud, id string) error {
				_, err := volume.New(c.Session).WaitAvailable(c.Context(), id)
				return err
			},
			delete: func(c *openstacktest.Cloud, id string) error {
				return volume.New(c.Session).DeleteVolume(c.Context(), id)
			},
			deleteNamed: func(c *openstacktest.Cloud) error {
				return volume.New(c.Session).DeleteVolumeNamed(c.Context(), "only")
			},
		},
		{
			path: "snapshots", failure: "create snapshot only of volume ",
			parent: func(c *openstacktest.Cloud) string {
				created, err := volume.New(c.Session).CreateVolume(c.Context(), volume.CreateOpts{Name: "parent", SizeGiB: 1})
				require.NoError(c, err)
				_, err = volume.New(c.Session).WaitAvailable(c.Context(), created.ID)
				require.NoError(c, err)
				return created.ID
			},
			create: func(c *openstacktest.Cloud, parent string) (string, error) {
				created, err := volume.New(c.Session).CreateSnapshot(c.Context(), volume.SnapshotCreateOpts{VolumeID: parent, Name: "only"})
				return created.ID, err
			},
			settle: func(c *openstacktest.Cloud, id string) error {
				_, err := volume.New(c.Session).WaitSnapshotAvailable(c.Context(), id)
				return err
			},
			delete: func(c *openstacktest.Cloud, id string) error {
				return volume.New(c.Session).DeleteSnapshot(c.Context(), id)
			},
			deleteNamed: func(c *openstacktest.Cloud) error {
				return volume.New(c.Session).DeleteSnapshotNamed(c.Context(), "only")
			},
		},
		{
			path: "images", failure: "create image " + imageID + " (only): OpenStack API ",
			create: func(c *openstacktest.Cloud, _ string) (string, error) {
				opts := image.CreateOpts{ID: imageID, Name: "only", DiskFormat: "qcow2", ContainerFormat: "bare"}
				created, err := image.New(c.Session).CreateImage(c.Context(), opts)
				return created.ID, err
			},
			settle: func(c *openstacktest.Cloud, id string) error {
				return image.New(c.Session).Upload(c.Context(), id, strings.NewReader("data"), 4)
			},
			delete: func(c *openstacktest.Cloud, id string) error {
				return image.New(c.Session).DeleteImage(c.Context(), id)
			},
			deleteNamed: func(c *openstacktest.Cloud) error { return image.New(c.Session).DeleteImage(c.Context(), imageID) },
		},
	}
}

// newParent creates the object's parent, if it has one.
func (k objectKind) newParent(c *openstacktest.Cloud) string {
	if k.parent == nil {
		return ""
	}
	return k.parent(c)
}

func TestCreations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   simulator.Fault
		objects int
		posts   int
		fails   bool
	}{
		"response lost":             {simulator.Fault{Kind: simulator.LostAnswer}, 1, 1, false},
		"no response":               {simulator.Fault{Kind: simulator.Unanswered}, 1, 1, false},
		"no response, not executed": {simulator.Fault{Kind: simulator.Dropped}, 0, 1, true},
		"500":                       {simulator.Fault{Status: http.StatusInternalServerError}, 1, 2, false},
		"503 for ever":              {simulator.Fault{Status: http.StatusServiceUnavailable, Times: -1}, 0, 4, true},
		"connection refused":        {simulator.Fault{Kind: simulator.Refused}, 1, 2, false},
		"429":                       {simulator.RateLimited("", time.Second), 1, 2, false},
		"rate limit of Cinder": {simulator.Fault{
			Status: http.StatusRequestEntityTooLarge, Body: `{"overLimit": {"code": 413, "message": "This request was rate-limited.", "retryAfter": "2"}}`,
		}, 1, 2, false},
		"400":                              {simulator.Fault{Status: http.StatusBadRequest}, 0, 1, true},
		"empty object":                     {simulator.Fault{Kind: simulator.Altered, Body: `{}`}, 1, 1, false},
		"object without an id":             {simulator.Fault{Kind: simulator.Altered, Body: `{"server":{},"port":{},"volume":{},"snapshot":{},"name":"only"}`}, 1, 1, false},
		"web page":                         {simulator.Fault{Kind: simulator.Altered, Body: `<html>`}, 1, 1, false},
		"truncated":                        {simulator.Fault{Kind: simulator.Altered, Body: `{"server": {"id"`}, 1, 1, false},
		"empty response":                   {simulator.Fault{Kind: simulator.Altered}, 1, 1, false},
		"empty object, nothing is created": {simulator.Fault{Status: http.StatusAccepted, Body: `{}`}, 0, 1, true},
	} {
		for _, kind := range objectKinds() {
			t.Run(kind.path+"/"+name, func(t *testing.T) {
				t.Parallel()
				openstacktest.Run(t, simulator.Options{}, func(c *openstacktest.Cloud) {
					parent, operation := kind.newParent(c), "POST /"+kind.path
					before, posts := c.Inventory(), c.Calls(operation)
					fault := test.fault
					fault.On = operation
					c.Inject(fault)
					id, err := kind.create(c, parent)
					assert.Equal(c, test.posts, c.Calls(operation)-posts)
					added := strings.Join(c.Inventory().Diff(before), "\n")
					assert.Equal(c, test.objects, strings.Count(added, "(only)"), added)
					if test.fails {
						require.ErrorContains(c, err, kind.failure)
					} else {
						require.NoError(c, err)
						assert.Contains(c, added, id)
					}
					c.ClearFaults()
					require.NoError(c, kind.deleteNamed(c))
					assert.Empty(c, c.Inventory().Diff(before))
				})
			})
		}
	}
}

func TestDeletions(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"no fault":                  {On: "none"},
		"500":                       {Status: http.StatusInternalServerError},
		"response lost":             {Kind: simulator.LostAnswer},
		"no response":               {Kind: simulator.Unanswered},
		"no response, not executed": {Kind: simulator.Dropped},
		"connection refused":        {Kind: simulator.Refused},
	} {
		for _, kind := range objectKinds() {
			t.Run(kind.path+"/"+name, func(t *testing.T) {
				t.Parallel()
				latencies := simulator.Latencies{VolumeDelete: 2 * time.Second, SnapshotDelete: 2 * time.Second}
				openstacktest.Run(t, simulator.Options{Latencies: latencies}, func(c *openstacktest.Cloud) {
					parent := kind.newParent(c)
					before := c.Inventory()
					id, err := kind.create(c, parent)
					require.NoError(c, err)
					require.NoError(c, kind.settle(c, id))
					if fault.On == "" {
						fault.On = "DELETE /" + kind.path + "/{id}"
					}
					c.Inject(fault)
					require.NoError(c, kind.delete(c, id))
					assert.Empty(c, c.Inventory().Diff(before))
					require.NoError(c, kind.delete(c, id), "not found counts as success")
					require.NoError(c, kind.deleteNamed(c), "not found counts as success")
				})
			})
		}
	}
}
