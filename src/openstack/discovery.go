package openstack

import (
	"context"
	"crypto/tls"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/utils"
)

// Versions returns the API versions that the service's root document lists, the
// newest first.
func Versions(ctx context.Context, client *gophercloud.ServiceClient) ([]utils.SupportedVersion, error) {
	root, err := utils.BaseEndpoint(client.Endpoint)
	if err != nil {
		return nil, err
	}
	versions, err := utils.GetServiceVersions(ctx, client.ProviderClient, root, true)
	return versions, Wrap(err, "read the versions of the %s service", client.Type)
}

// Connection returns the state of the TLS connection to Keystone, nil without
// TLS. Any answer but a web page is accepted.
func (s *Session) Connection(ctx context.Context) (*tls.ConnectionState, error) {
	version := "/v3"
	if s.cfg.IdentityV2 {
		version = "/v2.0"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.AuthURL+version, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, Wrap(err, "connect to %s", request.URL.Host)
	}
	return response.TLS, response.Body.Close()
}
