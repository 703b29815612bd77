package executor_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// The status of a change says until when it can be confirmed: also after somebody gave
// more time, and when the time is over and the undo waits.
func TestTheStatusHasTheTimeOfTheUndo(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	r.accepted("mei", "confirm "+id+" 40m")
	ans := r.says("mei", "status "+id)
	left := ans.Record.Undo.DueAt.Sub(r.Clock.Now())
	if left < 39*time.Minute || left > 40*time.Minute {
		t.Errorf("it can be confirmed for %v", left)
	}
	r.wait(41 * time.Minute)
	ans = r.says("mei", "status "+id)
	for l, want := range map[lang.Tag]string{lang.English: "is being undone by " + undo, lang.Chinese: "正在由 " + undo + " 撤销"} {
		text := wording.Plain(wording.In(l).At(r.Clock.Now(), time.UTC).Answer(ans))
		if !strings.Contains(text, want) || strings.Contains(text, "confirm "+id) || strings.Contains(text, "rollback "+id) || !strings.Contains(text, "status "+undo) {
			t.Errorf("it says %s", text)
		}
	}
	for line, want := range map[string]string{"status " + undo: "It undoes " + id + ", which was not confirmed.", "status": "the undo of " + id + ": "} {
		if text := shown(r.says("mei", line)); !strings.Contains(text, want) || strings.Contains(text, "unless") || strings.Count(text, "Port") > 1 {
			t.Errorf("%s says %s", line, text)
		}
	}
}

// A change that the policy wants confirmed and that could not be undone is refused when
// it is requested, and its plan says so.
func TestAChangeThatThePolicyWantsConfirmedAndThatCannotBeUndone(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy += "confirmations: [{servers: ['*'], settings: [Name], for: 20m}]\n"
	for _, s := range []change.Target{r.test, r.office} {
		if err := r.VPC.UpdateServer(s.ServerID, func(s *vpc.Server) { s.Name = "x" }); err != nil {
			t.Fatal(err)
		}
	}
	r.refused("mei", "apply test name=office", executor.Invalid, plan.RuleCannotBeUndone)
	if ans := r.says("mei", "plan test name=office"); len(ans.Problems) != 1 || ans.Problems[0].Rule != plan.RuleCannotBeUndone {
		t.Errorf("the plan says %+v", ans.Problems)
	}
	r.count("queue/", 0)
}

// What people do about a change on trial is logged, with the change, its undo and the
// person.
func TestWhatPeopleDoAboutAnUndoIsLogged(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"confirm $ID": "change confirmed", "confirm $ID 20m": "more time to confirm", "rollback $ID": "undo at once", "cancel $UNDO": "change confirmed",
	} {
		r := newHarness(t)
		var log bytes.Buffer
		r.log = slog.New(slog.NewTextHandler(&log, nil))
		id, undo := r.applied()
		r.accepted("boss", strings.NewReplacer("$ID", id, "$UNDO", undo).Replace(line))
		for msg, person := range map[string]string{"undo armed": "mei", want: "boss"} {
			text := "msg=\"" + msg + "\""
			if n := strings.Count(log.String(), text); n != 1 {
				t.Errorf("%s: %q is logged %d times", line, msg, n)
			}
			_, rest, _ := strings.Cut(log.String(), text)
			if rest, _, _ = strings.Cut(rest, "\n"); !strings.Contains(rest, "change="+id+" undo="+undo+" person="+person) {
				t.Errorf("%s: %s%s", line, msg, rest)
			}
		}
	}
}

// What waits for a change on trial names it, and so does the undo, in lists, too.
func TestWhatWaitsForAConfirmationNamesTheChange(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	other := r.accepted("mei", "apply test cipher=none").Change.ID
	r.drain(r.test)
	for _, tt := range []struct {
		lang lang.Tag
		line string
		want []string
	}{
		{lang.English, "status " + other, []string{"It waits until " + id + " is confirmed or undone."}},
		{lang.Chinese, "status " + other, []string{"等待变更 " + id + " 确认或撤销。"}},
		{lang.English, "status", []string{other + " for test, requested by mei: waits until " + id, undo + " for test, the undo of " + id}},
		{lang.Chinese, "status test", []string{other + "（test，申请人 mei）：等待 " + id, undo + "（test，如不确认则撤销 " + id}},
	} {
		text := wording.Plain(wording.In(tt.lang).Answer(r.says("mei", tt.line)))
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s (%s) says\n%s\nwithout %q", tt.line, tt.lang, text, want)
			}
		}
	}
}

