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

func (c *client) volumeStatus(id string) any {
	return c.send(http.MethodGet, c.volumes("/volumes/"+id), "").at("volume.status")
}

func TestFailedVolumeStaysInError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		r, err := c.postVolume()
		require.NoError(t, err)
		id := r.at("volume.id").(string)
		assert.Equal(t, "creating", c.volumeStatus(id))
		c.sim.Fail(id)
		wait(time.Minute)
		assert.Equal(t, "error", c.volumeStatus(id))
		assert.Equal(t, http.StatusAccepted, c.send(http.MethodDelete, c.volumes("/volumes/"+id), "").status)
		wait(time.Minute)
		assert.Zero(t, c.volumeCount())
	})
}

func TestStalledVolumeStaysInCreation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		r, err := c.postVolume()
		require.NoError(t, err)
		id := r.at("volume.id").(string)
		c.sim.Stall()
		wait(time.Hour - time.Minute)
		assert.Equal(t, "creating", c.volumeStatus(id))
	})
}
