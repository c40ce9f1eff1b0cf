package openstack

import (
	"context"
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
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusal returns the error of gophercloud for an error response.
func refusal(status int, body string, header ...string) error {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return gophercloud.ErrUnexpectedResponseCode{
		URL: "https://cloud:8774/v2.1/things/7?secret=canary", Method: "GET", Actual: status, Body: []byte(body), ResponseHeader: h,
	}
}

const requestIDHeader = "X-Openstack-Request-Id"

// The bodies are verbatim those of OpenStack Zed, unless another release is
// named.
func TestErrorsOfEveryService(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		body    string
		message string
		is      string // the predicates that hold
	}{
		"Nova: no server": {
			404, `{"itemNotFound": {"code": 404, "message": "Instance 0000 could not be found."}}`,
			"Instance 0000 could not be found.", "not found",
		},
		"Nova: bad request": {
			400, `{"badRequest": {"code": 400, "message": "Flavor 1 could not be found."}}`,
			"Flavor 1 could not be found.", "bad request",
		},
		"Nova: quota": {
			403, `{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 8, but already used 36 of 40 cores"}}`,
			"Quota exceeded for cores: Requested 8, but already used 36 of 40 cores", "quota",
		},
		"Nova: quota of Neutron": {
			403, `{"forbidden": {"code": 403, "message": "Maximum number of ports exceeded"}}`,
			"Maximum number of ports exceeded", "quota",
		},
		"Nova: policy": {
			403, `{"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:servers:create:forced_host to be performed."}}`,
			"Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.", "",
		},
		"Nova: microversion": {
			406, `{"computeFault": {"code": 406, "message": "Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93."}}`,
			"Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.", "",
		},
		"Nova: no such route": {
			404, `{"message": "The resource could not be found.<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}`,
			"The resource could not be found.", "",
		},
		"Nova: token": {
			401, `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`,
			"The request you have made requires authentication.", "",
		},
		"Nova: broken": {
			500, `{"computeFault": {"code": 500, "message": "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class 'oslo_db.exception.DBConnectionError'>"}}`,
			"Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.", "ambiguous",
		},
		"Cinder: no volume": {
			404, `{"itemNotFound": {"code": 404, "message": "Volume 0000 could not be found."}}`,
			"Volume 0000 could not be found.", "not found",
		},
		"Cinder: number of volumes": {
			413, `{"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.", "retryAfter": "0"}}`,
			"VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.", "quota",
		},
		"Cinder: gigabytes": {
			413, `{"overLimit": {"code": 413, "message": "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 100G, quota is 10G and 0G has been consumed.", "retryAfter": "0"}}`,
			"VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 100G, quota is 10G and 0G has been consumed.", "quota",
		},
		"Neutron: no port": {
			404, `{"NeutronError": {"type": "PortNotFound", "message": "Port 0000 could not be found.", "detail": ""}}`,
			"Port 0000 could not be found.", "not found",
		},
		"Neutron: no such route": {
			404, `{"NeutronError": {"type": "HTTPNotFound", "message": "The resource could not be found.", "detail": ""}}`,
			"The resource could not be found.", "",
		},
		"Neutron: quota": {
			409, `{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": ""}}`,
			"Quota exceeded for resources: ['port'].", "quota",
		},
		"Neutron: address taken": {
			409, `{"NeutronError": {"type": "IpAddressAlreadyAllocated", "message": "IP address 10.0.0.99 already allocated in subnet 6079", "detail": ""}}`,
			"IP address 10.0.0.99 already allocated in subnet 6079", "conflict",
		},
		"Neutron before Kilo": {
			404, `{"NeutronError": "Port 0000 could not be found"}`,
			"Port 0000 could not be found", "not found",
		},
		"Glance: no image": {
			404, `{"message": "No image found with ID 0000<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}`,
			"No image found with ID 0000", "not found",
		},
		"Glance: policy": {
			403, `{"message": "You are not authorized to complete publicize_image action.<br /><br />\n\n\n", "code": "403 Forbidden", "title": "Forbidden"}`,
			"You are not authorized to complete publicize_image action.", "",
		},
		"Octavia: no pool": {
			404, `{"faultcode": "Client", "faultstring": "Pool 0000 not found.", "debuginfo": null}`,
			"Pool 0000 not found.", "not found",
		},
		"Octavia: no pool, from its other layer": {
			404, `{"code": 404, "title": "Bad Request", "description": "Pool 0000 not found."}`,
			"Pool 0000 not found.", "not found",
		},
		"Octavia: no such route": {
			404, `{"code": 404, "title": "Not Found", "description": ""}`,
			"Not Found", "",
		},
		"Octavia: busy": {
			409, `{"faultcode": "Client", "faultstring": "Load Balancer 0000 is immutable and cannot be updated.", "debuginfo": null}`,
			"Load Balancer 0000 is immutable and cannot be updated.", "conflict",
		},
		"Octavia: quota": {
			403, `{"faultcode": "Client", "faultstring": "Quota has been met for resources: Member", "debuginfo": null}`,
			"Quota has been met for resources: Member", "quota",
		},
		"Keystone": {
			401, `{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}`,
			"The request you have made requires authentication.", "",
		},
		"a proxy without a backend": {
			503, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n",
			"503 Service Unavailable No server is available to handle this request.", "ambiguous",
		},
		"a gateway that gave up": {504, "", "Gateway Timeout", "ambiguous timeout"},
		"a proxy's 404": {
			404, "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
			"404 Not Found nginx", "",
		},
		"an API gateway's 404": {404, `{"message":"no Route matched with those values"}`, `{"message":"no Route matched with those values"}`, ""},
		"a default backend":    {404, "default backend - 404", "default backend - 404", ""},
		"nothing":              {404, "", "Not Found", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Wrap(refusal(test.status, test.body), "do something")
			assert.Contains(t, MessageOf(err), test.message)
			assert.Equal(t, test.status, StatusOf(err))
			assert.Equal(t, test.is, predicates(err))
			assert.Equal(t, test.is, predicates(fmt.Errorf("more: %w", Wrap(err, "even more"))), "wrapping changes nothing")
		})
	}
}

