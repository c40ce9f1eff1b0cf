package image_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	unknownID = "5a2c9d1e-0000-4000-8000-000000000000"
	ownID     = "0b5a7e1c-5c57-4b3c-9d0e-6f2f3f1c2a10"
)

// glance is a simulated cloud with the service of this package.
type glance struct {
	*openstacktest.Cloud
	*image.Service
}

func run(t *testing.T, options simulator.Options, test func(g glance)) {
	t.Helper()
	openstacktest.Run(t, options, func(c *openstacktest.Cloud) { test(glance{c, image.New(c.Session)}) })
}

func stemcell(id string) image.CreateOpts {
	return image.CreateOpts{
		ID: id, Name: "stemcell/1", DiskFormat: "qcow2", ContainerFormat: "bare",
		Properties: map[string]string{"version": "1", "os_type": "linux", "bosh_cpi": "x"},
	}
}

// stores creates an image with data.
func (g glance) stores(opts image.CreateOpts) {
	g.Helper()
	_, err := g.CreateImage(g.Context(), opts)
	require.NoError(g, err)
	require.NoError(g, g.Upload(g.Context(), opts.ID, strings.NewReader("data"), 4))
}

func TestCreateAndUpload(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		made, err := g.CreateImage(g.Context(), stemcell(ownID))
		require.NoError(g, err)
		assert.Equal(g, ownID, made.ID)
		assert.EqualValues(g, "queued", made.Status)

		data := bytes.Repeat([]byte("openstack"), 1<<16)
		require.NoError(g, g.Upload(g.Context(), ownID, bytes.NewReader(data), int64(len(data))))
		stored, err := g.WaitActive(g.Context(), ownID)
		require.NoError(g, err)
		hash := sha512.Sum512(data)
		assert.Equal(g, hex.EncodeToString(hash[:]), stored.Properties["os_hash_value"])
		assert.Equal(g, int64(len(data)), stored.SizeBytes)
		assert.EqualValues(g, "private", stored.Visibility)
		assert.Equal(g, []any{"1", "linux"}, []any{stored.Properties["version"], stored.Properties["os_type"]})

		err = g.Upload(g.Context(), ownID, strings.NewReader("data"), 4)
		require.ErrorContains(g, err, "upload 4 bytes to image "+ownID+": OpenStack API Conflict (Image status transition from active to saving is not allowed)")
		assert.True(g, openstack.IsNotFound(g.Upload(g.Context(), unknownID, strings.NewReader("data"), 4)))
	})
}

func TestPublicImage(t *testing.T) {
	t.Parallel()
	opts := stemcell(ownID)
	opts.Public = true
	run(t, simulator.Options{PublicImages: true}, func(g glance) {
		made, err := g.CreateImage(g.Context(), opts)
		require.NoError(g, err)
		assert.EqualValues(g, "public", made.Visibility)
	})
	run(t, simulator.Options{}, func(g glance) {
		_, err := g.CreateImage(g.Context(), opts)
		require.ErrorContains(g, err, "create image "+ownID+" (stemcell/1): OpenStack API Forbidden (You are not authorized to complete publicize_image action.)")
		require.ErrorContains(g, err, "set openstack.stemcell_public_visibility to false")
	})
}

// A failed look-up is not evidence that the image does not exist.
func TestCreateImageCannotLook(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		g.Inject(simulator.Fault{On: "POST /images", Kind: simulator.LostAnswer})
		g.Inject(simulator.Fault{On: "GET /images/{id}", Status: http.StatusForbidden})
		_, err := g.CreateImage(g.Context(), stemcell(ownID))
		require.ErrorContains(g, err, "the object may exist: looking for it failed: get image "+ownID+": OpenStack API Forbidden")
	})
}

