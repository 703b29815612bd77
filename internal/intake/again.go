package intake

import (
	"context"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// onlyPassed reports whether a document has problems, and only with times that have
// passed. If it was accepted before, they may have passed since.
func onlyPassed(problems []change.Problem) bool {
	return len(problems) > 0 && !slices.ContainsFunc(problems, func(p change.Problem) bool { return !change.Passed(p.Rule) })
}

// sets reports whether a record is that of a change: the record of a scheduled document
// that was rejected as a whole has no settings.
func sets(r record.Record) bool { return len(r.Requested) > 0 }

// queuedBefore reports whether an earlier delivery of a document queued any of its
// changes. Then it must not be rejected, even if the policy has changed since: a change
// that is queued may have been sent.
func (in *Intake) queuedBefore(ctx context.Context, d document) (bool, error) {
	reqs, problems := d.parse(d.at, true)
	if len(problems) > 0 {
		return false, nil
	}
	changes := number(reqs, d.delivery, d.account)
	if d.late {
		old := d.delivery
		old.document = change.ShortDocumentID(d.identity)
		changes = append(changes, number(reqs, old, change.Account{})...)
	}
	return in.known(ctx, changes, sets)
}

// acceptedBefore reports whether an earlier delivery of a document was accepted: one
// of its changes is queued or has ended, or each has a ClientToken that was used for
// the same settings. The sender gets the same answer again, although times of the
// document have passed since.
func (in *Intake) acceptedBefore(ctx context.Context, d document) (bool, error) {
	reqs, problems := d.parse(d.at, true)
	if len(problems) > 0 {
		return false, nil
	}
	adm, err := in.admit(ctx, d, reqs)
	if err != nil {
		return false, err
	}
	changes := adm.mark(number(reqs, d.delivery, d.account))
	if d.late {
		old := d.delivery
		old.document = change.ShortDocumentID(d.identity)
		changes = append(changes, number(reqs, old, change.Account{})...)
	}
	if found, err := in.known(ctx, changes, sets); found || err != nil {
		return found, err
	}
	changes = changes[:len(reqs)]
	if slices.ContainsFunc(changes, func(c change.Change) bool { return !claims(c) }) {
		return false, nil
	}
	first, err := in.readTokens(ctx, changes)
	if err != nil || slices.Contains(first, nil) {
		return false, err
	}
	return reused(changes, first) == nil, nil
}
