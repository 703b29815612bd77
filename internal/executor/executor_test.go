package executor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

func TestAPlanHasNoEffect(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.says("eve", "plan test port=1195 proto=tcp")
	if ans.Outcome != executor.Shown || fmt.Sprint(ans.Plan.Changed) != "[{Proto UDP TCP} {Port 1194 1195}]" || ans.Server.Name != "test" {
		t.Errorf("the plan is %+v", ans.Plan)
	}
	for _, prefix := range []string{"queue/", "wake/", "lanes/", "results/"} {
		r.count(prefix, 0)
	}
	r.refused("eve", "plan office port=1195", executor.NotFound, executor.RuleUnknownServer)
	r.refused("mallory", "plan test port=1195", executor.Forbidden, policy.RuleUnknownAccount)
	r.refused("mei", "plan nowhere port=1195", executor.NotFound, executor.RuleUnknownServer)
	ans = r.says("mei", "plan vss-none port=1195")
	if len(ans.Problems) != 1 || !strings.Contains(ans.Problems[0].Rule, "NotFound") && ans.Problems[0].Rule == "" {
		t.Errorf("a server that is not there: %+v", ans.Problems)
	}
	ans = r.says("mei", "plan test pool=10.20.0.0/16")
	if len(ans.Problems) == 0 || ans.Problems[0].Rule != change.RulePoolOverlapsLocalSubnet {
		t.Errorf("an overlap with what the server has: %+v", ans.Problems)
	}
}

func TestAChangeThatNeedsNoApproval(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", `apply test port=1195 reason="close 1194" ref=CHG-1`)
	if ans.Change.Status != change.Queued || ans.Change.Need != 0 || ans.Change.Requester != "mei" {
		t.Errorf("the change is %+v", ans.Change)
	}
	r.count("wake/", 1)
	r.drain(r.test)
	rec := r.ended(ans.Change.ID, change.Applied)
	if rec.Origin.Kind != change.FromChat || rec.Origin.Person != "mei" || rec.Origin.Actor != "slack:T1/mei" || rec.Reason != "close 1194" || rec.Ref != "CHG-1" {
		t.Errorf("the record says %+v, %s, %s", rec.Origin, rec.Reason, rec.Ref)
	}
	if got := r.says("eve", "status "+ans.Change.ID); got.Record == nil || got.Record.ID != ans.Change.ID {
		t.Errorf("its status is %+v", got)
	}
	r.refused("eve", "apply test port=1196", executor.Forbidden, policy.RuleNotPermitted)
	r.refused("mei", "apply test port=1195 expect.port=1194", executor.Invalid, change.RuleExpectMismatch)
	r.count("queue/", 0)
}

// What a command asks of a change is queued with it, shown and recorded.
func TestTheGuardsOfACommand(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply test port=1195 confirm=20m+proof when=idle(<5) proof=yes")
	confirm := change.Confirmation{For: 20 * time.Minute, Proof: true}
	for _, c := range []*executor.Change{ans.Change, r.says("eve", "status "+ans.Change.ID).Change} {
		data, err := json.Marshal(c)
		if err != nil || c.Confirm != confirm || c.Idle != 5 || !c.Proof || !strings.Contains(string(data), `"confirm":"20m proof","when":"idle(5)","proof":true`) {
			t.Errorf("shown is %s, %v", data, err)
		}
	}
	e, err := queue.New(r.Store).Find(t.Context(), ans.Change.ID)
	if err != nil || e.Confirm != confirm || e.Idle != 5 || !e.Proof {
		t.Errorf("queued is %+v, %v", e.Change, err)
	}
	r.accepted("mei", "cancel "+ans.Change.ID)
	r.drain(r.test)
	if rec := r.ended(ans.Change.ID, change.Cancelled); rec.Confirm != "20m proof" || rec.When != "idle(5)" {
		t.Errorf("recorded are %q and %q", rec.Confirm, rec.When)
	}
	id := r.accepted("mei", "apply test port=1195").Change.ID
	r.drain(r.test)
	if back := r.accepted("mei", "rollback "+id+" confirm=10m").Change; back.Confirm != (change.Confirmation{For: 10 * time.Minute}) || back.Idle != 0 || back.Proof {
		t.Errorf("the rollback is %+v", back)
	}
}

