package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"sslvpnchange/internal/chat"
)

// The bounds of one request.
const (
	requestTimeout = 8 * time.Second // with its answer
	connectTimeout = 3 * time.Second
	maxAnswer      = 64 << 10 // bytes of an answer that are read
	maxHeader      = 16 << 10
)

// ClientOptions change where a Client sends. The zero value is for production.
type ClientOptions struct {
	// Loopback is where the local cloud is, such as http://127.0.0.1:9004. What
	// may be sent is then sent there and nowhere else, by plain http, with the
	// host that it was for in Host and X-Forwarded-Proto: https.
	Loopback string
	// Timeout bounds a request with its answer; 0 for 8 s.
	Timeout time.Duration
	// Resolver resolves the names of hosts; nil for the system's.
	Resolver *net.Resolver
}

// Client sends requests to chat platforms and to nobody else. Make one for an
// instance with NewClient.
type Client struct {
	http     *http.Client
	loopback string // host and port; "" in production
}

var _ chat.Doer = (*Client)(nil)

// NewClient makes a client. It fails when Loopback is no loopback address.
func NewClient(o ClientOptions) (*Client, error) {
	fits, host := public, ""
	if o.Loopback != "" {
		u, err := url.Parse(o.Loopback)
		if err != nil || u.Scheme != "http" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" ||
			u.Fragment != "" || !isLoopback(u.Hostname()) {
			return nil, errors.New("the chat endpoint is for a local cloud: http, a loopback address and a port, such as http://127.0.0.1:9004")
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
			Proxy:                  nil, // a proxy would resolve names itself, past the guard
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    connectTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // the bound of an answer must bound what is read
			// A kept connection may have been closed while the instance was frozen,
			// and answers are few.
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Do sends a request whose address is allowed. It fails with *chat.SendError,
// and so does reading the answer, which ends after 64 KiB. A redirect is an
// answer like any other.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	to, ok := check(r)
	if !ok {
		if r.Body != nil {
			_ = r.Body.Close() // as net/http does with what it does not send
		}
		return nil, &chat.SendError{Code: codeAddressRefused, Message: "the reply address is none of the chat platform's; nothing was sent"}
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
	resp, err := c.http.Do(out) //nolint:gosec // G704: check is what the rule asks for
	if err != nil {
		return nil, lost(err)
	}
	resp.Body = &answer{resp.Body, io.LimitReader(resp.Body, maxAnswer)}
	return resp, nil
}

// answer is the body of an answer, cut to a bound.
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

// lost says what a failure means, without what the failure says: its text
// names the address.
func lost(err error) *chat.SendError {
	timeout, _ := errors.AsType[net.Error](err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &chat.SendError{Again: true, Code: codeCertificate, Message: "the chat platform's certificate is not valid: something stands between it and the function"}
	}
	switch {
	case errors.Is(err, errGuarded):
		return &chat.SendError{Again: true, Code: codePrivateAddress, Message: "the name server gives the chat platform an address that is none of the Internet's; nothing was sent"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), timeout != nil && timeout.Timeout():
		return &chat.SendError{Again: true, Code: codeTimeout, Message: "the chat platform did not answer in time"}
	default:
		return &chat.SendError{Again: true, Code: codeNoAnswer, Message: fmt.Sprintf("the chat platform cannot be reached, or broke off (%s)", kind(err))}
	}
}

// kind names a failure of the network without anybody's address.
func kind(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "its name is not known"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op
	}
	return "protocol"
}
