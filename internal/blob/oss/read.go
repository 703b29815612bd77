package oss

import (
	"context"
	"hash/crc64"
	"net/http"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// Get reads an object. Its length and CRC-64 are compared with what the
// server says; a difference is a broken answer and is tried again.
func (s *Store) Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error) {
	if err := s.checkKey(opGet, key); err != nil {
		return blob.Object{}, err
	}
	c := call{op: opGet, method: http.MethodGet, key: key, limit: opts.Limit}
	if c.limit <= 0 {
		c.limit = blob.DefaultLimit
	}
	if opts.IfMatch != "" {
		c.header = map[string]string{"If-Match": `"` + opts.IfMatch + `"`}
	}
	p := newWaits()
	for {
		a, err := s.do(ctx, c)
		if err != nil {
			return blob.Object{}, err
		}
		if want := a.header.Get(sdk.HTTPHeaderOssCRC64); want == "" || want == checksum(a.data) {
			return blob.Object{Entry: entry(key, a.header, int64(len(a.data))), Data: a.data, Now: a.now}, nil
		}
		if !p.Wait(ctx) {
			e := s.fail(ctx, c, a.exchange, errChecksum)
			return blob.Object{}, e
		}
		s.repeats.Add(1)
	}
}

// Head describes an object without reading it.
func (s *Store) Head(ctx context.Context, key string) (blob.Entry, error) {
	if err := s.checkKey(opHead, key); err != nil {
		return blob.Entry{}, err
	}
	a, err := s.do(ctx, call{op: opHead, method: http.MethodHead, key: key})
	if err != nil {
		return blob.Entry{}, err
	}
	return entry(key, a.header, contentLength(a.header)), nil
}

func entry(key string, h http.Header, size int64) blob.Entry {
	modified, _ := time.Parse(time.RFC1123, h.Get("Last-Modified"))
	return blob.Entry{Key: key, ETag: bareTag(h.Get("ETag")), Size: size, LastModified: modified.UTC()}
}

func bareTag(tag string) string { return strings.ToUpper(strings.Trim(tag, `"`)) }

// contentLength is -1 when the answer does not say.
func contentLength(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func checksum(data []byte) string {
	return strconv.FormatUint(crc64.Checksum(data, crc64.MakeTable(crc64.ECMA)), 10)
}
