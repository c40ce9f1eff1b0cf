package network

import (
	"context"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/qos/policies"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Subnets returns the subnets of networks. It sends no request if there is none.
func (s *Service) Subnets(ctx context.Context, networkIDs []string) ([]subnets.Subnet, error) {
	if len(networkIDs) == 0 {
		return nil, nil
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	pages := list(client, "subnets", url.Values{"network_id": networkIDs}, func(base pagination.LinkedPageBase) pagination.Page {
		return subnets.SubnetPage{LinkedPageBase: base}
	})
	found, err := openstack.List(ctx, pages, subnets.ExtractSubnets)
	return found, openstack.Wrap(err, "list subnets of networks %v", networkIDs)
}

// QoSPolicies returns the ids of QoS policies by the given names or ids. It fails
// with a *openstack.MissingError if a policy does not exist. It sends no request if
// there is none.
func (s *Service) QoSPolicies(ctx context.Context, namesOrIDs []string) (map[string]string, error) {
	if len(namesOrIDs) == 0 {
		return nil, nil
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, key := range []string{"name", "id"} {
		pages := list(client, "qos/policies", url.Values{key: namesOrIDs}, func(base pagination.LinkedPageBase) pagination.Page {
			return policies.PolicyPage{LinkedPageBase: base}
		})
		found, err := openstack.List(ctx, pages, policies.ExtractPolicies)
		if err != nil {
			return nil, openstack.Wrap(err, "list QoS policies by %s", key)
		}
		for _, policy := range found {
			value := policy.Name
			if key == "id" {
				value = policy.ID
			}
			if _, known := ids[value]; !known {
				ids[value] = policy.ID
			}
		}
		if len(missing(namesOrIDs, ids)) == 0 {
			return ids, nil
		}
	}
	return nil, &openstack.MissingError{Kind: "QoS policy", Name: missing(namesOrIDs, ids)[0]}
}

// missing returns the names that have no id.
func missing(names []string, ids map[string]string) (missing []string) {
	for _, name := range names {
		if ids[name] == "" {
			missing = append(missing, name)
		}
	}
	return missing
}

// list returns the pages of a list. Unlike gophercloud's, the query can have
// several values of one key.
func list(client *gophercloud.ServiceClient, path string, query url.Values, page func(pagination.LinkedPageBase) pagination.Page) pagination.Pager {
	return pagination.NewPager(client, client.ServiceURL(path)+"?"+query.Encode(), func(r pagination.PageResult) pagination.Page {
		return page(pagination.LinkedPageBase{PageResult: r})
	})
}
