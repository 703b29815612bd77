package oss

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

const (
	connectTimeout = 2 * time.Second
	// A peer drops idle connections sooner or later; ours go first.
	idleTimeout = 20 * time.Second
	// OSS's error documents have about 500 bytes.
	errorLimit = 64 << 10
)

func newTransport(answer time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                 nil, // signatures must not travel through whatever the environment names
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: answer,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConnsPerHost:   32,
		DisableCompression:    true, // a compressed answer has neither ETag nor length
	}
}

// exchange is what one try of one operation saw on the wire, whatever the SDK
// makes of it.
type exchange struct {
	// conns is how many connections the request was handed to: at most so many
	// times it may have had an effect. More than one means that the transport
	// replayed it.
	conns  atomic.Int64
	status int // 0 without an answer
	header http.Header
}

type exchangeKey struct{}

// withExchange has the requests under the context counted into x.
func withExchange(ctx context.Context, x *exchange, sent func()) context.Context {
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Called before anything is written, in this goroutine: a request that
		// never got here had no effect for sure.
		GotConn: func(httptrace.GotConnInfo) { x.conns.Add(1) },
		// Called by the connection's own goroutine, maybe after a canceled
		// request has returned: good for counting, not for deciding.
		WroteHeaders: sent,
	})
}

// replayer lets the transport replay a request whose connection turned out to
// be dead, bounds error bodies, and notes the answer.
//
// After a freeze the first write on a kept connection fails. net/http repeats
// a request then only if it can get the body again and the request counts as
// idempotent, which for PUT and POST an Idempotency-Key says; present without a
// value, the header counts and is not sent.
type replayer struct{ next http.RoundTripper }

func (r *replayer) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Header["Idempotency-Key"] = []string{}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("read the request body: %w", err)
		}
		out.ContentLength = int64(len(body))
		out.GetBody = func() (io.ReadCloser, error) {
			if len(body) == 0 {
				return http.NoBody, nil
			}
			return io.NopCloser(bytes.NewReader(body)), nil
		}
		out.Body, _ = out.GetBody()
	}
	resp, err := r.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if x, ok := req.Context().Value(exchangeKey{}).(*exchange); ok {
		x.status, x.header = resp.StatusCode, resp.Header
	}
	if resp.StatusCode/100 != 2 {
		resp.Body = limitedBody{io.LimitReader(resp.Body, errorLimit), resp.Body}
	}
	return resp, nil
}

type limitedBody struct {
	io.Reader
	io.Closer
}
