package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// document is one document as a channel delivers it: the values and functions
// in which the channels differ.
type document struct {
	delivery

	parse   parser
	account policy.Account // whose permissions count
	// admitted is the policy's decision when an earlier delivery asked for it; nil
	// has the policy decide now.
	admitted *admission
	// queued: an earlier delivery may have queued the changes.
	queued bool
	// late: the delivery is so late that an earlier version of the function may have
	// accepted the document, under shorter ids that no claim or receipt keeps.
	late bool
	// answers: somebody waits for the answer, so that approval is requested while the
	// changes are queued. A crash between the two leaves it to the drain of the lane.
	answers bool
	// claim stores the document's claim before anything is queued; nil for a
	// document that needs none, or has one.
	claim func(context.Context, admission, []change.Change) error
	// conclude stores what the sender can read, after everything is queued. It
	// reports whether the lanes are to be woken. Nil leaves both to the caller.
	conclude func(context.Context, Accepted) (wake bool, err error)
}

// delivery is what the changes of a document have in common.
type delivery struct {
	origin   change.Origin
	identity string
	document string          // of the ids; "" for change.DocumentID of the identity
	at       time.Time       // acceptance time, the same for every delivery
	reply    json.RawMessage // where to say how the changes end; a secret; nil for nowhere
	// certificates are those that a command's change concerns; nil where not known.
	certificates []string
}

// parser gives the requests of a document, or its problems. The time is the
// acceptance time; again says that the document was accepted before.
type parser func(at time.Time, again bool) ([]change.Request, []change.Problem)

// parseDocument parses a change document.
func parseDocument(data []byte, o manifest.Options) parser {
	return func(at time.Time, again bool) ([]change.Request, []change.Problem) {
		o.Now, o.Again = at, again
		return manifest.Parse(data, o)
	}
}

// unreadable is the parser of a document that could not be read.
func unreadable(p change.Problem) parser {
	return func(time.Time, bool) ([]change.Request, []change.Problem) { return nil, []change.Problem{p} }
}

// Accepted is an accepted document.
type Accepted struct {
	Changes []change.Change
	Lanes   []change.Target // the lanes it touches, each once
	Added   bool            // something was queued that was not in the queue
	Asked   bool            // people are asked for approval, when the lanes are woken
	// windows say whether windows and freezes let the changes be sent when they are due.
	windows []*change.Gate
}

// Window says whether windows and freezes let the i-th change be sent when it is due, as
// they were when the document was accepted; nil if nothing closes.
func (a Accepted) Window(i int) *change.Gate { return admission{Windows: a.windows}.window(i) }

// OpensAfter reports whether one of the changes may be sent only after a time: nobody need
// wait for its end until then.
func (a Accepted) OpensAfter(at time.Time) bool {
	return slices.ContainsFunc(a.windows, func(w *change.Gate) bool { return w != nil && !w.Open && w.OpensAt.After(at) })
}

// accept takes a document through the steps that are the same for every channel:
// parse and validate, ask the policy, claim the ClientTokens, claim the document,
// queue the changes, store the receipt, wake the lanes. Redelivery repairs a
// crash between any two steps, because every step gives the same result again.
//
// It fails with *RefusedError for a document that cannot be accepted, and then
// nothing is queued. Any other error means that the outcome is open: deliver the
// document again.
func (in *Intake) accept(ctx context.Context, d document) (Accepted, error) {
	reqs, problems := d.parse(d.at, d.admitted != nil)
	if onlyPassed(problems) {
		again, err := in.acceptedBefore(ctx, d)
		if err != nil {
			return Accepted{}, err
		}
		if again {
			reqs, problems = d.parse(d.at, true)
		}
	}
	if len(problems) > 0 {
		return Accepted{}, &RefusedError{Problems: problems}
	}
	if d.late {
		if err := in.keepIDs(ctx, &d, reqs); err != nil {
			return Accepted{}, err
		}
	}
	adm, err := in.admit(ctx, d, reqs)
	if err != nil {
		return Accepted{}, err
	}
	changes, used, err := in.claimTokens(ctx, adm.open(reqs, adm.mark(number(reqs, d.delivery, d.account))))
	if err != nil {
		return Accepted{}, err
	}
	changes = adm.confirm(changes)
	if d.claim != nil {
		if err := d.claim(ctx, adm, changes); err != nil {
			return Accepted{}, err
		}
	}
	out, err := in.ask(ctx, d, changes, func() (Accepted, error) { return in.enqueue(ctx, changes, d.queued || used) })
	out.windows = adm.Windows
	if err != nil {
		return out, err
	}
	in.later(out.Changes)
	if d.conclude == nil {
		return out, nil
	}
	wake, err := d.conclude(ctx, out)
	if err != nil {
		return Accepted{}, err
	}
	if wake {
		in.Wake(ctx, out.Lanes)
	}
	return out, nil
}

