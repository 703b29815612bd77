package reconcile

import (
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// ended are the attributes of the line of a change that ended: who asked for what, how it
// ended, how long it took and what it waited for. Times are in milliseconds. total_ms is
// since it was accepted, since_due_ms since it was due.
func ended(rec record.Record, e queue.Entry, name string) []slog.Attr {
	attrs := []slog.Attr{slog.String("change", rec.ID), slog.String("status", string(rec.Status))}
	if rec.Undoes != "" {
		attrs = append(attrs, slog.String("undoes", rec.Undoes))
	}
	attrs = logline.Change(attrs, e.Change, name)
	if code, class := codeOf(rec); code != "" {
		attrs = append(attrs, slog.String("code", code), slog.String("class", class))
	}
	approval := waitedForApproval(rec, e.Approvals)
	w := rec.Waited
	return append(attrs, slog.Bool("verified", rec.Verified), slog.Int("approvals", e.Approvals),
		slog.Int64("total_ms", since(rec.AcceptedAt, rec.FinishedAt)), slog.Int64("since_due_ms", since(rec.DueAt, rec.FinishedAt)),
		slog.Int64("waited_approval_ms", approval), slog.Int64("waited_queue_ms", max(0, w.Queue-approval)),
		slog.Int64("waited_gateway_ms", w.Gateway), slog.Int64("waited_breaker_ms", w.Breaker), slog.Int64("waited_throttle_ms", w.Throttle),
		slog.Int64("waited_window_ms", w.Window), slog.Int64("waited_recovery_ms", w.Recovery),
		slog.Int("cost_api_calls", rec.Cost.VPCCalls), slog.Int("cost_oss_requests", rec.Cost.OSSRequests), slog.Int("cost_invocations", rec.Cost.Invocations),
	)
}

// codeOf is why a change did not end well: the code and the class of its failure, or the
// rule of its first problem; "" for one that did.
func codeOf(rec record.Record) (code, class string) {
	switch {
	case rec.Error != nil:
		return rec.Error.Code, rec.Error.Class
	case len(rec.Problems) > 0:
		return rec.Problems[0].Rule, string(rec.Status)
	default:
		return "", ""
	}
}

// waitedForApproval is the part of the time in the queue before the last approval that the
// change needed; all of it, if that never came.
func waitedForApproval(rec record.Record, need int) int64 {
	if need == 0 {
		return 0
	}
	var last time.Time
	for _, v := range rec.Votes {
		if v.Kind == change.Approval {
			need--
			if v.At.After(last) {
				last = v.At
			}
		}
	}
	if need > 0 {
		last = rec.FinishedAt
	}
	return min(since(rec.DueAt, last), rec.Waited.Queue)
}

// since is the time between two moments in milliseconds; 0 if they are the other way round,
// or not known.
func since(from, to time.Time) int64 {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return max(0, to.Sub(from).Milliseconds())
}
