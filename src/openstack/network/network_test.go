package network_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const unknownID = "5a2c9d1e-0000-4000-8000-000000000000"

// neutron is a simulated cloud with the service of this package.
type neutron struct {
	*openstacktest.Cloud
	*network.Service
}

func run(t *testing.T, options simulator.Options, test func(n neutron)) {
	t.Helper()
	openstacktest.Run(t, options, func(c *openstacktest.Cloud) { test(neutron{c, network.New(c.Session)}) })
}

// smallPages returns the service with lists of two objects per page.
func (n neutron) smallPages() *network.Service {
	n.Helper()
	return network.New(n.NewSession(nil, openstack.WithTransport(openstacktest.SmallPages{Cloud: n.Transport()})))
}

// private returns the id of the project's network 10.0.0.0/24.
func (n neutron) private() string { return n.Fixtures().Networks["private"] }

func TestNetwork(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		found, err := n.Network(n.Context(), n.private())
		require.NoError(n, err)
		assert.Equal(n, "private", found.Name)
		for _, id := range []string{unknownID, n.Fixtures().Subnets["private-v4"], "private"} {
			_, err = n.Network(n.Context(), id)
			assert.True(n, openstack.IsNotFound(err))
			require.ErrorContains(n, err, "get network "+id+": OpenStack API NotFound (Network "+id+" could not be found.)")
			require.ErrorContains(n, err, "check net_id: it must be the id of a network of this project, not of a subnet")
		}
	})
}

func TestNoNeutron(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		ctx, none := n.Context(), network.New(n.WithoutServices())
		for name, call := range map[string]func() error{
			"Network":                func() error { _, err := none.Network(ctx, "x"); return err },
			"SecurityGroups":         func() error { _, err := none.SecurityGroups(ctx, []string{"x"}); return err },
			"CreatePort":             func() error { _, err := none.CreatePort(ctx, network.PortCreateOpts{}); return err },
			"PortsOfDevice":          func() error { _, err := none.PortsOfDevice(ctx, "x"); return err },
			"PortsWithIP":            func() error { _, err := none.PortsWithIP(ctx, "x", "y"); return err },
			"DeletePort":             func() error { return none.DeletePort(ctx, "x") },
			"DeletePortNamed":        func() error { return none.DeletePortNamed(ctx, "x") },
			"FloatingIPs":            func() error { _, err := none.FloatingIPs(ctx, []string{"x"}); return err },
			"ProjectFloatingIPs":     func() error { _, err := none.ProjectFloatingIPs(ctx); return err },
			"ProjectNetworks":        func() error { _, err := none.ProjectNetworks(ctx); return err },
			"ProjectPorts":           func() error { _, err := none.ProjectPorts(ctx); return err },
			"DeleteNetwork":          func() error { return none.DeleteNetwork(ctx, "x") },
			"DisassociateFloatingIP": func() error { return none.DisassociateFloatingIP(ctx, "x") },
			"AssociateFloatingIP":    func() error { return none.AssociateFloatingIP(ctx, "x", "y", "z") },
		} {
			require.ErrorContains(n, call(), `connect to Neutron: the service catalog has no public endpoint of the network service in region "nowhere"`, name)
		}
	})
}
