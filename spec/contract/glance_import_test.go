package contract_test

import (
	"crypto/sha512"
	"encoding/hex"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/serve"
)

// importFrom sends the import of an image from a URL and returns any response. The
// claim is skipped if the cloud does not offer that.
func (c *cloud) importFrom(image, url string) response {
	c.t.Helper()
	asked := c.image.post(image+"/import", object{"method": object{"name": "web-download", "uri": url}})
	if asked.status == http.StatusBadRequest && (asked.says("Unknown import method") || asked.says("does not pass filtering")) {
		c.skipWithout("the import method web-download for the port of CPI_SERVE")
	}
	return asked
}

// offered returns a URL from which Glance can download the data.
func (c *cloud) offered(data string, begin <-chan struct{}) string {
	c.t.Helper()
	if c.offer == nil {
		c.skipWithout(serve.What)
	}
	return c.offer([]byte(data), begin)
}

// importing returns the path of an image that Glance is importing until release is
// called. On the simulator it ends sooner.
func (c *cloud) importing() (image string, release func()) {
	c.t.Helper()
	begin := make(chan struct{})
	image = c.queuedImage(nil)
	c.importFrom(image, c.offered(imageBytes, begin)).expect(http.StatusAccepted)
	c.waitFor(c.image, image, "status", "importing")
	return image, func() { close(begin) }
}

// withoutTask waits for the end of an import and returns the image.
func (c *cloud) withoutTask(image string) response {
	c.t.Helper()
	return c.poll(image+" has no task", func() response { return c.image.get(image).expect(http.StatusOK) },
		func(r response) bool { return r.value("os_glance_import_task") == nil })
}

var glanceImportClaims = []claim{
	{
		id:        "glance-import-202",
		statement: "POST of an import from a URL returns 202; the image then becomes active with the size and the hash of the data.",
		proof:     glance + "glance/api/v2/images.py#L1850",
		check: func(c *cloud) response {
			image, sum := c.queuedImage(nil), sha512.Sum512([]byte(imageBytes))
			accepted := c.importFrom(image, c.offered(imageBytes, nil)).expect(http.StatusAccepted)
			c.waitFor(c.image, image, "status", "active").is("size", len(imageBytes)).is("disk_format", "raw").
				is("os_hash_algo", "sha512").is("os_hash_value", hex.EncodeToString(sum[:]))
			return accepted
		},
	},
	{
		id:        "glance-import-task",
		statement: "While Glance imports an image, it is importing and has the property os_glance_import_task; afterwards it has not.",
		proof:     glance + "glance/api/v2/images.py#L475",
		check: func(c *cloud) response {
			image, release := c.importing()
			c.image.get(image).expect(http.StatusOK).expectKeys("", "os_glance_import_task")
			release()
			c.withoutTask(image).is("status", "active").expectKeys("", "os_glance_failed_import")
			return c.image.delete(image).expect(http.StatusNoContent)
		},
	},
	{
		id:        "glance-import-failed-queued",
		statement: "If a download fails, the image is queued again, without os_glance_import_task and with os_glance_failed_import.",
		proof:     glance + "glance/async_/flows/_internal_plugins/base_download.py#L113",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			accepted := c.importFrom(image, c.offered(imageBytes, nil)+"-absent").expect(http.StatusAccepted)
			c.withoutTask(image).is("status", "queued").is("size", nil).is("os_hash_value", nil).expectKeys("", "os_glance_failed_import")
			return accepted
		},
	},
	{
		id:        "glance-import-again-202",
		statement: "An image whose import failed can be imported.",
		proof:     glance + "glance/api/v2/images.py#L341",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			c.importFrom(image, c.offered(imageBytes, nil)+"-absent").expect(http.StatusAccepted)
			c.withoutTask(image)
			again := c.importFrom(image, c.offered(imageBytes, nil)).expect(http.StatusAccepted)
			c.waitFor(c.image, image, "status", "active")
			return again
		},
	},
	{
		id:        "glance-import-twice-409",
		statement: "POST of an import while Glance imports the image returns 409.",
		proof:     glance + "glance/api/v2/images.py#L341",
		check: func(c *cloud) response {
			image, release := c.importing()
			defer release()
			return c.importFrom(image, c.offered(imageBytes, nil)).expectWebError(http.StatusConflict, "needs to be in 'queued' state")
		},
	},
	{
		id:        "glance-import-active-409",
		statement: "POST of an import of an active image returns 409.",
		proof:     glance + "glance/api/v2/images.py#L333",
		check: func(c *cloud) response {
			return c.importFrom(c.activeImage(), c.offered(imageBytes, nil)).
				expectWebError(http.StatusConflict, "Image with status active cannot be target for import")
		},
	},
	{
		id:        "glance-import-unknown-404",
		statement: "POST of an import of an unknown image returns 404.",
		proof:     glance + "glance/api/v2/images.py#L429",
		check: func(c *cloud) response {
			return c.importFrom("/images/"+unknownID, c.offered(imageBytes, nil)).expectWebError(http.StatusNotFound, unknownID)
		},
	},
	{
		id:        "glance-import-method-400",
		statement: "POST of an import by a method that the cloud does not offer returns 400; the image stays queued and takes data.",
		proof:     glance + "glance/api/v2/images.py#L1680",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			refused := c.image.post(image+"/import", object{"method": object{"name": "no-such-method", "uri": "http://127.0.0.1/"}}).
				expectWebError(http.StatusBadRequest, "Unknown import method name 'no-such-method'.")
			c.image.get(image).expect(http.StatusOK).is("status", "queued")
			c.upload(image).expect(http.StatusNoContent)
			return refused
		},
	},
	{
		id:        "glance-import-filter-400",
		statement: "POST of an import from a URL that the cloud does not allow, such as one of a file, returns 400; the image stays queued.",
		proof:     glance + "glance/api/v2/images.py#L462",
		check: func(c *cloud) response {
			image := c.queuedImage(nil)
			refused := c.image.post(image+"/import", object{"method": object{"name": "web-download", "uri": "file:///etc/hosts"}})
			if refused.says("Unknown import method") {
				c.skipWithout("the import method web-download")
			}
			c.image.get(image).expect(http.StatusOK).is("status", "queued")
			return refused.expectWebError(http.StatusBadRequest, "URI for web-download does not pass filtering: file:///etc/hosts")
		},
	},
	{
		id:        "glance-import-delete-204",
		statement: "DELETE of an image that Glance is importing returns 204; the image does not come back.",
		proof:     glance + "glance/api/v2/images.py#L853",
		check: func(c *cloud) response {
			image, release := c.importing()
			deleted := c.image.delete(image).expect(http.StatusNoContent)
			c.image.get(image).expectWebError(http.StatusNotFound)
			release()
			require.Empty(c.t, c.imagesWith(map[string][]string{"id": {idOf(image)}}))
			return deleted
		},
	},
}
