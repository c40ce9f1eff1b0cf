package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

const openStackPath = "cloud.properties.openstack"

// ErrNoCloudProperties reports a file that is not the configuration of a CPI.
var ErrNoCloudProperties = errors.New("Could not find cloud properties in the configuration") //nolint:staticcheck // operators search for this text

// InvalidError lists everything that is wrong with a configuration.
type InvalidError struct {
	Problems []string // each begins with a JSON path in cpi.json or in the request's context
	Warnings []string // such as a misspelled property, which may be the reason of a problem
}

// Error implements error.
func (e *InvalidError) Error() string {
	return "Invalid OpenStack cloud properties: " + strings.Join(e.Problems, "; ") + WarningsText(e.Warnings)
}

// WarningsText returns the warnings as the last line of an error, "" if there are
// none. Callers without access to the log see no others.
func WarningsText(warnings []string) string {
	if len(warnings) == 0 {
		return ""
	}
	return "\nwarnings: " + strings.Join(warnings, "; ")
}

// Option is an additional input of Load.
type Option func(*loader)

// WithCACert sets the text of the job's cacert.pem. It replaces
// `connection_options.ca_cert` of the file, which only says that there is a
// certificate; a ca_cert of the context is used as it is.
func WithCACert(pem string) Option {
	return func(l *loader) { l.caCert = pem }
}

// WithCacheDir sets the directory of the job's cache. Without it there is a cache
// only if token_cache names a directory.
func WithCacheDir(dir string) Option {
	return func(l *loader) { l.cacheDir = dir }
}

type loader struct {
	report
	caCert   string
	cacheDir string
}

// Load decodes cpi.json and merges the overrides into its openstack section: an
// override replaces the whole value of its key, and null removes it. Errors are
// ErrNoCloudProperties, a JSON syntax error, or an *InvalidError with all
// problems. No error and no warning holds a value.
func Load(file []byte, overrides map[string]json.RawMessage, options ...Option) (Config, error) {
	var l loader
	for _, option := range options {
		option(&l)
	}
	properties, err := cloudProperties(file)
	if err != nil {
		return Config{}, err
	}
	if jsonkind.IsNull(properties["openstack"]) && len(overrides) == 0 {
		return Config{}, &InvalidError{Problems: []string{"No 'openstack' properties specified."}}
	}

	cfg := Config{OpenStack: l.openStack(l.merge(properties["openstack"], overrides), properties["use_dhcp"])}
	if cfg.OpenStack.StrictCloudProperties {
		l.refuseWarnings()
	}
	cfg.Agent, cfg.Registry = l.agent(properties["agent"]), l.registry(properties["registry"])
	if len(l.problems) > 0 {
		return Config{}, &InvalidError{Problems: l.problems, Warnings: l.warnings}
	}
	cfg.Warnings = l.warnings
	return cfg, nil
}

// MaxAPIVersion returns `max_api_version` and never fails: the method info must
// be answered whatever else is wrong with the configuration.
func MaxAPIVersion(file []byte, overrides map[string]json.RawMessage) int {
	properties, err := cloudProperties(file)
	if err != nil {
		properties = nil
	}
	var l loader
	return l.merge(properties["openstack"], overrides).maxAPIVersion()
}

