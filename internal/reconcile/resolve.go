package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// AmbiguousError says that a typed id can stand for several changes. It does not
// name them: not everybody may see them.
type AmbiguousError struct{ Typed string }

// Error names the typed id.
func (e *AmbiguousError) Error() string {
	return e.Typed + " is the beginning of the ids of several changes"
}

// Resolve gives the id that a typed one stands for: the id that it is, or the only
// one that it can be the beginning of. It fails with *AmbiguousError for the
// beginning of several ids, and with blob.ErrNotFound for that of none. A whole id
// costs no request, and may be that of no change.
func (r *Reconciler) Resolve(ctx context.Context, typed string) (string, error) {
	t, ok := change.ParseTyped(typed)
	if !ok {
		return "", fmt.Errorf("find %.60q: %w", typed, blob.ErrNotFound)
	}
	if t.Whole() {
		return typed, nil
	}
	var queued, ended []string
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		queued, err = r.queue.IDs(gctx, t)
		return err
	})
	g.Go(func() (err error) {
		ended, err = r.deps.Records.IDs(gctx, t)
		if errors.Is(err, blob.ErrDenied) {
			// The role of a function that was deployed by an earlier version may read
			// records, and not list them: then the ids of ended changes must be whole.
			err = nil
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return "", err
	}
	ids := slices.Concat(queued, ended)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	_, _, _, whole := change.ParseID(typed)
	switch {
	case whole && (len(ids) == 0 || slices.Contains(ids, typed)): // an id of an earlier version
		return typed, nil
	case len(ids) == 0:
		return "", fmt.Errorf("find %s: %w", typed, blob.ErrNotFound)
	case len(ids) > 1:
		return "", &AmbiguousError{typed}
	default:
		return ids[0], nil
	}
}
