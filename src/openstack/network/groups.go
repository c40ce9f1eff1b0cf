package network

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// SecurityGroups returns the groups in the given order, each found by its name
// or, if no group has that name, by its id. A group of the session's project is
// preferred to a shared one. It fails with a *openstack.MissingError if a group
// does not exist, and with another error if several groups of the project have
// the name: a guess could open or close ports that the operator does not
// expect.
func (s *Service) SecurityGroups(ctx context.Context, namesOrIDs []string) ([]groups.SecGroup, error) {
	if len(namesOrIDs) == 0 {
		return nil, nil
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	project, err := s.session.ProjectID(ctx)
	if err != nil {
		return nil, err
	}
	known, err := listGroups(ctx, client, "name", namesOrIDs)
	if err != nil {
		return nil, err
	}
	unknown := slices.DeleteFunc(slices.Clone(namesOrIDs), func(wanted string) bool {
		return slices.ContainsFunc(known, func(group groups.SecGroup) bool { return group.Name == wanted })
	})
	if len(unknown) > 0 {
		byID, err := listGroups(ctx, client, "id", unknown)
		if err != nil {
			return nil, err
		}
		known = append(known, byID...)
	}
	slices.SortFunc(known, func(a, b groups.SecGroup) int { return strings.Compare(a.ID, b.ID) })
	known = slices.CompactFunc(known, func(a, b groups.SecGroup) bool { return a.ID == b.ID })
	chosen := make([]groups.SecGroup, len(namesOrIDs))
	for i, wanted := range namesOrIDs {
		if chosen[i], err = choose(known, wanted, project); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

// listGroups lists all the groups in one request. It requests only the fields
// that identify a group: the rules of some projects are megabytes.
func listGroups(ctx context.Context, client *gophercloud.ServiceClient, key string, values []string) ([]groups.SecGroup, error) {
	query := url.Values{key: slices.Compact(slices.Sorted(slices.Values(values))), "fields": {"id", "name", "project_id", "tenant_id"}}
	pages := list(client, "security-groups", query, func(base pagination.LinkedPageBase) pagination.Page {
		return groups.SecGroupPage{LinkedPageBase: base}
	})
	found, err := openstack.List(ctx, pages, groups.ExtractGroups)
	return found, openstack.Wrap(err, "list security groups by %s", key)
}

// choose returns the group that the name or id stands for.
func choose(known []groups.SecGroup, wanted, project string) (groups.SecGroup, error) {
	named := func(group groups.SecGroup) bool { return group.Name == wanted }
	own := func(group groups.SecGroup) bool { return group.ProjectID == project || group.TenantID == project }
	var ownNamed []groups.SecGroup
	for _, group := range known {
		if named(group) && own(group) {
			ownNamed = append(ownNamed, group)
		}
	}
	if len(ownNamed) == 1 {
		return ownNamed[0], nil
	}
	if len(ownNamed) > 1 {
		ids := make([]string, len(ownNamed))
		for i, group := range ownNamed {
			ids[i] = group.ID
		}
		return groups.SecGroup{}, fmt.Errorf("security group name %q is not unique, name one of the groups by its id: %s", wanted, strings.Join(ids, ", "))
	}
	if i := slices.IndexFunc(known, named); i >= 0 {
		return known[i], nil
	}
	if i := slices.IndexFunc(known, func(group groups.SecGroup) bool { return group.ID == wanted }); i >= 0 {
		return known[i], nil
	}
	return groups.SecGroup{}, &openstack.MissingError{Kind: "Security group", Name: wanted}
}
