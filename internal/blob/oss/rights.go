package oss

import (
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// errStored: the store does not compare Content-MD5 with the body.
var errStored = errors.New("the store accepted a body that Content-MD5 does not match")

// codeDigest is the code of the refusal of a body that Content-MD5 does not match.
const codeDigest = "InvalidDigest"

// MayPut reports whether the credentials have the right to write an object: nil if they
// have it, an error of kind blob.ErrDenied if not. It writes nothing, because the digest
// that it sends does not match the body. OSS checks the digest before it stores
// anything, and the right before the digest (reference page of PutObject).
func (s *Store) MayPut(ctx context.Context, key string) error {
	if err := s.checkKey(opPut, key); err != nil {
		return err
	}
	c := putCall(opPut, key, []byte("x"))
	c.spoil = true
	a, err := s.do(ctx, c)
	if e, ok := errors.AsType[*blob.Error](err); ok && e.Code == codeDigest {
		return nil
	}
	if err == nil {
		return s.fail(ctx, c, a.exchange, errStored)
	}
	return err
}
