package blobtest

import (
	"context"
	"crypto/md5" //nolint:gosec // ETags of simple writes are MD5
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

func testCreateRace(t *testing.T, s *scope) {
	const creators = 16
	var winner atomic.Int64
	var wins, losses atomic.Int64
	var done sync.WaitGroup
	start := make(chan struct{})
	for i := range creators {
		done.Go(func() {
			<-start
			err := s.Create(t.Context(), s.key("lock"), fmt.Appendf(nil, "creator %d", i))
			switch {
			case err == nil:
				wins.Add(1)
				winner.Store(int64(i))
			case errors.Is(err, blob.ErrExists):
				losses.Add(1)
			default:
				t.Errorf("creator %d: %v", i, err)
			}
		})
	}
	close(start)
	done.Wait()
	if wins.Load() != 1 || losses.Load() != creators-1 {
		t.Fatalf("got %d winners and %d losers, want 1 and %d", wins.Load(), losses.Load(), creators-1)
	}
	s.wantContent(t, "lock", fmt.Sprintf("creator %d", winner.Load()))
}

func testCreateExisting(t *testing.T, s *scope) {
	s.put(t, "a", "first")
	for _, content := range []string{"second", "first"} {
		err := s.Create(t.Context(), s.key("a"), []byte(content))
		if !errors.Is(err, blob.ErrExists) {
			t.Fatalf("create over an object: got %v, want %v", err, blob.ErrExists)
		}
	}
	var e *blob.Error
	err := s.Create(t.Context(), s.key("a"), []byte("x"))
	if !errors.As(err, &e) || e.Op != "create" || e.Key != s.key("a") || e.Bucket == "" {
		t.Fatalf("the error does not say what failed: %#v", err)
	}
	s.wantContent(t, "a", "first")
}

func testCreateAfterDelete(t *testing.T, s *scope) {
	for _, content := range []string{"one", "two"} {
		if err := s.Create(t.Context(), s.key("a"), []byte(content)); err != nil {
			t.Fatalf("create: %v", err)
		}
		s.wantContent(t, "a", content)
		if err := s.Delete(t.Context(), s.key("a")); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
}

func testRoundTrip(t *testing.T, s *scope) {
	// Compressible JSON: stores that compress answers lose the ETag.
	data := "[" + strings.Repeat(`"the same again and again",`, 40_000) + `"end"]`
	for _, name := range []string{"large.json", "large.txt", "large"} {
		s.put(t, name, data)
		got, err := s.Get(t.Context(), s.key(name), blob.GetOptions{})
		if err != nil {
			t.Fatalf("get %s: %v", name, err)
		}
		sum := md5.Sum([]byte(data)) //nolint:gosec // see the import
		want := blob.Entry{
			Key: s.key(name), Size: int64(len(data)), ETag: strings.ToUpper(hex.EncodeToString(sum[:])),
			LastModified: got.LastModified,
		}
		if got.Entry != want {
			t.Fatalf("entry: got %+v, want %+v", got.Entry, want)
		}
		if string(got.Data) != data {
			t.Fatalf("the content of %s changed on its way", name)
		}
		head, err := s.Head(t.Context(), s.key(name))
		if err != nil || head != want {
			t.Fatalf("head: got %+v, %v, want %+v", head, err, want)
		}
	}
}

func testEmpty(t *testing.T, s *scope) {
	if err := s.Create(t.Context(), s.key("empty"), nil); err != nil {
		t.Fatalf("create: %v", err)
	}
	s.wantContent(t, "empty", "")
	if err := s.Create(t.Context(), s.key("empty"), []byte{}); !errors.Is(err, blob.ErrExists) {
		t.Fatalf("create over an empty object: got %v, want %v", err, blob.ErrExists)
	}
	if err := s.Put(t.Context(), s.key("empty"), nil); err != nil {
		t.Fatalf("put: %v", err)
	}
	s.wantContent(t, "empty", "")
}

func testNotFound(t *testing.T, s *scope) {
	if _, err := s.Get(t.Context(), s.key("none"), blob.GetOptions{}); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("get: got %v, want %v", err, blob.ErrNotFound)
	}
	if _, err := s.Get(t.Context(), s.key("none"), blob.GetOptions{IfMatch: "A"}); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("get with a condition: got %v, want %v", err, blob.ErrNotFound)
	}
	if _, err := s.Head(t.Context(), s.key("none")); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("head: got %v, want %v", err, blob.ErrNotFound)
	}
}

func testIfMatch(t *testing.T, s *scope) {
	s.put(t, "a", "first")
	old, err := s.Head(t.Context(), s.key("a"))
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	got, err := s.Get(t.Context(), s.key("a"), blob.GetOptions{IfMatch: old.ETag})
	if err != nil || string(got.Data) != "first" {
		t.Fatalf("get of the version there: got %q, %v", got.Data, err)
	}
	s.put(t, "a", "second")
	if _, err := s.Get(t.Context(), s.key("a"), blob.GetOptions{IfMatch: old.ETag}); !errors.Is(err, blob.ErrChanged) {
		t.Fatalf("get of an old version: got %v, want %v", err, blob.ErrChanged)
	}
}

