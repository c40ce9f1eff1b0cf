package bosh

import (
	"errors"
	"fmt"
)

// Kind is the type of an error as the callers know it. The list is closed: the
// director turns every other type into an UnknownError that nothing rescues.
type Kind int

// The ten kinds. CPIError is the zero value: a fault of the CPI or of its
// input. CloudError is a fault of the cloud.
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

// Error is an error with the kind that the caller shall see.
type Error struct {
	Kind Kind
	// OKToRetry tells the director that the same call may succeed when it is
	// made again. It is honoured for create_vm with VMCreationFailed only.
	OKToRetry bool
	Err       error
}

// Error returns the text of the wrapped error; the kind travels beside it.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives errors.Is and errors.As the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of a kind, formatted as fmt.Errorf does (%w works).
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// Retryable is Errorf for an error after which the director shall try again.
func Retryable(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, OKToRetry: true, Err: fmt.Errorf(format, args...)}
}

// AsError finds the kind anywhere in the chain of err, keeping the full text of
// err. An error without a kind came from the cloud. AsError(nil) is nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if known := (*Error)(nil); errors.As(err, &known) {
		return &Error{Kind: known.Kind, OKToRetry: known.OKToRetry, Err: err}
	}
	return &Error{Kind: CloudError, Err: err}
}
