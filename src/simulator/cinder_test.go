package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// volume creates a volume and waits until it is available.
func (c *client) volume(name string, size int) string {
	c.t.Helper()
	r := c.send(http.MethodPost, c.volumes("/volumes"), fmt.Sprintf(`{"volume":{"name":%q,"size":%d}}`, name, size))
	require.Equal(c.t, http.StatusAccepted, r.status, r.text)
	wait(time.Second)
	return r.id("volume")
}

func (c *client) volumeState(id string) (status string, size int) {
	c.t.Helper()
	r := c.send(http.MethodGet, c.volumes("/volumes/"+id), "")
	if r.status == http.StatusNotFound {
		return "gone", 0
	}
	require.Equal(c.t, http.StatusOK, r.status)
	return r.at("volume.status").(string), int(r.at("volume.size").(float64))
}

func TestVolumeLifeCycle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()

		r := c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"name":"volume-1","size":2,"description":"","volume_type":"hdd",
			"availability_zone":"z2","metadata":{"a":"b"}}}`)
		require.Equal(t, http.StatusAccepted, r.status)
		id := r.id("volume")
		assert.Equal(t, "creating", r.at("volume.status"))
		assert.Equal(t, "hdd", r.at("volume.volume_type"))
		assert.Equal(t, "z2", r.at("volume.availability_zone"))
		assert.Equal(t, map[string]any{"a": "b"}, r.at("volume.metadata"))
		assert.Equal(t, "volume 3.0", r.header.Get("Openstack-Api-Version"))

		wait(999 * time.Millisecond)
		status, _ := c.volumeState(id)
		assert.Equal(t, "creating", status)
		wait(time.Millisecond)
		status, _ = c.volumeState(id)
		assert.Equal(t, "available", status)
		assert.Equal(t, []string{"volume " + id + " (volume-1)"}, c.sim.Leaks(before))

		r = c.send(http.MethodPost, c.volumes("/volumes/"+id+"/action"), `{"os-extend":{"new_size":3}}`)
		require.Equal(t, http.StatusAccepted, r.status)
		status, size := c.volumeState(id)
		assert.Equal(t, "extending", status)
		assert.Equal(t, 2, size)
		wait(500 * time.Millisecond)
		status, size = c.volumeState(id)
		assert.Equal(t, "available", status)
		assert.Equal(t, 3, size)

		r = c.send(http.MethodPost, c.volumes("/volumes/"+id+"/action"), `{"os-retype":{"new_type":"ssd","migration_policy":"never"}}`)
		require.Equal(t, http.StatusAccepted, r.status)
		wait(time.Second)
		assert.Equal(t, "ssd", c.send(http.MethodGet, c.volumes("/volumes/"+id), "").at("volume.volume_type"))

		r = c.send(http.MethodDelete, c.volumes("/volumes/"+id), "")
		require.Equal(t, http.StatusAccepted, r.status)
		status, _ = c.volumeState(id)
		assert.Equal(t, "deleting", status)
		assert.Equal(t, http.StatusBadRequest, c.send(http.MethodDelete, c.volumes("/volumes/"+id), "").status)
		wait(500 * time.Millisecond)
		status, _ = c.volumeState(id)
		assert.Equal(t, "gone", status)
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestVolumesCanBeRenamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		path := c.volumes("/volumes/" + c.volume("old", 1))
		r := c.send(http.MethodPut, path, `{"volume":{"name":"new","description":"d","metadata":{"a":"b"}}}`)
		require.Equal(t, http.StatusOK, r.status)
		r = c.send(http.MethodGet, path, "")
		assert.Equal(t, "new", r.at("volume.name"))
		assert.Equal(t, "d", r.at("volume.description"))
		assert.Equal(t, map[string]any{"a": "b"}, r.at("volume.metadata"))
	})
}

func TestVolumesAreListedByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		for i := range 3 {
			c.volume(fmt.Sprintf("volume-%d", i), 1)
		}

		assert.Equal(t, []any{"volume-1"}, c.send(http.MethodGet, c.volumes("/volumes?name=volume-1"), "").names("volumes"))
		r := c.send(http.MethodGet, c.volumes("/volumes/detail?limit=2"), "")
		assert.Equal(t, []any{"volume-2", "volume-1"}, r.names("volumes"))
		next := r.body["volumes_links"].([]any)[0].(map[string]any)["href"].(string)
		r = c.send(http.MethodGet, next[len(base):], "")
		assert.Equal(t, []any{"volume-0"}, r.names("volumes"))
		assert.NotContains(t, r.body, "volumes_links")
	})
}

func TestVolumeMetadataAreMergedOrReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		path := c.volumes("/volumes/" + c.volume("v", 1) + "/metadata")

		c.send(http.MethodPost, path, `{"metadata":{"a":"1","b":"1"}}`)
		r := c.send(http.MethodPost, path, `{"metadata":{"b":"2"}}`)
		assert.Equal(t, map[string]any{"a": "1", "b": "2"}, r.at("metadata"))
		r = c.send(http.MethodPut, path, `{"metadata":{"c":"3"}}`)
		assert.Equal(t, map[string]any{"c": "3"}, r.at("metadata"))
	})
}

func TestKeysOfMetadataAreChecked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		v := c.volume("v", 1)
		snapshot := c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+v+`","metadata":{"a/b":"c"}}}`).id("snapshot")
		require.NotEmpty(t, snapshot, "a slash is allowed in a new snapshot")
		const unknown = "Invalid input for field/attribute metadata. Value: {'a$b': 'c'}. 'a$b' does not match any of the regexes: "
		const slash, noSlash = "'^[a-zA-Z0-9-_:. /]{1,255}$'", "'^[a-zA-Z0-9-_:. ]{1,255}$'"
		for path, test := range map[string]struct{ body, message string }{
			"/volumes":                             {`{"volume":{"size":1,"metadata":{"a$b":"c"}}}`, unknown + slash},
			"/volumes/" + v + "/metadata":          {`{"metadata":{"a$b":"c"}}`, unknown + slash},
			"/snapshots":                           {`{"snapshot":{"volume_id":"` + v + `","metadata":{"a$b":"c"}}}`, unknown + slash},
			"/snapshots/" + snapshot + "/metadata": {`{"metadata":{"a$b":"c"}}`, unknown + noSlash},
		} {
			r := c.send(http.MethodPost, c.volumes(path), test.body)
			assert.Equal(t, http.StatusBadRequest, r.status, path)
			assert.Equal(t, test.message, r.at("badRequest.message"), path)
		}
		r := c.send(http.MethodPost, c.volumes("/volumes/"+v+"/metadata"), `{"metadata":{"b$":"1","a$":"2"}}`)
		assert.Equal(t, "Invalid input for field/attribute metadata. Value: {'b$': '1', 'a$': '2'}. 'a$', 'b$' do not match any of the regexes: "+slash,
			r.at("badRequest.message"))
	})
}

