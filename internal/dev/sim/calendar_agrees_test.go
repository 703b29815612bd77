package sim_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// The calendars of runs mean in the policy what the checks take them to mean.
func TestCalendarsOfRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		compareCalendars(t)
	})
}

func compareCalendars(t *testing.T) {
	t.Helper()
	opens := [2]int{}
	for seed := range uint64(fewer(300, 30)) {
		cfg := everyKind(seed)
		cfg.windows, cfg.chats = true, true
		rng := rand.New(rand.NewPCG(seed, 1))
		k := &timekeeper{h: &harness{cfg: cfg}, rng: rng, on: true}
		k.now = k.draw()
		k.now = k.draw()
		p, problems := policy.Parse([]byte(rulebooks(1, false)[0].text+k.now.text()), document.YAML)
		if len(problems) > 0 {
			t.Fatalf("seed %d: %v\n%s", seed, problems, k.now.text())
		}
		for range 200 {
			e := entry{target: change.Target{RegionID: regionID, ServerID: k.server()}, patch: change.Patch{change.Port: change.Number(1)}}
			if rng.IntN(2) == 0 {
				e.patch[change.Name] = change.Text("x")
			}
			if n := len(k.now.freezes); n > 0 {
				e.override = k.now.freezes[rng.IntN(n)].name
			}
			at := time.Now().Add(time.Duration(rng.IntN(48*60)-60) * time.Minute).Truncate(time.Minute)
			if rng.IntN(2) == 0 {
				at = at.Add(-1)
			}
			v := p.Gate(change.Request{Target: e.target, Patch: e.patch, Override: e.override}, at)
			if v.Open != k.now.open(e, at) {
				t.Fatalf("seed %d: %s of %v at %v: %+v\n%s", seed, e.target, e.patch, at, v, k.now.text())
			}
			if v.Open {
				opens[1]++
			} else {
				opens[0]++
			}
		}
	}
	if min(opens[0], opens[1]) == 0 {
		t.Errorf("closed %d times, open %d times", opens[0], opens[1])
	}
}
