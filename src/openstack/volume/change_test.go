package volume_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestExtend(t *testing.T) {
	t.Parallel()
	const action = "POST /volumes/{id}/action"
	for name, test := range map[string]struct {
		faults []simulator.Fault
		slow   time.Duration
		fails  bool
	}{
		"no fault":                  {},
		"500":                       {faults: []simulator.Fault{{Status: http.StatusInternalServerError}}},
		"answer lost":               {faults: []simulator.Fault{{Kind: simulator.LostAnswer}}},
		"answer lost, still at it":  {faults: []simulator.Fault{{Kind: simulator.LostAnswer}}, slow: time.Minute},
		"no answer":                 {faults: []simulator.Fault{{Kind: simulator.Unanswered}}},
		"not executed, no answer":   {faults: []simulator.Fault{{Kind: simulator.Dropped}}},
		"answer lost, then refused": {faults: []simulator.Fault{{Kind: simulator.LostAnswer}, {Nth: 2, Times: -1, Status: http.StatusBadGateway}}, slow: 10 * time.Minute},
		"502 for ever":              {faults: []simulator.Fault{{Times: -1, Status: http.StatusBadGateway}}, fails: true},
		"refused":                   {faults: []simulator.Fault{{Status: http.StatusBadRequest}}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(c cinder) {
				disk := c.disk("volume-1")
				for _, fault := range test.faults {
					fault.On = action
					c.Inject(fault)
				}
				if test.slow > 0 {
					c.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "extend", Slow: test.slow})
				}
				err := c.Extend(c.Context(), disk, 5, false)
				c.Waits(test.slow + time.Minute)
				grown, getErr := c.Volume(c.Context(), disk)
				require.NoError(c, getErr)
				if test.fails {
					require.ErrorContains(c, err, "extend volume "+disk+" to 5 GiB: OpenStack API ")
					assert.Equal(c, 1, grown.Size)
					return
				}
				require.NoError(c, err)
				assert.Equal(c, 5, grown.Size)
				assert.Equal(c, "available", grown.Status)
				c.ClearFaults()
				require.NoError(c, c.Extend(c.Context(), disk, 5, false), "it has the size")
				require.ErrorContains(c, c.Extend(c.Context(), disk, 4, false), "New size for extend must be greater than current size. (current: 5, extended: 4)")
			})
		})
	}
	run(t, simulator.Options{Quotas: map[string]int{"gigabytes": 4}}, func(c cinder) {
		disk := c.disk("volume-1")
		assert.True(c, openstack.IsQuota(c.Extend(c.Context(), disk, 5, false)))
		assert.True(c, openstack.IsNotFound(c.Extend(c.Context(), unknownID, 5, false)))
	})
}

// attached creates a volume and attaches it to a server.
func (c cinder) attached() string {
	c.Helper()
	fixtures := c.Fixtures()
	server := c.Make(c.Session.Compute, "servers", map[string]any{"server": map[string]any{
		"name": "vm-1", "flavorRef": fixtures.Flavors["m1.tiny"], "imageRef": fixtures.Images["tiny-public"],
		"networks": []any{map[string]string{"uuid": fixtures.Networks["private"]}},
	}})["id"].(string)
	disk := c.disk("volume-1")
	c.Waits(10 * time.Second)
	c.Make(c.Session.Compute, "servers/"+server+"/os-volume_attachments", map[string]any{"volumeAttachment": map[string]string{"volumeId": disk}})
	_, err := c.WaitInUse(c.Context(), disk)
	require.NoError(c, err)
	return disk
}

func TestExtendAttached(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.attached()
		require.NoError(c, c.Extend(c.Context(), disk, 3, true))
		grown, err := c.WaitSettled(c.Context(), disk)
		require.NoError(c, err)
		assert.Equal(c, "in-use", grown.Status)
		assert.Equal(c, 3, grown.Size)
		require.NoError(c, c.Extend(c.Context(), disk, 3, true), "it has the size")
	})
	run(t, simulator.Options{CinderMicroversion: 41}, func(c cinder) {
		err := c.Extend(c.Context(), c.attached(), 3, true)
		require.ErrorContains(c, err, "Version 3.42 is not supported by the API")
	})
}

func TestRetype(t *testing.T) {
	t.Parallel()
	const action = "POST /volumes/{id}/action"
	for name, test := range map[string]struct {
		faults []simulator.Fault
		fails  bool
	}{
		"no fault":                  {},
		"500":                       {faults: []simulator.Fault{{Status: http.StatusInternalServerError}}},
		"answer lost":               {faults: []simulator.Fault{{Kind: simulator.LostAnswer}}},
		"answer lost, then refused": {faults: []simulator.Fault{{Kind: simulator.LostAnswer}, {Nth: 2, Times: -1, Status: http.StatusBadGateway}}},
		"502 for ever":              {faults: []simulator.Fault{{Times: -1, Status: http.StatusBadGateway}}, fails: true},
		"refused":                   {faults: []simulator.Fault{{Status: http.StatusBadRequest}}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(c cinder) {
				disk := c.disk("volume-1")
				for _, fault := range test.faults {
					fault.On = action
					c.Inject(fault)
				}
				err := c.Retype(c.Context(), disk, "hdd", true)
				c.Waits(time.Minute)
				changed, getErr := c.WaitSettled(c.Context(), disk)
				require.NoError(c, getErr)
				if test.fails {
					require.ErrorContains(c, err, "change the type of volume "+disk+" to hdd: OpenStack API ")
					assert.Equal(c, "ssd", changed.VolumeType)
					return
				}
				require.NoError(c, err)
				assert.Equal(c, []string{"hdd", "available"}, []string{changed.VolumeType, changed.Status})
				c.ClearFaults()
				require.NoError(c, c.Retype(c.Context(), disk, "hdd", false), "it has the type")
				require.ErrorContains(c, c.Retype(c.Context(), disk, "tape", false), "Volume type with name tape could not be found.")
				assert.True(c, openstack.IsNotFound(c.Retype(c.Context(), unknownID, "hdd", false)))
			})
		})
	}
}

// The names of the policies are those of Cinder.
func TestMigrationPolicy(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		disk := c.disk("volume-1")
		for _, test := range []struct {
			volumeType string
			migrate    bool
			policy     string
		}{{"hdd", true, "on-demand"}, {"ssd", false, "never"}} {
			c.ResetJournal()
			require.NoError(c, c.Retype(c.Context(), disk, test.volumeType, test.migrate))
			journal := c.Journal()
			assert.Contains(c, journal[len(journal)-1].RequestBody, `"migration_policy":"`+test.policy+`"`)
			c.Waits(10 * time.Second)
		}
	})
}

func TestTypeName(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(c cinder) {
		name, err := c.TypeName(c.Context(), c.Fixtures().VolumeTypes["hdd"])
		require.NoError(c, err)
		assert.Equal(c, "hdd", name)
		_, err = c.TypeName(c.Context(), unknownID)
		assert.True(c, openstack.IsNotFound(err))
		require.ErrorContains(c, err, "get volume type "+unknownID+": OpenStack API NotFound")
	})
}
