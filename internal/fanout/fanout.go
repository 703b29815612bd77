// Package fanout makes requests concurrently, with a bound on their number.
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

// errOther cancels the other calls when one has failed.
var errOther = errors.New("another call failed")

// Each calls do for 0 to n-1, at most limit at a time, and returns the first
// error, which cancels the context of the other calls. If ctx ends and several
// calls fail because of it, the error is that of the lowest index, so that it
// does not depend on the order in which they fail. A panic in do is raised again
// in the caller's goroutine, where the handler can answer it; in its own
// goroutine it would end the process without an answer.
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
	_ = g.Wait() // the errors are in errs
	if panicked != nil {
		panic(panicked)
	}
	return cmp.Or(errs...)
}
