package record

import (
	"context"
	"encoding/json"
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

// Records reads and writes records in one bucket.
type Records struct{ bucket Bucket }

// NewRecords gives the records of a bucket.
func NewRecords(b Bucket) *Records { return &Records{bucket: b} }

// Write writes a record unless the change already has one, which then stands.
func (r *Records) Write(ctx context.Context, rec Record) error {
	key, ok := objects.RecordKey(rec.ID)
	if !ok {
		return fmt.Errorf("write record: %q is no change id", rec.ID)
	}
	rec.Schema = Schema
	return writeOnce(ctx, r.bucket, key, rec)
}

// Read returns the record of a change; blob.ErrNotFound when it has none.
func (r *Records) Read(ctx context.Context, id string) (Record, error) {
	key, ok := objects.RecordKey(id)
	if !ok {
		return Record{}, fmt.Errorf("read record: %q is no change id: %w", id, blob.ErrNotFound)
	}
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Record{}, fmt.Errorf("read record: %w", err)
	}
	return readRecord(key, id, obj.Data)
}

func readRecord(key, id string, data []byte) (Record, error) {
	var rec Record
	if err := json.Unmarshal(data, &rec); err != nil || rec.Schema != Schema || rec.ID != id {
		return Record{}, fmt.Errorf("read record: %s is not the record of %s (schema %q, id %q)", key, id, rec.Schema, rec.ID)
	}
	return rec, nil
}

// Exists tells whether a change has its record.
func (r *Records) Exists(ctx context.Context, id string) (bool, error) {
	key, ok := objects.RecordKey(id)
	if !ok {
		return false, fmt.Errorf("look for record: %q is no change id", id)
	}
	return exists(ctx, r.bucket, key)
}

// Receipts reads and writes the receipts of change files in one bucket.
type Receipts struct{ bucket Bucket }

// NewReceipts gives the receipts of a bucket.
func NewReceipts(b Bucket) *Receipts { return &Receipts{bucket: b} }

// Write writes a receipt. It tells whether the upload had none: false means
// that another delivery of the same event came first, and its receipt stands.
func (r *Receipts) Write(ctx context.Context, rec Receipt) (first bool, err error) {
	rec.Schema = ReceiptSchema
	rec.LastModified = rec.LastModified.UTC()
	data, err := encode(rec)
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

// Read returns the receipt of an upload; blob.ErrNotFound when it has none.
func (r *Receipts) Read(ctx context.Context, file, eTag string, lastModified time.Time) (Receipt, error) {
	key := objects.ReceiptKey(file, eTag, lastModified)
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil {
		return Receipt{}, fmt.Errorf("read receipt: %w", err)
	}
	return readReceipt(key, file, obj.Data)
}

func readReceipt(key, file string, data []byte) (Receipt, error) {
	var rec Receipt
	if err := json.Unmarshal(data, &rec); err != nil || rec.Schema != ReceiptSchema || rec.File != file {
		return Receipt{}, fmt.Errorf("read receipt: %s is not the receipt of %s (schema %q, file %q)", key, file, rec.Schema, rec.File)
	}
	return rec, nil
}

// Exists tells whether an upload has its receipt.
func (r *Receipts) Exists(ctx context.Context, file, eTag string, lastModified time.Time) (bool, error) {
	return exists(ctx, r.bucket, objects.ReceiptKey(file, eTag, lastModified))
}

func writeOnce(ctx context.Context, b Bucket, key string, v any) error {
	data, err := encode(v)
	if err != nil {
		return err
	}
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

// encode renders for people as much as for programs: records are read in a
// console at night.
func encode(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return append(data, '\n'), nil
}
