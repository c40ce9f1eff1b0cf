package openstack

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// send sends a request without retries.
func send(ctx context.Context, t *testing.T, transport http.RoundTripper, method, address string) ([]byte, error) {
	t.Helper()
	session := sessionOn(t, transport)
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	require.NoError(t, err)
	response, err := session.http.Transport.(*doubter).next.(*recaller).next.(*retrier).next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

func TestUnusableResponses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, body string
		list, usable bool
		problem      string
	}{
		"object":                 {method: "GET", body: ` {"server": {}} `, usable: true},
		"list":                   {method: "GET", body: `{"servers": []}`, list: true, usable: true},
		"no response to a GET":   {method: "GET", body: ``, problem: "HTTP 200 with an empty body"},
		"empty object":           {method: "GET", body: `{}`, problem: "HTTP 200 with JSON without the requested object"},
		"truncated":              {method: "GET", body: `{"server": {"id"`, problem: "HTTP 200 with incomplete JSON"},
		"array":                  {method: "GET", body: `[1]`, problem: "HTTP 200 with a text that is not JSON"},
		"web page":               {method: "GET", body: `<html><title>Login</title></html>`, problem: `HTTP 200 with a web page ("Login")`},
		"not a list":             {method: "GET", body: `{"server": {}}`, list: true, problem: "HTTP 200 with JSON without the requested object"},
		"another list":           {method: "GET", body: `{"servers_links": []}`, list: true, problem: "HTTP 200 with JSON without the requested object"},
		"action":                 {method: "POST", body: ``, usable: true},
		"action with a text":     {method: "POST", body: "202 Accepted", usable: true},
		"web page for a POST":    {method: "POST", body: `<html></html>`, problem: "a web page"},
		"empty object to a POST": {method: "POST", body: `{}`, problem: "JSON without the requested object"},
		"truncated POST":         {method: "POST", body: `{"server": {"id"`, problem: "incomplete JSON"},
	} {
		ctx := t.Context()
		if test.list {
			ctx = expectList(ctx)
		}
		got, err := send(ctx, t, &script{answers: []func(*http.Request) (*http.Response, error){body(200, test.body)}}, test.method, "http://cloud/servers/detail")
		if test.usable {
			require.NoError(t, err, name)
			assert.Equal(t, test.body, string(got), name)
			continue
		}
		require.ErrorContains(t, err, test.problem, name)
		assert.True(t, IsAmbiguous(err), name)
	}
}

