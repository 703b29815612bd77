package wording_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// outside is a text that comes from elsewhere, told by its first character.
const outside = "◆<!channel>\n[x](https://evil.example)"

// spans are the pieces of a text, its commands' labels as words.
func spans(t chat.Text) []chat.Span {
	out := append([]chat.Span{}, t.Title...)
	for _, l := range t.Lines {
		out = append(out, l...)
	}
	for _, n := range t.Next {
		out = append(out, chat.Words(n.Label))
	}
	return out
}

// hostile is every answer with something from elsewhere in each of its places.
func hostile() []one {
	diffs := []change.Difference{{Field: change.Name, From: change.Text(outside), To: change.Text(outside)}}
	problem := change.Problem{Path: outside, Rule: outside, Message: outside, Hint: outside}
	known := func(rule string) change.Problem { p := problem; p.Rule = rule; return p }
	problems := []change.Problem{problem, known(plan.RuleRejected), known(executor.RuleNoChange)}
	server := &executor.Server{Name: outside, Target: change.Target{RegionID: outside, ServerID: outside}, Settings: change.Settings{change.Name: change.Text(outside)}}
	made := func(edit func(*executor.Change)) *executor.Change {
		c := &executor.Change{
			Target: server.Target, ID: outside, Status: change.Waiting, Why: outside, Name: outside, Patch: change.Patch{change.Name: change.Text(outside)},
			Requester: outside, Reason: outside, Ref: outside, Accepted: noon(), Due: noon().Add(time.Hour), Next: noon(),
		}
		edit(c)
		return c
	}
	free := made(func(c *executor.Change) { c.Cause = reconcile.CauseBreaker })
	voted := made(func(c *executor.Change) {
		c.Need, c.ApprovedBy, c.Approvers = 3, []string{outside}, []string{outside, outside + "2"}
	})
	enough := made(func(c *executor.Change) { c.Need, c.ApprovedBy = 1, []string{outside} })
	plans := []*executor.Plan{
		nil, {Changed: diffs, Left: append([]change.Difference{{Field: change.Name}}, diffs...), Code: outside}, {Unseen: &problem}, {},
	}
	rec := record.Record{
		ID: outside, ServerID: outside, Reason: outside, Ref: outside, Origin: change.Origin{Actor: outside, Person: outside}, Changed: diffs,
		SupersededBy: map[change.Field]string{change.Name: outside}, DueAt: noon(), FinishedAt: noon().Add(time.Hour),
		Error:  &record.Failure{Code: outside, Message: outside, Hint: outside},
		Votes:  []change.Vote{{Kind: change.Approval, Person: outside}, {Kind: change.Rejection, Person: outside, Reason: outside}},
		Notice: &record.Notice{Deliveries: []record.Delivery{{Code: outside, Message: outside}}},
	}
	var out []one
	for _, v := range command.Verbs() {
		for _, o := range []executor.Outcome{executor.Shown, executor.Accepted, executor.NotYet, executor.Refused} {
			for _, p := range plans {
				if v == command.Plan && p == nil { // it always has one
					continue
				}
				for _, c := range []*executor.Change{free, voted, enough} {
					a := executor.Answer{
						Command: command.Command{Verb: v, Server: outside, Change: outside, Reason: outside}, Verb: v, By: outside, Notifies: true, Outcome: o,
						Refusal: executor.TooLate, Server: server, Plan: p, Change: c, Queue: []executor.Change{*c}, History: []record.Record{rec},
					}
					out = append(out, says(string(v)+" "+string(o), a))
					a.Problems = problems
					out = append(out, says(string(v)+" "+string(o)+" with problems", a))
					a.Change, a.Record = nil, nil
					if v == command.Status {
						out = append(out, says("status of a server", a))
					}
					a.Change, a.Record = c, &rec
					out = append(out, says(string(v)+" "+string(o)+" with a record", a))
				}
			}
		}
	}
	for _, s := range []change.Status{
		change.Applied, change.Unchanged, change.Planned, change.Superseded, change.Failed, change.Rejected, change.Expired, change.Cancelled, change.Queued, "another",
	} {
		r := rec
		r.Status = s
		out = append(out, one{"record " + string(s), func(w wording.Writer) chat.Text { return w.Record(r, outside) }})
		r.Problems = problems
		out = append(out, one{"record with problems " + string(s), func(w wording.Writer) chat.Text { return w.Record(r, "") }})
	}
	return out
}

// Platforms show code pieces letter by letter: whatever comes from elsewhere is
// one, and on one line.
func TestWhatComesFromElsewhereIsCode(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, x := range hostile() {
		for _, l := range []lang.Tag{lang.English, lang.Chinese, ""} {
			for _, s := range spans(x.say(wording.In(l))) {
				if strings.Contains(s.Text, "◆") {
					seen++
					if !s.Code {
						t.Errorf("%s (%s): %q is shown as the function's own words", x.name, l, s.Text)
					}
				}
				if strings.ContainsAny(s.Text, "\n\r") {
					t.Errorf("%s (%s): %q breaks its line", x.name, l, s.Text)
				}
				if !s.Code && strings.ContainsAny(s.Text, "{}") {
					t.Errorf("%s (%s): %q has a piece that is missing", x.name, l, s.Text)
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d pieces were seen", seen)
	}
}

// What was typed is repeated by package command, which makes it fit: in quotes,
// on one line, shortened. Platforms escape words, too.
func TestWhatWasTypedIsRepeatedOnOneLine(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"apply <!channel>\u202e port=1195", "apply office <@U1>=x", "apply office port=[x](https://evil.example)", "<!everyone>", "apply office name=“a\tb”",
		"approve <!here>", "apply office port=1 expect.port=" + strings.Repeat("x", 300),
	} {
		_, err := command.Parse(line)
		e, ok := errors.AsType[*command.Error](err)
		if !ok {
			t.Fatalf("%q is a command", line)
		}
		for _, l := range []lang.Tag{lang.English, lang.Chinese} {
			text := wording.In(l).BadCommand(err)
			if len(text.Lines) != len(e.Problems) || text.Mark != chat.Refused {
				t.Errorf("%q: %d lines for %d problems", line, len(text.Lines), len(e.Problems))
			}
			for _, s := range spans(text) {
				if strings.ContainsAny(s.Text, "\n\r\t\u202e") || len(s.Text) > 600 {
					t.Errorf("%q is repeated as %q", line, s.Text)
				}
			}
		}
		if got := wording.CommandProblems(err); len(got) != len(e.Problems) || got[0].Rule != string(e.Rule) || got[0].Message == "" {
			t.Errorf("%q: for programs it is %+v", line, got)
		}
	}
	if got := wording.CommandProblems(errors.New("boom")); got != nil {
		t.Errorf("got %+v", got)
	}
}
