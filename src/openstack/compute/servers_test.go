package compute_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The deletion is executed although every response is a failure.
func TestDeleteServerUnanswered(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{Latencies: simulator.Latencies{ServerDelete: 10 * time.Minute}}, func(n nova) {
		before, id := n.Inventory(), n.runs("vm-1")
		n.Inject(simulator.Fault{On: "DELETE /servers/{id}", Kind: simulator.LostAnswer})
		n.Inject(simulator.Fault{On: "DELETE /servers/{id}", Nth: 2, Times: -1, Status: http.StatusBadGateway})
		session := n.NewSession(nil)
		err := compute.New(session).DeleteServer(n.Context(), id)
		require.ErrorContains(n, err, "Timed out waiting for Server `"+id+"' to be deleted", "it was waited for")
		n.Waits(10 * time.Minute)
		assert.Empty(n, n.Inventory().Diff(before))
	})
}

func TestDeleteServerFails(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		id := n.runs("vm-1")
		n.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusForbidden})
		require.ErrorContains(n, n.DeleteServer(n.Context(), id), "delete server "+id+": OpenStack API Forbidden")

		n.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusInternalServerError, Times: 10})
		require.ErrorContains(n, n.DeleteServer(n.Context(), id), "delete server "+id+": OpenStack API InternalServerError", "the server is not being deleted")

		n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "delete", Reason: "the disk is busy"})
		err := n.DeleteServer(n.Context(), id)
		require.ErrorContains(n, err, "delete server "+id+": Server `"+id+"' state is error, expected deleted, soft_deleted\nthe disk is busy")

		// ERROR from before the request is not a failure.
		require.NoError(n, n.DeleteServer(n.Context(), id))
	})
}

// reclaiming simulates a Nova that keeps deleted servers for a while
// (reclaim_instance_interval).
type reclaiming struct {
	cloud   http.RoundTripper
	deleted bool
	forced  bool
	answer  int // to the request to delete for good
}

func (r *reclaiming) RoundTrip(request *http.Request) (*http.Response, error) {
	reply := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
	switch {
	case !strings.Contains(request.URL.Path, "/servers/"):
		return r.cloud.RoundTrip(request)
	case request.Method == http.MethodDelete:
		r.deleted = true
		return reply(http.StatusNoContent, "")
	case request.Method == http.MethodPost:
		body, err := io.ReadAll(request.Body)
		r.forced = bytes.Contains(body, []byte("forceDelete"))
		if r.answer != http.StatusAccepted {
			r.forced = false
			return reply(r.answer, `{"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:os-deferred-delete:force to be performed."}}`)
		}
		return &http.Response{StatusCode: r.answer, Header: http.Header{}, Body: http.NoBody}, err
	case r.forced:
		return reply(http.StatusNotFound, `{"itemNotFound": {"code": 404, "message": "Instance 1 could not be found."}}`)
	case r.deleted:
		return reply(http.StatusOK, `{"server": {"id": "1", "status": "SOFT_DELETED"}}`)
	}
	return reply(http.StatusOK, `{"server": {"id": "1", "status": "ACTIVE"}}`)
}

func TestDeletedServersThatAreKept(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		kept := &reclaiming{cloud: n.Transport(), answer: http.StatusAccepted}
		require.NoError(n, compute.New(n.NewSession(nil, openstack.WithTransport(kept))).DeleteServer(n.Context(), "1"))
		assert.True(n, kept.forced, "its ports and addresses are needed")

		kept = &reclaiming{cloud: n.Transport(), answer: http.StatusForbidden}
		err := compute.New(n.NewSession(nil, openstack.WithTransport(kept))).DeleteServer(n.Context(), "1")
		require.ErrorContains(n, err, "force delete server 1: OpenStack API Forbidden")
	})
}

// fading simulates a Nova that shows a server as DELETED for some time after its
// deletion.
type fading struct {
	cloud http.RoundTripper
	polls int // that find the server
}

