package lane_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

func target() change.Target { return change.Target{RegionID: "cn-hangzhou", ServerID: "vss-lane"} }

func worker(c *cloudtest.Cloud, owner string) lane.Worker {
	return lane.Worker{Store: c.Store, Owner: owner, Now: c.Clock.Now, Nonce: rand.Text}
}

type memo struct {
	Note string `json:"note"`
}

func note(t *testing.T, h lane.Head) string {
	t.Helper()
	var m memo
	if len(h.State) > 0 {
		if err := json.Unmarshal(h.State, &m); err != nil {
			t.Fatal(err)
		}
	}
	return m.Note
}

func head(t *testing.T, c *lane.Chain) lane.Head {
	t.Helper()
	h, err := c.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestALaneIsAcquiredUsedAndReleased(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	a := lane.Open(worker(cloud, "a"), target())
	if h := head(t, a); h.Gen != 0 || h.Held || h.Leased() {
		t.Fatalf("the head of an empty chain is %+v", h)
	}
	lease, err := a.Acquire(t.Context(), lane.Head{}, time.Minute, memo{"intent"})
	if err != nil {
		t.Fatal(err)
	}
	h := head(t, lane.Open(worker(cloud, "b"), target()))
	if h.Gen != 1 || !h.Leased() || h.Owner != "a" || note(t, h) != "intent" {
		t.Fatalf("others see %+v with note %q", h, note(t, h))
	}
	if h.Remaining < 50*time.Second || h.Remaining > time.Minute+lane.Slack {
		t.Errorf("remaining is %v of a minute", h.Remaining)
	}
	if err := lease.Commit(t.Context(), memo{"sent"}); err != nil {
		t.Fatal(err)
	}
	if lease.Token() != 2 {
		t.Errorf("fencing token is %d after a commit, not 2", lease.Token())
	}
	freed, err := lease.Release(t.Context(), memo{"done"})
	if err != nil {
		t.Fatal(err)
	}
	h = head(t, a)
	if h.Gen != 3 || h.Held || note(t, h) != "done" {
		t.Errorf("after release the head is %+v with note %q", h, note(t, h))
	}
	if freed.Gen != h.Gen || note(t, freed) != "done" {
		t.Errorf("release returned %+v, the chain says %+v", freed, h)
	}
	if err := lease.Live(0); !errors.Is(err, lane.ErrLost) {
		t.Errorf("a released lease says %v", err)
	}
}

func TestOneOfManyAcquiresTheLane(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			c := lane.Open(worker(cloud, strconv.Itoa(i)), target())
			_, err := c.Acquire(t.Context(), lane.Head{}, time.Minute, memo{})
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, lane.ErrLost):
				t.Errorf("worker %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d workers acquired the lane", won.Load())
	}
}

func TestALeasedLaneIsNotAcquired(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	a, b := lane.Open(worker(cloud, "a"), target()), lane.Open(worker(cloud, "b"), target())
	if _, err := a.Acquire(t.Context(), lane.Head{}, time.Minute, memo{}); err != nil {
		t.Fatal(err)
	}
	h := head(t, b)
	if _, err := b.Acquire(t.Context(), h, time.Minute, memo{}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("acquiring a leased lane says %v", err)
	}
	if _, err := b.Update(t.Context(), h, memo{}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("updating a leased lane says %v", err)
	}
}

func TestAnExpiredLeaseIsTakenOverAndItsOldOwnerIsFenced(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	a, b := lane.Open(worker(cloud, "a"), target()), lane.Open(worker(cloud, "b"), target())
	old, err := a.Acquire(t.Context(), lane.Head{}, time.Minute, memo{"a's intent"})
	if err != nil {
		t.Fatal(err)
	}
	cloud.OSS.Advance(time.Minute) // within the slack
	if h := head(t, b); !h.Leased() {
		t.Fatalf("the lease ended %v early", h.Remaining)
	}
	cloud.OSS.Advance(lane.Slack + 2*time.Second)
	h := head(t, b)
	if h.Leased() || !h.Held || note(t, h) != "a's intent" {
		t.Fatalf("an expired lease shows as %+v", h)
	}
	lease, err := b.Acquire(t.Context(), h, time.Minute, memo{"b's"})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Commit(t.Context(), memo{"zombie"}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("the old owner's commit says %v", err)
	}
	if _, err := old.Release(t.Context(), memo{"zombie"}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("the old owner's release says %v", err)
	}
	if err := old.Live(0); !errors.Is(err, lane.ErrLost) {
		t.Errorf("the old owner believes: %v", err)
	}
	if _, err := lease.Release(t.Context(), memo{"done"}); err != nil {
		t.Fatal(err)
	}
	if h := head(t, a); note(t, h) != "done" {
		t.Errorf("the chain ends with %q", note(t, h))
	}
}

