package blob

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of failures.
var (
	// ErrNotFound: no such object.
	ErrNotFound = errors.New("no such object")
	// ErrDangling: the object is a symbolic link to an object that does not exist. It
	// is not ErrNotFound, because something is there.
	ErrDangling = errors.New("symbolic link without a target")
	// ErrExists: a create-only write found another object there.
	ErrExists = errors.New("object exists")
	// ErrChanged: the object does not have the ETag of IfMatch.
	ErrChanged = errors.New("object has changed")
	// ErrTooLarge: the object is larger than the caller's limit.
	ErrTooLarge = errors.New("object is too large")
	// ErrUnavailable: the store did not answer, or cannot serve the request now, or
	// the outcome of a write is unknown. Retry later.
	ErrUnavailable = errors.New("object store is unavailable")
	// ErrDenied: the credentials are valid but lack a right. An operator must act.
	ErrDenied = errors.New("object store denies access")
	// ErrCredentials: the credentials are expired or invalid.
	ErrCredentials = errors.New("object store refuses the credentials")
	// ErrMisconfigured: no such bucket, a bucket that had versioning, a refused
	// signature version. An operator must act.
	ErrMisconfigured = errors.New("object store is misconfigured")
	// ErrArchived: the object is in a storage class whose objects cannot be read before
	// they are restored.
	ErrArchived = errors.New("object is archived")
	// ErrEncrypted: the object is encrypted with a key that the credentials may not use,
	// or that is disabled.
	ErrEncrypted = errors.New("object is encrypted with a key that cannot be used")
	// ErrRefused: any other definite refusal.
	ErrRefused = errors.New("object store refuses the request")
)

// Error is a failed operation.
type Error struct {
	Op        string // "get", "create", "put", "delete", "list", "head", "guard"
	Bucket    string
	Key       string
	Kind      error  // one of the sentinels
	Status    int    // HTTP status; 0 when there was no answer
	Code      string // the store's error code
	EC        string // the store's error-detail code
	RequestID string
	Detail    string // the store's message or the transport's error, safe to print
	Err       error  // cause, for errors.Is on context errors; may be nil
}

// Error names the operation, the object, the kind and what the store said.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s oss://%s/%s: %v", e.Op, e.Bucket, e.Key, e.Kind)
	if e.Code != "" {
		fmt.Fprintf(&b, " (%d %s", e.Status, e.Code)
		if e.EC != "" {
			b.WriteString(" " + e.EC)
		}
		if e.RequestID != "" {
			b.WriteString(", request " + e.RequestID)
		}
		b.WriteString(")")
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Unwrap gives the kind and the cause to errors.Is.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
