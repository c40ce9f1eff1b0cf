package contract_test

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
)

// flavorDetails reads /flavors/detail and returns the path of one flavor in it.
func (c *cloud) flavorDetails(compute service, name string) (response, string) {
	c.t.Helper()
	seen := compute.get("/flavors/detail").expect(http.StatusOK)
	i := slices.Index(seen.each("flavors", "name"), name)
	require.NotEqualf(c.t, -1, i, "no flavor %s", name)
	return seen, fmt.Sprintf("flavors.%d", i)
}

// novaAt returns Nova at a microversion.
func (c *cloud) novaAt(microversion string) service {
	return c.compute.with("X-OpenStack-Nova-API-Version", microversion)
}

var novaCatalogClaims = []claim{
	{
		id:        "nova-flavor-shape",
		statement: "Flavor details have name, vcpus, ram (MiB), disk and ephemeral (GiB) and OS-FLV-DISABLED:disabled.",
		proof:     nova + "nova/api/openstack/compute/views/flavors.py#L47",
		check: func(c *cloud) response {
			seen, flavor := c.flavorDetails(c.compute, c.fixtures.FlavorWithEphemeral)
			require.Positive(c.t, seen.value(flavor+".OS-FLV-EXT-DATA:ephemeral"))
			return seen.is(flavor+".OS-FLV-DISABLED:disabled", false).
				expectKeys(flavor, "id", "vcpus", "ram", "disk", "swap", "rxtx_factor", "os-flavor-access:is_public")
		},
	},
	{
		id:        "nova-flavor-no-swap-is-empty-string",
		statement: "Before microversion 2.75, swap of a flavor without swap is an empty string.",
		proof:     nova + "nova/api/openstack/compute/views/flavors.py#L55",
		check: func(c *cloud) response {
			seen, flavor := c.flavorDetails(c.compute, c.fixtures.Flavor)
			return seen.is(flavor+".swap", "")
		},
	},
	{
		id:        "nova-flavor-swap-is-mib",
		statement: "The swap of a flavor is a number in MiB.",
		proof:     nova + "nova/api/openstack/compute/views/flavors.py#L55",
		check: func(c *cloud) response {
			seen, flavor := c.flavorDetails(c.compute, c.fixtures.FlavorWithSwap)
			require.Positive(c.t, seen.value(flavor+".swap"))
			return seen
		},
	},
	{
		id:        "nova-flavor-no-swap-is-zero-2.75",
		statement: "From microversion 2.75 on, swap of a flavor without swap is the number 0.",
		proof:     nova + "nova/api/openstack/compute/views/flavors.py#L74",
		check: func(c *cloud) response {
			seen, flavor := c.flavorDetails(c.novaAt("2.75"), c.fixtures.Flavor)
			return seen.is(flavor+".swap", 0)
		},
	},
	{
		id:        "nova-flavor-pages",
		statement: "A flavor list truncated by limit has a next link; marker continues the list after that id.",
		proof:     nova + "nova/api/openstack/compute/views/flavors.py#L114",
		check: func(c *cloud) response {
			first := c.compute.get("/flavors/detail?limit=1").expect(http.StatusOK).is("flavors_links.0.rel", "next")
			require.Equal(c.t, 1, first.size("flavors"))
			second := c.compute.get("/flavors/detail?limit=1&marker=" + first.text("flavors.0.id")).expect(http.StatusOK)
			require.NotEqual(c.t, first.text("flavors.0.id"), second.text("flavors.0.id"))
			return first
		},
	},
	{
		id:        "nova-flavor-unknown-404",
		statement: "GET of an unknown flavor id returns 404.",
		proof:     nova + "nova/exception.py#L1207",
		check: func(c *cloud) response {
			return c.compute.get("/flavors/" + unknownID).notFound("Flavor " + unknownID + " could not be found.")
		},
	},
	{
		id:        "nova-keypair-by-name",
		statement: "GET of a key pair by name returns its fingerprint and public key.",
		proof:     nova + "nova/api/openstack/compute/keypairs.py#L200",
		check: func(c *cloud) response {
			return c.compute.get("/os-keypairs/"+c.fixtures.KeyPair).expect(http.StatusOK).
				is("keypair.name", c.fixtures.KeyPair).expectKeys("keypair", "fingerprint", "public_key", "user_id")
		},
	},
	{
		id:        "nova-keypair-unknown-404",
		statement: "GET of an unknown key pair returns 404 with its name.",
		proof:     nova + "nova/exception.py#L1059",
		check: func(c *cloud) response {
			name := c.name("key")
			return c.compute.get("/os-keypairs/" + name).notFound("Keypair " + name + " not found for user " + c.userID)
		},
	},
	{
		id:        "nova-keypair-list",
		statement: "Each element of the key pair list contains the key pair in the field keypair.",
		proof:     nova + "nova/api/openstack/compute/views/keypairs.py#L57",
		check: func(c *cloud) response {
			seen := c.compute.get("/os-keypairs").expect(http.StatusOK)
			require.Contains(c.t, seen.each("keypairs", "keypair.name"), c.fixtures.KeyPair)
			return seen
		},
	},
	{
		id:        "nova-keypair-delete",
		statement: "DELETE of a key pair returns 202 before microversion 2.2, and 204 since then.",
		proof:     nova + "nova/api/openstack/compute/keypairs.py#L140",
		check: func(c *cloud) response {
			const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
			name := c.name("key")
			create := func() {
				c.compute.post("/os-keypairs", object{"keypair": object{"name": name, "public_key": key}}).expect(http.StatusOK)
			}
			create()
			c.deleteAtEnd(c.compute, "/os-keypairs/"+name)
			seen := c.compute.delete("/os-keypairs/" + name).expect(http.StatusAccepted)
			c.compute.get("/os-keypairs/" + name).expect(http.StatusNotFound)
			create()
			c.novaAt("2.2").delete("/os-keypairs/" + name).expect(http.StatusNoContent)
			return seen
		},
	},
	{
		id:        "nova-zones",
		statement: "Availability zones are listed with zoneName and zoneState.available.",
		proof:     nova + "nova/api/openstack/compute/availability_zone.py#L36",
		check: func(c *cloud) response {
			seen := c.compute.get("/os-availability-zone").expect(http.StatusOK).is("availabilityZoneInfo.0.zoneState.available", true)
			require.Subset(c.t, seen.each("availabilityZoneInfo", "zoneName"), []string{c.fixtures.Zone, c.fixtures.OtherZone})
			return seen
		},
	},
	{
		id:        "nova-limits",
		statement: "The limits contain quota and usage of instances, cores and RAM.",
		proof:     nova + "nova/api/openstack/compute/views/limits.py#L38",
		check: func(c *cloud) response {
			return c.compute.get("/limits").expect(http.StatusOK).expectKeys("limits.absolute",
				"maxTotalInstances", "totalInstancesUsed", "maxTotalCores", "totalCoresUsed", "maxTotalRAMSize", "totalRAMUsed",
				"maxServerMeta", "maxServerGroups")
		},
	},
	{
		id:        "nova-microversion-range",
		statement: "The version document of the endpoint contains the range of microversions.",
		proof:     nova + "nova/api/openstack/compute/versionsV21.py#L30",
		check: func(c *cloud) response {
			return c.compute.get("/").expect(http.StatusOK).is("version.min_version", "2.1").
				is("version.status", "CURRENT").contains("version.version", "2.")
		},
	},
	{
		id:        "nova-microversion-406",
		statement: "A microversion above the supported range returns 406 with the range.",
		proof:     nova + "nova/exception.py#L444",
		invalid:   true,
		check: func(c *cloud) response {
			return c.novaAt("2.999").get("/flavors").expectFault(http.StatusNotAcceptable, "computeFault",
				"Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.")
		},
	},
	{
		id:        "nova-microversion-default",
		statement: "A request without a microversion header is processed as 2.1, and the response header says so.",
		proof:     nova + "nova/api/openstack/wsgi.py#L154",
		check: func(c *cloud) response {
			seen := c.compute.get("/flavors").expect(http.StatusOK)
			require.Equal(c.t, "2.1", seen.header.Get("X-OpenStack-Nova-API-Version"))
			require.Equal(c.t, "compute 2.1", seen.header.Get("OpenStack-API-Version"))
			return seen
		},
	},
	{
		id:        "nova-microversion-new-header",
		statement: "The header OpenStack-API-Version has the same effect as the older X-OpenStack-Nova-API-Version.",
		proof:     nova + "nova/api/openstack/wsgi.py#L154",
		check: func(c *cloud) response {
			seen := c.compute.with("OpenStack-API-Version", "compute 2.47").get("/flavors").expect(http.StatusOK)
			require.Equal(c.t, "2.47", seen.header.Get("X-OpenStack-Nova-API-Version"))
			return seen
		},
	},
}
