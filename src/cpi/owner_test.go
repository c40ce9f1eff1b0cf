package cpi

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

func TestOwner(t *testing.T) {
	t.Parallel()
	full := owner{directorUUID: "d", deployment: "cf", agentID: "a"}
	assert.Equal(t, map[string]string{"bosh_cpi": "openstack-bosh-cpi", "director_uuid": "d", "deployment": "cf", "agent_id": "a"}, full.metadata())
	assert.Equal(t, "openstack-bosh-cpi director=d deployment=cf agent=a", full.description())
	assert.Equal(t, "openstack-bosh-cpi director=d", owner{directorUUID: "d"}.description())
	full.deployment = strings.Repeat("x", 300)
	assert.Len(t, full.metadata()["deployment"], 255)
	assert.Len(t, full.description(), 255)
}

func TestTextsOfMetadata(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]string{"number": "1", "long": strings.Repeat("ä", 255), strings.Repeat("k", 255): "v"}, texts(bosh.Metadata{
		"number": 1, "long": strings.Repeat("ä", 300), strings.Repeat("k", 300): "v", "nil": nil, "": "no key",
	}))
	assert.Empty(t, texts(nil))
}
