package cpi

import (
	"fmt"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
)

// nic is a planned network interface of a VM.
type nic struct {
	// index is the position of the interface in the guest.
	index int
	// networks are the names of the BOSH networks that the interface serves.
	networks []string
	// gateway says that the default route goes through the interface.
	gateway bool
	// createPort says that the CPI creates the port. Otherwise Nova creates
	// one with an address of Neutron's choice.
	createPort bool
	// port is the port to create. Nova uses its network and security groups,
	// and chooses the network if that is empty.
	port network.PortCreateOpts
}

// portName returns the name of an interface's port. It contains the name of the
// VM, and is unique like that.
func portName(vmName string, index int) string { return fmt.Sprintf("%s-%d", vmName, index) }

// vmOfPort returns the name of the VM that the port was created for.
func vmOfPort(portName string) string { return portName[:max(0, strings.LastIndex(portName, "-"))] }

// planNICs returns one interface for each private network.
func planNICs(vmName string, owner mark.Owner, networks bosh.Networks, pairs addressPairs, groups []string) []nic {
	var nics []nic
	for i, n := range networks.Private() {
		planned := nic{
			index: i, networks: []string{n.Name}, gateway: n == networks.Gateway(), createPort: n.Type == bosh.Manual,
			port: network.PortCreateOpts{
				Name: portName(vmName, i), Description: owner.Description(),
				NetworkID: n.CloudProperties.NetID, SecurityGroups: groups,
			},
		}
		if n.Type == bosh.Manual {
			planned.port.FixedIPs = []string{n.IP}
		}
		if planned.gateway {
			planned.port.AddressPairs = pairs
		}
		nics = append(nics, planned)
	}
	return nics
}

// gatewayNIC returns the interface of the default route, or nil.
func (p vmPlan) gatewayNIC() *nic {
	for i := range p.nics {
		if p.nics[i].gateway {
			return &p.nics[i]
		}
	}
	return nil
}

// fixedIP returns the planned address, "" if Neutron chooses it.
func (n nic) fixedIP() string {
	if len(n.port.FixedIPs) == 0 {
		return ""
	}
	return n.port.FixedIPs[0]
}
