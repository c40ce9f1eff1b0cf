// Package mark encodes and decodes the marks that the CPI puts on everything it
// creates: on whose behalf it was created, and what belongs together. An object
// without a mark is never deleted on suspicion.
package mark

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Key and Value are the metadata of every marked object; Value is also the first
// word of a description.
const (
	Key   = "bosh_cpi"
	Value = "openstack-bosh-cpi"
)

// Keys of metadata that connect objects.
const (
	// BootVolumeOf is the key on a volume that Nova created for a server, whose
	// value is the id of the server: a boot volume or a data volume.
	BootVolumeOf = "boot_volume_of"
	// DataVolume is the key on a server that has a data volume besides its root
	// disk.
	DataVolume = "data_volume"
	// VMName is the key on a server whose value is the name it was created with.
	// It is present if the server is renamed after its job.
	VMName = "registry_key"
	// ServerGroup is the key on a server whose value is the id of the server group
	// that was created for its instance group.
	ServerGroup = "server_group"
	// PoolPrefix begins the keys on a server that record its load balancer
	// pools: lbaas_pool_1 = "<pool id>/<member id>".
	PoolPrefix = "lbaas_pool_"
)

// Reserved reports whether a metadata key belongs to the CPI, so that the tags of
// an operator must not replace its value.
func Reserved(key string) bool {
	switch key {
	case Key, BootVolumeOf, DataVolume, VMName, ServerGroup, "director_uuid", "agent_id":
		return true
	}
	return strings.HasPrefix(key, PoolPrefix)
}

// VMPrefix begins the names of servers and of their pool members; a UUID follows.
const VMPrefix = "vm-"

// maxLength is the number of characters that Nova and Cinder accept in metadata
// keys and values, and Neutron in descriptions.
const maxLength = 255

// Owner identifies on whose behalf an object was created. It is part of the
// creating request, so that an object can be traced even if the CPI was killed.
type Owner struct {
	DirectorUUID string
	// Deployment is empty if the director did not send it.
	Deployment string
	// AgentID is empty for objects that do not belong to one VM.
	AgentID string
}

// Metadata returns the owner as metadata of a server, volume, snapshot or image.
func (o Owner) Metadata() map[string]string {
	metadata := map[string]string{Key: Value}
	for key, value := range map[string]string{
		"director_uuid": o.DirectorUUID, "deployment": o.Deployment, "agent_id": o.AgentID,
	} {
		if value != "" {
			metadata[key] = Truncate(value)
		}
	}
	return metadata
}

// FromMetadata returns the owner of an object with the metadata, and whether the
// object is marked.
func FromMetadata(metadata map[string]string) (owner Owner, marked bool) {
	if metadata[Key] != Value {
		return Owner{}, false
	}
	return Owner{
		DirectorUUID: metadata["director_uuid"], Deployment: metadata["deployment"], AgentID: metadata["agent_id"],
	}, true
}

// Description returns the owner in one line, for objects that have a description
// but no metadata, such as ports.
func (o Owner) Description() string {
	words := []string{Value}
	for _, word := range []struct{ key, value string }{
		{"director", o.DirectorUUID}, {"deployment", o.Deployment}, {"agent", o.AgentID},
	} {
		if word.value != "" {
			words = append(words, word.key+"="+word.value)
		}
	}
	return Truncate(strings.Join(words, " "))
}

// FromDescription returns the owner of an object with the description, and
// whether the object is marked.
func FromDescription(description string) (owner Owner, marked bool) {
	first, rest, _ := strings.Cut(description, " ")
	if first != Value {
		return Owner{}, false
	}
	for word := range strings.SplitSeq(rest, " ") {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "director":
			owner.DirectorUUID = value
		case "deployment":
			owner.Deployment = value
		case "agent":
			owner.AgentID = value
		}
	}
	return owner, true
}

// ServerGroupName returns the name of the server group of an instance group. It
// begins with the description: a server group has neither metadata nor a
// description. What is too long is replaced by its hash, because the names of
// instance groups often differ in their ends only.
func (o Owner) ServerGroupName(instanceGroup, policy string) string {
	name := o.Description() + " policy=" + policy + " group=" + instanceGroup
	if cut := Truncate(name); cut != name {
		sum := sha256.Sum256([]byte(name))
		runes := []rune(name)
		return string(runes[:maxLength-9]) + "-" + hex.EncodeToString(sum[:4])
	}
	return name
}

// IsVMName reports whether the CPI gives such names to servers and pool members:
// "vm-" and a UUID.
func IsVMName(name string) bool {
	id, ok := strings.CutPrefix(name, VMPrefix)
	if !ok || len(id) != len("00000000-0000-4000-8000-000000000000") {
		return false
	}
	for i, c := range id {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdef", c) {
			return false
		}
	}
	return true
}

// Announced reports whether the metadata of a server or a volume contains what a
// director or the bosh command line writes after a creation: set_vm_metadata
// follows every create_vm, set_disk_metadata every attach_disk. The caller of an
// object without it may never have received the object's id.
func Announced(metadata map[string]string) bool {
	written := []string{
		"director", "id", "job", "index", "name", "instance_group", "created_at", "compiling",
		"instance_id", "instance_index", "attached_at",
	}
	return slices.ContainsFunc(written, func(key string) bool { _, ok := metadata[key]; return ok })
}

// Truncate returns the text cut to the length that the services accept.
func Truncate(text string) string {
	if runes := []rune(text); len(runes) > maxLength {
		return string(runes[:maxLength])
	}
	return text
}
