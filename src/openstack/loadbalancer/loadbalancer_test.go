package loadbalancer_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	unknownID = "5a2c9d1e-0000-4000-8000-000000000000"
	adds      = "POST /lbaas/pools/{id}/members"
	removes   = "DELETE /lbaas/pools/{id}/members/{member}"
)

// octavia is a simulated cloud with the service of this package.
type octavia struct {
	*openstacktest.Cloud
	*loadbalancer.Service
}

func run(t *testing.T, options simulator.Options, test func(o octavia)) {
	t.Helper()
	openstacktest.Run(t, options, func(c *openstacktest.Cloud) { test(octavia{c, loadbalancer.New(c.Session)}) })
}

// through returns the service on a session with another transport.
func (o octavia) through(transport http.RoundTripper) *loadbalancer.Service {
	o.Helper()
	return loadbalancer.New(o.NewSession(nil, openstack.WithTransport(transport)))
}

// member returns a member of pool-1 with the address.
func (o octavia) member(address string) loadbalancer.Member {
	return loadbalancer.Member{
		PoolID: o.Fixtures().Pools["pool-1"], Name: "vm-1", Address: address, Port: 8080, SubnetID: o.Fixtures().Subnets["private-v4"],
	}
}

// twin creates a second pool, waits until it is active and returns its id.
func (o octavia) twin(name string) string {
	o.Helper()
	client, err := o.Session.LoadBalancer(o.Context())
	require.NoError(o, err)
	var list struct {
		LoadBalancers []struct{ ID string } `json:"loadbalancers"`
	}
	response, err := client.Get(o.Context(), client.ServiceURL("lbaas", "loadbalancers"), &list, nil)
	require.NoError(o, err)
	require.NoError(o, response.Body.Close())
	made := o.Make(o.Session.LoadBalancer, "lbaas/pools", map[string]any{"pool": map[string]any{
		"name": name, "loadbalancer_id": list.LoadBalancers[0].ID, "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN",
	}})
	o.Waits(10 * time.Second)
	return made["id"].(string)
}

func TestPool(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		pool, err := o.Pool(o.Context(), "pool-1")
		require.NoError(o, err)
		assert.Equal(o, o.Fixtures().Pools["pool-1"], pool.ID)
		for _, name := range []string{"pool", "pool-.*", unknownID} {
			_, err = o.Pool(o.Context(), name)
			require.EqualError(o, err, "Load balancer pool `"+name+"' not found")
			assert.True(o, openstack.IsNotFound(err))
		}
		o.twin("pool-1")
		_, err = o.Pool(o.Context(), "pool-1")
		require.EqualError(o, err, "Load balancer pool 'pool-1' exists multiple times. Make sure to use unique naming.")
		o.Inject(simulator.Fault{On: "GET /lbaas/pools", Status: http.StatusForbidden})
		_, err = o.Pool(o.Context(), "pool-2")
		require.ErrorContains(o, err, "list load balancer pools named pool-2: OpenStack API Forbidden")
		assert.False(o, openstack.IsNotFound(err))
	})
}

func TestPoolsOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		o.twin("web")
		o.twin("web")
		o.twin("web")
		paged := o.through(openstacktest.SmallPages{Cloud: o.Transport()})
		_, err := paged.Pool(o.Context(), "web")
		require.ErrorContains(o, err, "exists multiple times")
		o.Inject(simulator.Fault{On: "GET /lbaas/pools", Nth: 2, Status: http.StatusForbidden})
		_, err = paged.Pool(o.Context(), "web")
		require.ErrorContains(o, err, "OpenStack API Forbidden", "half a list is no list")
	})
}

func TestMembership(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]simulator.Options{"Octavia": {}, "its predecessor": {WithoutLoadBalancer: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, options, func(o octavia) {
				before := o.Inventory()
				pool, err := o.Pool(o.Context(), "pool-1")
				require.NoError(o, err)
				member := o.member("10.0.0.10")
				member.MonitorPort = 9000
				id, err := o.AddMember(o.Context(), member)
				require.NoError(o, err)
				assert.Equal(o, []string{"+ member " + pool.ID + "/" + id + " (10.0.0.10:8080)"}, o.Inventory().Diff(before))
				sent := ""
				for _, exchange := range o.Journal() {
					if exchange.Call() == adds {
						sent = exchange.RequestBody
					}
				}
				assert.JSONEq(o, `{"member":{"name":"vm-1","address":"10.0.0.10","protocol_port":8080,"subnet_id":"`+member.SubnetID+`","monitor_port":9000}}`, sent)

				again, err := o.AddMember(o.Context(), member)
				require.NoError(o, err, "one that is there already is a success")
				assert.Equal(o, id, again)
				for range 2 { // the second time it is gone already
					require.NoError(o, o.RemoveMember(o.Context(), pool.ID, id))
					assert.Empty(o, o.Inventory().Diff(before))
				}
				require.NoError(o, o.RemoveMember(o.Context(), unknownID, id), "a pool that is gone is a success")
			})
		})
	}
}

