package network

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// named is the part of an object that names it.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// QoSPolicies returns the ids of QoS policies by their names or ids. It fails with
// a *openstack.MissingError if a policy does not exist. It sends no request if
// there is none.
func (s *Service) QoSPolicies(ctx context.Context, namesOrIDs []string) (map[string]string, error) {
	return s.ids(ctx, "QoS policy", "qos/policies", "policies", namesOrIDs)
}

// id is ids for one object.
func (s *Service) id(ctx context.Context, kind, path, collection, nameOrID string) (string, error) {
	found, err := s.ids(ctx, kind, path, collection, []string{nameOrID})
	return found[nameOrID], err
}

// ids returns the ids of objects by their names or, if no object has the name, by
// their ids. It requests only the fields that identify them.
func (s *Service) ids(ctx context.Context, kind, path, collection string, namesOrIDs []string) (map[string]string, error) {
	ids := map[string]string{}
	if len(namesOrIDs) == 0 {
		return ids, nil
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	unknown := namesOrIDs
	for _, key := range []string{"name", "id"} {
		found, err := listNamed(ctx, client, path, collection, key, unknown)
		if err != nil {
			return nil, openstack.Wrap(err, "list %s by %s", path, key)
		}
		for _, wanted := range unknown {
			if ids[wanted], err = idOf(kind, wanted, key, found); err != nil {
				return nil, err
			}
		}
		unknown = slices.DeleteFunc(slices.Clone(unknown), func(wanted string) bool { return ids[wanted] != "" })
		if len(unknown) == 0 {
			return ids, nil
		}
	}
	return nil, &openstack.MissingError{Kind: kind, Name: unknown[0]}
}

// idOf returns the id of the object with the name or id, "" if there is none. It
// fails if several have the name.
func idOf(kind, wanted, key string, found []named) (string, error) {
	var ids []string
	for _, object := range found {
		if key == "name" && object.Name == wanted || key == "id" && object.ID == wanted {
			ids = append(ids, object.ID)
		}
	}
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("%s name %q is not unique, name one of them by its id: %v", kind, wanted, ids)
}

// listNamed requests the field shared, too. Without it, Neutron 2025.1 omits QoS
// policies that another project shares (neutron/conf/policies/qos.py).
func listNamed(ctx context.Context, client *gophercloud.ServiceClient, path, collection, key string, values []string) ([]named, error) {
	query := url.Values{key: slices.Compact(slices.Sorted(slices.Values(values))), "fields": {"id", "name", "shared"}}
	pages := list(client, path, query, func(base pagination.LinkedPageBase) pagination.Page {
		return namedPage{base, collection}
	})
	return openstack.List(ctx, pages, func(page pagination.Page) (found []named, err error) {
		if list, ok := page.(namedPage); ok {
			err = list.ExtractIntoSlicePtr(&found, collection)
		}
		return found, err
	})
}

// namedPage is a page of a list of any objects.
type namedPage struct {
	pagination.LinkedPageBase

	collection string
}

// NextPageURL implements pagination.Page.
func (p namedPage) NextPageURL() (string, error) {
	var body map[string]json.RawMessage
	if err := p.ExtractInto(&body); err != nil {
		return "", err
	}
	var links []gophercloud.Link
	if text := body[p.collection+"_links"]; len(text) > 0 {
		if err := json.Unmarshal(text, &links); err != nil {
			return "", err
		}
	}
	return gophercloud.ExtractNextURL(links)
}

// IsEmpty implements pagination.Page.
func (p namedPage) IsEmpty() (bool, error) {
	var found []named
	err := p.ExtractIntoSlicePtr(&found, p.collection)
	return len(found) == 0, err
}

// list returns the pages of a list. Unlike gophercloud's, the query can have
// several values of one key.
func list(client *gophercloud.ServiceClient, path string, query url.Values, page func(pagination.LinkedPageBase) pagination.Page) pagination.Pager {
	return pagination.NewPager(client, client.ServiceURL(path)+"?"+query.Encode(), func(r pagination.PageResult) pagination.Page {
		return page(pagination.LinkedPageBase{PageResult: r})
	})
}
