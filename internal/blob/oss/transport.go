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
	// Shorter than the server's own limit, so that this side closes first.
	idleTimeout = 20 * time.Second
	// OSS's error documents have about 500 bytes.
	errorLimit = 64 << 10
)

func newTransport(answer time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                 nil, // requests must not go through a proxy that the environment names
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: answer,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConnsPerHost:   32,
		DisableCompression:    true, // a compressed answer has neither ETag nor length
	}
}

// exchange is what one send of one operation observed on the wire, independent
// of how the SDK reports it.
type exchange struct {
	// conns is how many connections the request was given to, which bounds how
	// often it may have had an effect. More than one means that the transport
	// repeated it.
	conns  atomic.Int64
	status int // 0 without an answer
	header http.Header
}

type exchangeKey struct{}

// withExchange counts the requests under the context into x.
func withExchange(ctx context.Context, x *exchange, sent func()) context.Context {
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Called before anything is written, in this goroutine: without this call
		// the request had no effect.
		GotConn: func(httptrace.GotConnInfo) { x.conns.Add(1) },
		// Called by the connection's own goroutine, possibly after a canceled
		// request has returned: it is used to count, not to decide.
		WroteHeaders: sent,
	})
}

// replayer makes the transport repeat a request whose connection was dead,
// bounds error bodies, and notes the answer.
//
// After a freeze the first write on a kept connection fails. net/http then
// repeats a request only if it can get the body again and the request is
// idempotent, which for PUT and POST the header Idempotency-Key declares. With
// no value the header has that effect and is not sent.
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
