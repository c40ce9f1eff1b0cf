package openstack

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// Connections are kept open: a TLS handshake takes longer than most requests.
func TestConnectionIsKept(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	var protocol atomic.Value
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol.Store(r.Proto)
		_, err := io.WriteString(w, `{"object": {}}`)
		assert.NoError(t, err)
	}))
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	second := 5 * time.Second
	transport, err := newTransport(config.Connection{ConnectTimeout: second, ReadTimeout: second, WriteTimeout: second})
	require.NoError(t, err)
	session := sessionOn(t, transport)
	for range 5 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		response, err := session.http.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	assert.EqualValues(t, 1, opened.Load())
	assert.Equal(t, "HTTP/2.0", protocol.Load(), "where the service offers it")
}

// endless is more data than all buffers of a connection hold.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// An upload that the service stops reading ends after the write timeout,
// whatever the read timeout is.
func TestWriteTimeout(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, listener.Close()) }()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			<-t.Context().Done()
			assert.NoError(t, conn.Close())
		}
	}()
	transport, err := newTransport(config.Connection{ConnectTimeout: time.Second, ReadTimeout: time.Minute, WriteTimeout: 100 * time.Millisecond})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+listener.Addr().String(), endless{})
	require.NoError(t, err)
	request.ContentLength = 1 << 40
	response, err := sessionOn(t, transport).http.Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	require.Error(t, err)
	assert.True(t, IsTimeout(Wrap(err, "upload")), err)
}
