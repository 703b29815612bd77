package change_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

func TestConfirmations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10m": "10m", "90s": "1m30s", "1h30m": "1h30m", "1H 30m": "", "24h": "24h", "proof": "10m proof", "20m proof": "20m proof", "20m+Proof": "20m proof",
		"1h0m5s": "1h5s", "60m": "1h",
		"": "", " ": "", "10": "", "0m": "", "-10m": "", "1.5h": "", "10ms": "", "10m10m": "", "10s10m": "", "m": "", "10m ": "10m", "proof 10m": "",
		"proof proof": "", "10m 20m": "", "9999999s": "", "999999h": "999999h", "１０m": "",
	} {
		c, p := change.ParseConfirmation(text)
		if c.String() != want || (p == nil) != (want != "") || c.IsZero() != (want == "") {
			t.Errorf("%q is %q, %v; want %q", text, c, p, want)
		}
		again, p := change.ParseConfirmation(c.String())
		if want != "" && (p != nil || again != c) {
			t.Errorf("%q came back as %+v, %v", c, again, p)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"idle(5)": 5, "idle(<5)": 5, "IDLE( < 5 )": 5, "idle(10001)": 10001,
		"": 0, "5": 0, "idle": 0, "idle()": 0, "idle(0)": 0, "idle(-1)": 0, "idle(+1)": 0, "idle(05)": 0, "idle(5": 0, "idle(>5)": 0, "idle(<<5)": 0, "idle(99999999999999999999)": 0,
	} {
		if n, p := change.ParseIdle(text); n != want || (p == nil) != (want > 0) {
			t.Errorf("%q is %d, %v; want %d", text, n, p, want)
		}
	}
	if change.Idle(5) != "idle(5)" || change.Idle(0) != "" {
		t.Errorf("rendered as %q and %q", change.Idle(5), change.Idle(0))
	}
}

func TestWhoWantsAProof(t *testing.T) {
	t.Parallel()
	for want, list := range map[bool][]change.Request{
		true:  {{Proof: true}, {Confirm: change.Confirmation{For: time.Minute}}, {Confirm: change.Confirmation{For: time.Minute, Proof: true}}},
		false: {{}, {Idle: 5}},
	} {
		for _, r := range list {
			if r.WantsProof() != want {
				t.Errorf("%+v: %t", r, !want)
			}
		}
	}
}

func TestNamesOfFreezes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"double-eleven": true, "双十一": true, "q4.2026_a": true, strings.Repeat("a", change.MaxOverrideLength): true,
		"": false, " ": false, "a b": false, "a/b": false, "a\n": false, "a\xff": false, "a\u202eb": false, strings.Repeat("a", change.MaxOverrideLength+1): false,
	} {
		if change.ValidOverride(name) != want {
			t.Errorf("%q: %t", name, !want)
		}
	}
}

// Whoever approves must know why a change overrides a freeze, and an approval covers
// the override.
func TestOverrides(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	r := change.Request{
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, Patch: change.Patch{change.Port: change.Number(1195)},
		Override: "double-eleven", Reason: "the port is blocked",
	}
	if problems := change.Validate([]change.Request{r}, now); len(problems) > 0 {
		t.Errorf("refused: %v", problems)
	}
	for rule, edit := range map[string]func(*change.Request){
		change.RuleOverrideReason: func(r *change.Request) { r.Reason = "" },
		change.RuleOverrideFormat: func(r *change.Request) { r.Override = "double eleven" },
		change.RuleGuardOfDryRun:  func(r *change.Request) { r.DryRun = true },
	} {
		broken := r
		edit(&broken)
		problems := change.Validate([]change.Request{broken}, now)
		if len(problems) != 1 || problems[0].Rule != rule {
			t.Errorf("%v, want %s", problems, rule)
		}
	}
	other := r
	other.Override = ""
	c, without := change.Change{ID: "20261110-a", Request: r}, change.Change{ID: "20261110-a", Request: other}
	if change.PlanDigest(c, nil) == change.PlanDigest(without, nil) {
		t.Error("an approval does not cover the override")
	}
}

// Approvals of earlier versions do not say how long they count.
func TestHowLongApprovalsCount(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)
	for _, v := range []change.Vote{{At: at}, {At: at, LapsesAt: at.Add(30 * time.Hour)}} {
		until := v.CountsUntil()
		if want := max(24*time.Hour, v.LapsesAt.Sub(at)); until.Sub(at) != want {
			t.Errorf("%+v counts for %s, want %s", v, until.Sub(at), want)
		}
		if v.Lapsed(until.Add(-1)) || !v.Lapsed(until) {
			t.Errorf("%+v does not lapse at %s", v, until)
		}
	}
}
