package sslvpn

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
)

const apiVersion = "2016-04-28"

// request is one call of the API before it is signed.
type request struct {
	action action
	region string
	params []param // without RegionId
	passed string  // the code of the error that is this request's success; "" for none
	again  bool    // it was sent before, and failed
}

// The retries of a read: at most two more, each after a wait of 0 to 200 ms,
// doubling up to 2 s.
const (
	readRetries   = 2
	readFirstWait = 200 * time.Millisecond
	readMaxWait   = 2 * time.Second
)

// read sends a request that changes nothing, and repeats it while the API is
// unavailable. Throttling is left to the caller, which knows its other calls. Accept
// is called for every answer, and the last call counts.
func (c *Client) read(ctx context.Context, r request, accept func(node) error) error {
	cfg := backoff.Config{First: readFirstWait, Max: readMaxWait, Retries: readRetries}
	if deadline, ok := ctx.Deadline(); ok {
		cfg.Until = deadline.Add(-c.cfg.Reserve)
	}
	waits := backoff.New(cfg)
	for {
		err := c.send(ctx, r, accept)
		e, failed := errors.AsType[*Error](err)
		// A name server may say once by mistake that a host does not exist.
		again := failed && (e.Class == ClassUnavailable || isNoHost(e.Err))
		if !again || !waits.Wait(ctx) {
			return err
		}
		r.again = true
	}
}

// send signs and sends one request, once, and calls the observer. Accept reads the
// result from a 2xx; if it fails, the answer is not the API's success response.
func (c *Client) send(ctx context.Context, r request, accept func(node) error) error {
	if failure := c.check(r); failure != nil {
		return failure
	}
	call := Call{At: time.Now(), Action: string(r.action), Again: r.again}
	a, failure := c.exchange(ctx, r)
	switch {
	case failure != nil && r.passed != "" && failure.Code == r.passed:
		failure = nil
	case failure == nil:
		if err := accept(a.reply); err != nil {
			failure = a.foreign(err)
		}
	}
	call.Duration = time.Since(call.At)
	call.HTTPStatus, call.RequestID = a.status, a.requestID
	if failure == nil {
		c.observe(call)
		return nil
	}
	call.Code, call.Class = failure.Code, failure.Class
	c.observe(call)
	return failure
}

// check refuses a request that cannot be sent.
func (c *Client) check(r request) *Error {
	// The region becomes part of a host name.
	if !change.ValidRegion(r.region) || !c.regions.Has(r.region) {
		e := refuse(r.action, fmt.Sprintf("RegionId %.60q is not a region of the VPC API that the function knows; nothing was sent", r.region))
		e.Code = codeNoRegion
		return e
	}
	if c.creds.AccessKeyID == "" || c.creds.AccessKeySecret.IsZero() {
		return &Error{Class: ClassCredentials, Action: string(r.action), Message: "no credentials to sign the request with"}
	}
	return nil
}

// exchange is one request and its answer, read to its end.
func (c *Client) exchange(ctx context.Context, r request) (answer, *Error) {
	a := answer{action: r.action, creds: c.creds, now: c.cfg.Now(), regional: c.endpoint == nil && !central(r.region)}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	transport := c.reads
	if r.action == modifyServer {
		transport = c.writes
	}
	// The transport alone: http.Client would add redirects and cookies, which
	// must not happen here.
	resp, err := transport.RoundTrip(c.newRequest(ctx, r))
	if err != nil {
		return a, a.lost(err, connected.Load())
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	a.status, a.header = resp.StatusCode, resp.Header
	return a, a.receive(resp)
}

// newRequest builds and signs a request: always a POST, because net/http
// repeats a GET by itself, with the same nonce, when a kept connection breaks.
func (c *Client) newRequest(ctx context.Context, r request) *http.Request {
	u := c.endpointOf(r.region)
	u.RawQuery = encodeQuery(append(r.params, param{"RegionId", r.region}))
	h := signature.Sign(signature.Request{
		Method: http.MethodPost, Host: u.Host, Path: u.Path, Query: u.RawQuery,
		Action: string(r.action), Version: apiVersion, Date: c.cfg.Now(), Nonce: c.cfg.Nonce(),
		Plain: []signature.Header{{Name: "Accept", Value: "application/json"}, {Name: "User-Agent", Value: "sslvpn-change"}},
	}, c.creds.key())
	req := http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: h, Body: http.NoBody,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(ctx)
}

// endpointOf is a new URL of the endpoint that serves a region.
func (c *Client) endpointOf(region string) *url.URL {
	if c.endpoint == nil {
		return regionEndpoint(region)
	}
	u := *c.endpoint
	return &u
}
