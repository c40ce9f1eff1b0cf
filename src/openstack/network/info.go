package network

import (
	"context"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/quotas"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Quotas returns the project's quotas of Neutron, and how much of them is used. A
// negative quota is unlimited. It needs the extension quota_details (Pike).
func (s *Service) Quotas(ctx context.Context) (quotas.QuotaDetailSet, error) {
	project, err := s.session.ProjectID(ctx)
	if err != nil {
		return quotas.QuotaDetailSet{}, err
	}
	client, err := s.session.Network(ctx)
	if err != nil {
		return quotas.QuotaDetailSet{}, err
	}
	found, err := quotas.GetDetail(ctx, client, project).Extract()
	if err == nil && found == nil {
		err = &openstack.MissingError{Kind: "Object", Name: "quota"}
	}
	if err != nil {
		return quotas.QuotaDetailSet{}, openstack.Wrap(err, "get the quotas of Neutron")
	}
	return *found, nil
}

// Extensions returns the aliases of Neutron's extensions.
func (s *Service) Extensions(ctx context.Context) ([]string, error) {
	client, err := s.session.Network(ctx)
	if err != nil {
		return nil, err
	}
	var body struct {
		Extensions []struct {
			Alias string `json:"alias"`
		} `json:"extensions"`
	}
	response, err := client.Get(ctx, client.ServiceURL("extensions"), &body, nil) //nolint:bodyclose // gophercloud has read and closed it
	if _, _, err = gophercloud.ParseResponse(response, err); err != nil {
		return nil, openstack.Wrap(err, "list the extensions of Neutron")
	}
	aliases := make([]string, 0, len(body.Extensions))
	for _, extension := range body.Extensions {
		aliases = append(aliases, extension.Alias)
	}
	return aliases, nil
}
