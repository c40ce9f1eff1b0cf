package network_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// floating returns the project's lowest floating IP and its id.
func (n neutron) floating() (address, id string) {
	for found := range n.Fixtures().FloatingIPs {
		if address == "" || found < address {
			address = found
		}
	}
	return address, n.Fixtures().FloatingIPs[address]
}

func TestFloatingIPs(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		address, id := n.floating()
		found, err := n.FloatingIPs(n.Context(), []string{address})
		require.NoError(n, err)
		require.Len(n, found, 1)
		assert.Equal(n, id, found[0].ID)
		found, err = n.FloatingIPs(n.Context(), []string{"172.24.4.249"})
		require.NoError(n, err)
		assert.Empty(n, found)
		n.Inject(simulator.Fault{On: "GET /floatingips", Status: http.StatusForbidden})
		_, err = n.FloatingIPs(n.Context(), []string{address})
		require.ErrorContains(n, err, "list floating IPs with address "+address+": OpenStack API Forbidden")
	})
}

func TestAssociateFloatingIP(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		address, id := n.floating()
		one, two := n.port("one", "10.0.0.10"), n.port("two", "10.0.0.11")
		leadsTo := func() string {
			n.Helper()
			found, err := n.FloatingIPs(n.Context(), []string{address})
			require.NoError(n, err)
			return found[0].PortID + " " + found[0].FixedIP
		}
		require.NoError(n, n.AssociateFloatingIP(n.Context(), id, one.ID, ""))
		assert.Equal(n, one.ID+" 10.0.0.10", leadsTo())
		n.Inject(simulator.Fault{On: "PUT /floatingips/{id}", Kind: simulator.LostAnswer})
		require.NoError(n, n.AssociateFloatingIP(n.Context(), id, two.ID, "10.0.0.11"))
		assert.Equal(n, two.ID+" 10.0.0.11", leadsTo(), "it is taken from the other port")
	})
}

// A floating IP is taken only as it was read.
func TestTakeFloatingIP(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		_, id := n.floating()
		one, two := n.port("one", "10.0.0.10"), n.port("two", "10.0.0.11")
		read, err := n.FloatingIP(n.Context(), id)
		require.NoError(n, err)
		require.NoError(n, n.TakeFloatingIP(n.Context(), read, one.ID, ""))
		err = n.TakeFloatingIP(n.Context(), read, two.ID, "")
		assert.True(n, network.IsChanged(err), err)
		read, err = n.FloatingIP(n.Context(), id)
		require.NoError(n, err)
		assert.Equal(n, one.ID, read.PortID)
		require.NoError(n, n.TakeFloatingIP(n.Context(), read, two.ID, ""))
		port, err := n.Port(n.Context(), two.ID)
		require.NoError(n, err)
		assert.Equal(n, two.Name, port.Name)
	})
}

func TestAssociateFloatingIPIsRefused(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		_, id := n.floating()
		ids := slices.Sorted(func(yield func(string) bool) {
			for _, other := range n.Fixtures().FloatingIPs {
				if !yield(other) {
					return
				}
			}
		})
		port := n.port("one", "10.0.0.10")
		err := n.AssociateFloatingIP(n.Context(), id, unknownID, "")
		assert.True(n, openstack.IsNotFound(err))
		require.ErrorContains(n, err, "associate floating IP "+id+" with port "+unknownID+": OpenStack API NotFound")
		err = n.AssociateFloatingIP(n.Context(), id, port.ID, "10.0.0.99")
		require.ErrorContains(n, err, "Bad floatingip request: Port "+port.ID+" does not have fixed ip 10.0.0.99.")
		require.NoError(n, n.AssociateFloatingIP(n.Context(), ids[0], port.ID, ""))
		err = n.AssociateFloatingIP(n.Context(), ids[1], port.ID, "")
		assert.True(n, openstack.IsConflict(err))
	})
}