func (f *fading) RoundTrip(request *http.Request) (*http.Response, error) {
	reply := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
	switch {
	case !strings.Contains(request.URL.Path, "/servers/"):
		return f.cloud.RoundTrip(request)
	case request.Method == http.MethodDelete:
		return reply(http.StatusNoContent, "")
	case f.polls > 0:
		f.polls--
		return reply(http.StatusOK, `{"server": {"id": "1", "status": "DELETED"}}`)
	}
	return reply(http.StatusNotFound, `{"itemNotFound": {"code": 404, "message": "Instance 1 could not be found."}}`)
}

// The status DELETED is not the end of a deletion.
func TestDeletedServersThatAreStillFound(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		nova := &fading{cloud: n.Transport(), polls: 5}
		require.NoError(n, compute.New(n.NewSession(nil, openstack.WithTransport(nova))).DeleteServer(n.Context(), "1"))
		assert.Zero(n, nova.polls)

		nova.polls = 1000
		err := compute.New(n.NewSession(nil, openstack.WithTransport(nova))).DeleteServer(n.Context(), "1")
		require.ErrorContains(n, err, "Timed out waiting for Server `1' to be deleted, soft_deleted, its state is deleted, but still found")
	})
}

func TestSetMetadata(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		id := n.runs("vm-1")
		_, err := n.SetMetadata(n.Context(), id, map[string]string{"a": "1", "b": "2"})
		require.NoError(n, err)
		n.Inject(simulator.Fault{On: "POST /servers/{id}/metadata", Kind: simulator.LostAnswer})
		n.Inject(simulator.Fault{On: "POST /servers/{id}/metadata", Nth: 2, Status: http.StatusServiceUnavailable})
		all, err := n.SetMetadata(n.Context(), id, map[string]string{"b": "3", "c": "4"})
		require.NoError(n, err)
		assert.Equal(n, map[string]string{"a": "1", "b": "3", "c": "4"}, all, "the answer has all of it")

		_, err = n.SetMetadata(n.Context(), unknownID, map[string]string{"a": "b"})
		require.ErrorContains(n, err, "set metadata of server "+unknownID+": OpenStack API NotFound")
		assert.True(n, openstack.IsNotFound(err))
	})
}

func TestRename(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		id := n.runs("vm-1")
		n.Inject(simulator.Fault{On: "PUT /servers/{id}", Kind: simulator.LostAnswer})
		require.NoError(n, n.Rename(n.Context(), id, "router/0"))
		server, err := n.Server(n.Context(), id)
		require.NoError(n, err)
		assert.Equal(n, "router/0", server.Name)
		assert.True(n, openstack.IsNotFound(n.Rename(n.Context(), unknownID, "x")))
	})
}

// does sends an action and waits until Nova has completed it.
func (n nova) does(id string, action func(context.Context, *gophercloud.ServiceClient, string) error) {
	n.Helper()
	client, err := n.Session.Compute(n.Context())
	require.NoError(n, err)
	require.NoError(n, action(n.Context(), client, id))
	n.Waits(10 * time.Second)
}

func stop(ctx context.Context, client *gophercloud.ServiceClient, id string) error {
	return servers.Stop(ctx, client, id).ExtractErr()
}

// actions returns the actions that were requested: "reboot SOFT", "os-start".
func (n nova) actions() (asked []string) {
	for _, exchange := range n.Journal() {
		if exchange.Call() == "POST /servers/{id}/action" {
			asked = append(asked, exchange.RequestBody)
		}
	}
	return asked
}

const (
	soft  = `{"reboot":{"type":"SOFT"}}`
	hard  = `{"reboot":{"type":"HARD"}}`
	start = `{"os-start":null}`
)

