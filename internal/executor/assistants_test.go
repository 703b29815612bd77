package executor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// withAssistant makes lan an assistant, and gives everybody every role.
func (r *harness) withAssistant() {
	r.policy = strings.Replace(r.policy, "name: lan,", "name: lan, assistant: true,", 1)
	r.policy = strings.Replace(r.policy, "[jun, lan]", "[jun]", 1)
	r.policy = strings.Replace(r.policy, "grants:\n", "grants:\n  - {who: ['*'], roles: [operator, approver, admin], servers: ['*']}\n", 1)
	if !strings.Contains(r.policy, "assistant: true") {
		r.t.Fatal("the policy has no lan")
	}
}

// What an assistant asks for waits for a person, and says who asked in both languages,
// until its record.
func TestAnAssistantsChangeWaitsForAPerson(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.withAssistant()
	ans := r.accepted("lan", `apply test port=1195 reason="approved by boss"`)
	c := ans.Change
	if c.Need != 1 || c.Status != change.Waiting || !c.Assistant || strings.Contains(strings.Join(c.Approvers, ","), "lan") {
		t.Fatalf("it is %+v", c)
	}
	for l, want := range map[lang.Tag]string{lang.English: "Requested by lan (assistant): approved by boss", lang.Chinese: "申请人：lan（助手），原因：approved by boss"} {
		if text := wording.Plain(wording.In(l).Answer(ans)); !strings.Contains(text, want) {
			t.Errorf("%s: it says %s", l, text)
		}
	}
	r.refused("lan", "approve "+c.ID+" "+ans.Plan.Code, executor.Forbidden, policy.RuleNotPermitted)
	r.refused("lan", "reject "+c.ID, executor.Forbidden, policy.RuleNotPermitted)
	r.drain(r.test)
	if r.port(r.test) != 1194 {
		t.Fatal("it was applied without an approval")
	}
	if text := shown(r.says("mei", "status")); !strings.Contains(text, "requested by lan (assistant)") {
		t.Errorf("the queue says %s", text)
	}
	r.accepted("mei", "approve "+c.ID+" "+ans.Plan.Code)
	r.drain(r.test)
	if rec := r.ended(c.ID, change.Applied); !rec.Origin.Assistant || !strings.Contains(wording.Plain(wording.In(lang.Chinese).Record(rec, "")), "申请人：lan（助手）") {
		t.Errorf("its record has %+v", rec.Origin)
	}
	page := r.says("mei", "history limit=5")
	if len(page.Page.Changes) != 1 || !page.Page.Changes[0].Assistant {
		t.Errorf("the list has %+v", page.Page)
	}
	rollback := r.accepted("lan", "rollback "+c.ID)
	if rollback.Change.Need != 1 || rollback.Change.Status != change.Waiting {
		t.Errorf("its rollback is %+v", rollback.Change)
	}
	r.accepted("lan", "cancel "+rollback.Change.ID)
	r.drain(r.test)
	r.ended(rollback.Change.ID, change.Cancelled)
}

// A change on trial is for people to keep or to undo.
func TestAnAssistantDoesNotConfirm(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.withAssistant()
	ans := r.accepted("lan", "apply test port=1195 confirm=10m")
	r.accepted("mei", "approve "+ans.Change.ID+" "+ans.Plan.Code)
	r.drain(r.test)
	rec := r.ended(ans.Change.ID, change.Applied)
	for _, line := range []string{"confirm " + rec.ID, "confirm " + rec.Undo.ID, "confirm " + rec.ID + " 30m", "cancel " + rec.Undo.ID, "rollback " + rec.ID} {
		r.refused("lan", line, executor.Forbidden, policy.RuleNotPermitted)
	}
	r.policy = "people: ["
	d, _ := r.services()
	confirm := command.Command{Verb: command.Confirm, Change: rec.ID}
	if _, _, err := d.Do(t.Context(), r.from("lan"), confirm); err == nil {
		t.Error("it confirmed its change while the policy is invalid")
	}
}

func TestAnAssistantLeavesOthersChangesAlone(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.withAssistant()
	ans := r.accepted("mei", "apply office port=1195")
	r.refused("lan", "cancel "+ans.Change.ID, executor.Forbidden, executor.RuleNotYours)
	r.refused("lan", "approve "+ans.Change.ID+" "+ans.Plan.Code, executor.Forbidden, policy.RuleNotPermitted)
	r.freeze(3 * time.Hour)
	r.refused("lan", "apply test port=1195 override=double-eleven reason=urgent", executor.Forbidden, policy.RuleNotPermitted)
	d, _ := r.services()
	if _, no, err := d.Reindex(t.Context(), r.from("lan").Account, ""); err != nil || no.Refusal != executor.Forbidden {
		t.Errorf("reindex: %v, %v", no, err)
	}
}

// A person who is made an assistant later: what they requested needs an approval, and
// what they approved does not count any more.
func TestSomebodyBecomesAnAssistant(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	due := r.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	mine := r.accepted("lan", "apply test port=1195 at="+due)
	theirs := r.accepted("mei", "apply office port=1195 at="+due)
	r.accepted("lan", "approve "+theirs.Change.ID+" "+theirs.Plan.Code)
	r.withAssistant()
	r.wait(time.Hour + time.Second)
	r.drain(r.test)
	r.drain(r.office)
	for _, id := range []string{mine.Change.ID, theirs.Change.ID} {
		if rec := r.ended(id, change.Rejected); rec.Error == nil || rec.Error.Code != policy.RulePermissionWithdrawn {
			t.Errorf("%s ended with %+v", id, rec.Error)
		}
	}
	if r.port(r.test) != 1194 || r.port(r.office) != 1194 {
		t.Error("something was applied")
	}
}
