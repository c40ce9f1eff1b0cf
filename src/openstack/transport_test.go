package openstack

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cloudfoundry/bosh-utils/httpclient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// keystone answers every token request with a token and an empty catalog.
func keystone(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Subject-Token", "token")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(`{"token":{"expires_at":"2099-01-01T00:00:00.000000Z","project":{"id":"p"},"catalog":[]}}`))
}

// logsIn authenticates over a real connection.
func logsIn(t *testing.T, url string, connection config.Connection) error {
	t.Helper()
	connection.ConnectTimeout, connection.ReadTimeout, connection.WriteTimeout = 5*time.Second, 5*time.Second, 5*time.Second
	session, err := NewSession(config.OpenStack{
		AuthURL: url, Username: "u", APIKey: "canary", Project: "p", EndpointType: "public",
		StateTimeout: time.Minute, PollInterval: time.Second, Connection: connection,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = session.ProjectID(t.Context())
	return err
}

func TestTrust(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(keystone))
	defer server.Close()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, []byte(ca), 0o600))

	require.NoError(t, logsIn(t, server.URL, config.Connection{VerifyPeer: true, CACertPEM: ca}))
	require.NoError(t, logsIn(t, server.URL, config.Connection{VerifyPeer: true, CACertPEM: "a comment\n" + ca + ca}))
	require.NoError(t, logsIn(t, server.URL, config.Connection{VerifyPeer: true, CAFile: file}))
	require.NoError(t, logsIn(t, server.URL, config.Connection{VerifyPeer: true, CAPath: filepath.Dir(file)}))
	require.NoError(t, logsIn(t, server.URL, config.Connection{VerifyPeer: false}))

	err := logsIn(t, server.URL, config.Connection{VerifyPeer: true})
	require.ErrorContains(t, err, "is not trusted: put its CA into openstack.connection_options.ca_cert")
	require.ErrorContains(t, err, server.URL)
	require.ErrorContains(t, logsIn(t, server.URL, config.Connection{VerifyPeer: true, CACertPEM: "no certificate"}), "ca_cert")
	require.ErrorContains(t, logsIn(t, server.URL, config.Connection{VerifyPeer: true, CAFile: file + ".absent"}), "ssl_ca_file")
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	require.ErrorContains(t, logsIn(t, address, config.Connection{VerifyPeer: true}), "openstack.auth_url is not the URL of a Keystone")
	server.Close()
	synctest.Test(t, func(t *testing.T) {
		_, err := sessionOn(t, &script{answers: []func(*http.Request) (*http.Response, error){fails(refused)}}).ProjectID(t.Context())
		require.ErrorContains(t, err, "Unable to connect to the OpenStack Keystone API http://keystone")
		require.ErrorContains(t, err, "nothing listens there")
	})
}

func TestProxy(t *testing.T) {
	t.Parallel()
	var asked *url.URL
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL
		keystone(w, r)
	}))
	defer proxy.Close()
	require.NoError(t, logsIn(t, "http://keystone.invalid:5000", config.Connection{VerifyPeer: true, Proxy: config.Secret(proxy.URL)}))
	assert.Equal(t, "http://keystone.invalid:5000/v3/auth/tokens", asked.String())
	err := logsIn(t, "http://keystone.invalid:5000", config.Connection{VerifyPeer: true, Proxy: "canary:word@nowhere"})
	require.ErrorContains(t, err, "connection_options.proxy")
	assert.NotContains(t, err.Error(), "canary")
}

// BOSH_ALL_PROXY opens connections through a SOCKS5 tunnel, unless the
// configuration disables proxies.
func TestTunnel(t *testing.T) {
	cloud := httptest.NewServer(http.HandlerFunc(keystone))
	tunnel, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, tunnel.Close()) }()
	asked := make(chan string, 1)
	var served errgroup.Group
	served.Go(func() error { return serveSOCKS5(t.Context(), tunnel, cloud.Listener.Addr().String(), asked) })
	defer func() {
		cloud.Close()
		t.Log("the tunnel has ended:", served.Wait())
	}()
	t.Setenv("BOSH_ALL_PROXY", "socks5://"+tunnel.Addr().String())
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	httpclient.ResetDialerContext()
	t.Cleanup(httpclient.ResetDialerContext)

	require.NoError(t, logsIn(t, cloud.URL, config.Connection{DisableProxy: true}))
	assert.Empty(t, asked)
	require.NoError(t, logsIn(t, "http://keystone.inside:5000", config.Connection{}))
	assert.Equal(t, "keystone.inside", <-asked, "the tunnel's far end resolves the name")
}

// serveSOCKS5 serves one connection of the protocol (RFC 1928): it reports the
// requested host and connects to the address.
func serveSOCKS5(ctx context.Context, listener net.Listener, address string, asked chan<- string) error {
	client, err := listener.Accept()
	if err != nil {
		return err
	}
	greeting, request := make([]byte, 3), make([]byte, 5)
	_, greeted := io.ReadFull(client, greeting)
	_, accepted := client.Write([]byte{5, 0})
	_, requested := io.ReadFull(client, request)
	host := make([]byte, int(request[4])+2) // with the port
	_, named := io.ReadFull(client, host)
	_, answered := client.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	if err := errors.Join(greeted, accepted, requested, named, answered); err != nil {
		return err
	}
	asked <- string(host[:len(host)-2])
	server, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	var both errgroup.Group
	both.Go(func() error { _, err := io.Copy(server, client); return errors.Join(err, server.Close()) })
	both.Go(func() error { _, err := io.Copy(client, server); return errors.Join(err, client.Close()) })
	return both.Wait()
}
