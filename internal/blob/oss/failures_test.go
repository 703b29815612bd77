package oss_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	cloud "github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

func quick(_ *cloud.Options, c *oss.Config) { c.AnswerTimeout = 100 * time.Millisecond }

func TestCreateResolvesWhateverHappensToItsAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		faults []cloud.Fault
		other  string // written by somebody else before
		want   error
		puts   int // requests that reached the store
		gets   int
	}{
		{name: "nothing happens", puts: 1},
		{name: "the first loser is told at once", other: "other", want: blob.ErrExists, puts: 1},
		{name: "the same content of somebody else is a loss too", other: "mine", want: blob.ErrExists, puts: 1},
		{name: "the answer is lost", faults: []cloud.Fault{{Kind: cloud.DropAfter}}, puts: 2, gets: 1},
		{name: "every answer is lost", faults: []cloud.Fault{{Kind: cloud.DropAfter, Op: "PutObject", Times: -1}}, puts: 3, gets: 1},
		{name: "the request is lost", faults: []cloud.Fault{{Kind: cloud.DropBefore}}, puts: 2},
		{name: "the answer hangs", faults: []cloud.Fault{{Kind: cloud.HangAfter}}, puts: 2, gets: 1},
		{name: "the answer is a gateway's page", faults: []cloud.Fault{{Kind: cloud.BadGatewayAfter}}, puts: 2, gets: 1},
		{name: "the answer has a wrong checksum", faults: []cloud.Fault{{Kind: cloud.WrongCRC}}, puts: 2, gets: 1},
		{name: "busy, then free", faults: []cloud.Fault{{Kind: cloud.Throttled, Times: 2}}, puts: 3},
		{name: "a 500 before another one wins", faults: []cloud.Fault{{Kind: cloud.InternalError}}, other: "other", want: blob.ErrExists, puts: 2, gets: 1},
		{name: "a lost request and a longer object of another", faults: []cloud.Fault{{Kind: cloud.ServiceUnavailable}}, other: "other, longer", want: blob.ErrExists, puts: 2, gets: 1},
		{name: "busy for good", faults: []cloud.Fault{{Kind: cloud.Throttled, Op: "PutObject", Times: -1}}, want: blob.ErrUnavailable, puts: 3, gets: 1},
		{name: "lost, and cannot be read back", faults: []cloud.Fault{
			{Kind: cloud.DropAfter}, {Kind: cloud.ServiceUnavailable, Op: "GetObject", Times: -1},
		}, want: blob.ErrUnavailable, puts: 2, gets: 3},
		{name: "denied", faults: []cloud.Fault{{Kind: cloud.AccessDenied}}, want: blob.ErrDenied, puts: 1},
		{name: "token expired", faults: []cloud.Fault{{Kind: cloud.TokenExpired}}, want: blob.ErrCredentials, puts: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t, quick)
			if c.other != "" {
				if err := r.store.Put(t.Context(), "k", []byte(c.other)); err != nil {
					t.Fatal(err)
				}
			}
			before := len(r.ops())
			r.inject(t, c.faults...)
			err := r.store.Create(t.Context(), "k", []byte("mine"))
			if !errors.Is(err, c.want) {
				t.Fatalf("create: got %v, want %v", err, c.want)
			}
			ops := r.ops()[before:]
			puts, gets := count(ops, "PutObject"), count(ops, "GetObject")
			if puts != c.puts || gets != c.gets {
				t.Errorf("got %q, want %d PutObject and %d GetObject", ops, c.puts, c.gets)
			}
			r.ClearFaults()
			want := "mine"
			if c.other != "" {
				want = c.other
			}
			got, err := r.store.Get(t.Context(), "k", blob.GetOptions{})
			if c.want == nil || c.other != "" {
				if err != nil || string(got.Data) != want {
					t.Errorf("in the store: got %q, %v, want %q", got.Data, err, want)
				}
			}
		})
	}
}

func TestCreateDoesNotClaimWhatVanished(t *testing.T) {
	t.Parallel()
	var r *harness
	r = newHarness(t, func(o *cloud.Options, _ *oss.Config) {
		o.Before = func(q cloud.Request) {
			// Between "exists" and the reading back, somebody deletes the object.
			if q.Op == "GetObject" {
				if err := r.open(t, testBucket, testCredentials()).Delete(t.Context(), "k"); err != nil {
					t.Error(err)
				}
			}
		}
	})
	r.inject(t, cloud.Fault{Kind: cloud.DropAfter})
	err := r.store.Create(t.Context(), "k", []byte("mine"))
	if !errors.Is(err, blob.ErrUnavailable) || !strings.Contains(err.Error(), "read back, it is not there") {
		t.Errorf("got %v, want %v", err, blob.ErrUnavailable)
	}
}

