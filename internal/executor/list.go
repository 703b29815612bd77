package executor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// indexRequests is how many requests a page asks of the index: with the claim and the
// policy a page costs at most nine.
const indexRequests = 7

// maxScanned bounds the entries of the queue that are read for one page.
const maxScanned = 200

// List gives a page of the list of changes to an account: Answer.Page. It only reads. A
// query that breaks rules, or that names a server which the account may not see, is
// refused.
func (e *Executor) List(ctx context.Context, from policy.Account, q listing.Query) (Answer, error) {
	return e.read(ctx, from, command.Command{Server: q.Server, Region: q.RegionID}, func(r *request, ctx context.Context) (Answer, error) {
		page, err := r.list(ctx, q, func(Change) {})
		return Answer{Outcome: Shown, Page: page}, err
	})
}

// list gives a page of the list. Waits is called for each change that waits.
func (r *request) list(ctx context.Context, q listing.Query, waits func(Change)) (*listing.Page, error) {
	place, problem := q.Place()
	if problem != nil {
		return nil, refuse(Invalid, *problem)
	}
	l := lister{request: r, q: q, tell: waits, since: q.Since.Time(r.Now()), until: q.Until.Time(r.Now()), limit: cmp.Or(q.Limit, listing.DefaultLimit)}
	l.sees = seen(r.sees)
	if q.Server != "" {
		t, err := r.readable(ctx)
		if err != nil {
			return nil, err
		}
		l.server = t
	}
	l.page.Changes = []listing.Change{}
	if place.InWaiting() && q.Waiting() {
		done, err := l.waiting(ctx, place)
		if !done || err != nil {
			return &l.page, err
		}
	}
	if place.InWaiting() {
		place = listing.Ended()
	}
	if !q.Ended() {
		return &l.page, nil
	}
	return &l.page, l.ended(ctx, place)
}

// seen remembers which servers may be seen: the policy is asked once for each.
func seen(sees func(change.Target) bool) func(change.Target) bool {
	known := map[change.Target]bool{}
	return func(t change.Target) bool {
		may, ok := known[t]
		if !ok {
			may = sees(t)
			known[t] = may
		}
		return may
	}
}

// lister makes one page.
type lister struct {
	*request

	q            listing.Query
	server       change.Target // the zero target: all
	since, until time.Time
	limit        int
	sees         func(change.Target) bool
	tell         func(Change)
	page         listing.Page
}

// left is how many changes the page has room for.
func (l *lister) left() int { return l.limit - len(l.page.Changes) }

// within reports whether a time is within the query's.
func (l *lister) within(t time.Time) bool {
	return !t.Before(l.since) && (l.until.IsZero() || t.Before(l.until))
}

// by reports whether the query asks for what somebody requested.
func (l *lister) by(person string, from change.Origin) bool {
	return l.q.By == "" || strings.EqualFold(l.q.By, person) || l.q.By == accountOf(from) || l.q.By == from.Actor
}

// accountOf names the account that requested a change.
func accountOf(from change.Origin) string {
	a := change.Change{Origin: from}.Requester()
	if a.User == "" {
		return from.Actor
	}
	return a.String()
}

// waiting adds the changes that have not ended. It reports whether all of them are looked
// at; otherwise the page is complete.
func (l *lister) waiting(ctx context.Context, place listing.Place) (done bool, err error) {
	limit := l.left()
	if l.q.By != "" || !l.since.IsZero() || !l.until.IsZero() {
		limit = maxScanned // the entries say whether they are wanted, their keys do not
	}
	entries, more, err := l.Reconciler.Scan(ctx, queue.Scan{
		Lane: l.server, After: place.Waiting, Limit: limit, Want: func(c change.Change) bool { return l.sees(c.Target) },
	})
	if err != nil {
		return false, err
	}
	var mine []queue.Entry
	after := place.Waiting
	for i, e := range entries {
		after = e.Key
		if l.by(e.Origin.Person, e.Origin) && l.within(e.AcceptedAt) {
			mine = append(mine, e)
		}
		if len(mine) == l.left() {
			more = more || i+1 < len(entries)
			break
		}
	}
	positions, err := l.Reconciler.Positions(ctx, mine)
	if err != nil {
		return false, err
	}
	for _, pos := range positions {
		l.page.Changes = append(l.page.Changes, l.waits(pos))
	}
	switch {
	case more && after != place.Waiting:
		l.page.Next = l.q.Next(listing.Place{Waiting: after})
		return false, nil
	case l.left() == 0 && l.q.Ended():
		l.page.Next = l.q.Next(listing.Ended())
		return false, nil
	default:
		return true, nil
	}
}

