package lifecycle_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tlsEndpoint returns properties for Keystone over HTTPS with a certificate of
// a private CA, and the CA.
func (s *scenario) tlsEndpoint() (properties object, ca string) {
	s.Helper()
	if s.simulator != nil {
		server := httptest.NewTLSServer(s.simulator)
		s.Cleanup(server.Close)
		return object{"auth_url": s.simulator.AuthURL(server.URL)}, pemOf("CERTIFICATE", server.Certificate().Raw)
	}
	given := s.fixtures.Auth
	s.needs(given.TLSURL != "" && given.CAFile != "", "an endpoint with a certificate of a private CA")
	content, err := os.ReadFile(given.CAFile)
	require.NoError(s, err)
	properties = object{"auth_url": given.TLSURL}
	if given.TLSRegion != "" {
		properties["region"] = given.TLSRegion
	}
	return properties, string(content)
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func (s *scenario) write(name, text string) (path string) {
	s.Helper()
	path = filepath.Join(s.TempDir(), name)
	require.NoError(s, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestPrivateCA(t *testing.T) {
	for name, trust := range map[string]func(s *scenario, properties object, ca string){
		"in a file": func(s *scenario, properties object, ca string) {
			properties["connection_options"] = object{"ssl_ca_file": s.write("ca.pem", ca)}
			s.configure(properties)
		},
		"in cpi.json": func(s *scenario, properties object, ca string) {
			properties["connection_options"] = object{"ca_cert": ca}
			s.configure(properties)
		},
		"in a file beside cpi.json, as in the job": func(s *scenario, properties object, ca string) {
			properties["connection_options"] = object{"ca_cert": ca}
			s.configure(properties)
			s.director.CPI.CACert = s.write("cacert.pem", ca)
		},
		"in the context": func(s *scenario, properties object, ca string) {
			properties["connection_options"] = nil
			s.configure(properties)
			s.director.CPI.CACert = s.write("cacert.pem", "")
			s.director.Properties = object{"connection_options": object{"ca_cert": ca}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			properties, ca := s.tlsEndpoint()
			trust(s, properties, ca)
			assert.False(t, s.has("has_vm", unknownID))
			assert.False(t, s.has("has_disk", unknownID))
		})
	}
}

func TestLifeCycleOverTLS(t *testing.T) {
	s := newScenario(t)
	properties, ca := s.tlsEndpoint()
	properties["connection_options"] = object{"ca_cert": ca}
	s.configure(properties)
	s.runLifeCycle(vmArguments{networks: networks{s.manual("private")}}, "")
	var cid string
	s.call(&cid, "create_stemcell", s.archive(1), s.stemcellProperties())
	s.call(nil, "delete_stemcell", cid)
}

func TestUntrustedCertificate(t *testing.T) {
	for name, options := range map[string]func(*scenario) any{
		"no CA":      func(*scenario) any { return nil },
		"another CA": func(s *scenario) any { return object{"ca_cert": s.anotherCA()} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			properties, _ := s.tlsEndpoint()
			properties["connection_options"] = options(s)
			s.configure(properties)
			began := time.Now()
			_, failure := s.ask("has_vm", unknownID)
			require.NotNil(t, failure)
			assert.Contains(t, failure.Message, "certificate")
			assert.Contains(t, failure.Message, "ca_cert", "the error names the property to set")
			assert.Less(t, time.Since(began), 10*time.Second, "the call is not retried")

			properties["connection_options"] = object{"ssl_verify_peer": false}
			s.configure(properties)
			assert.False(t, s.has("has_vm", unknownID))
		})
	}
}

// anotherCA returns a CA that has not signed the certificate.
func (s *scenario) anotherCA() string {
	s.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(s, err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	require.NoError(s, err)
	return pemOf("CERTIFICATE", der)
}
