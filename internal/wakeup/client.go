package wakeup

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

// Config sets up a Client. Its zero value works.
type Config struct {
	// Endpoint is the URL of Function Compute's API, without a path; "" means the
	// internal address of the account in the function's region, which has no traffic fee.
	Endpoint string
	// Timeout bounds one request and its answer; 0 means 2 s.
	Timeout time.Duration
	// Now is the clock of signatures; nil means time.Now.
	Now func() time.Time
}

// The times of a request: it must not keep an invocation.
const (
	defaultTimeout = 2 * time.Second
	quick          = 500 * time.Millisecond // a failure that came sooner is repeated once
	again          = 50 * time.Millisecond
)

// Client invokes functions by Function Compute's API. Make one per instance with NewClient,
// and with For what invokes the function of an invocation.
type Client struct {
	cfg       Config
	endpoint  *url.URL // nil: by account and region
	transport *http.Transport
}

// NewClient makes a client. It sends nothing.
func NewClient(cfg Config) (*Client, error) {
	c := &Client{cfg: cfg}
	if cfg.Endpoint != "" {
		u, err := endpoint.Parse(cfg.Endpoint)
		if err != nil {
			return nil, fmt.Errorf("the endpoint of Function Compute's API %w", err)
		}
		c.endpoint = u
	}
	if c.cfg.Timeout <= 0 {
		c.cfg.Timeout = defaultTimeout
	}
	if c.cfg.Now == nil {
		c.cfg.Now = time.Now
	}
	c.transport = &http.Transport{
		// No proxy: it would come from the environment, which only the configuration
		// reads, and it would see the credentials' token.
		Proxy:                  nil,
		DialContext:            (&net.Dialer{Timeout: time.Second}).DialContext,
		TLSHandshakeTimeout:    time.Second,
		IdleConnTimeout:        20 * time.Second,
		MaxIdleConnsPerHost:    parallel,
		MaxResponseHeaderBytes: 16 << 10,
		DisableCompression:     true, // the bound of a body must bound what is read
	}
	return c, nil
}

// CloseIdleConnections closes the kept connections.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// Function is a function, and the key with which it is invoked.
type Function struct {
	Name      string
	Qualifier string // the version or alias that was invoked; "" or LATEST for none
	Account   string
	Region    string
	Key       signature.Key
}

// latest is the qualifier that requests without one mean.
const latest = "LATEST"

// valid reports whether the function can be named in a request: the parts come from the
// platform, and become parts of a host name and of a path.
func (f Function) valid() bool {
	return word(f.Name) && (f.Qualifier == "" || word(f.Qualifier)) && change.ValidRegion(f.Region) &&
		word(f.Account) && !strings.ContainsAny(f.Account, "_-") && f.Key.ID != "" && !f.Key.Secret.IsZero()
}

func word(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}

// For gives what invokes a function; nil for one that the platform did not name, such as
// outside of an invocation.
func (c *Client) For(f Function) *Self {
	if !f.valid() {
		return nil
	}
	return &Self{c, f}
}

// Self invokes the function of an invocation.
type Self struct {
	client   *Client
	function Function
}

// Invoke implements Invoker. A request that fails quickly is sent once more: invoking
// the function twice is harmless.
func (s *Self) Invoke(ctx context.Context, delay time.Duration, payload []byte) error {
	began := time.Now()
	failure := s.once(ctx, delay, payload)
	if failure == nil {
		return nil
	}
	if failure.Class != ClassUnavailable || time.Since(began) > quick {
		return failure
	}
	timer := time.NewTimer(again)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return failure
	}
	if failure = s.once(ctx, delay, payload); failure != nil {
		return failure
	}
	return nil
}

// once sends one request.
func (s *Self) once(ctx context.Context, delay time.Duration, payload []byte) *Error {
	ctx, cancel := context.WithTimeout(ctx, s.client.cfg.Timeout)
	defer cancel()
	// The transport alone: http.Client would add redirects and cookies, which must not
	// happen here.
	resp, err := s.client.transport.RoundTrip(s.request(ctx, delay, payload))
	if err != nil {
		return &Error{Class: ClassUnavailable, Err: err}
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode == http.StatusAccepted {
		return nil // whatever its body is
	}
	if err != nil {
		return &Error{Class: ClassUnavailable, Status: resp.StatusCode, Err: err}
	}
	return s.refusal(resp, body)
}

// maxAnswer bounds an answer in bytes. One that is accepted is empty.
const maxAnswer = 16 << 10

// request makes a signed request.
func (s *Self) request(ctx context.Context, delay time.Duration, payload []byte) *http.Request {
	f := s.function
	u := url.URL{Scheme: "https", Host: f.Account + "." + f.Region + "-internal.fc.aliyuncs.com"}
	if s.client.endpoint != nil {
		u = *s.client.endpoint
	}
	u.Path = "/2023-03-30/functions/" + f.Name + "/invocations"
	if f.Qualifier != "" && f.Qualifier != latest {
		u.RawQuery = "qualifier=" + f.Qualifier
	}
	header := signature.Sign(signature.Request{
		Method: http.MethodPost, Host: u.Host, Path: u.Path, Query: u.RawQuery,
		Action: "InvokeFunction", Version: "2023-03-30", ContentType: "application/octet-stream", Body: payload,
		Date: s.client.cfg.Now(), Nonce: rand.Text(),
		Plain: []signature.Header{
			{Name: "Accept", Value: "application/json"},
			{Name: "User-Agent", Value: "sslvpn-change"},
			{Name: "X-Fc-Invocation-Type", Value: "Async"},
			{Name: "X-Fc-Async-Delay", Value: strconv.Itoa(int(delay / time.Second))},
		},
	}, f.Key)
	req := http.Request{
		Method: http.MethodPost, URL: &u, Host: u.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(payload)), ContentLength: int64(len(payload)),
		// A kept connection may have been closed while the instance was frozen.
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(payload)), nil },
	}
	return req.WithContext(ctx)
}

// refusal classifies an answer that accepts nothing.
func (s *Self) refusal(resp *http.Response, body []byte) *Error {
	var said struct {
		Code         string `json:"Code"`
		Message      string `json:"Message"`
		ErrorCode    string `json:"ErrorCode"` // as older versions of the API name them
		ErrorMessage string `json:"ErrorMessage"`
	}
	_ = json.Unmarshal(body, &said) // a gateway's answer may be no JSON
	e := &Error{
		Class: ClassRefused, Status: resp.StatusCode, RequestID: bounded(resp.Header.Get("X-Fc-Request-Id")),
		Code: bounded(said.Code + said.ErrorCode), Message: bounded(s.function.Key.Scrub(said.Message + said.ErrorMessage)),
	}
	switch {
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		e.Class = ClassDenied
	case e.Status == http.StatusTooManyRequests, e.Status >= http.StatusInternalServerError:
		e.Class = ClassUnavailable
	}
	return e
}

// bounded cuts a text of the platform to a readable length.
func bounded(s string) string {
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
