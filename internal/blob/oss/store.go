package oss

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // Content-MD5 is OSS's integrity check, not a secret
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// The operations as errors name them.
const (
	opGet       = "get"
	opHead      = "head"
	opCreate    = "create"
	opPut       = "put"
	opDelete    = "delete"
	opList      = "list"
	opPreflight = "preflight"
)

const (
	// maxKey is OSS's limit for keys, in bytes.
	maxKey = 1023
	// tryTimeout bounds one send with its answer: the transport's timeouts do not
	// cover a body that stalls.
	tryTimeout = 15 * time.Second
	// documentLimit bounds XML answers; a full page of the longest keys, all
	// escaped, stays under it.
	documentLimit = 8 << 20
)

// Store is one bucket with one set of credentials. Not usable as its zero
// value; call Connector.Bucket.
type Store struct {
	name     string
	bucket   *sdk.Bucket
	observe  func()
	requests atomic.Int64
	repeats  atomic.Int64
	pages    atomic.Int64
}

// Requests is the number of HTTP requests that this store has sent, the
// transport's repetitions included.
func (s *Store) Requests() int64 { return s.requests.Load() }

// Repeats is how many times this store has repeated a request after a temporary
// failure. It does not count the transport's repetitions on a new connection.
func (s *Store) Repeats() int64 { return s.repeats.Load() }

// call is one request to make.
type call struct {
	op     string
	method string
	key    string // "" for the bucket itself
	params map[string]any
	header map[string]string
	body   []byte // nil for none
	limit  int64  // bytes of the answer's body
	spoil  bool   // send a wrong Content-MD5, so that the body is refused
}

// answer is a 2xx answer, read whole.
type answer struct {
	*exchange

	data []byte
	now  time.Time
}

// errLarge: the answer's body exceeds the call's limit.
var errLarge = errors.New("the answer is larger than the limit")

// send makes a call once. The exchange is never nil.
func (s *Store) send(ctx context.Context, c call) (*answer, *exchange, *blob.Error) {
	x := &exchange{}
	if err := ctx.Err(); err != nil {
		return nil, x, s.fail(ctx, c, x, err)
	}
	tryCtx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	tryCtx = withExchange(tryCtx, x, func() {
		s.requests.Add(1)
		s.observe()
	})
	opts := []sdk.Option{sdk.WithContext(tryCtx), sdk.AcceptEncoding("identity")}
	for k, v := range c.header {
		opts = append(opts, sdk.SetHeader(k, v))
	}
	var body io.Reader
	if c.body != nil {
		// The SDK's own EnableMD5 sends an empty body through a temporary file.
		sum := md5.Sum(c.body) //nolint:gosec // see the import
		if c.spoil {
			sum[0] ^= 0xff
		}
		opts = append(opts, sdk.ContentMD5(base64.StdEncoding.EncodeToString(sum[:])))
		body = bytes.NewReader(c.body)
	}
	resp, err := s.bucket.Do(c.method, c.key, c.params, opts, body, nil)
	if err != nil {
		return nil, x, s.fail(ctx, c, x, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if c.body != nil && c.key != "" {
		if err := sdk.CheckCRC(resp, c.op); err != nil {
			return nil, x, s.fail(ctx, c, x, err)
		}
	}
	data, err := readBody(resp, c)
	if errors.Is(err, errLarge) {
		e := s.fail(ctx, c, x, err)
		e.Kind, e.Detail = blob.ErrTooLarge, fmt.Sprintf("more than %d bytes", c.limit)
		return nil, x, e
	}
	if err != nil {
		return nil, x, s.fail(ctx, c, x, err)
	}
	now, ok := serverTime(x)
	if !ok {
		return nil, x, s.fail(ctx, c, x, errors.New("the answer has no valid Date"))
	}
	return &answer{exchange: x, data: data, now: now}, x, nil
}

func readBody(resp *sdk.Response, c call) ([]byte, error) {
	if c.method == "HEAD" {
		return nil, nil
	}
	length := contentLength(resp.Headers)
	if length > c.limit {
		return nil, errLarge
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, c.limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(data)) > c.limit:
		return nil, errLarge
	case length >= 0 && int64(len(data)) != length:
		return nil, io.ErrUnexpectedEOF
	}
	return data, nil
}

// do makes a call that is safe to repeat, until it succeeds, fails permanently,
// or was sent often enough.
func (s *Store) do(ctx context.Context, c call) (*answer, error) {
	p := newWaits()
	for {
		a, _, fail := s.send(ctx, c)
		if fail == nil {
			return a, nil
		}
		if !errors.Is(fail, blob.ErrUnavailable) || !p.Wait(ctx) {
			return nil, fail
		}
		s.repeats.Add(1)
	}
}

// checkKey refuses what OSS would refuse, and the empty key, which would
// address the bucket itself.
func (s *Store) checkKey(op, key string) error {
	var detail string
	switch {
	case key == "":
		detail = "the key is empty"
	case len(key) > maxKey:
		detail = fmt.Sprintf("the key has %d bytes, more than %d", len(key), maxKey)
	case strings.HasPrefix(key, "/"), strings.HasPrefix(key, `\`):
		detail = "a key must not begin with a slash or a backslash"
	case !utf8.ValidString(key):
		detail = "the key is not valid UTF-8"
	default:
		return nil
	}
	return &blob.Error{Op: op, Bucket: s.name, Key: key, Kind: blob.ErrRefused, Detail: detail}
}
