package queue_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/queue"
)

func says(w change.VoteKind, who, showing string, at time.Time) queue.Vote {
	return queue.Vote{Vote: change.Vote{Kind: w, Person: who, Account: "slack:T1/" + who, At: at, Digest: showing}, Reply: json.RawMessage(`{"to":"` + who + `"}`)}
}

func (l *line) vote(c change.Change, votes ...queue.Vote) {
	l.t.Helper()
	for _, v := range votes {
		if err := l.Vote(l.t.Context(), c.Target, c.ID, v); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *line) votes(c change.Change) []queue.Vote {
	l.t.Helper()
	votes, err := l.Votes(l.t.Context(), c.Target, c.ID)
	if err != nil {
		l.t.Fatal(err)
	}
	return votes
}

func words(votes []queue.Vote) string {
	var out []string
	for _, v := range votes {
		out = append(out, string(v.Kind)+" "+v.Person)
	}
	return strings.Join(out, ", ")
}

func TestVotesComeBackInTheirOrder(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	c := document("a", server("a"), noon(), 12)[11] // an id with a number
	first := document("a", server("a"), noon(), 12)[0]
	l.add(c, first)
	l.vote(c, says(change.Rejection, "lan", "", noon().Add(2)), says(change.Approval, "jun", "s", noon()), says(change.Cancel, "mei", "", noon().Add(1)))
	l.vote(first, says(change.Approval, "boss", "s", noon()))
	keys := l.Keys(t.Context(), "queue/")
	if len(keys) != 6 || !strings.HasSuffix(keys[4], c.ID+".json") && !strings.HasSuffix(keys[5], c.ID+".json") {
		t.Errorf("votes do not stand before changes: %q", keys)
	}
	for _, key := range keys[:4] {
		if about := queue.VotedOn(key); about != c.ID && about != first.ID {
			t.Errorf("%s is on %q", key, about)
		}
	}
	if queue.VotedOn(keys[4]) != "" {
		t.Errorf("%s is a vote", keys[4])
	}
	before := l.Store.Requests()
	due := l.due(c.Target, noon())
	if n := l.Store.Requests() - before; n != 1+2+4 {
		t.Errorf("%d requests, want a listing, two entries and four votes", n)
	}
	if got := ids(due.Entries); !slices.Equal(got, idsOf(first, c)) || words(due.Entries[0].Votes) != "approve boss" {
		t.Errorf("due are %q, voted on %q", got, words(due.Entries[0].Votes))
	}
	got := due.Entries[1]
	if words(got.Votes) != "approve jun, cancel mei, reject lan" || len(got.Ballot()) != 3 || len(got.Keys()) != 4 || string(got.Votes[0].Reply) != `{"to":"jun"}` ||
		got.Votes[0].Digest != "s" || got.Votes[0].Account != "slack:T1/jun" || !got.Votes[0].At.Equal(noon()) {
		t.Errorf("voted was %+v", got.Votes)
	}
	found, err := l.Find(t.Context(), c.ID)
	if err != nil || words(found.Votes) != words(got.Votes) {
		t.Errorf("found %q, %v", words(found.Votes), err)
	}
	for _, target := range []change.Target{c.Target, {}} {
		entries, err := l.First(t.Context(), target, 1)
		if err != nil || len(entries) != 1 || words(entries[0].Votes) != "approve boss" {
			t.Errorf("the first of %v are %q, %v", target, ids(entries), err)
		}
	}
	if err := l.Remove(t.Context(), got.Keys()...); err != nil || words(l.votes(c)) != "" || words(l.votes(first)) != "approve boss" {
		t.Errorf("removed with its votes: %v, %q, %q", err, words(l.votes(c)), words(l.votes(first)))
	}
}

func TestTheSameWordAgainIsTheFirstOne(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	c := one("a", server("a"), noon())
	l.add(c)
	at := func(d time.Duration) time.Time { return noon().Add(d) }
	l.vote(c, says(change.Approval, "jun", "s", noon()), says(change.Approval, "jun", "s", at(time.Hour)), says(change.Cancel, "mei", "", noon()), says(change.Cancel, "mei", "", at(48*time.Hour)))
	if got := l.votes(c); words(got) != "approve jun, cancel mei" && words(got) != "cancel mei, approve jun" || !got[0].At.Equal(noon()) || !got[1].At.Equal(noon()) {
		t.Errorf("voted was %+v", got)
	}
	// Of something else than before, it is another vote.
	l.vote(c, says(change.Approval, "jun", "t", at(time.Hour)))
	if got := l.votes(c); len(got) != 3 {
		t.Errorf("voted was %q", words(got))
	}
	// One that has lapsed counts for nothing, and may be given anew.
	l.vote(c, says(change.Approval, "jun", "s", at(change.ApprovalLifetime-1)))
	if got := l.votes(c); !got[0].At.Equal(noon()) {
		t.Errorf("replaced before it lapsed: %+v", got)
	}
	l.vote(c, says(change.Approval, "jun", "s", at(change.ApprovalLifetime)))
	got := l.votes(c)
	if len(got) != 3 || got[0].Kind != change.Cancel || !got[2].At.Equal(at(change.ApprovalLifetime)) {
		t.Errorf("voted was %+v", got)
	}
}

// Who takes back a change that is for later need not wait for it.
func TestAWordAgainstAChangeMakesItDue(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	s := server("a")
	soon, later, last := one("soon", s, noon().Add(time.Hour)), one("later", s, noon().Add(2*time.Hour)), one("last", s, noon().Add(3*time.Hour))
	l.add(soon, later, last)
	l.vote(soon, says(change.Approval, "jun", "s", noon()))
	l.vote(later, says(change.Cancel, "mei", "", noon()))
	due := l.due(s, noon())
	if !slices.Equal(ids(due.Entries), idsOf(later)) || words(due.Entries[0].Votes) != "cancel mei" || !due.Next.Equal(soon.DueAt) || len(due.Stray) != 0 {
		t.Errorf("due are %q, next %s, stray %q", ids(due.Entries), due.Next, due.Stray)
	}
	if want := []string{objects.EntryKey(soon), objects.EntryKey(last)}; !slices.Equal(due.Later, want) {
		t.Errorf("later are %q", due.Later)
	}
	if due := l.due(s, soon.DueAt); !slices.Equal(ids(due.Entries), idsOf(soon, later)) || words(due.Entries[0].Votes) != "approve jun" {
		t.Errorf("an hour later due are %q", ids(due.Entries))
	}
}

func TestVotesOnWhatIsNotInLineAreStray(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	c, gone := one("here", server("a"), noon()), one("gone", server("b"), noon())
	l.add(c)
	l.vote(gone, says(change.Cancel, "mei", "", noon()), says(change.Approval, "jun", "s", noon()))
	due := l.due(gone.Target, noon())
	if len(due.Entries) != 0 || len(due.Stray) != 2 || !slices.IsSorted(due.Stray) || queue.VotedOn(due.Stray[0]) != gone.ID {
		t.Errorf("it is %+v", due)
	}
	// A lane that holds nothing but votes is to be looked at: somebody tidies up.
	lanes, _, err := l.Lanes(t.Context(), noon().Add(-time.Hour), "", 10)
	if err != nil || !slices.Equal(lanes, []change.Target{gone.Target}) {
		t.Errorf("lanes are %v, %v", lanes, err)
	}
	if _, err := l.Find(t.Context(), gone.ID); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("found: %v", err)
	}
	if entries, err := l.First(t.Context(), gone.Target, 10); err != nil || len(entries) != 0 {
		t.Errorf("the first are %q, %v", ids(entries), err)
	}
}

