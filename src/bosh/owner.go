package bosh

import "strings"

// Marker is the metadata key that says that this CPI made an object. Nothing
// without it is ever cleaned up on suspicion.
const (
	Marker      = "bosh_cpi"
	MarkerValue = "openstack-bosh-cpi"
)

// Owner says on whose behalf an object was created. It is written with the
// object, so that even what a killed process left can be traced.
type Owner struct {
	DirectorUUID string
	// Deployment is empty where the caller does not tell it.
	Deployment string
	// AgentID is empty for objects that do not belong to one VM.
	AgentID string
}

// Metadata returns the owner as server, volume, snapshot or image metadata.
func (o Owner) Metadata() map[string]string {
	metadata := map[string]string{Marker: MarkerValue}
	for key, value := range map[string]string{
		"director_uuid": o.DirectorUUID, "deployment": o.Deployment, "agent_id": o.AgentID,
	} {
		if value != "" {
			metadata[key] = cut(value)
		}
	}
	return metadata
}

// Description returns the owner in one line, for objects that have a
// description but no metadata, such as Neutron ports (at most 255 characters).
func (o Owner) Description() string {
	words := []string{MarkerValue}
	for _, word := range []struct{ key, value string }{
		{"director", o.DirectorUUID}, {"deployment", o.Deployment}, {"agent", o.AgentID},
	} {
		if word.value != "" {
			words = append(words, word.key+"="+word.value)
		}
	}
	return cut(strings.Join(words, " "))
}
