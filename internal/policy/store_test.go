package policy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// reads counts the times that the bucket was read for the policy.
func reads(c *cloudtest.Cloud) int {
	n := 0
	for _, r := range c.OSS.Requests() {
		if r.Key == objects.PolicyFile && r.Op == "GetObject" {
			n++
		}
	}
	return n
}

func put(t *testing.T, c *cloudtest.Cloud, text string) {
	t.Helper()
	if err := c.Store.Put(t.Context(), objects.PolicyFile, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestStoreCachesThePolicyForMaxAge(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := policy.NewStore(func() time.Time { return now }, true)
	p, err := s.Policy(t.Context(), c.Store)
	if err != nil || !p.Absent() {
		t.Fatalf("%+v, %v", p, err)
	}
	put(t, c, example)
	now = now.Add(policy.MaxAge - time.Nanosecond)
	if p, err = s.Policy(t.Context(), c.Store); err != nil || !p.Absent() || reads(c) != 1 {
		t.Fatalf("%+v, %v, %d reads", p, err, reads(c))
	}
	now = now.Add(time.Nanosecond)
	if p, err = s.Policy(t.Context(), c.Store); err != nil || len(p.People()) != 3 || reads(c) != 2 {
		t.Fatalf("%+v, %v, %d reads", p, err, reads(c))
	}
	now = now.Add(-time.Hour) // the clock was set back, so the age is unknown
	if _, err = s.Policy(t.Context(), c.Store); err != nil || reads(c) != 3 {
		t.Fatalf("%v, %d reads", err, reads(c))
	}
	if err := c.Store.Delete(t.Context(), objects.PolicyFile); err != nil {
		t.Fatal(err)
	}
	now = now.Add(policy.MaxAge)
	if p, err = s.Policy(t.Context(), c.Store); err != nil || !p.Absent() {
		t.Fatalf("%+v, %v", p, err)
	}
}

func TestStoreRefusesAPolicyWithProblems(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	now := time.Now()
	s := policy.NewStore(func() time.Time { return now }, true)
	put(t, c, "people: []\ngrants: []\n\npassword: hunter2\n")
	for range 2 {
		p, err := s.Policy(t.Context(), c.Store)
		var invalid *policy.InvalidError
		if p != nil || !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Line != 4 {
			t.Fatalf("%+v, %v", p, err)
		}
		if text := err.Error(); !strings.Contains(text, "line 4: password: ") || strings.Contains(text, "hunter2") {
			t.Error(text)
		}
	}
	if n := reads(c); n != 1 {
		t.Errorf("%d reads", n)
	}
	put(t, c, strings.Repeat("#", document.MaxSize+1))
	now = now.Add(policy.MaxAge)
	p, err := s.Policy(t.Context(), c.Store)
	var invalid *policy.InvalidError
	if p != nil || !errors.As(err, &invalid) || invalid.Problems[0].Rule != document.RuleTooLarge {
		t.Fatalf("%+v, %v", p, err)
	}
	put(t, c, example)
	now = now.Add(policy.MaxAge)
	if p, err := s.Policy(t.Context(), c.Store); err != nil || len(p.People()) != 3 {
		t.Fatalf("fixed: %+v, %v", p, err)
	}
}

func TestStoreDoesNotCacheAFailedRead(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	now := time.Now()
	s := policy.NewStore(func() time.Time { return now }, true)
	put(t, c, example)
	if err := c.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: objects.PolicyFile}); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Policy(t.Context(), c.Store); p != nil || !errors.Is(err, blob.ErrDenied) {
		t.Fatalf("%+v, %v", p, err)
	}
	if p, err := s.Policy(t.Context(), c.Store); err != nil || len(p.People()) != 3 {
		t.Fatalf("at once: %+v, %v", p, err)
	}
	// A failing bucket does not extend the life of the cached policy.
	now = now.Add(policy.MaxAge)
	if err := c.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: objects.PolicyFile}); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Policy(t.Context(), c.Store); p != nil || !errors.Is(err, blob.ErrDenied) {
		t.Fatalf("%+v, %v", p, err)
	}
}

