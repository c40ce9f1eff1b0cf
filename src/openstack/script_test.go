package openstack

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// script is a transport that returns the given responses in order, and the last
// one again for every further request.
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
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(`{"object": {}}`))}, nil
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