// AddMember waits until the load balancer accepts the next change.
func TestChangesAreOver(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{Latencies: simulator.Latencies{LoadBalancerUpdate: 7 * time.Second}}, func(o octavia) {
		begun := time.Now()
		id, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.NoError(o, err)
		assert.GreaterOrEqual(o, time.Since(begun), 7*time.Second)
		require.NoError(o, o.RemoveMember(o.Context(), o.member("").PoolID, id))
		assert.GreaterOrEqual(o, time.Since(begun), 14*time.Second)
		for _, exchange := range o.Journal() {
			assert.NotEqual(o, http.StatusConflict, exchange.Status)
		}
	})
}

// Many VMs may join a pool at once, but a load balancer applies one change at a
// time.
func TestBusyLoadBalancer(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{Latencies: simulator.Latencies{LoadBalancerUpdate: 3 * time.Second}}, func(o octavia) {
		before := o.Inventory()
		var all errgroup.Group
		ids := make([]string, 6)
		for i := range ids {
			member := o.member("10.0.0.1" + string(rune('0'+i)))
			all.Go(func() (err error) {
				ids[i], err = o.AddMember(o.Context(), member)
				return err
			})
		}
		require.NoError(o, all.Wait())
		assert.Len(o, o.Inventory().Diff(before), 6)
		for _, id := range ids {
			all.Go(func() error { return o.RemoveMember(o.Context(), o.member("").PoolID, id) })
		}
		require.NoError(o, all.Wait())
		assert.Empty(o, o.Inventory().Diff(before))
	})
}

func TestLoadBalancerThatIsNeverReady(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		o.InjectStateFault(simulator.StateFault{Resource: "loadbalancer", Phase: "update", Stuck: true})
		_, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.ErrorContains(o, err, "Timed out waiting for LoadBalancer `")
		require.ErrorContains(o, err, "' to be active, its state is pending_update")
		_, err = o.AddMember(o.Context(), o.member("10.0.0.11"))
		require.ErrorContains(o, err, "' to be active, its state is pending_update")
	})
	run(t, simulator.Options{}, func(o octavia) {
		o.InjectStateFault(simulator.StateFault{Resource: "loadbalancer", Phase: "update"})
		_, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.ErrorContains(o, err, "' state is error, expected active")
	})
	run(t, simulator.Options{}, func(o octavia) { // it says so, but its state does not
		o.Inject(simulator.Fault{On: adds, Times: -1, Status: http.StatusConflict, Body: `{"faultcode": "Client", "faultstring": "Pool x is immutable and cannot be updated.", "debuginfo": null}`})
		begun := time.Now()
		_, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.ErrorContains(o, err, "add member 10.0.0.10 to pool "+o.member("").PoolID+": OpenStack API Conflict (Pool x is immutable and cannot be updated.)")
		assert.InDelta(o, 300, time.Since(begun).Seconds(), 1, "for as long as a wait may take")
	})
}

