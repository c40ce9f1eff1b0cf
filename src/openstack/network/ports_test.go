package network_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func (n neutron) port(name, ip string) ports.Port {
	n.Helper()
	port, err := n.CreatePort(n.Context(), network.PortCreateOpts{Name: name, NetworkID: n.private(), FixedIPs: []string{ip}})
	require.NoError(n, err)
	return port
}

func TestCreatePort(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		bosh := n.Fixtures().SecurityGroups["bosh"]
		port, err := n.CreatePort(n.Context(), network.PortCreateOpts{
			Name: "vm-1-0", Description: "of a VM", NetworkID: n.Fixtures().Networks["dual"], FixedIPs: []string{"10.0.2.10", "fd00:10:2::10"},
			SecurityGroups: []string{bosh}, AddressPairs: []ports.AddressPair{{IPAddress: "10.0.2.77"}, {IPAddress: "10.0.2.0/28", MACAddress: "fa:16:3e:00:00:01"}},
		})
		require.NoError(n, err)
		assert.Equal(n, []string{"vm-1-0", "of a VM"}, []string{port.Name, port.Description})
		assert.Equal(n, []string{bosh}, port.SecurityGroups)
		require.Len(n, port.FixedIPs, 2)
		assert.Equal(n, []ports.AddressPair{{IPAddress: "10.0.2.77", MACAddress: port.MACAddress}, {IPAddress: "10.0.2.0/28", MACAddress: "fa:16:3e:00:00:01"}}, port.AllowedAddressPairs)

		plain, err := n.CreatePort(n.Context(), network.PortCreateOpts{Name: "vm-1-1", NetworkID: n.private()})
		require.NoError(n, err)
		assert.Len(n, plain.FixedIPs, 1, "Neutron chooses the address")
		assert.Equal(n, []string{n.Fixtures().SecurityGroups["default"]}, plain.SecurityGroups)
	})
}

func TestCreatePortIsRefused(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		n.port("taken", "10.0.0.99")
		_, err := n.CreatePort(n.Context(), network.PortCreateOpts{Name: "vm-1-0", NetworkID: n.private(), FixedIPs: []string{"10.0.0.99"}})
		assert.True(n, openstack.IsConflict(err))
		require.ErrorContains(n, err, "create port vm-1-0 with address 10.0.0.99 on network "+n.private()+": OpenStack API Conflict (IP address 10.0.0.99 already allocated in subnet ")
		_, err = n.CreatePort(n.Context(), network.PortCreateOpts{Name: "vm-1-0", NetworkID: n.private(), FixedIPs: []string{"192.0.2.1"}})
		require.ErrorContains(n, err, "IP address 192.0.2.1 is not a valid IP for any of the subnets on the specified network.")
		_, err = n.CreatePort(n.Context(), network.PortCreateOpts{Name: "vm-1-0", NetworkID: unknownID})
		assert.True(n, openstack.IsNotFound(err))
		_, err = n.CreatePort(n.Context(), network.PortCreateOpts{Name: "vm-1-0", NetworkID: n.private(), SecurityGroups: []string{unknownID}})
		assert.True(n, openstack.IsNotFound(err))
		n.SetQuota("ports", 0)
		_, err = n.CreatePort(n.Context(), network.PortCreateOpts{Name: "vm-1-0", NetworkID: n.private()})
		assert.True(n, openstack.IsQuota(err))
		assert.False(n, openstack.IsConflict(err))
	})
}

func TestPortSecurityIsDisabled(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		open := n.Make(n.Session.Network, "networks", map[string]any{"network": map[string]any{"name": "open", "port_security_enabled": false}})["id"].(string)
		n.Make(n.Session.Network, "subnets", map[string]any{"subnet": map[string]any{"network_id": open, "cidr": "192.168.7.0/24", "ip_version": 4}})
		opts := network.PortCreateOpts{Name: "vm-1-0", NetworkID: open, SecurityGroups: []string{n.Fixtures().SecurityGroups["bosh"]}}
		_, err := n.CreatePort(n.Context(), opts)
		assert.True(n, network.IsPortSecurityDisabled(err), err)

		opts.SecurityGroups, opts.AddressPairs = nil, []ports.AddressPair{{IPAddress: "192.168.7.8"}}
		_, err = n.CreatePort(n.Context(), opts)
		require.ErrorContains(n, err, "Port Security must be enabled in order to have allowed address pairs on a port.")
		require.ErrorContains(n, err, "; the network has port security disabled, so its ports take neither security groups nor address pairs")
		assert.False(n, network.IsPortSecurityDisabled(err))

		opts.AddressPairs = nil
		_, err = n.CreatePort(n.Context(), opts)
		require.NoError(n, err)
		assert.False(n, network.IsPortSecurityDisabled(err))
	})
}

