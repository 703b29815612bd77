package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Bucket is what an index needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Index is the index in one bucket.
type Index struct {
	bucket Bucket
	log    *slog.Logger
}

// New returns the index of a bucket.
func New(b Bucket, log *slog.Logger) *Index { return &Index{bucket: b, log: log} }

// Add writes the row of a record. Writing it again is success. It costs one request.
//
// A function whose role lacks the right goes on without the row: a change must end. The
// index is rebuilt when the right is there.
func (x *Index) Add(ctx context.Context, r Row) error {
	// The key has everything. The content is for people who look at the object.
	data, err := json.Marshal(listedRow{r.ID, r.EndedAt.UnixMilli(), r.stored()})
	if err != nil {
		return fmt.Errorf("index %s: %w", r.ID, err)
	}
	err = x.bucket.Create(ctx, r.key(), data)
	switch {
	case err == nil, errors.Is(err, blob.ErrExists):
		return nil
	case errors.Is(err, blob.ErrDenied):
		x.log.ErrorContext(ctx, "row of the index not permitted", slog.String("change", r.ID), slog.Any("error", err))
		return nil
	default:
		return fmt.Errorf("index %s: %w", r.ID, err)
	}
}

// Replace writes the row of the record that is stored, and deletes the row of one that is
// not: another record of the change was there first.
func (x *Index) Replace(ctx context.Context, wrong, right Row) error {
	if wrong.key() == right.key() {
		return nil
	}
	if err := x.Add(ctx, right); err != nil {
		return err
	}
	return x.bucket.Delete(ctx, wrong.key())
}

// Fill writes rows as parts, without a look at what the index has: rows that it has
// already are merged later. The rows are in any order.
func (x *Index) Fill(ctx context.Context, rows []Row) error {
	_, err := x.write(ctx, rows)
	return err
}

// write writes rows as parts, and returns their keys. It sorts the rows.
func (x *Index) write(ctx context.Context, rows []Row) ([]string, error) {
	slices.SortFunc(rows, compare)
	rows = slices.CompactFunc(rows, func(a, b Row) bool { return compare(a, b) == 0 })
	var keys []string
	for len(rows) > 0 {
		// From the oldest row on, parts are full: the newest part grows.
		n := max(0, len(rows)-PartRows)
		key, err := x.writePart(ctx, rows[n:])
		if err != nil {
			return keys, err
		}
		keys, rows = append(keys, key), rows[:n]
	}
	return keys, nil
}

// writePart writes one part. Its key has the hash of its content, so an object that is
// there already is the same.
func (x *Index) writePart(ctx context.Context, rows []Row) (key string, err error) {
	data, err := encodePart(rows)
	if err != nil {
		return "", fmt.Errorf("encode a part of the index: %w", err)
	}
	key = objects.PartKey(objects.Part{
		Newest: rows[0].EndedAt, Oldest: rows[len(rows)-1].EndedAt, Rows: len(rows), Hash: objects.HashOf(data),
	})
	if err := x.bucket.Create(ctx, key, data); err != nil && !errors.Is(err, blob.ErrExists) {
		return "", fmt.Errorf("write a part of the index: %w", err)
	}
	return key, nil
}

// PartRows bounds the rows of a part: a search decodes whole parts.
const PartRows = 2000

// storedAs is a part of the index with its key.
type storedAs struct {
	objects.Part

	key string
}

// parts lists all parts, the one with the newest row first. It costs one request for each
// thousand of them.
func (x *Index) parts(ctx context.Context) (out []storedAs, requests int, err error) {
	after := ""
	for {
		page, err := x.bucket.List(ctx, blob.ListOptions{Prefix: objects.Parts, After: after})
		requests++
		if err != nil {
			return nil, requests, fmt.Errorf("list the parts of the index: %w", err)
		}
		for _, e := range page.Entries {
			if p, ok := objects.ParsePartKey(e.Key); ok { // others are foreign objects, and stay
				out = append(out, storedAs{p, e.Key})
			}
		}
		if after = page.Next; after == "" {
			return out, requests, nil
		}
	}
}

// read reads a part. One that is damaged is reported, and has no rows.
func (x *Index) read(ctx context.Context, p storedAs) (rows []Row, damaged bool, err error) {
	obj, err := x.bucket.Get(ctx, p.key, blob.GetOptions{})
	if err == nil {
		rows, err = decodePart(p.key, p.Part, obj.Data)
	} else if !errors.Is(err, blob.ErrTooLarge) {
		return nil, false, fmt.Errorf("read a part of the index: %w", err)
	}
	if err != nil {
		x.log.ErrorContext(ctx, "part of the index is damaged", slog.String("key", p.key), slog.Any("error", err))
		return nil, true, nil
	}
	return rows, false, nil
}
