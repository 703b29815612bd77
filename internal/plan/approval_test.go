package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

func needing(n int) func(*change.Change) {
	return func(c *change.Change) {
		c.Approvals, c.Origin = n, change.Origin{Kind: change.FromChat, Actor: "slack:T1/mei", Person: "mei"}
	}
}

// yes is an approval of a plan digest, some time before noon.
func yes(who, digest string, ago time.Duration) change.Vote {
	return change.Vote{Kind: change.Approval, Person: who, Account: "slack:T1/" + who, At: noon().Add(-ago), Digest: digest}
}

func due(at time.Time) func(*change.Change) { return func(c *change.Change) { c.DueAt = at } }

func no(w change.VoteKind, who, reason string) change.Vote {
	return change.Vote{Kind: w, Person: who, At: noon(), Reason: reason}
}

// at is an approval by a person with an account.
func at(account, person string) change.Vote {
	return change.Vote{Kind: change.Approval, Person: person, Account: account, At: noon(), Digest: "s"}
}

// renamed is an approval by somebody's account, under another name.
func renamed(name, account string) change.Vote { return at("slack:T1/"+account, name) }

func who(votes []change.Vote) string {
	var names []string
	for _, v := range votes {
		names = append(names, v.Person)
	}
	return strings.Join(names, " ")
}

func TestApprovalsThatCount(t *testing.T) {
	t.Parallel()
	const day = change.ApprovalLifetime
	for name, tt := range map[string]struct {
		need   int
		votes  []change.Vote
		agreed string
		lapsed int
		ready  bool
	}{
		"nobody need agree":                   {ready: true},
		"nobody agreed":                       {need: 1},
		"one of one":                          {need: 1, votes: []change.Vote{yes("jun", "s", 0)}, agreed: "jun", ready: true},
		"one of two":                          {need: 2, votes: []change.Vote{yes("jun", "s", 0)}, agreed: "jun"},
		"two of two":                          {need: 2, votes: []change.Vote{yes("jun", "s", 2), yes("lan", "s", 1)}, agreed: "jun lan", ready: true},
		"one person twice":                    {need: 2, votes: []change.Vote{yes("jun", "s", 2), yes("jun", "s", 1)}, agreed: "jun"},
		"one person of two accounts":          {need: 2, votes: []change.Vote{yes("jun", "s", 2), {Kind: change.Approval, Person: "jun", Account: "dingtalk:d/j", At: noon(), Digest: "s"}}, agreed: "jun"},
		"whoever asked":                       {need: 1, votes: []change.Vote{yes("mei", "s", 0)}, lapsed: 1},
		"whoever asked, and another":          {need: 2, votes: []change.Vote{yes("mei", "s", 0), yes("jun", "s", 0)}, agreed: "jun", lapsed: 1},
		"whoever asked, under another name":   {need: 1, votes: []change.Vote{renamed("wei", "mei")}, lapsed: 1},
		"one account under two names":         {need: 2, votes: []change.Vote{yes("jun", "s", 2), renamed("wei", "jun")}, agreed: "jun"},
		"two names that exchanged accounts":   {need: 2, votes: []change.Vote{yes("jun", "s", 3), renamed("lan", "jun"), renamed("jun", "lan")}, agreed: "jun"},
		"one account of WeCom in two cases":   {need: 2, votes: []change.Vote{at("wecom:ww1/LiSi", "li.si"), at("wecom:ww1/lisi", "si.li")}, agreed: "li.si"},
		"two accounts of Slack in two cases":  {need: 2, votes: []change.Vote{at("slack:T1/U1", "jun"), at("slack:T1/u1", "lan")}, agreed: "jun lan", ready: true},
		"a nanosecond before the day is up":   {need: 1, votes: []change.Vote{yes("jun", "s", day-1)}, agreed: "jun", ready: true},
		"a day later":                         {need: 1, votes: []change.Vote{yes("jun", "s", day)}, lapsed: 1},
		"one lapsed, one not":                 {need: 2, votes: []change.Vote{yes("jun", "s", day), yes("lan", "s", 0)}, agreed: "lan", lapsed: 1},
		"of two digests":                      {need: 2, votes: []change.Vote{yes("jun", "s", 2), yes("lan", "t", 1)}, agreed: "lan", lapsed: 1},
		"of two digests, the first with more": {need: 2, votes: []change.Vote{yes("jun", "s", 3), yes("lan", "s", 2), yes("boss", "t", 1)}, agreed: "jun lan", lapsed: 1, ready: true},
		"of the later of two":                 {need: 1, votes: []change.Vote{yes("jun", "s", 3), yes("jun", "t", 1)}, agreed: "jun", lapsed: 1, ready: true},
		"other words are no approvals":        {need: 1, votes: []change.Vote{no(change.Cancel, "jun", ""), no(change.Rejection, "lan", "")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := plan.CountApprovals(ask("c", port(1195), needing(tt.need)), tt.votes, noon())
			if who(s.Agreed) != tt.agreed || s.Lapsed != tt.lapsed || s.Ready() != tt.ready || s.Need != tt.need {
				t.Errorf("it stands as %s, %d lapsed, ready %v", who(s.Agreed), s.Lapsed, s.Ready())
			}
		})
	}
}

