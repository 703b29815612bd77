package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// taker is an intake that notes the files it gets, and writes their receipts.
type taker struct {
	h     *harness
	files []string
	fail  error
}

func (k *taker) AcceptFile(ctx context.Context, f reconcile.File) error {
	k.files = append(k.files, f.Key)
	if k.fail != nil {
		return k.fail
	}
	_, err := record.NewReceipts(k.h.Store).Write(ctx, record.Receipt{File: f.Key, ETag: f.ETag, LastModified: f.LastModified, Status: record.FileAccepted})
	return err
}

// sweep is one minute's sweep, in an invocation of its own.
func (h *harness) sweep(k *taker) reconcile.SweepReport {
	h.t.Helper()
	rep, err := h.reconciler().Sweep(h.t.Context(), k)
	if err != nil {
		h.t.Fatal(err)
	}
	return rep
}

// pass advances the clocks of the function and the store.
func (h *harness) pass(d time.Duration) {
	h.Clock.Advance(d)
	h.OSS.Advance(d)
}

func (h *harness) put(key, text string) {
	h.t.Helper()
	if err := h.Store.Put(h.t.Context(), key, []byte(text)); err != nil {
		h.t.Fatal(err)
	}
}

func TestASweepWorksOffWhatIsDue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first, second := h.server, h.Server("vss-another")
	one := h.set(change.Port, change.Number(1195))
	h.server = second
	two := h.set(change.Port, change.Number(1196))
	h.server = h.Server("vss-later")
	later := h.submit(func(c *change.Change) {
		c.Patch, c.DueAt = change.Patch{change.Port: change.Number(1197)}, h.Clock.Now().Add(time.Hour)
	})
	rep := h.sweep(&taker{h: h})
	if len(rep.Lanes) != 2 || len(rep.Problems) != 0 {
		t.Errorf("the sweep reports %+v", rep)
	}
	for _, l := range rep.Lanes {
		if l.Standing != reconcile.Empty || l.Ended != 1 || (l.Lane != first.String() && l.Lane != second.String()) {
			t.Errorf("a lane reports %+v", l)
		}
	}
	h.ends(one, change.Applied)
	h.ends(two, change.Applied)
	h.pending(later)
}

func TestASweepAcceptsFilesWhoseEventWasLost(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.put("changes/eight days old.yaml", "x")
	h.pass(24*time.Hour + time.Minute)
	h.put("changes/nearly seven days old.yaml", "x")
	h.pass(7*24*time.Hour - time.Hour)
	for _, key := range []string{"changes/a.yaml", "changes/办公网/b c%20.yaml", "changes/folder/", "changes/readme.txt", "scheduled/a.yaml", "changes/taken.yaml"} {
		h.put(key, "x")
	}
	e, err := h.Store.Head(t.Context(), "changes/taken.yaml")
	if err != nil {
		t.Fatal(err)
	}
	k := &taker{h: h}
	if err := k.AcceptFile(t.Context(), reconcile.File{Key: e.Key, ETag: e.ETag, LastModified: e.LastModified}); err != nil {
		t.Fatal(err)
	}
	k.files = nil
	h.pass(30 * time.Second)
	h.sweep(k)
	if want := []string{"changes/nearly seven days old.yaml"}; !slices.Equal(k.files, want) {
		t.Errorf("within the minute of their event, accepted were %q, want %q", k.files, want)
	}
	h.pass(time.Minute)
	k.files = nil
	if rep := h.sweep(k); rep.Files != 3 || len(rep.Problems) != 0 {
		t.Errorf("the sweep reports %+v", rep)
	}
	if want := []string{"changes/a.yaml", "changes/readme.txt", "changes/办公网/b c%20.yaml"}; !slices.Equal(k.files, want) {
		t.Errorf("accepted were %q, want %q", k.files, want)
	}
	k.files = nil
	if rep := h.sweep(k); rep.Files != 0 || len(k.files) != 0 {
		t.Errorf("again it took %q: %+v", k.files, rep)
	}
	h.pass(2 * time.Second)
	h.put("changes/a.yaml", "x") // the same content, requested again
	h.pass(2 * time.Minute)
	h.sweep(k)
	if want := []string{"changes/a.yaml"}; !slices.Equal(k.files, want) {
		t.Errorf("uploaded again, accepted were %q", k.files)
	}
}

func TestASweepGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	const count = 250
	for i := range count {
		h.put(fmt.Sprintf("changes/%04d.yaml", i), "x")
	}
	h.pass(2 * time.Minute)
	k := &taker{h: h}
	var portions []int
	for range 4 {
		portions = append(portions, h.sweep(k).Files)
	}
	if want := []int{100, 100, 50, 0}; !slices.Equal(portions, want) {
		t.Errorf("the sweeps took %v files, want %v", portions, want)
	}
	if len(k.files) != count || !slices.IsSorted(k.files) {
		t.Errorf("%d files were accepted of %d, or some twice", len(k.files), count)
	}
}

func TestAFileThatCannotBeAcceptedIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.put("changes/a.yaml", "x")
	h.put("changes/b.yaml", "x")
	id := h.set(change.Port, change.Number(1195))
	h.pass(2 * time.Minute)
	k := &taker{h: h, fail: errors.New("no luck")}
	rep := h.sweep(k)
	if len(k.files) != 2 || len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0], "no luck") {
		t.Errorf("the sweep tried %q and reports %+v", k.files, rep)
	}
	h.ends(id, change.Applied) // a failing pass does not stop the others
	k.fail, k.files = nil, nil
	h.sweep(k)
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
			h := newHarness(t)
			h.put("changes/a.yaml", "x")
			h.put("claims/old.json", "x")
			h.pass(31 * 24 * time.Hour)
			h.put("changes/b.yaml", "x")
			h.pass(2 * time.Minute)
			id := h.set(change.Port, change.Number(1195))
			if err := h.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: prefix, Times: -1}); err != nil {
				t.Fatal(err)
			}
			k := &taker{h: h}
			rep, err := h.reconciler().Sweep(t.Context(), k)
			if err != nil {
				t.Errorf("the sweep fails: %v", err)
			}
			h.ends(id, change.Applied)
			h.OSS.ClearFaults()
			takes := prefix != "changes/" && prefix != "receipts/"
			if takes != slices.Contains(k.files, "changes/b.yaml") {
				t.Errorf("accepted were %q", k.files)
			}
			if len(rep.Problems) == 0 {
				t.Errorf("the sweep reports %+v", rep)
			}
			if left := len(h.Keys(t.Context(), "claims/")); (left == 1) != (prefix == "claims/") {
				t.Errorf("%d claims are left", left)
			}
		})
	}
}

func TestOldClaimsAndGenerationsAreCollected(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.put("claims/old.json", "x")
	for i := range 6 {
		h.set(change.Port, change.Number(1195+i))
		h.drain()
	}
	generations := len(h.Keys(t.Context(), "lanes/"))
	if generations < 12 {
		t.Fatalf("only %d generations", generations)
	}
	h.put("receipts/old@x.json", "x")
	h.pass(30*24*time.Hour - time.Hour)
	h.put("claims/young.json", "x")
	h.sweep(&taker{h: h})
	if got := h.Keys(t.Context(), "claims/"); len(got) != 2 {
		t.Errorf("before their time, the claims left are %q", got)
	}
	if n := len(h.Keys(t.Context(), "lanes/")); n != 9 { // the newest 8 and the first
		t.Errorf("%d generations are left of %d", n, generations)
	}
	h.pass(2 * time.Hour)
	if rep := h.sweep(&taker{h: h}); rep.Collected != 1 {
		t.Errorf("the sweep reports %+v", rep)
	}
	if got := h.Keys(t.Context(), "claims/"); !slices.Equal(got, []string{"claims/young.json"}) {
		t.Errorf("the claims left are %q", got)
	}
	if len(h.Keys(t.Context(), "receipts/")) != 1 || len(h.Keys(t.Context(), "results/")) != 6 {
		t.Error("receipts or records were collected")
	}
	h.set(change.Port, change.Number(1200))
	h.drain() // the lane still works
	h.queueEmpty()
}

func TestADamagedStateOfTheSweepIsStartedOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.put("changes/a.yaml", "x")
	h.put("state/sweep.json", "{garbage")
	h.pass(2 * time.Minute)
	k := &taker{h: h}
	h.sweep(k)
	if !slices.Equal(k.files, []string{"changes/a.yaml"}) {
		t.Errorf("accepted were %q", k.files)
	}
	obj, err := h.Store.Get(t.Context(), "state/sweep.json", blob.GetOptions{})
	if err != nil || !strings.Contains(string(obj.Data), "sslvpn-change/sweep/v1") {
		t.Errorf("the state is %s, %v", obj.Data, err)
	}
}
