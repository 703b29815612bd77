package reconcile

import (
	"context"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Past is a change that ended, as its lane remembers it.
type Past struct {
	ID     string
	Status change.Status
	At     time.Time
}

// MaxPast is how many changes a lane remembers. Older ones are found by their
// records alone.
const MaxPast = 20

// remember adds a decision's changes to what a lane remembers. It travels in
// the step that makes the decision final, so it costs no request.
func remember(past []Past, dec *decision) []Past {
	for _, it := range dec.Items {
		past = append(past, Past{ID: it.ID, Status: it.Status, At: dec.FinishedAt})
	}
	return past[max(0, len(past)-MaxPast):]
}

// Past lists the last changes of a server that ended, the newest first.
func (r *Reconciler) Past(ctx context.Context, t change.Target) ([]Past, error) {
	st, _, err := r.remembered(ctx, t)
	if err != nil {
		return nil, err
	}
	slices.Reverse(st.Past)
	return st.Past, nil
}
