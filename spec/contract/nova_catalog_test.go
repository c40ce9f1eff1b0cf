package contract_test

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// flavorDetails returns the flavor's path into the answer of /flavors/detail.
func (c *cloud) flavorDetails(compute service, name string) (answer, string) {
	c.t.Helper()
	seen := compute.get("/flavors/detail").wants(http.StatusOK)
	i := slices.Index(seen.each("flavors", "name"), name)
	require.NotEqualf(c.t, -1, i, "no flavor %s", name)
	return seen, fmt.Sprintf("flavors.%d", i)
}

// versioned is nova at a microversion.
func (c *cloud) novaAt(microversion string) service {
	return c.compute.with("X-OpenStack-Nova-API-Version", microversion)
}

var novaCatalogClaims = []claim{
	{
		id:    "nova-flavor-shape",
		says:  "Flavor details have name, vcpus, ram (MiB), disk and ephemeral (GiB) and the disabled mark.",
		proof: nova + "nova/api/openstack/compute/views/flavors.py#L47",
		check: func(c *cloud) answer {
			seen, flavor := c.flavorDetails(c.compute, c.fixtures.FlavorWithEphemeral)
			require.Positive(c.t, seen.value(flavor+".OS-FLV-EXT-DATA:ephemeral"))
			return seen.is(flavor+".OS-FLV-DISABLED:disabled", false).
				wantsKeys(flavor, "id", "vcpus", "ram", "disk", "swap", "rxtx_factor", "os-flavor-access:is_public")
		},
	},
	{
		id:    "nova-flavor-no-swap-is-empty-string",
		says:  "A flavor without swap has the empty string as swap before microversion 2.75.",
		proof: nova + "nova/api/openstack/compute/views/flavors.py#L55",
		check: func(c *cloud) answer {
			seen, flavor := c.flavorDetails(c.compute, c.fixtures.Flavor)
			return seen.is(flavor+".swap", "")
		},
	},
	{
		id:    "nova-flavor-swap-is-mib",
		says:  "A flavor with swap has a number of MiB as swap.",
		proof: nova + "nova/api/openstack/compute/views/flavors.py#L55",
		check: func(c *cloud) answer {
			seen, flavor := c.flavorDetails(c.compute, c.fixtures.FlavorWithSwap)
			require.Positive(c.t, seen.value(flavor+".swap"))
			return seen
		},
	},
	{
		id:    "nova-flavor-no-swap-is-zero-2.75",
		says:  "From microversion 2.75 on a flavor without swap has the number 0.",
		proof: nova + "nova/api/openstack/compute/views/flavors.py#L74",
		check: func(c *cloud) answer {
			seen, flavor := c.flavorDetails(c.novaAt("2.75"), c.fixtures.Flavor)
			return seen.is(flavor+".swap", 0)
		},
	},
	{
		id:    "nova-flavor-pages",
		says:  "A flavor list cut by limit carries a next link, and marker goes on behind the last id.",
		proof: nova + "nova/api/openstack/compute/views/flavors.py#L114",
		check: func(c *cloud) answer {
			first := c.compute.get("/flavors/detail?limit=1").wants(http.StatusOK).is("flavors_links.0.rel", "next")
			require.Equal(c.t, 1, first.size("flavors"))
			second := c.compute.get("/flavors/detail?limit=1&marker=" + first.text("flavors.0.id")).wants(http.StatusOK)
			require.NotEqual(c.t, first.text("flavors.0.id"), second.text("flavors.0.id"))
			return first
		},
	},
	{
		id:    "nova-flavor-unknown-404",
		says:  "An unknown flavor id is answered 404.",
		proof: nova + "nova/exception.py#L1207",
		check: func(c *cloud) answer {
			return c.compute.get("/flavors/" + nobody).notFound("Flavor " + nobody + " could not be found.")
		},
	},
	{
		id:    "nova-keypair-by-name",
		says:  "A key pair is read by its name, with fingerprint and public key.",
		proof: nova + "nova/api/openstack/compute/keypairs.py#L200",
		check: func(c *cloud) answer {
			return c.compute.get("/os-keypairs/"+c.fixtures.KeyPair).wants(http.StatusOK).
				is("keypair.name", c.fixtures.KeyPair).wantsKeys("keypair", "fingerprint", "public_key", "user_id")
		},
	},
	{
		id:    "nova-keypair-unknown-404",
		says:  "An unknown key pair is answered 404 with its name.",
		proof: nova + "nova/exception.py#L1059",
		check: func(c *cloud) answer {
			name := c.name("key")
			return c.compute.get("/os-keypairs/" + name).notFound("Keypair " + name + " not found for user " + c.userID)
		},
	},
	{
		id:    "nova-keypair-list",
		says:  "Every element of the key pair list wraps its key pair once more.",
		proof: nova + "nova/api/openstack/compute/views/keypairs.py#L57",
		check: func(c *cloud) answer {
			seen := c.compute.get("/os-keypairs").wants(http.StatusOK)
			require.Contains(c.t, seen.each("keypairs", "keypair.name"), c.fixtures.KeyPair)
			return seen
		},
	},
	{
		id:    "nova-zones",
		says:  "The zones of the cloud are listed with zoneName and zoneState.available.",
		proof: nova + "nova/api/openstack/compute/availability_zone.py#L36",
		check: func(c *cloud) answer {
			seen := c.compute.get("/os-availability-zone").wants(http.StatusOK).is("availabilityZoneInfo.0.zoneState.available", true)
			require.Subset(c.t, seen.each("availabilityZoneInfo", "zoneName"), []string{c.fixtures.Zone, c.fixtures.OtherZone})
			return seen
		},
	},
	{
		id:    "nova-limits",
		says:  "The limits tell quota and use of instances, cores and RAM.",
		proof: nova + "nova/api/openstack/compute/views/limits.py#L38",
		check: func(c *cloud) answer {
			return c.compute.get("/limits").wants(http.StatusOK).wantsKeys("limits.absolute",
				"maxTotalInstances", "totalInstancesUsed", "maxTotalCores", "totalCoresUsed", "maxTotalRAMSize", "totalRAMUsed",
				"maxServerMeta", "maxServerGroups")
		},
	},
	{
		id:    "nova-microversion-range",
		says:  "The version document of the endpoint tells the range of microversions.",
		proof: nova + "nova/api/openstack/compute/versionsV21.py#L30",
		check: func(c *cloud) answer {
			return c.compute.get("/").wants(http.StatusOK).is("version.min_version", "2.1").
				is("version.status", "CURRENT").says("version.version", "2.")
		},
	},
	{
		id:      "nova-microversion-406",
		says:    "A microversion above the range is answered 406 with the range.",
		proof:   nova + "nova/exception.py#L444",
		offends: true,
		check: func(c *cloud) answer {
			return c.novaAt("2.999").get("/flavors").wantsFault(http.StatusNotAcceptable, "computeFault",
				"Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.")
		},
	},
	{
		id:    "nova-microversion-default",
		says:  "Without a microversion header nova speaks 2.1 and says so in the answer.",
		proof: nova + "nova/api/openstack/wsgi.py#L154",
		check: func(c *cloud) answer {
			seen := c.compute.get("/flavors").wants(http.StatusOK)
			require.Equal(c.t, "2.1", seen.header.Get("X-OpenStack-Nova-API-Version"))
			require.Equal(c.t, "compute 2.1", seen.header.Get("OpenStack-API-Version"))
			return seen
		},
	},
	{
		id:    "nova-microversion-new-header",
		says:  "The header OpenStack-API-Version works as the older nova header does.",
		proof: nova + "nova/api/openstack/wsgi.py#L154",
		check: func(c *cloud) answer {
			seen := c.compute.with("OpenStack-API-Version", "compute 2.47").get("/flavors").wants(http.StatusOK)
			require.Equal(c.t, "2.47", seen.header.Get("X-OpenStack-Nova-API-Version"))
			return seen
		},
	},
}