func TestARedeliveredMessageQueuesOnce(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	a := r.message("mei", "again")
	first := r.do(a, "apply test port=1195")
	r.Clock.Advance(26 * time.Hour) // ids come from the first delivery
	if again := r.do(a, "apply test port=1195"); again.Change.ID != first.Change.ID || again.Outcome != executor.Accepted {
		t.Errorf("the redelivery is %+v", again.Change)
	}
	r.count("queue/", 1)
	r.Clock.Advance(-26 * time.Hour)
	r.drain(r.test)
	r.do(a, "apply test port=1195")
	r.count("queue/", 0)
	if n := len(r.VPC.Calls("ModifySslVpnServer")); n != 1 {
		t.Errorf("%d modifications were sent", n)
	}
	other := a
	other.Message.Content = []byte("somebody else")
	d, _ := r.services()
	cmd, err := command.Parse("apply test port=1199")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.Do(t.Context(), other, cmd)
	if no, ok := errors.AsType[*intake.RefusedError](err); !ok || !no.Conflict {
		t.Errorf("the same id with another content: %v", err)
	}
}

func TestASignatureIsUsedForOneBody(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	cmd, err := command.Parse("apply test port=1195")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := r.services()
	used := func(body string) func() (bool, error) {
		return func() (bool, error) {
			return d.Intake.Use(t.Context(), intake.Delivery{Token: "signature", Method: "POST", Path: "/chat/dingtalk", Body: []byte(body)})
		}
	}
	a := r.message("mei", "one")
	a.Message.Use = used("body")
	if _, _, err := d.Do(t.Context(), a, cmd); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Do(t.Context(), a, cmd); err != nil {
		t.Errorf("a redelivery is refused: %v", err)
	}
	b := r.message("mei", "two")
	b.Message.Use = used("another body")
	if _, _, err := d.Do(t.Context(), b, cmd); err == nil {
		t.Error("the signature was used for another body")
	}
	r.count("queue/", 1)
}

func TestAChangeThatIsApproved(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply office port=1195")
	id, code := ans.Change.ID, ans.Plan.Code
	if ans.Change.Status != change.Waiting || ans.Change.Need != 1 || len(code) != 8 || fmt.Sprint(ans.Change.Approvers) != "[jun lan boss]" {
		t.Errorf("the change is %+v, code %q", ans.Change, code)
	}
	r.count("wake/", 0) // there is nothing to do yet
	if rep := r.drain(r.office); rep.Standing != "waiting" || r.port(r.office) != 1194 {
		t.Errorf("the lane is %+v", rep)
	}
	r.refused("mei", "approve "+id+" "+code, executor.Forbidden, policy.RuleNotPermitted)
	r.refused("eve", "status "+id, executor.NotFound, executor.RuleNoChange)
	if shown := r.says("jun", "approve "+id); shown.Outcome != executor.NotYet || shown.Plan.Code != code || fmt.Sprint(shown.Plan.Changed) != "[{Port 1194 1195}]" {
		t.Errorf("without the code: %+v", shown)
	}
	r.refused("jun", "approve "+id+" aaaaaaaa", executor.Invalid, executor.RuleCodeMismatch)
	if got := r.says("jun", "status "+id); got.Plan == nil || got.Plan.Code != code || got.Change.Cause != "approval" {
		t.Errorf("its status is %+v", got.Change)
	}
	got := r.accepted("jun", "approve "+id+" "+code)
	if got.Change.Status != change.Queued || fmt.Sprint(got.Change.ApprovedBy) != "[jun]" {
		t.Errorf("with approval the change is %+v", got.Change)
	}
	r.count("wake/", 1)
	r.drain(r.office)
	rec := r.ended(id, change.Applied)
	if len(rec.Votes) != 1 || rec.Votes[0].Person != "jun" || rec.Votes[0].Account != "slack:T1/jun" || rec.Votes[0].Digest == "" {
		t.Errorf("the record's votes are %+v", rec.Votes)
	}
	r.count("queue/", 0)
	r.refused("lan", "approve "+id+" "+code, executor.TooLate, executor.RuleEnded)
}

