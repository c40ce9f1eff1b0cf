package simulator_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const images = "/image/v2/images"

func (c *client) image(body string) string {
	c.t.Helper()
	r := c.send(http.MethodPost, images, body)
	require.Equal(c.t, http.StatusCreated, r.status, r.text)
	return r.body["id"].(string)
}

func (c *client) upload(id string, data io.Reader) result {
	c.t.Helper()
	r, err := c.try(http.MethodPut, images+"/"+id+"/file", data, "Content-Type", "application/octet-stream")
	require.NoError(c.t, err)
	return r
}

const stemcell = `{"name":"bosh-openstack/1.0","disk_format":"qcow2","container_format":"bare","visibility":"private",
	"os_type":"linux","auto_disk_config":"true"}`

func TestImageLifeCycle(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	before := c.sim.Inventory()
	id := c.image(stemcell)
	r := c.send(http.MethodGet, images+"/"+id, "")
	assert.Equal(t, "queued", r.body["status"])
	assert.Equal(t, "linux", r.body["os_type"])
	assert.Nil(t, r.body["size"])
	assert.Equal(t, []string{"image " + id + " (bosh-openstack/1.0)"}, c.sim.Leaks(before))

	data := bytes.Repeat([]byte("x"), 100_000)
	r = c.upload(id, bytes.NewReader(data))
	assert.Equal(t, http.StatusNoContent, r.status)

	r = c.send(http.MethodGet, images+"/"+id, "")
	sum := sha512.Sum512(data)
	assert.Equal(t, "active", r.body["status"])
	assert.InDelta(t, 100_000, r.body["size"], 0)
	assert.Equal(t, "sha512", r.body["os_hash_algo"])
	assert.Equal(t, hex.EncodeToString(sum[:]), r.body["os_hash_value"])
	assert.Equal(t, "d5816f35916d1d9482fb0f1ec201101d", r.body["checksum"])

	r = c.upload(id, strings.NewReader("again"))
	assert.Equal(t, http.StatusConflict, r.status)
	assert.Contains(t, r.text, "Image status transition from active to saving is not allowed")

	assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, images+"/"+id, "").status)
	r = c.send(http.MethodDelete, images+"/"+id, "")
	assert.JSONEq(t, `{"message":"Failed to find image `+id+` to delete<br /><br />\n\n\n","code":"404 Not Found","title":"Not Found"}`, r.text)
	assert.Empty(t, c.sim.Leaks(before))
}

func TestUploadsAreStreamedAndDoNotBlock(t *testing.T) {
	c := newCloud(t, simulator.Options{})
	id := c.image(stemcell)
	const size = 64 << 20
	seen := ""
	halfway := &peek{Reader: io.LimitReader(zeros{}, size), at: size / 2, do: func() {
		seen = c.send(http.MethodGet, images+"/"+id, "").body["status"].(string)
	}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	r := c.upload(id, halfway)

	runtime.ReadMemStats(&after)
	assert.Equal(t, http.StatusNoContent, r.status)
	assert.Equal(t, "saving", seen)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
	journal := c.sim.Journal()
	assert.Equal(t, int64(size), journal[len(journal)-1].RequestBytes)
}

func TestIncompleteUploadLeavesTheImageQueued(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.image(stemcell)

	c.upload(id, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("the disk is gone"))))

	assert.Equal(t, "queued", c.send(http.MethodGet, images+"/"+id, "").body["status"])
}

func TestImageDeletedDuringUpload(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.image(stemcell)
	r := c.upload(id, &peek{Reader: strings.NewReader("data"), at: 1, do: func() {
		assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, images+"/"+id, "").status)
	}})
	assert.Equal(t, http.StatusGone, r.status)
	assert.Equal(t, http.StatusNotFound, c.send(http.MethodGet, images+"/"+id, "").status)
}

func TestImageFilters(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	for _, version := range []string{"1", "2", "3"} {
		c.image(`{"name":"stemcell/` + version + `","disk_format":"raw","container_format":"bare","version":"` + version + `","os":"noble"}`)
	}
	find := func(query string) []any { return c.send(http.MethodGet, images+"?"+query, "").names("images") }

	assert.Equal(t, []any{"stemcell/2"}, find("name=stemcell/2"))
	assert.Equal(t, []any{"stemcell/3"}, find("os=noble&version=3"))
	assert.Equal(t, []any{"tiny-public"}, find("visibility=public"))
	assert.Equal(t, []any{"tiny-public"}, find("status=active"))
	assert.Len(t, find("owner="+c.sim.Fixtures().ProjectID), 3)
	assert.Empty(t, find("os=jammy"))

	r := c.send(http.MethodGet, images+"?os=noble&limit=2", "")
	assert.Equal(t, []any{"stemcell/3", "stemcell/2"}, r.names("images"))
	r = c.send(http.MethodGet, "/image"+r.body["next"].(string), "")
	assert.Equal(t, []any{"stemcell/1"}, r.names("images"))
	assert.NotContains(t, r.body, "next")
}

