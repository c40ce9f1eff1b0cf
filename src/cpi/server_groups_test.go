package cpi

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// operators is the name of a server group of the operator.
const operators = "operators"

// serverGroup creates a server group of the operator and returns its id.
func (e *env) serverGroup(name string) string {
	e.Helper()
	made, err := e.nova().CreateServerGroup(e.Context(), compute.ServerGroupOpts{Name: name, Policy: "anti-affinity"})
	require.NoError(e, err)
	return made.ID
}

func (e *env) nova() *compute.Service {
	e.Helper()
	_, session, _ := e.session()
	return compute.New(session)
}

// serverGroups returns the server groups by name.
func (e *env) serverGroups() map[string]servergroups.ServerGroup {
	e.Helper()
	all, err := e.nova().ServerGroups(e.Context())
	require.NoError(e, err)
	groups := map[string]servergroups.ServerGroup{}
	for _, group := range all {
		groups[group.Name] = group
	}
	require.Len(e, groups, len(all), "the names are not unique")
	return groups
}

// groupOfRouters is the name of the server group of the instance group of newVM.
func groupOfRouters(policy string) string {
	return "openstack-bosh-cpi director=" + directorUUID + " deployment=cf policy=" + policy + " group=d-cf-router"
}

// A VM is in the server group that its properties and the configuration ask for.
func TestServerGroupOfVM(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		standard, properties, env, group, policy string
	}{
		"none":                            {},
		"default":                         {standard: "soft-affinity", group: groupOfRouters("soft-affinity"), policy: "soft-affinity"},
		"default replaced":                {standard: "soft-affinity", properties: `"server_group":{"policy":"anti-affinity"}`, group: groupOfRouters("anti-affinity"), policy: "anti-affinity"},
		"default turned off":              {standard: "soft-affinity", properties: `"server_group":{"policy":"none"}`},
		"default and a hint":              {standard: "soft-affinity", properties: `"scheduler_hints":{"group":"operators"}`, group: operators, policy: "anti-affinity"},
		"default and another hint":        {standard: "soft-affinity", properties: `"scheduler_hints":{"any":"thing"}`, group: groupOfRouters("soft-affinity"), policy: "soft-affinity"},
		"default without a group":         {standard: "soft-affinity", env: `{"bosh":{}}`},
		"default of a compilation VM":     {standard: "soft-affinity", env: `{"bosh":{"group":"d-cf-compilation-1","groups":["d","cf","compilation-1"]}}`},
		"property":                        {properties: `"server_group":{"policy":"soft-anti-affinity"}`, group: groupOfRouters("soft-anti-affinity"), policy: "soft-anti-affinity"},
		"property with two VMs on a host": {properties: `"server_group":{"policy":"anti-affinity","max_server_per_host":2}`, group: groupOfRouters("anti-affinity:2"), policy: "anti-affinity"},
		"name":                            {properties: `"server_group":"operators"`, group: operators, policy: "anti-affinity"},
		"name in an object":               {properties: `"server_group":{"name":"operators"}`, group: operators, policy: "anti-affinity"},
		"id":                              {properties: `"server_group":"ID"`, group: operators, policy: "anti-affinity"},
		"id as hint":                      {properties: `"scheduler_hints":{"group":"ID"}`, group: operators, policy: "anti-affinity"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				id := e.serverGroup(operators)
				if test.standard != "" {
					e.overrides["default_server_group_policy"] = test.standard
				}
				properties := strings.Trim(`{"instance_type":"m1.small",`+strings.ReplaceAll(test.properties, "ID", id), ",") + "}"
				args := e.newVM(e.manual("10.0.0.10"), properties)
				if test.env != "" {
					args.Env = []byte(test.env)
				}
				before := e.cloud.Inventory()
				created, err := e.cpi().CreateVM(e.Context(), args)
				require.NoError(e, err)
				for name, group := range e.serverGroups() {
					want := []string{}
					if name == test.group {
						want = []string{string(created.CID)}
						assert.Equal(e, []string{test.policy}, group.Policies)
					}
					assert.Equal(e, want, group.Members, name)
				}
				assert.Equal(e, test.group != "", e.cloud.Inventory()["server "+string(created.CID)].Fields["server group"] != "")

				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Leaks(before))
				assert.Contains(e, e.serverGroups(), operators)
			})
		})
	}
}

