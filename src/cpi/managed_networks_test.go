package cpi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// managed creates a network from the JSON document of a director.
func (e *env) managed(definition string) (bosh.CreatedNetwork, error) {
	var args bosh.CreateNetworkArgs
	require.NoError(e, json.Unmarshal([]byte(definition), &args.Subnet))
	return e.cpi().CreateNetwork(e.Context(), args)
}

func TestManagedNetworks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ definition, addresses, properties string }{
		"range and gateway": {
			`{"type":"manual","range":"10.9.0.0/24","gateway":"10.9.0.1","cloud_properties":{"availability_zone":"z2","security_groups":["bosh"]}}`,
			`{"range":"10.9.0.0/24","gateway":"10.9.0.1","reserved":["10.9.0.239-10.9.0.254"]}`, `{"security_groups":["bosh"],"net_id":%q}`,
		},
		"gateway at the end": {
			`{"type":"manual","range":"10.9.0.0/24","gateway":"10.9.0.254","cloud_properties":{}}`,
			`{"range":"10.9.0.0/24","gateway":"10.9.0.254","reserved":["10.9.0.1-10.9.0.16"]}`, `{"net_id":%q}`,
		},
		"range alone":   {`{"range":"10.9.0.0/28"}`, `{"range":"10.9.0.0/28","gateway":"10.9.0.1","reserved":["10.9.0.11-10.9.0.14"]}`, `{"net_id":%q}`},
		"a large range": {`{"range":"10.8.0.0/16"}`, `{"range":"10.8.0.0/16","gateway":"10.8.0.1","reserved":["10.8.255.191-10.8.255.254"]}`, `{"net_id":%q}`},
		"IPv6":          {`{"range":"fd00:9::/64"}`, `{"range":"fd00:9::/64","gateway":"fd00:9::1","reserved":["fd00:9::ffff:ffff:ffff:ffbf-fd00:9::ffff:ffff:ffff:fffe"]}`, `{"net_id":%q}`},
		"a subnet pool": {
			`{"netmask_bits":26,"cloud_properties":{"subnet_pool":"ranges","router":"router","mtu":1400,"tags":["a"]}}`,
			`{"range":"10.64.0.0/26","gateway":"10.64.0.1","reserved":["10.64.0.59-10.64.0.62"]}`, `{"tags":["a"],"net_id":%q}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				before := e.cloud.Inventory()
				created, err := e.managed(test.definition)
				require.NoError(e, err)
				answer, err := json.Marshal(created.AtVersion(2))
				require.NoError(e, err)
				assert.JSONEq(e, fmt.Sprintf(`[%q,%s,%s]`, created.CID, test.addresses, fmt.Sprintf(test.properties, created.CID)), string(answer))

				// A VM gets an address of it.
				gateway := created.Addresses.Gateway
				address := strings.TrimSuffix(gateway, gateway[strings.LastIndexAny(gateway, ".:")+1:]) + "5"
				if strings.HasSuffix(created.Addresses.Gateway, ".254") {
					address = "10.9.0.100"
				}
				networks := e.networks(`{"managed":{"type":"manual","ip":%q,"cloud_properties":%s}}`, address, created.CloudProperties)
				vm, err := e.cpi().CreateVM(e.Context(), e.newVM(networks, smallVM))
				require.NoError(e, err)
				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm.CID})
				require.NoError(e, err)

				for range 2 { // not found counts as success
					_, err = e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: created.CID})
					require.NoError(e, err)
				}
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

func TestManagedNetworksAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ definition, text string }{
		"neither range nor bits": {`{"cloud_properties":{}}`, "subnet_definition has neither range nor netmask_bits"},
		"range and bits":         {`{"range":"10.9.0.0/24","netmask_bits":24}`, "subnet_definition has range and netmask_bits"},
		"bits without a pool":    {`{"netmask_bits":24}`, "netmask_bits needs cloud_properties.subnet_pool"},
		"a pool without bits":    {`{"range":"10.9.0.0/24","cloud_properties":{"subnet_pool":"ranges"}}`, "cloud_properties.subnet_pool is for subnets with netmask_bits"},
		"bits and a gateway":     {`{"netmask_bits":24,"gateway":"10.9.0.1","cloud_properties":{"subnet_pool":"ranges"}}`, "subnet_definition.gateway is 10.9.0.1, but the range is chosen by Neutron"},
		"a word as range":        {`{"range":"ten"}`, "subnet_definition.range is 'ten', which is not a CIDR"},
		"an address as range":    {`{"range":"10.9.0.5/24"}`, "subnet_definition.range is '10.9.0.5/24', which is not a CIDR"},
		"a gateway elsewhere":    {`{"range":"10.9.0.0/24","gateway":"10.8.0.1"}`, "subnet_definition.gateway is '10.8.0.1', which is not an address of the range 10.9.0.0/24"},
		"a range that is tiny":   {`{"range":"10.9.0.0/29"}`, "the range 10.9.0.0/29 is too small: 16 addresses are the minimum"},
		"net_id":                 {`{"range":"10.9.0.0/24","cloud_properties":{"net_id":"x"}}`, "cloud_properties.net_id is x, but create_network creates a network"},
		"two routers":            {`{"range":"10.9.0.0/24","cloud_properties":{"router":"router","external_network":"external"}}`, "cloud_properties.router and cloud_properties.external_network are both set"},
		"dynamic":                {`{"type":"dynamic","range":"10.9.0.0/24"}`, "subnet_definition.type is 'dynamic': only manual networks can be managed"},
		"an unknown router":      {`{"range":"10.9.0.0/24","cloud_properties":{"router":"none"}}`, "Router `none' not found (cloud_properties.router)"},
		"an unknown external":    {`{"range":"10.9.0.0/24","cloud_properties":{"external_network":"none"}}`, "Network `none' not found (cloud_properties.external_network)"},
		"an unknown pool":        {`{"netmask_bits":24,"cloud_properties":{"subnet_pool":"none"}}`, "Subnet pool `none' not found (cloud_properties.subnet_pool)"},
		"an internal network":    {`{"range":"10.9.0.0/24","cloud_properties":{"external_network":"private"}}`, "is not an external network"},
		"a pool that is empty":   {`{"netmask_bits":8,"cloud_properties":{"subnet_pool":"ranges"}}`, "Insufficient prefix space to allocate subnet size /8."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				before := e.cloud.Inventory()
				_, err := e.managed(test.definition)
				require.ErrorContains(e, err, test.text)
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

// Directors forget a network after one call of delete_network.
func TestDeleteNetworkWaitsForItsPorts(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		created, err := e.managed(`{"range":"10.9.0.0/24"}`)
		require.NoError(e, err)
		for range 3 {
			e.cloud.Inject(simulator.Fault{On: "DELETE /networks/{id}", Status: http.StatusConflict})
		}
		_, err = e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: created.CID})
		require.NoError(e, err)
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// A network in use stays as it is: its VM keeps its way out.
func TestDeleteNetworkNamesWhatUsesIt(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.managed(`{"range":"10.9.0.0/24","cloud_properties":{"external_network":"external"}}`)
		require.NoError(e, err)
		vm, ports := e.build(e.networks(`{"managed":{"type":"manual","ip":"10.9.0.5","cloud_properties":{"net_id":%q}}}`, string(created.CID)), smallVM)
		before := e.cloud.Inventory()
		_, err = e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: created.CID})
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "is not deleted: it is in use by port "+ports[0].id+" compute:")
		assert.Contains(e, text, string(vm.CID)+" (it was tried for 5m0s)")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

