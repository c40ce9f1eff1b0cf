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
)

// APIError is a call that a service refused, failed, or never answered, told in the cloud's own words.
type APIError struct {
	Op        string // what was attempted on which object: "create port vm-1f… on network 7a…"
	Class     string // the HTTP status in one word (BadRequest, Conflict, …), or Timeout, Cancelled, ConnectionFailed, CertificateError
	Status    int    // HTTP status; 0 when there was no answer
	Type      string // the service's own name for the failure, where it has one: Neutron's IpAddressAlreadyAllocated, …
	Message   string // the service's words, quota figures included
	Method    string
	URL       string // path only; scheme and host as well when there was no answer. Never a query
	RequestID string // the service's id of the request, for the cloud's operator to find it in the logs
	Hint      string // what to do about it, where that is known
	Err       error

	// genuine says that the answer speaks about the object that was asked for, see IsNotFound.
	genuine bool
}

// Error keeps the shape `OpenStack API <Class> (<message>)`, which operators and documentation search for.
func (e *APIError) Error() string {
	var text strings.Builder
	if e.Op != "" {
		text.WriteString(e.Op + ": ")
	}
	fmt.Fprintf(&text, "OpenStack API %s (%s) [%s %s", e.Class, e.Message, e.Method, e.URL)
	if e.Status != 0 {
		fmt.Fprintf(&text, ", HTTP %d", e.Status)
	}
	if e.RequestID != "" {
		text.WriteString(", request " + e.RequestID)
	}
	text.WriteString("]")
	if e.Hint != "" {
		text.WriteString("; " + e.Hint)
	}
	return text.String()
}

// Unwrap returns the error of the HTTP client.
func (e *APIError) Unwrap() error { return e.Err }

// MissingError says that a complete, successful answer did not hold what was looked for. IsNotFound knows it.
type MissingError struct {
	Kind string // "Flavor", "Key-pair", "Security group", …
	Name string // name or id
}

// Error implements error.
func (e *MissingError) Error() string { return fmt.Sprintf("%s `%s' not found", e.Kind, e.Name) }

// Wrap says what was attempted when a call to a service failed; nil stays nil. The first Wrap around a client's error
// makes it an *APIError, further ones add to its text.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	op := fmt.Sprintf(format, args...)
	if known := (*APIError)(nil); errors.As(err, &known) {
		return fmt.Errorf("%s: %w", op, err)
	}
	if answer, found := errors.AsType[gophercloud.ErrUnexpectedResponseCode](original(err)); found {
		return answered(op, answer)
	}
	if failed, found := errors.AsType[*url.Error](original(err)); found {
		return unanswered(op, failed)
	}
	return fmt.Errorf("%s: %w", op, err)
}

// original looks into gophercloud's errors about renewing a token, which do not unwrap.
func original(err error) error {
	if e, found := errors.AsType[*gophercloud.ErrUnableToReauthenticate](err); found {
		return e.ErrReauth
	}
	if e, found := errors.AsType[*gophercloud.ErrErrorAfterReauthentication](err); found {
		return e.ErrOriginal
	}
	return err
}

func answered(op string, answer gophercloud.ErrUnexpectedResponseCode) *APIError {
	said := readBody(answer.Body)
	e := &APIError{
		Op: op, Class: className(answer.Actual), Status: answer.Actual,
		Type: said.kind, Message: said.message,
		Method: answer.Method, URL: pathOf(answer.URL), RequestID: requestID(answer.ResponseHeader),
		Err: answer,
	}
	if e.Message == "" {
		e.Message = http.StatusText(answer.Actual)
	}
	e.genuine = (said.dialect || e.RequestID != "") && !said.routeMissing
	e.Hint = hint(e)
	if elsewhere := answer.ResponseHeader.Get("Location"); elsewhere != "" && answer.Actual < http.StatusBadRequest {
		e.Hint = "the service redirects to " + withoutQuery(elsewhere) + ": correct the URL (openstack.auth_url, or the service catalog)"
	}
	return e
}

func unanswered(op string, failed *url.Error) *APIError {
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
	}
	e.Hint = connectionHint(failed)
	return e
}

// className is the name of a status as it has always stood in the error texts: 413 is RequestEntityTooLarge.
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

// StatusOf returns the HTTP status in the error's chain, 0 if there is none.
func StatusOf(err error) int {
	if e, found := errors.AsType[*APIError](err); found {
		return e.Status
	}
	if e, found := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); found {
		return e.Actual
	}
	return 0
}

// MessageOf returns the service's own words, without what was attempted and without hints; the error's text if no
// service spoke.
func MessageOf(err error) string {
	if err == nil {
		return ""
	}
	if e, found := errors.AsType[*APIError](err); found {
		return e.Message
	}
	return err.Error()
}

// IsNotFound tells that the object does not exist. A 404 counts only if it comes from the service itself and is about
// the object: one from a proxy in between, or for a path the service does not know, says nothing about the object, and
// to believe it would make a running VM look deleted.
func IsNotFound(err error) bool {
	if e, found := errors.AsType[*APIError](err); found {
		return e.Status == http.StatusNotFound && e.genuine
	}
	if e, found := errors.AsType[*WaitError](err); found {
		return e.Gone
	}
	_, found := errors.AsType[*MissingError](err)
	return found
}

// IgnoreNotFound returns err, or nil if that is because the object does not exist: then it is deleted, or detached, as it
// should be.
func IgnoreNotFound(err error) error {
	if IsNotFound(err) {
		return nil
	}
	return err
}

// IsConflict tells that the service answered 409 for another reason than an exhausted quota.
func IsConflict(err error) bool { return StatusOf(err) == http.StatusConflict && !IsQuota(err) }

// IsBadRequest tells that the service answered 400.
func IsBadRequest(err error) bool { return StatusOf(err) == http.StatusBadRequest }

// IsQuota tells that a quota is used up. The services say so with different statuses: Nova and Octavia 403, Neutron
// 409, Cinder and Glance 413.
func IsQuota(err error) bool {
	e, found := errors.AsType[*APIError](err)
	if !found {
		return false
	}
	switch e.Status {
	case http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge:
		return e.Type == "OverQuota" || saysQuota(e.Message)
	}
	return false
}

// IsTimeout tells that an answer, or a state that was waited for, did not come in time.
func IsTimeout(err error) bool {
	if e, found := errors.AsType[*WaitError](err); found {
		return e.TimedOut
	}
	if e, found := errors.AsType[net.Error](err); found && e.Timeout() {
		return true
	}
	return StatusOf(err) == http.StatusGatewayTimeout || errors.Is(err, context.DeadlineExceeded)
}

// IsAmbiguous tells that a write may have happened although it failed: the service broke down over it (5xx), or the
// connection was lost or ran out of time after the request had gone out.
func IsAmbiguous(err error) bool {
	if status := StatusOf(err); status != 0 {
		return status >= http.StatusInternalServerError && status != http.StatusNotImplemented
	}
	if failed, found := errors.AsType[*url.Error](err); found {
		return !neverSent(failed)
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// handshakeTimeout is how net/http words it; the type it keeps to itself.
const handshakeTimeout = "TLS handshake timeout"

// neverSent tells that no connection came about, so that the service cannot have seen the request.
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

// isTLSError tells that the two sides do not want to talk to each other. Trying again will not change their minds.
func isTLSError(err error) bool {
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return untrusted || noTLS || isAlert(err)
}

// isAlert tells that one side has ended the connection with a TLS alert: no common version, no client certificate, …
func isAlert(err error) bool {
	op, found := errors.AsType[*net.OpError](err)
	return found && (op.Op == "remote error" || op.Op == "local error")
}
