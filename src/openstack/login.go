package openstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	client "github.com/gophercloud/gophercloud/v2/openstack"
	tokens2 "github.com/gophercloud/gophercloud/v2/openstack/identity/v2/tokens"
	tokens3 "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// login is what Keystone answered.
type login struct {
	provider  *gophercloud.ProviderClient
	catalog   []endpoint
	projectID string
	expires   time.Time
}

// newLogin gets a token and with it the catalog, in one request. gophercloud renews the token when a service refuses it.
func (s *Session) newLogin(ctx context.Context) (*login, error) {
	provider, err := client.NewClient(s.cfg.AuthURL)
	if err != nil {
		return nil, fmt.Errorf("openstack.auth_url: %w", err)
	}
	provider.HTTPClient = *s.http
	var made *login
	if s.cfg.IdentityV2 {
		made, err = s.loginV2(ctx, provider)
	} else {
		made, err = s.loginV3(ctx, provider)
	}
	if err != nil {
		return nil, s.explain(err)
	}
	return made, nil
}

func (s *Session) loginV3(ctx context.Context, provider *gophercloud.ProviderClient) (*login, error) {
	err := client.AuthenticateV3(ctx, provider, s.credentials(), gophercloud.EndpointOpts{})
	if err != nil {
		return nil, err
	}
	answer, ok := provider.GetAuthResult().(tokens3.CreateResult)
	if !ok {
		return nil, errors.New("the answer to the token request is missing")
	}
	token, err := answer.ExtractToken()
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	catalog, err := answer.ExtractServiceCatalog()
	if err != nil {
		return nil, fmt.Errorf("read the service catalog: %w", err)
	}
	project, err := answer.ExtractProject()
	if err != nil {
		return nil, fmt.Errorf("read the token's project: %w", err)
	}
	made := &login{provider: provider, catalog: catalogV3(catalog), expires: token.ExpiresAt}
	if project != nil {
		made.projectID = project.ID
	}
	return made, nil
}

// credentials are a user with a project to work in, or an application credential, which belongs to a project already.
// Where no domain is named, it is the one every Keystone has.
func (s *Session) credentials() *tokens3.AuthOptions {
	if s.cfg.ApplicationCredentialID != "" {
		return &tokens3.AuthOptions{
			ApplicationCredentialID:     s.cfg.ApplicationCredentialID,
			ApplicationCredentialSecret: s.cfg.ApplicationCredentialSecret.Reveal(),
			AllowReauth:                 true,
		}
	}
	opts := &tokens3.AuthOptions{Username: s.cfg.Username, Password: s.cfg.APIKey.Reveal(), AllowReauth: true}
	opts.DomainName, opts.DomainID = domain(s.cfg.UserDomainName, s.cfg.Domain)
	if s.cfg.ProjectID != "" {
		opts.Scope.ProjectID = s.cfg.ProjectID
		return opts
	}
	opts.Scope.ProjectName = s.cfg.Project
	opts.Scope.DomainName, opts.Scope.DomainID = domain(s.cfg.ProjectDomainName, s.cfg.Domain)
	return opts
}

func domain(special, general string) (name, id string) {
	switch {
	case special != "":
		return special, ""
	case general != "":
		return general, ""
	}
	return "", "default"
}

func (s *Session) loginV2(ctx context.Context, provider *gophercloud.ProviderClient) (*login, error) {
	opts := tokens2.AuthOptions{
		Username: s.cfg.Username, Password: s.cfg.APIKey.Reveal(), TenantName: s.cfg.Tenant, AllowReauth: true,
	}
	if err := client.AuthenticateV2(ctx, provider, opts, gophercloud.EndpointOpts{}); err != nil {
		return nil, err
	}
	answer, ok := provider.GetAuthResult().(tokens2.CreateResult)
	if !ok {
		return nil, errors.New("the answer to the token request is missing")
	}
	token, err := answer.ExtractToken()
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	catalog, err := answer.ExtractServiceCatalog()
	if err != nil {
		return nil, fmt.Errorf("read the service catalog: %w", err)
	}
	return &login{provider: provider, catalog: catalogV2(catalog), projectID: token.Tenant.ID, expires: token.ExpiresAt}, nil
}

// explain adds to a failed authentication what the configuration has to do with it.
func (s *Session) explain(err error) error {
	wrapped := Wrap(err, "authenticate as %s at %s", s.who(), s.cfg.AuthURL)
	failed, found := errors.AsType[*APIError](wrapped)
	switch {
	case !found:
		return wrapped
	case failed.Status == 0:
		return fmt.Errorf("Unable to connect to the OpenStack Keystone API %s: %w", s.cfg.AuthURL, wrapped) //nolint:staticcheck // operators know the words
	case failed.Status == http.StatusNotFound && failed.genuine:
		failed.Hint = checkCredentials // no such application credential
	case failed.Status == http.StatusNotFound, failed.Status < http.StatusBadRequest && failed.Hint == "":
		failed.Hint = "openstack.auth_url is not the URL of a Keystone"
	}
	return wrapped
}

func (s *Session) who() string {
	if s.cfg.ApplicationCredentialID != "" {
		return "application credential " + s.cfg.ApplicationCredentialID
	}
	return fmt.Sprintf("user %q", s.cfg.Username)
}
