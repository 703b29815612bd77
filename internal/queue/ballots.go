package queue

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/objects"
)

// ballots are the votes that a listing shows, by the change that they are about.
type ballots map[string][]ballot

type ballot struct {
	key  string
	word change.VoteKind
}

// add notes a key, if it is a vote's.
func (b ballots) add(key string) {
	if _, id, word, ok := objects.ParseVoteKey(key); ok {
		b[id] = append(b[id], ballot{key, word})
	}
}

// withdrawn tells whether somebody wants a change out of line. The votes of a
// lane stand before its changes in every listing.
func (b ballots) withdrawn(id string) bool {
	return slices.ContainsFunc(b[id], func(v ballot) bool { return v.word != change.Approval })
}

// seen forgets the votes on a change that is in line and not looked at yet.
func (b ballots) seen(id string) { delete(b, id) }

// stray gives the keys of what is left: votes on changes that are not in line.
func (b ballots) stray() []string {
	var out []string
	for _, votes := range b {
		for _, v := range votes {
			out = append(out, v.key)
		}
	}
	slices.Sort(out)
	return out
}

// addVotes reads the votes on entries, and takes them out of said. It names
// those that cannot be read.
func (q *Queue) addVotes(ctx context.Context, entries []Entry, said ballots) (damaged []string, err error) {
	var voted []*Entry
	for i := range entries {
		if len(said[entries[i].ID]) > 0 {
			voted = append(voted, &entries[i])
		}
	}
	bad := make([][]string, len(voted))
	err = fanout.Each(ctx, len(voted), parallel, func(ctx context.Context, i int) (err error) {
		var keys []string
		for _, v := range said[voted[i].ID] {
			keys = append(keys, v.key)
		}
		voted[i].Votes, bad[i], err = q.readVotes(ctx, voted[i].ID, keys)
		return err
	})
	for _, e := range voted {
		said.seen(e.ID)
	}
	return slices.Concat(bad...), err
}

// withVotes reads an entry, and of the votes on its change those that are named.
func (q *Queue) withVotes(ctx context.Context, key, id string, votes []string) (e Entry, err error) {
	var said []Vote
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		e, err = q.get(ctx, key)
		return err
	})
	g.Go(func() (err error) {
		said, _, err = q.readVotes(ctx, id, votes)
		return err
	})
	err = g.Wait()
	e.Votes = said
	return e, err
}

// VotedOn names the change that a vote's key is about.
func VotedOn(key string) string {
	_, id, _, _ := objects.ParseVoteKey(key)
	return id
}

// Keys names an entry and the votes on it.
func (e Entry) Keys() []string {
	keys := []string{e.Key}
	for _, v := range e.Votes {
		keys = append(keys, v.Key)
	}
	return keys
}

// withdrawn tells whether somebody wants the change out of line.
func (e Entry) withdrawn() bool {
	return slices.ContainsFunc(e.Votes, func(v Vote) bool { return v.Kind != change.Approval })
}

// Ballot is what people said of the change.
func (e Entry) Ballot() []change.Vote {
	var out []change.Vote
	for _, v := range e.Votes {
		out = append(out, v.Vote)
	}
	return out
}
