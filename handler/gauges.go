package handler

import (
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// gauges are what a sweep has seen: what waits, and for how long. They cost no request:
// the sweep reads all of this for its work.
func (c *invocation) gauges(s Services, rep reconcile.SweepReport, answers *notify.Report) []slog.Attr {
	now := c.Now()
	b := reconcile.BacklogOf(rep.Lanes)
	out := []slog.Attr{slog.Int("waiting", b.Waiting), slog.Int("oldest_waiting_s", age(now, b.Oldest)), slog.Int("lanes_leased", b.Leased)}
	for _, cause := range reconcile.Causes() {
		out = append(out, slog.Int("waiting_"+cause, b.By[cause]))
	}
	open, oldest := b.By[reconcile.WaitsForApproval], age(now, b.Asked)
	if s.Approvals != nil {
		if o := s.Approvals.Outstanding(); o.Known { // those of changes that are due later, too
			open, oldest = max(open, o.Requests), max(oldest, int(o.Oldest.Seconds()))
		}
	}
	out = append(out, slog.Int("approvals_open", open), slog.Int("oldest_approval_s", oldest))
	if answers != nil {
		out = append(out, slog.Int("outbox_pending", answers.Waiting), slog.Int("outbox_given_up", answers.GivenUp))
	}
	return append(out, slog.Int("files_found", rep.Files), slog.Int("sweep_problems", len(rep.Problems)))
}

// age is how many seconds ago a time was; 0 for the zero time.
func age(now, at time.Time) int {
	if at.IsZero() {
		return 0
	}
	return max(0, int(now.Sub(at).Seconds()))
}
