package cpi

import (
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