// An upload that fails leaves an image that can be deleted.
func TestUploadFails(t *testing.T) {
	t.Parallel()
	damaged := errors.New("gzip: invalid checksum")
	for name, test := range map[string]struct {
		fault simulator.Fault
		data  io.Reader
		says  string
	}{
		"damaged data": {data: io.MultiReader(strings.NewReader("da"), iotest.ErrReader(damaged)), says: "read the data to upload: gzip: invalid checksum"},
		"503":          {fault: simulator.Fault{Status: http.StatusServiceUnavailable}, says: "OpenStack API ServiceUnavailable"},
		"401":          {fault: simulator.Fault{Status: http.StatusUnauthorized}, says: "OpenStack API Unauthorized"},
		"answer lost":  {fault: simulator.Fault{Kind: simulator.LostAnswer}, says: "OpenStack API ConnectionFailed (unexpected EOF)"},
		"no answer":    {fault: simulator.Fault{Kind: simulator.Dropped}, says: "OpenStack API Timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(g glance) {
				before := g.Inventory()
				_, err := g.CreateImage(g.Context(), stemcell(ownID))
				require.NoError(g, err)
				test.fault.On = "PUT /images/{id}/file"
				if test.data == nil {
					test.data = strings.NewReader("data")
					g.Inject(test.fault)
				}
				require.ErrorContains(g, g.Upload(g.Context(), ownID, test.data, 4), test.says)
				assert.Equal(g, 1, g.Calls(test.fault.On))
				require.NoError(g, g.DeleteImage(g.Context(), ownID))
				assert.Empty(g, g.Inventory().Diff(before))
			})
		})
	}
	run(t, simulator.Options{Quotas: map[string]int{"image_bytes": 3}}, func(g glance) {
		_, err := g.CreateImage(g.Context(), stemcell(ownID))
		require.NoError(g, err)
		err = g.Upload(g.Context(), ownID, strings.NewReader("data"), 4)
		assert.True(g, openstack.IsQuota(err))
		require.ErrorContains(g, err, "Image exceeds the storage quota")
	})
}

func TestWaitActive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.StateFault
		says  string
	}{
		"killed": {simulator.StateFault{}, "Image `" + ownID + "' state is killed, expected active"},
		"stuck":  {simulator.StateFault{Stuck: true}, "Timed out waiting for Image `" + ownID + "' to be active, its state is saving"},
		"slow":   {simulator.StateFault{Slow: time.Minute}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(g glance) {
				test.fault.Resource, test.fault.Phase = "image", "create"
				g.InjectStateFault(test.fault)
				g.stores(stemcell(ownID))
				_, err := g.WaitActive(g.Context(), ownID)
				if test.says == "" {
					require.NoError(g, err)
					return
				}
				require.EqualError(g, err, test.says)
				require.NoError(g, g.DeleteImage(g.Context(), ownID))
			})
		})
	}
	run(t, simulator.Options{}, func(g glance) {
		_, err := g.WaitActive(g.Context(), unknownID)
		require.EqualError(g, err, "Image `"+unknownID+"': Resource not found")
	})
}

func TestFindImages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		other := stemcell("0b5a7e1c-5c57-4b3c-9d0e-6f2f3f1c2a11")
		other.Properties = map[string]string{"version": "1", "bosh_cpi": "another & more=x"}
		g.stores(stemcell(ownID))
		g.stores(other)
		find := func(name string, properties map[string]string) (ids []string) {
			g.Helper()
			found, err := g.FindImages(g.Context(), name, properties)
			require.NoError(g, err)
			for _, one := range found {
				ids = append(ids, one.ID)
			}
			return ids
		}
		assert.ElementsMatch(g, []string{ownID, other.ID}, find("stemcell/1", nil))
		assert.Equal(g, []string{other.ID}, find("stemcell/1", other.Properties))
		assert.Equal(g, []string{ownID}, find("", map[string]string{"version": "1", "os_type": "linux"}))
		assert.Empty(g, find("stemcell/2", map[string]string{"version": "1"}))
		assert.Empty(g, find("stemcell/1", map[string]string{"version": "2"}))
	})
}

