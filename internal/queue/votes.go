package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Vote is a vote as it is stored beside its change.
type Vote struct {
	change.Vote

	Key string
	// Reply is where to tell the voter how the change ended; a secret. Its form is
	// the caller's.
	Reply json.RawMessage
}

// VotedOn returns the id of the change that a vote's key is about, "" for any
// other key.
func VotedOn(key string) string {
	_, id, _, _ := objects.ParseVoteKey(key)
	return id
}

// Vote stores a vote on a queued change. If the same person has cast the same
// vote, the first one stays. A lapsed approval is replaced, and so is a vote that
// cannot be read.
func (q *Queue) Vote(ctx context.Context, t change.Target, id string, v Vote) error {
	data, err := encodeVote(id, v)
	if err != nil {
		return fmt.Errorf("vote on %s: %w", id, err)
	}
	key := objects.VoteKey(t, id, v.Vote)
	err = q.bucket.Create(ctx, key, data)
	if errors.Is(err, blob.ErrExists) {
		there, rerr := q.readVote(ctx, key)
		switch {
		case errors.Is(rerr, blob.ErrNotFound):
			return nil // the change ended between the two requests
		case rerr != nil && !errors.Is(rerr, errDamaged):
			return fmt.Errorf("vote on %s: %w", id, rerr)
		case rerr != nil, v.Kind == change.Approval && there.Lapsed(v.At):
			if err = q.bucket.Delete(ctx, key); err == nil {
				err = q.bucket.Create(ctx, key, data)
			}
		default:
			return nil
		}
	}
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("vote on %s: %w", id, err)
	}
	return nil
}

// listedVotes are the votes that a listing shows, by the id of their change.
type listedVotes map[string][]listedVote

type listedVote struct {
	key  string
	kind change.VoteKind
}

// add adds a key if it is a vote's.
func (l listedVotes) add(key string) {
	if _, id, kind, ok := objects.ParseVoteKey(key); ok {
		l[id] = append(l[id], listedVote{key, kind})
	}
}

// early reports whether a change is to be read before it is due: somebody rejected or
// canceled it, or wants an undo at once.
func (l listedVotes) early(id string) bool {
	return slices.ContainsFunc(l[id], func(v listedVote) bool { return readsEarly(v.kind) })
}

func readsEarly(k change.VoteKind) bool {
	return k == change.Rejection || k == change.Cancel || k == change.UndoNow
}

// keys lists the keys of all votes, sorted.
func (l listedVotes) keys() []string {
	var out []string
	for _, votes := range l {
		for _, v := range votes {
			out = append(out, v.key)
		}
	}
	slices.Sort(out)
	return out
}

// addVotes reads the votes on entries, and removes them from the listed ones. It
// returns the keys of those that cannot be read.
func (q *Queue) addVotes(ctx context.Context, entries []Entry, listed listedVotes) (damaged []string, err error) {
	var voted []*Entry
	for i := range entries {
		if len(listed[entries[i].ID]) > 0 {
			voted = append(voted, &entries[i])
		}
	}
	bad := make([][]string, len(voted))
	err = fanout.Each(ctx, len(voted), parallel, func(ctx context.Context, i int) (err error) {
		var keys []string
		for _, v := range listed[voted[i].ID] {
			keys = append(keys, v.key)
		}
		voted[i].Votes, bad[i], err = q.readVotes(ctx, keys)
		return err
	})
	for _, e := range voted {
		delete(listed, e.ID)
	}
	return slices.Concat(bad...), err
}

// readVotes reads votes on one change, in the order in which they were cast. It
// leaves out those that no longer exist. A vote that cannot be read is ignored,
// and its key is returned: it must not block its lane.
func (q *Queue) readVotes(ctx context.Context, keys []string) (votes []Vote, damaged []string, err error) {
	got, bad := make([]*Vote, len(keys)), make([]bool, len(keys))
	err = fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		v, err := q.readVote(ctx, keys[i])
		switch {
		case errors.Is(err, blob.ErrNotFound):
			return nil
		case errors.Is(err, errDamaged):
			bad[i] = true
			return nil
		}
		got[i] = &v
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for i, key := range keys {
		if bad[i] {
			damaged = append(damaged, key)
		}
	}
	votes = make([]Vote, 0, len(keys))
	for _, v := range got {
		if v != nil {
			votes = append(votes, *v)
		}
	}
	slices.SortStableFunc(votes, func(a, b Vote) int { return a.At.Compare(b.At) })
	return votes, damaged, nil
}

func (q *Queue) readVote(ctx context.Context, key string) (Vote, error) {
	obj, err := q.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil && !errors.Is(err, blob.ErrTooLarge) {
		return Vote{}, err
	}
	return decodeVote(key, obj.Data)
}
