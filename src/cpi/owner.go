package cpi

import "strings"

// markerKey is the metadata key that marks objects that this CPI created. The
// CPI deletes no object without it on suspicion alone.
const (
	markerKey   = "bosh_cpi"
	markerValue = "openstack-bosh-cpi"
)

// owner identifies on whose behalf an object is created. It is part of the
// creating request, so that an object can be traced even if the CPI is killed.
type owner struct {
	directorUUID string
	// deployment is empty if the director did not send it.
	deployment string
	// agentID is empty for objects that do not belong to one VM.
	agentID string
}

// owner returns the owner of objects that do not belong to a VM.
func (c *CPI) owner() owner {
	return owner{directorUUID: c.request.Context.DirectorUUID}
}

// metadata returns the owner as metadata of a server, volume, snapshot or image.
func (o owner) metadata() map[string]string {
	metadata := map[string]string{markerKey: markerValue}
	for key, value := range map[string]string{
		"director_uuid": o.directorUUID, "deployment": o.deployment, "agent_id": o.agentID,
	} {
		if value != "" {
			metadata[key] = truncate(value)
		}
	}
	return metadata
}

// description returns the owner in one line, for objects that have a description
// but no metadata, such as ports.
func (o owner) description() string {
	words := []string{markerValue}
	for _, word := range []struct{ key, value string }{
		{"director", o.directorUUID}, {"deployment", o.deployment}, {"agent", o.agentID},
	} {
		if word.value != "" {
			words = append(words, word.key+"="+word.value)
		}
	}
	return truncate(strings.Join(words, " "))
}
