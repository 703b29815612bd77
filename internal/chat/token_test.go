package chat_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// numbered gives tokens 1, 2 … that are valid for two hours.
func numbered(fetched *atomic.Int64) func(context.Context, chat.Doer) (string, int64, error) {
	return func(context.Context, chat.Doer) (string, int64, error) {
		return strconv.FormatInt(fetched.Add(1), 10), 7200, nil
	}
}

func TestAnAccessTokenIsSharedUntilItEnds(t *testing.T) {
	t.Parallel()
	var fetched atomic.Int64
	begin := time.Unix(1763836800, 0)
	now := begin
	token := chat.NewAccessToken(func() time.Time { return now }, numbered(&fetched))
	use := func() error {
		return token.Use(t.Context(), nil, func(secret.Text) (bool, error) { return false, nil })
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := use(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, tt := range []struct {
		later time.Duration
		want  int64
	}{{0, 1}, {6479 * time.Second, 1}, {6480 * time.Second, 2}, {12959 * time.Second, 2}, {12960 * time.Second, 3}} {
		now = begin.Add(tt.later)
		if err := use(); err != nil || fetched.Load() != tt.want {
			t.Errorf("after %s: %d tokens, want %d, %v", tt.later, fetched.Load(), tt.want, err)
		}
	}
}

func TestARejectedAccessTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	var fetched atomic.Int64
	token := chat.NewAccessToken(time.Now, numbered(&fetched))
	rejected := errors.New("rejected")
	var sent []string
	err := token.Use(t.Context(), nil, func(s secret.Text) (bool, error) {
		sent = append(sent, s.Reveal())
		return true, rejected
	})
	if !errors.Is(err, rejected) || len(sent) != 2 || sent[0] != "1" || sent[1] != "2" {
		t.Errorf("got %v after %q", err, sent)
	}
}

func TestWaitingForAnAccessTokenEndsWithTheContext(t *testing.T) {
	t.Parallel()
	started, finish := make(chan struct{}), make(chan struct{})
	token := chat.NewAccessToken(time.Now, func(context.Context, chat.Doer) (string, int64, error) {
		close(started)
		<-finish
		return "1", 7200, nil
	})
	var wait sync.WaitGroup
	wait.Go(func() {
		_ = token.Use(context.Background(), nil, func(secret.Text) (bool, error) { return false, nil })
	})
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := token.Use(ctx, nil, func(secret.Text) (bool, error) { return false, errors.New("it was sent") })
	if e, ok := errors.AsType[*chat.SendError](err); !ok || !e.Again || e.Code != chat.CodeTimeout {
		t.Errorf("got %v", err)
	}
	close(finish)
	wait.Wait()
}
