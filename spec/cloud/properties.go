package cloud

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// Properties are the properties of a cpi.json that a login needs.
type Properties struct {
	AuthURL                     string            `json:"auth_url"`
	Username                    string            `json:"username"`
	APIKey                      string            `json:"api_key"`
	ApplicationCredentialID     string            `json:"application_credential_id"`
	ApplicationCredentialSecret string            `json:"application_credential_secret"`
	Project                     string            `json:"project"`
	ProjectID                   string            `json:"project_id"`
	Domain                      string            `json:"domain"`
	UserDomainName              string            `json:"user_domain_name"`
	ProjectDomainName           string            `json:"project_domain_name"`
	Region                      string            `json:"region"`
	EndpointType                string            `json:"endpoint_type"`
	ConnectionOptions           ConnectionOptions `json:"connection_options"`
}

// ConnectionOptions configure TLS.
type ConnectionOptions struct {
	CACert     string `json:"ca_cert"`
	CAFile     string `json:"ssl_ca_file"`
	VerifyPeer *bool  `json:"ssl_verify_peer"`
}

// ReadProperties reads the openstack section of a cpi.json.
func ReadProperties(path string) (Properties, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Properties{}, err
	}
	var file struct {
		Cloud struct {
			Properties struct {
				OpenStack Properties `json:"openstack"`
			} `json:"properties"`
		} `json:"cloud"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return Properties{}, fmt.Errorf("read %s: %w", path, err)
	}
	login := file.Cloud.Properties.OpenStack
	switch {
	case login.AuthURL == "":
		return login, fmt.Errorf("%s has no cloud.properties.openstack.auth_url", path)
	case strings.Contains(login.AuthURL, "/v2.0"):
		return login, fmt.Errorf("%s uses Keystone v2; this client supports only v3", path)
	}
	return login, nil
}

// Client returns an HTTP client that trusts the configured CA.
func (p Properties) Client() (*http.Client, error) {
	trust, err := p.ConnectionOptions.trust()
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: trust,
			// A service may close an idle connection while a POST is being
			// sent on it, which cannot be repeated safely.
			DisableKeepAlives: true,
		},
	}, nil
}

func (o ConnectionOptions) trust() (*tls.Config, error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.VerifyPeer != nil && !*o.VerifyPeer {
		trust.InsecureSkipVerify = true
		return trust, nil
	}
	pem := []byte(o.CACert)
	if len(pem) == 0 && o.CAFile != "" {
		var err error
		if pem, err = os.ReadFile(o.CAFile); err != nil {
			return nil, err
		}
	}
	if len(pem) > 0 {
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("connection_options: the CA is not in PEM format")
		}
	}
	return trust, nil
}

// Identity returns the identity part of a token request.
func (p Properties) Identity() map[string]any {
	if p.ApplicationCredentialID != "" {
		return object{
			"methods":                []string{"application_credential"},
			"application_credential": object{"id": p.ApplicationCredentialID, "secret": p.ApplicationCredentialSecret},
		}
	}
	user := object{
		"name": p.Username, "password": p.APIKey,
		"domain": object{"name": cmp.Or(p.UserDomainName, p.Domain)},
	}
	return object{"methods": []string{"password"}, "password": object{"user": user}}
}

// Scope returns the scope part of a token request. An application credential
// has its project as fixed scope and returns nil.
func (p Properties) Scope() map[string]any {
	switch {
	case p.ApplicationCredentialID != "":
		return nil
	case p.ProjectID != "":
		return object{"project": object{"id": p.ProjectID}}
	}
	return object{"project": object{"name": p.Project, "domain": object{"name": cmp.Or(p.ProjectDomainName, p.Domain)}}}
}
