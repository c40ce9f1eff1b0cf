package cpi

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The limit of a call does not end its undo.
func TestUndoAfterTheLimitOfACall(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Stuck: true})
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "delete", Slow: 2 * time.Minute})
		ctx, cancel := openstack.WithLimit(e.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		_, err := e.cpi().CreateVM(ctx, e.newVM(e.manual("10.0.0.10"), smallVM))
		text := e.requireKind(err, bosh.VMCreationFailed)
		assert.Contains(e, text, "the limit of 1m0s for the whole call is exceeded")
		assert.NotContains(e, text, "left behind")
		assert.Greater(e, time.Since(begun), 2*time.Minute)
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}
