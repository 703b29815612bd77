package queue_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

func cast(kind change.VoteKind, who, digest string, at time.Time) queue.Vote {
	return queue.Vote{Vote: change.Vote{Kind: kind, Person: who, Account: "slack:T1/" + who, At: at, Digest: digest}, Reply: json.RawMessage(`{"to":"` + who + `"}`)}
}

func (h *harness) vote(c change.Change, votes ...queue.Vote) {
	h.t.Helper()
	for _, v := range votes {
		if err := h.Vote(h.t.Context(), c.Target, c.ID, v); err != nil {
			h.t.Fatal(err)
		}
	}
}

// votes reads the votes on a queued change.
func (h *harness) votes(c change.Change) []queue.Vote {
	h.t.Helper()
	e, err := h.Find(h.t.Context(), c.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return e.Votes
}

func summary(votes []queue.Vote) string {
	var out []string
	for _, v := range votes {
		out = append(out, string(v.Kind)+" "+v.Person)
	}
	return strings.Join(out, ", ")
}

func TestVotesAreReadInTheirOrder(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := document("a", server("a"), noon(), 12)[11] // an id with a number
	first := document("a", server("a"), noon(), 12)[0]
	h.add(c, first)
	h.vote(c, cast(change.Rejection, "lan", "", noon().Add(2)), cast(change.Approval, "jun", "s", noon()), cast(change.Cancel, "mei", "", noon().Add(1)))
	h.vote(first, cast(change.Approval, "boss", "s", noon()))
	keys := h.Keys(t.Context(), "queue/")
	if len(keys) != 6 || !strings.HasSuffix(keys[4], c.ID+".json") && !strings.HasSuffix(keys[5], c.ID+".json") {
		t.Errorf("votes do not list before changes: %q", keys)
	}
	for _, key := range keys[:4] {
		if about := queue.VotedOn(key); about != c.ID && about != first.ID {
			t.Errorf("%s is on %q", key, about)
		}
	}
	if queue.VotedOn(keys[4]) != "" {
		t.Errorf("%s is a vote", keys[4])
	}
	before := h.Store.Requests()
	due := h.due(c.Target, noon())
	if n := h.Store.Requests() - before; n != 1+2+4 {
		t.Errorf("%d requests, want a listing, two entries and four votes", n)
	}
	if got := ids(due.Entries); !slices.Equal(got, idsOf(first, c)) || summary(due.Entries[0].Votes) != "approve boss" {
		t.Errorf("due are %q, voted on %q", got, summary(due.Entries[0].Votes))
	}
	got := due.Entries[1]
	if summary(got.Votes) != "approve jun, cancel mei, reject lan" || len(got.CastVotes()) != 3 || len(got.Keys()) != 4 || string(got.Votes[0].Reply) != `{"to":"jun"}` ||
		got.Votes[0].Digest != "s" || got.Votes[0].Account != "slack:T1/jun" || !got.Votes[0].At.Equal(noon()) {
		t.Errorf("voted was %+v", got.Votes)
	}
	found, err := h.Find(t.Context(), c.ID)
	if err != nil || summary(found.Votes) != summary(got.Votes) {
		t.Errorf("found %q, %v", summary(found.Votes), err)
	}
	for _, target := range []change.Target{c.Target, {}} {
		entries, err := h.First(t.Context(), target, 1)
		if err != nil || len(entries) != 1 || summary(entries[0].Votes) != "approve boss" {
			t.Errorf("the first of %v are %q, %v", target, ids(entries), err)
		}
	}
	if err := h.Remove(t.Context(), got.Keys()...); err != nil || len(h.Keys(t.Context(), "queue/")) != 2 || summary(h.votes(first)) != "approve boss" {
		t.Errorf("removed with its votes: %v; left are %q", err, h.Keys(t.Context(), "queue/"))
	}
}

func TestTheSameVoteAgainKeepsTheFirst(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("a", server("a"), noon())
	h.add(c)
	at := func(d time.Duration) time.Time { return noon().Add(d) }
	h.vote(c, cast(change.Approval, "jun", "s", noon()), cast(change.Approval, "jun", "s", at(time.Hour)), cast(change.Cancel, "mei", "", noon()), cast(change.Cancel, "mei", "", at(48*time.Hour)))
	if got := h.votes(c); summary(got) != "approve jun, cancel mei" && summary(got) != "cancel mei, approve jun" || !got[0].At.Equal(noon()) || !got[1].At.Equal(noon()) {
		t.Errorf("voted was %+v", got)
	}
	// An approval of another plan is another vote.
	h.vote(c, cast(change.Approval, "jun", "t", at(time.Hour)))
	if got := h.votes(c); len(got) != 3 {
		t.Errorf("voted was %q", summary(got))
	}
	// An approval that has lapsed is replaced.
	h.vote(c, cast(change.Approval, "jun", "s", at(change.ApprovalLifetime-1)))
	if got := h.votes(c); !got[0].At.Equal(noon()) {
		t.Errorf("replaced before it lapsed: %+v", got)
	}
	h.vote(c, cast(change.Approval, "jun", "s", at(change.ApprovalLifetime)))
	got := h.votes(c)
	if len(got) != 3 || got[0].Kind != change.Cancel || !got[2].At.Equal(at(change.ApprovalLifetime)) {
		t.Errorf("voted was %+v", got)
	}
}

// A change that is withdrawn before its time ends at once.
func TestAWithdrawnChangeIsDueAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	s := server("a")
	soon, later, last := one("soon", s, noon().Add(time.Hour)), one("later", s, noon().Add(2*time.Hour)), one("last", s, noon().Add(3*time.Hour))
	h.add(soon, later, last)
	h.vote(soon, cast(change.Approval, "jun", "s", noon()))
	h.vote(later, cast(change.Cancel, "mei", "", noon()))
	due := h.due(s, noon())
	if !slices.Equal(ids(due.Entries), idsOf(later)) || summary(due.Entries[0].Votes) != "cancel mei" || !due.Next.Equal(soon.DueAt) || len(due.Stray) != 0 {
		t.Errorf("due are %q, next %s, stray %q", ids(due.Entries), due.Next, due.Stray)
	}
	if want := []string{objects.EntryKey(soon), objects.EntryKey(last)}; !slices.Equal(due.Later, want) {
		t.Errorf("later are %q", due.Later)
	}
	if due := h.due(s, soon.DueAt); !slices.Equal(ids(due.Entries), idsOf(soon, later)) || summary(due.Entries[0].Votes) != "approve jun" {
		t.Errorf("an hour later due are %q", ids(due.Entries))
	}
}

