package bosh

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func networks(t *testing.T, document string) Networks {
	t.Helper()
	var n Networks
	require.NoError(t, json.Unmarshal([]byte(document), &n))
	return n
}

func encode(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return string(data)
}

func TestNetworksKeepOrderAndUnknownKeys(t *testing.T) {
	t.Parallel()
	document := `{"z":{"type":"manual","ip":"10.0.0.5","prefix":"32","nic_group":"1","cloud_properties":{"net_id":"n1","other":[1,2]}},` +
		`"a":{"type":"vip","ip":"172.24.4.9","cloud_properties":{}},"m":{"type":"dynamic","dns":["8.8.8.8"],"default":["dns","gateway"]}}`
	n := networks(t, document)
	assert.Equal(t, document, encode(t, n))
	assert.Equal(t, []string{"z", "a", "m"}, []string{n[0].Name, n[1].Name, n[2].Name})

	changed := Networks{n[0].With("mac", "fa:16:3e:01:02:03").With("ip", "10.0.0.6")}
	assert.JSONEq(t, `{"z":{"type":"manual","ip":"10.0.0.6","prefix":"32","nic_group":"1","cloud_properties":{"net_id":"n1","other":[1,2]},"mac":"fa:16:3e:01:02:03"}}`, encode(t, changed))
	assert.Equal(t, document, encode(t, n), "the original is unchanged")
	assert.Equal(t, "a", n.VIPs()[0].Name)
	assert.Equal(t, "m", n.Gateway().Name)
	assert.Len(t, n.Private(), 2)
	assert.Equal(t, []string{"8.8.8.8"}, n.DNS())
}

func TestNetworkDefaults(t *testing.T) {
	t.Parallel()
	assert.Equal(t, Manual, networks(t, `{"a":{"ip":"1.2.3.4"}}`)[0].Type)
	assert.Equal(t, "a", networks(t, `{"a":{"type":"dynamic"},"v":{"type":"vip"}}`).Gateway().Name, "the only private network")
	assert.Nil(t, networks(t, `{"a":{},"b":{}}`).Gateway(), "two networks and none says gateway")
	assert.Nil(t, networks(t, `{"a":{"dns":null}}`).DNS())
}

func TestNetworkErrorsNameTheField(t *testing.T) {
	t.Parallel()
	for document, words := range map[string][]string{
		`[]`:                      {"a JSON object is expected, not an array"},
		`{"a":"x"}`:               {"a:", "not a string"},
		`{"a":{"ip":5}}`:          {"a:", "ip must not be a number"},
		`{"a":{"dns":"8.8.8.8"}}`: {"a:", "dns must not be a string"},
		`{"a":{"cloud_properties":{"net_id":1}}}`:                  {"a:", "cloud_properties.net_id must not be a number"},
		`{"a":{"cloud_properties":{"security_groups":"default"}}}`: {"a:", "security groups must be an Array"},
	} {
		err := json.Unmarshal([]byte(document), &Networks{})
		require.Error(t, err, document)
		for _, word := range words {
			assert.ErrorContains(t, err, word)
		}
	}
}

func TestMetadataText(t *testing.T) {
	t.Parallel()
	var metadata Metadata
	require.NoError(t, json.Unmarshal([]byte(`{"s":"x","n":1000000,"f":1.5,"b":true,"nil":null,"l":[1,"a"],"o":{"k":2}}`), &metadata))
	for key, text := range map[string]string{
		"s": "x", "n": "1000000", "f": "1.5", "b": "true", "nil": "", "missing": "", "l": `[1,"a"]`, "o": `{"k":2}`,
	} {
		assert.Equal(t, text, metadata.Text(key), key)
	}
}

