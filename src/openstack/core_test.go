package openstack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// script is a cloud that gives prepared answers, one after the other; the last
// one is given for ever.
type script struct {
	answers []func(*http.Request) (*http.Response, error)
	seen    []string
	at      []time.Duration
	begun   time.Time
}

func (s *script) RoundTrip(request *http.Request) (*http.Response, error) {
	if s.begun.IsZero() {
		s.begun = time.Now()
	}
	body := ""
	if request.Body != nil {
		data, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		body = string(data)
	}
	s.seen = append(s.seen, strings.TrimSpace(request.Method+" "+body))
	s.at = append(s.at, time.Since(s.begun))
	return s.answers[min(len(s.seen), len(s.answers))-1](request)
}

func status(code int, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	}
}

func body(code int, text string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
	}
}

func fails(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func silent(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, context.Cause(request.Context())
}

var (
	refused = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	lost    = io.ErrUnexpectedEOF
)

func sessionOn(t *testing.T, transport http.RoundTripper) *Session {
	t.Helper()
	session, err := NewSession(config.OpenStack{
		AuthURL: "http://keystone", Username: "u", APIKey: "canary", Project: "p", StateTimeout: 5 * time.Minute, PollInterval: 5 * time.Second, EndpointType: "public",
		Connection: config.Connection{VerifyPeer: true, ConnectTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute},
	}, slog.New(slog.DiscardHandler), WithTransport(transport))
	require.NoError(t, err)
	return session
}

// A request is repeated only where that cannot make a second object.
func TestRetry(t *testing.T) {
	t.Parallel()
	ok := status(200)
	for name, test := range map[string]struct {
		method     string
		repeatable bool
		answers    []func(*http.Request) (*http.Response, error)
		tries      int
	}{
		"GET 503":                     {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 2},
		"GET 500 twice":               {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(500), status(502), ok}, tries: 3},
		"GET lost":                    {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(lost), ok}, tries: 2},
		"GET 404":                     {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(404), ok}, tries: 1},
		"GET 501":                     {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(501), ok}, tries: 1},
		"DELETE 504":                  {method: "DELETE", answers: []func(*http.Request) (*http.Response, error){status(504), ok}, tries: 2},
		"PUT 503":                     {method: "PUT", answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 2},
		"POST 500":                    {method: "POST", answers: []func(*http.Request) (*http.Response, error){status(500), ok}, tries: 1},
		"POST 503":                    {method: "POST", answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 1},
		"POST lost":                   {method: "POST", answers: []func(*http.Request) (*http.Response, error){fails(lost), ok}, tries: 1},
		"POST silence":                {method: "POST", answers: []func(*http.Request) (*http.Response, error){silent, ok}, tries: 1},
		"POST 429":                    {method: "POST", answers: []func(*http.Request) (*http.Response, error){status(429, "Retry-After", "2"), ok}, tries: 2},
		"POST refused":                {method: "POST", answers: []func(*http.Request) (*http.Response, error){fails(refused), ok}, tries: 2},
		"POST 503, repeatable":        {method: "POST", repeatable: true, answers: []func(*http.Request) (*http.Response, error){status(503), ok}, tries: 2},
		"POST 413 with a time":        {method: "POST", answers: []func(*http.Request) (*http.Response, error){body(413, `{"overLimit":{"code":413,"message":"slow down","retryAfter":"3"}}`), ok}, tries: 2},
		"POST 413 for a quota":        {method: "POST", answers: []func(*http.Request) (*http.Response, error){body(413, `{"overLimit":{"code":413,"message":"VolumeSizeExceedsAvailableQuota","retryAfter":"0"}}`), ok}, tries: 1},
		"nothing listens":             {method: "GET", answers: []func(*http.Request) (*http.Response, error){fails(refused)}, tries: maxConnects},
		"an ill cloud is given up on": {method: "GET", answers: []func(*http.Request) (*http.Response, error){status(503)}, tries: maxTries},
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

func TestSilenceEnds(t *testing.T) {
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

// object is something that gets ready after a while.
type object struct{ status string }

func waitFor(t *testing.T, ready time.Duration, change func(*Wait[object])) (o object, took time.Duration, polls int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		wait := Wait[object]{
			Kind: "Volume", ID: "v", Target: []string{"available"}, State: func(o object) string { return o.status },
			Get: func(context.Context) (object, error) {
				polls++
				if time.Since(begun) >= ready {
					return object{"Available"}, nil
				}
				return object{"creating"}, nil
			},
		}
		if change != nil {
			change(&wait)
		}
		o, err = wait.Run(t.Context(), sessionOn(t, &script{}))
		took = time.Since(begun)
	})
	return o, took, polls, err
}

