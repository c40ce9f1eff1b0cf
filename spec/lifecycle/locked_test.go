package lifecycle_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lock sends the action lock or unlock to a server.
func (s *scenario) lock(server, action string) {
	s.Helper()
	require.NoError(s, s.cloud.Send(s.cleanupContext(), http.MethodPost, "compute", "/servers/"+server+"/action", object{action: nil}, nil))
}

// A server that its owner has locked is not changed, and the errors say how to
// unlock it.
func TestLockedServer(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.dynamic("private")}})
	disk, other := s.createDisk(1024, object{}, vm.cid), s.createDisk(1024, object{}, vm.cid)
	s.call(nil, "attach_disk", vm.cid, disk)
	s.lock(vm.cid, "lock")
	s.Cleanup(func() {
		if s.exists("compute", "/servers/"+vm.cid) {
			s.lock(vm.cid, "unlock")
		}
	})
	for _, call := range [][]any{
		{"attach_disk", vm.cid, other},
		{"detach_disk", vm.cid, disk},
		{"reboot_vm", vm.cid},
		{"set_vm_metadata", vm.cid, object{"job": "router"}},
		{"delete_vm", vm.cid},
	} {
		s.refused("CloudError", []string{vm.cid + " is locked", "openstack server unlock"}, call[0].(string), call[1:]...)
	}
	assert.Equal(t, []string{"in-use", "available"}, []string{s.volume(disk).Status, s.volume(other).Status})
	s.lock(vm.cid, "unlock")
	s.call(nil, "detach_disk", vm.cid, disk)
	s.call(nil, "delete_vm", vm.cid)
	assert.False(t, s.has("has_vm", vm.cid))
}
