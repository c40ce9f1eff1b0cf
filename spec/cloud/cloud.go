// Package cloud is an OpenStack seen through plain HTTP: what a test or a demonstration of the CPI looks up and counts
// is not asked from the program that it tries.
package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

// Cloud is one user's view of one project. It is safe for concurrent use.
type Cloud struct {
	// AuthURL is Keystone's, without a version segment.
	AuthURL string
	// Project and ProjectID say what the token is for.
	Project, ProjectID string

	client    *http.Client
	token     string
	endpoints map[string]string // by service: compute, network, volume, image, load-balancer
}

// StatusError says that the cloud refused a request.
type StatusError struct {
	Method, URL string
	Status      int
	Body        string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: HTTP %d: %.300s", e.Method, e.URL, e.Status, e.Body)
}

// IsNotFound tells whether err is the cloud's word that something does not exist.
func IsNotFound(err error) bool {
	refused, ok := errors.AsType[*StatusError](err)
	return ok && refused.Status == http.StatusNotFound
}

// Open logs in with the credentials of a cpi.json.
func Open(ctx context.Context, config string) (*Cloud, error) {
	login, err := ReadProperties(config)
	if err != nil {
		return nil, err
	}
	trust, err := login.trust()
	if err != nil {
		return nil, err
	}
	authURL, _, _ := strings.Cut(login.AuthURL, "/v3")
	c := &Cloud{
		AuthURL: strings.TrimRight(authURL, "/"),
		client: &http.Client{
			Timeout:   time.Minute,
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trust},
		},
	}
	if err := c.logIn(ctx, login); err != nil {
		return nil, fmt.Errorf("log in at %s: %w", c.AuthURL, err)
	}
	return c, nil
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

func (c *Cloud) logIn(ctx context.Context, login Properties) error {
	body, err := json.Marshal(login.identity())
	if err != nil {
		return err
	}
	var answer struct {
		Token struct {
			Catalog []catalogEntry            `json:"catalog"`
			Project struct{ ID, Name string } `json:"project"`
		} `json:"token"`
	}
	header, err := c.request(ctx, http.MethodPost, c.AuthURL+"/v3/auth/tokens", body, &answer)
	if err != nil {
		return err
	}
	c.token = header.Get("X-Subject-Token")
	c.Project, c.ProjectID = answer.Token.Project.Name, answer.Token.Project.ID
	c.endpoints = map[string]string{}
	want := firstOf(strings.TrimSuffix(login.EndpointType, "URL"), "public")
	for service, types := range map[string][]string{
		"compute": {"compute"}, "network": {"network"}, "image": {"image"},
		"volume": {"volumev3", "block-storage"}, "load-balancer": {"load-balancer"},
	} {
		c.endpoints[service] = endpoint(answer.Token.Catalog, types, want, login.Region)
		if c.endpoints[service] == "" && service != "load-balancer" {
			return fmt.Errorf("the catalog has no %s endpoint of service %s in region %q", want, service, login.Region)
		}
	}
	return nil
}

func endpoint(catalog []catalogEntry, types []string, interfaceName, region string) (url string) {
	for _, entry := range catalog {
		for _, endpoint := range entry.Endpoints {
			if slices.Contains(types, entry.Type) && endpoint.Interface == interfaceName && (region == "" || endpoint.Region == region) {
				url = strings.TrimRight(endpoint.URL, "/")
			}
		}
	}
	return url
}

// Has tells whether the cloud offers a service: compute, network, volume, image or load-balancer.
func (c *Cloud) Has(service string) bool { return c.endpoints[service] != "" }

// Get reads a path of a service. Paths begin with the version where the service's endpoint may or may not name it. What
// is read into a *[]byte stays as it came.
func (c *Cloud) Get(ctx context.Context, service, path string, into any) error {
	_, err := c.request(ctx, http.MethodGet, c.url(service, path), nil, into)
	return err
}

// Send posts, puts or patches a document and decodes the answer, if into is not nil.
func (c *Cloud) Send(ctx context.Context, method, service, path string, document, into any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = c.request(ctx, method, c.url(service, path), body, into)
	return err
}

// Delete removes the object at a path. That there is none is what was wanted.
func (c *Cloud) Delete(ctx context.Context, service, path string) error {
	_, err := c.request(ctx, http.MethodDelete, c.url(service, path), nil, nil)
	if IsNotFound(err) {
		return nil
	}
	return err
}

func (c *Cloud) url(service, path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	base := c.endpoints[service]
	for _, version := range []string{"/v2", "/v2.0"} {
		if strings.HasPrefix(path, version+"/") {
			base = strings.TrimSuffix(base, version)
		}
	}
	return base + path
}

func (c *Cloud) request(ctx context.Context, method, url string, body []byte, into any) (header http.Header, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
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
		return nil, &StatusError{Method: method, URL: url, Status: answer.StatusCode, Body: string(content)}
	}
	switch into := into.(type) {
	case nil:
		return answer.Header, nil
	case *[]byte:
		*into = content
		return answer.Header, nil
	}
	if err := json.Unmarshal(content, into); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, url, err)
	}
	return answer.Header, nil
}
