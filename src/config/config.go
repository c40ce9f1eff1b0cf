// Package config turns the job's cpi.json and the context of one CPI request into typed, validated values.
//
// The file holds what an operator wrote into the job's properties; the context of a request may override every key of
// its "openstack" section (that is how a director serves several clouds with one job). Only the merged result is
// judged, because a job that serves other clouds only has the word "unused" everywhere.
package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// The defaults of the job's properties, in the job's units.
const (
	defaultStateTimeout = 300 * time.Second
	defaultPollInterval = 5 * time.Second
	defaultHTTPTimeout  = 60 * time.Second
	defaultRegistryPort = 25777
)

// Config is everything that one CPI call knows about its surroundings.
type Config struct {
	OpenStack OpenStack
	Agent     AgentProperties // merged into the settings of every agent (mbus, ntp, …)
	Registry  *Registry       // nil without a registry
	Warnings  []string        // what was ignored, each with its JSON path; never a value
}

// OpenStack are the properties of the cloud, `cloud.properties.openstack`, after merging the request's context.
type OpenStack struct {
	AuthURL    string // Keystone's base URL: no version segment, no trailing slash
	IdentityV2 bool   // the operator's URL named Keystone v2.0

	Username                    string // with APIKey; empty with an application credential
	APIKey                      Secret
	ApplicationCredentialID     string // with ApplicationCredentialSecret; empty with a user name
	ApplicationCredentialSecret Secret

	Tenant            string // Keystone v2's word for the project's name
	Project           string // name; ProjectID wins when both are given
	ProjectID         string
	Domain            string // name of the user's and the project's domain
	UserDomainName    string // overrides Domain for the user
	ProjectDomainName string // overrides Domain for the project
	Region            string // empty: the catalog must offer one region only
	EndpointType      string // the catalog's interface: public, internal or admin

	StateTimeout time.Duration // ceiling of every wait for a state
	PollInterval time.Duration // longest pause between two polls

	BootFromVolume               bool
	StemcellPublicVisibility     bool
	Connection                   Connection
	DefaultKeyName               string // empty: servers get no key pair unless their VM type names one
	DefaultSecurityGroups        []string
	DefaultVolumeType            string // empty: Cinder's default
	ConfigDrive                  string // "", "disk" or "cdrom"
	UseDHCP                      bool
	IgnoreServerAvailabilityZone bool
	HumanReadableVMNames         bool
	MaxAPIVersion                int    // highest BOSH CPI API version to report: 2 or 3
	LogLevel                     string // "", "debug", "info", "warn" or "error"
}

// Connection says how to reach the services over HTTP, `connection_options`.
type Connection struct {
	CACertPEM      string // one or several certificates; takes the place of CAFile
	CAFile         string
	CAPath         string // directory of PEM files
	VerifyPeer     bool
	ConnectTimeout time.Duration
	ReadTimeout    time.Duration
	WriteTimeout   time.Duration
	Proxy          Secret // URL, which may carry a password; empty: the environment's proxy variables
	DisableProxy   bool   // use no proxy, whatever the environment says
	ClientCert     string // file
	ClientKey      string // file
	ClientCertPEM  string // takes the place of ClientCert
	ClientKeyPEM   Secret // takes the place of ClientKey
	ClientKeyPass  Secret
	SSLMinVersion  string // "", "1.0", "1.1", "1.2" or "1.3"
}

// Registry is the legacy agent registry, used for agents or callers that know CPI API version 1 only.
type Registry struct {
	Endpoint string // base URL; goes to the agent as it is, so it may carry a user and a password
	User     string
	Password Secret
}

// AgentProperties are settings that the operator hands to every agent. They hold the message bus's password, hence
// they print as "<redacted>" when taken as a whole; their values are plain.
type AgentProperties map[string]json.RawMessage

// Format implements fmt.Formatter.
func (a AgentProperties) Format(f fmt.State, _ rune) {
	io.WriteString(f, redacted) //nolint:errcheck // a formatter has nowhere to report to
}

// MarshalText implements encoding.TextMarshaler.
func (a AgentProperties) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (a AgentProperties) LogValue() slog.Value { return slog.StringValue(redacted) }
