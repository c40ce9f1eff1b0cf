package simulator_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestDiffReportsChangedFields(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"size":1,"name":"v","metadata":{"a":"b"}}}`).id("volume")
		wait(time.Second)
		before := c.sim.Inventory()

		volume := c.volumes("/volumes/" + id)
		require.Equal(t, http.StatusOK, c.send(http.MethodPut, volume+"/metadata", `{"metadata":{"c":"d"}}`).status)
		require.Equal(t, http.StatusOK, c.send(http.MethodPut, volume, `{"volume":{"name":"w"}}`).status)
		require.Equal(t, http.StatusAccepted, c.send(http.MethodPost, volume+"/action", `{"os-extend":{"new_size":2}}`).status)
		wait(time.Second)

		line := "~ volume " + id + " (w): "
		assert.Equal(t, []string{
			line + "name v -> w", line + "metadata.a b -> none", line + "metadata.c none -> d", line + "size 1 -> 2",
		}, c.sim.Inventory().Diff(before))
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestDiffReportsAReboot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.server("")
		before := c.sim.Inventory()
		r := c.send(http.MethodPost, compute+"/servers/"+id+"/action", `{"reboot":{"type":"HARD"}}`)
		require.Equal(t, http.StatusAccepted, r.status, r.text)
		wait(time.Second)
		assert.Equal(t, []string{"~ server " + id + " (vm-1): boots 1 -> 2"}, c.sim.Inventory().Diff(before))
	})
}