func TestImagesOnSeveralPages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		for _, last := range "01234" {
			g.stores(stemcell("0b5a7e1c-5c57-4b3c-9d0e-6f2f3f1c2a2" + string(last)))
		}
		paged := image.New(g.NewSession(nil, openstack.WithTransport(openstacktest.SmallPages{Cloud: g.Transport()})))
		found, err := paged.FindImages(g.Context(), "stemcell/1", map[string]string{"version": "1"})
		require.NoError(g, err)
		assert.Len(g, found, 5)
		g.Inject(simulator.Fault{On: "GET /images", Nth: 3, Status: http.StatusForbidden})
		_, err = paged.FindImages(g.Context(), "stemcell/1", nil)
		require.ErrorContains(g, err, "list images named stemcell/1: OpenStack API Forbidden")
	})
}

// Images of other projects that the project can see are left out.
func TestProjectImages(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		g.stores(stemcell(ownID))
		found, err := g.ProjectImages(g.Context(), nil)
		require.NoError(g, err)
		for _, one := range found {
			assert.Equal(g, g.Fixtures().ProjectID, one.Owner)
			assert.NotEqual(g, g.Fixtures().Images["tiny-public"], one.ID)
		}
		found, err = g.ProjectImages(g.Context(), map[string]string{"version": "1"})
		require.NoError(g, err)
		require.Len(g, found, 1)
		assert.Equal(g, ownID, found[0].ID)
		g.Inject(simulator.Fault{On: "GET /images", Status: http.StatusForbidden})
		_, err = g.ProjectImages(g.Context(), nil)
		require.ErrorContains(g, err, "list images of project "+g.Fixtures().ProjectID+": OpenStack API Forbidden")
	})
}

func TestDeleteImageInUse(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		g.stores(stemcell(ownID))
		g.InjectStateFault(simulator.StateFault{Resource: "image", Phase: "delete"})
		err := g.DeleteImage(g.Context(), ownID)
		assert.True(g, openstack.IsConflict(err))
		require.ErrorContains(g, err, "delete image "+ownID+": OpenStack API Conflict (Image "+ownID+" could not be deleted because it is in use")
		require.ErrorContains(g, g.DeleteImage(g.Context(), g.Fixtures().Images["tiny-public"]), "You do not own this image")
	})
}

func TestHasData(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		g.stores(stemcell(ownID))
		has := func(id string) bool {
			found, err := g.HasData(g.Context(), id)
			require.NoError(g, err)
			return found
		}
		assert.True(g, has(ownID))
		assert.False(g, has(unknownID))
		g.Inject(simulator.Fault{On: "GET /images/{id}/file", Status: http.StatusNoContent})
		assert.False(g, has(ownID), "its data are lost")
		g.Inject(simulator.Fault{On: "GET /images/{id}/file", Status: http.StatusForbidden})
		_, err := g.HasData(g.Context(), ownID)
		require.ErrorContains(g, err, "read image "+ownID+": OpenStack API Forbidden")
	})
}

func TestNoGlance(t *testing.T) {
	t.Parallel()
	run(t, simulator.Options{}, func(g glance) {
		ctx, none := g.Context(), image.New(g.WithoutServices())
		for name, call := range map[string]func() error{
			"Image":         func() error { _, err := none.Image(ctx, "x"); return err },
			"FindImages":    func() error { _, err := none.FindImages(ctx, "x", nil); return err },
			"ProjectImages": func() error { _, err := none.ProjectImages(ctx, nil); return err },
			"CreateImage":   func() error { _, err := none.CreateImage(ctx, image.CreateOpts{}); return err },
			"Upload":        func() error { return none.Upload(ctx, "x", strings.NewReader("x"), 1) },
			"WaitActive":    func() error { _, err := none.WaitActive(ctx, "x"); return err },
			"DeleteImage":   func() error { return none.DeleteImage(ctx, "x") },
		} {
			require.ErrorContains(g, call(), `connect to Glance: the service catalog has no public endpoint of the image service in region "nowhere"`, name)
		}
	})
}
