// Package config decodes the job's cpi.json and the context of one CPI request
// into typed, validated values.
//
// The file holds what an operator wrote into the job's properties. The context
// of a request may override every key of its "openstack" section; so one job of
// a director can serve several clouds. Only the merged result is validated,
// because a job for several clouds may have the word "unused" in every
// property.
package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// The defaults of the job's properties.
const (
	defaultStateTimeout = 300 * time.Second
	defaultPollInterval = 5 * time.Second
	defaultHTTPTimeout  = 60 * time.Second
	defaultRegistryPort = 25777
)

// Config is the configuration of one CPI call.
type Config struct {
	OpenStack OpenStack
	Agent     AgentProperties // merged into the settings of every agent (mbus, ntp, …)
	Registry  *Registry       // nil if there is no registry
	Warnings  []string        // what was ignored, each with its JSON path and never with its value
}

// OpenStack are the properties of the cloud: `cloud.properties.openstack`,
// merged with the request's context.
type OpenStack struct {
	AuthURL    string // Keystone's base URL: no version segment, no trailing slash
	IdentityV2 bool   // the configured URL is that of Keystone v2.0

	Username                    string // with APIKey; empty with an application credential
	APIKey                      Secret
	ApplicationCredentialID     string // with ApplicationCredentialSecret; empty with a user name
	ApplicationCredentialSecret Secret

	Tenant            string // the project's name in Keystone v2
	Project           string // name; ProjectID wins when both are given
	ProjectID         string
	Domain            string // name of the user's and the project's domain
	UserDomainName    string // overrides Domain for the user
	ProjectDomainName string // overrides Domain for the project
	Region            string // empty: the catalog must have only one region
	EndpointType      string // the catalog's interface: public, internal or admin

	TokenCache string // directory of the cache that processes share; empty: no cache

	StateTimeout time.Duration // longest time to wait for a state
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
	VolumeAvailabilityZones      map[string]string // Cinder's zone by Nova's; others have the same name
	HumanReadableVMNames         bool
	ReplaceLostVMs               bool
	KeepFailedVMs                bool   // servers of failed create_vm calls are not deleted
	DefaultServerGroupPolicy     string // "" for VMs without a server group
	StrictCloudProperties        bool   // unknown keys of cloud_properties are errors
	MaxAPIVersion                int    // highest CPI API version to report: 2 or 3
	LogLevel                     string // "", "debug", "info", "warn" or "error"
}

// Connection are the options of the HTTP connections, `connection_options`.
type Connection struct {
	CACertPEM      string // one or several certificates; replaces CAFile
	CAFile         string
	CAPath         string // directory of PEM files
	VerifyPeer     bool
	ConnectTimeout time.Duration
	ReadTimeout    time.Duration
	WriteTimeout   time.Duration
	Proxy          Secret // URL, which may carry a password; empty: the environment's proxy variables
	DisableProxy   bool   // no proxy, not even one of the environment
	ClientCert     string // file
	ClientKey      string // file
	ClientCertPEM  string // replaces ClientCert
	ClientKeyPEM   Secret // replaces ClientKey
	ClientKeyPass  Secret
	SSLMinVersion  string // "", "1.0", "1.1", "1.2" or "1.3"
}

// Registry is the legacy agent registry, for agents or callers that support
// only version 1 of the CPI API.
type Registry struct {
	Endpoint string // base URL; the agent gets it unchanged, so it may hold a user and a password
	User     string
	Password Secret
}

// AgentProperties are settings for every agent. They hold the password of the
// message bus; therefore they print as "<redacted>" as a whole, while each
// value is plain.
type AgentProperties map[string]json.RawMessage

// Format implements fmt.Formatter.
func (a AgentProperties) Format(f fmt.State, _ rune) {
	io.WriteString(f, redacted) //nolint:errcheck // a formatter has nowhere to report to
}

// MarshalText implements encoding.TextMarshaler.
func (a AgentProperties) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (a AgentProperties) LogValue() slog.Value { return slog.StringValue(redacted) }
