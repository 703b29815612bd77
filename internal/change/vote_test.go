package change_test

import (
	"maps"
	"regexp"
	"testing"
	"time"

	"sslvpnchange/internal/change"
)

// A plan digest differs when any part of the plan does.
func TestPlanDigest(t *testing.T) {
	t.Parallel()
	before := change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("UDP")}
	patch := change.Patch{change.Port: change.Number(1195)}
	shown := change.PlanDigest("20261122-abcdefghij", before, patch)
	if !regexp.MustCompile(`^[a-z2-7]{52}$`).MatchString(shown) || change.Code(shown) != shown[:8] {
		t.Fatalf("it is %q, its code %q", shown, change.Code(shown))
	}
	if again := change.PlanDigest("20261122-abcdefghij", maps.Clone(before), maps.Clone(patch)); again != shown {
		t.Errorf("shown again it is %q", again)
	}
	// A value that the server already has is no difference.
	if same := change.PlanDigest("20261122-abcdefghij", before, change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("UDP")}); same != shown {
		t.Errorf("with what is so already it is %q", same)
	}
	seen := map[string]string{shown: "the first"}
	for name, other := range map[string]string{
		"another change":     change.PlanDigest("20261122-abcdefghik", before, patch),
		"another value":      change.PlanDigest("20261122-abcdefghij", before, change.Patch{change.Port: change.Number(1196)}),
		"another setting":    change.PlanDigest("20261122-abcdefghij", before, change.Patch{change.Proto: change.Text("TCP")}),
		"a setting more":     change.PlanDigest("20261122-abcdefghij", before, change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("TCP")}),
		"the value before":   change.PlanDigest("20261122-abcdefghij", change.Settings{change.Port: change.Number(1193), change.Proto: change.Text("UDP")}, patch),
		"the value beside":   change.PlanDigest("20261122-abcdefghij", change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("TCP")}, patch),
		"no value beside":    change.PlanDigest("20261122-abcdefghij", change.Settings{change.Port: change.Number(1194)}, patch),
		"a number as a text": change.PlanDigest("20261122-abcdefghij", change.Settings{change.Port: change.Text("1194"), change.Proto: change.Text("UDP")}, patch),
		"nothing":            change.PlanDigest("", nil, nil),
	} {
		if like, ok := seen[other]; ok {
			t.Errorf("%s is shown like %s", name, like)
		}
		seen[other] = name
	}
}

func TestCodesOfShortTexts(t *testing.T) {
	t.Parallel()
	for digest, want := range map[string]string{"": "", "abc": "abc", "abcdefgh": "abcdefgh", "abcdefghi": "abcdefgh"} {
		if got := change.Code(digest); got != want {
			t.Errorf("the code of %q is %q", digest, got)
		}
	}
}

func TestApprovalsLapseAfterADay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	v := change.Vote{At: at}
	for after, want := range map[time.Duration]bool{-time.Hour: false, 0: false, 24*time.Hour - 1: false, 24 * time.Hour: true, 48 * time.Hour: true} {
		if v.Lapsed(at.Add(after)) != want {
			t.Errorf("after %s: lapsed %v", after, !want)
		}
	}
}
