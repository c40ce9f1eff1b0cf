package openstack

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const upload = "PUT /images/{id}/file"

// uploading runs a test with an image without data and a function that uploads
// to it.
func uploading(t *testing.T, options simulator.Options, test func(t *testing.T, cloud *simulator.Simulator, send func(context.Context, io.Reader, int64) error)) {
	t.Helper()
	simulated(t, options, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
		session := open(t, cloud, cfg)
		client, err := session.Image(t.Context())
		require.NoError(t, err)
		image, err := images.Create(t.Context(), client, images.CreateOpts{Name: "x", DiskFormat: "raw", ContainerFormat: "bare"}).Extract()
		require.NoError(t, err)
		cloud.ResetJournal()
		test(t, cloud, func(ctx context.Context, data io.Reader, size int64) error {
			return Wrap(session.Stream(ctx, client, client.ServiceURL("images", image.ID, "file"), data, size), "upload")
		})
	})
}

func uploads(cloud *simulator.Simulator) (count int) {
	for _, call := range calls(cloud) {
		if call == "image "+upload {
			count++
		}
	}
	return count
}

func TestStream(t *testing.T) {
	t.Parallel()
	uploading(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
		require.NoError(t, send(t.Context(), strings.NewReader("data"), 4))
		exchange := cloud.Journal()[0]
		assert.EqualValues(t, 4, exchange.RequestBytes)
		require.ErrorContains(t, send(t.Context(), strings.NewReader("data"), 4), "OpenStack API Conflict", "the image has its data")
	})
}

// A retry would send only the rest of the stream, and Glance would take it for
// the whole image.
func TestStreamIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"broken":       {On: upload, Status: http.StatusServiceUnavailable},
		"overloaded":   simulator.RateLimited(upload, time.Second),
		"unauthorized": {On: upload, Status: http.StatusUnauthorized},
		"lost answer":  {On: upload, Kind: simulator.LostAnswer},
		"refused":      {On: upload, Kind: simulator.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			uploading(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
				cloud.Inject(fault)
				require.Error(t, send(t.Context(), strings.NewReader("data"), 4))
				assert.Equal(t, 1, uploads(cloud))
			})
		})
	}
}

func TestBrokenStream(t *testing.T) {
	t.Parallel()
	uploading(t, simulator.Options{}, func(t *testing.T, _ *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
		damaged := errors.New("gzip: invalid checksum")
		err := send(t.Context(), io.MultiReader(strings.NewReader("da"), iotest.ErrReader(damaged)), 4)
		require.ErrorIs(t, err, damaged, "the cause is on our side, and named")
	})
}

// An upload ends when the service accepts no more data, or when its context
// ends.
func TestStalledStream(t *testing.T) {
	t.Parallel()
	uploading(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
		cloud.Inject(simulator.Fault{On: upload, Kind: simulator.Dropped, Times: 2})
		begun := time.Now()
		err := send(t.Context(), strings.NewReader("data"), 4)
		assert.True(t, IsTimeout(err), err)
		assert.LessOrEqual(t, time.Since(begun), 3*time.Minute)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, send(ctx, strings.NewReader("data"), 4), context.DeadlineExceeded)
	})
}

// An upload may take longer than the token is valid.
func TestStreamRenewsTheToken(t *testing.T) {
	t.Parallel()
	uploading(t, simulator.Options{TokenLifetime: 40 * time.Minute}, func(t *testing.T, cloud *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
		<-time.After(20 * time.Minute)
		require.NoError(t, send(t.Context(), strings.NewReader("data"), 4))
		assert.Equal(t, []string{"identity POST /v3/auth/tokens", "image " + upload}, calls(cloud))
	})
	var refused gophercloud.ErrUnexpectedResponseCode
	uploading(t, simulator.Options{TokenLifetime: 40 * time.Minute}, func(t *testing.T, cloud *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
		<-time.After(20 * time.Minute)
		cloud.Inject(simulator.Fault{On: "POST /v3/auth/tokens", Status: http.StatusUnauthorized})
		err := send(t.Context(), strings.NewReader("data"), 4)
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, "authenticate as user")
		assert.Zero(t, uploads(cloud))
	})
}
