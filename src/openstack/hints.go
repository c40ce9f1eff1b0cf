package openstack

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// messageHint is a hint for messages that contain a text.
type messageHint struct{ text, hint string }

// messageHints returns the hints for known messages of the services. The first
// match counts.
func messageHints() []messageHint {
	return []messageHint{
		{"no valid host", "no compute host can take the VM: check the flavor, the availability zone, capacity and scheduler hints"},
		{"instance group", "the server group does not exist in this project: `openstack server group list` shows those that do"},
		{" is locked", "the server is locked against changes: unlock it with `openstack server unlock <id>`, then repeat the operation"},
		{"is protected and cannot be deleted", "an operator has protected the image: `openstack image set --unprotect <id>` allows to delete it"},
		{"unknown import method", "Glance of this cloud does not import images from a URL"},
		{"does not pass filtering", "Glance of this cloud imports images only from certain hosts and ports: ask its operator for import_filtering_opts"},
		{"publicize_image", "publishing images needs a right that the user lacks: ask the cloud's operator, or " + config.HintPublicImages},
		{"port security must be enabled", "the network has port security disabled, so its ports take neither security groups nor address pairs"},
		{"requires a subnet", "the network has no subnet"},
		{"no more ip addresses", "the subnet's allocation pool is used up"},
		{"no more free ip", "the subnet's allocation pool is used up"},
		{"not a valid ip for the specified subnet", "the IP is outside the network's subnets"},
		{"invalid key_name", "key pairs belong to a user: the configured user must own this one"},
		{"keypair", "key pairs belong to a user: the configured user must own this one"},
		{"flavor's disk is too small", "the flavor's root disk is smaller than the image: take a larger flavor or " + config.HintRootDisk},
		{"flavor's memory is too small", "the image needs more memory than the flavor has"},
		{"not in the same availability_zone", "Nova attaches volumes only to servers in their own zone: " + config.HintVolumeZones},
		{"availability zone", "check the zone's name: compute and volume zones are named separately"},
		{"is not supported by the api", "the cloud is too old for this feature"},
		{"http request was sent to https", expectsTLS},      // nginx
		{"http request to an https server", expectsTLS},     // Go
		{"plain http to an ssl-enabled server", expectsTLS}, // Apache
		{"policy", "the cloud's policy forbids this to the user's role"},
		{"not authorized", "the cloud's policy forbids this to the user's role"},
	}
}

// hint returns what an operator can do about an error response, "" if nothing
// is known.
func hint(e *APIError) string {
	message := strings.ToLower(e.Message)
	switch {
	case e.Status == http.StatusUnauthorized && !isTokenRequest(e.URL):
		return "Keystone accepted the credentials, but this service rejects the token: check the access rules of an application credential, " +
			"how the service validates tokens, and its clock"
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusNotFound && e.fromService && isTokenRequest(e.URL):
		return config.HintCredentials
	case strings.Contains(message, "metadata items"):
		return "the server has more metadata than Nova allows: use fewer tags in the deployment and the runtime config"
	case IsQuota(e):
		return "the project's quota is used up: delete what is not needed or ask for more"
	case e.Status == http.StatusNotFound && !e.fromService:
		return "this 404 does not mean that the object is missing: the endpoint in the service catalog is wrong, or a proxy answered in the service's place"
	case e.Status == http.StatusRequestEntityTooLarge:
		return "the service, or a proxy in front of it, limits the size of requests"
	case strings.Contains(message, "network ") && strings.Contains(message, "could not be found"),
		strings.Contains(message, "network ") && strings.Contains(message, "not found"):
		return config.HintNetID
	}
	return HintFor(message)
}

// HintFor returns what an operator can do about a message of a service, such as
// the fault of a server; "" if nothing is known.
func HintFor(message string) string {
	message = strings.ToLower(message)
	for _, known := range messageHints() {
		if strings.Contains(message, known.text) {
			return known.hint
		}
	}
	return ""
}

const expectsTLS = "the URL says http, but the server may expect https: " + config.HintCorrectURL

// names returns the subject of the first and the issuer of the last certificate
// of a chain, for an error.
func names(chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return ""
	}
	return fmt.Sprintf(" of %q, issued by %q,", chain[0].Subject, chain[len(chain)-1].Issuer)
}

// connectionHint returns what an operator can do about a request without a
// response, "" if nothing is known.
func connectionHint(err error) string {
	if cert, found := errors.AsType[x509.CertificateInvalidError](err); found && cert.Reason == x509.Expired {
		return "the certificate has expired or is not valid yet: check it, and this machine's clock"
	}
	if _, found := errors.AsType[x509.HostnameError](err); found {
		return "the certificate was issued for another host name"
	}
	if untrusted, found := errors.AsType[*tls.CertificateVerificationError](err); found {
		return "the certificate" + names(untrusted.UnverifiedCertificates) + " is not trusted: " + config.HintTrustCA
	}
	if _, found := errors.AsType[tls.RecordHeaderError](err); found || errors.Is(err, http.ErrSchemeMismatch) {
		return "the URL says https, but the server does not speak TLS: " + config.HintCorrectURL
	}
	if strings.Contains(err.Error(), malformedResponse) {
		return expectsTLS
	}
	if strings.Contains(err.Error(), handshakeTimeout) {
		return "the server does not complete the TLS handshake: does it speak TLS at all?"
	}
	if isAlert(err) {
		return "the server rejects the TLS connection: " + config.HintClientTLS
	}
	if dns, found := errors.AsType[*net.DNSError](err); found {
		return "the host name " + dns.Name + " cannot be resolved"
	}
	if failed, found := errors.AsType[*url.Error](err); found && errors.Is(err, io.EOF) && strings.HasPrefix(failed.URL, "http://") {
		return "the server closed the connection without a response: does it expect https?"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "nothing listens there, or a firewall rejects the connection: " + config.HintCheckURL
	}
	if op, found := errors.AsType[net.Error](err); found && op.Timeout() {
		return "the host is not reachable, or the service is overloaded: check routes, firewalls and proxies, and " + config.HintTimeouts
	}
	return ""
}
