package bosh

import (
	"errors"
	"fmt"
)

// Kind is the type of an error in the CPI contract. The director handles these
// types only; it turns every other one into an UnknownError.
type Kind int

// The ten kinds. CPIError, the zero value, is an error in the CPI or in its
// input. CloudError is an error in the cloud.
const (
	CPIError Kind = iota
	NotSupported
	NotImplemented
	CloudError
	VMNotFound
	NetworkNotFound
	NoDiskSpace
	DiskNotAttached
	DiskNotFound
	VMCreationFailed
)

// String returns the type name on the wire, e.g. "Bosh::Clouds::VMNotFound".
func (k Kind) String() string {
	return "Bosh::Clouds::" + [...]string{
		"CpiError", "NotSupported", "NotImplemented", "CloudError", "VMNotFound",
		"NetworkNotFound", "NoDiskSpace", "DiskNotAttached", "DiskNotFound", "VMCreationFailed",
	}[k]
}

// Error is an error with the kind that is returned to the caller.
type Error struct {
	Kind Kind
	// OKToRetry says that the same call may succeed if it is repeated. The
	// director evaluates it for create_vm with VMCreationFailed only.
	OKToRetry bool
	Err       error
}

// Error returns the text of the wrapped error, without the kind.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error of the kind, formatted like fmt.Errorf, including %w.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Retryable is like Errorf, for an error after which the call may be repeated.
func Retryable(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, OKToRetry: true, Err: fmt.Errorf(format, args...)}
}

// AsError returns err with the kind of the first Error in its chain, or as a
// CloudError if there is none. The text is that of err. AsError(nil) is nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if known := (*Error)(nil); errors.As(err, &known) {
		return &Error{Kind: known.Kind, OKToRetry: known.OKToRetry, Err: err}
	}
	return &Error{Kind: CloudError, Err: err}
}
