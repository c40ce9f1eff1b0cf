package openstack

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// accepted is the pattern of oslo.middleware.
var accepted = regexp.MustCompile(`^req-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$`)

func TestGlobalRequestID(t *testing.T) {
	t.Parallel()
	id := GlobalRequestID("d-uuid", "cpi-123456")
	assert.Equal(t, "req-d91818ee-a365-8149-a05f-1f203668311f", id)
	assert.Regexp(t, accepted, id)
	for name, other := range map[string]string{
		"another call":     GlobalRequestID("d-uuid", "cpi-123457"),
		"another director": GlobalRequestID("e-uuid", "cpi-123456"),
		"no id":            GlobalRequestID("d-uuid", ""),
	} {
		assert.NotEqual(t, id, other, name)
		assert.Regexp(t, accepted, other, name)
	}
	random := GlobalRequestID("d-uuid", "")
	assert.NotEqual(t, random, GlobalRequestID("d-uuid", ""))
}

func TestRequestsOfASessionHaveOneGlobalID(t *testing.T) {
	t.Parallel()
	simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		session := open(t, cloud, cfg)
		assert.Regexp(t, accepted, session.GlobalRequestID())
		for range 2 {
			client, err := session.Compute(t.Context())
			require.NoError(t, err)
			var flavors any
			_, err = client.Get(t.Context(), client.ServiceURL("flavors"), &flavors, nil)
			require.NoError(t, err)
		}
		journal := cloud.Journal()
		require.Len(t, journal, 3)
		for _, exchange := range journal {
			assert.Equal(t, session.GlobalRequestID(), exchange.GlobalRequestID, exchange.Call())
		}
	})
}
