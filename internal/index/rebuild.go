package index

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Records are all records, in the order of their keys.
type Records interface {
	// After reads the records behind a key, as many as one listing has. It returns the key
	// to go on behind, "" at the end.
	After(ctx context.Context, key string) (records []record.Record, next string, err error)
}

// Rebuild adds the rows of records behind a key, "" for all, and returns how many records
// it read and the key to go on behind. After the last record it merges, and returns "" when
// nothing is left to merge. Rows that the index has already are merged with these.
func (x *Index) Rebuild(ctx context.Context, all Records, key string) (read int, next string, err error) {
	if key != Merging {
		records, next, err := all.After(ctx, key)
		if err != nil {
			return 0, "", err
		}
		rows := make([]Row, 0, len(records))
		for _, rec := range records {
			rows = append(rows, RowOf(rec))
		}
		if next == "" {
			next = Merging
		}
		return len(records), next, x.Fill(ctx, rows)
	}
	_, more, err := x.Merge(ctx)
	if !more {
		return 0, "", err
	}
	return 0, Merging, err
}

// Merging stands for a key behind all records.
const Merging = "merge"

// RuleFrom refuses a place to go on from that Rebuild did not give.
const RuleFrom = "reindex-from"