// cloudProperties returns `cloud.properties` of the file.
func cloudProperties(file []byte) (map[string]json.RawMessage, error) {
	var document struct {
		Cloud json.RawMessage `json:"cloud"`
	}
	if err := json.Unmarshal(file, &document); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("parse the configuration: %w at byte %d", err, syntax.Offset)
		}
		return nil, ErrNoCloudProperties
	}
	var cloud struct {
		Plugin     *string                    `json:"plugin"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(document.Cloud, &cloud); err != nil || cloud.Properties == nil {
		return nil, ErrNoCloudProperties
	}
	if cloud.Plugin != nil && *cloud.Plugin != "openstack" {
		return nil, &InvalidError{Problems: []string{`cloud.plugin: must be "openstack": the configuration is that of another CPI`}}
	}
	return dropNulls(cloud.Properties), nil
}

// merge merges the overrides into the file's values. Reported paths begin with
// "context" for values of the overrides.
func (l *loader) merge(file json.RawMessage, overrides map[string]json.RawMessage) *section {
	values := object(&l.report, openStackPath, file)
	l.replaceCACert(values)
	dropOtherCredential(values, overrides)
	maps.Copy(values, overrides)
	return &section{
		report: &l.report,
		values: dropNulls(values),
		path: func(key string) string {
			if raw, ok := overrides[key]; ok && !jsonkind.IsNull(raw) {
				return "context." + key
			}
			return openStackPath + "." + key
		},
	}
}

// replaceCACert puts the text of cacert.pem into the file's connection options
// if these have a ca_cert.
func (l *loader) replaceCACert(values map[string]json.RawMessage) {
	var options map[string]json.RawMessage
	if l.caCert == "" || json.Unmarshal(values["connection_options"], &options) != nil {
		return
	}
	if given := string(options["ca_cert"]); jsonkind.IsNull(options["ca_cert"]) || given == `""` || given == "false" {
		return
	}
	text, err := json.Marshal(l.caCert)
	if err != nil {
		return
	}
	options["ca_cert"] = text
	if merged, err := json.Marshal(options); err == nil {
		values["connection_options"] = merged
	}
}

// dropOtherCredential removes one kind of credential from the file's values if
// the context has the other kind. Both together would be an error, and a
// context cannot know which kind the job has.
func dropOtherCredential(values, overrides map[string]json.RawMessage) {
	given := func(keys []string) bool {
		for _, key := range keys {
			if !jsonkind.IsNull(overrides[key]) {
				return true
			}
		}
		return false
	}
	user := []string{"username", "api_key"}
	application := []string{"application_credential_id", "application_credential_secret"}
	for _, pair := range [][2][]string{{user, application}, {application, user}} {
		if given(pair[0]) && !given(pair[1]) {
			for _, key := range pair[1] {
				delete(values, key)
			}
		}
	}
}

// agent returns the agent's settings without nulls at any depth.
func (l *loader) agent(raw json.RawMessage) AgentProperties {
	s := newSection(&l.report, "cloud.properties.agent", raw)
	l.checkAgent(s)
	values := s.values
	for key, value := range values {
		values[key] = dropNestedNulls(value)
	}
	if len(values) == 0 {
		return nil
	}
	return values
}

// checkAgent reports settings that the agent could not read, or would not. All of
// them are passed on.
func (l *loader) checkAgent(s *section) {
	if mbus := s.text("mbus"); s.given("mbus") && mbus != "" && !isURL(mbus) {
		s.problem(s.path("mbus"), "must be a URL, such as nats://… or https://…")
	}
	if raw, ok := s.raw("ntp"); ok && jsonkind.Of(raw) != jsonkind.Array {
		s.problem(s.path("ntp"), "must be a list of strings, got %s", jsonkind.Of(raw))
	} else {
		s.list("ntp")
	}
	s.known = append(s.known, "blobstore", "blobstores", "env", "trusted_certs")
	s.warnUnknownAs("unknown, passed on to the agent")
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme != "" && u.Host != ""
}

// dropNestedNulls removes nulls from an object. All other values stay as they
// are, so that numbers are not changed.
func dropNestedNulls(raw json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if jsonkind.Of(raw) != jsonkind.Object || json.Unmarshal(raw, &fields) != nil {
		return raw
	}
	fields = dropNulls(fields)
	for key, value := range fields {
		fields[key] = dropNestedNulls(value)
	}
	kept, err := json.Marshal(fields)
	if err != nil {
		return raw
	}
	return kept
}

// registry decodes the legacy registry; an empty object counts as none.
func (l *loader) registry(raw json.RawMessage) *Registry {
	s := newSection(&l.report, "cloud.properties.registry", raw)
	if len(s.values) == 0 {
		return nil
	}
	r := &Registry{Endpoint: s.text("endpoint"), User: s.text("user"), Password: s.secret("password")}
	address, port := s.text("address"), s.integer("port", defaultRegistryPort)
	if r.Endpoint == "" && address != "" {
		r.Endpoint = fmt.Sprintf("http://%s:%d", address, port)
	}
	if r.Endpoint != "" && !strings.Contains(r.Endpoint, "://") {
		s.warn(s.path("endpoint"), "has no scheme, http:// is assumed")
		r.Endpoint = "http://" + r.Endpoint
	}
	if r.Endpoint != "" && !isURL(r.Endpoint) {
		s.problem(s.path("endpoint"), "must be an http or https URL")
	}
	s.require("endpoint", r.Endpoint != "")
	s.require("user", r.User != "")
	s.require("password", r.Password != "")
	s.warnUnknown()
	return r
}
