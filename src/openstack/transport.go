package openstack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/cloudfoundry/bosh-utils/httpclient"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// newTransport returns the transport for all services. It keeps connections
// open between requests.
func newTransport(c config.Connection) (*http.Transport, error) {
	tlsConfig, err := newTLS(c)
	if err != nil {
		return nil, err
	}
	proxy, err := proxyFor(c)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dialer(c),
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   c.ConnectTimeout,
		ResponseHeaderTimeout: c.ReadTimeout,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   8,
		ForceAttemptHTTP2:     true,
	}, nil
}

// proxyFor returns the HTTP proxy: none, the configured one, or that of
// http_proxy, https_proxy and no_proxy in the environment.
func proxyFor(c config.Connection) (func(*http.Request) (*url.URL, error), error) {
	switch {
	case c.DisableProxy:
		return nil, nil
	case c.Proxy == "":
		return http.ProxyFromEnvironment, nil
	}
	proxy, err := url.Parse(c.Proxy.Reveal())
	if err != nil || proxy.Host == "" {
		// The error of url.Parse quotes the URL, which may hold a password.
		return nil, errors.New("connection_options.proxy is not a URL with a host")
	}
	return http.ProxyURL(proxy), nil
}

// dialer opens connections with the configured timeouts. If BOSH_ALL_PROXY is
// set, with which `bosh create-env` reaches a cloud through a jumpbox, it opens
// them through that SOCKS5 or SSH tunnel.
func dialer(c config.Connection) func(ctx context.Context, network, address string) (net.Conn, error) {
	dial := (&net.Dialer{Timeout: c.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext
	if os.Getenv("BOSH_ALL_PROXY") != "" && !c.DisableProxy {
		if tunnel, ok := httpclient.CreateKeepAliveDefaultClient(nil).Transport.(*http.Transport); ok {
			dial = tunnel.DialContext
		}
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &writeLimited{conn, c.WriteTimeout}, nil
	}
}

// writeLimited limits the duration of every single write. So an upload to a
// service that accepts no more data ends, while the whole upload may take as
// long as it needs.
type writeLimited struct {
	net.Conn

	timeout time.Duration
}

// Write implements net.Conn.
func (c *writeLimited) Write(data []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(data)
}

func newTLS(c config.Connection) (*tls.Config, error) {
	versions := map[string]uint16{"": tls.VersionTLS12, "1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	minimum, known := versions[c.SSLMinVersion]
	if !known {
		return nil, fmt.Errorf("connection_options.ssl_min_version %q is not known", c.SSLMinVersion)
	}
	roots, err := rootCAs(c)
	if err != nil {
		return nil, err
	}
	certificates, err := clientCertificates(c)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		RootCAs: roots, Certificates: certificates,
		MinVersion:         minimum,
		InsecureSkipVerify: !c.VerifyPeer, //nolint:gosec // configured by the operator
	}, nil
}

// rootCAs returns the system's certificates with the configured ones; nil
// stands for the system's alone.
func rootCAs(c config.Connection) (*x509.CertPool, error) {
	files := []string{}
	if c.CAFile != "" && c.CACertPEM == "" {
		files = append(files, c.CAFile)
	}
	if c.CAPath != "" {
		// OpenSSL's hashed directories have files like 5ed36f99.0.
		for _, pattern := range []string{"*.pem", "*.crt", "*.[0-9]"} {
			found, err := filepath.Glob(filepath.Join(c.CAPath, pattern))
			if err != nil {
				return nil, fmt.Errorf("connection_options.ssl_ca_path: %w", err)
			}
			files = append(files, found...)
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("connection_options.ssl_ca_path: no certificates in %s", c.CAPath)
		}
	}
	if c.CACertPEM == "" && len(files) == 0 {
		return nil, nil //nolint:nilnil // the zero value is the system's pool
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // without a certificate store, only the configured ones are trusted
	}
	if c.CACertPEM != "" && !pool.AppendCertsFromPEM([]byte(c.CACertPEM)) {
		return nil, errors.New("connection_options.ca_cert holds no certificate in PEM form")
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("openstack.connection_options.ssl_ca_file or ssl_ca_path: %w", err)
		}
		if !pool.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
		}
	}
	return pool, nil
}
