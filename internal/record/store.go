package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/objects"
)

// Bucket is what this package needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Head(ctx context.Context, key string) (blob.Entry, error)
	Create(ctx context.Context, key string, data []byte) error
}

// Records reads and writes the records and notices of one bucket.
type Records struct{ bucket Bucket }

// NewRecords returns the records of a bucket.
func NewRecords(b Bucket) *Records { return &Records{bucket: b} }

// Write writes a record. If the change already has one, that one stays.
func (r *Records) Write(ctx context.Context, rec Record) error {
	key, ok := objects.RecordKey(rec.ID)
	if !ok {
		return fmt.Errorf("write record: %q is no change id", rec.ID)
	}
	data, err := encodeRecord(rec)
	if err != nil {
		return err
	}
	return writeOnce(ctx, r.bucket, key, data)
}

// Read returns the record of a change. It fails with blob.ErrNotFound when there is
// none.
func (r *Records) Read(ctx context.Context, id string) (Record, error) {
	key, ok := objects.RecordKey(id)
	if !ok {
		return Record{}, fmt.Errorf("read record: %q is no change id: %w", id, blob.ErrNotFound)
	}
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Record{}, fmt.Errorf("read record: %w", err)
	}
	return decodeRecord(key, id, obj.Data)
}

// Exists reports whether a change has a record.
func (r *Records) Exists(ctx context.Context, id string) (bool, error) {
	key, ok := objects.RecordKey(id)
	if !ok {
		return false, fmt.Errorf("look for record: %q is no change id", id)
	}
	return exists(ctx, r.bucket, key)
}

// Receipts reads and writes the receipts of change files in one bucket.
type Receipts struct{ bucket Bucket }

// NewReceipts returns the receipts of a bucket.
func NewReceipts(b Bucket) *Receipts { return &Receipts{bucket: b} }

// Write writes a receipt, and reports whether the upload had none. If it has one,
// another delivery of the same event wrote it, and that one stays.
func (r *Receipts) Write(ctx context.Context, rec Receipt) (first bool, err error) {
	data, err := encodeReceipt(rec)
	if err != nil {
		return false, err
	}
	err = r.bucket.Create(ctx, objects.ReceiptKey(rec.File, rec.ETag, rec.LastModified), data)
	if errors.Is(err, blob.ErrExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write receipt: %w", err)
	}
	return true, nil
}

// Read returns the receipt of an upload. It fails with blob.ErrNotFound when there
// is none.
func (r *Receipts) Read(ctx context.Context, file, eTag string, lastModified time.Time) (Receipt, error) {
	key := objects.ReceiptKey(file, eTag, lastModified)
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Receipt{}, fmt.Errorf("read receipt: %w", err)
	}
	return decodeReceipt(key, file, obj.Data)
}

// Exists reports whether an upload has a receipt.
func (r *Receipts) Exists(ctx context.Context, file, eTag string, lastModified time.Time) (bool, error) {
	return exists(ctx, r.bucket, objects.ReceiptKey(file, eTag, lastModified))
}

func writeOnce(ctx context.Context, b Bucket, key string, data []byte) error {
	if err := b.Create(ctx, key, data); err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

func exists(ctx context.Context, b Bucket, key string) (bool, error) {
	_, err := b.Head(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
