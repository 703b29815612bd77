package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Bucket is what this package needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Records reads and writes the records and notices of one bucket.
type Records struct {
	Log *slog.Logger // of objects that are at the key of a record and are none; nil for nowhere

	bucket Bucket
}

// NewRecords returns the records of a bucket.
func NewRecords(b Bucket) *Records { return &Records{bucket: b} }

// Write writes a record. If the change already has one, that one stays. If there
// is another object at the record's key, that one stays too, and the record is
// written beside it: no object of others may hide how a change ended. It returns the
// record that is stored.
func (r *Records) Write(ctx context.Context, rec Record) (Record, error) {
	data, err := encodeRecord(rec)
	if err != nil {
		return Record{}, err
	}
	for n := range objects.MaxRecordKeys {
		key, ok := objects.RecordKeyBeside(rec.ID, n+1)
		if !ok {
			return Record{}, fmt.Errorf("write record: %q is no change id", rec.ID)
		}
		err = r.bucket.Create(ctx, key, data)
		if err == nil {
			return rec, nil
		}
		if !errors.Is(err, blob.ErrExists) {
			return Record{}, fmt.Errorf("write record: %w", err)
		}
		stored, who, err := r.get(ctx, key, rec.ID, rec.Identity)
		if err != nil {
			return Record{}, fmt.Errorf("write record: %w", err)
		}
		if who == itsOwn {
			return stored, nil
		}
		r.report(ctx, key, rec.ID)
	}
	return Record{}, fmt.Errorf("write record of %s: there are other objects at all its keys", rec.ID)
}

// ErrDamaged says that the object at a record's key may be the record, but
// cannot be read.
var ErrDamaged = errors.New("the object may be the record, and cannot be read: restore it, or delete it if it is not")

// Of returns the record of a change by its id and identity. Another object at the
// record's key is not the record, whatever it says. An empty identity stands for
// any that the id is made from. Of fails with blob.ErrNotFound when there is no
// record, and with ErrDamaged when that cannot be decided.
func (r *Records) Of(ctx context.Context, id, identity string) (Record, error) {
	failed := blob.ErrNotFound
	for n := range objects.MaxRecordKeys {
		key, ok := objects.RecordKeyBeside(id, n+1)
		if !ok {
			return Record{}, fmt.Errorf("read record: %q is no change id: %w", id, blob.ErrNotFound)
		}
		rec, who, err := r.get(ctx, key, id, identity)
		switch {
		case errors.Is(err, blob.ErrNotFound):
			return Record{}, fmt.Errorf("read record of %s: %w", id, failed)
		case err != nil:
			return Record{}, fmt.Errorf("read record: %w", err)
		case who == itsOwn:
			return rec, nil
		case who == unclear:
			failed = fmt.Errorf("%s: %w", key, ErrDamaged)
		case who == foreign:
			r.report(ctx, key, id)
		}
	}
	return Record{}, fmt.Errorf("read record of %s: %w", id, failed)
}

// Read returns the record of a change by its id. It fails as Of does.
func (r *Records) Read(ctx context.Context, id string) (Record, error) { return r.Of(ctx, id, "") }

