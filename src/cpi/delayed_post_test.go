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
	e      *env
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
		if assert.NoError(l.e, err) {
			assert.Less(l.e, response.StatusCode, 300)
			assert.NoError(l.e, response.Body.Close())
		}
	})
	l.cancel()
	return nil, context.Canceled
}

// A call that is asked to end in the middle of a creation waits to see whether
// the object still comes, and takes it back.
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
				e.between = func(cloud http.RoundTripper) http.RoundTripper {
					return late{cloud, e, strings.ReplaceAll(path, "{project}", e.cloud.Fixtures().ProjectID), cancel}
				}
				before := e.cloud.Inventory()
				require.Error(e, call(ctx, e, e.cpi()))
				<-time.After(time.Minute) // of virtual time: what may still come has come
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}
