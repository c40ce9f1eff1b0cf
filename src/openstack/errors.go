package openstack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// APIError is an API call that failed: with an error response of the service,
// or without a response.
type APIError struct {
	Op        string // what was attempted on which object: "create port vm-1f… on network 7a…"
	Class     string // the HTTP status in one word (BadRequest, Conflict, …), or Timeout, Cancelled, ConnectionFailed, CertificateError, UnusableResponse
	Status    int    // HTTP status; 0 without a response
	Type      string // the service's own error type, if it has one: Neutron's IpAddressAlreadyAllocated, …
	Message   string // the service's message, quota figures included
	Method    string
	URL       string // the path; without a response also scheme and host. Never a query
	RequestID string // the id of the request in the service's logs
	Hint      string // what an operator can do about it, if known
	Err       error

	// fromService is whether the response comes from the service itself and is
	// about the requested object; see IsNotFound.
	fromService bool
}

// Error implements error. Operators and documentation search for its form
// `OpenStack API <Class> (<message>)`.
func (e *APIError) Error() string {
	var text strings.Builder
	if e.Op != "" {
		text.WriteString(e.Op + ": ")
	}
	fmt.Fprintf(&text, "OpenStack API %s (%s)", e.Class, e.Message)
	if e.Method != "" {
		text.WriteString(" [" + e.Method + " " + e.URL)
		if e.Status != 0 {
			fmt.Fprintf(&text, ", HTTP %d", e.Status)
		}
		if e.RequestID != "" {
			text.WriteString(", request " + e.RequestID)
		}
		text.WriteString("]")
	}
	if e.Hint != "" {
		text.WriteString("; " + e.Hint)
	}
	return text.String()
}

// Unwrap returns the error of the HTTP client.
func (e *APIError) Unwrap() error { return e.Err }

// MissingError reports an object that is not in a complete list. IsNotFound
// holds for it.
type MissingError struct {
	Kind string // "Flavor", "Key-pair", "Security group", …
	Name string // name or id
}

// Error implements error.
func (e *MissingError) Error() string { return fmt.Sprintf("%s `%s' not found", e.Kind, e.Name) }

// Wrap adds to an error what was attempted; nil stays nil. The first Wrap
// around an error of the HTTP client makes it an *APIError, further ones add to
// its text.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	op := fmt.Sprintf(format, args...)
	if known := (*APIError)(nil); errors.As(err, &known) {
		return fmt.Errorf("%s: %w", op, err)
	}
	if response, found := errors.AsType[gophercloud.ErrUnexpectedResponseCode](original(err)); found {
		return responseError(op, response)
	}
	if failed, found := errors.AsType[*url.Error](original(err)); found {
		return noResponseError(op, failed)
	}
	unusable, found := errors.AsType[*unusableError](err)
	if !found && isDecodingError(err) {
		unusable, found = undecodable(err), true
	}
	if found {
		return &APIError{Op: op, Class: unusableClass, Message: unusable.problem, Hint: config.HintUnusable, Err: unusable}
	}
	return fmt.Errorf("%s: %w", op, err)
}

// original returns the error inside gophercloud's errors about renewing a
// token, which do not implement Unwrap.
func original(err error) error {
	if e, found := errors.AsType[*gophercloud.ErrUnableToReauthenticate](err); found {
		return e.ErrReauth
	}
	if e, found := errors.AsType[*gophercloud.ErrErrorAfterReauthentication](err); found {
		return e.ErrOriginal
	}
	return err
}

func responseError(op string, response gophercloud.ErrUnexpectedResponseCode) *APIError {
	body := readBody(response.Body)
	e := &APIError{
		Op: op, Class: className(response.Actual), Status: response.Actual,
		Type: body.errorType, Message: body.message,
		Method: response.Method, URL: pathOf(response.URL), RequestID: requestID(response.ResponseHeader),
		Err: response,
	}
	if e.Message == "" {
		e.Message = http.StatusText(response.Actual)
	}
	if response.Actual < http.StatusMultipleChoices {
		e.Class, e.Message = unusableClass, "unexpected status"
	}
	e.fromService = (body.fromOpenStack || e.RequestID != "") && !body.routeMissing
	e.Hint = hint(e)
	if location := response.ResponseHeader.Get("Location"); location != "" && response.Actual < http.StatusBadRequest {
		e.Hint = "the service redirects to " + withoutQuery(location) + ": " + config.HintCorrectURL
	}
	return e
}

func noResponseError(op string, failed *url.Error) *APIError {
	e := &APIError{
		Op: op, Class: "ConnectionFailed", Message: failed.Err.Error(),
		Method: strings.ToUpper(failed.Op), URL: withoutQuery(failed.URL), Err: failed,
	}
	switch {
	case errors.Is(failed, context.Canceled):
		e.Class = "Cancelled"
	case failed.Timeout():
		e.Class = "Timeout"
	case isTLSError(failed):
		e.Class = "CertificateError"
	case errors.Is(failed, net.ErrClosed):
		// net/http closes the connection when the service ends it, and then
		// reports that it cannot write to it.
		e.Message = "the service closed the connection before it had received the whole request"
	}
	e.Hint = connectionHint(failed)
	if _, found := errors.AsType[*unusableError](failed); found {
		e.Class, e.Hint = unusableClass, config.HintUnusable
	}
	return e
}

// unusableClass is the class of a response that cannot be used.
const unusableClass = "UnusableResponse"