func TestCinderRefuses(t *testing.T) {
	t.Parallel()
	const none = "00000000-0000-4000-8000-000000000000"
	bad := func(message string) string { return `{"badRequest":{"code":400,"message":"` + message + `"}}` }
	missing := func(message string) string { return `{"itemNotFound":{"code":404,"message":"` + message + `"}}` }
	for name, test := range map[string]struct{ method, path, body, answer string }{
		"a size of 0":           {"POST", "/volumes", `{"volume":{"size":0}}`, bad("Invalid input for field/attribute size. Value: 0. 0 is less than the minimum of 1")},
		"a size in words":       {"POST", "/volumes", `{"volume":{"size":"abc"}}`, bad("Invalid input for field/attribute size. Value: abc. 'abc' does not match '^[0-9]+$'")},
		"no size":               {"POST", "/volumes", `{"volume":{}}`, bad("The server could not comply with the request since it is either malformed or otherwise incorrect.")},
		"no volume":             {"POST", "/volumes", `{}`, bad("'volume' is a required property")},
		"an unknown type":       {"POST", "/volumes", `{"volume":{"size":1,"volume_type":"nope"}}`, missing("Volume type with name nope could not be found.")},
		"an unknown zone":       {"POST", "/volumes", `{"volume":{"size":1,"availability_zone":"nope"}}`, bad("Availability zone 'nope' is invalid.")},
		"an unknown snapshot":   {"POST", "/volumes", `{"volume":{"size":1,"snapshot_id":"` + none + `"}}`, missing("Snapshot " + none + " could not be found.")},
		"an unknown image":      {"POST", "/volumes", `{"volume":{"size":1,"imageRef":"` + none + `"}}`, bad("Invalid image identifier or unable to access requested image.")},
		"metadata with numbers": {"POST", "/volumes", `{"volume":{"size":1,"metadata":{"a":1}}}`, bad("Invalid input for field/attribute a. Value: 1. 1 is not of type 'string'")},
		"metadata of no kind":   {"POST", "/volumes/nope/metadata", `{"metadata":null}`, bad("Invalid input for field/attribute metadata. Value: None. None is not of type 'object'")},
		"an unknown volume":     {"GET", "/volumes/nope", "", missing("Volume nope could not be found.")},
		"deleting no volume":    {"DELETE", "/volumes/nope", "", missing("Volume nope could not be found.")},
		"deleting no snapshot":  {"DELETE", "/snapshots/nope", "", missing("Snapshot nope could not be found.")},
		"extending no volume":   {"POST", "/volumes/nope/action", `{"os-extend":{"new_size":1}}`, missing("Volume nope could not be found.")},
		"a limit in words":      {"GET", "/volumes?limit=x", "", bad("limit param must be an integer")},
		"an unknown marker":     {"GET", "/volumes?marker=nope", "", missing("Volume nope could not be found.")},
		"a snapshot of nothing": {"POST", "/snapshots", `{"snapshot":{"volume_id":"` + none + `"}}`, missing("Volume " + none + " could not be found.")},
		"a strange volume id":   {"POST", "/snapshots", `{"snapshot":{"volume_id":"nope"}}`, bad("Invalid input for field/attribute volume_id. Value: nope. 'nope' is not valid under any of the given schemas")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			assert.JSONEq(t, test.answer, c.send(test.method, c.volumes(test.path), test.body).text)
		})
	}
}

