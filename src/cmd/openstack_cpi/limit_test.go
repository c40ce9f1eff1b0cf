package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// Each request is within its own limits, and there is always another one.
func TestLimitOfACall(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.configure(map[string]any{"state_timeout": 100})
		i.cloud.Inject(simulator.Fault{On: "POST /images", Status: 409})
		i.cloud.Inject(simulator.Fault{On: "GET /images", Status: 200, Times: -1, Body: `{"images":[{"id":"a","name":"x"}],"next":"/v2/images?marker=a"}`})
		i.delay = 50 * time.Second
		begun := time.Now()
		a := i.call("create_stemcell", stemcellArchive(t), map[string]any{"name": "s", "version": "1", "disk_format": "raw"})
		require.NotNil(t, a.Error)
		assert.Contains(t, a.Error.Message, "list images named s/1: OpenStack API Timeout (the limit of 40m0s for the whole call is exceeded)")
		assert.Equal(t, 40*time.Minute, time.Since(begun))
	})
}
