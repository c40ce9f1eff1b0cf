package network_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// Networks that another project shares, and the ports and floating IPs of other
// projects, are left out.
func TestObjectsOfTheProject(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		var made []string
		for _, ip := range []string{"10.0.0.10", "10.0.0.11", "10.0.0.12"} {
			made = append(made, n.port("port-"+ip, ip).ID)
		}
		paged, project := n.smallPages(), n.Fixtures().ProjectID
		ports, err := paged.ProjectPorts(n.Context())
		require.NoError(n, err)
		for _, port := range ports {
			assert.Equal(n, project, port.ProjectID)
			made = slices.DeleteFunc(made, func(id string) bool { return id == port.ID })
		}
		assert.Empty(n, made)
		networks, err := paged.ProjectNetworks(n.Context())
		require.NoError(n, err)
		for _, network := range networks {
			assert.Equal(n, project, network.ProjectID)
		}
		ips, err := paged.ProjectFloatingIPs(n.Context())
		require.NoError(n, err)
		assert.Len(n, ips, len(n.Fixtures().FloatingIPs))

		for on, list := range map[string]func() error{
			"GET /ports":       func() error { _, err := paged.ProjectPorts(n.Context()); return err },
			"GET /networks":    func() error { _, err := paged.ProjectNetworks(n.Context()); return err },
			"GET /floatingips": func() error { _, err := paged.ProjectFloatingIPs(n.Context()); return err },
		} {
			n.Inject(simulator.Fault{On: on, Status: http.StatusForbidden})
			require.ErrorContains(n, list(), "of project "+project+": OpenStack API Forbidden", on)
		}
	})
}

func TestDeleteNetwork(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		before := n.Inventory()
		made := n.Make(n.Session.Network, "networks", map[string]any{"network": map[string]any{"name": "managed"}})
		id, _ := made["id"].(string)
		require.NoError(n, n.DeleteNetwork(n.Context(), id))
		require.NoError(n, n.DeleteNetwork(n.Context(), id), "not found counts as success")
		assert.Empty(n, n.Inventory().Diff(before))
		n.port("in-use", "10.0.0.10")
		require.ErrorContains(n, n.DeleteNetwork(n.Context(), n.private()), "delete network "+n.private()+": OpenStack API Conflict")
	})
}

func TestDisassociateFloatingIP(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		_, id := n.floating()
		before := n.Inventory()
		port := n.port("one", "10.0.0.10")
		require.NoError(n, n.AssociateFloatingIP(n.Context(), id, port.ID, ""))
		require.NoError(n, n.DisassociateFloatingIP(n.Context(), id))
		require.NoError(n, n.DeletePort(n.Context(), port.ID))
		assert.Empty(n, n.Inventory().Diff(before), "it stays allocated")
		require.NoError(n, n.DisassociateFloatingIP(n.Context(), unknownID), "not found counts as success")
		n.Inject(simulator.Fault{On: "PUT /floatingips/{id}", Status: http.StatusForbidden})
		require.ErrorContains(n, n.DisassociateFloatingIP(n.Context(), id), "disassociate floating IP "+id)
	})
}
