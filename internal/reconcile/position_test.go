package reconcile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/oss"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/reconcile"
)

// at asserts where a change stands.
func (b *bench) at(id string, status change.Status, why string) reconcile.Position {
	b.t.Helper()
	rec, pos, err := b.reconciler().Find(b.t.Context(), id)
	if err != nil || rec != nil || pos == nil {
		b.t.Fatalf("found %v, %v, %v", rec, pos, err)
	}
	if pos.ID != id || pos.Status != status || !strings.Contains(pos.Why, why) {
		b.t.Errorf("it stands at %+v, want %s, %q", pos, status, why)
	}
	return *pos
}

// A change and one that came after it are asked for at every stage of the
// first.
func TestWhereChangesStand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.set(change.Port, change.Number(1195))
	b.at(first, change.Queued, "in line")
	frozen, thaw := make(chan struct{}), make(chan struct{})
	done := make(chan reconcile.Report, 1)
	go func() {
		done <- b.drain(afterCall(modify, 1, func() {
			close(frozen)
			<-thaw
		}))
	}()
	<-frozen
	second := b.set(change.Port, change.Number(1196))
	b.at(first, change.Applying, "a worker is applying it")
	b.at(second, change.Queued, "a worker is applying changes that came before it")
	b.OSS.Advance(time.Minute + reconcile.DefaultPolicy().Margin + 2*lane.Slack)
	b.at(first, change.Applying, "the next look finds out how far it came")
	pos := b.at(second, change.Queued, "the next look takes over")
	if d := pos.Next.Sub(b.Clock.Now()); d <= 0 || d > 75*time.Second {
		t.Errorf("the next look is %v away", d)
	}
	close(thaw)
	<-done
	b.drain()
	b.ends(first, change.Applied)
	b.ends(second, change.Applied)
}

func TestAChangeThatTheAPIAskedToWaitForHasItsTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultThrottle, Hint: vpc.HintTimeLeft, Wait: 40 * time.Second})
	rep := b.drain()
	if rep.Standing != reconcile.Waits || rep.Next.Sub(b.Clock.Now()) > 40*time.Second {
		t.Fatalf("the drain reports %+v", rep)
	}
	if pos := b.at(id, change.Waiting, "fewer calls"); !pos.Next.Equal(rep.Next) {
		t.Errorf("the next attempt is said to be at %v, the lane waits until %v", pos.Next, rep.Next)
	}
	if rep := b.drain(); rep.Standing != reconcile.Waits || b.sent() != 1 {
		t.Errorf("a look before that reports %+v, sent %d times", rep, b.sent())
	}
	b.Clock.Advance(41 * time.Second)
	b.drain()
	b.ends(id, change.Applied)
}

// What the store cannot say is an error, never a position.
func TestAPositionThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*bench)
		want  string
	}{
		"its record":    {func(b *bench) { b.deny("GetObject", "results/") }, "read record"},
		"the line":      {func(b *bench) { b.deny("ListObjectsV2", "queue/") }, "look for"},
		"its lane":      {func(b *bench) { b.deny("ListObjectsV2", "lanes/") }, "read lane"},
		"a foreign one": {func(b *bench) { b.put(objects.LanePrefix(b.server)+"0.json", "{}") }, "foreign object"},
		"a broken one":  {func(b *bench) { b.put(objects.LanePrefix(b.server)+"9223372036854775806.json", "{") }, "not a lane generation"},
		"its state": {func(b *bench) {
			b.put(objects.LanePrefix(b.server)+"9223372036854775806.json", `{"schema":"sslvpn-change/lane/v1","gen":1,"kind":"free","state":{"intent":{"keys":["a"]}}}`)
		}, "not whole"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.set(change.Port, change.Number(1195))
			tt.spoil(b)
			rec, pos, err := b.reconciler().Find(t.Context(), id)
			if err == nil || rec != nil || pos != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("found %v, %v, %v; want %q", rec, pos, err, tt.want)
			}
			if tt.want == "not whole" || tt.want == "foreign object" || tt.want == "not a lane generation" {
				if _, err := b.reconciler().Drain(t.Context(), b.server); err == nil || b.sent() != 0 {
					t.Errorf("the drain went on over it: %v, sent %d times", err, b.sent())
				}
			}
		})
	}
}

func (b *bench) deny(op, prefix string) {
	b.t.Helper()
	if err := b.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Op: op, KeyPrefix: prefix, Times: -1}); err != nil {
		b.t.Fatal(err)
	}
}

func TestAnUnknownIDIsNeitherInLineNorEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, id := range []string{"", "20261122-aaaaaaaaaa", "../x"} {
		if rec, pos, err := b.reconciler().Find(t.Context(), id); !errors.Is(err, blob.ErrNotFound) || rec != nil || pos != nil {
			t.Errorf("%q: %v, %v, %v", id, rec, pos, err)
		}
	}
}
