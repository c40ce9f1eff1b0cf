package bosh

import (
	"encoding/json"
	"maps"
	"slices"
)

// AgentSettings are the settings that the agent in the VM reads from the user
// data, or from the registry in version 1. The agent (settings/settings.go of
// bosh-agent) requires disks.system to be a string, and dns to be an object.
type AgentSettings struct {
	VMName   string
	AgentID  string
	Networks Networks
	// EphemeralDisk is the device of the disk for /var/vcap/data, "" if there is
	// none: the agent then uses the rest of the root disk.
	EphemeralDisk string
	// Env is passed on unchanged; null is left out.
	Env json.RawMessage
	// Agent are the keys of the job's agent properties (mbus, ntp, …). They
	// replace those of the same name above.
	Agent map[string]json.RawMessage
	// Registry is the URL of the registry, "" without one. If it is set, the
	// user data contains the URL instead of the settings.
	Registry string
}

// UserData returns the content of the server's user data.
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

// RegistryDocument returns the document that the registry stores for the VM.
func (s AgentSettings) RegistryDocument() ([]byte, error) {
	document := object{}
	s.addSettings(&document)
	document.put("networks", s.Networks)
	return document.MarshalJSON()
}

func (s AgentSettings) addSettings(document *object) {
	var ephemeral any
	if s.EphemeralDisk != "" {
		ephemeral = s.EphemeralDisk
	}
	document.put("vm", map[string]string{"name": s.VMName})
	document.put("agent_id", s.AgentID)
	document.put("disks", map[string]any{"system": "/dev/sda", "persistent": map[DiskCID]string{}, "ephemeral": ephemeral})
	if len(s.Env) > 0 && string(s.Env) != "null" {
		document.set("env", s.Env)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Agent)) {
		document.set(key, s.Agent[key])
	}
}