func TestVolumesOfOtherProjectsAreHidden(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		id := c.volume("mine", 1)
		r := c.loginAs("admin", "other")
		c.token = r.header.Get("X-Subject-Token")
		other := "/volume/v3/" + r.at("token.project.id").(string)

		assert.Equal(t, http.StatusNotFound, c.send(http.MethodGet, other+"/volumes/"+id, "").status)
		assert.Empty(t, c.send(http.MethodGet, other+"/volumes", "").names("volumes"))
		r = c.send(http.MethodGet, c.volumes("/volumes"), "")
		assert.JSONEq(t, `{"badRequest":{"code":400,"message":"Malformed request url"}}`, r.text)
	})
}

func TestCinderQuotas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{Quotas: map[string]int{"volumes": 1, "gigabytes": 2, "snapshots": 0}})
		id := c.volume("v", 1)

		r := c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"size":1}}`)
		assert.Equal(t, http.StatusRequestEntityTooLarge, r.status)
		assert.Equal(t, "0", r.header.Get("Retry-After"))
		assert.JSONEq(t, `{"overLimit":{"code":413,"message":"VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'.","retryAfter":"0"}}`, r.text)

		r = c.send(http.MethodPost, c.volumes("/volumes/"+id+"/action"), `{"os-extend":{"new_size":3}}`)
		assert.JSONEq(t, `{"overLimit":{"code":413,"message":"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 2G, quota is 2G and 1G has been consumed.","retryAfter":"0"}}`, r.text)

		r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+id+`"}}`)
		assert.JSONEq(t, `{"overLimit":{"code":413,"message":"SnapshotLimitExceeded: Maximum number of snapshots allowed (0) exceeded","retryAfter":"0"}}`, r.text)

		c.sim.SetQuota("volumes", -1)
		assert.Equal(t, http.StatusAccepted, c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"size":1}}`).status)
		limits := c.send(http.MethodGet, c.volumes("/limits"), "")
		assert.InDelta(t, 2, limits.at("limits.absolute.totalVolumesUsed"), 0)
		assert.InDelta(t, 2, limits.at("limits.absolute.maxTotalVolumeGigabytes"), 0)
	})
}

func TestMicroversionsOfCinder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newStranger(t, simulator.Options{})
		c.login()
		path := c.volumes("/volumes/" + c.volume("v", 1))

		r := c.send(http.MethodGet, path, "", "OpenStack-API-Version", "volume 3.70")
		assert.Equal(t, "volume 3.70", r.header.Get("Openstack-Api-Version"))
		assert.Equal(t, c.sim.Fixtures().VolumeTypes["ssd"], r.at("volume.volume_type_id"))
		r = c.send(http.MethodPost, c.volumes("/snapshots"), `{"snapshot":{"volume_id":"`+path[len(path)-36:]+`","force":false}}`,
			"OpenStack-API-Version", "volume 3.66")
		assert.Contains(t, r.text, "Since microversion 3.66 the 'force' flag is invalid")
		assert.Empty(t, c.sim.Violations())

		r = c.send(http.MethodGet, path, "", "OpenStack-API-Version", "volume 3.99")
		assert.Equal(t, http.StatusNotAcceptable, r.status)
		assert.JSONEq(t, `{"computeFault":{"code":406,"message":"Version 3.99 is not supported by the API. Minimum is 3.0 and maximum is 3.70."}}`, r.text)
		assert.Len(t, c.sim.Violations(), 1)
	})
}

func TestVolumeFromImageIsBootable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		r := c.send(http.MethodPost, c.volumes("/volumes"), `{"volume":{"size":1,"imageRef":"`+c.sim.Fixtures().Images["tiny-public"]+`"}}`)
		wait(500 * time.Millisecond)
		status, _ := c.volumeState(r.id("volume"))
		assert.Equal(t, "downloading", status)
		wait(500 * time.Millisecond)
		r = c.send(http.MethodGet, c.volumes("/volumes/"+r.id("volume")), "")
		assert.Equal(t, "true", r.at("volume.bootable"))
		assert.Equal(t, "tiny-public", r.at("volume.volume_image_metadata.image_name"))
	})
}

func TestTypesAndZones(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	assert.Equal(t, []any{"ssd", "hdd", "__DEFAULT__"}, c.send(http.MethodGet, c.volumes("/types"), "").names("volume_types"))
	r := c.send(http.MethodGet, c.volumes("/os-availability-zone"), "")
	assert.Len(t, r.at("availabilityZoneInfo"), 2)
}