func TestProtectedImagesCannotBeDeleted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.send(http.MethodPost, images, `{"name":"x","protected":true}`).body["id"].(string)
	r := c.send(http.MethodDelete, images+"/"+id, "")
	assert.Equal(t, http.StatusForbidden, r.status)
	assert.Contains(t, r.text, "Image "+id+" is protected and cannot be deleted.")
}

func TestGlanceRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body   string
		status int
		text   string
	}{
		"a property that is no string": {`{"auto_disk_config":true}`, 400, `True is not of type 'string'\n\nFailed validating 'type' in schema['additionalProperties']:\n    {'type': 'string'}\n\nOn instance['auto_disk_config']:\n    True<br /><br />`},
		"an unknown disk format":       {`{"disk_format":"nope"}`, 400, `'nope' is not one of [None, 'ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop']`},
		"a read-only field":            {`{"status":"active"}`, 403, "Attribute 'status' is read-only."},
		"publishing":                   {`{"visibility":"public"}`, 403, "You are not authorized to complete publicize_image action."},
		"a body that is not JSON":      {`{`, 400, "Malformed JSON in request body."},
		"no body":                      {``, 400, "Body expected in request."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newStranger(t, simulator.Options{})
			c.login()
			r := c.send(http.MethodPost, images, test.body)
			assert.Equal(t, test.status, r.status)
			assert.Contains(t, r.text, test.text)
		})
	}
}

func TestUploadNeedsFormatsAndItsOwnContentType(t *testing.T) {
	t.Parallel()
	c := newStranger(t, simulator.Options{})
	c.login()
	id := c.image(`{"name":"no formats"}`)
	assert.Contains(t, c.upload(id, strings.NewReader("x")).text, "Properties disk_format, container_format must be set prior to saving data.")
	assert.Empty(t, c.sim.Violations())
	assert.Equal(t, http.StatusUnsupportedMediaType, c.send(http.MethodPut, images+"/"+id+"/file", "x").status)
	assert.Len(t, c.sim.Violations(), 1)
}

func TestImageQuotas(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{Quotas: map[string]int{"image_bytes": 10, "images": 1}})
	id := c.image(stemcell)

	r := c.upload(id, strings.NewReader("more than ten bytes"))
	assert.Equal(t, http.StatusRequestEntityTooLarge, r.status)
	assert.Contains(t, r.text, "Image exceeds the storage quota: The size of the data 19 will exceed the limit. 10 bytes remaining.")
	assert.Equal(t, "queued", c.send(http.MethodGet, images+"/"+id, "").body["status"])
	r = c.upload(id, io.MultiReader(strings.NewReader("chunks of "), strings.NewReader("unknown length")))
	assert.Equal(t, http.StatusRequestEntityTooLarge, r.status)
	assert.Equal(t, http.StatusNoContent, c.upload(id, strings.NewReader("ten bytes.")).status)
	assert.Equal(t, http.StatusRequestEntityTooLarge, c.send(http.MethodPost, images, stemcell).status)
}

func TestImageInUseCannotBeDeleted(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	id := c.image(stemcell)
	c.sim.InjectStateFault(simulator.StateFault{Resource: "image", Phase: "delete"})
	r := c.send(http.MethodDelete, images+"/"+id, "")
	assert.Equal(t, http.StatusConflict, r.status)
	assert.Contains(t, r.text, "could not be deleted because it is in use")
	assert.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, images+"/"+id, "").status)
}

func TestErrorsOfGlanceDependOnWhatTheClientAccepts(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	for accept, want := range map[string]string{"application/json": "application/json", "*/*": "text/html; charset=UTF-8", "": "text/plain; charset=UTF-8"} {
		r := c.send(http.MethodGet, images+"/nope", "", "Accept", accept)
		assert.Equal(t, want, r.header.Get("Content-Type"), accept)
		assert.Contains(t, r.text, "No image found with ID nope")
	}
}

// zeros is an endless stream of zeros.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// peek calls a function once, when some bytes have been read.
type peek struct {
	io.Reader
	at int
	do func()
}

func (p *peek) Read(buffer []byte) (int, error) {
	n, err := p.Reader.Read(buffer)
	if p.at -= n; p.at <= 0 && p.do != nil {
		p.do()
		p.do = nil
	}
	return n, err
}

func TestIDOfADeletedImageStaysTaken(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	const image = `{"id":"0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11"}`
	require.Equal(t, http.StatusCreated, c.send(http.MethodPost, "/image/v2/images", image).status)
	require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, "/image/v2/images/0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11", "").status)
	again := c.send(http.MethodPost, "/image/v2/images", image)
	assert.Equal(t, http.StatusConflict, again.status)
	assert.Contains(t, again.text, "Image ID 0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11 already exists!")
}
