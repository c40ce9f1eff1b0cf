package mark_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/mark"
)

func TestOwnerIsReadBackFromItsMarks(t *testing.T) {
	t.Parallel()
	for name, owner := range map[string]mark.Owner{
		"nothing known": {},
		"a disk":        {DirectorUUID: "d"},
		"a VM":          {DirectorUUID: "e25ed75d-bc2f-43ad-a7cd-ef190f0156ff", Deployment: "cf", AgentID: "agent-1"},
	} {
		read, marked := mark.FromMetadata(owner.Metadata())
		assert.True(t, marked, name)
		assert.Equal(t, owner, read, name)
		read, marked = mark.FromDescription(owner.Description())
		assert.True(t, marked, name)
		assert.Equal(t, owner, read, name)
	}
}

func TestMarksOfAnOwner(t *testing.T) {
	t.Parallel()
	owner := mark.Owner{DirectorUUID: "d", Deployment: "cf", AgentID: "a"}
	assert.Equal(t, map[string]string{"bosh_cpi": "openstack-bosh-cpi", "director_uuid": "d", "deployment": "cf", "agent_id": "a"}, owner.Metadata())
	assert.Equal(t, "openstack-bosh-cpi director=d deployment=cf agent=a", owner.Description())
	owner.Deployment = strings.Repeat("ü", 300)
	assert.Len(t, []rune(owner.Metadata()["deployment"]), 255)
	assert.Len(t, []rune(owner.Description()), 255)
}

func TestObjectsWithoutMark(t *testing.T) {
	t.Parallel()
	for _, description := range []string{"", "database", "openstack-bosh-cpi-backup director=d", "made by openstack-bosh-cpi director=d"} {
		_, marked := mark.FromDescription(description)
		assert.False(t, marked, description)
	}
	for _, metadata := range []map[string]string{nil, {"director_uuid": "d"}, {"bosh_cpi": "another"}} {
		_, marked := mark.FromMetadata(metadata)
		assert.False(t, marked, metadata)
	}
}

func TestNamesOfVMs(t *testing.T) {
	t.Parallel()
	assert.True(t, mark.IsVMName("vm-1c9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11"))
	for _, name := range []string{
		"", "vm-", "web-1", "1c9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11", "vm-1c9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11-0",
		"vm-1c9f3a52x1f0c-4c9f-8f46-3a1b8d9b7c11", "vm-zc9f3a52-1f0c-4c9f-8f46-3a1b8d9b7c11",
	} {
		assert.False(t, mark.IsVMName(name), name)
	}
}

// A server has the owner and the deployment's tags from its creation on;
// set_vm_metadata adds the rest.
func TestAnnounced(t *testing.T) {
	t.Parallel()
	created := mark.Owner{DirectorUUID: "d", Deployment: "cf", AgentID: "a"}.Metadata()
	created["team"], created[mark.VMName] = "blue", "vm-1"
	assert.False(t, mark.Announced(created))
	for _, key := range []string{"director", "job", "compiling", "instance_id"} {
		assert.True(t, mark.Announced(map[string]string{mark.Key: mark.Value, key: "x"}), key)
	}
}

// The name of a server group is its mark. Names that are too long differ
// nevertheless.
func TestServerGroupName(t *testing.T) {
	t.Parallel()
	owner := mark.Owner{DirectorUUID: "0f6e", Deployment: "cf"}
	name := owner.ServerGroupName("d-cf-router", "affinity")
	assert.Equal(t, "openstack-bosh-cpi director=0f6e deployment=cf policy=affinity group=d-cf-router", name)
	found, marked := mark.FromDescription(name)
	assert.True(t, marked)
	assert.Equal(t, owner, found)
	long := strings.Repeat("ä", 300)
	one, two := owner.ServerGroupName(long+"1", "affinity"), owner.ServerGroupName(long+"2", "affinity")
	assert.NotEqual(t, one, two)
	assert.Len(t, []rune(one), 255)
	assert.True(t, mark.Reserved(mark.ServerGroup))
}