func TestDeleteNetworkKeepsItWithAPortOfAnOperator(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.managed(`{"range":"10.9.0.0/24","cloud_properties":{"router":"router"}}`)
		require.NoError(e, err)
		port, err := ports.Create(e.Context(), e.neutron(), ports.CreateOpts{NetworkID: string(created.CID), Name: "an operator's"}).Extract()
		require.NoError(e, err)
		before := e.cloud.Inventory()
		_, err = e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: created.CID})
		require.ErrorContains(e, err, "it is in use by port "+port.ID+" (it was tried for")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// Another client may give a router the name of the network, or the network that of
// a router.
func TestDeleteNetworkKeepsOtherRouters(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.managed(`{"range":"10.9.0.0/24","cloud_properties":{"external_network":"external"}}`)
		require.NoError(e, err)
		managed, err := networks.Get(e.Context(), e.neutron(), string(created.CID)).Extract()
		require.NoError(e, err)
		other, err := routers.Create(e.Context(), e.neutron(), routers.CreateOpts{Name: managed.Name, Description: "an operator's"}).Extract()
		require.NoError(e, err)
		_, err = e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: created.CID})
		require.NoError(e, err)
		left, err := e.cpi().network.RoutersNamed(e.Context(), managed.Name)
		require.NoError(e, err)
		require.Len(e, left, 1)
		assert.Equal(e, other.ID, left[0].ID)
	})
}

func TestDeleteNetworkKeepsThoseOfOperators(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		_, err := e.cpi().DeleteNetwork(e.Context(), bosh.NetworkArgs{Network: bosh.NetworkCID(e.net("private-2"))})
		text := e.requireKind(err, bosh.CloudError)
		assert.Contains(e, text, "Network '"+e.net("private-2")+"' (private-2) is not deleted: it was not created by this CPI")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}