func testLimit(t *testing.T, s *scope) {
	s.put(t, "a", "0123456789")
	if _, err := s.Get(t.Context(), s.key("a"), blob.GetOptions{Limit: 9}); !errors.Is(err, blob.ErrTooLarge) {
		t.Fatalf("get over the limit: got %v, want %v", err, blob.ErrTooLarge)
	}
	if got, err := s.Get(t.Context(), s.key("a"), blob.GetOptions{Limit: 10}); err != nil || len(got.Data) != 10 {
		t.Fatalf("get at the limit: got %q, %v", got.Data, err)
	}
}

func testPut(t *testing.T, s *scope) {
	for _, content := range []string{"first, and longer", "second"} {
		s.put(t, "a", content)
		s.wantContent(t, "a", content)
	}
}

func testDelete(t *testing.T, s *scope) {
	if err := s.Delete(t.Context()); err != nil {
		t.Fatalf("delete of nothing: %v", err)
	}
	var keys []string
	for i := range 20 {
		name := fmt.Sprintf("k%02d & <co> \x01", i)
		if i%2 == 0 {
			s.put(t, name, "x")
		}
		keys = append(keys, s.key(name))
	}
	s.put(t, "kept", "x")
	for range 2 {
		if err := s.Delete(t.Context(), keys...); err != nil {
			t.Fatalf("delete of many: %v", err)
		}
		if err := s.Delete(t.Context(), keys[0]); err != nil {
			t.Fatalf("delete of one: %v", err)
		}
	}
	if names, _ := s.list(t, blob.ListOptions{}); len(names) != 1 || names[0] != "kept" {
		t.Fatalf("left: got %q, want only %q", names, "kept")
	}
}

func testClock(t *testing.T, s *scope) {
	s.put(t, "a", "x")
	got, err := s.Get(t.Context(), s.key("a"), blob.GetOptions{})
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	page, err := s.List(t.Context(), blob.ListOptions{Prefix: s.prefix})
	if err != nil || len(page.Entries) != 1 {
		t.Fatalf("list: got %+v, %v, want one entry", page, err)
	}
	if page.Entries[0] != got.Entry {
		t.Fatalf("list and get differ: %+v and %+v", page.Entries[0], got.Entry)
	}
	for name, at := range map[string]time.Time{"LastModified": got.LastModified, "Now of get": got.Now, "Now of list": page.Now} {
		if at.IsZero() || at.Nanosecond() != 0 || at.Location() != time.UTC {
			t.Errorf("%s: got %v, want whole seconds in UTC", name, at)
		}
	}
	if age := got.Now.Sub(got.LastModified); age < 0 || age > time.Minute {
		t.Errorf("age of a new object: got %v, want about 0", age)
	}
	if page.Now.Before(got.Now) {
		t.Errorf("the clock ran backward: %v after %v", page.Now, got.Now)
	}
}

func testCanceled(t *testing.T, s *scope) {
	s.put(t, "a", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, getErr := s.Get(ctx, s.key("a"), blob.GetOptions{})
	_, headErr := s.Head(ctx, s.key("a"))
	_, listErr := s.List(ctx, blob.ListOptions{Prefix: s.prefix})
	for op, err := range map[string]error{
		"get": getErr, "head": headErr, "list": listErr,
		"create": s.Create(ctx, s.key("b"), []byte("x")),
		"put":    s.Put(ctx, s.key("c"), []byte("x")),
		"delete": s.Delete(ctx, s.key("a")),
	} {
		if !errors.Is(err, context.Canceled) || !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v and %v", op, err, blob.ErrUnavailable, context.Canceled)
		}
	}
	if names, _ := s.list(t, blob.ListOptions{}); len(names) != 1 {
		t.Errorf("after canceled calls: got %q, want only %q", names, "a")
	}
}

func testBadKeys(t *testing.T, s *scope) {
	for _, key := range []string{"", "/a", `\a`, "a\xff", strings.Repeat("k", 1024)} {
		_, err := s.Get(t.Context(), key, blob.GetOptions{})
		if !errors.Is(err, blob.ErrRefused) {
			t.Errorf("get %.10q: got %v, want %v", key, err, blob.ErrRefused)
		}
		for op, err := range map[string]error{
			"create": s.Create(t.Context(), key, nil), "put": s.Put(t.Context(), key, nil), "delete": s.Delete(t.Context(), key),
		} {
			if !errors.Is(err, blob.ErrRefused) {
				t.Errorf("%s %.10q: got %v, want %v", op, key, err, blob.ErrRefused)
			}
		}
	}
}