// A read is repeated after an unusable response, a few times.
func TestUnusableResponsesAreRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := &script{answers: []func(*http.Request) (*http.Response, error){body(200, "{}"), body(200, "<html>"), status(200)}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
		require.NoError(t, err)
		response, err := sessionOn(t, cloud).http.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Len(t, cloud.seen, 3)
	})
	synctest.Test(t, func(t *testing.T) {
		cloud := &script{answers: []func(*http.Request) (*http.Response, error){body(200, "{}")}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
		require.NoError(t, err)
		response, err := sessionOn(t, cloud).http.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		require.EqualError(t, Wrap(err, "get x"), "get x: OpenStack API UnusableResponse (HTTP 200 with JSON without the requested object) [GET http://cloud/x]; "+config.HintUnusable)
		assert.Len(t, cloud.seen, maxUnusable)
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	found, err := Values([]servers.Server{{ID: "a"}}, nil)
	require.NoError(t, err)
	assert.Len(t, found, 1)
	failed := errors.New("no response")
	_, err = Values[servers.Server](nil, failed)
	require.ErrorIs(t, err, failed)
	_, err = Values[servers.Server](nil, nil)
	require.ErrorContains(t, err, "the response does not contain the requested object")
	_, err = Values([]servers.Server{{ID: "a"}, {Name: "b"}}, nil)
	require.ErrorContains(t, err, "the response contains an object without an id")
}

func TestValue(t *testing.T) {
	t.Parallel()
	server, err := Value(&servers.Server{ID: "s"}, nil)
	require.NoError(t, err)
	assert.Equal(t, "s", server.ID)
	for name, err := range map[string]error{
		"no id":     second(Value(&servers.Server{Name: "n"}, nil)),
		"nothing":   second(Value[images.Image](nil, nil)),
		"no body":   second(Value[images.Image](nil, io.EOF)),
		"truncated": second(Value[images.Image](nil, io.ErrUnexpectedEOF)),
	} {
		require.ErrorContains(t, Wrap(err, "get x"), "get x: OpenStack API UnusableResponse (the response ", name)
		assert.True(t, IsAmbiguous(Wrap(err, "get x")), name)
		assert.False(t, IsNotFound(err), name)
	}
}

func second[T any](_ T, err error) error { return err }

func TestLoginWithoutAToken(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"{}", `{"token": {}}`, "", "<html>"} {
		simulated(t, simulator.Options{}, func(t *testing.T, cloud *simulator.Simulator, cfg config.OpenStack) {
			cloud.Inject(simulator.Fault{On: "POST /v3/auth/tokens", Kind: simulator.Altered, Body: answer, Times: -1})
			_, err := open(t, cloud, cfg).ProjectID(t.Context())
			require.ErrorContains(t, err, "UnusableResponse", answer)
			require.ErrorContains(t, err, cfg.AuthURL, answer)
		})
	}
}

// drip is a body that sends one byte per second until the request ends.
type drip struct{ request *http.Request }

func (d drip) Read(p []byte) (int, error) {
	if err := Sleep(d.request.Context(), time.Second); err != nil {
		return 0, err
	}
	return copy(p[:1], " "), nil
}

func TestSlowResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := send(t.Context(), t, &script{answers: []func(*http.Request) (*http.Response, error){func(request *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(drip{request})}, nil
		}}}, http.MethodGet, "http://cloud/x")
		require.ErrorContains(t, err, "the response was not complete after 1m0s")
		assert.True(t, IsTimeout(err))
		assert.Equal(t, time.Minute, time.Since(begun))
	})
}

func TestLongResponses(t *testing.T) {
	t.Parallel()
	endless := func(code int) func(*http.Request) (*http.Response, error) {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: code, Body: io.NopCloser(io.LimitReader(zeros{}, 1<<30))}, nil
		}
	}
	synctest.Test(t, func(t *testing.T) {
		cloud := &script{answers: []func(*http.Request) (*http.Response, error){endless(200)}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/x", nil)
		require.NoError(t, err)
		response, err := sessionOn(t, cloud).http.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		require.ErrorContains(t, Wrap(err, "list servers"), "list servers: OpenStack API UnusableResponse (the response is longer than 16 MiB) [GET http://cloud/x]")
		assert.Len(t, cloud.seen, 1, "the next response would be as long")
	})
	page, err := send(t.Context(), t, &script{answers: []func(*http.Request) (*http.Response, error){endless(502)}}, http.MethodGet, "http://cloud/x")
	require.NoError(t, err)
	assert.Len(t, page, maxError, "an error page is cut")
	synctest.Test(t, func(t *testing.T) {
		cloud := &script{answers: []func(*http.Request) (*http.Response, error){endless(200)}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud/file", nil)
		require.NoError(t, err)
		request.Header.Set("Accept", "application/octet-stream")
		response, err := sessionOn(t, cloud).http.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	})
}

// zeros is data that compresses well.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestCompressedResponseThatIsTooLong(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	compressed := gzip.NewWriter(&bomb)
	_, err := io.Copy(compressed, io.LimitReader(zeros{}, 64<<20))
	require.NoError(t, err)
	require.NoError(t, compressed.Close())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, err := w.Write(bomb.Bytes())
		assert.NoError(t, err)
	}))
	defer server.Close()
	transport, err := newTransport(config.Connection{ConnectTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute})
	require.NoError(t, err)
	_, err = send(t.Context(), t, transport, http.MethodGet, server.URL)
	require.ErrorContains(t, err, "longer than 16 MiB")
}
