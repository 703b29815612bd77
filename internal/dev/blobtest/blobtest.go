package blobtest

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// Store is the whole interface of a backend.
type Store interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Head(ctx context.Context, key string) (blob.Entry, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Run runs the suite. open returns a store for one test. Tests run in parallel, each
// below a prefix of its own, which it empties at the end, so the bucket may have
// other objects.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, s *scope)
	}{
		{"one of many creators succeeds and the others get ErrExists", testCreateRace},
		{"create keeps an existing object", testCreateExisting},
		{"create works again after delete", testCreateAfterDelete},
		{"get returns what was put", testRoundTrip},
		{"an empty object is an object", testEmpty},
		{"a missing object is not found", testNotFound},
		{"get refuses an object that has changed", testIfMatch},
		{"get refuses an object larger than the limit", testLimit},
		{"put overwrites", testPut},
		{"delete accepts one, many and missing keys", testDelete},
		{"a list is in byte order", testListOrder},
		{"pages have every key once", testListPages},
		{"a list begins after a key", testListAfter},
		{"a list of nothing is empty", testListEmpty},
		{"any UTF-8 key works", testOddKeys},
		{"the server's clock has whole seconds and is consistent", testClock},
		{"a canceled context ends every call", testCanceled},
		{"keys that no store accepts are refused", testBadKeys},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, newScope(t, open(t)))
		})
	}
}

// scope is a store below a prefix.
type scope struct {
	Store

	prefix string
}

func newScope(t *testing.T, store Store) *scope {
	t.Helper()
	s := &scope{Store: store, prefix: "blobtest/" + rand.Text() + "/"}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		for {
			page, err := store.List(ctx, blob.ListOptions{Prefix: s.prefix})
			if err != nil {
				t.Errorf("clean up: %v", err)
				return
			}
			keys := make([]string, 0, len(page.Entries))
			for _, e := range page.Entries {
				keys = append(keys, e.Key)
			}
			if len(keys) == 0 {
				return
			}
			if err := store.Delete(ctx, keys...); err != nil {
				t.Errorf("clean up: %v", err)
				return
			}
		}
	})
	return s
}

// key is a key below the prefix.
func (s *scope) key(name string) string { return s.prefix + name }

func (s *scope) put(t *testing.T, name, data string) {
	t.Helper()
	if err := s.Put(t.Context(), s.key(name), []byte(data)); err != nil {
		t.Fatalf("put %q: %v", name, err)
	}
}

// wantContent checks the content at a key.
func (s *scope) wantContent(t *testing.T, name, want string) {
	t.Helper()
	got, err := s.Get(t.Context(), s.key(name), blob.GetOptions{})
	if err != nil {
		t.Fatalf("get %q: %v", name, err)
	}
	if string(got.Data) != want {
		t.Fatalf("content of %q: got %.80q, want %.80q", name, got.Data, want)
	}
}

// list returns all names below a prefix of the scope, page by page.
func (s *scope) list(t *testing.T, opts blob.ListOptions) (names []string, pages int) {
	t.Helper()
	opts.Prefix = s.key(opts.Prefix)
	for {
		page, err := s.List(t.Context(), opts)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		pages++
		if n := len(page.Entries); opts.Max > 0 && n > opts.Max {
			t.Fatalf("page of %d names, want at most %d", n, opts.Max)
		}
		for _, e := range page.Entries {
			names = append(names, e.Key[len(s.prefix):])
		}
		if page.Next == "" || pages > 100 {
			return names, pages
		}
		opts.After = page.Next
	}
}
