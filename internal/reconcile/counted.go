package reconcile

import (
	"context"
	"sync/atomic"

	"sslvpnchange/internal/blob"
)

// counted is a bucket that counts its requests, for the cost in records.
type counted struct {
	Bucket

	n *atomic.Int64
}

func (c *counted) Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error) {
	c.n.Add(1)
	return c.Bucket.Get(ctx, key, opts)
}

func (c *counted) Head(ctx context.Context, key string) (blob.Entry, error) {
	c.n.Add(1)
	return c.Bucket.Head(ctx, key)
}

func (c *counted) Create(ctx context.Context, key string, data []byte) error {
	c.n.Add(1)
	return c.Bucket.Create(ctx, key, data)
}

func (c *counted) Put(ctx context.Context, key string, data []byte) error {
	c.n.Add(1)
	return c.Bucket.Put(ctx, key, data)
}

func (c *counted) Delete(ctx context.Context, keys ...string) error {
	c.n.Add(1)
	return c.Bucket.Delete(ctx, keys...)
}

func (c *counted) List(ctx context.Context, opts blob.ListOptions) (blob.Page, error) {
	c.n.Add(1)
	return c.Bucket.List(ctx, opts)
}
