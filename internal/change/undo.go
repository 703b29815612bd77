package change

import (
	"encoding/json"
	"time"
)

// Undo makes a change one that undoes another change, unless somebody confirms that
// one in time. The function queues it when it has applied the other change.
type Undo struct {
	Of   string       // the id of the other change
	Done []Difference // what that change altered
	// Replies are the addresses that are told the end, in the form of Change.Reply,
	// beside Change.Reply. They are secrets.
	Replies []json.RawMessage
}

// Undo votes. They are votes on the undo, and not on the change that it undoes.
const (
	// Extend gives people more time to confirm: until Vote.Until.
	Extend VoteKind = "extend"
	// UndoNow makes the undo due at once.
	UndoNow VoteKind = "undo"
)

// Prover is Vote.Person of a vote to undo that the function casts itself, because the
// proof of a change failed. Such a vote has no account.
const Prover = "proof"

// UndoLifetime is how long an undo may be tried after it became due.
const UndoLifetime = 7 * 24 * time.Hour

// MaxPostponed is how far people can postpone an undo. The rest of UndoLifetime is left
// to try it.
const MaxPostponed = 6 * 24 * time.Hour

// UndoGrace is how long an undo waits after it became due before it is sent: a vote
// that was cast in time is stored by then.
const UndoGrace = 2 * time.Second

// UndoAhead is how long before it is due an undo is waited for: a little more than the
// time between two sweeps.
const UndoAhead = 70 * time.Second

// UndoAt is when an undo is due, by the votes on it, in the order in which they were
// cast. A vote that was cast when the undo was due already does not count. However often
// people postpone it, it is due before it expires.
func (c Change) UndoAt(votes []Vote) time.Time {
	due := c.DueAt
	for _, v := range votes {
		switch {
		case !v.At.Before(due):
		case v.Kind == Extend && v.Until.After(due):
			due = v.Until
			if last := c.DueAt.Add(MaxPostponed); due.After(last) {
				due = last
			}
		case v.Kind == UndoNow:
			return v.At
		}
	}
	return due
}

// ArmedUndo is the undo of a change that was applied at a time and needs a
// confirmation. Whoever queues it adds the requester. Its number is 0, which no other
// change has, so that its key shows what it is.
func ArmedUndo(t Target, of string, done []Difference, appliedAt time.Time, c Confirmation) Change {
	identity := "undo " + t.String() + " " + of
	document := DocumentID(identity)
	due := appliedAt.Add(c.For).UTC()
	return Change{
		Request: Request{Target: t, Patch: inverse(done), ExpiresAt: due.Add(UndoLifetime)},
		ID:      ID(appliedAt, document, 1, 1), Identity: identity, Document: document,
		AcceptedAt: appliedAt.UTC(), DueAt: due, Undoes: &Undo{Of: of, Done: done},
	}
}

// inverse has the values before differences.
func inverse(done []Difference) Patch {
	out := Patch{}
	for _, d := range done {
		if v, ok := Restorable(d.Field, d.From); ok {
			out[d.Field] = v
		}
	}
	return out
}