func count(ops []string, op string) int {
	n := 0
	for _, o := range ops {
		if o == op {
			n++
		}
	}
	return n
}

// TestTheTransportReplaysOnADeadConnection cuts as many requests as Create
// tries by itself: what goes on is the transport's replay on a new connection.
func TestTheTransportReplaysOnADeadConnection(t *testing.T) {
	t.Parallel()
	for kind, want := range map[cloud.FaultKind]int64{
		cloud.DropBefore: 4, // cut, replay cut, cut, done
		cloud.DropAfter:  5, // cut, replay cut, cut, "exists", read back
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			for round := range 5 {
				requests, err := createOnADeadConnection(t, kind)
				if err == nil && requests == want {
					return
				}
				// The kept connection may not have been back in the pool yet.
				t.Logf("round %d: %d requests, want %d; %v", round, requests, want, err)
			}
			t.Error("no request was replayed")
		})
	}
}

func createOnADeadConnection(t *testing.T, kind cloud.FaultKind) (int64, error) {
	t.Helper()
	r := newHarness(t)
	if err := r.store.Preflight(t.Context()); err != nil { // leaves a kept connection behind
		t.Fatal(err)
	}
	before := r.store.Requests()
	r.inject(t, cloud.Fault{Kind: kind, Op: "PutObject", Times: 3})
	if err := r.store.Create(t.Context(), "k", []byte("mine")); err != nil {
		return r.store.Requests() - before, err
	}
	requests := r.store.Requests() - before
	got, err := r.store.Get(t.Context(), "k", blob.GetOptions{})
	if err != nil || string(got.Data) != "mine" {
		t.Errorf("got %q, %v", got.Data, err)
	}
	return requests, nil
}

func TestAConnectionClosedWhileIdleCostsNothing(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.inject(t, cloud.Fault{Kind: cloud.CloseIdle, Times: -1})
	for range 20 {
		if err := r.store.Put(t.Context(), "k", []byte("x")); err != nil {
			t.Fatalf("put: %v", err)
		}
	}
}

func TestReadsSurviveBrokenAnswers(t *testing.T) {
	t.Parallel()
	for _, kind := range []cloud.FaultKind{
		cloud.Truncated, cloud.WrongCRC, cloud.BadGateway, cloud.InternalError, cloud.ServiceUnavailable, cloud.Throttled,
		cloud.DropBefore, cloud.HangBefore, cloud.ClockSkewed,
	} {
		t.Run(string(kind)+" once is tried again, for good is unavailable", func(t *testing.T) {
			t.Parallel()
			r := newHarness(t, quick)
			content := strings.Repeat("0123456789", 1000)
			if err := r.store.Put(t.Context(), "k", []byte(content)); err != nil {
				t.Fatal(err)
			}
			r.inject(t, cloud.Fault{Kind: kind})
			got, err := r.store.Get(t.Context(), "k", blob.GetOptions{})
			if err != nil || string(got.Data) != content {
				t.Fatalf("get: %d bytes, %v", len(got.Data), err)
			}
			r.inject(t, cloud.Fault{Kind: kind, Times: -1})
			if _, err := r.store.Get(t.Context(), "k", blob.GetOptions{}); !errors.Is(err, blob.ErrUnavailable) {
				t.Fatalf("get: got %v, want %v", err, blob.ErrUnavailable)
			}
			if kind == cloud.WrongCRC {
				return
			}
			if _, err := r.store.List(t.Context(), blob.ListOptions{}); !errors.Is(err, blob.ErrUnavailable) {
				t.Fatalf("list: got %v, want %v", err, blob.ErrUnavailable)
			}
			if err := r.store.Preflight(t.Context()); !errors.Is(err, blob.ErrUnavailable) {
				t.Fatalf("preflight: got %v, want %v", err, blob.ErrUnavailable)
			}
		})
	}
}