// className returns the name of a status as operators know it from older error
// texts: 413 is RequestEntityTooLarge.
func className(status int) string {
	if text := http.StatusText(status); text != "" {
		return strings.ReplaceAll(text, " ", "")
	}
	return fmt.Sprintf("HTTP%d", status)
}

func requestID(header http.Header) string {
	if id := header.Get("X-Openstack-Request-Id"); id != "" {
		return id
	}
	return header.Get("X-Compute-Request-Id")
}

func pathOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.EscapedPath()
	}
	return ""
}

func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// StatusOf returns the HTTP status of the error, 0 if it has none.
func StatusOf(err error) int {
	if e, found := errors.AsType[*APIError](err); found {
		return e.Status
	}
	if e, found := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); found {
		return e.Actual
	}
	return 0
}

// MessageOf returns the service's message, without what was attempted and
// without hints. For an error without a response it returns the error's text.
func MessageOf(err error) string {
	if err == nil {
		return ""
	}
	if e, found := errors.AsType[*APIError](err); found {
		return e.Message
	}
	return err.Error()
}

// IsNotFound reports whether the object does not exist. A 404 counts only if it
// comes from the service itself and is about the object. One from a proxy, or
// for an unknown route, is not evidence that an object is missing: to believe
// it would make a running VM look deleted. Keystone answers 404 for an unknown
// application credential, whatever the object of the call is.
func IsNotFound(err error) bool {
	if e, found := errors.AsType[*APIError](err); found {
		return e.Status == http.StatusNotFound && e.fromService && !isTokenRequest(e.URL)
	}
	if e, found := errors.AsType[*WaitError](err); found {
		return e.Gone
	}
	_, found := errors.AsType[*MissingError](err)
	return found
}

// IgnoreNotFound returns nil if IsNotFound(err), else err: for deletions, where
// not found counts as success.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

// IsConflict reports whether the service answered 409 for another reason than
// an exhausted quota.
func IsConflict(err error) bool { return StatusOf(err) == http.StatusConflict && !IsQuota(err) }

// IsBadRequest reports whether the service answered 400.
func IsBadRequest(err error) bool { return StatusOf(err) == http.StatusBadRequest }

// IsQuota reports whether a quota is exhausted. The status differs by service:
// 403 from Nova and Octavia, 409 from Neutron, 413 from Cinder and Glance.
func IsQuota(err error) bool {
	e, found := errors.AsType[*APIError](err)
	if !found {
		return false
	}
	switch e.Status {
	case http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge:
		return e.Type == "OverQuota" || isQuotaMessage(e.Message)
	}
	return false
}

// IsTimeout reports whether a response, or a state that was waited for, did not
// come in time.
func IsTimeout(err error) bool {
	if e, found := errors.AsType[*WaitError](err); found {
		return e.TimedOut
	}
	if e, found := errors.AsType[net.Error](err); found && e.Timeout() {
		return true
	}
	return StatusOf(err) == http.StatusGatewayTimeout || errors.Is(err, context.DeadlineExceeded)
}

// IsAmbiguous reports whether a failed write may have taken effect: the service
// answered 5xx, its response is not the expected one, or the connection was lost or
// timed out after the request was sent.
func IsAmbiguous(err error) bool {
	if status := StatusOf(err); status != 0 {
		unexpected := status < http.StatusMultipleChoices && status != http.StatusAccepted
		return unexpected || status >= http.StatusInternalServerError && status != http.StatusNotImplemented
	}
	if failed, found := errors.AsType[*url.Error](err); found {
		return !neverSent(failed)
	}
	if _, found := errors.AsType[*unusableError](err); found {
		return true
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// IsConnectionLost reports whether there is no response because the connection
// failed, for a reason that can pass and is not a timeout.
func IsConnectionLost(err error) bool {
	failed, found := errors.AsType[*url.Error](err)
	return found && !failed.Timeout() && !errors.Is(failed, context.Canceled) && !isPermanent(failed)
}

// isPermanent reports whether a repeated request would fail in the same way: a
// TLS failure, http in the place of https or the reverse, an unknown host name,
// a response that is too long.
func isPermanent(err error) bool {
	if err == nil {
		return false
	}
	if unusable, found := errors.AsType[*unusableError](err); found && unusable.permanent {
		return true
	}
	if unknown, found := errors.AsType[*net.DNSError](err); found && unknown.IsNotFound {
		return true
	}
	return isTLSError(err) || errors.Is(err, http.ErrSchemeMismatch) || strings.Contains(err.Error(), malformedResponse)
}

// malformedResponse is the text of an error of net/http whose type is not
// exported. A TLS server answers so to a request without TLS.
const malformedResponse = "malformed HTTP response"

// handshakeTimeout is the text of an error of net/http whose type is not
// exported.
const handshakeTimeout = "TLS handshake timeout"

// neverSent reports whether no connection was established, so that the service
// cannot have received the request.
func neverSent(err error) bool {
	if op, found := errors.AsType[*net.OpError](err); found {
		if op.Op == "dial" || op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks") {
			return true
		}
	}
	if _, found := errors.AsType[*net.DNSError](err); found {
		return true
	}
	return isTLSError(err) || errors.Is(err, syscall.ECONNREFUSED) || strings.Contains(err.Error(), handshakeTimeout)
}

// isTLSError reports a permanent TLS failure; retrying does not help.
func isTLSError(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return untrusted || noTLS || isAlert(err)
}

// isAlert reports whether one side ended the connection with a TLS alert: no
// common version, no client certificate, …
func isAlert(err error) bool {
	op, found := errors.AsType[*net.OpError](err)
	return found && (op.Op == "remote error" || op.Op == "local error")
}
