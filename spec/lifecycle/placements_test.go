package lifecycle_test

import (
	"context"
	"net/netip"
	"sync"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// placements hands out what only one scenario at a time can use. Addresses of a cloud are handed out once in a run.
type placements struct {
	cloud *cloud.Cloud

	mutex    sync.Mutex
	used     map[netip.Addr]bool
	floating sync.Mutex // held by the scenario that has the floating IP
}

func newPlacements(in *cloud.Cloud) *placements {
	return &placements{cloud: in, used: map[netip.Addr]bool{}}
}

// take finds an address on the network that nobody uses.
func (p *placements) take(ctx context.Context, network fixtures.Network) (cloud.NIC, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	place, err := p.cloud.ChooseNIC(ctx, network.ID, network.StaticIPs(), p.used)
	p.used[place.Address] = true
	return place, err
}
