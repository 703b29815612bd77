package handler

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/intake"
)

// useFunc claims the token of a verified request, once, however often it is
// called. Its result is that of intake.Use. Calls wait for the first one.
type useFunc func() (first bool, err error)

// use gives the claim of a verified request. Every verified request is claimed
// before anything of it is stored or answered; where the answer is urgent, beside
// other requests. A request without a token proves nothing, and is not claimed.
func (c *invocation) use(ctx context.Context, s Services, d intake.Delivery) useFunc {
	return sync.OnceValues(func() (bool, error) {
		if d.Token == "" {
			return false, nil
		}
		return s.Intake.Use(ctx, d)
	})
}

// beside reads while the request's token is claimed. Nothing of what is read may
// be answered if the claim fails.
func beside(use useFunc, read func() error) error {
	var g errgroup.Group
	g.Go(func() error {
		_, err := use()
		return err
	})
	g.Go(read)
	return g.Wait()
}
