package queue_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

func TestKeysSortByDueTimeThenDocumentThenNumber(t *testing.T) {
	t.Parallel()
	early := document("a", server("a"), time.UnixMilli(999), 1000) // 13 digits are padded
	late := document("b", server("a"), noon(), 1000)
	keys := make([]string, 0, 2000)
	for _, c := range append(early, late...) {
		keys = append(keys, objects.EntryKey(c))
	}
	if !slices.IsSorted(keys) {
		t.Error("the keys of changes in order are not in order")
	}
}

func TestAnEntryIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("full", server("a"), noon().Add(1234567*time.Nanosecond))
	c.Patch = change.Patch{change.Name: change.Text("办公网"), change.Port: change.Number(1195), change.Compress: change.Flag(false)}
	c.Expect = change.Patch{change.Port: change.Number(1194)}
	c.ClientToken, c.Ref, c.Reason, c.RequestedBy, c.DryRun = "token", "CHG-1", "理由 <&>", "zhang.san", true
	c.Confirm, c.Idle, c.Proof = change.Confirmation{For: 90 * time.Second, Proof: true}, 7, true
	c.Origin.RequestID = "req-1"
	h.add(c)
	due := h.due(c.Target, noon().Add(time.Second))
	if len(due.Entries) != 1 || due.Entries[0].Err != nil {
		t.Fatalf("queued are %+v", due.Entries)
	}
	if got := due.Entries[0]; !reflect.DeepEqual(got.Change, c) || got.Key != objects.EntryKey(c) {
		t.Errorf("got %+v, want %+v", got, c)
	}
}

func TestAddingAgainLeavesTheEntryAsItIs(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("again", server("a"), noon())
	h.add(c)
	c.Reason = "another reason"
	added, err := h.Add(t.Context(), c)
	if err != nil || added {
		t.Errorf("added %v, %v: it was there", added, err)
	}
	if e := h.due(c.Target, noon()).Entries[0]; e.Reason != "" {
		t.Errorf("the entry was written again: %q", e.Reason)
	}
}

func TestTheSameIDOfAnotherIdentityIsAnError(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("first", server("a"), noon())
	h.add(c)
	c.Identity = change.HTTPIdentity("somebody else", "first")
	if added, err := h.Add(t.Context(), c); !errors.Is(err, queue.ErrOther) || added {
		t.Errorf("added %v, %v, want ErrOther", added, err)
	}
}

func TestDueStopsAtTheFirstThatIsNotDue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	a := document("a", server("a"), noon().Add(-time.Minute), 3)
	b := one("b", server("a"), noon())
	c := one("c", server("a"), noon().Add(time.Millisecond))
	d := one("d", server("a"), noon().Add(time.Hour))
	other := one("other lane", server("ab"), noon().Add(-time.Hour))
	h.add(d, c, b, other, a[2], a[0], a[1])
	due := h.due(server("a"), noon())
	if got, want := ids(due.Entries), idsOf(append(a, b)...); !slices.Equal(got, want) {
		t.Errorf("due are %q, want %q", got, want)
	}
	if !due.Next.Equal(c.DueAt) {
		t.Errorf("the next is due at %v, want %v", due.Next, c.DueAt)
	}
	if due := h.due(server("a"), noon().Add(2*time.Hour)); len(due.Entries) != 6 || !due.Next.IsZero() {
		t.Errorf("%d due in the end, next at %v", len(due.Entries), due.Next)
	}
	if due := h.due(server("none"), noon()); len(due.Entries) != 0 || !due.Next.IsZero() {
		t.Errorf("an empty lane has %+v", due)
	}
}