// For random votes: the approvals that count are of different people, not of the
// requester, of one digest and not lapsed; every approval is counted; an additional
// approval never makes a change less ready, and time never makes it more ready.
func TestInvariantsOfApprovals(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(2026, 12))}
	ready := 0
	for i := range 20_000 {
		c := ask("c", port(1195), needing(1+d.IntN(3)))
		var votes []change.Vote
		approvals := 0
		vote := func() change.Vote {
			v := yes([]string{"mei", "jun", "lan", "boss"}[d.IntN(4)], []string{"s", "t"}[d.IntN(2)], time.Duration(d.IntN(30))*time.Hour)
			v.Kind = []change.VoteKind{change.Approval, change.Approval, change.Approval, change.Rejection, change.Cancel}[d.IntN(5)]
			return v
		}
		for range d.IntN(7) {
			votes = append(votes, vote())
		}
		people := map[string]bool{}
		for _, v := range votes {
			if v.Kind == change.Approval {
				approvals++
			}
		}
		s := plan.CountApprovals(c, votes, noon())
		for _, v := range s.Agreed {
			if v.Kind != change.Approval || v.Person == "mei" || people[v.Person] || v.Digest != s.Agreed[0].Digest || v.Lapsed(noon()) {
				t.Fatalf("round %d: %+v counts among %+v", i, v, votes)
			}
			people[v.Person] = true
		}
		if len(s.Agreed)+s.Lapsed > approvals {
			t.Fatalf("round %d: %d count and %d lapsed of %d", i, len(s.Agreed), s.Lapsed, approvals)
		}
		if plan.CountApprovals(c, votes, noon().Add(time.Hour)).Ready() && !s.Ready() {
			t.Fatalf("round %d: time made it ready: %+v", i, votes)
		}
		if s.Ready() {
			ready++
			if !plan.CountApprovals(c, append(slices.Clone(votes), vote()), noon()).Ready() {
				t.Fatalf("round %d: one vote more made it less ready: %+v", i, votes)
			}
		}
		if plan.Ready(c, votes, noon()) != (s.Ready() || plan.Ends(c, votes, noon())) {
			t.Fatalf("round %d: to be taken up: %+v", i, votes)
		}
	}
	if ready < 500 {
		t.Errorf("only %d were ready: the dice are loaded", ready)
	}
}

