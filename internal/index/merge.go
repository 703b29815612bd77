package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Rows are merged when there are enough of them, or when one is old: a part is rewritten
// for it.
const (
	mergeRows = 256
	mergeAge  = 24 * time.Hour
)

// maxMerged bounds the parts that one merge reads.
const maxMerged = 8

// Merge does one merge, if there is something to merge: rows that are in no part, small
// parts beside each other, or parts whose times overlap. It reports whether there may be
// more to do. Without work it costs two requests.
func (x *Index) Merge(ctx context.Context) (merged, more bool, err error) {
	page, err := x.bucket.List(ctx, blob.ListOptions{Prefix: objects.Unmerged})
	if err != nil {
		return false, false, fmt.Errorf("list the index: %w", err)
	}
	parts, _, err := x.parts(ctx)
	if err != nil {
		return false, false, err
	}
	var m merge
	if due(page) {
		for _, e := range page.Entries {
			if r, ok := rowOf(e.Key); ok {
				m.rows, m.sources = append(m.rows, r), append(m.sources, e.Key)
			}
		}
	}
	left := m.choose(parts)
	if len(m.sources) == 0 {
		return false, false, nil
	}
	switch err := m.do(ctx, x); {
	case errors.Is(err, blob.ErrNotFound): // somebody else merges
		return false, false, nil
	case err != nil:
		return false, false, err
	}
	more = len(m.sources) > 0 && (page.Next != "" || len(m.parts) == maxMerged || mergeable(left))
	return true, more, nil
}

// due reports whether the listed rows are to be merged now.
func due(page blob.Page) bool {
	if len(page.Entries) >= mergeRows {
		return true
	}
	for _, e := range page.Entries {
		if page.Now.Sub(e.LastModified) >= mergeAge {
			return true
		}
	}
	return false
}

// merge is what one merge replaces.
type merge struct {
	rows    []Row // in no part
	sources []string
	parts   []storedAs
}

// span is the time range of rows, and their number.
type span struct {
	newest, oldest time.Time
	rows           int
}

func (s span) with(p storedAs) span {
	if s.rows == 0 {
		return span{p.Newest, p.Oldest, p.Rows}
	}
	if p.Newest.After(s.newest) {
		s.newest = p.Newest
	}
	if p.Oldest.Before(s.oldest) {
		s.oldest = p.Oldest
	}
	s.rows += p.Rows
	return s
}

// joins reports whether a part is to be merged with rows: they overlap, or fit into one
// part. Times that only touch do not overlap: a document of many changes ends at once.
func (s span) joins(p storedAs) bool {
	return s.rows > 0 && (s.oldest.Before(p.Newest) && p.Oldest.Before(s.newest) || s.rows+p.Rows <= PartRows)
}

// choose chooses the parts to merge with the rows, or the first ones to merge with each
// other. It returns the parts that follow.
func (m *merge) choose(parts []storedAs) (left []storedAs) {
	var s span
	for _, r := range m.rows {
		s = s.with(storedAs{Part: objects.Part{Newest: r.EndedAt, Oldest: r.EndedAt, Rows: 1}})
	}
	for i, p := range parts {
		switch {
		case len(m.rows) > 0 && len(m.parts) == 0 && p.Oldest.After(s.newest): // newer than the rows
		case s.joins(p) && len(m.parts) < maxMerged:
			s = s.with(p)
			m.parts = append(m.parts, p)
		case len(m.rows) == 0 && len(m.parts) <= 1: // it begins with this part, if the next one joins it
			s, m.parts = span{}.with(p), []storedAs{p}
		default:
			return m.chosen(parts[i:])
		}
	}
	return m.chosen(nil)
}

// chosen drops a choice of one part, which there is nothing to merge with.
func (m *merge) chosen(left []storedAs) []storedAs {
	if len(m.rows) == 0 && len(m.parts) < 2 {
		m.parts = nil
	}
	for _, p := range m.parts {
		m.sources = append(m.sources, p.key)
	}
	return left
}

// mergeable reports whether there are parts to merge with each other.
func mergeable(parts []storedAs) bool {
	var m merge
	m.choose(parts)
	return len(m.parts) > 0
}

// do writes the new parts, and deletes what they replace.
func (m *merge) do(ctx context.Context, x *Index) error {
	rows := m.rows
	for _, p := range m.parts {
		more, damaged, err := x.read(ctx, p)
		if err != nil {
			return err
		}
		if damaged {
			m.keep(p.key)
			continue
		}
		rows = append(rows, more...)
	}
	keys, err := x.write(ctx, rows)
	if err != nil {
		return err
	}
	for _, key := range keys {
		m.keep(key) // equal to what it replaces
	}
	x.log.InfoContext(ctx, "index merged", slog.Int("rows", len(rows)), slog.Int("parts", len(keys)), slog.Int("deleted", len(m.sources)))
	return x.bucket.Delete(ctx, m.sources...)
}

// keep keeps an object.
func (m *merge) keep(key string) {
	m.sources = slices.DeleteFunc(m.sources, func(k string) bool { return k == key })
}
