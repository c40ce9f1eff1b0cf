package cpi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// trunked are the networks of a VM with a trunk.
func (e *env) trunked() bosh.Networks {
	return e.networks(`{"a":{"ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q,"subports":[
		{"net_id":%q,"segmentation_id":101},{"net_id":%q,"segmentation_id":102,"port_security_enabled":false}]}}}`, e.net("private"), e.net("private-2"), e.net("dual"))
}

// object returns the only object of a kind with the field.
func (e *env) object(kind, field, value string) (id string, found simulator.Object) {
	for key, object := range e.cloud.Inventory() {
		if strings.HasPrefix(key, kind+" ") && object.Fields[field] == value {
			require.Empty(e, id, "several")
			id, found = strings.TrimPrefix(key, kind+" "), object
		}
	}
	require.NotEmpty(e, id, "none")
	return id, found
}

func TestTrunks(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		vm, ports := e.build(e.trunked(), smallVM)
		require.Len(e, ports, 1, "the guest has one interface")
		_, trunk := e.object("trunk", "port", ports[0].id)
		assert.Equal(e, ports[0].Name, trunk.Name)
		assert.Equal(e, ports[0].Fields["description"], trunk.Fields["description"])
		inventory := e.cloud.Inventory()
		filtered, open := inventory["port "+trunk.Fields["subport with VLAN 101"]], inventory["port "+trunk.Fields["subport with VLAN 102"]]
		for _, sub := range []simulator.Object{filtered, open} {
			assert.Equal(e, ports[0].Fields["mac"], sub.Fields["mac"], "VLAN interfaces have the address of the interface below them")
			assert.Equal(e, ports[0].Fields["description"], sub.Fields["description"])
		}
		assert.Equal(e, []string{e.net("private-2"), "true", ports[0].Fields["security groups"]},
			[]string{filtered.Fields["network"], filtered.Fields["port security"], filtered.Fields["security groups"]})
		assert.Equal(e, []string{e.net("dual"), "false", ""}, []string{open.Fields["network"], open.Fields["port security"], open.Fields["security groups"]})

		for range 2 { // not found counts as success
			_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm.CID})
			require.NoError(e, err)
		}
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

func TestTrunkWithoutSubports(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		vm, ports := e.build(e.networks(`{"a":{"type":"dynamic","cloud_properties":{"net_id":%q,"trunk":true}}}`, e.net("private")), smallVM)
		_, _ = e.object("trunk", "port", ports[0].id)
		_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm.CID})
		require.NoError(e, err)
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

func TestTrunksAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ properties, text string }{
		"no network":       {`"net_id":"$private","subports":[{"segmentation_id":5}]`, "networks.a.cloud_properties.subports[0].net_id is missing"},
		"the same network": {`"net_id":"$private","subports":[{"net_id":"$private","segmentation_id":5}]`, "networks.a.cloud_properties.subports[0].net_id is $private, the network of the NIC itself"},
		"no VLAN":          {`"net_id":"$private","subports":[{"net_id":"$dual"}]`, "networks.a.cloud_properties.subports[0].segmentation_id is 0, which is not a VLAN id (1 to 4094)"},
		"a large VLAN":     {`"net_id":"$private","subports":[{"net_id":"$dual","segmentation_id":4095}]`, "segmentation_id is 4095, which is not a VLAN id"},
		"a VLAN twice": {
			`"net_id":"$private","subports":[{"net_id":"$dual","segmentation_id":5},{"net_id":"$private-2","segmentation_id":5}]`,
			"networks.a.cloud_properties.subports[1].segmentation_id is 5, as that of the subport in network $dual",
		},
		"turned off":            {`"net_id":"$private","trunk":false,"subports":[{"net_id":"$dual","segmentation_id":5}]`, "networks.a.cloud_properties.trunk is false, but networks.a.cloud_properties.subports are described"},
		"a port of Nova":        {`"trunk":true`, "networks.a.cloud_properties.net_id is missing"},
		"an unknown network":    {`"net_id":"$private","subports":[{"net_id":"3b3ba8e9-9c0e-4e0e-8f5d-6a3a4b1f2c3d","segmentation_id":5}]`, "network 'a': subport with segmentation_id 5: create port "},
		"a VLAN that is a word": {`"net_id":"$private","subports":[{"net_id":"$dual","segmentation_id":"five"}]`, "segmentation_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				before := e.cloud.Inventory()
				filled := strings.NewReplacer("$private-2", e.net("private-2"), "$private", e.net("private"), "$dual", e.net("dual"))
				var args bosh.CreateVMArgs
				err := args.Networks.UnmarshalJSON([]byte(filled.Replace(`{"a":{"type":"dynamic","cloud_properties":{` + test.properties + `}}}`)))
				if err == nil {
					_, err = e.cpi().CreateVM(e.Context(), e.newVM(args.Networks, smallVM))
				}
				require.ErrorContains(e, err, filled.Replace(test.text))
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

func TestCloudWithoutTrunks(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		e.cloud.Inject(simulator.Fault{On: "POST /trunks", Status: http.StatusNotFound})
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.trunked(), smallVM))
		require.ErrorContains(e, err, "this cloud has no trunks (networks.a.cloud_properties.trunk)")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// delete_vm for a VM that does not exist deletes lost ports. Subports of trunks have
// no server, and are not lost.
func TestSubportsAreNotLost(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		_, _ = e.build(e.trunked(), smallVM)
		e.pass(24 * 60 * 60 * 1e9)
		before := e.cloud.Inventory()
		_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: "3b3ba8e9-9c0e-4e0e-8f5d-6a3a4b1f2c3d"})
		require.NoError(e, err)
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// What another client has added to the trunk stays.
func TestOtherSubportsStay(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm, ports := e.build(e.trunked(), smallVM)
		_, trunk := e.object("trunk", "port", ports[0].id)
		id := trunk.Fields["subport with VLAN 101"]
		e.describePort(id, "an operator's")
		_, err := e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: vm.CID})
		require.NoError(e, err)
		inventory := e.cloud.Inventory()
		assert.Contains(e, inventory, "port "+id)
		assert.NotContains(e, inventory, "port "+trunk.Fields["subport with VLAN 102"])
	})
}

// describePort changes the description of a port, as another client.
func (e *env) describePort(id, description string) {
	_, err := ports.Update(e.Context(), e.neutron(), id, ports.UpdateOpts{Description: &description}).Extract()
	require.NoError(e, err)
}
