package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

// The bounds of one request.
const (
	requestTimeout = 8 * time.Second // with its answer
	connectTimeout = 3 * time.Second
	maxAnswer      = 64 << 10 // bytes of an answer that are read
	maxHeader      = 16 << 10
)

// ClientOptions are for tests and the local cloud. The zero value is for production.
type ClientOptions struct {
	// Loopback is the local cloud's endpoint, such as http://127.0.0.1:9004. All
	// allowed requests then go there by plain http, with the original host in Host,
	// and X-Forwarded-Proto: https.
	Loopback string
	// Timeout bounds a request and its answer; 0 means 8 s.
	Timeout time.Duration
	// Resolver resolves hostnames; nil means the system's.
	Resolver *net.Resolver
}

// Client sends requests to chat platforms only. Make one for an instance with
// NewClient.
type Client struct {
	http     *http.Client
	loopback string // host and port; "" in production
}

var _ chat.Doer = (*Client)(nil)

// NewClient makes a client. It fails when Loopback is no endpoint of a local
// cloud.
func NewClient(o ClientOptions) (*Client, error) {
	fits, host := public, ""
	if o.Loopback != "" {
		u, err := endpoint.ParseLocal(o.Loopback)
		if err != nil {
			return nil, fmt.Errorf("the chat endpoint %w", err)
		}
		fits, host = loopback, u.Host
	}
	if o.Timeout <= 0 {
		o.Timeout = requestTimeout
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Resolver: o.Resolver, Control: guard(fits)}
	return &Client{loopback: host, http: &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve names itself and bypass the guard
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    connectTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // so that maxAnswer bounds what is decoded, too
			// An idle connection may be closed while the instance is frozen, and there
			// are few answers.
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Do sends a request to an allowed destination. It fails with *chat.SendError,
// and so does reading the answer, which ends after 64 KiB. Redirects are
// returned, not followed.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	to, ok := check(r)
	if !ok {
		if r.Body != nil {
			_ = r.Body.Close() // as net/http does with requests that it does not send
		}
		return nil, &chat.SendError{Code: chat.CodeAddressRefused, Message: "the reply address does not belong to the chat platform; nothing was sent"}
	}
	out := r.Clone(r.Context())
	out.URL, out.Host = to, to.Host
	if c.loopback != "" {
		out.URL.Scheme, out.URL.Host = "http", c.loopback
		if out.Header == nil {
			out.Header = http.Header{}
		}
		out.Header.Set("X-Forwarded-Proto", "https")
	}
	resp, err := c.http.Do(out) //nolint:gosec // G704: check is the validation that the rule requires
	if err != nil {
		return nil, lost(err)
	}
	resp.Body = &answer{resp.Body, io.LimitReader(resp.Body, maxAnswer)}
	return resp, nil
}

// answer is the body of an answer, cut at maxAnswer.
type answer struct {
	io.Closer

	cut io.Reader
}

// Read fails with *chat.SendError.
func (a *answer) Read(p []byte) (int, error) {
	n, err := a.cut.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = lost(err)
	}
	return n, err
}

// lost classifies a failure, and drops its text, which contains the address.
func lost(err error) *chat.SendError {
	timeout, _ := errors.AsType[net.Error](err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &chat.SendError{Again: true, Code: chat.CodeCertificate, Message: "the chat platform's certificate is invalid: something intercepts the connection"}
	}
	switch {
	case errors.Is(err, errGuarded):
		return &chat.SendError{Again: true, Code: chat.CodePrivateAddress, Message: "DNS resolved the chat platform's hostname to a non-public address; nothing was sent"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), timeout != nil && timeout.Timeout():
		return &chat.SendError{Again: true, Code: chat.CodeTimeout, Message: "the chat platform did not answer in time"}
	default:
		return &chat.SendError{Again: true, Code: chat.CodeNoAnswer, Message: fmt.Sprintf("the chat platform could not be reached, or its answer broke off (%s)", kind(err))}
	}
}

// kind names a network failure, without the address.
func kind(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "its hostname cannot be resolved"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op
	}
	return "protocol"
}
