package config

import "strings"

// connection decodes connection_options. The names are those of excon, the HTTP
// library for which operators wrote their manifests. Options of excon that have
// no counterpart are ignored with a warning.
func (l *loader) connection(s *section) Connection {
	c := Connection{
		CACertPEM:      s.text("ca_cert"),
		CAFile:         s.text("ssl_ca_file"),
		CAPath:         s.text("ssl_ca_path"),
		VerifyPeer:     s.boolean("ssl_verify_peer", true),
		ConnectTimeout: s.seconds("connect_timeout", defaultHTTPTimeout),
		ReadTimeout:    s.seconds("read_timeout", defaultHTTPTimeout),
		WriteTimeout:   s.seconds("write_timeout", defaultHTTPTimeout),
		Proxy:          s.secret("proxy"),
		DisableProxy:   s.boolean("disable_proxy", false),
		ClientCert:     s.text("client_cert"),
		ClientKey:      s.text("client_key"),
		ClientCertPEM:  s.text("client_cert_data"),
		ClientKeyPEM:   s.secret("client_key_data"),
		ClientKeyPass:  s.secret("client_key_pass"),
	}
	c.SSLMinVersion = s.tlsVersion("ssl_version")
	if lowest := s.tlsVersion("ssl_min_version"); lowest != "" {
		c.SSLMinVersion = lowest
	}
	if c.CACertPEM == "" {
		c.CACertPEM = pem(&c.CAFile)
	}
	if c.ClientCertPEM == "" {
		c.ClientCertPEM = pem(&c.ClientCert)
	}
	if c.ClientKeyPEM == "" {
		c.ClientKeyPEM = Secret(pem(&c.ClientKey))
	}
	if c.CACertPEM != "" {
		c.CAFile = ""
	}
	if (c.ClientCert != "" || c.ClientCertPEM != "") != (c.ClientKey != "" || c.ClientKeyPEM != "") {
		s.problem(s.path("client_cert"), "client_cert and client_key need each other")
	}
	s.warnUnknown()
	return c
}

// pem returns the value of a property for a path, and clears it, if it is text
// in PEM format instead.
func pem(path *string) string {
	text := *path
	if !strings.HasPrefix(strings.TrimSpace(text), "-----BEGIN") {
		return ""
	}
	*path = ""
	return text
}

// tlsVersion decodes a TLS version in the spellings of OpenSSL and Ruby and as
// a number. "SSLv23" and "TLS" mean any version.
func (s *section) tlsVersion(key string) string {
	given := s.text(key)
	switch strings.TrimSuffix(strings.ReplaceAll(given, "_", "."), ".VERSION") {
	case "", "SSLv23", "TLS":
		return ""
	case "TLSv1", "TLS1", "TLSv1.0", "1.0":
		return "1.0"
	case "TLSv1.1", "TLS1.1", "1.1":
		return "1.1"
	case "TLSv1.2", "TLS1.2", "1.2":
		return "1.2"
	case "TLSv1.3", "TLS1.3", "1.3":
		return "1.3"
	}
	s.warn(s.path(key), "not a TLS version, ignored")
	return ""
}
