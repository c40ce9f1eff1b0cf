package openstack

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// A service that answers each request just in time does not keep a call for ever.
func TestLimitOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		session := sessionOn(t, &script{answers: []func(*http.Request) (*http.Response, error){func(request *http.Request) (*http.Response, error) {
			if err := Sleep(request.Context(), 50*time.Second); err != nil {
				return nil, err
			}
			return status(200)(request)
		}}})
		begun := time.Now()
		ctx, cancel := WithLimit(t.Context(), time.Hour)
		defer cancel()
		var err error
		for err == nil {
			var request *http.Request
			request, err = http.NewRequestWithContext(ctx, http.MethodGet, "http://cloud/x", nil)
			require.NoError(t, err)
			var response *http.Response
			if response, err = session.http.Do(request); err == nil {
				require.NoError(t, response.Body.Close())
			}
		}
		assert.Equal(t, time.Hour, time.Since(begun))
		err = Wrap(err, "list servers")
		require.ErrorContains(t, err, "list servers: OpenStack API Timeout (the limit of 1h0m0s for the whole call is exceeded)")
		assert.True(t, IsTimeout(err))
		require.ErrorContains(t, Sleep(ctx, time.Minute), "the limit of 1h0m0s for the whole call")
		require.NoError(t, Sleep(context.WithoutCancel(ctx), time.Minute), "an undo goes on")
	})
}

// slowly is data of which every byte takes a minute.
type slowly struct{ io.Reader }

func (s slowly) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Second) //nolint:forbidigo // virtual time
	return s.Reader.Read(p[:1])
}

// An upload may take any time while it makes progress. Its time does not count.
func TestLimitDoesNotIncludeUploads(t *testing.T) {
	t.Parallel()
	uploading(t, simulator.Options{}, func(t *testing.T, _ *simulator.Simulator, send func(context.Context, io.Reader, int64) error) {
		ctx, cancel := WithLimit(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, Sleep(ctx, 20*time.Minute))
		require.NoError(t, send(ctx, slowly{strings.NewReader(strings.Repeat("x", 100))}, 100))
		require.NoError(t, Sleep(ctx, 39*time.Minute))
		require.ErrorContains(t, Sleep(ctx, 2*time.Minute), "the whole call")
		require.ErrorContains(t, send(ctx, strings.NewReader("data"), 4), "the whole call")
	})
}
