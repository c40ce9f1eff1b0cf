package openstack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// identity is a self-signed certificate with its key, plain and encrypted as by
// `openssl ec -aes256`.
type identity struct {
	certificate []byte
	der         *x509.Certificate
	key, locked []byte
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	plain, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	locked, err := x509.EncryptPEMBlock(rand.Reader, "EC PRIVATE KEY", plain, []byte("open sesame"), x509.PEMCipherAES256) //nolint:staticcheck // what operators have
	require.NoError(t, err)
	return identity{
		certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), der: parsed,
		key: pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: plain}), locked: pem.EncodeToMemory(locked),
	}
}

func TestClientCertificate(t *testing.T) {
	t.Parallel()
	own := newIdentity(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(keystone))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
	server.TLS.ClientCAs.AddCert(own.der)
	server.StartTLS()
	t.Cleanup(server.Close)
	file := func(content ...[]byte) string {
		name := filepath.Join(t.TempDir(), "x.pem")
		var all []byte
		for _, part := range content {
			all = append(all, part...)
		}
		require.NoError(t, os.WriteFile(name, all, 0o600))
		return name
	}
	certificate, key := string(own.certificate), config.Secret(own.key)
	for name, test := range map[string]struct {
		connection config.Connection
		wrong      string
	}{
		"text":            {config.Connection{ClientCertPEM: certificate, ClientKeyPEM: key}, ""},
		"files":           {config.Connection{ClientCert: file(own.certificate), ClientKey: file(own.key)}, ""},
		"one file":        {config.Connection{ClientCert: file(own.certificate, own.key)}, ""},
		"encrypted":       {config.Connection{ClientCertPEM: certificate, ClientKey: file(own.locked), ClientKeyPass: "open sesame"}, ""},
		"none":            {config.Connection{}, "certificate required"},
		"other key":       {config.Connection{ClientCertPEM: certificate, ClientKeyPEM: config.Secret(newIdentity(t).key)}, "private key does not match"},
		"wrong word":      {config.Connection{ClientCertPEM: certificate, ClientKeyPEM: config.Secret(own.locked), ClientKeyPass: "canary"}, "client_key_pass"},
		"key alone":       {config.Connection{ClientKeyPEM: key}, "client_key needs client_cert"},
		"no file":         {config.Connection{ClientCert: "/absent.pem", ClientKey: "/absent.pem"}, "read the client certificate: open /absent.pem"},
		"encrypted anew":  {config.Connection{ClientCertPEM: certificate, ClientKeyPEM: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"}, "openssl pkey"},
		"unknown version": {config.Connection{SSLMinVersion: "SSLv3"}, `ssl_min_version "SSLv3" is not known`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := logsIn(t, server.URL, test.connection)
			if test.wrong == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.wrong)
			require.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestMinimumTLSVersion(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(keystone))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	require.NoError(t, logsIn(t, server.URL, config.Connection{SSLMinVersion: "1.2"}))
	require.ErrorContains(t, logsIn(t, server.URL, config.Connection{SSLMinVersion: "1.3"}), "protocol version")
}
