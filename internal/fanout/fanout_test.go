package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
)

func TestEveryCallIsMadeAndNoMoreThanTheLimitAtOnce(t *testing.T) {
	t.Parallel()
	var sum, running, most atomic.Int64
	err := fanout.Each(t.Context(), 100, 7, func(_ context.Context, i int) error {
		now := running.Add(1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		sum.Add(int64(i))
		running.Add(-1)
		return nil
	})
	if err != nil || sum.Load() != 4950 || most.Load() > 7 {
		t.Errorf("sum %d, %d at once, %v", sum.Load(), most.Load(), err)
	}
}

func TestTheFirstErrorEndsTheOthers(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	err := fanout.Each(t.Context(), 3, 3, func(ctx context.Context, i int) error {
		if i == 1 {
			return wrong
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, wrong) {
		t.Errorf("the error is %v", err)
	}
}

func TestTheLowestOfThoseThatTheContextEndsIsTheError(t *testing.T) {
	t.Parallel()
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		waiting.Add(8)
		go func() {
			waiting.Wait()
			cancel()
		}()
		err := fanout.Each(ctx, 9, 8, func(ctx context.Context, i int) error {
			if i < 8 {
				waiting.Done()
			}
			<-ctx.Done()
			return fmt.Errorf("call %d: %w", i, ctx.Err())
		})
		if err == nil || err.Error() != "call 0: context canceled" {
			t.Fatalf("the error is %v", err)
		}
	}
}

func TestAPanicReachesTheCaller(t *testing.T) {
	t.Parallel()
	defer func() {
		if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "broken") || !strings.Contains(p, "fanout_test.go") {
			t.Errorf("the caller recovers %v", p)
		}
	}()
	_ = fanout.Each(t.Context(), 2, 1, func(_ context.Context, i int) error {
		if i == 0 {
			panic("broken")
		}
		return nil
	})
	t.Error("the panic is gone")
}
