package contract_test

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"
)

// cinderAt is cinder at a microversion.
func (c *cloud) cinderAt(microversion string) service {
	return c.volume.with("OpenStack-API-Version", "volume "+microversion)
}

var cinderVolumeClaims = []claim{
	{
		id:    "cinder-create-202-shape",
		says:  "A new volume is answered 202 with its whole description, in status creating.",
		proof: cinder + "cinder/api/v3/volumes.py#L289",
		check: func(c *cloud) answer {
			name := c.name("volume")
			made := c.createVolume(object{"name": name, "description": "about", "metadata": object{"agent_id": "a-1"}})
			return made.wants(http.StatusAccepted).is("volume.status", "creating").is("volume.name", name).is("volume.size", 1).
				is("volume.description", "about").is("volume.metadata", object{"agent_id": "a-1"}).
				is("volume.bootable", "false").is("volume.attachments", list{}).is("volume.encrypted", false).
				wantsKeys("volume", "id", "availability_zone", "volume_type", "created_at", "snapshot_id", "multiattach")
		},
	},
	{
		id:    "cinder-create-available",
		says:  "A new volume is available in the end.",
		proof: cinder + "cinder/volume/flows/manager/create_volume.py#L1308",
		check: func(c *cloud) answer {
			made := c.createVolume(nil).wants(http.StatusAccepted)
			return c.volumeIs(made.text("volume.id"), "available")
		},
	},
	{
		id:    "cinder-create-size-0-400",
		says:  "A size of 0 is answered 400.",
		proof: cinder + "cinder/api/validation/parameter_types.py#L220",
		check: func(c *cloud) answer {
			return c.createVolume(object{"size": 0}).badRequest("Invalid input for field/attribute size", "less than the minimum of 1")
		},
	},
	{
		id:    "cinder-create-default-type",
		says:  "A volume made without a type gets the default one, by name.",
		proof: cinder + "cinder/volume/volume_types.py#L214",
		check: func(c *cloud) answer {
			return c.createVolume(nil).wants(http.StatusAccepted).is("volume.volume_type", c.fixtures.VolumeType)
		},
	},
	{
		id:    "cinder-create-type",
		says:  "A volume's type is given by name.",
		proof: cinder + "cinder/api/v3/volumes.py#L328",
		check: func(c *cloud) answer {
			return c.createVolume(object{"volume_type": c.fixtures.OtherVolumeType}).wants(http.StatusAccepted).
				is("volume.volume_type", c.fixtures.OtherVolumeType)
		},
	},
	{
		id:    "cinder-create-unknown-type-404",
		says:  "An unknown type is answered 404, though nothing was looked for by id.",
		proof: cinder + "cinder/exception.py#L370",
		check: func(c *cloud) answer {
			return c.createVolume(object{"volume_type": "nothing"}).notFound("Volume type with name nothing could not be found.")
		},
	},
	{
		id:    "cinder-create-zone",
		says:  "A volume is made in the zone asked for.",
		proof: cinder + "cinder/volume/flows/api/create_volume.py#L255",
		check: func(c *cloud) answer {
			return c.createVolume(object{"availability_zone": c.fixtures.OtherZone}).wants(http.StatusAccepted).
				is("volume.availability_zone", c.fixtures.OtherZone)
		},
	},
	{
		id:     "cinder-create-unknown-zone",
		says:   "An unknown zone is answered 400, unless the cloud falls back to its default zone.",
		proof:  cinder + "cinder/volume/flows/api/create_volume.py#L315",
		varies: true,
		check: func(c *cloud) answer {
			made := c.createVolume(object{"availability_zone": "nowhere"})
			if made.status == http.StatusAccepted {
				require.NotEqual(c.t, "nowhere", made.text("volume.availability_zone"))
				return made
			}
			return made.badRequest("Availability zone 'nowhere' is invalid")
		},
	},
	{
		id:    "cinder-create-same-name",
		says:  "Two volumes may have one name; the name filter is exact and finds both.",
		proof: cinder + "cinder/db/sqlalchemy/api.py#L3036",
		check: func(c *cloud) answer {
			name := c.name("volume")
			c.createVolume(object{"name": name}).wants(http.StatusAccepted)
			c.createVolume(object{"name": name}).wants(http.StatusAccepted)
			c.createVolume(object{"name": name + "0"}).wants(http.StatusAccepted)
			seen := c.volume.list("/volumes/detail", url.Values{"name": {name}}).wants(http.StatusOK)
			require.Equal(c.t, []string{name, name}, seen.each("volumes", "name"))
			return seen
		},
	},
	{
		id:    "cinder-create-quota-413",
		says:  "A volume beyond the quota is answered 413 overLimit with retryAfter 0, and the words of a quota.",
		proof: cinder + "cinder/exception.py#L643",
		check: func(c *cloud) answer {
			refused := c.withQuota(quotas{volume: object{"volumes": 0}}).createVolume(nil).
				wantsFault(http.StatusRequestEntityTooLarge, "overLimit", "Maximum number of volumes allowed (0) exceeded")
			require.Equal(c.t, "0", refused.header.Get("Retry-After"))
			return refused.is("overLimit.retryAfter", "0")
		},
	},
	{
		id:    "cinder-create-gigabytes-413",
		says:  "A volume beyond the gigabytes quota is answered 413 overLimit with wanted, used and allowed numbers.",
		proof: cinder + "cinder/exception.py#L621",
		check: func(c *cloud) answer {
			return c.withQuota(quotas{volume: object{"gigabytes": 2}}).createVolume(object{"size": 3}).
				wantsFault(http.StatusRequestEntityTooLarge, "overLimit", "Requested volume or snapshot exceeds allowed gigabytes quota.",
					"Requested 3G, quota is 2G and 0G has been consumed.")
		},
	},
	{
		id:    "cinder-volume-unknown-404",
		says:  "An unknown volume is answered 404, on GET and on DELETE.",
		proof: cinder + "cinder/exception.py#L335",
		check: func(c *cloud) answer {
			c.volume.delete("/volumes/" + nobody).notFound("Volume " + nobody + " could not be found.")
			return c.volume.get("/volumes/" + nobody).notFound("Volume " + nobody + " could not be found.")
		},
	},
	{
		id:    "cinder-delete-202",
		says:  "DELETE of an available volume is answered 202; the volume goes later and DELETE is then answered 404.",
		proof: cinder + "cinder/api/v3/volumes.py#L53",
		check: func(c *cloud) answer {
			path := "/volumes/" + c.newVolume(nil)
			deleted := c.volume.delete(path).wants(http.StatusAccepted)
			c.gone(c.volume, path)
			c.volume.delete(path).notFound()
			return deleted
		},
	},
	{
		id:     "cinder-delete-creating",
		says:   "DELETE of a volume in creating is answered 202 before a backend has it and 400 from then on, so that it must be repeated.",
		proof:  cinder + "cinder/volume/api.py#L425",
		varies: true,
		check: func(c *cloud) answer {
			path := "/volumes/" + c.createVolume(nil).wants(http.StatusAccepted).text("volume.id")
			deleted := c.volume.delete(path)
			if deleted.status == http.StatusAccepted {
				c.gone(c.volume, path)
				return deleted
			}
			return deleted.badRequest("Invalid volume: Volume status must be available or error")
		},
	},
	{
		id:    "cinder-delete-deleting",
		says:  "DELETE of a volume that is being deleted is answered 400, or 404 when it is gone.",
		proof: cinder + "cinder/volume/api.py#L481",
		check: func(c *cloud) answer {
			path := "/volumes/" + c.newVolume(nil)
			c.volume.delete(path).wants(http.StatusAccepted)
			return c.volume.delete(path).wants(http.StatusBadRequest, http.StatusNotFound)
		},
	},
	{
		id:    "cinder-delete-in-use-400",
		says:  "DELETE of an attached volume is answered 400 with the statuses that would do.",
		proof: cinder + "cinder/volume/api.py#L509",
		check: func(c *cloud) answer {
			_, volume := c.attached()
			return c.volume.delete("/volumes/"+volume).
				badRequest("Invalid volume: Volume status must be available or error", "and must not be migrating, attached")
		},
	},
	{
		id:    "cinder-rename",
		says:  "PUT gives a volume another name and description.",
		proof: cinder + "cinder/api/v2/volumes.py#L284",
		check: func(c *cloud) answer {
			name := c.name("renamed")
			return c.volume.put("/volumes/"+c.newVolume(nil), object{"volume": object{"name": name, "description": "new"}}).
				wants(http.StatusOK).is("volume.name", name).is("volume.description", "new")
		},
	},
	{
		id:    "cinder-metadata-merge",
		says:  "POST of metadata merges it into what is there and answers the whole map.",
		proof: cinder + "cinder/api/v2/volume_metadata.py#L52",
		check: func(c *cloud) answer {
			volume := c.newVolume(object{"metadata": object{"kept": "1", "changed": "1"}})
			c.volume.post("/volumes/"+volume+"/metadata", object{"metadata": object{"changed": "2", "new": "3"}}).wants(http.StatusOK)
			return c.volume.get("/volumes/"+volume).wants(http.StatusOK).
				is("volume.metadata", object{"kept": "1", "changed": "2", "new": "3"})
		},
	},
	{
		id:    "cinder-metadata-answer",
		says:  "The answer to a metadata POST holds the whole merged map.",
		proof: cinder + "cinder/api/v2/volume_metadata.py#L93",
		check: func(c *cloud) answer {
			volume := c.newVolume(object{"metadata": object{"kept": "1"}})
			return c.volume.post("/volumes/"+volume+"/metadata", object{"metadata": object{"new": "3"}}).
				wants(http.StatusOK).is("metadata", object{"kept": "1", "new": "3"})
		},
	},
	{
		id:    "cinder-metadata-in-use",
		says:  "Metadata of an attached volume can be changed.",
		proof: cinder + "cinder/volume/api.py#L1316",
		check: func(c *cloud) answer {
			_, volume := c.attached()
			c.volume.post("/volumes/"+volume+"/metadata", object{"metadata": object{"agent_id": "a-1"}}).wants(http.StatusOK)
			return c.volume.get("/volumes/"+volume).wants(http.StatusOK).
				is("volume.metadata.agent_id", "a-1").is("volume.status", "in-use")
		},
	},
	{
		id:    "cinder-metadata-256-400",
		says:  "A metadata value or key of 256 characters is answered 400.",
		proof: cinder + "cinder/api/validation/parameter_types.py#L150",
		check: func(c *cloud) answer {
			path := "/volumes/" + c.newVolume(nil) + "/metadata"
			c.volume.post(path, object{"metadata": object{"key": strings.Repeat("v", 255)}}).wants(http.StatusOK)
			c.volume.post(path, object{"metadata": object{strings.Repeat("k", 256): "v"}}).badRequest()
			return c.volume.post(path, object{"metadata": object{"key": strings.Repeat("v", 256)}}).badRequest("is too long")
		},
	},
	{
		id:    "cinder-metadata-key-400",
		says:  "A metadata key with a character other than letters, digits, -_:./ and blank is answered 400.",
		proof: cinder + "cinder/api/validation/parameter_types.py#L150",
		check: func(c *cloud) answer {
			path := "/volumes/" + c.newVolume(nil) + "/metadata"
			c.volume.post(path, object{"metadata": object{"a b.c:d-e_f/g": "v"}}).wants(http.StatusOK)
			return c.volume.post(path, object{"metadata": object{"a$": "v"}}).badRequest("'a$' does not match any of the regexes")
		},
	},
	{
		id:    "cinder-types",
		says:  "The volume types are listed by name.",
		proof: cinder + "cinder/api/v3/types.py#L41",
		check: func(c *cloud) answer {
			seen := c.volume.get("/types").wants(http.StatusOK)
			require.Subset(c.t, seen.each("volume_types", "name"), []string{c.fixtures.VolumeType, c.fixtures.OtherVolumeType})
			return seen
		},
	},
	{
		id:    "cinder-zones",
		says:  "Cinder's zones are listed as nova's are, and are a list of their own.",
		proof: cinder + "cinder/api/contrib/availability_zones.py#L31",
		check: func(c *cloud) answer {
			seen := c.volume.get("/os-availability-zone").wants(http.StatusOK).is("availabilityZoneInfo.0.zoneState.available", true)
			require.NotEmpty(c.t, seen.each("availabilityZoneInfo", "zoneName"))
			return seen
		},
	},
	{
		id:    "cinder-limits",
		says:  "The limits tell quota and use of volumes, gigabytes and snapshots.",
		proof: cinder + "cinder/api/views/limits.py#L45",
		check: func(c *cloud) answer {
			return c.volume.get("/limits").wants(http.StatusOK).wantsKeys("limits.absolute", "maxTotalVolumes", "totalVolumesUsed",
				"maxTotalVolumeGigabytes", "totalGigabytesUsed", "maxTotalSnapshots", "totalSnapshotsUsed")
		},
	},
	{
		id:      "cinder-microversion-406",
		says:    "A microversion above the range is answered 406.",
		proof:   cinder + "cinder/exception.py#L289",
		offends: true,
		check: func(c *cloud) answer {
			return c.cinderAt("3.999").get("/volumes").wantsFault(http.StatusNotAcceptable, "computeFault",
				"Version 3.999 is not supported by the API. Minimum is 3.0 and maximum is 3.")
		},
	},
	{
		id:    "cinder-foreign-project-400",
		says:  "A URL with another project's id is answered 400.",
		proof: cinder + "cinder/api/openstack/wsgi.py#L890",
		check: func(c *cloud) answer {
			elsewhere := c.volume
			elsewhere.url = strings.ReplaceAll(elsewhere.url, c.projectID, strings.Repeat("0", 32))
			return elsewhere.get("/volumes").badRequest("Malformed request url")
		},
	},
}
