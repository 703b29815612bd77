package lane_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// reads counts the generations that were read.
func reads(c *cloudtest.Cloud) int {
	n := 0
	for _, q := range c.OSS.Requests() {
		if q.Op == "GetObject" && strings.HasPrefix(q.Key, "lanes/") {
			n++
		}
	}
	return n
}

func TestMemorySavesReadingWhatTheInstanceWroteAndRead(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	mine, other := worker(cloud, "a"), worker(cloud, "b")
	mine.Memory, other.Memory = &lane.Memory{}, &lane.Memory{}
	lease, err := lane.Open(mine, target()).Acquire(t.Context(), lane.Head{}, time.Minute, memo{"intent"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if h := head(t, lane.Open(mine, target())); h.Gen != 1 || !h.Leased() || h.Remaining > time.Minute+lane.Slack || note(t, h) != "intent" {
			t.Fatalf("the writer remembers %+v with note %q", h, note(t, h))
		}
	}
	if n := reads(cloud); n != 0 {
		t.Errorf("the writer read its generation %d times", n)
	}
	head(t, lane.Open(other, target()))
	head(t, lane.Open(other, target()))
	if n := reads(cloud); n != 1 {
		t.Errorf("the other instance read the generation %d times", n)
	}
	if _, err := lease.Release(t.Context(), memo{"done"}); err != nil {
		t.Fatal(err)
	}
	if h := head(t, lane.Open(other, target())); h.Gen != 2 || h.Leased() || note(t, h) != "done" {
		t.Errorf("the other instance takes %+v with note %q for the newest", h, note(t, h))
	}
	if n := reads(cloud); n != 2 {
		t.Errorf("the other instance read %d generations of 2", n)
	}
}

// What is remembered counts only as long as the object has the same content.
func TestMemoryDoesNotHideAnOverwrittenGeneration(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	w := worker(cloud, "a")
	w.Memory = &lane.Memory{}
	if _, err := lane.Open(w, target()).Update(t.Context(), lane.Head{}, memo{"mine"}); err != nil {
		t.Fatal(err)
	}
	foreign := []byte(`{"schema":"sslvpn-change/lane/v1","gen":1,"kind":"free","nonce":"n","owner":"x","at":"2026-11-22T12:00:00Z","state":{"note":"foreign"}}`)
	if err := cloud.Store.Put(t.Context(), objects.GenerationKey(target(), 1), foreign); err != nil {
		t.Fatal(err)
	}
	if h := head(t, lane.Open(w, target())); note(t, h) != "foreign" {
		t.Errorf("the note of the overwritten generation is %q", note(t, h))
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.New(t)
	w := worker(cloud, "a")
	w.Memory = &lane.Memory{}
	const lanes = 100
	lane1 := func(i int) *lane.Chain {
		return lane.Open(w, change.Target{RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-%d", i)})
	}
	for i := range lanes {
		if _, err := lane1(i).Update(t.Context(), lane.Head{}, memo{strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := lane1(lanes).Update(t.Context(), lane.Head{}, memo{strings.Repeat("x", 64<<10)}); err != nil {
		t.Fatal(err)
	}
	for i := range lanes + 1 {
		if h := head(t, lane1(i)); h.Gen != 1 {
			t.Errorf("lane %d is at %d", i, h.Gen)
		}
	}
	if n := reads(cloud); n < lanes-64+1 {
		t.Errorf("only %d generations were read: the memory keeps more than 64, or large ones", n)
	}
}
