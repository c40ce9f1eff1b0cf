package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// cloud has the credentials and settings of an openrc file or of an entry of
// clouds.yaml.
type cloud struct {
	AuthURL, Region, Interface, CACert                   string
	Username, Password                                   string
	Project, ProjectID                                   string
	UserDomain, ProjectDomain                            string
	UserDomainID, ProjectDomainID                        string
	ApplicationCredentialID, ApplicationCredentialSecret string
}

// entry is a cloud of clouds.yaml.
type entry struct {
	Auth struct {
		AuthURL                     string `yaml:"auth_url"`
		Username                    string `yaml:"username"`
		Password                    string `yaml:"password"`
		ProjectName                 string `yaml:"project_name"`
		ProjectID                   string `yaml:"project_id"`
		UserDomainName              string `yaml:"user_domain_name"`
		UserDomainID                string `yaml:"user_domain_id"`
		ProjectDomainName           string `yaml:"project_domain_name"`
		ProjectDomainID             string `yaml:"project_domain_id"`
		ApplicationCredentialID     string `yaml:"application_credential_id"`
		ApplicationCredentialSecret string `yaml:"application_credential_secret"`
	} `yaml:"auth"`
	RegionName string `yaml:"region_name"`
	Interface  string `yaml:"interface"`
	CACert     string `yaml:"cacert"`
}

// cloudOf returns the cloud that OS_CLOUD names, or that the other variables
// describe.
func cloudOf(environment map[string]string) (cloud, error) {
	if name := environment["OS_CLOUD"]; name != "" {
		return cloudNamed(name, environment["OS_CLIENT_CONFIG_FILE"])
	}
	return cloud{
		AuthURL: environment["OS_AUTH_URL"], Region: environment["OS_REGION_NAME"], CACert: environment["OS_CACERT"],
		Interface: cmp.Or(environment["OS_INTERFACE"], environment["OS_ENDPOINT_TYPE"]),
		Username:  environment["OS_USERNAME"], Password: environment["OS_PASSWORD"],
		Project: cmp.Or(environment["OS_PROJECT_NAME"], environment["OS_TENANT_NAME"]), ProjectID: environment["OS_PROJECT_ID"],
		UserDomain: environment["OS_USER_DOMAIN_NAME"], UserDomainID: environment["OS_USER_DOMAIN_ID"],
		ProjectDomain: environment["OS_PROJECT_DOMAIN_NAME"], ProjectDomainID: environment["OS_PROJECT_DOMAIN_ID"],
		ApplicationCredentialID:     environment["OS_APPLICATION_CREDENTIAL_ID"],
		ApplicationCredentialSecret: environment["OS_APPLICATION_CREDENTIAL_SECRET"],
	}.completed(), nil
}

// cloudNamed reads a cloud of clouds.yaml, which it searches for in the same
// folders as OpenStack's own clients.
func cloudNamed(name, file string) (cloud, error) {
	files := []string{file}
	if file == "" {
		home, err := os.UserConfigDir()
		if err != nil {
			return cloud{}, err
		}
		files = []string{"clouds.yaml", filepath.Join(home, "openstack", "clouds.yaml"), "/etc/openstack/clouds.yaml"}
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return cloud{}, err
		}
		var document struct {
			Clouds map[string]entry `yaml:"clouds"`
		}
		if err := yaml.Unmarshal(content, &document); err != nil {
			return cloud{}, fmt.Errorf("read %s: %w", file, err)
		}
		found, known := document.Clouds[name]
		if !known {
			return cloud{}, fmt.Errorf("OS_CLOUD is %q: %s has no cloud %q", name, file, name)
		}
		return found.cloud(), nil
	}
	return cloud{}, fmt.Errorf("OS_CLOUD is %q, but none of these files exists: %q", name, files)
}

func (e entry) cloud() cloud {
	return cloud{
		AuthURL: e.Auth.AuthURL, Region: e.RegionName, Interface: e.Interface, CACert: e.CACert,
		Username: e.Auth.Username, Password: e.Auth.Password, Project: e.Auth.ProjectName, ProjectID: e.Auth.ProjectID,
		UserDomain: e.Auth.UserDomainName, UserDomainID: e.Auth.UserDomainID,
		ProjectDomain: e.Auth.ProjectDomainName, ProjectDomainID: e.Auth.ProjectDomainID,
		ApplicationCredentialID: e.Auth.ApplicationCredentialID, ApplicationCredentialSecret: e.Auth.ApplicationCredentialSecret,
	}.completed()
}

// completed returns the cloud with the names of its domains, because the CPI
// accepts no ids. The openrc of DevStack has ids. The id "default" belongs to
// the domain "Default" of every Keystone.
func (c cloud) completed() cloud {
	if c.UserDomain == "" && c.UserDomainID == "default" {
		c.UserDomain = "Default"
	}
	if c.ProjectDomain == "" && c.ProjectDomainID == "default" {
		c.ProjectDomain = "Default"
	}
	return c
}

// missing lists the settings that a login lacks.
func (c cloud) missing() []string {
	var problems []string
	need := func(value, name, meaning string) {
		if value == "" {
			problems = append(problems, name+" is not set: "+meaning)
		}
	}
	need(c.AuthURL, "OS_AUTH_URL", "the URL of Keystone")
	need(c.Region, "OS_REGION_NAME", "the region of the catalog")
	if c.ApplicationCredentialID != "" {
		need(c.ApplicationCredentialSecret, "OS_APPLICATION_CREDENTIAL_SECRET", "it belongs to OS_APPLICATION_CREDENTIAL_ID")
		return problems
	}
	need(c.Username, "OS_USERNAME", "an ordinary member of the project")
	need(c.Password, "OS_PASSWORD", "the user's password")
	need(cmp.Or(c.Project, c.ProjectID), "OS_PROJECT_NAME", "the project that is used")
	need(c.UserDomain, "OS_USER_DOMAIN_NAME", "the name of the user's domain; of ids, only \"default\" has a known name")
	need(c.ProjectDomain, "OS_PROJECT_DOMAIN_NAME", "the name of the project's domain; of ids, only \"default\" has a known name")
	return problems
}

// exports returns the variables of an openrc file.
func (c cloud) exports() map[string]string {
	return map[string]string{
		"OS_AUTH_URL": c.AuthURL, "OS_REGION_NAME": c.Region, "OS_CACERT": c.CACert, "OS_USERNAME": c.Username, "OS_PASSWORD": c.Password,
		"OS_PROJECT_NAME": c.Project, "OS_USER_DOMAIN_NAME": c.UserDomain, "OS_PROJECT_DOMAIN_NAME": c.ProjectDomain, "OS_CLOUD": "",
	}
}
