package reconcile

import (
	"context"
	"slices"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
)

// Past is a change that ended, as its lane remembers it.
type Past struct {
	ID     string        `json:"id"`
	Status change.Status `json:"status"`
	At     time.Time     `json:"at"`
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
	head, err := lane.Open(r.worker(r.Bucket), t).Head(ctx)
	if err != nil {
		return nil, err
	}
	st, err := readState(head)
	if err != nil {
		return nil, err
	}
	slices.Reverse(st.Past)
	return st.Past, nil
}
