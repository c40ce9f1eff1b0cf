package compute_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	attaches = "POST /servers/{id}/os-volume_attachments"
	detaches = "DELETE /servers/{id}/os-volume_attachments/{volume}"
)

// disk creates a volume of 1 GiB, waits until it is available and returns its
// id.
func (n nova) disk() string {
	n.Helper()
	made := n.Make(n.Session.Volume, "volumes", map[string]any{"volume": map[string]any{"size": 1, "name": "disk"}})
	n.Waits(10 * time.Second)
	return made["id"].(string)
}

// devices returns the devices of the volumes that are attached to the server.
func (n nova) devices(id string) map[string]string {
	n.Helper()
	all, err := n.Attachments(n.Context(), id)
	require.NoError(n, err)
	found := map[string]string{}
	for _, attachment := range all {
		found[attachment.VolumeID] = attachment.Device
	}
	return found
}

func TestAttach(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.Fault
		posts int
		fails bool
	}{
		"no fault":                {simulator.Fault{On: "none"}, 1, false},
		"answer lost":             {simulator.Fault{Kind: simulator.LostAnswer}, 1, false},
		"no answer":               {simulator.Fault{Kind: simulator.Unanswered}, 1, false},
		"500":                     {simulator.Fault{Status: http.StatusInternalServerError}, 2, false},
		"not executed, no answer": {simulator.Fault{Kind: simulator.Dropped}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(n nova) {
				server, disk := n.runs("vm-1"), n.disk()
				if test.fault.On == "" {
					test.fault.On = attaches
				}
				n.Inject(test.fault)
				attached, err := n.Attach(n.Context(), server, disk)
				assert.Equal(n, test.posts, n.Calls(attaches))
				if test.fails {
					require.ErrorContains(n, err, "attach volume "+disk+" to server "+server+": OpenStack API Timeout")
					assert.Empty(n, n.devices(server))
					return
				}
				require.NoError(n, err)
				assert.Equal(n, "/dev/vdb", attached.Device)
				assert.Equal(n, map[string]string{disk: "/dev/vdb"}, n.devices(server))
			})
		})
	}
}

func TestAttachShared(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		n.AddVolumeType("shared", map[string]string{"multiattach": "<is> True"})
		server := n.runs("vm-1")
		disk := n.Make(n.Session.Volume, "volumes", map[string]any{"volume": map[string]any{"size": 1, "name": "disk", "volume_type": "shared"}})["id"].(string)
		n.Waits(10 * time.Second)
		_, err := n.Attach(n.Context(), server, disk)
		assert.True(n, compute.NeedsMultiattach(err), err)
		n.Inject(simulator.Fault{On: attaches, Kind: simulator.LostAnswer})
		attached, err := n.AttachShared(n.Context(), server, disk)
		require.NoError(n, err)
		assert.Equal(n, "/dev/vdb", attached.Device)
		_, err = n.Attach(n.Context(), server, unknownID)
		assert.False(n, compute.NeedsMultiattach(err), err)
	})
}

// attachesLater simulates Nova since microversion 2.101: it accepts the request
// and lists the attachment later.
type attachesLater struct {
	cloud http.RoundTripper
	looks int // that find nothing yet
}

func (l *attachesLater) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.URL.Path, "/os-volume_attachments") {
		return l.cloud.RoundTrip(request)
	}
	if request.Method == http.MethodGet && l.looks > 0 {
		l.looks--
		body := io.NopCloser(strings.NewReader(`{"volumeAttachments": []}`))
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, nil
	}
	response, err := l.cloud.RoundTrip(request)
	if request.Method == http.MethodPost && err == nil {
		response.StatusCode, response.Body = http.StatusAccepted, http.NoBody
	}
	return response, err
}

