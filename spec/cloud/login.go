package cloud

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Properties are the keys of cpi.json that a log-in needs.
type Properties struct {
	AuthURL                     string `json:"auth_url"`
	Username                    string `json:"username"`
	APIKey                      string `json:"api_key"`
	ApplicationCredentialID     string `json:"application_credential_id"`
	ApplicationCredentialSecret string `json:"application_credential_secret"`
	Project                     string `json:"project"`
	ProjectID                   string `json:"project_id"`
	Domain                      string `json:"domain"`
	UserDomainName              string `json:"user_domain_name"`
	ProjectDomainName           string `json:"project_domain_name"`
	Region                      string `json:"region"`
	EndpointType                string `json:"endpoint_type"`
	ConnectionOptions           struct {
		CACert     string `json:"ca_cert"`
		CAFile     string `json:"ssl_ca_file"`
		VerifyPeer *bool  `json:"ssl_verify_peer"`
	} `json:"connection_options"`
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
		return login, fmt.Errorf("%s speaks of Keystone v2, only Keystone v3 can be looked through", path)
	}
	return login, nil
}

func (p Properties) trust() (*tls.Config, error) {
	options := p.ConnectionOptions
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if options.VerifyPeer != nil && !*options.VerifyPeer {
		trust.InsecureSkipVerify = true
		return trust, nil
	}
	pem := []byte(options.CACert)
	if len(pem) == 0 && options.CAFile != "" {
		var err error
		if pem, err = os.ReadFile(options.CAFile); err != nil {
			return nil, err
		}
	}
	if len(pem) > 0 {
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("connection_options: the CA is not PEM text")
		}
	}
	return trust, nil
}

// identity is the body of POST /v3/auth/tokens.
func (p Properties) identity() object {
	if p.ApplicationCredentialID != "" {
		return object{"auth": object{"identity": object{
			"methods":                []string{"application_credential"},
			"application_credential": object{"id": p.ApplicationCredentialID, "secret": p.ApplicationCredentialSecret},
		}}}
	}
	project := object{"id": p.ProjectID}
	if p.ProjectID == "" {
		project = object{"name": p.Project, "domain": object{"name": firstOf(p.ProjectDomainName, p.Domain)}}
	}
	user := object{
		"name": p.Username, "password": p.APIKey,
		"domain": object{"name": firstOf(p.UserDomainName, p.Domain)},
	}
	return object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": user}},
		"scope":    object{"project": project},
	}}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
