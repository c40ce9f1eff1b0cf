package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// groupSet is the groups of some VMs. The levels are not merged: those of a VM
// type replace those of its networks, which replace the configured ones.
type groupSet struct {
	place string
	names []string
}

// groupSets returns the configured groups, those of VM types and those of
// networks.
func (d *Doctor) groupSets() (sets []groupSet) {
	add := func(place string, names []string) {
		if names = closed(names...); len(names) > 0 {
			sets = append(sets, groupSet{place, names})
		}
	}
	add("openstack.default_security_groups", d.config.OpenStack.DefaultSecurityGroups)
	if len(sets) == 0 {
		sets = append(sets, groupSet{"group default, because openstack.default_security_groups is empty", []string{"default"}})
	}
	for _, wish := range d.vmWishes() {
		add(wish.place, wish.properties.SecurityGroups)
	}
	for _, wish := range d.subnetWishes() {
		add(wish.place, wish.properties.SecurityGroups)
	}
	return sets
}

// checkGroups looks for the security groups that are named, and at what they let
// pass.
func (d *Doctor) checkGroups(ctx context.Context, s *sheet) {
	known := map[string]groups.SecGroup{}
	for _, set := range d.groupSets() {
		complete := true
		for _, name := range set.names {
			if _, found := known[name]; found {
				continue
			}
			group, err := d.group(ctx, name)
			switch {
			case openstack.IsNotFound(err):
				s.bad(set.place, "create the group, or correct its name", "security group %s does not exist in this project", name)
			case openstack.StatusOf(err) == 0 && err != nil:
				s.bad(set.place, "name the group by its id", "%s", err)
			case err != nil:
				s.failed(set.place, err)
			default:
				known[name] = group
				continue
			}
			complete = false
		}
		if complete {
			d.checkRules(s, set, known)
		}
	}
}

// group returns the group with its rules.
func (d *Doctor) group(ctx context.Context, name string) (groups.SecGroup, error) {
	found, err := d.network.SecurityGroups(ctx, []string{name})
	if err != nil {
		return groups.SecGroup{}, err
	}
	return d.network.SecurityGroup(ctx, found[0].ID)
}

// checkRules looks at what the groups of some VMs let pass together: the agent
// connects to the director, VMs connect to each other, and people to the director.
func (d *Doctor) checkRules(s *sheet, set groupSet, known map[string]groups.SecGroup) {
	var all []rules.SecGroupRule
	ids := map[string]bool{}
	for _, name := range set.names {
		all, ids[known[name].ID] = append(all, known[name].Rules...), true
	}
	passes := func(accepts func(rules.SecGroupRule) bool) bool { return slices.ContainsFunc(all, accepts) }
	s.ok(set.place, "%s", describeGroups(set.names))
	if !passes(func(r rules.SecGroupRule) bool { return r.Direction == "egress" && isOpenRule(r) }) {
		s.warning(set.place, "allow all outgoing traffic, or at least to the director (TCP 4222, 25250), DNS, NTP and 169.254.169.254",
			"no rule allows all outgoing traffic: the agent may not reach the director and its settings")
	}
	if !passes(func(r rules.SecGroupRule) bool {
		return r.Direction == "ingress" && (ids[r.RemoteGroupID] && anyPort(r) || isOpenRule(r))
	}) {
		s.warning(set.place, "add a rule for all traffic with the group itself as the remote group",
			"no rule allows all traffic between the VMs of the groups")
	}
	for _, port := range []struct {
		number int
		what   string
	}{{22, "SSH"}, {6868, "the agent of the director's VM, which bosh create-env connects to"}} {
		switch open := passes(func(r rules.SecGroupRule) bool { return isFromOutside(r, ids) && reaches(r, port.number) }); {
		case open:
			s.ok(set.place, "TCP %d is open for %s", port.number, port.what)
		case len(d.wanted.Pools) > 0:
			s.warning(set.place, fmt.Sprintf("open TCP %d for the machine that runs bosh", port.number), "TCP %d is closed for %s", port.number, port.what)
		default:
			s.note(set.place, "TCP %d is closed for %s", port.number, port.what)
		}
	}
}

func describeGroups(names []string) string {
	if len(names) == 1 {
		return "security group " + names[0] + " exists"
	}
	return "security groups " + strings.Join(names, ", ") + " exist"
}

// isOpenRule reports whether the rule allows all IPv4 traffic from or to anywhere.
func isOpenRule(r rules.SecGroupRule) bool {
	return r.EtherType == "IPv4" && anyPort(r) && r.RemoteGroupID == "" && r.RemoteAddressGroupID == "" && (r.RemoteIPPrefix == "" || r.RemoteIPPrefix == "0.0.0.0/0")
}

func anyPort(r rules.SecGroupRule) bool {
	return (r.Protocol == "" || r.Protocol == "any") && r.PortRangeMin == 0 && r.PortRangeMax == 0
}

// isFromOutside reports whether the rule is for traffic from others than the VMs
// of the groups.
func isFromOutside(r rules.SecGroupRule, ids map[string]bool) bool {
	return r.Direction == "ingress" && r.EtherType == "IPv4" && !ids[r.RemoteGroupID]
}

// reaches reports whether the rule is for the TCP port.
func reaches(r rules.SecGroupRule, port int) bool {
	switch r.Protocol {
	case "", "any":
		return true
	case "tcp", "6":
		return r.PortRangeMin == 0 && r.PortRangeMax == 0 || r.PortRangeMin <= port && port <= r.PortRangeMax
	}
	return false
}
