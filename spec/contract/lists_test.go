package contract_test

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"
)

// next returns the URL of the page that follows, or "". Glance has a path in
// the place of a link.
func (r response) next(key string) string {
	r.t.Helper()
	document, _ := r.document.(object)
	if path, ok := document["next"].(string); ok {
		return strings.TrimPrefix(path, "/v2")
	}
	links, _ := document[key+"_links"].(list)
	for _, link := range links {
		if link, _ := link.(object); link["rel"] == "next" {
			href, _ := link["href"].(string)
			return href
		}
	}
	return ""
}

// followPages reads a list page by page, each with one object. It fails the
// claim unless the pages contain exactly the ids, and returns the first page.
func (c *cloud) followPages(s service, path, key string, filter url.Values, ids ...string) response {
	c.t.Helper()
	filter.Set("limit", "1")
	first := s.list(path, filter).expect(http.StatusOK)
	var found []string
	for page := first; ; {
		require.LessOrEqual(c.t, page.size(key), 1)
		found = append(found, page.each(key, "id")...)
		next := page.next(key)
		if next == "" {
			break
		}
		require.LessOrEqual(c.t, len(found), len(ids), "the pages do not end")
		page = s.get(next).expect(http.StatusOK)
	}
	require.ElementsMatch(c.t, ids, found)
	return first
}

// idOf returns the id at the end of a path.
func idOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// ofProject returns the ids of a list that is filtered by the project.
func (c *cloud) ofProject(s service, path, key, filter string) []string {
	c.t.Helper()
	require.Empty(c.t, s.list(path, url.Values{filter: {strings.ReplaceAll(unknownID, "-", "")}}).expect(http.StatusOK).each(key, "id"))
	return s.list(path, url.Values{filter: {c.projectID}}).expect(http.StatusOK).each(key, "id")
}