// later says when changes become due that are not due yet. Every delivery of their
// document says so: the one before may have died when they were queued.
func (in *Intake) later(changes []change.Change) {
	if in.Later == nil {
		return
	}
	now := in.Now()
	for _, c := range changes {
		if c.DueAt.After(now) {
			in.Later(c.Target, c.DueAt)
		}
	}
}

// ask requests approval of the changes that need it before they are queued, or meanwhile
// if somebody waits for the answer.
func (in *Intake) ask(ctx context.Context, d document, changes []change.Change, enqueue func() (Accepted, error)) (Accepted, error) {
	if in.Approvals == nil || !slices.ContainsFunc(changes, func(c change.Change) bool { return c.Approvals > 0 }) {
		return enqueue()
	}
	if !d.answers {
		asked, err := in.Approvals.Request(ctx, changes)
		if err != nil {
			return Accepted{}, err
		}
		out, err := enqueue()
		out.Asked = asked
		return out, err
	}
	var out Accepted
	var asked bool
	var g errgroup.Group
	g.Go(func() (err error) {
		asked, err = in.Approvals.Request(ctx, changes)
		return err
	})
	g.Go(func() (err error) {
		out, err = enqueue()
		return err
	})
	err := g.Wait()
	out.Asked = asked
	return out, err
}

// number gives every request its id, its identity and its times.
func number(reqs []change.Request, d delivery, account change.Account) []change.Change {
	document := cmp.Or(d.document, change.DocumentID(d.identity))
	out := make([]change.Change, len(reqs))
	for i, r := range reqs {
		out[i] = timed(change.Change{
			Request: r, Identity: d.identity, Document: document, Index: i + 1, Origin: d.origin, Account: account, Certificates: d.certificates, Reply: d.reply,
			ID: change.ID(d.at, document, i+1, len(reqs)),
		}, d.at)
	}
	return out
}

// keepIDs gives a document the ids that an earlier version of the function queued
// it under, if one did: otherwise its changes would be queued twice.
func (in *Intake) keepIDs(ctx context.Context, d *document, reqs []change.Request) error {
	old := d.delivery
	old.document = change.ShortDocumentID(d.identity)
	found, err := in.known(ctx, number(reqs, old, change.Account{}), func(record.Record) bool { return true })
	if err == nil && found {
		d.document, d.queued = old.document, true
	}
	return err
}

// known reports whether any of the changes is queued, or has a record that counts.
func (in *Intake) known(ctx context.Context, changes []change.Change, counts func(record.Record) bool) (bool, error) {
	var found atomic.Bool
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) error {
		has, err := in.queue.Has(ctx, changes[i])
		if err == nil && !has { // the record is written before the entry is deleted
			rec, rerr := in.Records.Of(ctx, changes[i].ID, changes[i].Identity)
			if has = rerr == nil && counts(rec); !errors.Is(rerr, blob.ErrNotFound) {
				err = rerr
			}
		}
		if has {
			found.Store(true)
		}
		return err
	})
	return found.Load(), err
}

// timed sets the times that follow from the acceptance time.
func timed(c change.Change, at time.Time) change.Change {
	c.AcceptedAt = at.UTC()
	c.DueAt = c.AcceptedAt
	if c.NotBefore.After(c.DueAt) {
		c.DueAt = c.NotBefore.UTC()
	}
	if c.ExpiresAt.IsZero() {
		c.ExpiresAt = c.DueAt.Add(change.DefaultLifetime)
	}
	c.ExpiresAt = c.ExpiresAt.UTC()
	return c
}

// enqueue queues changes. With before, they may have been queued already: those
// that have a record are left out.
func (in *Intake) enqueue(ctx context.Context, changes []change.Change, before bool) (Accepted, error) {
	if before {
		return in.putBack(ctx, changes)
	}
	return in.add(ctx, changes)
}

// putBack queues again the changes of a redelivered document that are missing:
// those that are not queued and have no record.
func (in *Intake) putBack(ctx context.Context, changes []change.Change) (Accepted, error) {
	ended := make([]bool, len(changes))
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) (err error) {
		ended[i], err = in.Records.Has(ctx, changes[i].ID, changes[i].Identity)
		return err
	})
	if err != nil {
		return Accepted{}, err
	}
	var open []change.Change
	for i, c := range changes {
		if !ended[i] {
			open = append(open, c)
		}
	}
	out, err := in.add(ctx, open)
	out.Changes = changes
	return out, err
}

// add creates the queue entries of changes.
func (in *Intake) add(ctx context.Context, changes []change.Change) (Accepted, error) {
	var added atomic.Bool
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) error {
		ok, err := in.queue.Add(ctx, changes[i])
		if ok {
			added.Store(true)
		}
		return err
	})
	if err != nil {
		return Accepted{}, err
	}
	out := Accepted{Changes: changes, Added: added.Load()}
	for _, c := range changes {
		if !slices.Contains(out.Lanes, c.Target) {
			out.Lanes = append(out.Lanes, c.Target)
		}
	}
	return out, nil
}
