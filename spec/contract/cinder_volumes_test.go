package contract_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// cinderAt returns Cinder at a microversion.
func (c *cloud) cinderAt(microversion string) service {
	return c.volume.with("OpenStack-API-Version", "volume "+microversion)
}

var cinderVolumeClaims = []claim{
	{
		id:        "cinder-create-202-shape",
		statement: "POST of a volume returns 202 with all fields of the volume and status creating.",
		proof:     cinder + "cinder/api/v3/volumes.py#L289",
		check: func(c *cloud) response {
			name := c.name("volume")
			made := c.createVolume(object{"name": name, "description": "about", "metadata": object{"agent_id": "a-1"}})
			return made.expect(http.StatusAccepted).is("volume.status", "creating").is("volume.name", name).is("volume.size", 1).
				is("volume.description", "about").is("volume.metadata", object{"agent_id": "a-1"}).
				is("volume.bootable", "false").is("volume.attachments", list{}).is("volume.encrypted", false).
				expectKeys("volume", "id", "availability_zone", "volume_type", "created_at", "snapshot_id", "multiattach")
		},
	},
	{
		id:        "cinder-create-available",
		statement: "A new volume becomes available.",
		proof:     cinder + "cinder/volume/flows/manager/create_volume.py#L1308",
		check: func(c *cloud) response {
			made := c.createVolume(nil).expect(http.StatusAccepted)
			return c.waitForVolume(made.text("volume.id"), "available")
		},
	},
	{
		id:        "cinder-create-size-0-400",
		statement: "POST of a volume with size 0 returns 400.",
		proof:     cinder + "cinder/api/validation/parameter_types.py#L220",
		check: func(c *cloud) response {
			return c.createVolume(object{"size": 0}).badRequest("Invalid input for field/attribute size", "less than the minimum of 1")
		},
	},
	{
		id:        "cinder-create-default-type",
		statement: "A volume created without a type gets the default type; volume_type is its name.",
		proof:     cinder + "cinder/volume/volume_types.py#L214",
		check: func(c *cloud) response {
			return c.createVolume(nil).expect(http.StatusAccepted).is("volume.volume_type", c.fixtures.VolumeType)
		},
	},
	{
		id:        "cinder-create-type",
		statement: "POST of a volume accepts the name of a volume type.",
		proof:     cinder + "cinder/api/v3/volumes.py#L328",
		check: func(c *cloud) response {
			return c.createVolume(object{"volume_type": c.fixtures.OtherVolumeType}).expect(http.StatusAccepted).
				is("volume.volume_type", c.fixtures.OtherVolumeType)
		},
	},
	{
		id:        "cinder-create-unknown-type-404",
		statement: "POST of a volume with an unknown type returns 404, not 400.",
		proof:     cinder + "cinder/exception.py#L370",
		check: func(c *cloud) response {
			return c.createVolume(object{"volume_type": "nothing"}).notFound("Volume type with name nothing could not be found.")
		},
	},
	{
		id:        "cinder-create-zone",
		statement: "A volume is created in the requested availability zone.",
		proof:     cinder + "cinder/volume/flows/api/create_volume.py#L255",
		check: func(c *cloud) response {
			return c.createVolume(object{"availability_zone": c.fixtures.OtherZone}).expect(http.StatusAccepted).
				is("volume.availability_zone", c.fixtures.OtherZone)
		},
	},
	{
		id:        "cinder-create-unknown-zone",
		statement: "POST of a volume with an unknown availability zone returns 400, unless the cloud falls back to its default zone.",
		proof:     cinder + "cinder/volume/flows/api/create_volume.py#L315",
		varies:    true,
		check: func(c *cloud) response {
			made := c.createVolume(object{"availability_zone": "nowhere"})
			if made.status == http.StatusAccepted {
				require.NotEqual(c.t, "nowhere", made.text("volume.availability_zone"))
				return made
			}
			return made.badRequest("Availability zone 'nowhere' is invalid")
		},
	},
	{
		id:        "cinder-create-same-name",
		statement: "Volume names need not be unique; the name filter matches exactly and returns all volumes of that name.",
		proof:     cinder + "cinder/db/sqlalchemy/api.py#L3036",
		check: func(c *cloud) response {
			name := c.name("volume")
			c.createVolume(object{"name": name}).expect(http.StatusAccepted)
			c.createVolume(object{"name": name}).expect(http.StatusAccepted)
			c.createVolume(object{"name": name + "0"}).expect(http.StatusAccepted)
			seen := c.volume.list("/volumes/detail", url.Values{"name": {name}}).expect(http.StatusOK)
			require.Equal(c.t, []string{name, name}, seen.each("volumes", "name"))
			return seen
		},
	},
	{
		id:        "cinder-create-quota-413",
		statement: "POST of a volume beyond the volumes quota returns 413 overLimit with retryAfter 0 and a message about the quota.",
		proof:     cinder + "cinder/exception.py#L643",
		check: func(c *cloud) response {
			refused := c.withQuota(quotas{volume: object{"volumes": 0}}).createVolume(nil).
				expectFault(http.StatusRequestEntityTooLarge, "overLimit", "Maximum number of volumes allowed (0) exceeded")
			require.Equal(c.t, "0", refused.header.Get("Retry-After"))
			return refused.is("overLimit.retryAfter", "0")
		},
	},
	{
		id:        "cinder-create-gigabytes-413",
		statement: "POST of a volume beyond the gigabytes quota returns 413 overLimit with the requested, consumed and allowed sizes.",
		proof:     cinder + "cinder/exception.py#L621",
		check: func(c *cloud) response {
			return c.withQuota(quotas{volume: object{"gigabytes": 2}}).createVolume(object{"size": 3}).
				expectFault(http.StatusRequestEntityTooLarge, "overLimit", "Requested volume or snapshot exceeds allowed gigabytes quota.",
					"Requested 3G, quota is 2G and 0G has been consumed.")
		},
	},
	{
		id:        "cinder-volume-unknown-404",
		statement: "GET and DELETE of an unknown volume return 404.",
		proof:     cinder + "cinder/exception.py#L335",
		check: func(c *cloud) response {
			c.volume.delete("/volumes/" + unknownID).notFound("Volume " + unknownID + " could not be found.")
			return c.volume.get("/volumes/" + unknownID).notFound("Volume " + unknownID + " could not be found.")
		},
	},
	{
		id:        "cinder-delete-202",
		statement: "DELETE of an available volume returns 202; the volume is removed asynchronously, and DELETE then returns 404.",
		proof:     cinder + "cinder/api/v3/volumes.py#L53",
		check: func(c *cloud) response {
			path := "/volumes/" + c.availableVolume(nil)
			deleted := c.volume.delete(path).expect(http.StatusAccepted)
			c.waitUntilGone(c.volume, path)
			c.volume.delete(path).notFound()
			return deleted
		},
	},
	{
		id:        "cinder-delete-creating",
		statement: "DELETE of a volume in creating returns 202 before a backend is assigned and 400 afterwards, so that it must be repeated.",
		proof:     cinder + "cinder/volume/api.py#L425",
		varies:    true,
		check: func(c *cloud) response {
			path := "/volumes/" + c.createVolume(nil).expect(http.StatusAccepted).text("volume.id")
			deleted := c.volume.delete(path)
			if deleted.status == http.StatusAccepted {
				c.waitUntilGone(c.volume, path)
				return deleted
			}
			return deleted.badRequest("Invalid volume: Volume status must be available or error")
		},
	},
	{
		id:        "cinder-delete-deleting",
		statement: "DELETE of a volume in deleting returns 400, or 404 once it is removed.",
		proof:     cinder + "cinder/volume/api.py#L481",
		check: func(c *cloud) response {
			path := "/volumes/" + c.availableVolume(nil)
			c.volume.delete(path).expect(http.StatusAccepted)
			return c.volume.delete(path).expect(http.StatusBadRequest, http.StatusNotFound)
		},
	},
	{
		id:        "cinder-delete-in-use-400",
		statement: "DELETE of an attached volume returns 400 with the statuses that allow deletion.",
		proof:     cinder + "cinder/volume/api.py#L509",
		check: func(c *cloud) response {
			_, volume := c.serverWithVolume()
			return c.volume.delete("/volumes/"+volume).
				badRequest("Invalid volume: Volume status must be available or error", "and must not be migrating, attached")
		},
	},
	{
		id:        "cinder-rename",
		statement: "PUT changes the name and description of a volume.",
		proof:     cinder + "cinder/api/v2/volumes.py#L284",
		check: func(c *cloud) response {
			name := c.name("renamed")
			return c.volume.put("/volumes/"+c.availableVolume(nil), object{"volume": object{"name": name, "description": "new"}}).
				expect(http.StatusOK).is("volume.name", name).is("volume.description", "new")
		},
	},
	{
		id:        "cinder-metadata-merge",
		statement: "POST of volume metadata merges it into the existing metadata and keeps keys that the request does not name.",
		proof:     cinder + "cinder/api/v2/volume_metadata.py#L52",
		check: func(c *cloud) response {
			volume := c.availableVolume(object{"metadata": object{"kept": "1", "changed": "1"}})
			c.volume.post("/volumes/"+volume+"/metadata", object{"metadata": object{"changed": "2", "new": "3"}}).expect(http.StatusOK)
			return c.volume.get("/volumes/"+volume).expect(http.StatusOK).
				is("volume.metadata", object{"kept": "1", "changed": "2", "new": "3"})
		},
	},
	{
		id:        "cinder-metadata-answer",
		statement: "POST of volume metadata returns the complete merged map.",
		proof:     cinder + "cinder/api/v2/volume_metadata.py#L93",
		check: func(c *cloud) response {
			volume := c.availableVolume(object{"metadata": object{"kept": "1"}})
			return c.volume.post("/volumes/"+volume+"/metadata", object{"metadata": object{"new": "3"}}).
				expect(http.StatusOK).is("metadata", object{"kept": "1", "new": "3"})
		},
	},
	{
		id:        "cinder-metadata-in-use",
		statement: "The metadata of an attached volume can be changed.",
		proof:     cinder + "cinder/volume/api.py#L1316",
		check: func(c *cloud) response {
			_, volume := c.serverWithVolume()
			c.volume.post("/volumes/"+volume+"/metadata", object{"metadata": object{"agent_id": "a-1"}}).expect(http.StatusOK)
			return c.volume.get("/volumes/"+volume).expect(http.StatusOK).
				is("volume.metadata.agent_id", "a-1").is("volume.status", "in-use")
		},
	},
	{
		id:        "cinder-metadata-256-400",
		statement: "A metadata key or value of 256 characters returns 400.",
		proof:     cinder + "cinder/api/validation/parameter_types.py#L150",
		check: func(c *cloud) response {
			path := "/volumes/" + c.availableVolume(nil) + "/metadata"
			c.volume.post(path, object{"metadata": object{"key": strings.Repeat("v", 255)}}).expect(http.StatusOK)
			c.volume.post(path, object{"metadata": object{strings.Repeat("k", 256): "v"}}).badRequest()
			return c.volume.post(path, object{"metadata": object{"key": strings.Repeat("v", 256)}}).badRequest("is too long")
		},
	},
	{
		id:        "cinder-metadata-key-400",
		statement: "A metadata key with a character other than letters, digits, -_:./ and space returns 400.",
		proof:     cinder + "cinder/api/validation/parameter_types.py#L150",
		check: func(c *cloud) response {
			path := "/volumes/" + c.availableVolume(nil) + "/metadata"
			c.volume.post(path, object{"metadata": object{"a b.c:d-e_f/g": "v"}}).expect(http.StatusOK)
			return c.volume.post(path, object{"metadata": object{"a$": "v"}}).badRequest("'a$' does not match any of the regexes")
		},
	},
	{
		id:        "cinder-types",
		statement: "The list of volume types contains each type's name.",
		proof:     cinder + "cinder/api/v3/types.py#L41",
		check: func(c *cloud) response {
			seen := c.volume.get("/types").expect(http.StatusOK)
			require.Subset(c.t, seen.each("volume_types", "name"), []string{c.fixtures.VolumeType, c.fixtures.OtherVolumeType})
			return seen
		},
	},
	{
		id:        "cinder-type-200",
		statement: "GET of a volume type returns its name to every user.",
		proof:     cinder + "cinder/api/v3/types.py#L50",
		check: func(c *cloud) response {
			types := c.volume.get("/types").expect(http.StatusOK)
			i := slices.Index(types.each("volume_types", "name"), c.fixtures.OtherVolumeType)
			return c.volume.get("/types/"+types.each("volume_types", "id")[i]).expect(http.StatusOK).is("volume_type.name", c.fixtures.OtherVolumeType)
		},
	},
	{
		id:        "cinder-type-unknown-404",
		statement: "GET of an unknown volume type returns 404.",
		proof:     cinder + "cinder/exception.py#L366",
		check: func(c *cloud) response {
			return c.volume.get("/types/" + unknownID).notFound("Volume type " + unknownID + " could not be found.")
		},
	},
	{
		id:        "cinder-create-multiattach",
		statement: "A volume has multiattach true if its type has the extra spec multiattach with <is> True.",
		proof:     cinder + "cinder/volume/flows/api/create_volume.py#L494",
		check: func(c *cloud) response {
			made := c.createVolume(object{"volume_type": c.withVolumeType(object{"multiattach": "<is> True"})})
			return made.expect(http.StatusAccepted).is("volume.multiattach", true)
		},
	},
	{
		id:        "cinder-zones",
		statement: "Cinder lists its availability zones in the same format as Nova.",
		proof:     cinder + "cinder/api/contrib/availability_zones.py#L31",
		check: func(c *cloud) response {
			seen := c.volume.get("/os-availability-zone").expect(http.StatusOK).is("availabilityZoneInfo.0.zoneState.available", true)
			require.NotEmpty(c.t, seen.each("availabilityZoneInfo", "zoneName"))
			return seen
		},
	},
	{
		id:        "cinder-limits",
		statement: "The limits contain quota and usage of volumes, gigabytes and snapshots.",
		proof:     cinder + "cinder/api/views/limits.py#L45",
		check: func(c *cloud) response {
			return c.volume.get("/limits").expect(http.StatusOK).expectKeys("limits.absolute", "maxTotalVolumes", "totalVolumesUsed",
				"maxTotalVolumeGigabytes", "totalGigabytesUsed", "maxTotalSnapshots", "totalSnapshotsUsed")
		},
	},
	{
		id:        "cinder-microversion-406",
		statement: "A microversion above the supported range returns 406.",
		proof:     cinder + "cinder/exception.py#L289",
		invalid:   true,
		check: func(c *cloud) response {
			return c.cinderAt("3.999").get("/volumes").expectFault(http.StatusNotAcceptable, "computeFault",
				"Version 3.999 is not supported by the API. Minimum is 3.0 and maximum is 3.")
		},
	},
	{
		id:        "cinder-foreign-project-400",
		statement: "A URL with the id of another project returns 400.",
		proof:     cinder + "cinder/api/openstack/wsgi.py#L890",
		check: func(c *cloud) response {
			other := c.volume
			other.URL = strings.ReplaceAll(other.URL, c.projectID, strings.Repeat("0", 32))
			return other.get("/volumes").badRequest("Malformed request url")
		},
	},
}