func TestTwoApprovals(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply office proto=TCP")
	id, code := ans.Change.ID, ans.Plan.Code
	if ans.Change.Need != 2 {
		t.Fatalf("%d must agree", ans.Change.Need)
	}
	if got := r.accepted("jun", "approve "+id+" "+code); got.Change.Status != change.Waiting {
		t.Errorf("after one it is %s", got.Change.Status)
	}
	r.accepted("jun", "approve "+id+" "+code) // again: still one
	r.drain(r.office)
	r.count("results/", 0)
	r.accepted("lan", "approve "+id+" "+code)
	r.drain(r.office)
	if rec := r.ended(id, change.Applied); len(rec.Votes) != 2 {
		t.Errorf("the votes are %+v", rec.Votes)
	}
}

// Approvals are counted by person, not by account.
func TestNobodyApprovesTheirOwnChange(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy = strings.Replace(rules, "who: [mei], roles: [operator]", "who: [mei], roles: [operator, approver]", 1)
	ans := r.accepted("mei", "apply office port=1195")
	r.refused("mei", "approve "+ans.Change.ID+" "+ans.Plan.Code, executor.Forbidden, executor.RuleOwnChange)
	r.refused("dingtalk:mei", "approve "+ans.Change.ID+" "+ans.Plan.Code, executor.Forbidden, executor.RuleOwnChange)
	r.refused("dingtalk:mei", "reject "+ans.Change.ID, executor.Forbidden, executor.RuleOwnChange)
	r.count("queue/", 1)
}

func TestAnApprovalBindsToItsPlan(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply office port=1195")
	id := ans.Change.ID
	touch := func(port int) {
		t.Helper()
		if err := r.VPC.UpdateServer("vss-office", func(s *vpc.Server) { s.Port = port }); err != nil {
			t.Fatal(err)
		}
	}
	touch(1200)
	again := r.refused("jun", "approve "+id+" "+ans.Plan.Code, executor.Invalid, executor.RuleCodeMismatch)
	if again.Plan.Code == ans.Plan.Code || fmt.Sprint(again.Plan.Changed) != "[{Port 1200 1195}]" {
		t.Errorf("it shows %+v", again.Plan)
	}
	r.accepted("jun", "approve "+id+" "+again.Plan.Code)
	touch(1201) // between approval and turn
	r.drain(r.office)
	rec := r.ended(id, change.Rejected)
	if rec.Error.Code != "approval-lapsed" || r.port(r.office) != 1201 {
		t.Errorf("it ended with %+v, the port is %d", rec.Error, r.port(r.office))
	}
}

func TestAnApprovalLapsesAfterADay(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply office port=1195 until="+r.Clock.Now().Add(72*time.Hour).UTC().Format(time.RFC3339))
	r.accepted("jun", "approve "+ans.Change.ID+" "+ans.Plan.Code)
	r.Clock.Advance(change.ApprovalLifetime)
	if rep := r.drain(r.office); rep.Standing != "waiting" {
		t.Errorf("the lane is %+v", rep)
	}
	if got := r.says("lan", "status "+ans.Change.ID); len(got.Change.ApprovedBy) != 0 {
		t.Errorf("the change is %+v", got.Change)
	}
	r.accepted("jun", "approve "+ans.Change.ID+" "+ans.Plan.Code) // once more
	r.drain(r.office)
	r.ended(ans.Change.ID, change.Applied)
}

func TestWhileTheServerCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply office port=1195")
	r.Clock.Advance(change.DefaultLifetime - time.Second)
	r.drain(r.office)
	r.count("results/", 0)
	r.Clock.Advance(2 * time.Second)
	r.drain(r.office)
	if rec := r.ended(ans.Change.ID, change.Expired); !strings.Contains(rec.Error.Message, "approved by one other person") {
		t.Errorf("it says %s", rec.Error.Message)
	}
	r.count("queue/", 0)
}

func TestRejectAndCancel(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	one := r.accepted("mei", "apply office port=1195").Change.ID
	two := r.accepted("mei", "apply office port=1196").Change.ID
	three := r.accepted("jun", "apply test port=1197").Change.ID
	four := r.accepted("jun", "apply test port=1198 at="+r.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)).Change.ID
	r.refused("mei", "cancel "+three, executor.Forbidden, executor.RuleNotYours)
	r.refused("jun", "reject "+three, executor.Forbidden, executor.RuleOwnChange)
	r.refused("lan", "reject "+three, executor.Invalid, executor.RuleNoApproval)
	r.refused("lan", "approve "+three+" aaaaaaaa", executor.Invalid, executor.RuleNoApproval)
	r.accepted("lan", `reject `+one+` reason="not by day"`)
	r.accepted("mei", "cancel "+two+" reason=typo")
	r.accepted("boss", "cancel "+three)
	r.accepted("jun", "cancel "+four)
	r.down() // votes need no API
	r.drain(r.office)
	r.drain(r.test)
	r.VPC.ClearFaults()
	if rec := r.ended(one, change.Rejected); rec.Error.Code != "rejected-by-approver" || !strings.Contains(rec.Error.Message, "lan") || !strings.Contains(rec.Error.Message, "not by day") {
		t.Errorf("it ended with %+v", rec.Error)
	}
	if rec := r.ended(two, change.Cancelled); !strings.Contains(rec.Error.Message, "typo") || len(rec.Votes) != 1 {
		t.Errorf("it ended with %+v", rec.Error)
	}
	r.ended(three, change.Cancelled)
	r.ended(four, change.Cancelled)
	r.count("queue/", 0)
	if n := len(r.VPC.Calls("ModifySslVpnServer")); n != 0 {
		t.Errorf("%d modifications were sent", n)
	}
	r.refused("mei", "cancel "+two, executor.TooLate, executor.RuleEnded)
	r.refused("mei", "cancel 20261122-aaaaaaaaaa", executor.NotFound, executor.RuleNoChange)
}

// The beginning of an id is enough where it is that of one change.
func TestIDsAreShortened(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id := r.accepted("mei", "apply test port=1195").Change.ID
	if got := r.says("mei", "status "+id[:19]).Change; got == nil || got.ID != id {
		t.Errorf("status shows %+v, want %s", got, id)
	}
	twin, _ := objects.RecordKey(id[:len(id)-2] + "aa")
	if err := r.Store.Put(t.Context(), twin, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"status ", "cancel ", "rollback ", "approve ", "reject "} {
		r.refused("mei", line+id[:19], executor.Invalid, executor.RuleAmbiguousChange)
	}
	r.drain(r.test)
	r.accepted("mei", "rollback "+id[:len(id)-1])
}

