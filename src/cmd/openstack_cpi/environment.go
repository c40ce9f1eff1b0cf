//go:build !nocommands

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// namesCloud reports whether the environment names a cloud, as OpenStack's own
// client understands it.
func namesCloud() bool { return os.Getenv("OS_CLOUD") != "" || os.Getenv("OS_AUTH_URL") != "" }

// fromEnvironment returns the configuration of the cloud that OS_CLOUD names in
// clouds.yaml, or else that the variables of an openrc file describe, and a
// transport with its TLS settings.
func fromEnvironment(mask *telemetry.Mask) (config.Config, http.RoundTripper, error) {
	var options []clouds.ParseOption
	if os.Getenv("OS_CLOUD") == "" {
		document, err := openrc()
		if err != nil {
			return config.Config{}, nil, err
		}
		options = append(options, clouds.WithCloudName(openrcCloud), clouds.WithCloudsYAML(bytes.NewReader(document)))
	}
	auth, endpoint, tls, err := clouds.Parse(options...)
	if err != nil {
		return config.Config{}, nil, fmt.Errorf("read the cloud of the environment: %w", err)
	}
	mask.Add(auth.Password)
	mask.Add(auth.ApplicationCredentialSecret)
	properties, err := propertiesOf(auth, endpoint)
	if err != nil {
		return config.Config{}, nil, err
	}
	properties["connection_options"] = map[string]any{"ssl_verify_peer": !tls.InsecureSkipVerify}
	text, err := json.Marshal(map[string]any{"cloud": map[string]any{"properties": map[string]any{"openstack": properties}}})
	if err != nil {
		return config.Config{}, nil, err
	}
	cfg, err := config.Load(text, nil)
	return cfg, &http.Transport{TLSClientConfig: tls, Proxy: http.ProxyFromEnvironment}, err
}

// openrcCloud is the name of the cloud that the variables of an openrc file
// describe.
const openrcCloud = "openrc"

// openrc returns the variables of an openrc file as a clouds.yaml: gophercloud's
// reader of variables does not know the domains of users and projects.
func openrc() ([]byte, error) {
	auth, cloud := map[string]string{}, map[string]any{}
	for name, key := range map[string]string{
		"OS_AUTH_URL": "auth_url", "OS_USERNAME": "username", "OS_USER_ID": "user_id", "OS_PASSWORD": "password",
		"OS_PROJECT_NAME": "project_name", "OS_PROJECT_ID": "project_id", "OS_TENANT_NAME": "project_name", "OS_TENANT_ID": "project_id",
		"OS_USER_DOMAIN_NAME": "user_domain_name", "OS_USER_DOMAIN_ID": "user_domain_id",
		"OS_PROJECT_DOMAIN_NAME": "project_domain_name", "OS_PROJECT_DOMAIN_ID": "project_domain_id",
		"OS_DOMAIN_NAME": "domain_name", "OS_DOMAIN_ID": "domain_id",
		"OS_APPLICATION_CREDENTIAL_ID": "application_credential_id", "OS_APPLICATION_CREDENTIAL_NAME": "application_credential_name",
		"OS_APPLICATION_CREDENTIAL_SECRET": "application_credential_secret",
	} {
		if value := os.Getenv(name); value != "" {
			auth[key] = value
		}
	}
	cloud["auth"] = auth
	if os.Getenv("OS_INSECURE") == "true" {
		cloud["verify"] = false
	}
	return json.Marshal(map[string]any{"clouds": map[string]any{openrcCloud: cloud}}) // JSON is YAML
}

// The values that cpi.json cannot have.
var (
	errCredentialName = errors.New("the environment names the application credential: cpi.json needs its id (application_credential_id)")
	errUserID         = errors.New("the environment names the user by its id: cpi.json needs username and user_domain_name")
	errDomainID       = errors.New("the environment names a domain by its id: cpi.json needs user_domain_name and project_domain_name")
)

// propertiesOf returns the properties of the job for a login.
func propertiesOf(auth gophercloud.AuthOptions, endpoint gophercloud.EndpointOpts) (map[string]any, error) {
	properties := map[string]any{"auth_url": auth.IdentityEndpoint, "region": endpoint.Region, "endpoint_type": string(endpoint.Availability)}
	switch {
	case auth.ApplicationCredentialID != "":
		properties["application_credential_id"] = auth.ApplicationCredentialID
		properties["application_credential_secret"] = auth.ApplicationCredentialSecret
		return properties, nil
	case auth.ApplicationCredentialName != "":
		return nil, errCredentialName
	case auth.UserID != "":
		return nil, errUserID
	}
	scope := gophercloud.AuthScope{}
	if auth.Scope != nil {
		scope = *auth.Scope
	}
	properties["username"], properties["api_key"] = auth.Username, auth.Password
	properties["project"], properties["project_id"] = scope.ProjectName, scope.ProjectID
	for key, domain := range map[string][2]string{
		"user_domain_name": {auth.DomainName, auth.DomainID}, "project_domain_name": {scope.DomainName, scope.DomainID},
	} {
		name, err := domainName(domain[0], domain[1])
		if err != nil {
			return nil, err
		}
		properties[key] = name
	}
	return properties, nil
}

// domainName returns the name of a domain. That of the default domain is known.
func domainName(name, id string) (string, error) {
	switch {
	case name != "":
		return name, nil
	case id == "" || id == "default":
		return "Default", nil
	}
	return "", errDomainID
}