// predicates returns the names of the predicates that hold for an error.
func predicates(err error) string {
	var holding []string
	for _, predicate := range []struct {
		name  string
		holds func(error) bool
	}{
		{"not found", IsNotFound},
		{"conflict", IsConflict},
		{"bad request", IsBadRequest},
		{"quota", IsQuota},
		{"ambiguous", IsAmbiguous},
		{"timeout", IsTimeout},
	} {
		if predicate.holds(err) {
			holding = append(holding, predicate.name)
		}
	}
	return strings.Join(holding, " ")
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	require.NoError(t, Wrap(nil, "do something"))
	quota := refusal(403, `{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 8, but already used 36 of 40 cores"}}`, requestIDHeader, "req-1")
	err := Wrap(quota, "create server %s", "vm-1")
	require.EqualError(t, err, "create server vm-1: OpenStack API Forbidden (Quota exceeded for cores: Requested 8, but already used 36 of 40 cores) "+
		"[GET /v2.1/things/7, HTTP 403, request req-1]; the project's quota is used up: delete what is not needed or ask for more")
	require.EqualError(t, Wrap(err, "create VM"), "create VM: "+err.Error())

	old := Wrap(refusal(413, "{}", "X-Compute-Request-Id", "req-2"), "x")
	require.ErrorContains(t, old, "OpenStack API RequestEntityTooLarge ({}) [GET /v2.1/things/7, HTTP 413, request req-2]")
	require.ErrorContains(t, Wrap(refusal(499, ""), "x"), "OpenStack API HTTP499")

	long := Wrap(refusal(500, strings.Repeat("ä", 5000)), "x").Error()
	assert.Less(t, len(long), 1200, "what a proxy writes is cut")
	assert.NotContains(t, long, "\uFFFD", "not within a character")
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status     int
		body, hint string
	}{
		{404, `{"NeutronError": {"type": "NetworkNotFound", "message": "Network 0000 could not be found.", "detail": ""}}`, "check net_id"},
		{400, `{"badRequest": {"code": 400, "message": "Network 0000 could not be found."}}`, "check net_id"},
		{400, `{"badRequest": {"code": 400, "message": "Invalid key_name provided."}}`, "must own this one"},
		{400, `{"badRequest": {"code": 400, "message": "The requested availability zone is not available"}}`, "check the zone's name"},
		{403, `{"message": "You are not authorized to complete publicize_image action.", "code": "403 Forbidden", "title": "Forbidden"}`, "stemcell_public_visibility"},
		{403, `{"forbidden": {"code": 403, "message": "Policy doesn't allow x to be performed."}}`, "the cloud's policy forbids this"},
		{413, "<html><h1>413 Request Entity Too Large</h1></html>", "limits the size of requests"},
		{404, "<html><h1>404 Not Found</h1></html>", "a proxy answered in the service's place"},
	} {
		require.ErrorContains(t, Wrap(refusal(test.status, test.body), "x"), test.hint, test.body)
	}
	moved := Wrap(refusal(301, "", "Location", "https://user:canary@cloud:5000/v3?x=canary"), "x")
	require.ErrorContains(t, moved, "the service redirects to https://cloud:5000/v3: correct the URL")
	assert.NotContains(t, moved.Error(), "canary")
	assert.Contains(t, HintFor("No valid host was found. There are not enough hosts available."), "no compute host can take the VM")
	assert.Empty(t, HintFor("something new"))
}