var listClaims = []claim{
	{
		id:        "nova-server-pages-followed",
		statement: "The next links of the list of servers lead to every server once.",
		proof:     nova + "nova/api/openstack/common.py#L416",
		check: func(c *cloud) response {
			name := c.name("vm")
			// A server that is being built can move to another page.
			first, second := c.activeServer(object{"name": name}), c.activeServer(object{"name": name})
			return c.followPages(c.compute, "/servers/detail", "servers", url.Values{"name": {name}}, idOf(first), idOf(second))
		},
	},
	{
		id:        "cinder-volume-pages-followed",
		statement: "The next links of the list of volumes lead to every volume once.",
		proof:     "https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes-with-details",
		check: func(c *cloud) response {
			name := c.name("volume")
			first, second := c.availableVolume(object{"name": name}), c.availableVolume(object{"name": name})
			return c.followPages(c.volume, "/volumes/detail", "volumes", url.Values{"name": {name}}, idOf(first), idOf(second))
		},
	},
	{
		id:        "cinder-snapshot-pages-followed",
		statement: "The next links of the list of snapshots lead to every snapshot once; the list has state, time of creation and metadata of each.",
		proof:     "https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-snapshots",
		check: func(c *cloud) response {
			name, volume := c.name("snapshot"), c.availableVolume(nil)
			first := c.availableSnapshot(volume, object{"name": name, "metadata": object{"owner": "a"}})
			second := c.availableSnapshot(volume, object{"name": name, "metadata": object{"owner": "a"}})
			return c.followPages(c.volume, "/snapshots", "snapshots", url.Values{"name": {name}}, idOf(first), idOf(second)).
				is("snapshots.0.metadata.owner", "a").expectKeys("snapshots.0", "status", "created_at", "volume_id")
		},
	},
	{
		id:        "neutron-port-pages-followed",
		statement: "The next links of the list of ports lead to every port once.",
		proof:     neutron + "neutron/api/api_common.py#L258",
		check: func(c *cloud) response {
			name := c.name("port")
			first, second := c.port(object{"name": name}), c.port(object{"name": name})
			return c.followPages(c.network, "/ports", "ports", url.Values{"name": {name}}, first, second)
		},
	},
	{
		id:        "neutron-network-pages-followed",
		statement: "The next links of the list of networks lead to every network once.",
		proof:     neutron + "neutron/api/api_common.py#L258",
		check: func(c *cloud) response {
			name := c.name("network")
			first, second := c.bareNetwork(object{"name": name}), c.bareNetwork(object{"name": name})
			return c.followPages(c.network, "/networks", "networks", url.Values{"name": {name}}, first, second)
		},
	},
	{
		id:        "glance-pages-followed",
		statement: "The next paths of the list of images lead to every image once.",
		proof:     glance + "glance/api/v2/images.py#L1839",
		check: func(c *cloud) response {
			name := c.name("image")
			first, second := c.queuedImage(object{"name": name}), c.queuedImage(object{"name": name})
			return c.followPages(c.image, "/images", "images", url.Values{"name": {name}}, idOf(first), idOf(second))
		},
	},
	{
		id:        "octavia-member-pages-followed",
		statement: "The next links of the list of a pool's members lead to every member once.",
		proof:     "https://docs.openstack.org/api-ref/load-balancer/v2/#pagination",
		check: func(c *cloud) response {
			b := c.balancer()
			first := c.addMember(b, object{"address": "192.0.2.10"}).expect(http.StatusCreated).text("member.id")
			c.waitUntilMutable(b)
			second := c.addMember(b, object{"address": "192.0.2.11"}).expect(http.StatusCreated).text("member.id")
			c.waitUntilMutable(b)
			return c.followPages(c.loadBalancer, b.pool+"/members", "members", url.Values{}, first, second)
		},
	},
	{
		id:        "neutron-port-project-filter",
		statement: "Ports can be filtered by project; a port contains the id of its project and the time of its creation.",
		proof:     "https://docs.openstack.org/api-ref/network/v2/#list-ports",
		check: func(c *cloud) response {
			port := c.port(object{"name": c.name("port")})
			require.Contains(c.t, c.ofProject(c.network, "/ports", "ports", "project_id"), port)
			return c.network.get("/ports/"+port).is("port.project_id", c.projectID).expectKeys("port", "created_at", "device_id", "description")
		},
	},
	{
		id:        "neutron-network-project-filter",
		statement: "Networks can be filtered by project; the networks that other projects share or that are external are left out.",
		proof:     "https://docs.openstack.org/api-ref/network/v2/#list-networks",
		check: func(c *cloud) response {
			network := c.bareNetwork(nil)
			listed := c.ofProject(c.network, "/networks", "networks", "project_id")
			require.Contains(c.t, listed, network)
			require.NotContains(c.t, listed, c.fixtures.ExternalNetwork)
			return c.network.get("/networks/"+network).is("network.project_id", c.projectID).expectKeys("network", "created_at", "description")
		},
	},
	{
		id:        "neutron-floating-project-filter",
		statement: "Floating IPs can be filtered by project.",
		proof:     "https://docs.openstack.org/api-ref/network/v2/#list-floating-ips",
		check: func(c *cloud) response {
			floating := c.floatingIP().is("floatingip.project_id", c.projectID)
			require.Contains(c.t, c.ofProject(c.network, "/floatingips", "floatingips", "project_id"), floating.text("floatingip.id"))
			return floating
		},
	},
	{
		id:        "glance-filter-owner",
		statement: "Images can be filtered by owner; the images that other projects publish are left out.",
		proof:     "https://docs.openstack.org/api-ref/image/v2/#list-images",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			filter := url.Values{"owner": {c.projectID}, "name": {c.image.get(image).text("name")}}
			require.Equal(c.t, []string{idOf(image)}, c.imagesWith(filter))
			filter.Set("owner", strings.ReplaceAll(unknownID, "-", ""))
			require.Empty(c.t, c.imagesWith(filter))
			return c.image.get(image).is("owner", c.projectID).expectKeys("", "created_at", "status")
		},
	},
	{
		id:        "octavia-pool-project-filter",
		statement: "Pools can be filtered by project.",
		proof:     "https://docs.openstack.org/api-ref/load-balancer/v2/#list-pools",
		check: func(c *cloud) response {
			b := c.balancer()
			listed := c.loadBalancer.list("/pools", url.Values{"project_id": {c.projectID}}).expect(http.StatusOK).each("pools", "id")
			require.Contains(c.t, listed, idOf(b.pool))
			return c.loadBalancer.get(b.pool).is("pool.project_id", c.projectID)
		},
	},
}
