package lifecycle_test

import (
	"context"
	"net/netip"
	"sync"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// addressPool assigns addresses and floating IPs to scenarios. An address is
// assigned only once in a run.
type addressPool struct {
	cloud *cloud.Cloud

	mutex    sync.Mutex
	used     map[netip.Addr]bool
	floating sync.Mutex // held by the scenario that uses a floating IP
}

func newAddressPool(in *cloud.Cloud) *addressPool {
	return &addressPool{cloud: in, used: map[netip.Addr]bool{}}
}

// chooseNIC returns a NIC with a free address on the network.
func (p *addressPool) chooseNIC(ctx context.Context, network fixtures.Network) (cloud.NIC, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	nic, err := p.cloud.ChooseNIC(ctx, network.ID, network.StaticIPs(), p.used)
	p.used[nic.Address] = true
	return nic, err
}
