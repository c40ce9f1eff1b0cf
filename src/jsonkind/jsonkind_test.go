package jsonkind_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]jsonkind.Kind{
		`{"a":1}`: jsonkind.Object, "[1]": jsonkind.Array, `"a"`: jsonkind.String,
		"true": jsonkind.Boolean, "false": jsonkind.Boolean, "-1.5": jsonkind.Number,
	} {
		assert.Equal(t, want, jsonkind.Of([]byte(" "+value)))
		assert.False(t, jsonkind.IsNull([]byte(value)))

		var into chan int // no JSON value fits
		var mismatch *json.UnmarshalTypeError
		require.ErrorAs(t, json.Unmarshal([]byte(value), &into), &mismatch)
		assert.Equal(t, want, jsonkind.Found(mismatch), "encoding/json says %q", mismatch.Value)
	}
	assert.Equal(t, jsonkind.Null, jsonkind.Of([]byte("null")))
	assert.Equal(t, jsonkind.Nothing, jsonkind.Of([]byte(" ")))
	assert.True(t, jsonkind.IsNull(nil))
	assert.True(t, jsonkind.IsNull([]byte(" null")))
}
