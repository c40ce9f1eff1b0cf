package day

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	t.Parallel()
	n := &names{values: map[string]any{"$director": "d", "$private": "id", "$mbus": map[string]int{"a": 1}}}
	resolved, err := n.resolve(json.RawMessage(`["$agent-7",{"z":"$private","a":"$mbus","b":"no $private"}]`))
	require.NoError(t, err)
	assert.Equal(t, `["agent-7-of-d",{"z":"id","a":{"a":1},"b":"no $private"}]`, string(resolved), "keys keep their order")
	_, err = n.resolve(json.RawMessage(`["$vm-1"]`))
	require.EqualError(t, err, "no call has returned $vm-1")

	require.NoError(t, n.setResult("$vm-1", json.RawMessage(`["cid",{"private":{}}]`)))
	require.NoError(t, n.setResult("$network-1", json.RawMessage(`["net",{"range":"r"},{"net_id":"net"}]`)))
	require.NoError(t, n.setResult("$calculated-1", json.RawMessage(`{"instance_type":"m1"}`)))
	require.NoError(t, n.setResult("$disk-1", json.RawMessage(`"volume"`)))
	resolved, err = n.resolve(json.RawMessage(`["$vm-1","$network-1","$network-1.properties","$calculated-1.instance_type","$disk-1"]`))
	require.NoError(t, err)
	assert.JSONEq(t, `["cid","net",{"net_id":"net"},"m1","volume"]`, string(resolved))

	n.set("$disk-2", "volume")
	n.rename("volume", "other")
	assert.Equal(t, []string{"other", "other", "cid"}, []string{n.text("$disk-1"), n.text("$disk-2"), n.text("$vm-1")})
}

func TestMissingNames(t *testing.T) {
	t.Parallel()
	n := &names{values: map[string]any{"$private": "id"}}
	chapter := Chapter{Operations: []Operation{{Steps: []Step{
		{Method: "create_vm", CPI: "$cpi-1", Arguments: []json.RawMessage{[]byte(`"$agent-1"`), []byte(`{"net_id":"$private","zone":"$z1"}`)}, Result: "$vm-1"},
		{Method: "delete_vm", Arguments: []json.RawMessage{[]byte(`"$vm-1"`), []byte(`"$vm-1.key"`)}},
	}}}}
	assert.Equal(t, []string{"$cpi-1", "$z1"}, n.missing(chapter))
}
