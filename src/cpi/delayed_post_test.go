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

// delayedPost is a cloud that executes a POST two seconds after its client has
// disconnected.
type delayedPost struct {
	http.RoundTripper
	e      *env
	path   string
	cancel context.CancelFunc
}

func (d delayedPost) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodPost || request.URL.Path != d.path {
		return d.RoundTripper.RoundTrip(request)
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	delayed := request.Clone(context.WithoutCancel(request.Context()))
	delayed.Body = body
	time.AfterFunc(2*time.Second, func() {
		response, err := d.RoundTripper.RoundTrip(delayed)
		if assert.NoError(d.e, err) {
			assert.Less(d.e, response.StatusCode, 300)
			assert.NoError(d.e, response.Body.Close())
		}
	})
	d.cancel()
	return nil, context.Canceled
}

// A call that is cancelled during a creation deletes the object even if it appears
// later.
func TestCancelledCreationThatCompletesLater(t *testing.T) {
	t.Parallel()
	for path, call := range map[string]func(context.Context, *env, *CPI) error{
		"/compute/v2.1/servers": func(ctx context.Context, e *env, c *CPI) error {
			_, err := c.CreateVM(ctx, e.newVM(e.manual("10.0.0.10"), smallVM))
			return err
		},
		"/networking/v2.0/ports": func(ctx context.Context, e *env, c *CPI) error {
			_, err := c.CreateVM(ctx, e.newVM(e.manual("10.0.0.10"), smallVM))
			return err
		},
		"/volume/v3/{project}/volumes": func(ctx context.Context, _ *env, c *CPI) error {
			_, err := c.CreateDisk(ctx, bosh.CreateDiskArgs{SizeMiB: 1024})
			return err
		},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				ctx, cancel := context.WithCancel(e.Context())
				e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper {
					return delayedPost{cloud, e, strings.ReplaceAll(path, "{project}", e.cloud.Fixtures().ProjectID), cancel}
				}
				before := e.cloud.Inventory()
				require.Error(e, call(ctx, e, e.cpi()))
				<-time.After(time.Minute) // of virtual time, for everything that is delayed
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}
