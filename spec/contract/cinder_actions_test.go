package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// extend asks for a bigger volume.
func (c *cloud) extend(volume string, size int) answer {
	c.t.Helper()
	return c.onVolume(volume, "os-extend", object{"new_size": size})
}

// retype asks for a volume of another type.
func (c *cloud) retype(volume, kind string) answer {
	c.t.Helper()
	return c.onVolume(volume, "os-retype", object{"new_type": kind, "migration_policy": "never"})
}

var cinderActionClaims = []claim{
	{
		id:    "cinder-extend-202",
		says:  "Action os-extend of an available volume is answered 202 with an empty body; the volume becomes available, bigger.",
		proof: cinder + "cinder/api/contrib/volume_actions.py#L270",
		check: func(c *cloud) answer {
			volume := c.newVolume(nil)
			accepted := c.extend(volume, 2).wants(http.StatusAccepted)
			require.Empty(c.t, accepted.body)
			c.volumeIs(volume, "available").is("volume.size", 2)
			return accepted
		},
	},
	{
		id:    "cinder-extend-not-bigger-400",
		says:  "Action os-extend to the same or a smaller size is answered 400.",
		proof: cinder + "cinder/volume/api.py#L1572",
		check: func(c *cloud) answer {
			volume := c.newVolume(object{"size": 2})
			c.extend(volume, 1).badRequest("New size for extend must be greater than current size.")
			return c.extend(volume, 2).badRequest("New size for extend must be greater than current size.")
		},
	},
	{
		id:    "cinder-extend-in-use-400",
		says:  "Before microversion 3.42 os-extend of an attached volume is answered 400.",
		proof: cinder + "cinder/volume/api.py#L1547",
		check: func(c *cloud) answer {
			_, volume := c.attached()
			return c.extend(volume, 2).badRequest("status must be", "to extend")
		},
	},
	{
		id:    "cinder-extend-unknown-404",
		says:  "Action os-extend of an unknown volume is answered 404.",
		proof: cinder + "cinder/exception.py#L335",
		check: func(c *cloud) answer {
			return c.extend(nobody, 2).notFound("Volume " + nobody + " could not be found.")
		},
	},
	{
		id:    "cinder-retype-202",
		says:  "Action os-retype of an available volume is answered 202; the volume becomes available, with the other type.",
		proof: cinder + "cinder/api/contrib/volume_actions.py#L306",
		check: func(c *cloud) answer {
			volume := c.newVolume(nil)
			accepted := c.retype(volume, c.fixtures.OtherVolumeType).wants(http.StatusAccepted)
			c.until("the volume has the other type",
				func() answer { return c.volume.get("/volumes/" + volume).wants(http.StatusOK) },
				func(a answer) bool {
					return a.value("volume.status") == "available" && a.value("volume.volume_type") == c.fixtures.OtherVolumeType
				})
			return accepted
		},
	},
	{
		id:    "cinder-retype-same-400",
		says:  "Action os-retype to the type the volume has is answered 400.",
		proof: cinder + "cinder/volume/api.py#L1969",
		check: func(c *cloud) answer {
			return c.retype(c.newVolume(nil), c.fixtures.VolumeType).badRequest("requested type has to be different that the one from the volume")
		},
	},
	{
		id:    "cinder-retype-unknown-404",
		says:  "Action os-retype to an unknown type is answered 404.",
		proof: cinder + "cinder/exception.py#L370",
		check: func(c *cloud) answer {
			return c.retype(c.newVolume(nil), "nothing").notFound("nothing")
		},
	},
	{
		id:    "cinder-snapshot-202-shape",
		says:  "A new snapshot is answered 202 in status creating, with its metadata, and is available in the end.",
		proof: cinder + "cinder/api/v3/snapshots.py#L147",
		check: func(c *cloud) answer {
			volume, name := c.newVolume(nil), c.name("snapshot")
			made := c.createSnapshot(volume, object{"name": name, "description": "cf/web/0", "metadata": object{"agent_id": "a-1"}}).
				wants(http.StatusAccepted)
			c.becomes(c.volume, "/snapshots/"+made.text("snapshot.id"), "snapshot.status", "available")
			return made.is("snapshot.status", "creating").is("snapshot.volume_id", volume).is("snapshot.size", 1).
				is("snapshot.name", name).is("snapshot.description", "cf/web/0").is("snapshot.metadata", object{"agent_id": "a-1"})
		},
	},
	{
		id:    "cinder-snapshot-in-use-needs-force",
		says:  "A snapshot of an attached volume is answered 400 without force, and made with it.",
		proof: cinder + "cinder/volume/api.py#L976",
		check: func(c *cloud) answer {
			_, volume := c.attached()
			refused := c.createSnapshot(volume, object{"force": nil}).badRequest("Invalid volume")
			c.newSnapshot(volume, nil)
			return refused
		},
	},
	{
		id:    "cinder-snapshot-unknown-volume-404",
		says:  "A snapshot of an unknown volume is answered 404.",
		proof: cinder + "cinder/exception.py#L335",
		check: func(c *cloud) answer {
			return c.createSnapshot(nobody, nil).notFound("Volume " + nobody + " could not be found.")
		},
	},
	{
		id:    "cinder-snapshot-quota-413",
		says:  "A snapshot beyond the quota is answered 413 overLimit, as a volume is.",
		proof: cinder + "cinder/exception.py#L652",
		check: func(c *cloud) answer {
			limited := c.withQuota(quotas{volume: object{"snapshots": 0}})
			return limited.createSnapshot(limited.newVolume(nil), nil).
				wantsFault(http.StatusRequestEntityTooLarge, "overLimit", "Maximum number of snapshots allowed (0) exceeded")
		},
	},
	{
		id:    "cinder-snapshot-unknown-404",
		says:  "An unknown snapshot is answered 404, on GET and on DELETE.",
		proof: cinder + "cinder/exception.py#L433",
		check: func(c *cloud) answer {
			c.volume.delete("/snapshots/" + nobody).notFound("Snapshot " + nobody + " could not be found.")
			return c.volume.get("/snapshots/" + nobody).notFound("Snapshot " + nobody + " could not be found.")
		},
	},
	{
		id:    "cinder-snapshot-delete-202",
		says:  "DELETE of a snapshot is answered 202, and the snapshot goes later.",
		proof: cinder + "cinder/api/v2/snapshots.py#L56",
		check: func(c *cloud) answer {
			path := "/snapshots/" + c.newSnapshot(c.newVolume(nil), nil)
			deleted := c.volume.delete(path).wants(http.StatusAccepted)
			c.gone(c.volume, path)
			return deleted
		},
	},
	{
		id:    "cinder-delete-with-snapshot-400",
		says:  "DELETE of a volume that has a snapshot is answered 400.",
		proof: cinder + "cinder/volume/api.py#L511",
		check: func(c *cloud) answer {
			volume := c.newVolume(nil)
			c.newSnapshot(volume, nil)
			return c.volume.delete("/volumes/"+volume).badRequest("Invalid volume: Volume status must be", "have snapshots")
		},
	},
	{
		id:    "cinder-snapshot-metadata-merge",
		says:  "POST of a snapshot's metadata merges it into what is there and answers the whole map.",
		proof: cinder + "cinder/api/v3/snapshot_metadata.py#L47",
		check: func(c *cloud) answer {
			snapshot := c.newSnapshot(c.newVolume(nil), object{"metadata": object{"kept": "1"}})
			return c.volume.post("/snapshots/"+snapshot+"/metadata", object{"metadata": object{"new": "2"}}).
				wants(http.StatusOK).is("metadata", object{"kept": "1", "new": "2"})
		},
	},
	{
		id:    "cinder-snapshot-same-name",
		says:  "Two snapshots may have one name; the name filter is exact and finds both.",
		proof: cinder + "cinder/db/sqlalchemy/api.py#L3868",
		check: func(c *cloud) answer {
			volume, name := c.newVolume(nil), c.name("snapshot")
			c.newSnapshot(volume, object{"name": name})
			c.newSnapshot(volume, object{"name": name})
			c.newSnapshot(volume, object{"name": name + "0"})
			seen := c.volume.list("/snapshots/detail", url.Values{"name": {name}}).wants(http.StatusOK)
			require.Equal(c.t, []string{name, name}, seen.each("snapshots", "name"))
			return seen
		},
	},
	{
		id:    "cinder-extend-attached-3.42",
		says:  "From microversion 3.42 on os-extend of an attached volume is accepted, and the volume is in-use again, bigger.",
		proof: cinder + "cinder/volume/api.py#L1669",
		check: func(c *cloud) answer {
			_, volume := c.attached()
			accepted := c.cinderAt("3.42").post("/volumes/"+volume+"/action", object{"os-extend": object{"new_size": 2}}).
				wants(http.StatusAccepted)
			c.until("the volume is bigger",
				func() answer { return c.volume.get("/volumes/" + volume).wants(http.StatusOK) },
				func(a answer) bool { return a.value("volume.status") == "in-use" && a.value("volume.size") == 2.0 })
			return accepted
		},
	},
}