// A vote that cannot be read counts as not cast and keeps nobody from work; it
// can be cast again.
func TestADamagedVoteDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"no JSON": "{", "empty": "", "another form": `{"schema":"sslvpn-change/vote/v2","id":"$ID","vote":{"word":"approve","person":"jun","showing":"s"}}`,
		"another change": `{"schema":"sslvpn-change/vote/v1","id":"20261122-aaaaaaaaaa","vote":{"word":"approve","person":"jun","showing":"s"}}`,
		"another person": `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"approve","person":"lan","showing":"s"}}`,
		"another word":   `{"schema":"sslvpn-change/vote/v1","id":"$ID","vote":{"word":"cancel","person":"jun","showing":"s"}}`,
		"too large":      strings.Repeat(" ", 9<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			c := one("a", server("a"), noon())
			l.add(c)
			l.vote(c, says(change.Approval, "jun", "s", noon()))
			key := l.votes(c)[0].Key
			l.put(key, strings.ReplaceAll(damage, "$ID", c.ID))
			l.vote(c, says(change.Approval, "lan", "s", noon()))
			due := l.due(c.Target, noon())
			if len(due.Entries) != 1 || words(due.Entries[0].Votes) != "approve lan" || !slices.Equal(due.Damaged, []string{key}) || len(due.Stray) != 0 {
				t.Errorf("due are %+v", due)
			}
			if found, err := l.Find(t.Context(), c.ID); err != nil || words(found.Votes) != "approve lan" {
				t.Errorf("found %q, %v", words(found.Votes), err)
			}
			l.vote(c, says(change.Approval, "jun", "s", noon().Add(time.Minute)))
			if due := l.due(c.Target, noon()); words(due.Entries[0].Votes) != "approve lan, approve jun" || len(due.Damaged) != 0 {
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
