package reconcile

import (
	"fmt"
	"testing"
	"time"

	"sslvpnchange/internal/change"
)

func TestATurnIsShorterTheMoreLanesWait(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy()
	now := time.Now()
	l := limits{policy: p, now: func() time.Time { return now }, deadline: now.Add(290 * time.Second), reserve: 10 * time.Second}
	for _, test := range []struct {
		lanes int
		want  time.Duration
	}{
		{9, 135 * time.Second}, {32, 67500 * time.Millisecond}, {1000, p.FirstPoll + p.MaxPoll},
	} {
		if got := l.turn(test.lanes).Sub(now); got != test.want {
			t.Errorf("%d lanes: %v, want %v", test.lanes, got, test.want)
		}
	}
	for _, lanes := range []int{1, 8} {
		if got := l.turn(lanes); !got.IsZero() {
			t.Errorf("%d lanes need not take turns: %v", lanes, got)
		}
	}
}

func TestSweepsBeginWithDifferentLanes(t *testing.T) {
	t.Parallel()
	var lanes []change.Target
	for i := range 100 {
		lanes = append(lanes, change.Target{RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-%d", i)})
	}
	first := map[change.Target]bool{}
	for i := range 50 {
		r := &Reconciler{deps: Deps{Owner: fmt.Sprintf("1-6921f000-%d", i)}, limits: limits{policy: DefaultPolicy()}}
		got := r.inTurn(lanes)
		first[got[0]] = true
		if len(got) != len(lanes) {
			t.Fatalf("%d lanes", len(got))
		}
		if few := r.inTurn(lanes[:8]); few[0] != lanes[0] {
			t.Errorf("few lanes begin with %v", few[0])
		}
	}
	if len(first) < 20 {
		t.Errorf("50 invocations begin with %d lanes", len(first))
	}
}
