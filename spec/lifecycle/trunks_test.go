package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A NIC with subports is one interface of the guest. All its ports are deleted with
// the VM.
func TestTrunk(t *testing.T) {
	s := newScenario(t)
	private := s.manual("private")
	private.Spec["cloud_properties"] = object{"net_id": s.network("private").ID, "subports": []object{
		{"net_id": s.network("private-2").ID, "segmentation_id": 101}, {"net_id": s.network("dual").ID, "segmentation_id": 102, "port_security_enabled": false},
	}}
	vm := s.createVM(vmArguments{networks: networks{private}})
	parent := s.portOf(vm.cid)
	found := get[struct {
		Trunks []struct {
			ID       string
			Subports []struct {
				PortID         string `json:"port_id"`
				SegmentationID int    `json:"segmentation_id"`
			} `json:"sub_ports"`
		}
	}](s, "network", "/trunks?port_id="+parent.ID).Trunks
	require.Len(t, found, 1)
	require.Len(t, found[0].Subports, 2)
	for _, sub := range found[0].Subports {
		port := get[struct{ Port port }](s, "network", "/ports/"+sub.PortID).Port
		assert.Equal(t, parent.MAC, port.MAC)
		assert.Contains(t, port.Description, s.director.UUID, "each port has its owner")
		assert.Equal(t, sub.SegmentationID == 101, port.PortSecurity)
	}
	s.call(nil, "delete_vm", vm.cid)
	assert.False(t, s.exists("network", "/trunks/"+found[0].ID))
	for _, sub := range found[0].Subports {
		assert.False(t, s.exists("network", "/ports/"+sub.PortID))
	}
}
