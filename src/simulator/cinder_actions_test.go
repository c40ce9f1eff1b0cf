package simulator_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestActionsThatCinderRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, text string }{
		"a smaller size":     {`{"os-extend":{"new_size":1}}`, "Invalid input received: New size for extend must be greater than current size. (current: 2, extended: 1)."},
		"no size":            {`{"os-extend":{}}`, "Invalid input for field/attribute os-extend. Value: {}. 'new_size' is a required property"},
		"the same type":      {`{"os-retype":{"new_type":"ssd"}}`, "Invalid volume: Retype needs volume to be in available or in-use state"},
		"an unknown type":    {`{"os-retype":{"new_type":"nope"}}`, "Volume type with name nope could not be found."},
		"no type":            {`{"os-retype":{}}`, "'new_type' is a required property"},
		"a migration policy": {`{"os-retype":{"new_type":"hdd","migration_policy":"x"}}`, "'x' is not one of ['on-demand', 'never']"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t, simulator.Options{})
				r := c.send(http.MethodPost, c.volumes("/volumes/"+c.volume("v", 2)+"/action"), test.body)
				assert.Contains(t, r.text, test.text)
				assert.GreaterOrEqual(t, r.status, 400)
			})
		})
	}
}

func TestVolumeIsNotExtendedWhileItIsCreated(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.send(http.MethodPost, c.volumes("/volumes"), aVolume).id("volume")
	r := c.send(http.MethodPost, c.volumes("/volumes/"+id+"/action"), `{"os-extend":{"new_size":2}}`)
	assert.JSONEq(t, `{"badRequest":{"code":400,"message":"Invalid volume: Volume `+id+
		` status must be '{'status': 'available'}' to extend, currently creating."}}`, r.text)
	r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`","force":true}}`)
	assert.JSONEq(t, `{"badRequest":{"code":400,"message":"Invalid volume: Volume `+id+
		` status must be available, but current status is: creating."}}`, r.text)
}