func TestADamagedEntryHasWhatItsKeySays(t *testing.T) {
	t.Parallel()
	sound := one("sound", server("a"), noon())
	moved := one("moved", server("a"), noon())
	for name, tt := range map[string]struct{ text, want string }{
		"no JSON":               {"{garbage", "cannot be read"},
		"nothing":               {"", "cannot be read"},
		"another schema":        {`{"schema":"sslvpn-change/queue/v0"}`, `schema "sslvpn-change/queue/v0"`},
		"another change's":      {"", "is not the one its key names"},
		"no settings":           {`{"schema":"sslvpn-change/queue/v1","id":"$ID","document":"$DOC","index":1,"regionId":"cn-hangzhou","sslVpnServerId":"vss-a","patch":{},"dueAt":"2026-11-22T12:00:00Z"}`, "has no settings"},
		"an unknown setting":    {`{"schema":"sslvpn-change/queue/v1","patch":{"Prot":1}}`, "cannot be read"},
		"larger than any entry": {strings.Repeat("x", blob.DefaultLimit+1), "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			text := tt.text
			if name == "another change's" {
				h.add(moved)
				obj, err := h.Store.Get(t.Context(), objects.EntryKey(moved), blob.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				text = string(obj.Data)
				if err := h.Remove(t.Context(), objects.EntryKey(moved)); err != nil {
					t.Fatal(err)
				}
			}
			h.put(objects.EntryKey(sound), strings.NewReplacer("$ID", sound.ID, "$DOC", sound.Document).Replace(text))
			got := h.due(sound.Target, noon()).Entries
			if len(got) != 1 {
				t.Fatalf("queued are %+v", got)
			}
			e := got[0]
			if e.Err == nil || !strings.Contains(e.Err.Error(), tt.want) {
				t.Errorf("the entry's error is %v, want %q", e.Err, tt.want)
			}
			if e.ID != sound.ID || e.Document != sound.Document || e.Index != 1 || e.Target != sound.Target || !e.DueAt.Equal(noon()) {
				t.Errorf("from the key it has %+v", e.Change)
			}
		})
	}
}

func TestForeignObjectsAreIgnored(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("mine", server("a"), noon())
	for _, key := range []string{
		"queue/README.md", "queue/cn-hangzhou/vss-a/!first", "queue/cn-hangzhou/vss-a/0000000000000-note.json",
		"queue/cn-hangzhou/vss-a/1-abcdefghij-0001-20261122-abcdefghij.json",
		"queue/cn-hangzhou/vss-a/0000000000000-abcdefghi1-0001-20261122-abcdefghij.json",
		"queue/cn-hangzhou/vss-a/sub/0000000000000-abcdefghij-0001-20261122-abcdefghij.json", "queue/zz",
	} {
		h.put(key, "{}")
	}
	h.add(c)
	if got := ids(h.due(c.Target, noon()).Entries); !slices.Equal(got, []string{c.ID}) {
		t.Errorf("due are %q", got)
	}
	lanes, _, err := h.Lanes(t.Context(), noon(), "", 10)
	if err != nil || !slices.Equal(lanes, []change.Target{c.Target}) {
		t.Errorf("lanes are %v, %v", lanes, err)
	}
	if n := len(h.Keys(t.Context(), "queue/")); n != 8 {
		t.Errorf("%d objects are left of 8", n)
	}
}

func TestReadLeavesOutRemovedEntriesAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	d := document("a", server("a"), noon(), 4)
	h.add(d...)
	keys := []string{objects.EntryKey(d[3]), objects.EntryKey(d[0]), objects.EntryKey(d[2]), objects.EntryKey(d[1])}
	if err := h.Remove(t.Context(), objects.EntryKey(d[0])); err != nil {
		t.Fatal(err)
	}
	got, err := h.Read(t.Context(), keys)
	if err != nil || !slices.Equal(ids(got), idsOf(d[3], d[2], d[1])) {
		t.Errorf("read %q, %v", ids(got), err)
	}
	if err := h.Remove(t.Context()); err != nil {
		t.Errorf("removing nothing: %v", err)
	}
	if err := h.Remove(t.Context(), keys...); err != nil || len(h.Keys(t.Context(), "queue/")) != 0 {
		t.Errorf("removing all, one of them gone already: %v", err)
	}
}

// Known entries are not read again and keep their place; those that were removed
// are left out.
func TestDueReadsOnlyWhatTheCallerDoesNotKnow(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	s := server("one")
	old := document("old", s, noon(), 3)
	h.add(old...)
	known := h.due(s, noon()).Entries
	fresh := one("fresh", s, noon().Add(-time.Minute))
	h.add(fresh)
	if err := h.Remove(t.Context(), objects.EntryKey(old[1])); err != nil {
		t.Fatal(err)
	}
	before := h.Store.Requests()
	d, err := h.Due(t.Context(), s, noon(), known...)
	if err != nil {
		t.Fatal(err)
	}
	if want := idsOf(fresh, old[0], old[2]); !slices.Equal(ids(d.Entries), want) {
		t.Errorf("due are %q, want %q", ids(d.Entries), want)
	}
	if !d.Entries[1].Patch.Equal(old[0].Patch) {
		t.Errorf("the known entry has %v", d.Entries[1].Patch)
	}
	if n := h.Store.Requests() - before; n != 2 {
		t.Errorf("%d requests, want a listing and one entry", n)
	}
}
