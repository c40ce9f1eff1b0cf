package config

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// endpointType returns the interface of the catalog. Keystone v2's names of the
// interfaces are accepted, too.
func (s *section) endpointType() string {
	return s.choice("endpoint_type", "public", map[string]string{
		"publicURL": "public", "internalURL": "internal", "adminURL": "admin",
		"public": "public", "internal": "internal", "admin": "admin",
	})
}

// words returns the choices for words that are stored as they are written.
func words(words ...string) map[string]string {
	choices := map[string]string{}
	for _, word := range words {
		choices[word] = word
	}
	return choices
}

// openStack decodes the merged section. outerUseDHCP is use_dhcp at its older
// place, directly below cloud.properties.
func (l *loader) openStack(s *section, outerUseDHCP json.RawMessage) OpenStack {
	o := OpenStack{
		Tenant:            s.text("tenant"),
		Project:           s.text("project"),
		ProjectID:         s.text("project_id"),
		Domain:            s.text("domain"),
		UserDomainName:    s.text("user_domain_name"),
		ProjectDomainName: s.text("project_domain_name"),
		Region:            s.text("region"),
		EndpointType:      s.endpointType(),

		TokenCache: s.tokenCache(l.cacheDir),

		StateTimeout: s.seconds("state_timeout", defaultStateTimeout),
		PollInterval: s.seconds("wait_resource_poll_interval", defaultPollInterval),

		BootFromVolume:               s.boolean("boot_from_volume", false),
		StemcellPublicVisibility:     s.boolean("stemcell_public_visibility", false),
		DefaultKeyName:               s.text("default_key_name"),
		DefaultSecurityGroups:        s.list("default_security_groups"),
		DefaultVolumeType:            s.text("default_volume_type"),
		ConfigDrive:                  s.choice("config_drive", "", words("disk", "cdrom")),
		UseDHCP:                      s.boolean("use_dhcp", l.outerUseDHCP(outerUseDHCP)),
		IgnoreServerAvailabilityZone: s.boolean("ignore_server_availability_zone", false),
		VolumeAvailabilityZones:      s.texts("volume_availability_zones"),
		HumanReadableVMNames:         s.boolean("human_readable_vm_names", false),
		ReplaceLostVMs:               s.boolean("replace_lost_vms", false),
		KeepFailedVMs:                s.boolean("keep_failed_vms", false),
		DefaultServerGroupPolicy:     s.choice("default_server_group_policy", "", words("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")),
		StrictCloudProperties:        s.boolean("strict_cloud_properties", false),
		MaxAPIVersion:                s.maxAPIVersion(),
		LogLevel:                     s.choice("log_level", "", words("debug", "info", "warn", "error")),
	}
	if o.IgnoreServerAvailabilityZone && len(o.VolumeAvailabilityZones) > 0 {
		s.problem(s.path("volume_availability_zones"), "has no effect if ignore_server_availability_zone is true: remove one of them")
	}
	o.AuthURL, o.IdentityV2 = s.authURL()
	s.credentials(&o)
	s.scope(&o)
	if s.boolean("use_nova_networking", false) {
		s.problem(s.path("use_nova_networking"), "nova-network is not supported: set it to false or remove it")
	}
	connection, _ := s.raw("connection_options")
	o.Connection = l.connection(newSection(&l.report, s.path("connection_options"), connection))
	// A context also has the keys of the protocol.
	s.warnUnknown("director_uuid", "request_id", "vm")
	return o
}

func (l *loader) outerUseDHCP(raw json.RawMessage) bool {
	values := map[string]json.RawMessage{"use_dhcp": raw}
	outer := &section{report: &l.report, path: below("cloud.properties"), values: dropNulls(values)}
	return outer.boolean("use_dhcp", true)
}

// tokenCache returns the directory of the cache: the one of the job, another one,
// or none.
func (s *section) tokenCache(ofJob string) string {
	raw, ok := s.raw("token_cache")
	if !ok {
		return ofJob
	}
	var wanted bool
	if json.Unmarshal(raw, &wanted) == nil {
		if wanted {
			return ofJob
		}
		return ""
	}
	var dir string
	if json.Unmarshal(raw, &dir) != nil || !filepath.IsAbs(dir) {
		s.problem(s.path("token_cache"), "must be true, false or an absolute path")
		return ""
	}
	return dir
}

// maxAPIVersion returns the configured limit. Directors v282.0.7 to v282.1.0
// need 2: they mishandle version 3.
func (s *section) maxAPIVersion() int {
	version := s.integer("max_api_version", bosh.NewestAPIVersion)
	if version != 2 && version != bosh.NewestAPIVersion {
		s.problem(s.path("max_api_version"), "must be 2 or %d", bosh.NewestAPIVersion)
		return bosh.NewestAPIVersion
	}
	return version
}

// authURL returns Keystone's URL without its version segment, and whether that
// was v2.0.
func (s *section) authURL() (base string, v2 bool) {
	given := strings.TrimSpace(s.text("auth_url"))
	s.require("auth_url", given != "")
	if given == "" {
		return "", false
	}
	u, err := url.Parse(given)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		s.problem(s.path("auth_url"), "must be an http or https URL")
		return "", false
	}
	if u.User != nil {
		s.problem(s.path("auth_url"), "must not hold a user or a password")
		return "", false
	}
	segments := strings.Split(u.Path, "/")
	cut := slices.Index(segments, "v3")
	if cut < 0 {
		cut = slices.Index(segments, "v2.0")
		v2 = cut >= 0
	}
	if cut >= 0 {
		segments = segments[:cut]
	}
	path := strings.TrimRight(strings.Join(segments, "/"), "/")
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String(), v2
}

// credentials decodes the credential, which is a user with a password or an
// application credential.
func (s *section) credentials(o *OpenStack) {
	o.Username, o.APIKey = s.text("username"), s.secret("api_key")
	o.ApplicationCredentialID = s.text("application_credential_id")
	o.ApplicationCredentialSecret = s.secret("application_credential_secret")

	username, apiKey := s.given("username"), s.given("api_key")
	id, secret := s.given("application_credential_id"), s.given("application_credential_secret")
	user, application := username && apiKey, id && secret
	mixed := (username || apiKey) && (id || secret)
	if mixed || !user && !application {
		s.problem(openStackPath, "either username and api_key or application_credential_id and application_credential_secret is required")
		return
	}
	if application && o.IdentityV2 {
		s.problem(s.path("application_credential_id"), "application credentials need Keystone v3, auth_url names v2.0")
	}
}

// scope validates the project of the token. An application credential already
// belongs to a project.
func (s *section) scope(o *OpenStack) {
	if o.IdentityV2 {
		s.require("tenant", o.Tenant != "")
		return
	}
	if s.given("application_credential_id") {
		return
	}
	if o.ProjectID == "" {
		s.require("project", o.Project != "")
	}
	if s.given("tenant") {
		s.warn(s.path("tenant"), "ignored: auth_url names Keystone v3, which has projects instead")
	}
	if !s.given("user_domain_name") && !s.given("project_domain_name") {
		s.require("domain", o.Domain != "")
		return
	}
	s.require("user_domain_name", o.UserDomainName != "")
	s.require("project_domain_name", o.ProjectDomainName != "")
}
