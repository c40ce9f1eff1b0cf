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

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// login is the result of an authentication.
type login struct {
	provider  *gophercloud.ProviderClient
	catalog   []endpoint
	projectID string
	made      time.Time
	expires   time.Time // by the clock of this machine
	cached    bool      // made by another process: everything in it may be out of date
}

// newLogin requests a token, which comes with the service catalog. Its errors
// are those of the HTTP client.
func (s *Session) newLogin(ctx context.Context) (*login, error) {
	provider, err := client.NewClient(s.cfg.AuthURL)
	if err != nil {
		return nil, fmt.Errorf("openstack.auth_url: %w", err)
	}
	provider.HTTPClient = *s.http
	if s.cfg.IdentityV2 {
		return s.loginV2(ctx, provider)
	}
	return s.loginV3(ctx, provider)
}

func (s *Session) loginV3(ctx context.Context, provider *gophercloud.ProviderClient) (*login, error) {
	begun := time.Now()
	err := client.AuthenticateV3(ctx, provider, s.credentials(), gophercloud.EndpointOpts{})
	if err != nil {
		return nil, err
	}
	result, ok := provider.GetAuthResult().(tokens3.CreateResult)
	if !ok {
		return nil, errors.New("no token in the response of Keystone")
	}
	token, err := result.ExtractToken()
	if err == nil && (token.ID == "" || token.ExpiresAt.IsZero()) {
		err = &unusableError{problem: "the response of Keystone does not contain a token"}
	}
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	catalog, err := result.ExtractServiceCatalog()
	if err != nil {
		return nil, fmt.Errorf("read the service catalog: %w", err)
	}
	project, err := result.ExtractProject()
	if err != nil {
		return nil, fmt.Errorf("read the token's project: %w", err)
	}
	var issued struct {
		At time.Time `json:"issued_at"`
	}
	if result.ExtractIntoStructPtr(&issued, "token") != nil {
		issued.At = time.Time{}
	}
	login := &login{provider: provider, catalog: catalogV3(catalog), made: begun, expires: expiry(begun, issued.At, token.ExpiresAt)}
	if project != nil {
		login.projectID = project.ID
	}
	return login, nil
}

// credentials returns a user with a project, or an application credential,
// which always belongs to one project. The default domain is the one that every
// Keystone has.
func (s *Session) credentials() *tokens3.AuthOptions {
	if s.cfg.ApplicationCredentialID != "" {
		return &tokens3.AuthOptions{
			ApplicationCredentialID:     s.cfg.ApplicationCredentialID,
			ApplicationCredentialSecret: s.cfg.ApplicationCredentialSecret.Reveal(),
		}
	}
	opts := &tokens3.AuthOptions{Username: s.cfg.Username, Password: s.cfg.APIKey.Reveal()}
	opts.DomainName, opts.DomainID = domain(s.cfg.UserDomainName, s.cfg.Domain)
	if s.cfg.ProjectID != "" {
		opts.Scope.ProjectID = s.cfg.ProjectID
		return opts
	}
	opts.Scope.ProjectName = s.cfg.Project
	opts.Scope.DomainName, opts.Scope.DomainID = domain(s.cfg.ProjectDomainName, s.cfg.Domain)
	return opts
}

// domain returns the configured domain name, or the id of the default domain.
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
		Username: s.cfg.Username, Password: s.cfg.APIKey.Reveal(), TenantName: s.cfg.Tenant,
	}
	begun := time.Now()
	if err := client.AuthenticateV2(ctx, provider, opts, gophercloud.EndpointOpts{}); err != nil {
		return nil, err
	}
	result, ok := provider.GetAuthResult().(tokens2.CreateResult)
	if !ok {
		return nil, errors.New("no token in the response of Keystone")
	}
	token, err := result.ExtractToken()
	if err == nil && (token.ID == "" || token.ExpiresAt.IsZero()) {
		err = &unusableError{problem: "the response of Keystone does not contain a token"}
	}
	if err != nil {
		return nil, fmt.Errorf("read the token: %w", err)
	}
	catalog, err := result.ExtractServiceCatalog()
	if err != nil {
		return nil, fmt.Errorf("read the service catalog: %w", err)
	}
	return &login{provider: provider, catalog: catalogV2(catalog), projectID: token.Tenant.ID, made: begun, expires: token.ExpiresAt}, nil
}

// expiry returns when a token expires by the clock of this machine, which may
// differ from Keystone's.
func expiry(requested, issued, expires time.Time) time.Time {
	if issued.IsZero() || issued.After(expires) {
		return expires
	}
	return requested.Add(expires.Sub(issued))
}

// explainLogin adds to a failed authentication which properties to check.
func (s *Session) explainLogin(err error) error {
	wrapped := Wrap(err, "authenticate as %s at %s", s.identity(), s.cfg.AuthURL)
	failed, found := errors.AsType[*APIError](wrapped)
	switch {
	case !found:
		return wrapped
	case failed.Status == 0:
		return fmt.Errorf("Unable to connect to the OpenStack Keystone API %s: %w", s.cfg.AuthURL, wrapped) //nolint:staticcheck // operators search for this text
	case failed.Status == http.StatusNotFound && !failed.fromService, failed.Status < http.StatusBadRequest && failed.Hint == "":
		failed.Hint = config.HintNotKeystone
	}
	return wrapped
}

// identity returns who the session authenticates as, for errors.
func (s *Session) identity() string {
	if s.cfg.ApplicationCredentialID != "" {
		return "application credential " + s.cfg.ApplicationCredentialID
	}
	return fmt.Sprintf("user %q", s.cfg.Username)
}