func TestAttachIsAcceptedFirst(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		server, disk := n.runs("vm-1"), n.disk()
		later := &attachesLater{cloud: n.Transport(), looks: 3}
		attached, err := compute.New(n.NewSession(nil, openstack.WithTransport(later))).Attach(n.Context(), server, disk)
		require.NoError(n, err)
		assert.Equal(n, "/dev/vdb", attached.Device)
		assert.Equal(n, 1, n.Calls(attaches))

		later.looks = 1000
		_, err = compute.New(n.NewSession(nil, openstack.WithTransport(later))).Attach(n.Context(), server, n.disk())
		require.ErrorContains(n, err, "Timed out waiting for Attachment")
	})
}

func TestAttachIsRefused(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		server, other, disk := n.runs("vm-1"), n.runs("vm-2"), n.disk()
		_, err := n.Attach(n.Context(), other, disk)
		require.NoError(n, err)
		n.Waits(10 * time.Second)
		_, err = n.Attach(n.Context(), server, disk)
		require.ErrorContains(n, err, "Invalid volume: volume "+disk+" is already attached to instances: "+other)
		assert.True(n, openstack.IsBadRequest(err))
		_, err = n.Attach(n.Context(), server, unknownID)
		assert.True(n, openstack.IsNotFound(err))
		_, err = n.Attach(n.Context(), unknownID, disk)
		assert.True(n, openstack.IsNotFound(err))
		_, err = n.Attachments(n.Context(), unknownID)
		assert.True(n, openstack.IsNotFound(err))
	})
}

func TestDetach(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"no fault":    {On: "none"},
		"500":         {On: detaches, Status: http.StatusInternalServerError},
		"answer lost": {On: detaches, Kind: simulator.LostAnswer},
		"no answer":   {On: detaches, Kind: simulator.Unanswered},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(n nova) {
				server, disk := n.runs("vm-1"), n.disk()
				_, err := n.Attach(n.Context(), server, disk)
				require.NoError(n, err)
				n.Waits(10 * time.Second)
				n.Inject(fault)
				if err := n.Detach(n.Context(), server, disk); !openstack.IsNotFound(err) { // it was done while the answer was waited for
					require.NoError(n, err)
					require.NoError(n, n.Detach(n.Context(), server, disk), "one that is being detached is a success")
				}
				n.Waits(10 * time.Second)
				assert.Empty(n, n.devices(server))
				assert.True(n, openstack.IsNotFound(n.Detach(n.Context(), server, disk)))
				assert.True(n, openstack.IsNotFound(n.Detach(n.Context(), unknownID, disk)))
			})
		})
	}
}

func TestDetachIsRefused(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		server, disk := n.runs("vm-1"), n.disk()
		_, err := n.Attach(n.Context(), server, disk)
		require.NoError(n, err)
		n.Waits(10 * time.Second)
		n.Inject(simulator.Fault{On: detaches, Status: http.StatusConflict})
		err = n.Detach(n.Context(), server, disk)
		require.ErrorContains(n, err, "detach volume "+disk+" from server "+server+": OpenStack API Conflict")
	})
}

// newestNova sends requests with the newest microversion, as to a Nova that does
// not support older ones.
type newestNova struct{ cloud http.RoundTripper }

func (n newestNova) RoundTrip(request *http.Request) (*http.Response, error) {
	later := request.Clone(request.Context())
	later.Header.Set("X-OpenStack-Nova-API-Version", "2.93")
	return n.cloud.RoundTrip(later)
}

// Since microversion 2.89 an attachment has no id.
func TestAttachmentsWithoutIDs(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		server, disk := n.runs("vm-1"), n.disk()
		_, err := n.Attach(n.Context(), server, disk)
		require.NoError(n, err)
		n.Waits(10 * time.Second)
		newest := compute.New(n.NewSession(nil, openstack.WithTransport(newestNova{n.Transport()})))
		all, err := newest.Attachments(n.Context(), server)
		require.NoError(n, err)
		require.Len(n, all, 1)
		assert.Equal(n, disk, all[0].VolumeID)
		require.NoError(n, newest.Detach(n.Context(), server, disk))
		n.Waits(10 * time.Second)
		assert.Empty(n, n.devices(server))
	})
}
