package reconcile_test

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// watched reports a worker's calls of the API when they have returned: what
// others do to the account in between is done there.
type watched struct {
	reconcile.API

	after func(action string, nth int)
	seen  map[string]int
}

const (
	readServer  = "DescribeSslVpnServers"
	readGateway = "DescribeVpnGateway"
)

// afterCall has something happen after a worker's n-th call of an action.
func afterCall(action string, nth int, do func()) func(*reconcile.Deps, *reconcile.Policy) {
	return watch(func(a string, n int) {
		if a == action && n == nth {
			do()
		}
	})
}

func watch(after func(action string, nth int)) func(*reconcile.Deps, *reconcile.Policy) {
	return func(d *reconcile.Deps, _ *reconcile.Policy) {
		api := d.API
		d.API = func(observe func(sslvpn.Call)) reconcile.API {
			return &watched{API: api(observe), after: after, seen: map[string]int{}}
		}
	}
}

func (w *watched) tell(action string) {
	w.seen[action]++
	w.after(action, w.seen[action])
}

func (w *watched) DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error) {
	defer w.tell(readServer)
	return w.API.DescribeServer(ctx, t)
}

func (w *watched) DescribeGateway(ctx context.Context, r sslvpn.GatewayRef) (sslvpn.Gateway, error) {
	defer w.tell(readGateway)
	return w.API.DescribeGateway(ctx, r)
}

func (w *watched) ModifyServer(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error) {
	defer w.tell(modify)
	return w.API.ModifyServer(ctx, m)
}
