package cpi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// late is a cloud that goes on with a POST after its client is gone, and is done
// with it two seconds later.
type late struct {
	http.RoundTripper
	w      *world
	path   string
	cancel context.CancelFunc
}

func (l late) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodPost || request.URL.Path != l.path {
		return l.RoundTripper.RoundTrip(request)
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	again := request.Clone(context.WithoutCancel(request.Context()))
	again.Body = body
	time.AfterFunc(2*time.Second, func() {
		response, err := l.RoundTripper.RoundTrip(again)
		if assert.NoError(l.w, err) {
			assert.Less(l.w, response.StatusCode, 300)
			assert.NoError(l.w, response.Body.Close())
		}
	})
	l.cancel()
	return nil, context.Canceled
}

// A call that is asked to end in the middle of a creation waits to see whether
// the object still comes, and takes it back.
func TestCancelledCreationThatCompletesLater(t *testing.T) {
	t.Parallel()
	for path, call := range map[string]func(context.Context, *world, *CPI) error{
		"/compute/v2.1/servers": func(ctx context.Context, w *world, c *CPI) error {
			_, err := c.CreateVM(ctx, w.newVM(w.manual("10.0.0.10"), smallVM))
			return err
		},
		"/networking/v2.0/ports": func(ctx context.Context, w *world, c *CPI) error {
			_, err := c.CreateVM(ctx, w.newVM(w.manual("10.0.0.10"), smallVM))
			return err
		},
		"/volume/v3/{project}/volumes": func(ctx context.Context, _ *world, c *CPI) error {
			_, err := c.CreateDisk(ctx, bosh.CreateDisk{SizeMiB: 1024})
			return err
		},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(w *world) {
				ctx, cancel := context.WithCancel(w.Context())
				w.between = func(cloud http.RoundTripper) http.RoundTripper {
					return late{cloud, w, strings.ReplaceAll(path, "{project}", w.cloud.Fixtures().ProjectID), cancel}
				}
				before := w.cloud.Inventory()
				require.Error(w, call(ctx, w, w.cpi()))
				<-time.After(time.Minute) // of virtual time: what may still come has come
				assert.Empty(w, w.cloud.Inventory().Diff(before))
			})
		})
	}
}