func TestTheFirstRejectionOrCancelCounts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		votes  []change.Vote
		status change.Status
		by     string
		says   string
	}{
		"nobody":                     {},
		"approvals alone":            {votes: []change.Vote{yes("jun", "s", 0)}},
		"a cancel":                   {votes: []change.Vote{no(change.Cancel, "mei", "typo")}, status: change.Cancelled, by: "mei"},
		"a rejection":                {votes: []change.Vote{no(change.Rejection, "lan", "")}, status: change.Rejected, by: "lan", says: "lan rejected the change"},
		"a rejection with a reason":  {votes: []change.Vote{no(change.Rejection, "lan", "not by day")}, status: change.Rejected, by: "lan", says: "lan rejected the change: not by day"},
		"a cancel before a refusal":  {votes: []change.Vote{no(change.Cancel, "mei", ""), no(change.Rejection, "lan", "")}, status: change.Cancelled, by: "mei"},
		"a refusal before a cancel":  {votes: []change.Vote{no(change.Rejection, "lan", ""), no(change.Cancel, "mei", "")}, status: change.Rejected, by: "lan", says: "lan rejected the change"},
		"a refusal after approvals":  {votes: []change.Vote{yes("jun", "s", 2), no(change.Rejection, "lan", "")}, status: change.Rejected, by: "lan", says: "lan rejected the change"},
		"approvals after the cancel": {votes: []change.Vote{no(change.Cancel, "boss", ""), yes("jun", "s", 0)}, status: change.Cancelled, by: "boss"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, gone := plan.Withdrawn(change.Change{ID: "c"}, tt.votes)
			if gone != (tt.by != "") || o.Status != tt.status || who(o.Votes) != tt.by {
				t.Errorf("it ends as %+v, %v", o, gone)
			}
			if tt.says != "" && (len(o.Problems) != 1 || o.Problems[0].Rule != plan.RuleRejected || o.Problems[0].Message != tt.says || o.Problems[0].Hint == "") {
				t.Errorf("it says %+v", o.Problems)
			}
			c := ask("c", port(1195), needing(2))
			p := plan.Make(plan.Input{Before: before(), Readable: true, Now: noon(), Changes: []change.Change{c}, Votes: map[string][]change.Vote{"c": tt.votes}})
			if gone && (p.Outcomes[0].Status != tt.status || len(p.Patch) > 0) {
				t.Errorf("planned it is %+v, and %v is sent", p.Outcomes[0], p.Patch)
			}
			if plan.Ends(c, tt.votes, noon()) != gone || plan.Ready(c, tt.votes, noon()) != gone {
				t.Errorf("ends %v, ready %v", plan.Ends(c, tt.votes, noon()), plan.Ready(c, tt.votes, noon()))
			}
		})
	}
	if c := ask("c", port(1195), needing(1), expired); !plan.Ends(c, nil, noon()) || plan.Ends(c, nil, noon().Add(-1)) || !plan.Ready(c, nil, noon()) {
		t.Error("a change that nobody answered does not end when it expires")
	}
}

func TestOnlyTheApprovedPlanIsApplied(t *testing.T) {
	t.Parallel()
	shown := change.PlanDigest(ask("c", port(1195)), before())
	moved := before().With(port(1200))
	for name, tt := range map[string]struct {
		before change.Settings
		blind  bool
		first  []change.Change
		votes  []change.Vote
		status change.Status
		rule   string
		says   string
	}{
		"as it was shown":             {before: before(), votes: []change.Vote{yes("jun", shown, 1)}, status: change.Applied},
		"the server changed":          {before: moved, votes: []change.Vote{yes("jun", shown, 1)}, status: change.Rejected, rule: plan.RuleApprovalLapsed, says: "server has changed"},
		"a change before it":          {before: before(), first: []change.Change{ask("a", port(1200))}, votes: []change.Vote{yes("jun", shown, 1)}, status: change.Rejected, rule: plan.RuleApprovalLapsed},
		"it lapsed":                   {before: before(), votes: []change.Vote{yes("jun", shown, 24*time.Hour)}, status: change.Rejected, rule: plan.RuleApprovalLapsed, says: "0 of 1 approvals"},
		"nobody agreed":               {before: before(), status: change.Rejected, rule: plan.RuleApprovalLapsed, says: "0 of 1 approvals"},
		"of another change":           {before: before(), votes: []change.Vote{yes("jun", change.PlanDigest(ask("d", port(1195)), before()), 1)}, status: change.Rejected, rule: plan.RuleApprovalLapsed},
		"the server may not be read":  {blind: true, votes: []change.Vote{yes("jun", shown, 1)}, status: change.Rejected, rule: plan.RuleNotReadable, says: "the approved plan cannot be checked"},
		"at another time":             {before: before(), votes: []change.Vote{yes("jun", change.PlanDigest(ask("c", port(1195), due(noon().Add(-time.Hour))), before()), 1)}, status: change.Rejected, rule: plan.RuleApprovalLapsed},
		"a setting that it names not": {before: before().With(change.Patch{change.Compress: change.Flag(true)}), votes: []change.Vote{yes("jun", shown, 1)}, status: change.Rejected, rule: plan.RuleApprovalLapsed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{
				Before: tt.before, Readable: !tt.blind, Now: noon(), Changes: append(tt.first, ask("c", port(1195), needing(1))),
				Votes: map[string][]change.Vote{"c": tt.votes},
			})
			o := p.Outcomes[len(p.Outcomes)-1]
			if o.Status != tt.status || tt.rule != "" && (len(o.Problems) != 1 || o.Problems[0].Rule != tt.rule || !strings.Contains(o.Problems[0].Message, tt.says) || o.Problems[0].Hint == "") {
				t.Errorf("it is %+v", o)
			}
			if _, sent := p.Patch[change.Port]; sent != (tt.status == change.Applied || len(tt.first) > 0) {
				t.Errorf("%v is sent", p.Patch)
			}
		})
	}
}