func TestVotesOnAChangeThatIsNotQueuedAreStray(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c, gone := one("here", server("a"), noon()), one("gone", server("b"), noon())
	h.add(c)
	h.vote(gone, cast(change.Cancel, "mei", "", noon()), cast(change.Approval, "jun", "s", noon()))
	due := h.due(gone.Target, noon())
	if len(due.Entries) != 0 || len(due.Stray) != 2 || !slices.IsSorted(due.Stray) || queue.VotedOn(due.Stray[0]) != gone.ID {
		t.Errorf("it is %+v", due)
	}
	// A lane that has only votes is listed, so that they are deleted.
	lanes, _, err := h.Lanes(t.Context(), noon().Add(-time.Hour), "", 10)
	if err != nil || !slices.Equal(lanes, []change.Target{gone.Target}) {
		t.Errorf("lanes are %v, %v", lanes, err)
	}
	if _, err := h.Find(t.Context(), gone.ID); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("found: %v", err)
	}
	if entries, err := h.First(t.Context(), gone.Target, 10); err != nil || len(entries) != 0 {
		t.Errorf("the first are %q, %v", ids(entries), err)
	}
}

// A vote that cannot be read is ignored, does not block the lane, and can be cast
// again.
func TestADamagedVoteDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"no JSON": "{", "empty": "", "another form": `{"schema":"sslvpn-change/vote/v2","id":"$ID","vote":{"word":"approve","person":"jun","showing":"s"}}`,
		"another change": `{"schema":"sslvpn-change/vote/v1","id":"20261122-aaaaaaaaaa","vote":{"word":"approve","person":"jun","showing":"s"}}`,
		"another person": `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"approve","person":"lan","showing":"s"}}`,
		"another kind":   `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"cancel","person":"jun","showing":"s"}}`,
		"no person":      `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"approve","showing":"s"}}`,
		"no time":        `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"approve","person":"jun","showing":"s"}}`,
		"truncated":      `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"approve","person":"jun","at":"2026-11-22T12:00:00Z","showing":"s"}`,
		"too large":      strings.Repeat(" ", blob.DefaultLimit+1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			c := one("a", server("a"), noon())
			h.add(c)
			h.vote(c, cast(change.Approval, "jun", "s", noon()))
			key := h.votes(c)[0].Key
			h.put(key, strings.ReplaceAll(damage, "$ID", c.ID))
			h.vote(c, cast(change.Approval, "lan", "s", noon()))
			due := h.due(c.Target, noon())
			if len(due.Entries) != 1 || summary(due.Entries[0].Votes) != "approve lan" || !slices.Equal(due.Damaged, []string{key}) || len(due.Stray) != 0 {
				t.Errorf("due are %+v", due)
			}
			if found, err := h.Find(t.Context(), c.ID); err != nil || summary(found.Votes) != "approve lan" {
				t.Errorf("found %q, %v", summary(found.Votes), err)
			}
			h.vote(c, cast(change.Approval, "jun", "s", noon().Add(time.Minute)))
			if due := h.due(c.Target, noon()); summary(due.Entries[0].Votes) != "approve lan, approve jun" || len(due.Damaged) != 0 {
				t.Errorf("cast again: %+v", due)
			}
		})
	}
}

func FuzzVoteKeys(f *testing.F) {
	for _, key := range []string{
		"queue/cn-hangzhou/vss-a/-20261122-abcdefghij-approve-0123456789abcdef.json", "queue/cn-hangzhou/vss-a/-20261122-abcdefghij-12-cancel-0123456789abcdef.json",
		"queue/cn-hangzhou/vss-a/-20261122-abcdefghij-0-reject-0123456789abcdef.json", "queue/-20261122-abcdefghij-reject-0123456789abcdef.json", "queue/", "",
		objects.EntryKey(one("a", server("a"), noon())),
	} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		id := queue.VotedOn(key)
		if id == "" {
			return
		}
		if _, _, _, ok := change.ParseID(id); !ok {
			t.Errorf("%q is a vote on %q, which is no change", key, id)
		}
		lane := strings.TrimPrefix(key[:strings.LastIndex(key, "/")], "queue/") // whatever signs its names have
		target, ok := change.ParseTarget(lane)
		if !ok || !strings.HasPrefix(key, objects.QueuePrefix(target)+"-"+id+"-") {
			t.Errorf("%q is a vote on %q in %q", key, id, lane)
		}
	})
}
