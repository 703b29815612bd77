package lane

import (
	"context"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Generations younger than MinAge, the newest MinKept and the first are never
// collected. MinAge is longer than any worker can stall: an invocation ends
// after minutes, and a frozen one ends when it thaws.
const (
	MinAge  = 24 * time.Hour
	MinKept = 8
)

// Collector is what collecting needs of the object store.
type Collector interface {
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
	Delete(ctx context.Context, keys ...string) error
}

// maxPages bounds what one Collect reads: 10,000 generations.
const maxPages = 10

// Collect deletes the old generations of a lane and returns their number.
func Collect(ctx context.Context, store Collector, t change.Target) (int, error) {
	return CollectAt(ctx, store, objects.LanePrefix(t))
}

// CollectAt is Collect for the chain below a prefix.
func CollectAt(ctx context.Context, store Collector, prefix string) (int, error) {
	var old []string
	after, seen := "", 0
	for range maxPages {
		page, err := store.List(ctx, blob.ListOptions{Prefix: prefix, After: after})
		if err != nil {
			return 0, fmt.Errorf("collect %s: %w", prefix, err)
		}
		for _, e := range page.Entries {
			seen++
			gen, ok := objects.ParseGenerationKey(e.Key)
			if ok && gen > 1 && seen > MinKept && page.Now.Sub(e.LastModified) > MinAge {
				old = append(old, e.Key)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(old) == 0 {
		return 0, nil
	}
	if err := store.Delete(ctx, old...); err != nil {
		return 0, fmt.Errorf("collect %s: %w", prefix, err)
	}
	return len(old), nil
}
