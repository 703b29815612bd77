package oss

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path"
	"strings"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// maxBatch is OSS's limit for keys in one DeleteMultipleObjects.
const maxBatch = 1000

// Create writes an object that must not exist yet; package blob says what it
// does about lost answers. If reading back fails too, or the context ends first,
// the error is of kind blob.ErrUnavailable and the object may exist.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if err := s.checkKey(opCreate, key); err != nil {
		return err
	}
	c := putCall(opCreate, key, data)
	c.header["x-oss-forbid-overwrite"] = "true"
	p := newWaits()
	sent := int64(0) // how often the write may have been done, at most
	for {
		_, x, fail := s.send(ctx, c)
		sent += x.conns.Load()
		switch {
		case fail == nil:
			return nil
		case errors.Is(fail, blob.ErrExists):
			if sent <= 1 {
				return fail
			}
			return s.readBack(ctx, c, fail)
		case !errors.Is(fail, blob.ErrUnavailable):
			return fail
		case !p.Wait(ctx):
			if sent == 0 || ctx.Err() != nil {
				return fail
			}
			return s.readBack(ctx, c, fail)
		}
		s.repeats.Add(1)
		// The next send creates the object, or finds it.
	}
}

// readBack compares the object, which this call may have created, with what it
// wrote. last is the error of the last send.
func (s *Store) readBack(ctx context.Context, c call, last *blob.Error) error {
	there, err := s.Get(ctx, c.key, blob.GetOptions{Limit: int64(len(c.body))})
	switch {
	case err == nil && bytes.Equal(there.Data, c.body):
		return nil
	case err == nil, errors.Is(err, blob.ErrTooLarge):
		e := *last
		e.Kind, e.Err = blob.ErrExists, nil
		return &e
	case errors.Is(err, blob.ErrNotFound):
		e := *last
		e.Kind = blob.ErrUnavailable
		e.Detail = strings.TrimPrefix(e.Detail+"; read back, it is not there", "; ")
		return &e
	}
	e := *last
	e.Kind, e.Err = blob.ErrUnavailable, ctx.Err()
	e.Detail = strings.TrimPrefix(e.Detail+"; reading it back: "+err.Error(), "; ")
	return &e
}

// Put writes an object and replaces an existing one. After a lost answer it is
// repeated, so the write may be done more than once.
func (s *Store) Put(ctx context.Context, key string, data []byte) error {
	if err := s.checkKey(opPut, key); err != nil {
		return err
	}
	_, err := s.do(ctx, putCall(opPut, key, data))
	return err
}

func putCall(op, key string, data []byte) call {
	if data == nil {
		data = []byte{}
	}
	return call{
		op: op, method: http.MethodPut, key: key, body: data, limit: documentLimit,
		header: map[string]string{"Content-Type": contentType(key)},
	}
}

func contentType(key string) string {
	switch path.Ext(key) {
	case ".json":
		return "application/json"
	case ".yaml", ".yml":
		return "application/yaml"
	}
	return "application/octet-stream"
}

// Delete removes objects; it is no error if they do not exist. Several keys are
// sent in requests of up to 1000. It stops at the first failure, when some may
// be gone; repeating it is safe.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	var batch []string
	for _, key := range keys {
		if err := s.checkKey(opDelete, key); err != nil {
			return err
		}
	}
	for _, key := range keys {
		// XML cannot contain control characters; the path of a URL can.
		if len(keys) == 1 || strings.ContainsFunc(key, isControl) {
			_, err := s.do(ctx, call{op: opDelete, method: http.MethodDelete, key: key, limit: documentLimit})
			if err != nil {
				return err
			}
			continue
		}
		if batch = append(batch, key); len(batch) == maxBatch {
			if err := s.deleteBatch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return s.deleteBatch(ctx, batch)
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff }

func (s *Store) deleteBatch(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var doc bytes.Buffer
	doc.WriteString("<Delete><Quiet>true</Quiet>")
	for _, key := range keys {
		doc.WriteString("<Object><Key>" + sdk.EscapeXml(key) + "</Key></Object>")
	}
	doc.WriteString("</Delete>")
	_, err := s.do(ctx, call{
		op: opDelete, method: http.MethodPost, params: map[string]any{"delete": nil},
		header: map[string]string{"Content-Type": "application/xml"},
		body:   doc.Bytes(), limit: documentLimit,
	})
	if e, ok := errors.AsType[*blob.Error](err); ok {
		e.Key = keys[0] // the error has room for one
	}
	return err
}
