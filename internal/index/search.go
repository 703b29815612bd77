package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Place is a place in the order of all rows: behind the row of one change. Its zero value
// is before all rows.
type Place struct {
	EndedAt time.Time
	ID      string
}

// Search asks for rows, the newest first.
type Search struct {
	After Place
	Since time.Time // only changes that ended from then on; zero for all
	Until time.Time // only changes that ended before; zero for all
	Match func(Row) bool
	Limit int // of rows found
	// Requests bounds the requests. A search may need a few more to find the first row
	// behind After.
	Requests int
}

// Found is what a search found.
type Found struct {
	Rows []Row
	// More says that there may be more rows, behind Next.
	More bool
	Next Place
}

// maxRestarts bounds how often a search begins again because parts were merged while it
// read them.
const maxRestarts = 3

// Find searches. Without a limit of requests that is too small it costs two listings, one
// request for each part that it reads, and one for each thousand rows that are in no part.
func (x *Index) Find(ctx context.Context, s Search) (Found, error) {
	for range maxRestarts {
		f := finder{Index: x, Search: s}
		out, err := f.find(ctx)
		if !errors.Is(err, errMerged) {
			return out, err
		}
	}
	return Found{}, fmt.Errorf("search the index: %w: its parts are merged again and again", blob.ErrUnavailable)
}

// errMerged says that a listed part is gone.
var errMerged = errors.New("a part was merged")

// finder is one search.
type finder struct {
	*Index
	Search

	requests int
	rows     []Row      // read, and not looked at
	unread   []storedAs // parts, the one with the newest row first
	listed   string     // the last key of Unmerged that was listed
	last     Row        // the last row that was looked at
	end      bool       // all of Unmerged is listed
	any      bool       // a row was looked at
}

func (f *finder) find(ctx context.Context) (Found, error) {
	f.listed = f.start()
	// First what is in no part: rows that are merged in between are found twice.
	if err := f.list(ctx); err != nil {
		return Found{}, err
	}
	parts, n, err := f.parts(ctx)
	if err != nil {
		return Found{}, err
	}
	f.requests += n
	for _, p := range parts {
		if !f.Since.After(p.Newest) && f.before(p.Oldest) {
			f.unread = append(f.unread, p)
		}
	}
	var out Found
	for {
		ok, err := f.load(ctx)
		if err != nil {
			return Found{}, err
		}
		if !ok || len(f.rows) == 0 || f.rows[0].EndedAt.Before(f.Since) {
			out.More = !ok
			break
		}
		if len(out.Rows) == f.Limit {
			out.More = true
			break
		}
		r := f.rows[0]
		f.rows = f.rows[1:]
		if f.any && compare(f.last, r) == 0 {
			continue // a row that was merged twice
		}
		f.last, f.any = r, true
		if f.Match(r) {
			out.Rows = append(out.Rows, r)
		}
	}
	out.Next = f.After
	if f.any {
		out.Next = Place{f.last.EndedAt, f.last.ID}
	}
	return out, nil
}

// start is the key behind which rows in no part are wanted.
func (f *finder) start() string {
	start := objects.Unmerged
	if !f.Until.IsZero() {
		start = objects.RowsFrom(f.Until.Add(-1)) // of this millisecond, only those before it
	}
	if f.After != (Place{}) {
		start = max(start, objects.RowsAfter(f.After.EndedAt, f.After.ID))
	}
	return start
}

// before reports whether a row of this time may be wanted.
func (f *finder) before(t time.Time) bool {
	return (f.Until.IsZero() || t.Before(f.Until)) && (f.After == (Place{}) || !t.After(f.After.EndedAt))
}

// wanted reports whether a row is behind where the search begins.
func (f *finder) wanted(r Row) bool {
	return f.before(r.EndedAt) && (f.After == (Place{}) || compare(Row{EndedAt: f.After.EndedAt, ID: f.After.ID}, r) < 0)
}

// load reads until the first row that was read is the next one of all. It reports false if
// that would need too many requests.
func (f *finder) load(ctx context.Context) (bool, error) {
	for {
		part := len(f.unread) > 0 && (len(f.rows) == 0 || !f.unread[0].Newest.Before(f.rows[0].EndedAt))
		list := !f.end && (len(f.rows) == 0 || objects.RowsAfter(f.rows[0].EndedAt, f.rows[0].ID) > f.listed)
		switch {
		case !part && !list:
			return true, nil
		case f.requests >= f.Requests && f.any:
			return false, nil
		case part && list && objects.RowsFrom(f.unread[0].Newest) > f.listed:
			part = false // what is in no part is newer
		}
		var err error
		if part {
			err = f.readPart(ctx)
		} else {
			err = f.list(ctx)
		}
		if err != nil {
			return false, err
		}
	}
}

// readPart reads the part with the newest row.
func (f *finder) readPart(ctx context.Context) error {
	p := f.unread[0]
	f.unread = f.unread[1:]
	f.requests++
	rows, _, err := f.read(ctx, p)
	if errors.Is(err, blob.ErrNotFound) {
		return errMerged
	}
	if err != nil {
		return err
	}
	f.add(slices.DeleteFunc(rows, func(r Row) bool { return !f.wanted(r) }))
	return nil
}

// list lists more of the rows in no part.
func (f *finder) list(ctx context.Context) error {
	f.requests++
	page, err := f.bucket.List(ctx, blob.ListOptions{Prefix: objects.Unmerged, After: f.listed})
	if err != nil {
		return fmt.Errorf("list the index: %w", err)
	}
	var rows []Row
	for _, e := range page.Entries {
		if r, ok := rowOf(e.Key); ok && f.wanted(r) {
			rows = append(rows, r)
		}
		f.listed = e.Key
	}
	f.end = page.Next == ""
	f.add(rows)
	return nil
}

func (f *finder) add(rows []Row) {
	f.rows = append(f.rows, rows...)
	slices.SortFunc(f.rows, compare)
}
