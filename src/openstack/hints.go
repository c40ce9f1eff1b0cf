package openstack

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

type cause struct{ words, hint string }

// knownCauses are what operators meet, by the words the services use. The first that fits is given.
func knownCauses() []cause {
	return []cause{
		{"no valid host", "no compute host can take the VM: check the flavor, the availability zone, capacity and scheduler hints"},
		{"publicize_image", "publishing images needs a right that the user lacks: ask the cloud's operator, or set openstack.stemcell_public_visibility to false"},
		{"port security must be enabled", "the network has port security disabled, so its ports take neither security groups nor address pairs"},
		{"requires a subnet", "the network has no subnet"},
		{"no more ip addresses", "the subnet's allocation pool is used up"},
		{"no more free ip", "the subnet's allocation pool is used up"},
		{"not a valid ip for the specified subnet", "the IP is outside the network's subnets"},
		{"invalid key_name", "key pairs belong to a user: the configured user must own this one"},
		{"keypair", "key pairs belong to a user: the configured user must own this one"},
		{"flavor's disk is too small", "the flavor's root disk is smaller than the image: take a larger flavor or boot from a volume with root_disk.size"},
		{"flavor's memory is too small", "the image asks for more memory than the flavor has"},
		{"availability zone", "check the zone's name: compute and volume zones are named separately"},
		{"is not supported by the api", "the cloud is too old for this feature"},
		{"policy", "the cloud's policy forbids this to the user's role"},
		{"not authorized", "the cloud's policy forbids this to the user's role"},
	}
}

const checkCredentials = "check user name and password (openstack.username, api_key) or application credential, user domain and project"

// hint says what an operator can do about an answer, "" if nothing is known.
func hint(e *APIError) string {
	message := strings.ToLower(e.Message)
	switch {
	case e.Status == http.StatusUnauthorized:
		return checkCredentials
	case IsQuota(e):
		return "the project's quota is used up: delete what is not needed or ask for more"
	case e.Status == http.StatusNotFound && !e.genuine:
		return "this is no word about the object: the endpoint in the service catalog is wrong, or a proxy answered in the service's place"
	case e.Status == http.StatusRequestEntityTooLarge:
		return "the service, or a proxy before it, limits the size of requests"
	case strings.Contains(message, "network ") && strings.Contains(message, "could not be found"),
		strings.Contains(message, "network ") && strings.Contains(message, "not found"):
		return "check net_id: it must be the id of a network of this project, not of a subnet"
	}
	return HintFor(message)
}

// HintFor says what an operator can do about a failure that a service described in words, such as the fault of a
// server; "" if nothing is known.
func HintFor(words string) string {
	words = strings.ToLower(words)
	for _, known := range knownCauses() {
		if strings.Contains(words, known.words) {
			return known.hint
		}
	}
	return ""
}

// connectionHint says what an operator can do when no answer came.
func connectionHint(err error) string {
	if cert, found := errors.AsType[x509.CertificateInvalidError](err); found && cert.Reason == x509.Expired {
		return "the certificate has expired or is not valid yet: check it, and this machine's clock"
	}
	if _, found := errors.AsType[x509.HostnameError](err); found {
		return "the certificate was issued for another host name"
	}
	if _, found := errors.AsType[*tls.CertificateVerificationError](err); found {
		return "the certificate is not trusted: put its CA into openstack.connection_options.ca_cert"
	}
	if _, found := errors.AsType[tls.RecordHeaderError](err); found {
		return "the URL says https, but the server does not speak TLS"
	}
	if strings.Contains(err.Error(), handshakeTimeout) {
		return "the server does not complete the TLS handshake: does it speak TLS at all?"
	}
	if isAlert(err) {
		return "the server rejects the TLS connection: check client_cert, client_key and ssl_min_version of openstack.connection_options"
	}
	if dns, found := errors.AsType[*net.DNSError](err); found {
		return "the host name " + dns.Name + " cannot be resolved"
	}
	if failed, found := errors.AsType[*url.Error](err); found && errors.Is(err, io.EOF) && strings.HasPrefix(failed.URL, "http://") {
		return "the server hung up without an answer: does it expect https?"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "nothing listens there, or a firewall rejects the connection: check the URL (openstack.auth_url, or the service catalog)"
	}
	if op, found := errors.AsType[net.Error](err); found && op.Timeout() {
		return "the host is not reachable, or the service is overloaded: check routes, firewalls and proxies, and openstack.connection_options for the time-outs"
	}
	return ""
}
