package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestRequestsOfACallCarryItsGlobalID(t *testing.T) {
	t.Parallel()
	const ofCall = "req-d91818ee-a365-8149-a05f-1f203668311f"
	installed(t, simulator.Options{}, func(i *installation) {
		i.lifecycle(stemcellArchive(t))
		services := map[string]bool{}
		for _, exchange := range i.cloud.Journal() {
			assert.Equal(t, ofCall, exchange.GlobalRequestID, exchange.Call())
			services[exchange.Service] = true
		}
		assert.Len(t, services, 5, "%v", services)
		line := "INFO - [req_id cpi-123456] call started method=create_vm global_request_id=" + ofCall + " started=2000-01-01T00:00:"
		assert.Equal(t, 1, strings.Count(i.stderr.String(), line), i.stderr.String())
	})
}

func TestCallWithoutIDHasAGlobalIDOfItsOwn(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.extra["request_id"] = nil
		ids := map[string]bool{}
		for range 2 {
			i.cloud.ResetJournal()
			i.must(nil, "has_disk", "5a2c9d1e-0000-4000-8000-000000000000")
			journal := i.cloud.Journal()
			require.NotEmpty(t, journal)
			for _, exchange := range journal {
				assert.Regexp(t, "^req-[0-9a-f-]{36}$", exchange.GlobalRequestID)
				ids[exchange.GlobalRequestID] = true
			}
		}
		assert.Len(t, ids, 2)
	})
}
