package contract_test

import (
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"
)

// extend requests another size of a volume.
func (c *cloud) extend(volume string, size int) response {
	c.t.Helper()
	return c.volumeAction(volume, "os-extend", object{"new_size": size})
}

// retype requests another type of a volume.
func (c *cloud) retype(volume, kind string) response {
	c.t.Helper()
	return c.volumeAction(volume, "os-retype", object{"new_type": kind, "migration_policy": "never"})
}

var cinderActionClaims = []claim{
	{
		id:        "cinder-extend-202",
		statement: "Action os-extend of an available volume returns 202 with an empty body; the volume then becomes available with the new size.",
		proof:     cinder + "cinder/api/contrib/volume_actions.py#L270",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			accepted := c.extend(volume, 2).expect(http.StatusAccepted)
			require.Empty(c.t, accepted.body)
			c.waitForVolume(volume, "available").is("volume.size", 2)
			return accepted
		},
	},
	{
		id:        "cinder-extend-not-bigger-400",
		statement: "Action os-extend to the same or a smaller size returns 400.",
		proof:     cinder + "cinder/volume/api.py#L1572",
		check: func(c *cloud) response {
			volume := c.availableVolume(object{"size": 2})
			c.extend(volume, 1).badRequest("New size for extend must be greater than current size.")
			return c.extend(volume, 2).badRequest("New size for extend must be greater than current size.")
		},
	},
	{
		id:        "cinder-extend-in-use-400",
		statement: "Before microversion 3.42, os-extend of an attached volume returns 400.",
		proof:     cinder + "cinder/volume/api.py#L1547",
		check: func(c *cloud) response {
			_, volume := c.serverWithVolume()
			return c.extend(volume, 2).badRequest("status must be", "to extend")
		},
	},
	{
		id:        "cinder-extend-no-capacity",
		statement: "Action os-extend to a size for which no back end has the capacity returns 202; the volume then becomes available with its old size.",
		proof:     cinder + "cinder/scheduler/manager.py#L457",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			accepted := c.extend(volume, 2_000_000_000).expect(http.StatusAccepted)
			c.waitForVolume(volume, "available").is("volume.size", 1)
			return accepted
		},
	},
	{
		id:        "cinder-extend-unknown-404",
		statement: "Action os-extend of an unknown volume returns 404.",
		proof:     cinder + "cinder/exception.py#L335",
		check: func(c *cloud) response {
			return c.extend(unknownID, 2).notFound("Volume " + unknownID + " could not be found.")
		},
	},
	{
		id:        "cinder-retype-202",
		statement: "Action os-retype of an available volume returns 202; the volume then becomes available with the new type.",
		proof:     cinder + "cinder/api/contrib/volume_actions.py#L306",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			accepted := c.retype(volume, c.fixtures.OtherVolumeType).expect(http.StatusAccepted)
			c.poll("the volume has the other type",
				func() response { return c.volume.get("/volumes/" + volume).expect(http.StatusOK) },
				func(r response) bool {
					return r.value("volume.status") == "available" && r.value("volume.volume_type") == c.fixtures.OtherVolumeType
				})
			return accepted
		},
	},
	{
		id:        "cinder-retype-same-400",
		statement: "Action os-retype to the volume's current type returns 400.",
		proof:     cinder + "cinder/volume/api.py#L1969",
		check: func(c *cloud) response {
			return c.retype(c.availableVolume(nil), c.fixtures.VolumeType).badRequest("requested type has to be different that the one from the volume")
		},
	},
	{
		id:        "cinder-retype-unknown-404",
		statement: "Action os-retype to an unknown type returns 404.",
		proof:     cinder + "cinder/exception.py#L370",
		check: func(c *cloud) response {
			return c.retype(c.availableVolume(nil), "nothing").notFound("nothing")
		},
	},
	{
		id:        "cinder-retype-no-backend",
		statement: "Action os-retype to a type for which there is no back end returns 202, whatever the migration policy; the volume then becomes available with its old type.",
		proof:     cinder + "cinder/scheduler/manager.py#L322",
		check: func(c *cloud) response {
			volume, kind := c.availableVolume(nil), c.withVolumeType(object{"volume_backend_name": "none"})
			var accepted response
			for _, policy := range []string{"never", "on-demand"} {
				accepted = c.volumeAction(volume, "os-retype", object{"new_type": kind, "migration_policy": policy}).expect(http.StatusAccepted)
				c.waitForVolume(volume, "available").is("volume.volume_type", c.fixtures.VolumeType)
			}
			return accepted
		},
	},
	{
		id:        "cinder-retype-back",
		statement: "A volume whose type was changed can be changed back to its old type.",
		proof:     cinder + "cinder/volume/api.py#L1969",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			var accepted response
			for _, kind := range []string{c.fixtures.OtherVolumeType, c.fixtures.VolumeType} {
				accepted = c.retype(volume, kind).expect(http.StatusAccepted)
				c.waitForVolume(volume, "available").is("volume.volume_type", kind)
			}
			return accepted
		},
	},
	{
		id:        "cinder-snapshot-202-shape",
		statement: "POST of a snapshot returns 202 with status creating and the given metadata; the snapshot then becomes available.",
		proof:     cinder + "cinder/api/v3/snapshots.py#L147",
		check: func(c *cloud) response {
			volume, name := c.availableVolume(nil), c.name("snapshot")
			made := c.createSnapshot(volume, object{"name": name, "description": "cf/web/0", "metadata": object{"agent_id": "a-1"}}).
				expect(http.StatusAccepted)
			c.waitFor(c.volume, "/snapshots/"+made.text("snapshot.id"), "snapshot.status", "available")
			return made.is("snapshot.status", "creating").is("snapshot.volume_id", volume).is("snapshot.size", 1).
				is("snapshot.name", name).is("snapshot.description", "cf/web/0").is("snapshot.metadata", object{"agent_id": "a-1"})
		},
	},
	{
		id:        "cinder-snapshot-in-use-needs-force",
		statement: "POST of a snapshot of an attached volume returns 400 without force and is accepted with force.",
		proof:     cinder + "cinder/volume/api.py#L976",
		check: func(c *cloud) response {
			_, volume := c.serverWithVolume()
			refused := c.createSnapshot(volume, object{"force": nil}).badRequest("Invalid volume")
			c.availableSnapshot(volume, nil)
			return refused
		},
	},
	{
		id:        "cinder-snapshot-unknown-volume-404",
		statement: "POST of a snapshot of an unknown volume returns 404.",
		proof:     cinder + "cinder/exception.py#L335",
		check: func(c *cloud) response {
			return c.createSnapshot(unknownID, nil).notFound("Volume " + unknownID + " could not be found.")
		},
	},
	{
		id:        "cinder-snapshot-quota-413",
		statement: "POST of a snapshot beyond the quota returns 413 overLimit, as for a volume.",
		proof:     cinder + "cinder/exception.py#L652",
		check: func(c *cloud) response {
			limited := c.withQuota(quotas{volume: object{"snapshots": 0}})
			return limited.createSnapshot(limited.availableVolume(nil), nil).
				expectFault(http.StatusRequestEntityTooLarge, "overLimit", "Maximum number of snapshots allowed (0) exceeded")
		},
	},
	{
		id:        "cinder-snapshot-unknown-404",
		statement: "GET and DELETE of an unknown snapshot return 404.",
		proof:     cinder + "cinder/exception.py#L433",
		check: func(c *cloud) response {
			c.volume.delete("/snapshots/" + unknownID).notFound("Snapshot " + unknownID + " could not be found.")
			return c.volume.get("/snapshots/" + unknownID).notFound("Snapshot " + unknownID + " could not be found.")
		},
	},
	{
		id:        "cinder-snapshot-delete-202",
		statement: "DELETE of a snapshot returns 202; the snapshot is removed asynchronously.",
		proof:     cinder + "cinder/api/v2/snapshots.py#L56",
		check: func(c *cloud) response {
			path := "/snapshots/" + c.availableSnapshot(c.availableVolume(nil), nil)
			deleted := c.volume.delete(path).expect(http.StatusAccepted)
			c.waitUntilGone(c.volume, path)
			return deleted
		},
	},
	{
		id:        "cinder-delete-with-snapshot-400",
		statement: "DELETE of a volume that has a snapshot returns 400.",
		proof:     cinder + "cinder/volume/api.py#L511",
		check: func(c *cloud) response {
			volume := c.availableVolume(nil)
			c.availableSnapshot(volume, nil)
			return c.volume.delete("/volumes/"+volume).badRequest("Invalid volume: Volume status must be", "have snapshots")
		},
	},
	{
		id:        "cinder-snapshot-metadata-merge",
		statement: "POST of snapshot metadata merges it into the existing metadata and returns the complete map.",
		proof:     cinder + "cinder/api/v3/snapshot_metadata.py#L47",
		check: func(c *cloud) response {
			snapshot := c.availableSnapshot(c.availableVolume(nil), object{"metadata": object{"kept": "1"}})
			return c.volume.post("/snapshots/"+snapshot+"/metadata", object{"metadata": object{"new": "2"}}).
				expect(http.StatusOK).is("metadata", object{"kept": "1", "new": "2"})
		},
	},
	{
		id:        "cinder-snapshot-same-name",
		statement: "Snapshot names need not be unique; the name filter matches exactly and returns all snapshots of that name.",
		proof:     cinder + "cinder/db/sqlalchemy/api.py#L3868",
		check: func(c *cloud) response {
			volume, name := c.availableVolume(nil), c.name("snapshot")
			c.availableSnapshot(volume, object{"name": name})
			c.availableSnapshot(volume, object{"name": name})
			c.availableSnapshot(volume, object{"name": name + "0"})
			seen := c.volume.list("/snapshots/detail", url.Values{"name": {name}}).expect(http.StatusOK)
			require.Equal(c.t, []string{name, name}, seen.each("snapshots", "name"))
			return seen
		},
	},
	{
		id:        "cinder-extend-attached-3.42",
		statement: "From microversion 3.42 on, os-extend of an attached volume is accepted; the volume then becomes in-use again with the new size.",
		proof:     cinder + "cinder/volume/api.py#L1669",
		check: func(c *cloud) response {
			_, volume := c.serverWithVolume()
			accepted := c.cinderAt("3.42").post("/volumes/"+volume+"/action", object{"os-extend": object{"new_size": 2}}).
				expect(http.StatusAccepted)
			c.poll("the volume is bigger",
				func() response { return c.volume.get("/volumes/" + volume).expect(http.StatusOK) },
				func(r response) bool { return r.value("volume.status") == "in-use" && r.value("volume.size") == 2.0 })
			return accepted
		},
	},
}
