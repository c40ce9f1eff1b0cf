package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"time"
)

// A certificate that expires within this time should be renewed.
const expiresSoon = 30 * 24 * time.Hour

// checkConnection looks at the connection to Keystone: whether there is one, its
// TLS version and the certificates of its chain.
func (d *Doctor) checkConnection(ctx context.Context, s *sheet) {
	o := d.config.OpenStack
	address, err := url.Parse(o.AuthURL)
	if err != nil {
		s.failed(o.AuthURL, err)
		return
	}
	state, err := d.session.Connection(ctx)
	if err != nil {
		s.bad(address.Host, "correct openstack.auth_url or openstack.connection_options, and make the host reachable from here", "%s", err)
		return
	}
	if state == nil {
		checkPlain(s, address)
		return
	}
	s.ok(address.Host, "answers with %s", tls.VersionName(state.Version))
	if !o.Connection.VerifyPeer {
		s.warning(address.Host, "set openstack.connection_options.ca_cert, and ssl_verify_peer to true",
			"its certificate is not verified (ssl_verify_peer is false): the password can be sent to any server")
	}
	for _, certificate := range chain(state) {
		checkCertificate(s, certificate)
	}
}

// checkPlain reports a connection without TLS, unless it does not leave this
// machine.
func checkPlain(s *sheet, address *url.URL) {
	if ip := net.ParseIP(address.Hostname()); ip != nil && ip.IsLoopback() {
		s.ok(address.Host, "answers, without TLS on this machine")
		return
	}
	s.warning(address.Host, "use the https URL of Keystone, if there is one",
		"answers without TLS: passwords and tokens can be read on the way")
}

// chain returns the certificates that the client has verified, or those that the
// server sent.
func chain(state *tls.ConnectionState) []*x509.Certificate {
	if len(state.VerifiedChains) > 0 {
		return state.VerifiedChains[0]
	}
	return state.PeerCertificates
}

func checkCertificate(s *sheet, certificate *x509.Certificate) {
	subject := "certificate of " + certificate.Subject.String()
	expiry := certificate.NotAfter.UTC().Format("2006-01-02")
	switch left := time.Until(certificate.NotAfter); {
	case left < 0:
		s.bad(subject, "renew it", "expired on %s", expiry)
	case left < expiresSoon:
		s.warning(subject, "renew it", "expires on %s, in %d days", expiry, left/(24*time.Hour))
	default:
		s.ok(subject, "issued by %s, valid until %s", certificate.Issuer, expiry)
	}
}
