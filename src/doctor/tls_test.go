package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// overTLS examines a cloud whose certificate expires after a time.
func overTLS(t *testing.T, life time.Duration, connection object) doctor.Report {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "keystone"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life), IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)

	cloud := simulator.New(simulator.Options{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		request.URL.Scheme, request.URL.Host = "https", request.Host
		response, err := cloud.Transport().RoundTrip(request)
		if !assert.NoError(t, err) {
			return
		}
		defer response.Body.Close()
		maps.Copy(w.Header(), response.Header)
		w.WriteHeader(response.StatusCode)
		_, err = io.Copy(w, response.Body)
		assert.NoError(t, err)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	server.StartTLS()
	t.Cleanup(server.Close)

	if connection == nil {
		connection = object{"ca_cert": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))}
	}
	text, err := json.Marshal(connection)
	require.NoError(t, err)
	cfg, err := config.Load(cloud.CPIConfig(server.URL), map[string]json.RawMessage{"connection_options": text})
	require.NoError(t, err)
	session, err := openstack.NewSession(cfg.OpenStack, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return doctor.New(cfg, manifest.Document{}, session).Examine(t.Context(), nil)
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		life       time.Duration
		connection object
		subject    string
		level      doctor.Level
		text       string
	}{
		"valid":                 {365 * 24 * time.Hour, nil, "certificate of CN=keystone", doctor.OK, "valid until"},
		"TLS":                   {365 * 24 * time.Hour, nil, "127.0.0.1", doctor.OK, "TLS 1.3"},
		"expires soon":          {10*24*time.Hour + time.Hour, nil, "certificate of CN=keystone", doctor.Warning, "in 10 days"},
		"expired":               {-time.Minute, nil, "127.0.0.1", doctor.Problem, "expired"},
		"not verified":          {365 * 24 * time.Hour, object{"ssl_verify_peer": false}, "127.0.0.1", doctor.Warning, "not verified"},
		"expired, not verified": {-time.Minute, object{"ssl_verify_peer": false}, "certificate of CN=keystone", doctor.Problem, "expired on"},
		"not trusted":           {365 * 24 * time.Hour, object{}, "127.0.0.1", doctor.Problem, "is not trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := overTLS(t, test.life, test.connection)
			texts := ""
			for _, finding := range of(report, "connection", test.subject) {
				if finding.Level == test.level {
					texts += finding.Text
				}
			}
			assert.Contains(t, texts, test.text, "%+v", report.Findings)
		})
	}
}