func TestStoreReadsOnceForConcurrentCallers(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	put(t, c, example)
	s := policy.NewStore(time.Now, true)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if p, err := s.Policy(t.Context(), c.Store); err != nil || len(p.People()) != 3 {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
	wg.Wait()
	if n := reads(c); n != 1 {
		t.Errorf("%d reads", n)
	}
}

// held is a bucket that answers when the test allows it.
type held struct {
	policy.Objects

	asked, answer chan struct{}
}

func (h held) Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error) {
	close(h.asked)
	<-h.answer
	return h.Objects.Get(ctx, key, opts)
}

func TestWaitingForThePolicyEndsWithTheContext(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	s := policy.NewStore(time.Now, true)
	bucket := held{c.Store, make(chan struct{}), make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		_, err := s.Policy(t.Context(), bucket)
		done <- err
	}()
	<-bucket.asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := s.Policy(ctx, c.Store); p != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", p, err)
	}
	close(bucket.answer)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// answering is a bucket that answers every read with an error of the store.
type answering struct{ err error }

func (a answering) Get(context.Context, string, blob.GetOptions) (blob.Object, error) {
	return blob.Object{}, a.err
}

// Only NoSuchKey says that there is no policy, and only where that is allowed.
func TestAttackAPolicyThatIsMadeToDisappear(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]error{
		"a symbolic link to nothing": blob.ErrDangling, "no bucket": blob.ErrMisconfigured, "no right": blob.ErrDenied,
		"no answer": blob.ErrUnavailable, "another 404": blob.ErrRefused, "changed meanwhile": blob.ErrChanged, "expired credentials": blob.ErrCredentials,
	} {
		for _, optional := range []bool{true, false} {
			s := policy.NewStore(time.Now, optional)
			for _, read := range []func(context.Context, policy.Objects) (*policy.Policy, error){s.Policy, s.Current} {
				p, err := read(t.Context(), answering{&blob.Error{Op: "get", Kind: kind}})
				if p != nil || !errors.Is(err, kind) {
					t.Errorf("%s, optional %v: %+v, %v", name, optional, p, err)
				}
			}
		}
	}
	gone := answering{&blob.Error{Op: "get", Kind: blob.ErrNotFound}}
	if p, err := policy.NewStore(time.Now, true).Policy(t.Context(), gone); err != nil || !p.Absent() {
		t.Errorf("allowed: %+v, %v", p, err)
	}
	p, err := policy.NewStore(time.Now, false).Policy(t.Context(), gone)
	invalid, ok := errors.AsType[*policy.InvalidError](err)
	if p != nil || !ok || !invalid.Missing() || !strings.Contains(err.Error(), "NO_POLICY=allow") || !strings.Contains(err.Error(), objects.PolicyFile) {
		t.Errorf("not allowed: %+v, %v", p, err)
	}
	for name, text := range map[string]string{"empty": "", "blank": "\n\n", "a change file": "changes: []\n", "a comment": "# none\n", "HTML": "<html></html>"} {
		c := cloudtest.New(t)
		put(t, c, text)
		p, err := policy.NewStore(time.Now, true).Policy(t.Context(), c.Store)
		if invalid, ok := errors.AsType[*policy.InvalidError](err); p != nil || !ok || invalid.Missing() {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestCurrentIsNeverCached(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	s := policy.NewStore(time.Now, false)
	put(t, c, example)
	if _, err := s.Policy(t.Context(), c.Store); err != nil {
		t.Fatal(err)
	}
	first, err := s.Current(t.Context(), c.Store)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Current(t.Context(), c.Store)
	if err != nil || again != first || reads(c) != 3 {
		t.Errorf("parsed again %v, %v, %d reads", again != first, err, reads(c))
	}
	put(t, c, "people: []\ngrants: []\n")
	if p, err := s.Current(t.Context(), c.Store); err != nil || len(p.People()) != 0 {
		t.Errorf("after a change: %+v, %v", p, err)
	}
	put(t, c, "people: 1\n")
	for range 2 {
		if p, err := s.Current(t.Context(), c.Store); p != nil || err == nil {
			t.Errorf("after an error: %+v, %v", p, err)
		}
	}
	if err := c.Store.Delete(t.Context(), objects.PolicyFile); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Current(t.Context(), c.Store); p != nil || err == nil {
		t.Errorf("deleted: %+v, %v", p, err)
	}
}
