package queue

import (
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Entry is a queued change.
type Entry struct {
	change.Change

	Key   string
	Votes []Vote // in the order in which they were cast
	// Err says why the stored entry cannot be used; the change then has only what
	// its key says: id, document, number, target and due time.
	Err error
}

// Keys lists the keys of the entry and of its votes.
func (e Entry) Keys() []string {
	keys := []string{e.Key}
	for _, v := range e.Votes {
		keys = append(keys, v.Key)
	}
	return keys
}

// CastVotes returns the votes without their addresses.
func (e Entry) CastVotes() []change.Vote {
	var out []change.Vote
	for _, v := range e.Votes {
		out = append(out, v.Vote)
	}
	return out
}

// early reports whether somebody rejected or canceled the change, or wants an undo at
// once.
func (e Entry) early() bool {
	return slices.ContainsFunc(e.Votes, func(v Vote) bool { return readsEarly(v.Kind) })
}

func byKey(entries []Entry) map[string]Entry {
	out := make(map[string]Entry, len(entries))
	for _, e := range entries {
		out[e.Key] = e
	}
	return out
}