// Has reports whether a change has its record: see Of.
func (r *Records) Has(ctx context.Context, id, identity string) (bool, error) {
	_, err := r.Of(ctx, id, identity)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// IDs lists the ids of records that a typed id can stand for: the first ones, if
// there are many.
func (r *Records) IDs(ctx context.Context, typed change.Typed) ([]string, error) {
	prefix, ok := objects.RecordsPrefix(typed.Prefix())
	if !ok {
		return nil, nil
	}
	page, err := r.bucket.List(ctx, blob.ListOptions{Prefix: prefix})
	if err != nil {
		return nil, fmt.Errorf("list records: %w", err)
	}
	var ids []string
	for _, e := range page.Entries {
		if id, ok := objects.RecordID(e.Key); ok && typed.Matches(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (r *Records) get(ctx context.Context, key, id, identity string) (Record, whose, error) {
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if errors.Is(err, blob.ErrTooLarge) {
		return Record{}, foreign, nil // records are far smaller
	}
	if err != nil {
		return Record{}, unclear, err
	}
	rec, who := judge(key, id, identity, obj.Data)
	return rec, who, nil
}

func (r *Records) report(ctx context.Context, key, id string) {
	if r.Log != nil {
		r.Log.ErrorContext(ctx, "object is not the record of its change", slog.String("key", key), slog.String("change", id))
	}
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

// ErrNotReceipt says that the object at a receipt's key is not the receipt of this
// upload, or is damaged.
var ErrNotReceipt = errors.New("the object is not the upload's receipt")

// Read returns the receipt of an upload. It fails with blob.ErrNotFound when there
// is none, and with ErrNotReceipt when there is another object.
func (r *Receipts) Read(ctx context.Context, file, eTag string, lastModified time.Time) (Receipt, error) {
	key := objects.ReceiptKey(file, eTag, lastModified)
	obj, err := r.bucket.Get(ctx, key, blob.GetOptions{})
	if errors.Is(err, blob.ErrTooLarge) {
		return Receipt{}, fmt.Errorf("read receipt: %s: %w", key, ErrNotReceipt)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("read receipt: %w", err)
	}
	rec, err := decodeReceipt(key, file, obj.Data)
	if err == nil && (rec.ETag != eTag || !rec.LastModified.Equal(lastModified)) {
		err = fmt.Errorf("read receipt: %s is the receipt of another upload: %w", key, ErrNotReceipt)
	}
	return rec, err
}

// Bounds of Uploads and Accepted: pages that are listed, and receipts that are read.
const (
	maxReceiptPages = 10
	maxReceiptReads = 16
)

// Uploads lists when a file was uploaded with a content, as far as these uploads have a
// receipt, in order. It costs one request for each thousand receipts of the file.
func (r *Receipts) Uploads(ctx context.Context, file, eTag string) ([]time.Time, error) {
	var out []time.Time
	after := ""
	for range maxReceiptPages {
		page, err := r.bucket.List(ctx, blob.ListOptions{Prefix: objects.ReceiptsOf(file), After: after})
		if err != nil {
			return nil, fmt.Errorf("list the receipts of %s: %w", file, err)
		}
		for _, e := range page.Entries {
			if at, ok := objects.ParseReceiptKey(e.Key, file, eTag); ok {
				out = append(out, at)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return out, nil
}

// Accepted returns the receipt of the last of these uploads of a file that was accepted;
// nil when there is none. It costs one request for each that it reads.
func (r *Receipts) Accepted(ctx context.Context, file, eTag string, uploads []time.Time) (*Receipt, error) {
	for _, at := range slices.Backward(uploads[max(0, len(uploads)-maxReceiptReads):]) {
		rec, err := r.Read(ctx, file, eTag, at)
		switch {
		case errors.Is(err, blob.ErrNotFound), errors.Is(err, ErrNotReceipt):
		case err != nil:
			return nil, err
		case rec.Status == FileAccepted:
			return &rec, nil
		}
	}
	return nil, nil //nolint:nilnil // no receipt is an answer, not an error
}

// Newest reads the receipts of the last uploads of a file, the newest first, at most n.
// Objects at their keys that are no receipts are left out. It costs one request for each
// thousand receipts of the file, and one for each that it reads.
func (r *Receipts) Newest(ctx context.Context, file string, n int) ([]Receipt, error) {
	var keys []string
	after := ""
	for range maxReceiptPages {
		page, err := r.bucket.List(ctx, blob.ListOptions{Prefix: objects.ReceiptsOf(file), After: after})
		if err != nil {
			return nil, fmt.Errorf("list the receipts of %s: %w", file, err)
		}
		for _, e := range page.Entries {
			if _, _, ok := objects.ReceiptUpload(e.Key, file); ok {
				keys = append(keys, e.Key)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	var out []Receipt
	for _, key := range slices.Backward(keys[max(0, len(keys)-n):]) {
		eTag, at, _ := objects.ReceiptUpload(key, file)
		rec, err := r.Read(ctx, file, eTag, at)
		switch {
		case errors.Is(err, blob.ErrNotFound), errors.Is(err, ErrNotReceipt):
		case err != nil:
			return nil, err
		default:
			out = append(out, rec)
		}
	}
	return out, nil
}

// Has reports whether an upload has a receipt. An object at its key that is not
// this upload's receipt does not count.
func (r *Receipts) Has(ctx context.Context, file, eTag string, lastModified time.Time) (bool, error) {
	_, err := r.Read(ctx, file, eTag, lastModified)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, ErrNotReceipt) {
		return false, nil
	}
	return err == nil, err
}

func writeOnce(ctx context.Context, b Bucket, key string, data []byte) error {
	if err := b.Create(ctx, key, data); err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("write notice: %w", err)
	}
	return nil
}