// A confirmation that comes after an undo that failed is not told that the change was
// undone.
func TestAConfirmationAfterAnUndoThatFailed(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	r.wait(10*time.Minute + change.UndoGrace)
	if err := r.VPC.Inject(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Port", Message: "no", Times: -1}); err != nil {
		t.Fatal(err)
	}
	r.drain(r.test)
	r.ended(undo, change.Failed)
	ans := r.refused("mei", "confirm "+id, executor.TooLate, executor.RuleConfirmLate)
	if text := shown(ans); strings.Contains(text, "was undone") || !strings.Contains(text, "could not be undone") {
		t.Errorf("it says %s", text)
	}
	if text := wording.Plain(wording.In(lang.Chinese).Answer(ans)); !strings.Contains(text, "撤销失败") || !strings.Contains(text, "请用“回滚”撤销") {
		t.Errorf("it says %s", text)
	}
	r.VPC.ClearFaults()
	r.accepted("mei", "rollback "+id)
	r.drain(r.test)
	if r.port(r.test) != 1194 {
		t.Errorf("port %d", r.port(r.test))
	}
}

// While the policy cannot be used, whoever requested a change can confirm it, and nobody
// else.
func TestTheRequesterConfirmsWithoutAPolicy(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	r.policy = "people: ["
	for _, who := range []string{"boss", "dingtalk:mei"} {
		cmd, err := command.Parse("confirm " + id)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := r.services()
		_, _, err = d.Do(t.Context(), r.from(who), cmd)
		if _, ok := errors.AsType[*policy.InvalidError](err); !ok {
			t.Errorf("%s: %v", who, err)
		}
	}
	r.count("queue/", 1)
	from := r.from("mei")
	for range 2 {
		if ans := r.do(from, "confirm "+id); ans.Outcome != executor.Accepted {
			t.Errorf("it is answered with %+v", ans)
		}
	}
	r.drain(r.test)
	if rec := r.ended(undo, change.Cancelled); rec.Votes[0].Person != "mei" {
		t.Errorf("the votes are %+v", rec.Votes)
	}
}

// Nor does a broken policy let the requester confirm after the time is over.
func TestNobodyConfirmsLateWithoutAPolicy(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"confirm $ID", "cancel $UNDO"} {
		r := newHarness(t)
		id, undo := r.applied()
		r.policy = "people: ["
		r.wait(10 * time.Minute)
		r.refused("mei", strings.NewReplacer("$ID", id, "$UNDO", undo).Replace(verb), executor.TooLate, executor.RuleConfirmLate)
		r.wait(change.UndoGrace)
		r.drain(r.test)
		r.ended(undo, change.Applied)
	}
}

// The history shows an undo as one, and not as a change that somebody requested.
func TestTheHistoryShowsUndos(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	r.accepted("boss", "confirm "+id)
	r.drain(r.test)
	r.ended(undo, change.Cancelled)
	ans := r.says("mei", "history test")
	for l, want := range map[lang.Tag]string{lang.English: "undo of " + id, lang.Chinese: "撤销 " + id} {
		if text := wording.Plain(wording.In(l).Answer(ans)); !strings.Contains(text, want) || strings.Count(text, "mei") != 1 {
			t.Errorf("it is\n%s", text)
		}
	}
}

// A rollback that asks to be guarded is not an undo at once: that would disconnect people
// whom the guard was to protect.
func TestARollbackWithGuardsOfAChangeOnTrial(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	for _, key := range []string{"when=idle(1)", "confirm=5m", "proof=yes"} {
		r.refused("mei", "rollback "+id+" "+key, executor.Invalid, executor.RuleUnguardedUndo)
	}
	r.count("queue/", 1)
	r.accepted("mei", "rollback "+id)
	r.wait(change.UndoGrace)
	r.drain(r.test)
	r.ended(undo, change.Applied)
}