func TestARenewalRestartsTheLease(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	a, b := lane.Open(worker(cloud, "a"), target()), lane.Open(worker(cloud, "b"), target())
	lease, err := a.Acquire(t.Context(), lane.Head{}, time.Minute, memo{"intent"})
	if err != nil {
		t.Fatal(err)
	}
	advance := func(d time.Duration) {
		cloud.OSS.Advance(d)
		cloud.Clock.Advance(d)
	}
	advance(50 * time.Second)
	if err := lease.Renew(t.Context(), time.Minute, memo{"renewed"}); err != nil {
		t.Fatal(err)
	}
	advance(50 * time.Second)
	if left := lease.Left(); left > 10*time.Second || left < 5*time.Second {
		t.Errorf("50 s after a renewal for a minute, %v are left", left)
	}
	if h := head(t, b); !h.Leased() || h.Gen != 2 || note(t, h) != "renewed" {
		t.Errorf("50 s after a renewal for a minute, others see %+v", h)
	}
	// A commit keeps the end of the lease.
	if err := lease.Commit(t.Context(), memo{"committed"}); err != nil {
		t.Fatal(err)
	}
	if h := head(t, b); h.Remaining > 10*time.Second+lane.Slack {
		t.Errorf("a commit prolonged the lease: %v are left", h.Remaining)
	}
}

// A lease that has expired can be renewed until another worker acquires the lane.
func TestALateRenewal(t *testing.T) {
	t.Parallel()
	for _, takenOver := range []bool{false, true} {
		t.Run("taken over "+strconv.FormatBool(takenOver), func(t *testing.T) {
			t.Parallel()
			cloud := cloudtest.New(t)
			a, b := lane.Open(worker(cloud, "a"), target()), lane.Open(worker(cloud, "b"), target())
			lease, err := a.Acquire(t.Context(), lane.Head{}, time.Minute, memo{"a's"})
			if err != nil {
				t.Fatal(err)
			}
			cloud.OSS.Advance(time.Minute + 2*lane.Slack)
			cloud.Clock.Advance(time.Minute + 2*lane.Slack)
			if lease.Left() > 0 {
				t.Fatalf("%v are left of a lease that has expired", lease.Left())
			}
			seen := head(t, b) // expired
			if takenOver {
				if _, err := b.Acquire(t.Context(), seen, time.Minute, memo{"b's"}); err != nil {
					t.Fatal(err)
				}
				if err := lease.Renew(t.Context(), time.Minute, memo{"late"}); !errors.Is(err, lane.ErrLost) {
					t.Errorf("renewing a lease that another worker has says %v", err)
				}
				if err := lease.Live(0); !errors.Is(err, lane.ErrLost) {
					t.Errorf("the old owner believes: %v", err)
				}
				return
			}
			if err := lease.Renew(t.Context(), time.Minute, memo{"late"}); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Acquire(t.Context(), seen, time.Minute, memo{"b's"}); !errors.Is(err, lane.ErrLost) {
				t.Errorf("acquiring a lane whose lease was renewed since says %v", err)
			}
			if err := lease.Live(50 * time.Second); err != nil {
				t.Error(err)
			}
		})
	}
}

// A renewal whose answer comes late counts from before its request.
func TestARenewalCountsFromBeforeItsRequest(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	slow := &slowCreate{Store: cloud.Store}
	w := worker(cloud, "a")
	w.Store = slow
	lease, err := lane.Open(w, target()).Acquire(t.Context(), lane.Head{}, time.Minute, memo{})
	if err != nil {
		t.Fatal(err)
	}
	slow.then = func() { cloud.Clock.Advance(40 * time.Second) }
	if err := lease.Renew(t.Context(), time.Minute, memo{}); err != nil {
		t.Fatal(err)
	}
	if err := lease.Live(25 * time.Second); !errors.Is(err, lane.ErrEnding) {
		t.Errorf("40 s after a renewal for a minute was requested, 25 s are granted: %v", err)
	}
}

// After a renewal whose outcome is unknown nothing is done under the lease.
func TestARenewalWithoutAnAnswerEndsTheLease(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	lease, err := lane.Open(worker(cloud, "a"), target()).Acquire(t.Context(), lane.Head{}, time.Minute, memo{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Op: "PutObject"}); err != nil {
		t.Fatal(err)
	}
	if err := lease.Renew(t.Context(), time.Minute, memo{}); err == nil || errors.Is(err, lane.ErrLost) {
		t.Errorf("a renewal that the store did not take says %v", err)
	}
	if err := lease.Live(0); !errors.Is(err, lane.ErrLost) {
		t.Errorf("after it the lease says %v", err)
	}
	if err := lease.Renew(t.Context(), time.Minute, memo{}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("a second renewal says %v", err)
	}
}

// slowCreate is a store whose answers to Create come late.
type slowCreate struct {
	lane.Store

	then func()
}

func (s *slowCreate) Create(ctx context.Context, key string, data []byte) error {
	err := s.Store.Create(ctx, key, data)
	if s.then != nil {
		s.then()
	}
	return err
}

