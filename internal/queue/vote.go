package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/objects"
)

// voteSchema names the stored form of a vote. Fields may be added; anything
// else needs a new name, and readers of both.
const voteSchema = "sslvpn-change/vote/v1"

// Vote is a vote as it is stored beside its change.
type Vote struct {
	change.Vote

	Key string
	// Reply is where the voter wants to hear how the change ended, in the form of
	// whoever will say it; a secret.
	Reply json.RawMessage
}

// voteWire is the stored form of a vote.
type voteWire struct {
	Schema string          `json:"schema"`
	ID     string          `json:"id"`
	Vote   change.Vote     `json:"vote"`
	Reply  json.RawMessage `json:"reply,omitempty"`
}

// errDamaged says that an object is no vote, whatever its key says.
var errDamaged = errors.New("the stored vote cannot be read")

// Vote stores what somebody says of a change in line. The same word of the same
// person again leaves the first one; an approval that has lapsed is replaced,
// and so is a vote that cannot be read.
func (q *Queue) Vote(ctx context.Context, t change.Target, id string, v Vote) error {
	data, err := json.Marshal(voteWire{Schema: voteSchema, ID: id, Vote: v.Vote, Reply: v.Reply})
	if err != nil {
		return fmt.Errorf("vote on %s: %w", id, err)
	}
	key := objects.VoteKey(t, id, v.Vote)
	err = q.bucket.Create(ctx, key, data)
	if errors.Is(err, blob.ErrExists) {
		there, rerr := q.vote(ctx, key, id)
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

// Votes reads the votes on one change.
func (q *Queue) Votes(ctx context.Context, t change.Target, id string) ([]Vote, error) {
	page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.QueuePrefix(t) + "-" + id + "-"})
	if err != nil {
		return nil, fmt.Errorf("votes on %s: %w", id, err)
	}
	var keys []string
	for _, e := range page.Entries {
		if _, about, _, ok := objects.ParseVoteKey(e.Key); ok && about == id {
			keys = append(keys, e.Key)
		}
	}
	votes, _, err := q.readVotes(ctx, id, keys)
	return votes, err
}

// readVotes reads votes on one change in the order in which they were cast,
// leaving out those that are gone. One that cannot be read counts as not cast,
// and is named: it must not keep its lane from being worked on.
func (q *Queue) readVotes(ctx context.Context, id string, keys []string) (votes []Vote, damaged []string, err error) {
	got, bad := make([]*Vote, len(keys)), make([]bool, len(keys))
	err = fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		v, err := q.vote(ctx, keys[i], id)
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
	out := make([]Vote, 0, len(keys))
	for _, v := range got {
		if v != nil {
			out = append(out, *v)
		}
	}
	slices.SortStableFunc(out, func(a, b Vote) int { return a.At.Compare(b.At) })
	return out, damaged, nil
}

func (q *Queue) vote(ctx context.Context, key, id string) (Vote, error) {
	obj, err := q.bucket.Get(ctx, key, blob.GetOptions{})
	if err != nil && !errors.Is(err, blob.ErrTooLarge) {
		return Vote{}, err
	}
	t, _, _, _ := objects.ParseVoteKey(key)
	var w voteWire
	// Its key says what it must be: one person's word on this change.
	if err := json.Unmarshal(obj.Data, &w); err != nil || w.Schema != voteSchema || w.ID != id || objects.VoteKey(t, id, w.Vote) != key {
		return Vote{}, fmt.Errorf("%s: %w (schema %q)", key, errDamaged, w.Schema)
	}
	return Vote{Vote: w.Vote, Key: key, Reply: w.Reply}, nil
}
