package remote

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

// RefusedError is an answer that is not a success.
type RefusedError struct {
	Type     string           `json:"type"`   // of the problem document
	Status   int              `json:"status"` // HTTP
	Title    string           `json:"title"`  // of the problem document; the status's text if there is none
	Detail   string           `json:"detail"`
	Problems []change.Problem `json:"problems"`
	Hint     string           `json:"-"` // what to do, if the client knows it
	Raw      json.RawMessage  `json:"-"` // as it was sent; nil if it is not JSON
}

// kindPrefix begins the types of the function's problem documents.
const kindPrefix = "urn:sslvpn-change:problem:"

// Kind is the kind of the problem document, such as forbidden; where there is none, it
// follows from the status: the platform and proxies answer, too.
func (e *RefusedError) Kind() string {
	if kind, ok := strings.CutPrefix(e.Type, kindPrefix); ok {
		return kind
	}
	return fmt.Sprintf("http-%d", e.Status)
}

// Short is the refusal without detail.
func (e *RefusedError) Short() string {
	return fmt.Sprintf("the function answered %d %s", e.Status, strings.TrimRight(e.Title, "."))
}

// Message is the refusal, without the hint and the list of problems.
func (e *RefusedError) Message() string {
	if e.Detail == "" {
		return e.Short()
	}
	return e.Short() + ": " + strings.TrimRight(e.Detail, ".")
}

// Error is the refusal and the hint, without the list of problems.
func (e *RefusedError) Error() string {
	return strings.TrimSuffix(e.Message()+"; "+e.Hint, "; ")
}

// The codes of requests without an answer of the function.
const (
	CodeUnreachable = "unreachable" // there is no connection
	CodeTLS         = "tls"         // the server's certificate or protocol was refused
	CodeTimeout     = "timeout"     // no answer in time
	CodeInterrupted = "interrupted" // the caller stopped
	CodeForeign     = "not-this-function"
)

// NoAnswerError is a request that the function did not answer.
type NoAnswerError struct {
	Host string
	Code string
	Hint string
	Err  error
}

func (e *NoAnswerError) Error() string {
	if e.Code == CodeForeign {
		return e.Err.Error()
	}
	return fmt.Sprintf("no answer from %s: %v", e.Host, e.Err)
}

// Unwrap is the cause.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// noAnswer classifies what the network or the context said.
func (c *Client) noAnswer(ctx context.Context, err error) *NoAnswerError {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the method and the URL say nothing new
	}
	e := &NoAnswerError{Host: c.base.Host, Code: CodeUnreachable, Err: err}
	name, isName := errors.AsType[*net.DNSError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		e.Code, e.Err = CodeInterrupted, errors.New("interrupted")
	case isName && name.IsNotFound:
		e.Hint = "check the host in the function's URL"
	case isTLS(err):
		e.Code = CodeTLS
		e.Hint = "check that the URL is that of the function's HTTP trigger, and whether a proxy is between"
	case isNet && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		e.Code = CodeTimeout
		e.Hint = "check the connection, and the function's log"
	case endpoint.Loopback(c.base.Hostname()):
		e.Hint = "vpnctl local starts a local cloud; give the URL of a deployed function with --url or in SSLVPN_URL: " +
			"it is the URL of the HTTP trigger in the console of Function Compute, and the output HttpUrl of the stack"
	default:
		e.Hint = "check --url or SSLVPN_URL, and that this machine reaches it"
	}
	return e
}

// isTLS reports whether the server's certificate was refused, or it does not speak TLS.
func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	return strings.HasPrefix(err.Error(), "http: server gave HTTP response to HTTPS client")
}

// lasting reports whether a repetition fails, too.
func (e *NoAnswerError) lasting() bool {
	name, isName := errors.AsType[*net.DNSError](e.Err)
	return e.Code == CodeTLS || e.Code == CodeInterrupted || isName && name.IsNotFound
}

// foreign is an answer that is not this function's.
func (c *Client) foreign(message string) error {
	return &NoAnswerError{Host: c.base.Host, Code: CodeForeign, Hint: "check that the URL belongs to this function", Err: errors.New(message)}
}