// waits is a change that has not ended.
func (l *lister) waits(pos *reconcile.Position) listing.Change {
	c, from := l.position(pos), pos.Entry.Origin
	account := accountOf(from)
	l.tell(*c)
	return listing.Change{
		ID: c.ID, Status: c.Status, Target: c.Target, Name: c.Name, By: cmp.Or(from.Person, account), Assistant: c.Assistant, Account: account, Door: string(from.Kind),
		Requested: c.Patch, Reason: c.Reason, Ref: c.Ref, AcceptedAt: c.Accepted.UTC(), DueAt: c.Due.UTC(), Undoes: c.Undoes, ApprovedBy: c.ApprovedBy,
		Wait: &listing.Wait{
			AgeMs: max(0, l.Now().Sub(c.Accepted).Milliseconds()), Cause: string(c.Cause), Why: c.Why, Until: c.Next.UTC(), ExpiresAt: c.Expires.UTC(),
			Connected: c.Connected, WaitsFor: c.WaitsFor, Behind: c.Behind, Window: c.Window, Need: c.Need, Confirm: c.Confirm, When: c.When, Override: c.Override,
			Approvers: slices.DeleteFunc(slices.Clone(c.Approvers), func(name string) bool { return slices.Contains(c.ApprovedBy, name) }),
		},
	}
}

// ended adds changes that have ended.
func (l *lister) ended(ctx context.Context, place listing.Place) error {
	found, err := l.Index.Find(ctx, index.Search{
		After: index.Place{EndedAt: place.EndedAt, ID: place.ID}, Since: l.since, Until: l.until, Limit: l.left(), Requests: indexRequests,
		Match: func(row index.Row) bool {
			return (l.server == change.Target{} || row.Target == l.server) && l.q.Has(row.Status) &&
				l.by(row.Person, change.Origin{Kind: row.Door, Actor: row.Actor}) && l.sees(row.Target)
		},
	})
	if err != nil {
		return fmt.Errorf("list changes: %w", err)
	}
	for _, row := range found.Rows {
		l.page.Changes = append(l.page.Changes, l.end(row))
	}
	if found.More {
		l.page.Next = l.q.Next(listing.Place{EndedAt: found.Next.EndedAt, ID: found.Next.ID})
		l.page.SearchedUntil = found.Next.EndedAt
	}
	return nil
}

// end is a change that has ended.
func (l *lister) end(row index.Row) listing.Change {
	account := accountOf(change.Origin{Kind: row.Door, Actor: row.Actor})
	out := listing.Change{
		ID: row.ID, Status: row.Status, Target: row.Target, By: cmp.Or(row.Person, account), Assistant: row.Assistant, Account: account, Door: string(row.Door),
		Changed: row.Changed, More: row.More, AcceptedAt: row.AcceptedAt, DueAt: row.DueAt, Undoes: row.Undoes, ApprovedBy: row.ApprovedBy,
		End: &listing.End{
			EndedAt: row.EndedAt, TookMs: max(0, row.EndedAt.Sub(row.DueAt).Milliseconds()), Code: row.Code, Undo: row.Undo, UndoBy: row.UndoBy,
		},
	}
	if row.Target != (change.Target{}) {
		out.Name = l.policy.NameOf(row.Target)
	}
	return out
}
