package reconcile

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// State is what a server and its gateway do now.
type State struct {
	Gateway        sslvpn.GatewayStatus `json:"gateway,omitempty"` // "" when not known
	Connected      int                  `json:"connected"`         // clients; not known where MaxConnections is 0
	MaxConnections int                  `json:"maxConnections,omitempty"`
	Unknown        impact.Why           `json:"unknown,omitempty"` // why something of it is not known
}

// State reads what a server and its gateway do now, with two calls. It stores nothing.
func (r *Reconciler) State(ctx context.Context, t change.Target) State {
	remote := r.remote(t, r.deps.Log, func(sslvpn.Call) {})
	server, o := remote.server(ctx)
	if o != (obstacle{}) {
		return State{Unknown: o.why(ctx)}
	}
	out := State{Connected: server.Connections, MaxConnections: server.MaxConnections}
	gateway, o := remote.gateway(ctx, server.GatewayID)
	if o != (obstacle{}) {
		out.Unknown = o.why(ctx)
		return out
	}
	out.Gateway = gateway.Status
	return out
}

// why is the reason why something could not be read.
func (o obstacle) why(ctx context.Context) impact.Why {
	switch {
	case ctx.Err() != nil:
		return impact.TooLate
	case o.denied:
		return impact.NotPermitted
	default:
		return impact.Failed
	}
}
