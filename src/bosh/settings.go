package bosh

import (
	"encoding/json"
	"maps"
	"slices"
)

// AgentSettings is the document that the agent in the VM reads from the user
// data, or from the registry in version 1. The agent's parser
// (bosh-agent settings/settings.go) is strict about types: disks.system must be
// a string, dns an object.
type AgentSettings struct {
	VMName   string
	AgentID  string
	Networks Networks
	// EphemeralDisk is the device of the flavor's ephemeral disk, "" if the
	// flavor has none: the agent then uses the rest of the root disk.
	EphemeralDisk string
	// PersistentDisks maps disk CIDs to device paths; filled in a registry only.
	PersistentDisks map[DiskCID]string
	// Env is passed on as it came; null is left out.
	Env json.RawMessage
	// Agent are the keys of the job's agent properties (mbus, ntp, …). They
	// may replace any of the above.
	Agent map[string]json.RawMessage
	// Registry is the endpoint that holds the settings; when it is set, the
	// user data only says where to look.
	Registry string
}

// UserData returns the document for the server's user data.
func (s AgentSettings) UserData() ([]byte, error) {
	document := object{}
	document.put("server", map[string]string{"name": s.VMName})
	document.put("networks", s.Networks)
	if dns := s.Networks.DNS(); dns != nil {
		document.put("dns", map[string][]string{"nameserver": dns})
	}
	if s.Registry != "" {
		document.put("registry", map[string]string{"endpoint": s.Registry})
		return document.MarshalJSON()
	}
	s.addSettings(&document)
	return document.MarshalJSON()
}

// RegistryDocument returns the document for the registry.
func (s AgentSettings) RegistryDocument() ([]byte, error) {
	document := object{}
	s.addSettings(&document)
	document.put("networks", s.Networks)
	return document.MarshalJSON()
}

func (s AgentSettings) addSettings(document *object) {
	persistent := s.PersistentDisks
	if persistent == nil {
		persistent = map[DiskCID]string{}
	}
	var ephemeral any
	if s.EphemeralDisk != "" {
		ephemeral = s.EphemeralDisk
	}
	document.put("vm", map[string]string{"name": s.VMName})
	document.put("agent_id", s.AgentID)
	document.put("disks", map[string]any{"system": "/dev/sda", "persistent": persistent, "ephemeral": ephemeral})
	if len(s.Env) > 0 && string(s.Env) != "null" {
		document.set("env", s.Env)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Agent)) {
		document.set(key, s.Agent[key])
	}
}

// put encodes a value that always has a JSON form.
func (o *object) put(key string, value any) { o.set(key, JSON(value)) }