func TestRollback(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id := r.accepted("mei", "apply test port=1195 proto=TCP cipher=AES-256-CBC").Change.ID
	r.refused("mei", "rollback "+id, executor.TooLate, executor.RuleUnderWay)
	r.drain(r.test)
	r.accepted("jun", "apply test cipher=none")
	r.drain(r.test)
	r.refused("eve", "rollback "+id, executor.Forbidden, policy.RuleNotPermitted)
	ans := r.accepted("mei", "rollback "+id)
	if fmt.Sprint(ans.Plan.Changed) != "[{Proto TCP UDP} {Port 1195 1194}]" || fmt.Sprint(ans.Plan.Left) != "[{Cipher none AES-128-CBC}]" {
		t.Errorf("it does %+v, leaves %+v", ans.Plan.Changed, ans.Plan.Left)
	}
	r.drain(r.test)
	if rec := r.ended(ans.Change.ID, change.Applied); rec.Reason != "rollback of "+id || r.port(r.test) != 1194 {
		t.Errorf("the record says %q, the port is %d", rec.Reason, r.port(r.test))
	}
	r.refused("mei", "rollback "+id, executor.Invalid, executor.RuleNothingToUndo)
	r.refused("mei", "rollback 20261122-aaaaaaaaaa", executor.NotFound, executor.RuleNoChange)
	got := r.says("eve", "history test limit=2")
	if len(got.History) != 2 || got.History[0].ID != ans.Change.ID {
		t.Errorf("the history is %d long and begins with %v", len(got.History), got.History)
	}
}

// Neither an old name nor its absence keeps the other settings from going back.
func TestRollbackOfOldValues(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Office VPN": "[{Name vpn-office Office VPN} {Proto TCP UDP} {Port 1195 1194}] []",
		"":           "[{Proto TCP UDP} {Port 1195 1194}] [{Name vpn-office }]",
	} {
		r := newHarness(t)
		if err := r.VPC.UpdateServer(r.test.ServerID, func(s *vpc.Server) { s.Name, s.LocalSubnet = name, "10.20.20.10/24" }); err != nil {
			t.Fatal(err)
		}
		id := r.accepted("mei", "apply test name=vpn-office proto=TCP port=1195").Change.ID
		r.drain(r.test)
		r.ended(id, change.Applied)
		ans := r.accepted("mei", "rollback "+id)
		if got := fmt.Sprint(ans.Plan.Changed, ans.Plan.Left); got != want {
			t.Errorf("%q: it does and leaves %s, want %s", name, got, want)
		}
		r.drain(r.test)
		r.ended(ans.Change.ID, change.Applied)
	}
}

// A rollback needs the same approvals as other changes of the server.
func TestRollbackNeedsApprovalToo(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ans := r.accepted("mei", "apply office port=1195")
	r.accepted("jun", "approve "+ans.Change.ID+" "+ans.Plan.Code)
	r.drain(r.office)
	if back := r.accepted("mei", "rollback "+ans.Change.ID); back.Change.Need != 1 || back.Change.Status != change.Waiting {
		t.Errorf("the change is %+v", back.Change)
	}
}

func TestStatusOfServersAndOfTheQueue(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.accepted("mei", "apply office port=1195")
	r.accepted("mei", "apply test port=1196")
	got := r.says("mei", "status office")
	if len(got.Queue) != 1 || got.Queue[0].Status != change.Waiting || got.Server.Settings[change.Port] != change.Number(1194) {
		t.Errorf("the server is %+v", got)
	}
	if got := r.says("mei", "status"); len(got.Queue) != 2 {
		t.Errorf("queued are %+v", got.Queue)
	}
	if got := r.says("eve", "status"); len(got.Queue) != 1 || got.Queue[0].Name != "test" {
		t.Errorf("eve sees %+v", got.Queue)
	}
	if got := r.says("mallory", "help"); got.Outcome != executor.Shown {
		t.Errorf("help is %+v", got)
	}
}

func TestWithoutAPolicyChatReads(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy = ""
	if ans := r.says("mallory", "plan vss-test port=1195"); ans.Outcome != executor.Shown || len(ans.Problems) > 0 {
		t.Errorf("the plan is %+v", ans)
	}
	r.refused("mallory", "apply vss-test port=1195", executor.Forbidden, policy.RuleNotPermitted)
	r.count("queue/", 0)
	r.policy = "people: 3"
	d, _ := r.services()
	_, _, err := d.Do(t.Context(), r.from("mei"), command.Command{Verb: command.Status})
	if _, ok := errors.AsType[*policy.InvalidError](err); !ok {
		t.Errorf("with a broken policy: %v", err)
	}
}