// Nova quotes the values that its schema validation refuses.
func TestUserDataIsNotQuoted(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("Y2FuYXJ5", 10000)
	err := Wrap(refusal(400, `{"badRequest": {"code": 400, "message": "Invalid input for field/attribute user_data. Value: `+secret+`. `+secret+` is too long"}}`), "create server")
	require.ErrorContains(t, err, "Invalid input for field/attribute user_data. Value: <redacted> is too long")
	assert.NotContains(t, err.Error(), "Y2FuYXJ5")
}

func TestNoResponse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cause error
		class string
		is    string
		hint  string
	}{
		"refused":           {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "ConnectionFailed", "", "nothing listens there"},
		"no such host":      {&net.OpError{Op: "dial", Err: &net.DNSError{Name: "cloud", IsNotFound: true}}, "ConnectionFailed", "", "the host name cloud cannot be resolved"},
		"proxy refused":     {&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, "ConnectionFailed", "", "nothing listens there"},
		"connect time-out":  {&net.OpError{Op: "dial", Err: context.DeadlineExceeded}, "Timeout", "timeout", "the host is not reachable"},
		"reset":             {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "ConnectionFailed", "ambiguous", ""},
		"cut":               {io.ErrUnexpectedEOF, "ConnectionFailed", "ambiguous", ""},
		"TLS expected":      {io.EOF, "ConnectionFailed", "ambiguous", "does it expect https?"},
		"silence":           {errStalled, "Timeout", "ambiguous timeout", "the service is overloaded"},
		"cancelled":         {context.Canceled, "Cancelled", "ambiguous", ""},
		"unknown authority": {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "CertificateError", "", "put its CA into"},
		"other host name": {
			&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "cloud"}},
			"CertificateError", "", "issued for another host name",
		},
		"expired": {
			&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}},
			"CertificateError", "", "has expired",
		},
		"rejected": {&net.OpError{Op: "remote error", Err: tls.AlertError(116)}, "CertificateError", "", "check client_cert"},
		"mute":     {errors.New("net/http: TLS handshake timeout"), "ConnectionFailed", "", "does it speak TLS at all?"},
		"no TLS":   {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "CertificateError", "", "does not speak TLS"},
	} {
		err := Wrap(&url.Error{Op: "Post", URL: "http://cloud/v3/auth/tokens?secret=canary", Err: test.cause}, "authenticate")
		failed, found := errors.AsType[*APIError](err)
		require.True(t, found, name)
		assert.Equal(t, test.class, failed.Class, name)
		assert.Equal(t, test.is, predicates(err), name)
		assert.Contains(t, failed.Hint, test.hint, name)
		require.ErrorContains(t, err, "[POST http://cloud/v3/auth/tokens]", name)
		assert.NotContains(t, err.Error(), "canary", name)
	}
}

// The error of a failed renewal of the token is that of Keystone.
func TestErrorsOfRenewal(t *testing.T) {
	t.Parallel()
	expired := refusal(401, `{"error": {"code": 401, "message": "expired"}}`)
	err := Wrap(&gophercloud.ErrUnableToReauthenticate{ErrOriginal: expired, ErrReauth: refusal(401, `{"error": {"code": 401, "message": "wrong password"}}`)}, "get server 1")
	require.ErrorContains(t, err, "get server 1: OpenStack API Unauthorized (wrong password)")
	err = Wrap(&gophercloud.ErrErrorAfterReauthentication{ErrOriginal: refusal(404, `{"itemNotFound": {"message": "gone"}}`)}, "get server 1")
	assert.True(t, IsNotFound(err))
}

func TestMissing(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("plan the VM: %w", &MissingError{Kind: "Flavor", Name: "m1.huge"})
	require.EqualError(t, err, "plan the VM: Flavor `m1.huge' not found")
	assert.True(t, IsNotFound(err))
	assert.False(t, IsAmbiguous(err))
	assert.Empty(t, predicates(errors.New("something else")))
	assert.Empty(t, MessageOf(nil))
}
