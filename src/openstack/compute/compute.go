// Package compute makes the calls to Nova: servers, their volume attachments
// and metadata, flavors and key pairs.
//
// It uses microversion 2.1, which every Nova since Kilo implements identically.
// Only calls that need a later one request it.
package compute

import (
	"context"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is the Nova of one session.
type Service struct {
	session *openstack.Session
}

// New returns the Nova of the session. It sends no request.
func New(session *openstack.Session) *Service { return &Service{session} }

// Flavors returns the flavors that the project can use. Nova lists disabled
// ones to administrators only; they are left out for these, too.
func (s *Service) Flavors(ctx context.Context) ([]flavors.Flavor, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, flavors.ListDetail(client, nil), enabledFlavors)
	return all, openstack.Wrap(err, "list flavors")
}

// enabledFlavors returns the flavors of the page that are not disabled, a field
// that gophercloud's struct lacks.
func enabledFlavors(page pagination.Page) ([]flavors.Flavor, error) {
	all, err := flavors.ExtractFlavors(page)
	if err != nil {
		return nil, err
	}
	var disabled struct {
		Flavors []struct {
			Disabled bool `json:"OS-FLV-DISABLED:disabled"`
		} `json:"flavors"`
	}
	listing, ok := page.(flavors.FlavorPage)
	if !ok {
		return all, nil
	}
	if err := listing.ExtractInto(&disabled); err != nil {
		return nil, err
	}
	enabled := all[:0]
	for i, flavor := range all {
		if !disabled.Flavors[i].Disabled {
			enabled = append(enabled, flavor)
		}
	}
	return enabled, nil
}

// Flavor returns the flavor with the name, or else with the id, or a
// *openstack.MissingError.
func (s *Service) Flavor(ctx context.Context, nameOrID string) (flavors.Flavor, error) {
	all, err := s.Flavors(ctx)
	if err != nil {
		return flavors.Flavor{}, err
	}
	for _, matches := range []func(flavors.Flavor) bool{
		func(flavor flavors.Flavor) bool { return flavor.Name == nameOrID },
		func(flavor flavors.Flavor) bool { return flavor.ID == nameOrID },
	} {
		if i := slices.IndexFunc(all, matches); i >= 0 {
			return all[i], nil
		}
	}
	return flavors.Flavor{}, &openstack.MissingError{Kind: "Flavor", Name: nameOrID}
}

// KeyPair returns the key pair with the name, or a *openstack.MissingError. Key
// pairs belong to a user, not to a project.
func (s *Service) KeyPair(ctx context.Context, name string) (keypairs.KeyPair, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return keypairs.KeyPair{}, err
	}
	found, err := openstack.Value(keypairs.Get(ctx, client, url.PathEscape(name), nil).Extract())
	err = openstack.Wrap(err, "get key pair %s", name)
	if openstack.IsNotFound(err) {
		return found, &openstack.MissingError{Kind: "Key-pair", Name: name}
	}
	return found, err
}