// While the API is unavailable, changes are still queued.
func TestAChangeIsQueuedWhileTheServerCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.down()
	ans := r.accepted("mei", "apply test port=1195")
	if ans.Plan.Unseen == nil {
		t.Errorf("the plan is %+v", ans.Plan)
	}
	id := r.accepted("mei", "apply office port=1195").Change.ID
	r.refused("jun", "approve "+id, executor.Invalid, executor.RuleNothingToShow)
	r.VPC.ClearFaults()
	r.drain(r.test)
	r.ended(ans.Change.ID, change.Applied)
}

// Concurrent deliveries of one message queue one change.
func TestConcurrentDeliveries(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	cmd, err := command.Parse("apply test port=1195")
	if err != nil {
		t.Fatal(err)
	}
	a := r.message("mei", "same")
	var g errgroup.Group
	for range 8 {
		d, _ := r.services()
		g.Go(func() error {
			_, _, err := d.Do(t.Context(), a, cmd)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	r.count("queue/", 1)
}

// A redelivery gets the answer of the first delivery, also
// when its change has ended or the policy has changed.
func TestARedeliveryGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	apply, back, yes, no := r.message("mei", "apply"), r.message("mei", "back"), r.message("jun", "yes"), r.message("lan", "no")
	accepted := func(a executor.Requester, line string) executor.Answer {
		t.Helper()
		r.Clock.Advance(time.Second)
		ans := r.do(a, line)
		if ans.Outcome != executor.Accepted {
			t.Fatalf("%s is %s: %v", line, ans.Outcome, ans.Problems)
		}
		return ans
	}
	id := accepted(apply, "apply test port=1195").Change.ID
	r.drain(r.test)
	if again := accepted(apply, "apply test port=1195"); again.Record == nil || again.Change.ID != id || again.Change.Status != change.Applied {
		t.Errorf("after its end: %+v, %+v", again.Change, again.Record)
	}
	undo := accepted(back, "rollback "+id).Change.ID
	r.count("wake/", 1)
	if again := accepted(back, "rollback "+id); again.Change.ID != undo || again.Change.Status != change.Queued || fmt.Sprint(again.Plan.Changed) != "[{Port 1195 1194}]" {
		t.Errorf("queued: %+v", again.Change)
	}
	r.drain(r.test)
	if again := accepted(back, "rollback "+id); again.Change.ID != undo || again.Record == nil {
		t.Errorf("a rollback after its end: %+v", again.Change)
	}
	requested := accepted(r.from("mei"), "apply office port=1195")
	line := "approve " + requested.Change.ID + " " + requested.Plan.Code
	accepted(yes, line)
	if err := r.VPC.UpdateServer("vss-office", func(s *vpc.Server) { s.Port = 1300 }); err != nil {
		t.Fatal(err)
	}
	if again := accepted(yes, line); fmt.Sprint(again.Change.ApprovedBy) != "[jun]" {
		t.Errorf("the word is %+v", again.Change)
	}
	accepted(no, "reject "+requested.Change.ID)
	accepted(no, "reject "+requested.Change.ID)
	r.drain(r.office)
	r.ended(requested.Change.ID, change.Rejected)
	r.policy = strings.ReplaceAll(rules, "operator", "viewer")
	if again := accepted(no, "reject "+requested.Change.ID); again.Record == nil || again.Record.ID != requested.Change.ID {
		t.Errorf("a word after the end: %+v", again)
	}
	if again := accepted(apply, "apply test port=1195"); again.Change.ID != id {
		t.Errorf("after the policy has changed: %+v", again.Change)
	}
	r.refused("lan", "reject "+requested.Change.ID, executor.TooLate, executor.RuleEnded) // another message is too late
	r.count("queue/", 0)
}
