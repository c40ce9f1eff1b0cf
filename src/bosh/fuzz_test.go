package bosh_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// FuzzNetworks checks that networks are refused, or become settings of an agent
// that hold them in the same order with the same values.
func FuzzNetworks(f *testing.F) {
	for _, seed := range []string{
		`{"private":{"type":"manual","ip":"10.0.0.5","netmask":"255.255.255.0","gateway":"10.0.0.1","dns":["8.8.8.8"],"default":["dns","gateway"],"cloud_properties":{"net_id":"n","security_groups":["a"]}}}`,
		`{"z":{"type":"dynamic","prefix":32,"nic_group":1},"a":{"type":"vip","ip":"1.2.3.4","other":{"x":[1,null]}}}`,
		`{"a":{},"a":{"ip":"::1","prefix":"128"},"":{"dns":null}}`,
		`{"a":{"ip":5}}`, `{"a":null}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var networks bosh.Networks
		if err := json.Unmarshal(document, &networks); err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		settings := bosh.AgentSettings{VMName: "vm", AgentID: "agent", Networks: networks}
		userData, err := settings.UserData()
		require.NoError(t, err)
		var read struct {
			Networks bosh.Networks `json:"networks"`
			DNS      struct {
				Nameserver []string `json:"nameserver"`
			} `json:"dns"`
		}
		require.NoError(t, json.Unmarshal(userData, &read), "%s", userData)
		require.Len(t, read.Networks, len(networks))
		written, err := json.Marshal(networks)
		require.NoError(t, err)
		rewritten, err := json.Marshal(read.Networks)
		require.NoError(t, err)
		assert.Equal(t, string(written), string(rewritten), "networks are written as they were read, whatever their keys")
		for i, n := range networks {
			again := read.Networks[i]
			assert.Equal(t, []string{n.Name, n.IP, n.Netmask, n.Gateway}, []string{again.Name, again.IP, again.Netmask, again.Gateway})
			assert.Equal(t, n.CloudProperties, again.CloudProperties)
			assert.Equal(t, []bosh.Scalar{n.Prefix, n.NICGroup}, []bosh.Scalar{again.Prefix, again.NICGroup})
			assert.Equal(t, n.Type, again.Type)
			changed := n.With("mac", "fa:16:3e:00:00:01")
			assert.JSONEq(t, `"fa:16:3e:00:00:01"`, string(changed.Raw("mac")))
		}
		assert.Equal(t, networks.DNS() == nil, !strings.Contains(string(userData), `"dns":{"nameserver"`) && read.DNS.Nameserver == nil)
		if gateway := networks.Gateway(); gateway != nil {
			assert.NotEqual(t, bosh.VIP, gateway.Type)
		}
		assert.Len(t, networks, len(networks.Private())+len(networks.VIPs()), "every network has one of two roles")
	})
}
