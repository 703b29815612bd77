package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// parallel is how many records After reads at once.
const parallel = 16

// From is a key before those of the records of a day and later ones: an id has the day of
// its change's acceptance.
func From(day time.Time) string { return objects.RecordsOf(day) }

// After reads the records whose keys are behind a key, as many as one listing has. It
// returns the key to go on behind, "" at the end. It costs one request, and one for each
// record.
func (r *Records) After(ctx context.Context, key string) (records []Record, next string, err error) {
	page, err := r.bucket.List(ctx, blob.ListOptions{Prefix: objects.Records, After: key})
	if err != nil {
		return nil, "", fmt.Errorf("list records: %w", err)
	}
	var keys []string
	for _, e := range page.Entries {
		if objects.IsRecordKey(e.Key) {
			keys = append(keys, e.Key)
		}
	}
	got := make([]*Record, len(keys))
	err = fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		id, _ := objects.RecordID(keys[i])
		rec, who, err := r.get(ctx, keys[i], id, "")
		switch {
		case errors.Is(err, blob.ErrNotFound):
			return nil
		case err != nil:
			return fmt.Errorf("read record: %w", err)
		case who == itsOwn:
			got[i] = &rec
		default:
			r.report(ctx, keys[i], id)
		}
		return nil
	})
	for _, rec := range got {
		if rec != nil {
			records = append(records, *rec)
		}
	}
	return records, page.Next, err
}
