// Package compute is what the CPI needs of Nova: servers, their volume attachments and metadata, flavors, key pairs.
//
// Calls are made with microversion 2.1, which every Nova since Kilo answers the same way; a call that needs a later one
// asks for it alone.
package compute

import (
	"context"
	"fmt"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/keypairs"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is Nova, as seen by one session.
type Service struct {
	session *openstack.Session
}

// New returns the session's Nova. Nothing is asked of the cloud yet.
func New(session *openstack.Session) *Service { return &Service{session} }

func (s *Service) client(ctx context.Context) (*gophercloud.ServiceClient, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return nil, fmt.Errorf("reach Nova: %w", err)
	}
	return client, nil
}

// Flavors returns the flavors that the project can make servers of. Nova hides disabled ones from all but
// administrators; they are left out for these as well.
func (s *Service) Flavors(ctx context.Context) ([]flavors.Flavor, error) {
	client, err := s.client(ctx)
	if err != nil {
		return nil, err
	}
	all, err := openstack.List(ctx, flavors.ListDetail(client, nil), enabledFlavors)
	return all, openstack.Wrap(err, "list flavors")
}

// enabledFlavors reads what gophercloud's struct leaves out.
func enabledFlavors(page pagination.Page) ([]flavors.Flavor, error) {
	all, err := flavors.ExtractFlavors(page)
	if err != nil {
		return nil, err
	}
	var states struct {
		Flavors []struct {
			Disabled bool `json:"OS-FLV-DISABLED:disabled"`
		} `json:"flavors"`
	}
	listing, ok := page.(flavors.FlavorPage)
	if !ok {
		return all, nil
	}
	if err := listing.ExtractInto(&states); err != nil {
		return nil, err
	}
	enabled := all[:0]
	for i, flavor := range all {
		if !states.Flavors[i].Disabled {
			enabled = append(enabled, flavor)
		}
	}
	return enabled, nil
}

// FlavorByName returns the flavor with exactly the name; a *openstack.MissingError if there is none.
func (s *Service) FlavorByName(ctx context.Context, name string) (flavors.Flavor, error) {
	all, err := s.Flavors(ctx)
	if err != nil {
		return flavors.Flavor{}, err
	}
	for _, flavor := range all {
		if flavor.Name == name {
			return flavor, nil
		}
	}
	return flavors.Flavor{}, &openstack.MissingError{Kind: "Flavor", Name: name}
}

// KeyPair returns the user's key pair of that name; a *openstack.MissingError if there is none. Key pairs belong to a
// user, not to a project.
func (s *Service) KeyPair(ctx context.Context, name string) (keypairs.KeyPair, error) {
	client, err := s.client(ctx)
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