// The outcome of an expired change has the approvals that were given in time.
func TestAnExpiredChangeKeepsItsApprovals(t *testing.T) {
	t.Parallel()
	shown := change.PlanDigest(ask("c", port(1195), expired), before())
	p := plan.Make(plan.Input{
		Before: before(), Readable: true, Now: noon(), Changes: []change.Change{ask("c", port(1195), needing(1), expired)},
		Votes: map[string][]change.Vote{"c": {yes("jun", shown, 1)}},
	})
	if o := p.Outcomes[0]; o.Status != change.Expired || who(o.Votes) != "jun" {
		t.Errorf("it is %+v", o)
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	text := change.Text
	done := []change.Difference{
		{Field: change.Port, From: change.Number(1194), To: change.Number(1195)},
		{Field: change.LocalSubnet, From: text("10.20.0.0/16"), To: text("10.50.0.0/16,10.60.0.0/16")},
		{Field: change.Cipher, From: text("AES-128-CBC"), To: text("none")},
		{Field: change.Name, To: text("new")},
	}
	u := plan.Undo(done, change.Settings{
		change.Port: change.Number(1195), change.LocalSubnet: text("10.60.0.0/16,10.50.0.0/16"), change.Cipher: text("AES-256-CBC"), change.Name: text("new"), change.Proto: text("TCP"),
	}, 0)
	back, left := u.Patch, u.Left
	if want := (change.Patch{change.Port: change.Number(1194), change.LocalSubnet: text("10.20.0.0/16")}); !back.Equal(want) {
		t.Errorf("it sets back %v, want %v", back, want)
	}
	if got := fmt.Sprint(left); got != "[{Cipher AES-256-CBC AES-128-CBC} {Name new }]" {
		t.Errorf("it leaves %s", got)
	}
}

// For random changes: undoing restores the old values where the change's values are
// still current, and alters nothing else.
func TestUndoTouchesNothingOfOthers(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(2026, 13))}
	undone, kept := 0, 0
	for i := range 5_000 {
		before := change.Settings{}
		for _, f := range change.Fields() {
			if d.IntN(5) > 0 {
				before[f] = d.value(f)
			}
		}
		asked := d.patch(4)
		diffs := change.Diff(before, asked)
		after := before.With(asked)
		others := d.patch(3)
		now := after.With(others)
		u := plan.Undo(diffs, now, 0)
		back, left := u.Patch, u.Left
		restored := now.With(back)
		for _, f := range change.Fields() {
			at := slices.IndexFunc(diffs, func(x change.Difference) bool { return x.Field == f })
			switch {
			case at < 0 || diffs[at].From.String() == "" || slices.Contains(u.Unaccepted, f) || !change.Equal(f, now[f], after[f]):
				if !change.Equal(f, restored[f], now[f]) {
					t.Fatalf("round %d: %s was not the change's to undo: %v became %v", i, f, now[f], restored[f])
				}
			default:
				undone++
				if !change.Equal(f, restored[f], before[f]) {
					t.Fatalf("round %d: %s is %v, not %v as before", i, f, restored[f], before[f])
				}
			}
		}
		kept += len(left)
		if len(back)+len(left) != len(diffs) {
			t.Fatalf("round %d: of %d settings %d go back and %d stay", i, len(diffs), len(back), len(left))
		}
	}
	if undone < 1000 || kept < 1000 {
		t.Errorf("%d undone, %d kept: the dice are loaded", undone, kept)
	}
}
