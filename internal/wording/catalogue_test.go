package wording

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// every phrase of the package, by a name for failures.
func every() map[string]phrase {
	out := map[string]phrase{}
	v := reflect.ValueOf(phrases())
	for i := range v.NumField() {
		f := v.Field(i)
		out[v.Type().Field(i).Name] = phrase{f.Field(0).String(), f.Field(1).String()}
	}
	for _, s := range []change.Status{
		change.Queued, change.Waiting, change.Applying, change.Applied, change.Unchanged, change.Planned,
		change.Rejected, change.Superseded, change.Failed, change.Expired, change.Cancelled,
	} {
		out["status "+string(s)] = statusPhrase(s)
	}
	for _, c := range causes() {
		out["cause "+string(c)] = causePhrase(c)
	}
	for _, v := range command.Verbs() {
		out["label "+string(v)] = label(v)
	}
	return out
}

func causes() []reconcile.Cause {
	return []reconcile.Cause{
		reconcile.CauseQueued, reconcile.CauseNotDue, reconcile.CauseApproval, reconcile.CauseApplying, reconcile.CauseUnverified, reconcile.CauseOthers,
		reconcile.CauseRecovery, reconcile.CauseGateway, reconcile.CauseBreaker, reconcile.CauseThrottle, reconcile.CauseLogin,
		reconcile.CausePolicy, reconcile.CauseFailing, reconcile.CauseClients,
	}
}

func TestBothLanguagesHaveTheSameArguments(t *testing.T) {
	t.Parallel()
	for name, w := range every() {
		if strings.TrimSpace(w.en) == "" || strings.TrimSpace(w.zh) == "" {
			t.Errorf("%s is empty: %q, %q", name, w.en, w.zh)
		}
		en, zh := placeholder.FindAllString(w.en, -1), placeholder.FindAllString(w.zh, -1)
		slices.Sort(en)
		slices.Sort(zh)
		if !slices.Equal(en, zh) || slices.Contains(en, "{}") {
			t.Errorf("%s has the arguments %q in English and %q in Chinese", name, en, zh)
		}
		if strings.ContainsAny(placeholder.ReplaceAllString(w.en+w.zh, ""), "{}") {
			t.Errorf("%s has a brace that is not closed: %q, %q", name, w.en, w.zh)
		}
		if strings.ContainsFunc(w.en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: its English is %q", name, w.en)
		}
	}
}

// A cause without a phrase of its own would be shown as "It waits.", like any other.
func TestEveryCauseHasAPhrase(t *testing.T) {
	t.Parallel()
	seen := map[phrase]reconcile.Cause{causePhrase("another"): "another"}
	for _, c := range causes() {
		w := causePhrase(c)
		if other, ok := seen[w]; ok {
			t.Errorf("%s and %s are both %v", c, other, w)
		}
		seen[w] = c
	}
}

// Every rule that refuses a command has Chinese text, so that no Chinese answer is in
// English alone.
func TestEveryRuleHasChineseText(t *testing.T) {
	t.Parallel()
	rules := []string{
		plan.RuleNotReadable, plan.RuleApprovalLapsed, plan.RuleRejected,
		executor.RuleUnknownServer, executor.RuleNotAServer, executor.RuleNothingToUndo, executor.RuleNoChange, executor.RuleAmbiguousChange, executor.RuleEnded, executor.RuleUnderWay, executor.RuleNoApproval,
		executor.RuleOwnChange, executor.RuleNotYours, executor.RuleCodeMismatch, executor.RuleNothingToShow,
		"api-" + string(reconcile.CauseGateway), "api-" + string(reconcile.CauseBreaker), "api-" + string(reconcile.CauseThrottle), "api-" + string(reconcile.CauseLogin),
		"Cancelled", "Expired", "OutcomeUnknown", "ReadBackMismatch", "GatewayStuck", "VpnGateway.FinancialLocked", "VpnGateway.Deleting", "entry-unreadable",
	}
	rules = append(rules, reconcile.RuleClientsUnknown, policy.RuleNotPermitted, policy.RuleUnknownAccount, policy.RulePermissionWithdrawn, policy.RulePolicyMissing, policy.RuleTooManyConnected)
	rules = append(rules, gosource.Constants(t, "../change", "Rule")...)
	for _, dir := range packages(t) {
		rules = append(rules, gosource.AnyConstants(t, dir, "Rule")...)
	}
	rules = append(rules, listing.RuleCursor, plan.RuleCannotBeUndone, plan.RuleUndoConflict, plan.RuleConfirmed, executor.RuleNothingToConfirm, executor.RuleNotApplied, executor.RuleConfirmLate, executor.RuleMayNotConfirm, executor.RuleNotLonger, executor.RuleUnguardedUndo)
	known := map[string]bool{}
	for _, rule := range rules {
		known[rule] = true
		zh := chineseRule(rule)
		if !command.Explains(rule) && zh == "" {
			t.Errorf("%s: package command explains it: %v, and here it is %q", rule, command.Explains(rule), zh)
		}
		p := change.Problem{Path: "Port", Rule: rule, Message: "m", Hint: "h"}
		text := Plain(problemText(p))
		if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !strings.Contains(text, "Port") {
			t.Errorf("%s is shown as %q", rule, text)
		}
	}
	for rule := range maps.Keys(requestRules()) {
		if !known[rule] {
			t.Errorf("%s has a text, and is no rule", rule)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration][2]string{
		time.Minute:                           {"1 min", "1 分钟"},
		70 * time.Second:                      {"1 min 10 s", "1 分钟 10 秒"},
		10 * time.Minute:                      {"10 min", "10 分钟"},
		time.Hour:                             {"1 h", "1 小时"},
		time.Hour + 5*time.Second:             {"1 h 5 s", "1 小时 5 秒"},
		26*time.Hour + time.Minute:            {"26 h 1 min", "26 小时 1 分钟"},
		100*time.Hour + 20*time.Minute + 30e9: {"100 h 20 min 30 s", "100 小时 20 分钟 30 秒"},
		59*time.Second + 999*time.Millisecond: {"59 s", "59 秒"},
		10*time.Hour + 10*time.Minute + 10e9:  {"10 h 10 min 10 s", "10 小时 10 分钟 10 秒"},
	} {
		if en, zh := duration(lang.English, d), duration(lang.Chinese, d); en != want[0] || zh != want[1] {
			t.Errorf("%s is %q and %q, want %q", d, en, zh, want)
		}
	}
}

func TestTimesAreInUTC(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 2, 3, 4, 999, time.FixedZone("UTC+8", 8*3600))
	if got := In(lang.English).Moment(at); got != "2026-11-22 18:03:04 UTC" {
		t.Errorf("got %s", got)
	}
}

func TestAnArgumentStaysOnItsLine(t *testing.T) {
	t.Parallel()
	line := render(lang.English, phrase{en: "a {b} c"}, args{"b", "x\n\ty\u2028z {b}"})
	if len(line) != 3 || line[1].Text != "x y z {b}" || !line[1].Code || line[0].Code || line[2].Code {
		t.Errorf("got %+v", line)
	}
}

func problemText(p change.Problem) chat.Text {
	var t chat.Text
	In(lang.Chinese).problem(&t, p)
	return t
}
