package sslvpn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"sslvpnchange/internal/backoff"
)

// request is one call of the API before it is signed.
type request struct {
	action action
	region string
	params url.Values // without RegionId
}

// The retries of a read: at most two more, each after a wait of 0 to 200 ms,
// doubling up to 2 s.
const (
	readRetries   = 2
	readFirstWait = 200 * time.Millisecond
	readMaxWait   = 2 * time.Second
)

// read sends a request that changes nothing, and sends it again while the API
// is unavailable. Throttling is left to the caller, who knows what else is
// asked of the API.
func read[T any](ctx context.Context, c *Client, r request, accept func(node) (T, error)) (T, error) {
	cfg := backoff.Config{First: readFirstWait, Max: readMaxWait, Retries: readRetries}
	if deadline, ok := ctx.Deadline(); ok {
		cfg.Until = deadline.Add(-c.cfg.Reserve)
	}
	waits := backoff.New(cfg)
	for {
		reply, err := send(ctx, c, r, accept)
		e, failed := errors.AsType[*Error](err)
		if !failed || e.Class != ClassUnavailable || !waits.Wait(ctx) {
			return reply, err
		}
	}
}

// send signs and sends one request, once, and tells the observer. What accept
// makes of a 2xx is the result; what it refuses cannot be the API's success.
func send[T any](ctx context.Context, c *Client, r request, accept func(node) (T, error)) (T, error) {
	var reply T
	if failure := c.check(r); failure != nil {
		return reply, failure
	}
	call := Call{At: time.Now(), Action: string(r.action)}
	a, failure := c.exchange(ctx, r)
	if failure == nil {
		var err error
		if reply, err = accept(a.reply); err != nil {
			failure = a.foreign(err)
		}
	}
	call.Duration = time.Since(call.At)
	call.HTTPStatus, call.RequestID = a.status, a.requestID
	if failure == nil {
		c.observe(call)
		return reply, nil
	}
	call.Code, call.Class = failure.Code, failure.Class
	c.observe(call)
	return *new(T), failure
}

// check refuses what cannot be sent.
func (c *Client) check(r request) *Error {
	if !validRegion(r.region) {
		return refuse(r.action, fmt.Sprintf("RegionId %.60q is not a region such as cn-hangzhou", r.region))
	}
	if c.creds.AccessKeyID == "" || c.creds.AccessKeySecret.IsZero() {
		return &Error{Class: ClassCredentials, Action: string(r.action), Message: "no credentials to sign the request with"}
	}
	return nil
}

// exchange is one request and its answer, read to its end.
func (c *Client) exchange(ctx context.Context, r request) (answer, *Error) {
	a := answer{action: r.action, creds: c.creds, now: c.cfg.Now()}
	var connected atomic.Bool
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), r)
	if err != nil {
		return a, refuse(r.action, err.Error())
	}
	client := c.reads
	if r.action == modifyServer {
		client = c.writes
	}
	resp, err := client.Do(req)
	if err != nil {
		return a, a.lost(err, connected.Load())
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	a.status, a.header = resp.StatusCode, resp.Header
	return a, a.receive(resp.Body)
}

// newRequest builds and signs a request: always a POST, because net/http
// repeats a GET by itself, with the same nonce, when a kept connection breaks.
func (c *Client) newRequest(ctx context.Context, r request) (*http.Request, error) {
	u := regionEndpoint(r.region)
	if c.endpoint != nil {
		e := *c.endpoint
		u = &e
	}
	query := url.Values{"RegionId": {r.region}}
	maps.Copy(query, r.params)
	u.RawQuery = encodeQuery(query)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "sslvpn-change")
	req.Header.Set("X-Acs-Action", string(r.action))
	req.Header.Set("X-Acs-Version", apiVersion)
	req.Header.Set("X-Acs-Date", c.cfg.Now().UTC().Format("2006-01-02T15:04:05Z"))
	req.Header.Set("X-Acs-Signature-Nonce", c.cfg.Nonce())
	req.Header.Set("X-Acs-Content-Sha256", emptySHA256)
	// The vendor's SDKs say so too which kind of credentials signs.
	req.Header.Set("X-Acs-Credentials-Provider", "static_ak")
	if !c.creds.SecurityToken.IsZero() {
		req.Header.Set("X-Acs-Credentials-Provider", "static_sts")
		req.Header.Set("X-Acs-Accesskey-Id", c.creds.AccessKeyID)
		req.Header.Set("X-Acs-Security-Token", c.creds.SecurityToken.Reveal())
	}
	sign(req, c.creds)
	return req, nil
}