func TestErrorsKeepTheirKind(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cloud said no")
	err := fmt.Errorf("outer: %w", Retryable(VMCreationFailed, "inner: %w", cause))
	known := AsError(err)
	assert.Equal(t, VMCreationFailed, known.Kind)
	assert.True(t, known.OKToRetry)
	assert.Equal(t, "outer: inner: the cloud said no", known.Error())
	require.ErrorIs(t, known, cause)
	assert.Equal(t, CloudError, AsError(cause).Kind)
	assert.Nil(t, AsError(nil))
	assert.Equal(t, "Bosh::Clouds::CpiError", CPIError.String())
	assert.Equal(t, "Bosh::Clouds::VMCreationFailed", VMCreationFailed.String())
}

func TestStemcellCIDs(t *testing.T) {
	t.Parallel()
	light := LightStemcell("5a2c")
	assert.Equal(t, StemcellCID("5a2c light"), light)
	assert.True(t, light.Light())
	assert.Equal(t, "5a2c", light.ImageID())
	assert.False(t, StemcellCID("5a2c").Light())
	assert.Equal(t, "5a2c", StemcellCID("5a2c").ImageID())
}

func TestResultsFollowTheVersion(t *testing.T) {
	t.Parallel()
	vm := CreatedVM{CID: "id", Networks: networks(t, `{"a":{"type":"dynamic"}}`)}
	assert.Equal(t, `"id"`, encode(t, vm.AtVersion(1)))
	for _, version := range []int{2, 3} {
		assert.Equal(t, `["id",{"a":{"type":"dynamic"}}]`, encode(t, vm.AtVersion(version)))
		assert.Equal(t, `"/dev/vdb"`, encode(t, DiskHint("/dev/vdb").AtVersion(version)))
	}
	assert.Equal(t, `null`, encode(t, DiskHint("/dev/vdb").AtVersion(1)))
}

func TestAgentSettings(t *testing.T) {
	t.Parallel()
	settings := AgentSettings{
		VMName: "vm-1", AgentID: "agent", Networks: networks(t, `{"a":{"type":"dynamic","dns":["1.1.1.1"]}}`),
		Env:   json.RawMessage(`{"bosh":{"mbus":{"cert":{"ca":"x"}}}}`),
		Agent: map[string]json.RawMessage{"mbus": json.RawMessage(`"nats://n"`), "ntp": json.RawMessage(`["t"]`)},
	}
	userData, err := settings.UserData()
	require.NoError(t, err)
	assert.JSONEq(t, `{"server":{"name":"vm-1"},"networks":{"a":{"type":"dynamic","dns":["1.1.1.1"]}},"dns":{"nameserver":["1.1.1.1"]},
		"vm":{"name":"vm-1"},"agent_id":"agent","disks":{"system":"/dev/sda","persistent":{},"ephemeral":null},
		"env":{"bosh":{"mbus":{"cert":{"ca":"x"}}}},"mbus":"nats://n","ntp":["t"]}`, string(userData))

	settings.EphemeralDisk, settings.Env = "/dev/sdb", json.RawMessage(`null`)
	userData, err = settings.UserData()
	require.NoError(t, err)
	assert.Contains(t, string(userData), `"ephemeral":"/dev/sdb"`)
	assert.NotContains(t, string(userData), `"env"`)

	settings.Registry = "http://user:pw@registry"
	userData, err = settings.UserData()
	require.NoError(t, err)
	assert.JSONEq(t, `{"server":{"name":"vm-1"},"networks":{"a":{"type":"dynamic","dns":["1.1.1.1"]}},
		"dns":{"nameserver":["1.1.1.1"]},"registry":{"endpoint":"http://user:pw@registry"}}`, string(userData))
	document, err := settings.RegistryDocument()
	require.NoError(t, err)
	assert.JSONEq(t, `{"vm":{"name":"vm-1"},"agent_id":"agent","disks":{"system":"/dev/sda","persistent":{},"ephemeral":"/dev/sdb"},
		"mbus":"nats://n","ntp":["t"],"networks":{"a":{"type":"dynamic","dns":["1.1.1.1"]}}}`, string(document))
}
