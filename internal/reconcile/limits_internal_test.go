package reconcile

import (
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
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

// A lease lasts its time, and never longer than until the margin after the deadline.
func TestALeaseNeedNotOutlastTheInvocation(t *testing.T) {
	t.Parallel()
	p := DefaultPolicy()
	now := time.Now()
	for left, want := range map[time.Duration]time.Duration{
		5 * time.Minute: p.Lease, 30 * time.Second: p.Lease, 20 * time.Second: 20*time.Second + p.Margin,
		0: p.Margin, -time.Minute: 0,
	} {
		l := limits{policy: p, now: func() time.Time { return now }, deadline: now.Add(left)}
		if got := l.leaseTime(); got != want {
			t.Errorf("%v before the deadline, a lease lasts %v, want %v", left, got, want)
		}
	}
}

// Right after a third of a lease is over, a modification can still be sent, and two reads
// of the API do not outlast what is left.
func TestTheTimesOfALeaseFitTogether(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Policy{
		"production": DefaultPolicy(),
		"a short lease": func() Policy {
			p := DefaultPolicy()
			p.Lease = time.Second
			return p
		}(),
	} {
		now := time.Now()
		r := New(Deps{Deadline: now.Add(5 * time.Minute), Reserve: 10 * time.Second, Now: func() time.Time { return now }}, p)
		lease := r.limits.policy.Lease
		if left := lease - lease/renewals; left < p.Margin+p.CallTime {
			t.Errorf("%s: when a lease of %v is to be renewed, %v are left", name, lease, left)
		}
		ctx, cancel := r.limits.reads(t.Context())
		deadline, _ := ctx.Deadline()
		cancel()
		if read := time.Until(deadline); name == "production" && lease/renewals+2*read > lease {
			t.Errorf("a read may take %v of a lease of %v", read, lease)
		}
	}
}
