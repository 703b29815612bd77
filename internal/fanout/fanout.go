// Package fanout does many requests at once, a bounded number of them.
package fanout

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Each calls do for 0 to n-1, at most limit at once, and returns the first
// error, after which the context of the others is canceled. A panic in do is
// raised again in the caller's goroutine, where the edge of the function can
// answer it; in its own it would end the process without an answer.
func Each(ctx context.Context, n, limit int, do func(ctx context.Context, i int) error) error {
	var once sync.Once
	var panicked any
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() (err error) {
			defer func() {
				if p := recover(); p != nil {
					once.Do(func() { panicked = fmt.Sprintf("%v\n%s", p, debug.Stack()) })
					err = context.Canceled
				}
			}()
			return do(ctx, i)
		})
	}
	err := g.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return err
}