// A member whose creation got no response is found, or was certainly not
// created.
func TestAddMemberOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   simulator.Fault
		members int
		fails   bool
	}{
		"answer lost":             {simulator.Fault{Kind: simulator.LostAnswer}, 1, false},
		"no answer":               {simulator.Fault{Kind: simulator.Unanswered}, 1, false},
		"not executed, no answer": {simulator.Fault{Kind: simulator.Dropped}, 0, true},
		"500":                     {simulator.Fault{Status: http.StatusInternalServerError}, 1, false},
		"503 for ever":            {simulator.Fault{Status: http.StatusServiceUnavailable, Times: -1}, 0, true},
		"a busy project":          {simulator.Fault{Status: http.StatusServiceUnavailable, Times: 9, Body: `{"faultcode": "Server", "faultstring": "Project busy.  Unable to lock the project.  Please try again.", "debuginfo": null}`}, 1, false},
		"its predecessor's words": {simulator.Fault{Status: http.StatusConflict, Body: `{"NeutronError": {"type": "StateInvalid", "message": "Invalid state PENDING_UPDATE of loadbalancer resource x", "detail": ""}}`}, 1, false},
		"refused":                 {simulator.Fault{Status: http.StatusForbidden}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(o octavia) {
				before := o.Inventory()
				test.fault.On = adds
				o.Inject(test.fault)
				_, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
				assert.Len(o, o.Inventory().Diff(before), test.members)
				if test.fails {
					require.ErrorContains(o, err, "add member 10.0.0.10 to pool "+o.member("").PoolID+": OpenStack API ")
				} else {
					require.NoError(o, err)
				}
				o.ClearFaults()
				for range 2 { // the second time it is gone already
					require.NoError(o, o.RemoveMemberLike(o.Context(), o.member("10.0.0.10")))
					assert.Empty(o, o.Inventory().Diff(before))
				}
			})
		})
	}
}

// Members are identified by address, port and subnet.
func TestAddMemberThatIsAnother(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		_, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.NoError(o, err)
		other := o.member("10.0.0.10")
		other.SubnetID = o.Fixtures().Subnets["private-2-v4"]
		_, err = o.AddMember(o.Context(), other)
		require.ErrorContains(o, err, "Load balancer pool membership with pool id '"+other.PoolID+"', ip '10.0.0.10', and port '8080' supposedly exists, but cannot be found: ")
		require.ErrorContains(o, err, "Another member on this pool is already using ip 10.0.0.10 on protocol_port 8080")
		require.NoError(o, o.RemoveMemberLike(o.Context(), other), "that one is not there")
		o.Inject(simulator.Fault{On: "GET /lbaas/pools/{id}/members", Status: http.StatusForbidden})
		_, err = o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.ErrorContains(o, err, "list members of pool "+other.PoolID+": OpenStack API Forbidden")
		other.Port = 8081
		_, err = o.AddMember(o.Context(), other)
		require.NoError(o, err)
	})
}

func TestAddMemberToNoPool(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		nowhere := o.member("10.0.0.10")
		nowhere.PoolID = unknownID
		_, err := o.AddMember(o.Context(), nowhere)
		assert.True(o, openstack.IsNotFound(err))
		require.ErrorContains(o, err, "add member 10.0.0.10 to pool "+unknownID+": OpenStack API NotFound (Pool "+unknownID+" not found.)")
		require.NoError(o, o.RemoveMemberLike(o.Context(), nowhere), "a pool that is gone has no members")
	})
}

func TestRemoveMember(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.Fault
		fails bool
	}{
		"500":         {fault: simulator.Fault{Status: http.StatusInternalServerError}},
		"answer lost": {fault: simulator.Fault{Kind: simulator.LostAnswer}},
		"no answer":   {fault: simulator.Fault{Kind: simulator.Unanswered}},
		"busy":        {fault: simulator.Fault{Status: http.StatusConflict, Body: `{"faultcode": "Client", "faultstring": "Pool x is immutable and cannot be updated.", "debuginfo": null}`}},
		"refused":     {fault: simulator.Fault{Status: http.StatusForbidden}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(o octavia) {
				before := o.Inventory()
				id, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
				require.NoError(o, err)
				test.fault.On = removes
				o.Inject(test.fault)
				err = o.RemoveMember(o.Context(), o.member("").PoolID, id)
				if test.fails {
					require.ErrorContains(o, err, "remove member "+id+" from pool "+o.member("").PoolID+": OpenStack API Forbidden")
					return
				}
				require.NoError(o, err)
				assert.Empty(o, o.Inventory().Diff(before))
			})
		})
	}
}

// edited is a transport that edits the responses.
type edited struct {
	cloud http.RoundTripper
	from  *regexp.Regexp
	to    string
}

func (e edited) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := e.cloud.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(e.from.ReplaceAll(body, []byte(e.to))))
	return response, err
}