func TestPortsWithIP(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		six, err := n.CreatePort(n.Context(), network.PortCreateOpts{Name: "six", NetworkID: n.Fixtures().Networks["dual"], FixedIPs: []string{"fd00:10:2::10"}})
		require.NoError(n, err)
		written, err := network.New(n.NewSession(nil, openstack.WithTransport(ignoring{n.Transport()}))).PortsWithIP(n.Context(), "FD00:10:2:0::10", "")
		require.NoError(n, err)
		require.Len(n, written, 1)
		assert.Equal(n, six.ID, written[0].ID)
		here := n.port("here", "10.0.0.50")
		n.port("longer", "10.0.0.5")
		for networkID, want := range map[string]int{n.private(): 1, "": 1, n.Fixtures().Networks["private-2"]: 0} {
			found, err := n.PortsWithIP(n.Context(), "10.0.0.50", networkID)
			require.NoError(n, err)
			require.Len(n, found, want)
			if want == 1 {
				assert.Equal(n, here.ID, found[0].ID)
			}
		}
		n.Inject(simulator.Fault{On: "GET /ports", Status: http.StatusForbidden})
		_, err = n.PortsWithIP(n.Context(), "10.0.0.50", "")
		require.ErrorContains(n, err, "list ports with address 10.0.0.50: OpenStack API Forbidden")
	})
}

func TestPortsOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		for i := range 5 {
			n.Make(n.Session.Network, "ports", map[string]any{"port": map[string]any{
				"name": "twin", "network_id": n.private(), "device_id": "vm-1", "fixed_ips": []any{map[string]string{"ip_address": fmt.Sprintf("10.0.0.%d", 10+i)}},
			}})
		}
		n.port("other", "10.0.0.20")
		paged := n.smallPages()
		found, err := paged.PortsOfDevice(n.Context(), "vm-1")
		require.NoError(n, err)
		assert.Len(n, found, 5)

		// An incomplete list is an error.
		n.Inject(simulator.Fault{On: "GET /ports", Nth: 3, Status: http.StatusForbidden})
		_, err = paged.PortsOfDevice(n.Context(), "vm-1")
		require.ErrorContains(n, err, "list ports of server vm-1: OpenStack API Forbidden")
		n.Inject(simulator.Fault{On: "GET /ports", Nth: 2, Status: http.StatusForbidden})
		require.ErrorContains(n, paged.DeletePortNamed(n.Context(), "twin"), "list ports named twin: OpenStack API Forbidden")
		n.Inject(simulator.Fault{On: "DELETE /ports/{id}", Status: http.StatusForbidden})
		require.ErrorContains(n, paged.DeletePortNamed(n.Context(), "twin"), "delete port "+found[0].ID+": OpenStack API Forbidden")

		require.NoError(n, paged.DeletePortNamed(n.Context(), "twin"))
		found, err = paged.PortsOfDevice(n.Context(), "vm-1")
		require.NoError(n, err)
		assert.Empty(n, found)
		others, err := n.PortsWithIP(n.Context(), "10.0.0.20", "")
		require.NoError(n, err)
		assert.Len(n, others, 1)
	})
}

// A Neutron that does not implement a filter returns all ports.
func TestFiltersThatAreIgnored(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(n neutron) {
		kept := n.port("kept", "10.0.0.10")
		everything := ignoring{n.Transport()}
		deaf := network.New(n.NewSession(nil, openstack.WithTransport(everything)))
		require.NoError(n, deaf.DeletePortNamed(n.Context(), "other"))
		found, err := deaf.PortsOfDevice(n.Context(), "vm-1")
		require.NoError(n, err)
		assert.Empty(n, found)
		others, err := deaf.PortsWithIP(n.Context(), "10.0.0.77", "")
		require.NoError(n, err)
		assert.Empty(n, others)
		others, err = deaf.PortsWithIP(n.Context(), "10.0.0.10", n.private())
		require.NoError(n, err)
		require.Len(n, others, 1)
		assert.Equal(n, kept.ID, others[0].ID)
		others, err = deaf.PortsWithIP(n.Context(), "10.0.0.10", unknownID)
		require.NoError(n, err)
		assert.Empty(n, others)
	})
}

// ignoring is a transport that removes the filters from requests.
type ignoring struct{ cloud http.RoundTripper }

func (i ignoring) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.URL.RawQuery = ""
	return i.cloud.RoundTrip(request)
}