func TestAStaleListingMakesTheNextStepFail(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	a, b := lane.Open(worker(cloud, "a"), target()), lane.Open(worker(cloud, "b"), target())
	h, err := a.Update(t.Context(), lane.Head{}, memo{"one"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Acquire(t.Context(), h, time.Minute, memo{"two"}); err != nil {
		t.Fatal(err)
	}
	if err := cloud.OSS.Inject(oss.Fault{Kind: oss.StaleList, KeyPrefix: "lanes/", Last: 1}); err != nil {
		t.Fatal(err)
	}
	stale := head(t, b)
	if stale.Gen != 1 || stale.Held {
		t.Fatalf("the listing is not stale: %+v", stale)
	}
	if _, err := b.Acquire(t.Context(), stale, time.Minute, memo{}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("acquiring on a stale listing says %v", err)
	}
}

func TestALostAnswerIsTheWorkersOwnSuccess(t *testing.T) {
	t.Parallel()
	for _, kind := range []oss.FaultKind{oss.DropAfter, oss.BadGatewayAfter, oss.WrongCRC} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			cloud := cloudtest.New(t)
			a := lane.Open(worker(cloud, "a"), target())
			if err := cloud.OSS.Inject(oss.Fault{Kind: kind, Op: "PutObject", KeyPrefix: "lanes/"}); err != nil {
				t.Fatal(err)
			}
			lease, err := a.Acquire(t.Context(), lane.Head{}, time.Minute, memo{})
			if err != nil {
				t.Fatalf("the lease was acquired and the answer lost: %v", err)
			}
			if _, err := lease.Release(t.Context(), memo{"done"}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLiveCountsByTheFasterClock(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	now := time.Now()
	w := worker(cloud, "a")
	w.Now = func() time.Time { return now }
	lease, err := lane.Open(w, target()).Acquire(t.Context(), lane.Head{}, time.Minute, memo{})
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Live(time.Minute); err != nil {
		t.Errorf("a fresh lease of a minute does not last one: %v", err)
	}
	// A frozen instance: the wall clock went on, the monotonic one did not.
	now = time.Now().Round(0).Add(50 * time.Second)
	if err := lease.Live(15 * time.Second); !errors.Is(err, lane.ErrEnding) {
		t.Errorf("with 10 s left of the lease, 15 s are granted: %v", err)
	}
	if err := lease.Live(5 * time.Second); err != nil {
		t.Errorf("with 10 s left of the lease, 5 s are refused: %v", err)
	}
}

func TestForeignObjectsAreNoGenerations(t *testing.T) {
	t.Parallel()
	for name, object := range map[string][2]string{
		"another name":    {"zzz.json", `{}`},
		"another content": {"9223372036854775806.json", `{"schema":"something-else"}`},
		"no JSON":         {"9223372036854775806.json", "garbage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := cloudtest.New(t)
			if err := cloud.Store.Put(t.Context(), objects.LanePrefix(target())+object[0], []byte(object[1])); err != nil {
				t.Fatal(err)
			}
			_, err := lane.Open(worker(cloud, "a"), target()).Head(t.Context())
			if err == nil || !strings.Contains(err.Error(), "only the function may write below lanes/") {
				t.Errorf("the error does not say what is wrong: %v", err)
			}
		})
	}
}

func TestCollectGoesByAgeAndKeepsTheNewestAndTheFirst(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	chain := lane.Open(worker(cloud, "a"), target())
	var h lane.Head
	step := func(n int) {
		for range n {
			var err error
			if h, err = chain.Update(t.Context(), h, memo{strconv.FormatInt(h.Gen+1, 10)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	step(12)
	if n, err := lane.Collect(t.Context(), cloud.Store, target()); n != 0 || err != nil {
		t.Errorf("young generations were collected: %d, %v", n, err)
	}
	cloud.OSS.Advance(lane.MinAge + time.Minute)
	step(2)
	n, err := lane.Collect(t.Context(), cloud.Store, target())
	if err != nil {
		t.Fatal(err)
	}
	// 14 generations: the newest 8 (7 to 14) and the first stay.
	if n != 5 {
		t.Errorf("%d generations were collected, not 5", n)
	}
	if got := len(cloud.Keys(t.Context(), objects.LanePrefix(target()))); got != 9 {
		t.Errorf("%d generations are left, not 9", got)
	}
	if got := head(t, chain); got.Gen != 14 {
		t.Errorf("the head is generation %d, not 14", got.Gen)
	}
	// A stalled worker that believes in an old head must not restart the chain.
	if _, err := chain.Update(t.Context(), lane.Head{}, memo{}); !errors.Is(err, lane.ErrLost) {
		t.Errorf("the chain restarted: %v", err)
	}
}

func TestErrorsOfTheStorePassThrough(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	if err := cloud.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Times: -1}); err != nil {
		t.Fatal(err)
	}
	c := lane.Open(worker(cloud, "a"), target())
	if _, err := c.Head(t.Context()); !errors.Is(err, blob.ErrDenied) {
		t.Errorf("reading a forbidden lane says %v", err)
	}
	if _, err := c.Acquire(t.Context(), lane.Head{}, time.Minute, memo{}); !errors.Is(err, blob.ErrDenied) {
		t.Errorf("acquiring a forbidden lane says %v", err)
	}
}
