package cpi

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

func TestTextsOfMetadata(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]string{"number": "1", "long": strings.Repeat("ä", 255), strings.Repeat("k", 255): "v"}, texts(bosh.Metadata{
		"number": 1, "long": strings.Repeat("ä", 300), strings.Repeat("k", 300): "v", "nil": nil, "": "no key",
	}))
	assert.Empty(t, texts(nil))
}

// Of several tags that OpenStack stores with the same key, the one with that key
// counts, or the first one.
func TestTagsWithTheSameKey(t *testing.T) {
	t.Parallel()
	c := &CPI{log: slog.New(slog.DiscardHandler)}
	for range 20 {
		all := bosh.Metadata{"a/b": "1", "a&b": "2", "a_b": "3", "c(": "4", "c)": "5"}
		assert.Equal(t, map[string]string{"a_b": "3", "c_": "4"}, c.tags(all, refusedByNova, slog.String("server", "x")))
		long := strings.Repeat("k", 255)
		assert.Equal(t, map[string]string{long: "1"}, texts(bosh.Metadata{long: "1", long + "x": "2", long + "y": "3"}))
	}
}