// Before Newton, pools do not contain their load balancers.
func TestPoolThatKnowsItsListenerOnly(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{WithoutLoadBalancer: true, Latencies: simulator.Latencies{LoadBalancerUpdate: 5 * time.Second}}, func(o octavia) {
		// That is the pool's list; in a listener, the list of load balancers
		// comes last.
		old := o.through(edited{o.Transport(), regexp.MustCompile(`("lb_algorithm":[^]]*"listeners":\[[^]]*\],)"loadbalancers":\[[^]]*\]`), `$1"loadbalancers":[]`})
		begun := time.Now()
		id, err := old.AddMember(o.Context(), o.member("10.0.0.10"))
		require.NoError(o, err)
		assert.GreaterOrEqual(o, time.Since(begun), 5*time.Second)
		require.NoError(o, old.RemoveMember(o.Context(), o.member("").PoolID, id))
		assert.Equal(o, 2, o.Calls("GET /lbaas/listeners/{id}"))

		alone := o.member("10.0.0.10")
		alone.PoolID = o.Fixtures().Pools["pool-2"]
		_, err = old.AddMember(o.Context(), alone)
		require.EqualError(o, err, "cannot determine the load balancer of pool '"+alone.PoolID+"': it has 0 load balancers and 0 listeners")

		o.Inject(simulator.Fault{On: "GET /lbaas/listeners/{id}", Status: http.StatusForbidden})
		_, err = old.AddMember(o.Context(), o.member("10.0.0.11"))
		require.ErrorContains(o, err, "get listener ")
		o.Waits(time.Minute)
		orphaned := o.through(edited{o.Transport(), regexp.MustCompile(`"loadbalancers":\[[^]]*\]`), `"loadbalancers":[]`})
		_, err = orphaned.AddMember(o.Context(), o.member("10.0.0.12"))
		require.EqualError(o, err, "cannot determine the load balancer of pool '"+o.member("").PoolID+"': its listener has 0")
	})
}

func TestLoadBalancerCannotBeAsked(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		o.Inject(simulator.Fault{On: "GET /lbaas/pools/{id}", Status: http.StatusForbidden})
		_, err := o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.ErrorContains(o, err, "get load balancer pool "+o.member("").PoolID+": OpenStack API Forbidden")
		o.Inject(simulator.Fault{On: "GET /lbaas/loadbalancers/{id}", Status: http.StatusForbidden})
		_, err = o.AddMember(o.Context(), o.member("10.0.0.10"))
		require.ErrorContains(o, err, "get load balancer ")
	})
}

func TestProjectMembers(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]simulator.Options{"Octavia": {}, "its predecessor": {WithoutLoadBalancer: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, options, func(o octavia) {
				want := []string{}
				for _, address := range []string{"10.0.0.10", "10.0.0.11", "10.0.0.12"} {
					member := o.member(address)
					id, err := o.AddMember(o.Context(), member)
					require.NoError(o, err)
					want = append(want, member.PoolID+"/"+id)
				}
				found, err := o.through(openstacktest.SmallPages{Cloud: o.Transport()}).ProjectMembers(o.Context())
				require.NoError(o, err)
				got := []string{}
				for _, member := range found {
					got = append(got, member.PoolID+"/"+member.ID)
				}
				assert.ElementsMatch(o, want, got)
				o.Inject(simulator.Fault{On: "GET /lbaas/pools/{id}/members", Status: http.StatusForbidden})
				_, err = o.ProjectMembers(o.Context())
				require.ErrorContains(o, err, "list members of pool ")
				o.Inject(simulator.Fault{On: "GET /lbaas/pools", Status: http.StatusNotFound})
				found, err = o.ProjectMembers(o.Context())
				if options.WithoutLoadBalancer {
					require.NoError(o, err, "Neutron without load balancers has no such route")
				} else {
					require.ErrorContains(o, err, "list load balancer pools of project ")
				}
				assert.Empty(o, found)
			})
		})
	}
}

func TestNoOctavia(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(o octavia) {
		ctx, none := o.Context(), loadbalancer.New(o.WithoutServices())
		for name, call := range map[string]func() error{
			"Pool":             func() error { _, err := none.Pool(ctx, "x"); return err },
			"ProjectMembers":   func() error { _, err := none.ProjectMembers(ctx); return err },
			"AddMember":        func() error { _, err := none.AddMember(ctx, loadbalancer.Member{}); return err },
			"RemoveMember":     func() error { return none.RemoveMember(ctx, "x", "y") },
			"RemoveMemberLike": func() error { return none.RemoveMemberLike(ctx, loadbalancer.Member{}) },
		} {
			require.ErrorContains(o, call(), `connect to Octavia: the service catalog has no public endpoint of the load-balancer service in region "nowhere"`, name)
		}
	})
}
