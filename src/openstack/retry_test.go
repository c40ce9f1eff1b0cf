package openstack

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A request is retried only if that cannot create a second object.
func TestRetry(t *testing.T) {
	t.Parallel()
	ok := status(200)
	for name, test := range map[string]struct {
		method     string
		repeatable bool
		answers    []func(*http.Request) (*http.Response, error)
		tries      int
	}{
		"GET 503":               {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 2},
		"GET 500 twice":         {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(500), status(502), ok}, tries: 3},
		"GET lost":              {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(lost), ok}, tries: 2},
		"GET 404":               {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(404), ok}, tries: 1},
		"GET 501":               {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(501), ok}, tries: 1},
		"DELETE 504":            {method: "DELETE", answers: []func(*http.Request) (*http.Response, error){status(504), ok}, tries: 2},
		"PUT 503":               {method: "PUT", answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 2},
		"POST 500":              {method: "POST", answers: []func(*http.Request) (*http.Response, error){status(500), ok}, tries: 1},
		"POST 503":              {method: "POST", answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 1},
		"POST lost":             {method: "POST", answers: []func(*http.Request) (*http.Response, error){fails(lost), ok}, tries: 1},
		"POST silence":          {method: "POST", answers: []func(*http.Request) (*http.Response, error){silent, ok}, tries: 1},
		"POST 429":              {method: "POST", answers: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "2"), ok}, tries: 2},
		"POST refused":          {method: "POST", answers: []func(*http.Request) (*http.Response, error){fails(refused), ok}, tries: 2},
		"POST 503, repeatable":  {method: "POST", repeatable: true, answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 2},
		"POST 413 with a time":  {method: "POST", answers: []func(*http.Request) (*http.Response, error){body(413, `{"overLimit":{"code":413,"message":"slow down","retryAfter":"3"}}`), ok}, tries: 2},
		"POST 413 for a quota":  {method: "POST", answers: []func(*http.Request) (*http.Response, error){body(413, `{"overLimit":{"code":413,"message":"VolumeSizeExceedsAvailableQuota","retryAfter":"0"}}`), ok}, tries: 1},
		"nothing ever listened": {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(refused)}, tries: maxUnknown},
		"nothing listens now":   {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(503), fails(refused)}, tries: maxConnects},
		"unknown host":          {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(&net.DNSError{IsNotFound: true})}, tries: 1},
		"https for http":        {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(http.ErrSchemeMismatch)}, tries: 1},
		"http for https":        {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(errors.New(`malformed HTTP response "\x15\x03"`))}, tries: 1},
		"silence":               {method: "GET", answers: []func(*http.Request) (*http.Response, error){silent}, tries: 1},
		"silence now":           {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(503), silent}, tries: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cloud := &script{answers: test.answers}
				session := sessionOn(t, cloud)
				ctx := t.Context()
				if test.repeatable {
					ctx = Repeatable(ctx)
				}
				request, err := http.NewRequestWithContext(ctx, test.method, "http://cloud/x", bytes.NewReader([]byte("payload")))
				require.NoError(t, err)
				response, err := session.http.Do(request)
				if err == nil {
					require.NoError(t, response.Body.Close())
				}
				assert.Len(t, cloud.seen, test.tries)
				for _, seen := range cloud.seen {
					assert.Equal(t, test.method+" payload", seen, "a repeated request is whole")
				}
			})
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]func() string{
		"seconds": func() string { return "7" },
		"a date":  func() string { return time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		synctest.Test(t, func(t *testing.T) {
			cloud := &script{answers: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", header()), status(200)}}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
			require.NoError(t, err)
			response, err := sessionOn(t, cloud).http.Do(request)
			require.NoError(t, err, name)
			require.NoError(t, response.Body.Close())
			assert.InDelta(t, 7, cloud.at[1].Seconds(), 1, name)
		})
	}
}

// A pause that exceeds the limit is not made: the response is returned.
func TestPausesAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		session := sessionOn(t, &script{answers: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "3600")}})
		begun := time.Now()
		get := func() int {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
			require.NoError(t, err)
			response, err := session.http.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			return response.StatusCode
		}
		assert.Equal(t, http.StatusTooManyRequests, get())
		assert.Zero(t, time.Since(begun))
	})
	synctest.Test(t, func(t *testing.T) {
		session := sessionOn(t, &script{answers: []func(*http.Request) (*http.Response, error){status(503)}})
		begun := time.Now()
		for range 20 {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
			require.NoError(t, err)
			response, err := session.http.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
		}
		assert.LessOrEqual(t, time.Since(begun), pauseBudget, "all requests of the process together")
	})
}

func TestRetryEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 800*time.Millisecond)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://cloud/x", nil)
		require.NoError(t, err)
		response, err := sessionOn(t, &script{answers: []func(*http.Request) (*http.Response, error){status(503)}}).http.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestStalledRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://cloud/x", nil)
		require.NoError(t, err)
		begun := time.Now()
		response, err := sessionOn(t, &script{answers: []func(*http.Request) (*http.Response, error){silent}}).http.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		require.Error(t, err)
		assert.True(t, IsTimeout(Wrap(err, "try")))
		assert.True(t, IsAmbiguous(Wrap(err, "try")))
		assert.Equal(t, 3*time.Minute, time.Since(begun))
	})
}

// A request to a service that is down ends within a minute; a rate limit may
// take longer.
func TestTimeToAnError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer    func(*http.Request) (*http.Response, error)
		at, least time.Duration
	}{
		"503":                {status(503), requestBudget, 20 * time.Second},
		"503 with a pause":   {status(503, "Retry-After", "5"), waitBudget, 40 * time.Second},
		"reset":              {fails(lost), requestBudget, 0},
		"rate limit":         {status(429, "Retry-After", "20"), waitBudget, 2 * time.Minute},
		"page of a firewall": {body(200, "<html>"), requestBudget, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			cloud := &script{answers: []func(*http.Request) (*http.Response, error){test.answer}}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
			require.NoError(t, err)
			begun := time.Now()
			response, err := sessionOn(t, cloud).http.Do(request)
			if err == nil {
				require.NoError(t, response.Body.Close())
			}
			assert.LessOrEqual(t, time.Since(begun), test.at, name)
			assert.GreaterOrEqual(t, time.Since(begun), test.least, name)
		})
	}
}

// A pause that a service asks for is never so long that the sum with another one
// overflows.
func TestHugePauses(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"NaN", "Inf", "-Inf", "-1", "1e300", "9223372036", "9223372036.8", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		synctest.Test(t, func(t *testing.T) {
			cloud := &script{answers: []func(*http.Request) (*http.Response, error){status(503), status(429, "Retry-After", after), status(200)}}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
			require.NoError(t, err)
			start := time.Now()
			response, err := sessionOn(t, cloud).http.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Less(t, time.Since(start), waitBudget, after)
		})
	}
}
