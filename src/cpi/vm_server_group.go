package cpi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
)

// serverGroup is the server group of a VM: one of the operator, or one that the
// CPI creates for the instance group.
type serverGroup struct {
	// Name is the name or UUID of an existing server group. The property can be
	// this name itself, instead of an object.
	Name string `json:"name"`
	// Policy is affinity, anti-affinity, soft-affinity or soft-anti-affinity, for
	// a server group that the CPI creates for the VMs of an instance group. With
	// none, the VM is in no server group. Default:
	// openstack.default_server_group_policy.
	Policy string `json:"policy"`
	// MaxServerPerHost is the number of VMs that the policy anti-affinity allows
	// on a host. Default: 1. Since: Nova 2.64 (Rocky).
	MaxServerPerHost int `json:"max_server_per_host"`
}

// UnmarshalJSON reads a name, or an object.
func (g *serverGroup) UnmarshalJSON(data []byte) error {
	if jsonkind.Of(data) == jsonkind.String {
		return json.Unmarshal(data, &g.Name)
	}
	type fields serverGroup // without UnmarshalJSON, which would recurse
	return json.Unmarshal(data, (*fields)(g))
}

// noPolicy is the policy of a VM without a server group.
const noPolicy = "none"

func (g serverGroup) check() error {
	policies := []string{"affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity", noPolicy}
	switch {
	case g.Name == "" && g.Policy == "":
		return bosh.Errorf(bosh.CPIError, "cloud_properties.server_group has neither a name nor a policy")
	case g.Name != "" && g.Policy != "":
		return bosh.Errorf(bosh.CPIError, "cloud_properties.server_group has a name and a policy: the policy is for server groups that the CPI creates")
	case g.Policy != "" && !slices.Contains(policies, g.Policy):
		return bosh.Errorf(bosh.CPIError, "cloud_properties.server_group.policy is '%s', which must be one of %s", g.Policy, strings.Join(policies, ", "))
	case g.MaxServerPerHost < 0 || g.MaxServerPerHost != 0 && g.Policy != "anti-affinity":
		return bosh.Errorf(bosh.CPIError, "cloud_properties.server_group.max_server_per_host is %d, which must be a positive number with the policy anti-affinity", g.MaxServerPerHost)
	}
	return nil
}

// plannedGroup is the server group that a VM will be in.
type plannedGroup struct {
	// id is empty if the VM is in no server group, or in one that does not exist
	// yet or whose creation may not have ended.
	id string
	// create is nil for a server group of the operator.
	create *compute.ServerGroupOpts
}

// soft reports whether the VM may also be created without the server group.
func (g plannedGroup) soft() bool {
	return g.create != nil && strings.HasPrefix(g.create.Policy, "soft-")
}

// groupQuery names the server group of a VM: one of the operator by its name or
// id, or the one that the CPI creates for the instance group, or neither.
type groupQuery struct {
	nameOrID string
	create   *compute.ServerGroupOpts
}

// wantedGroup returns the server group that the properties and the configuration
// ask for.
func (c *CPI) wantedGroup(properties vmProperties, env vmEnv) (query groupQuery, err error) {
	hint, hinted := properties.SchedulerHints["group"]
	own, standard := properties.ServerGroup, c.config.OpenStack.DefaultServerGroupPolicy
	switch {
	case own != nil && hinted:
		return query, bosh.Errorf(bosh.CPIError, "cloud_properties.server_group and cloud_properties.scheduler_hints.group are both set: remove one")
	case hinted:
		query.nameOrID, _ = hint.(string)
	case own != nil:
		if err := own.check(); err != nil {
			return query, err
		}
		if own.Policy != "" && own.Policy != noPolicy && env.BOSH.Group == "" {
			return query, bosh.Errorf(bosh.CPIError, "cloud_properties.server_group.policy needs env.bosh.group, which the director sends for the VMs of an instance group: name a server group instead")
		}
		query.nameOrID = own.Name
		if own.Policy != "" && own.Policy != noPolicy {
			query.create = c.groupOf(env, own.Policy, own.MaxServerPerHost)
		}
	case standard != "" && env.BOSH.Group != "" && !env.isCompilation():
		query.create = c.groupOf(env, standard, 0)
	}
	return query, nil
}

// groupOf returns the server group of the instance group. VMs with another policy
// are in another server group.
func (c *CPI) groupOf(env vmEnv, policy string, maxServerPerHost int) *compute.ServerGroupOpts {
	word := policy
	if maxServerPerHost > 0 {
		word += fmt.Sprintf(":%d", maxServerPerHost)
	}
	return &compute.ServerGroupOpts{
		Name: c.vmOwner("", env).ServerGroupName(env.BOSH.Group, word), Policy: policy, MaxServerPerHost: maxServerPerHost,
	}
}

// lookUpServerGroup returns the server group of a VM. One of the operator that is
// given by its id is not looked up: Nova does so.
func (c *CPI) lookUpServerGroup(ctx context.Context, query groupQuery) (group plannedGroup, err error) {
	group = plannedGroup{id: query.nameOrID, create: query.create}
	name := query.nameOrID
	switch {
	case query.create != nil:
		name = query.create.Name
	case name == "" || uuid.MatchString(name):
		return group, nil
	}
	found, err := c.compute.ServerGroupsNamed(ctx, name)
	if err != nil {
		return group, err
	}
	if query.create != nil {
		if chosen, ok := chooseGroup(found); ok && len(chosen.Members) > 0 {
			group.id = chosen.ID
		}
		return group, nil
	}
	switch len(found) {
	case 0:
		return group, bosh.Errorf(bosh.CloudError, "%w (cloud_properties.server_group); `openstack server group list` shows them",
			&openstack.MissingError{Kind: "Server group", Name: name})
	case 1:
		group.id = found[0].ID
		return group, nil
	}
	return group, bosh.Errorf(bosh.CloudError, "%d server groups have the name '%s' (cloud_properties.server_group): give the id of one of them", len(found), name)
}

// chooseGroup returns one of several server groups of one name, the same one for
// all processes that see the same ones: that with members, or else with the
// lowest id.
func chooseGroup(groups []servergroups.ServerGroup) (chosen servergroups.ServerGroup, found bool) {
	for _, group := range groups {
		better := len(group.Members) > 0 && len(chosen.Members) == 0
		if same := (len(group.Members) > 0) == (len(chosen.Members) > 0); !found || better || same && group.ID < chosen.ID {
			chosen, found = group, true
		}
	}
	return chosen, found
}
