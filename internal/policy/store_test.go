package policy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/dev/localcloud/oss"
	"sslvpnchange/internal/document"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/policy"
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
	s := policy.NewStore(func() time.Time { return now })
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
	s := policy.NewStore(func() time.Time { return now })
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
	s := policy.NewStore(func() time.Time { return now })
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
	s := policy.NewStore(time.Now)
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
	s := policy.NewStore(time.Now)
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
