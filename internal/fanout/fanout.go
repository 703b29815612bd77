// Package fanout does many requests at once, a bounded number of them.
package fanout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// errOther ends the calls that go on when one of them has failed.
var errOther = errors.New("another call failed")

// Each calls do for 0 to n-1, at most limit at once, and returns the first
// error, after which the context of the others is canceled. When ctx ends and
// several calls fail of it, the error is that of the lowest of them: which of
// them was first is chance, and the same end shall read the same. A panic in do
// is raised again in the caller's goroutine, where the edge of the function can
// answer it; in its own it would end the process without an answer.
func Each(ctx context.Context, n, limit int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var once sync.Once
	var panicked any
	errs := make([]error, n)
	var g errgroup.Group
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() error {
			defer func() {
				if p := recover(); p != nil {
					once.Do(func() { panicked = fmt.Sprintf("%v\n%s", p, debug.Stack()) })
					cancel(errOther)
				}
			}()
			err := do(ctx, i)
			if err != nil && !errors.Is(context.Cause(ctx), errOther) {
				errs[i] = err
				cancel(errOther)
			}
			return nil
		})
	}
	_ = g.Wait() // they are in errs
	if panicked != nil {
		panic(panicked)
	}
	return cmp.Or(errs...)
}