func TestWaitIsShortAndPollsLittle(t *testing.T) {
	t.Parallel()
	for ready, want := range map[time.Duration]struct {
		took  time.Duration
		polls int
	}{
		0:                 {250 * time.Millisecond, 1},
		2 * time.Second:   {2500 * time.Millisecond, 8},
		10 * time.Second:  {12 * time.Second, 17},
		100 * time.Second: {105 * time.Second, 42},
		299 * time.Second: {300 * time.Second, 81},
	} {
		_, took, polls, err := waitFor(t, ready, nil)
		require.NoError(t, err)
		assert.LessOrEqual(t, took, want.took, "ready after %s", ready)
		assert.LessOrEqual(t, polls, want.polls, "ready after %s", ready)
	}
}

func TestWaitFails(t *testing.T) {
	t.Parallel()
	_, took, _, err := waitFor(t, time.Hour, nil)
	require.EqualError(t, err, "Timed out waiting for Volume `v' to be available, its state is creating")
	assert.True(t, IsTimeout(err))
	assert.Equal(t, 5*time.Minute, took)

	_, _, _, err = waitFor(t, 0, func(w *Wait[object]) {
		w.Get = func(context.Context) (object, error) { return object{"ERROR"}, nil }
		w.Failed = func(object) (string, bool) { return "No valid host was found.", true }
	})
	require.ErrorContains(t, err, "Volume `v' state is error, expected available\nNo valid host was found.")

	gone := func(w *Wait[object]) {
		w.Get = func(context.Context) (object, error) { return object{}, &MissingError{"Volume", "v"} }
	}
	_, _, _, err = waitFor(t, 0, gone)
	require.EqualError(t, err, "Volume `v': Resource not found")
	assert.True(t, IsNotFound(err))
	_, _, _, err = waitFor(t, 0, func(w *Wait[object]) { gone(w); w.GoneOK = true })
	require.NoError(t, err)

	_, _, _, err = waitFor(t, 0, func(w *Wait[object]) {
		w.Pending = []string{"creating"}
		w.Get = func(context.Context) (object, error) { return object{"odd"}, nil }
	})
	require.ErrorContains(t, err, "state is odd, expected available")
}

func TestCreateOnce(t *testing.T) {
	t.Parallel()
	answered := func(code int) error { return &APIError{Status: code, Class: "X"} }
	unanswered := &APIError{Class: "Timeout", Err: lost}
	for name, test := range map[string]struct {
		posts  []error
		exists []bool // whether the object is there at the first, second, … look
		want   string
		count  int
	}{
		"at once":                    {posts: []error{nil}, want: "made", count: 1},
		"refused":                    {posts: []error{answered(400)}, want: "", count: 1},
		"500, but it is there":       {posts: []error{answered(500)}, exists: []bool{true}, want: "found", count: 1},
		"500, shows up late":         {posts: []error{answered(500)}, exists: []bool{false, true}, want: "found", count: 1},
		"500, it is not there":       {posts: []error{answered(500), nil}, exists: []bool{false}, want: "made", count: 2},
		"500 for ever":               {posts: []error{answered(500)}, exists: []bool{false}, want: "", count: 4},
		"lost, but it is there":      {posts: []error{unanswered}, exists: []bool{true}, want: "found", count: 1},
		"lost, it is not there":      {posts: []error{unanswered}, exists: []bool{false}, want: "", count: 1},
		"504 is no end of a request": {posts: []error{answered(504)}, exists: []bool{false}, want: "", count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				posts, looks := 0, 0
				got, err := CreateOnce(t.Context(), func(context.Context) (string, error) {
					posts++
					return "made", test.posts[min(posts, len(test.posts))-1]
				}, func(context.Context) (string, bool, error) {
					looks++
					if test.exists[min(looks, len(test.exists))-1] {
						return "found", true, nil
					}
					return "", false, nil
				})
				assert.Equal(t, test.count, posts)
				if test.want == "" {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.want, got)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		_, err := CreateOnce(t.Context(), func(context.Context) (string, error) { return "", answered(500) },
			func(context.Context) (string, bool, error) { return "", false, errors.New("the list failed") })
		require.ErrorContains(t, err, "the list failed", "a list that failed is not an empty list")
	})
}