// What cannot be done is refused before anything is created.
func TestRefusedServerGroups(t *testing.T) {
	t.Parallel()
	for properties, text := range map[string]string{
		`"server_group":{}`: "cloud_properties.server_group has neither a name nor a policy",
		`"server_group":{"name":"a","policy":"affinity"}`:                            "cloud_properties.server_group has a name and a policy: the policy is for server groups that the CPI creates",
		`"server_group":{"policy":"apart"}`:                                          "cloud_properties.server_group.policy is 'apart', which must be one of affinity, anti-affinity, soft-affinity, soft-anti-affinity, none",
		`"server_group":{"policy":"affinity","max_server_per_host":2}`:               "cloud_properties.server_group.max_server_per_host is 2, which must be a positive number with the policy anti-affinity",
		`"server_group":"a","scheduler_hints":{"group":"b"}`:                         "cloud_properties.server_group and cloud_properties.scheduler_hints.group are both set: remove one",
		`"server_group":"missing"`:                                                   "Server group `missing' not found (cloud_properties.server_group); `openstack server group list` shows them",
		`"scheduler_hints":{"group":"missing"}`:                                      "Server group `missing' not found (cloud_properties.server_group); `openstack server group list` shows them",
		`"server_group":"twin"`:                                                      "2 server groups have the name 'twin' (cloud_properties.server_group): give the id of one of them",
		`"server_group":5`:                                                           "cloud_properties.server_group must not be a number",
		`"server_group":{"policy":5}`:                                                "cloud_properties.server_group.policy must not be a number",
		`"server_group":{"policies":["affinity"],"policy":"affinity"}`:               "cloud_properties.server_group.policies is unknown (openstack.strict_cloud_properties is true)",
		`"server_group":{"policy":"affinity"},"availability_zone":"nowhere","ENV":1`: "cloud_properties.ENV is unknown (openstack.strict_cloud_properties is true)",
		`"server_group":{"policy":"anti-affinity"},"instance_type":"no-such-flavor"`: "Flavor `no-such-flavor' not found",
	} {
		t.Run(properties, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["strict_cloud_properties"] = true
				e.serverGroup("twin")
				e.serverGroup("twin")
				before := e.cloud.Inventory()
				_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small",`+properties+`}`))
				require.Error(e, err)
				assert.True(e, strings.HasPrefix(err.Error(), text), err.Error())
				assert.Empty(e, e.cloud.Inventory().Diff(before))
				assert.Zero(e, e.calls("POST /ports"))
			})
		})
	}
	inCloud(t, simulator.Options{}, func(e *env) {
		args := e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","server_group":{"policy":"affinity"}}`)
		args.Env = []byte(`{"bosh":{}}`)
		_, err := e.cpi().CreateVM(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.CPIError), "cloud_properties.server_group.policy needs env.bosh.group")
	})
}

