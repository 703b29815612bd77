package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/oss"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// taker is an intake that writes down what it is given, and its receipt.
type taker struct {
	b     *bench
	files []string
	fail  error
}

func (k *taker) TakeFile(ctx context.Context, f reconcile.File) error {
	k.files = append(k.files, f.Key)
	if k.fail != nil {
		return k.fail
	}
	_, err := record.NewReceipts(k.b.Store).Write(ctx, record.Receipt{File: f.Key, ETag: f.ETag, LastModified: f.LastModified, Status: record.FileAccepted})
	return err
}

// sweep is one minute's sweep, in an invocation of its own.
func (b *bench) sweep(k *taker) reconcile.SweepReport {
	b.t.Helper()
	rep, err := b.reconciler().Sweep(b.t.Context(), k)
	if err != nil {
		b.t.Fatal(err)
	}
	return rep
}

// pass lets time go by for the function and for the store.
func (b *bench) pass(d time.Duration) {
	b.Clock.Advance(d)
	b.OSS.Advance(d)
}

func (b *bench) put(key, text string) {
	b.t.Helper()
	if err := b.Store.Put(b.t.Context(), key, []byte(text)); err != nil {
		b.t.Fatal(err)
	}
}

func TestASweepWorksOffWhatIsDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, second := b.server, b.Server("vss-another")
	one := b.set(change.Port, change.Number(1195))
	b.server = second
	two := b.set(change.Port, change.Number(1196))
	b.server = b.Server("vss-later")
	later := b.submit(func(c *change.Change) {
		c.Patch, c.DueAt = change.Patch{change.Port: change.Number(1197)}, b.Clock.Now().Add(time.Hour)
	})
	rep := b.sweep(&taker{b: b})
	if len(rep.Lanes) != 2 || len(rep.Problems) != 0 {
		t.Errorf("the sweep reports %+v", rep)
	}
	for _, l := range rep.Lanes {
		if l.Standing != reconcile.Empty || l.Ended != 1 || (l.Lane != first.String() && l.Lane != second.String()) {
			t.Errorf("a lane reports %+v", l)
		}
	}
	b.ends(one, change.Applied)
	b.ends(two, change.Applied)
	b.pending(later)
}

func TestASweepTakesFilesWhoseEventWasLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("changes/eight days old.yaml", "x")
	b.pass(24*time.Hour + time.Minute)
	b.put("changes/nearly seven days old.yaml", "x")
	b.pass(7*24*time.Hour - time.Hour)
	for _, key := range []string{"changes/a.yaml", "changes/办公网/b c%20.yaml", "changes/folder/", "changes/readme.txt", "scheduled/a.yaml", "changes/taken.yaml"} {
		b.put(key, "x")
	}
	e, err := b.Store.Head(t.Context(), "changes/taken.yaml")
	if err != nil {
		t.Fatal(err)
	}
	k := &taker{b: b}
	if err := k.TakeFile(t.Context(), reconcile.File{Key: e.Key, ETag: e.ETag, LastModified: e.LastModified}); err != nil {
		t.Fatal(err)
	}
	k.files = nil
	b.pass(30 * time.Second)
	b.sweep(k)
	if want := []string{"changes/nearly seven days old.yaml"}; !slices.Equal(k.files, want) {
		t.Errorf("within the minute of their event were taken %q, want %q", k.files, want)
	}
	b.pass(time.Minute)
	k.files = nil
	if rep := b.sweep(k); rep.Files != 3 || len(rep.Problems) != 0 {
		t.Errorf("the sweep reports %+v", rep)
	}
	if want := []string{"changes/a.yaml", "changes/readme.txt", "changes/办公网/b c%20.yaml"}; !slices.Equal(k.files, want) {
		t.Errorf("taken were %q, want %q", k.files, want)
	}
	k.files = nil
	if rep := b.sweep(k); rep.Files != 0 || len(k.files) != 0 {
		t.Errorf("again it took %q: %+v", k.files, rep)
	}
	b.pass(2 * time.Second)
	b.put("changes/a.yaml", "x") // the same content: asked again
	b.pass(2 * time.Minute)
	b.sweep(k)
	if want := []string{"changes/a.yaml"}; !slices.Equal(k.files, want) {
		t.Errorf("uploaded again, taken were %q", k.files)
	}
}

func TestASweepGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const count = 250
	for i := range count {
		b.put(fmt.Sprintf("changes/%04d.yaml", i), "x")
	}
	b.pass(2 * time.Minute)
	k := &taker{b: b}
	var portions []int
	for range 4 {
		portions = append(portions, b.sweep(k).Files)
	}
	if want := []int{100, 100, 50, 0}; !slices.Equal(portions, want) {
		t.Errorf("the sweeps took %v files, want %v", portions, want)
	}
	if len(k.files) != count || !slices.IsSorted(k.files) {
		t.Errorf("%d files were taken of %d, or some twice", len(k.files), count)
	}
}

func TestAFileThatCannotBeTakenIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("changes/a.yaml", "x")
	b.put("changes/b.yaml", "x")
	id := b.set(change.Port, change.Number(1195))
	b.pass(2 * time.Minute)
	k := &taker{b: b, fail: errors.New("no luck")}
	rep := b.sweep(k)
	if len(k.files) != 2 || len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0], "no luck") {
		t.Errorf("the sweep tried %q and reports %+v", k.files, rep)
	}
	b.ends(id, change.Applied) // one pass does not keep the others
	k.fail, k.files = nil, nil
	b.sweep(k)
	if len(k.files) != 2 {
		t.Errorf("the next sweep took %q", k.files)
	}
}

func TestOneFailingPassDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]string{
		"files cannot be listed": "changes/", "claims cannot be listed": "claims/",
		"receipts cannot be listed": "receipts/", "the state cannot be kept": "state/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.put("changes/a.yaml", "x")
			b.put("claims/old.json", "x")
			b.pass(31 * 24 * time.Hour)
			b.put("changes/b.yaml", "x")
			b.pass(2 * time.Minute)
			id := b.set(change.Port, change.Number(1195))
			if err := b.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: prefix, Times: -1}); err != nil {
				t.Fatal(err)
			}
			k := &taker{b: b}
			rep, err := b.reconciler().Sweep(t.Context(), k)
			if err != nil {
				t.Errorf("the sweep fails: %v", err)
			}
			b.ends(id, change.Applied)
			b.OSS.ClearFaults()
			takes := prefix != "changes/" && prefix != "receipts/"
			if takes != slices.Contains(k.files, "changes/b.yaml") {
				t.Errorf("taken were %q", k.files)
			}
			if len(rep.Problems) == 0 {
				t.Errorf("the sweep reports %+v", rep)
			}
			if left := len(b.Keys(t.Context(), "claims/")); (left == 1) != (prefix == "claims/") {
				t.Errorf("%d claims are left", left)
			}
		})
	}
}

func TestOldClaimsAndGenerationsAreCollected(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("claims/old.json", "x")
	for i := range 6 {
		b.set(change.Port, change.Number(1195+i))
		b.drain()
	}
	generations := len(b.Keys(t.Context(), "lanes/"))
	if generations < 12 {
		t.Fatalf("only %d generations", generations)
	}
	b.put("receipts/old@x.json", "x")
	b.pass(30*24*time.Hour - time.Hour)
	b.put("claims/young.json", "x")
	b.sweep(&taker{b: b})
	if got := b.Keys(t.Context(), "claims/"); len(got) != 2 {
		t.Errorf("before their time, the claims left are %q", got)
	}
	if n := len(b.Keys(t.Context(), "lanes/")); n != 9 { // the newest 8 and the first
		t.Errorf("%d generations are left of %d", n, generations)
	}
	b.pass(2 * time.Hour)
	if rep := b.sweep(&taker{b: b}); rep.Collected != 1 {
		t.Errorf("the sweep reports %+v", rep)
	}
	if got := b.Keys(t.Context(), "claims/"); !slices.Equal(got, []string{"claims/young.json"}) {
		t.Errorf("the claims left are %q", got)
	}
	if len(b.Keys(t.Context(), "receipts/")) != 1 || len(b.Keys(t.Context(), "results/")) != 6 {
		t.Error("receipts or records were collected")
	}
	b.set(change.Port, change.Number(1200))
	b.drain() // the lane works on
	b.lineEmpty()
}

func TestADamagedStateOfTheSweepIsStartedOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("changes/a.yaml", "x")
	b.put("state/sweep.json", "{garbage")
	b.pass(2 * time.Minute)
	k := &taker{b: b}
	b.sweep(k)
	if !slices.Equal(k.files, []string{"changes/a.yaml"}) {
		t.Errorf("taken were %q", k.files)
	}
	obj, err := b.Store.Get(t.Context(), "state/sweep.json", blob.GetOptions{})
	if err != nil || !strings.Contains(string(obj.Data), "sslvpn-change/sweep/v1") {
		t.Errorf("the state is %s, %v", obj.Data, err)
	}
}