func TestWritesThatMayBeRepeatedAre(t *testing.T) {
	t.Parallel()
	for _, kind := range []cloud.FaultKind{cloud.DropAfter, cloud.DropBefore, cloud.InternalError, cloud.HangAfter, cloud.BadGateway} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			r := newHarness(t, quick)
			r.inject(t, cloud.Fault{Kind: kind, Op: "PutObject"}, cloud.Fault{Kind: kind, Op: "DeleteObject"},
				cloud.Fault{Kind: kind, Op: "DeleteMultipleObjects"})
			for _, key := range []string{"a", "b", "c"} {
				if err := r.store.Put(t.Context(), key, []byte("x")); err != nil {
					t.Fatalf("put: %v", err)
				}
			}
			if err := r.store.Delete(t.Context(), "a"); err != nil {
				t.Fatalf("delete: %v", err)
			}
			if err := r.store.Delete(t.Context(), "b", "c"); err != nil {
				t.Fatalf("delete of two: %v", err)
			}
			page, err := r.store.List(t.Context(), blob.ListOptions{})
			if err != nil || len(page.Entries) != 0 {
				t.Fatalf("list: got %v, %v, want nothing", page.Entries, err)
			}
		})
	}
}

func TestADeadlineStopsTheTries(t *testing.T) {
	t.Parallel()
	for _, kind := range []cloud.FaultKind{cloud.HangBefore, cloud.HangAfter} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			r.inject(t, cloud.Fault{Kind: kind, Times: -1})
			for op, f := range map[string]func(context.Context) error{
				"create":    func(ctx context.Context) error { return r.store.Create(ctx, "a", []byte("x")) },
				"put":       func(ctx context.Context) error { return r.store.Put(ctx, "b", []byte("x")) },
				"preflight": r.store.Preflight,
				"get": func(ctx context.Context) error {
					_, err := r.store.Get(ctx, "c", blob.GetOptions{})
					return err
				},
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				before := r.store.Requests()
				err := f(ctx)
				cancel()
				if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, blob.ErrUnavailable) {
					t.Errorf("%s: got %v, want %v", op, err, context.DeadlineExceeded)
				}
				if n := r.store.Requests() - before; n != 1 {
					t.Errorf("%s: got %d requests, want 1", op, n)
				}
			}
		})
	}
}

func TestNoWaitIsBegunThatWouldCrossTheDeadline(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.inject(t, cloud.Fault{Kind: cloud.ServiceUnavailable, Times: -1})
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	before := r.store.Requests()
	if err := r.store.Put(ctx, "k", nil); !errors.Is(err, blob.ErrUnavailable) {
		t.Fatalf("put: got %v, want %v", err, blob.ErrUnavailable)
	}
	if n := r.store.Requests() - before; n != 0 {
		t.Errorf("got %d requests after the deadline, want none", n)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	seen := make(chan struct{}, 100)
	s := r.open(t, testBucket, testCredentials(), oss.WithObserver(func() { seen <- struct{}{} }))
	r.inject(t, cloud.Fault{Kind: cloud.ServiceUnavailable, Op: "PutObject"})
	if err := s.Put(t.Context(), "k", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "k", blob.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := s.Requests(); got != 3 || len(seen) != 3 {
		t.Errorf("got %d requests and %d calls of the observer, want 3", got, len(seen))
	}
	if want := []string{"PutObject", "PutObject", "GetObject"}; !slices.Equal(r.ops(), want) {
		t.Errorf("got %q, want %q", r.ops(), want)
	}
}

func TestAnAnswerThatIsNotFromOSSIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"a 404 of something else": func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) },
		"an empty 404":            func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"a 200 page":              func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello</html>")) },
		"a 200 without a date": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			_, _ = w.Write([]byte("<VersioningConfiguration/>"))
		},
		"an endless error": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			page := []byte(strings.Repeat("x", 1<<20))
			for range 64 {
				if _, err := w.Write(page); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := foreign(t, answer)
			if err := s.Preflight(t.Context()); !errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("preflight: got %v, want %v", err, blob.ErrUnavailable)
			}
			if _, err := s.Head(t.Context(), "k"); name == "an empty 404" && !errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("head: got %v, want %v", err, blob.ErrUnavailable)
			}
			if _, err := s.List(t.Context(), blob.ListOptions{}); !errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("list: got %v, want %v", err, blob.ErrUnavailable)
			}
		})
	}
}
