package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// properties are the keys of cpi.json that a log-in needs.
type properties struct {
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

// cloud is an OpenStack seen through plain HTTP: what the demonstration looks up and counts is not asked from the
// program it demonstrates.
type cloud struct {
	authURL   string // without a version segment
	client    *http.Client
	token     string
	endpoints map[string]string // by service: compute, network, volume, image
}

// openCloud logs in with the credentials of a cpi.json.
func openCloud(ctx context.Context, config string) (*cloud, error) {
	var file struct {
		Cloud struct {
			Properties struct {
				OpenStack properties `json:"openstack"`
			} `json:"properties"`
		} `json:"cloud"`
	}
	if err := readJSON(config, &file); err != nil {
		return nil, err
	}
	login := file.Cloud.Properties.OpenStack
	if login.AuthURL == "" {
		return nil, fmt.Errorf("%s has no cloud.properties.openstack.auth_url", config)
	}
	if strings.Contains(login.AuthURL, "/v2.0") {
		return nil, fmt.Errorf("%s speaks of Keystone v2, the demonstration can only look through Keystone v3", config)
	}
	trust, err := login.trust()
	if err != nil {
		return nil, err
	}
	authURL, _, _ := strings.Cut(login.AuthURL, "/v3")
	c := &cloud{
		authURL: strings.TrimRight(authURL, "/"),
		client: &http.Client{
			Timeout:   time.Minute,
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trust},
		},
	}
	if err := c.logIn(ctx, login); err != nil {
		return nil, fmt.Errorf("log in at %s: %w", c.authURL, err)
	}
	return c, nil
}

func (p properties) trust() (*tls.Config, error) {
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
func (p properties) identity() map[string]any {
	if p.ApplicationCredentialID != "" {
		return map[string]any{"auth": map[string]any{"identity": map[string]any{
			"methods": []string{"application_credential"},
			"application_credential": map[string]any{
				"id": p.ApplicationCredentialID, "secret": p.ApplicationCredentialSecret,
			},
		}}}
	}
	project := map[string]any{"id": p.ProjectID}
	if p.ProjectID == "" {
		project = map[string]any{"name": p.Project, "domain": map[string]any{"name": firstOf(p.ProjectDomainName, p.Domain)}}
	}
	user := map[string]any{
		"name": p.Username, "password": p.APIKey,
		"domain": map[string]any{"name": firstOf(p.UserDomainName, p.Domain)},
	}
	return map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": user}},
		"scope":    map[string]any{"project": project},
	}}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// catalogEntry is one service of the token's catalog.
type catalogEntry struct {
	Type      string `json:"type"`
	Endpoints []struct {
		Interface string `json:"interface"`
		Region    string `json:"region"`
		URL       string `json:"url"`
	} `json:"endpoints"`
}

func (c *cloud) logIn(ctx context.Context, login properties) error {
	body, err := json.Marshal(login.identity())
	if err != nil {
		return err
	}
	var answer struct {
		Token struct {
			Catalog []catalogEntry `json:"catalog"`
		} `json:"token"`
	}
	header, err := c.request(ctx, http.MethodPost, c.authURL+"/v3/auth/tokens", bytes.NewReader(body), &answer)
	if err != nil {
		return err
	}
	c.token = header.Get("X-Subject-Token")
	c.endpoints = map[string]string{}
	want := firstOf(strings.TrimSuffix(login.EndpointType, "URL"), "public")
	for service, types := range map[string][]string{
		"compute": {"compute"}, "network": {"network"}, "image": {"image"}, "volume": {"volumev3", "block-storage"},
	} {
		for _, entry := range answer.Token.Catalog {
			for _, endpoint := range entry.Endpoints {
				if slices.Contains(types, entry.Type) && endpoint.Interface == want &&
					(login.Region == "" || endpoint.Region == login.Region) {
					c.endpoints[service] = strings.TrimRight(endpoint.URL, "/")
				}
			}
		}
		if c.endpoints[service] == "" {
			return fmt.Errorf("the catalog has no %s endpoint of service %s in region %q", want, service, login.Region)
		}
	}
	return nil
}

// get reads a path of a service. Paths begin with the version where the service's endpoint may or may not name it.
func (c *cloud) get(ctx context.Context, service, path string, into any) error {
	url := path
	if !strings.HasPrefix(path, "http") {
		base := c.endpoints[service]
		for _, version := range []string{"/v2", "/v2.0"} {
			if strings.HasPrefix(path, version+"/") {
				base = strings.TrimSuffix(base, version)
			}
		}
		url = base + path
	}
	_, err := c.request(ctx, http.MethodGet, url, nil, into)
	return err
}

func (c *cloud) request(ctx context.Context, method, url string, body io.Reader, into any) (header http.Header, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("X-Auth-Token", c.token)
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: HTTP %d: %.300s", method, url, answer.StatusCode, content)
	}
	if err := json.Unmarshal(content, into); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, url, err)
	}
	return answer.Header, nil
}