// Without quota, a VM with a soft policy is created without a server group, and
// one with a hard policy is refused.
func TestServerGroupQuotas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ quota, policy, refused string }{
		"groups, soft":  {"server_groups", "soft-anti-affinity", ""},
		"members, soft": {"server_group_members", "soft-anti-affinity", ""},
		"groups, hard": {
			"server_groups", "anti-affinity", "the policy anti-affinity needs a server group; with soft-anti-affinity the VM would be created without one: create server group " +
				groupOfRouters("anti-affinity") + ": OpenStack API Forbidden (Quota exceeded, too many server groups.)",
		},
		"members, hard": {
			"server_group_members", "affinity", "the policy affinity needs a server group; with soft-affinity the VM would be created without one: create server vm-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.cloud.SetQuota(test.quota, 0)
				e.overrides["default_server_group_policy"] = test.policy
				before := e.cloud.Inventory()
				created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
				if test.refused != "" {
					assert.Contains(e, e.requireKind(err, bosh.CloudError), test.refused)
					assert.Empty(e, e.cloud.Inventory().Diff(before))
					return
				}
				require.NoError(e, err)
				assert.Contains(e, e.log.String(), "the VM is created without a server group because the quota is used up")
				server := e.cloud.Inventory()["server "+string(created.CID)].Fields
				assert.Empty(e, server["server group"])
				assert.Empty(e, server["metadata.server_group"])
			})
		})
	}
}

// Processes that create the first VMs of an instance group at the same time make
// one server group.
func TestOneServerGroupForManyVMs(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["default_server_group_policy"] = "soft-anti-affinity"
		before := e.cloud.Inventory()
		var creating sync.WaitGroup
		vms := make([]bosh.VMCID, 20)
		for i := range vms {
			c, args := e.cpi(), e.newVM(e.manual(fmt.Sprintf("10.0.0.%d", 20+i)), `{"instance_type":"m1.tiny"}`)
			args.AgentID = fmt.Sprint("agent-", i)
			creating.Go(func() {
				created, err := c.CreateVM(e.Context(), args)
				assert.NoError(e, err)
				vms[i] = created.CID
			})
		}
		creating.Wait()
		assert.Len(e, e.serverGroups()[groupOfRouters("soft-anti-affinity")].Members, len(vms))

		var deleting sync.WaitGroup
		for _, vm := range vms {
			c := e.cpi()
			deleting.Go(func() {
				_, err := c.DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
				assert.NoError(e, err)
			})
		}
		deleting.Wait()
		assert.Empty(e, e.cloud.Leaks(before))
	})
}

// beforeServers calls act before it requests a server.
type beforeServers struct {
	cloud http.RoundTripper
	act   func()
}

func (b beforeServers) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/servers") {
		b.act()
	}
	return b.cloud.RoundTrip(request)
}

// A server group that another process deletes is created again, and a VM that has
// lost its server group is not delivered.
func TestDeletedServerGroup(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["default_server_group_policy"] = "anti-affinity"
		e.vm("10.0.0.10")
		group := e.serverGroups()[groupOfRouters("anti-affinity")].ID
		e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
			return beforeServers{cloud, sync.OnceFunc(func() {
				e.wrapTransport = nil
				require.NoError(e, e.nova().DeleteServerGroup(e.Context(), group))
			})}
		}
		e.vm("10.0.0.11")
		made := e.serverGroups()[groupOfRouters("anti-affinity")]
		assert.NotEqual(e, group, made.ID)
		assert.Len(e, made.Members, 1)

		before := e.cloud.Inventory()
		e.cloud.Inject(simulator.Fault{On: "GET /os-server-groups/{id}", Status: http.StatusNotFound})
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.12"), `{"instance_type":"m1.small","server_group":{"policy":"soft-affinity"}}`))
		text := e.requireKind(err, bosh.VMCreationFailed)
		assert.Contains(e, text, "is not in server group")
		assert.True(e, bosh.AsError(err).OKToRetry)
		assert.Empty(e, e.cloud.Leaks(before))
	})
}

// A delete_vm that could not delete the server group is repeated by the director.
func TestDeleteVMDeletesLostServerGroups(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["default_server_group_policy"] = "anti-affinity"
		before := e.cloud.Inventory()
		vm := e.vm("10.0.0.10")
		e.cloud.Inject(simulator.Fault{On: "DELETE /os-server-groups/{id}", Status: http.StatusForbidden})
		_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
		require.ErrorContains(e, err, "Removing server group: delete server group ")
		e.cloud.ClearFaults()
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm})
		require.NoError(e, err)
		assert.Empty(e, e.cloud.Leaks(before))
	})
}
