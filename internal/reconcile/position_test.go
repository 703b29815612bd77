package reconcile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// at asserts the position of a change.
func (h *harness) at(id string, status change.Status, why string) reconcile.Position {
	h.t.Helper()
	rec, pos, err := h.reconciler().Find(h.t.Context(), id)
	if err != nil || rec != nil || pos == nil {
		h.t.Fatalf("found %v, %v, %v", rec, pos, err)
	}
	if pos.ID != id || pos.Status != status || !strings.Contains(pos.Why, why) {
		h.t.Errorf("it stands at %+v, want %s, %q", pos, status, why)
	}
	return *pos
}

// The positions of a change and of one after it, at every stage of the first.
func TestPositionsOfChanges(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.set(change.Port, change.Number(1195))
	h.at(first, change.Queued, "queued")
	frozen, thaw := make(chan struct{}), make(chan struct{})
	done := make(chan reconcile.Report, 1)
	go func() {
		done <- h.drain(afterCall(modify, 1, func() {
			close(frozen)
			<-thaw
		}))
	}()
	<-frozen
	second := h.set(change.Port, change.Number(1196))
	h.at(first, change.Applying, "a worker is applying it")
	h.at(second, change.Queued, "a worker is applying changes that came before it")
	h.OSS.Advance(reconcile.DefaultPolicy().Lease + 2*lane.Slack)
	h.at(first, change.Applying, "the next worker recovers")
	pos := h.at(second, change.Queued, "the next worker takes over")
	if d := pos.Next.Sub(h.Clock.Now()); d <= 0 || d > 75*time.Second {
		t.Errorf("the next look is %v away", d)
	}
	close(thaw)
	<-done
	h.drain()
	h.ends(first, change.Applied)
	h.ends(second, change.Applied)
}

func TestAThrottledChangeHasTheTimeOfItsNextAttempt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultThrottle, Hint: vpc.HintTimeLeft, Wait: 40 * time.Second})
	rep := h.drain()
	if rep.Standing != reconcile.Waits || rep.Next.Sub(h.Clock.Now()) > 40*time.Second {
		t.Fatalf("the drain reports %+v", rep)
	}
	if pos := h.at(id, change.Waiting, "throttles requests"); !pos.Next.Equal(rep.Next) {
		t.Errorf("the next attempt is said to be at %v, the lane waits until %v", pos.Next, rep.Next)
	}
	if rep := h.drain(); rep.Standing != reconcile.Waits || h.sent() != 1 {
		t.Errorf("a look before that reports %+v, sent %d times", rep, h.sent())
	}
	h.Clock.Advance(41 * time.Second)
	h.drain()
	h.ends(id, change.Applied)
}

// If the store cannot be read, that is an error and no position.
func TestAPositionThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*harness)
		want  string
	}{
		"its record":    {func(h *harness) { h.deny("GetObject", "results/") }, "read record"},
		"the queue":     {func(h *harness) { h.deny("ListObjectsV2", "queue/") }, "look for"},
		"its lane":      {func(h *harness) { h.deny("ListObjectsV2", "lanes/") }, "read lane"},
		"a foreign one": {func(h *harness) { h.put(objects.LanePrefix(h.server)+"0.json", "{}") }, "foreign object"},
		"a broken one":  {func(h *harness) { h.put(objects.LanePrefix(h.server)+"9223372036854775806.json", "{") }, "not a lane generation"},
		"its state": {func(h *harness) {
			h.put(objects.LanePrefix(h.server)+"9223372036854775806.json", `{"schema":"sslvpn-change/lane/v1","gen":1,"kind":"free","state":{"intent":{"keys":["a"]}}}`)
		}, "not whole"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.set(change.Port, change.Number(1195))
			tt.spoil(h)
			rec, pos, err := h.reconciler().Find(t.Context(), id)
			if err == nil || rec != nil || pos != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("found %v, %v, %v; want %q", rec, pos, err, tt.want)
			}
			if tt.want == "not whole" || tt.want == "foreign object" || tt.want == "not a lane generation" {
				if _, err := h.reconciler().Drain(t.Context(), h.server); err == nil || h.sent() != 0 {
					t.Errorf("the drain went on over it: %v, sent %d times", err, h.sent())
				}
			}
		})
	}
}

func (h *harness) deny(op, prefix string) {
	h.t.Helper()
	if err := h.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Op: op, KeyPrefix: prefix, Times: -1}); err != nil {
		h.t.Fatal(err)
	}
}

func TestAnUnknownIDIsNeitherQueuedNorEnded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, id := range []string{"", "20261122-aaaaaaaaaa", "../x"} {
		if rec, pos, err := h.reconciler().Find(t.Context(), id); !errors.Is(err, blob.ErrNotFound) || rec != nil || pos != nil {
			t.Errorf("%q: %v, %v, %v", id, rec, pos, err)
		}
	}
}