func TestReboot(t *testing.T) {
	t.Parallel()
	stateFault := func(phase string) simulator.StateFault { return simulator.StateFault{Resource: "server", Phase: phase} }
	for name, test := range map[string]struct {
		prepare func(n nova, id string)
		asked   []string
		fails   string
	}{
		"running": {asked: []string{soft}},
		"off":     {prepare: func(n nova, id string) { n.does(id, stop) }, asked: []string{start}},
		"lost answer": {prepare: func(n nova, _ string) {
			n.Inject(simulator.Fault{On: "POST /servers/{id}/action", Kind: simulator.LostAnswer})
		}, asked: []string{soft, soft}},
		"lost answer, does not react": {prepare: func(n nova, _ string) {
			n.Inject(simulator.Fault{On: "POST /servers/{id}/action", Kind: simulator.LostAnswer})
			n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "reboot", Stuck: true})
		}, asked: []string{soft, soft, hard}},
		"off, lost answer": {prepare: func(n nova, id string) {
			n.does(id, stop)
			n.Inject(simulator.Fault{On: "POST /servers/{id}/action", Kind: simulator.LostAnswer})
		}, asked: []string{start, start}},
		"off, late answer": {prepare: func(n nova, id string) {
			n.does(id, stop)
			n.Inject(simulator.Fault{On: "POST /servers/{id}/action", Kind: simulator.Unanswered})
		}, asked: []string{start, start}},
		"off, refused": {prepare: func(n nova, id string) {
			n.does(id, stop)
			n.Inject(simulator.Fault{On: "POST /servers/{id}/action", Status: http.StatusConflict})
		}, asked: []string{start}, fails: "start server"},
		"does not react": {prepare: func(n nova, _ string) {
			n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "reboot", Stuck: true})
		}, asked: []string{soft, hard}},
		"Nova refuses to ask": {prepare: func(n nova, _ string) {
			n.Inject(simulator.Fault{On: "POST /servers/{id}/action", Status: http.StatusConflict})
		}, asked: []string{soft, hard}},
		"in error": {prepare: func(n nova, id string) {
			n.InjectStateFault(stateFault("stop"))
			n.does(id, stop)
		}, asked: []string{soft, hard}},
		"fails": {prepare: func(n nova, _ string) {
			n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "reboot", Reason: "the host is gone"})
		}, asked: []string{soft}, fails: "state is error, expected active\nthe host is gone"},
		"never comes back": {prepare: func(n nova, _ string) {
			n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "reboot", Stuck: true, Times: -1})
		}, asked: []string{soft, hard}, fails: "Timed out waiting for Server"},
		"does not start": {prepare: func(n nova, id string) {
			n.does(id, stop)
			n.InjectStateFault(stateFault("start"))
		}, asked: []string{start}, fails: "state is error, expected active"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(n nova) {
				id := n.runs("vm-1")
				if test.prepare != nil {
					test.prepare(n, id)
				}
				n.ResetJournal()
				err := n.Reboot(n.Context(), id)
				assert.Equal(n, test.asked, n.actions())
				if test.fails != "" {
					require.ErrorContains(n, err, test.fails)
					return
				}
				require.NoError(n, err)
				server, err := n.Server(n.Context(), id)
				require.NoError(n, err)
				assert.Equal(n, "ACTIVE", server.Status)
			})
		})
	}
	run(t, simulator.Options{}, func(n nova) {
		assert.True(n, openstack.IsNotFound(n.Reboot(n.Context(), unknownID)))
	})
}

// When the context ends, no hard reboot follows.
func TestRebootEndsWithTheContext(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		id := n.runs("vm-1")
		n.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "reboot", Stuck: true})
		ctx, cancel := context.WithTimeout(n.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(n, n.Reboot(ctx, id), context.DeadlineExceeded)
		assert.Equal(n, []string{soft}, n.actions())
	})
}

// A token can be rejected in the middle of a list.
func TestTokenIsRenewedWithinAList(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n nova) {
		n.runs("vm-1")
		n.Inject(simulator.Fault{On: "GET /servers/detail", Status: http.StatusUnauthorized})
		all, err := n.Servers(n.Context())
		require.NoError(n, err)
		assert.Len(n, all, 1)
	})
}
