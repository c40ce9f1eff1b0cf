package cloud

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Token is what Keystone returns about a token.
type Token struct {
	// Value is sent as X-Auth-Token.
	Value   string `json:"-"`
	Project struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Domain struct {
			ID string `json:"id"`
		} `json:"domain"`
	} `json:"project"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Roles []struct {
		ID string `json:"id"`
	} `json:"roles"`
	Catalog []catalogEntry `json:"catalog"`
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

// Open logs in with the credentials of a cpi.json.
func Open(ctx context.Context, config string) (*Cloud, error) {
	login, err := ReadProperties(config)
	if err != nil {
		return nil, err
	}
	client, err := login.Client()
	if err != nil {
		return nil, err
	}
	return LogIn(ctx, client, login)
}

// LogIn requests a token and finds the services in its catalog.
func LogIn(ctx context.Context, client *http.Client, login Properties) (*Cloud, error) {
	authURL, _, _ := strings.Cut(login.AuthURL, "/v3")
	c := &Cloud{AuthURL: strings.TrimRight(authURL, "/")}
	// Glance and Octavia describe errors in HTML unless JSON is requested.
	identity := Service{Client: client, URL: c.AuthURL + "/v3", Header: http.Header{"Accept": {"application/json"}}}
	c.services = map[string]Service{"identity": identity}
	auth := object{"identity": login.Identity()}
	if scope := login.Scope(); scope != nil {
		auth["scope"] = scope
	}
	response, err := identity.Do(ctx, http.MethodPost, "/auth/tokens", object{"auth": auth})
	if err != nil {
		return nil, fmt.Errorf("log in at %s: %w", c.AuthURL, err)
	}
	if response.Status >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("log in at %s: HTTP %d: %.300s", c.AuthURL, response.Status, response.Body)
	}
	answer := struct{ Token *Token }{&c.Token}
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		return nil, fmt.Errorf("log in at %s: %w", c.AuthURL, err)
	}
	c.Token.Value = response.Header.Get("X-Subject-Token")
	return c, c.findServices(identity.With("X-Auth-Token", c.Token.Value), login)
}

// findServices takes the services from the catalog. All but Octavia are
// required.
func (c *Cloud) findServices(identity Service, login Properties) error {
	c.services["identity"] = identity
	endpointType := cmp.Or(strings.TrimSuffix(login.EndpointType, "URL"), "public")
	for _, kind := range []struct {
		name  string
		types []string // in the catalog, the preferred one first
		path  string   // follows the endpoint, which may or may not contain the version
	}{
		{"compute", []string{"compute"}, ""},
		{"network", []string{"network"}, "/v2.0"},
		{"volume", []string{"block-storage", "volumev3"}, ""},
		{"image", []string{"image"}, "/v2"},
		{"load-balancer", []string{"load-balancer"}, "/v2.0/lbaas"},
	} {
		url := endpoint(c.Token.Catalog, kind.types, endpointType, login.Region)
		switch {
		case url == "" && kind.name != "load-balancer":
			return fmt.Errorf("the catalog has no %s endpoint of service %s in region %q", endpointType, kind.name, login.Region)
		case url == "":
			continue
		case kind.path != "":
			url = strings.TrimSuffix(strings.TrimSuffix(url, "/v2.0"), "/v2") + kind.path
		}
		service := identity
		service.URL = url
		c.services[kind.name] = service
	}
	return nil
}

// endpoint returns the URL of the first type that the catalog contains, or "".
func endpoint(catalog []catalogEntry, types []string, endpointType, region string) string {
	for _, wanted := range types {
		for _, entry := range catalog {
			if entry.Type != wanted {
				continue
			}
			for _, endpoint := range entry.Endpoints {
				if endpoint.Interface == endpointType && (region == "" || endpoint.Region == region) {
					return strings.TrimRight(endpoint.URL, "/")
				}
			}
		}
	}
	return ""
}
