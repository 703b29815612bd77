package executor

import (
	"cmp"
	"context"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// The rules that refuse servers.
const (
	// RuleUnknownServer refuses a server's name that the policy does not have.
	RuleUnknownServer = "unknown-server"
	// RuleNotAServer refuses the id of another resource, such as a VPN gateway.
	RuleNotAServer = "not-a-server"
)

// target finds the server that the command names: by the policy, or by its id in
// the region that is given, else in the function's own. It fails with a refusal. The
// name of a server that the sender may not see is that of no server.
func (r *request) target(ctx context.Context) (change.Target, error) {
	named, ok := r.policy.Server(r.cmd.Server)
	if ok && (r.cmd.Region == "" || r.cmd.Region == named.RegionID) && r.sees(named) {
		return named, r.knownRegion(named)
	}
	t := change.Target{RegionID: cmp.Or(r.cmd.Region, r.Region), ServerID: r.cmd.Server}
	if t.Valid() {
		return t, r.knownRegion(t)
	}
	if kind, ok := change.ResourceOf(r.cmd.Server); ok {
		return t, r.notAServer(ctx, kind)
	}
	return t, refuse(NotFound, change.Problem{
		Path: "SslVpnServerId", Rule: RuleUnknownServer, Message: "there is no server with the name " + r.cmd.Server,
		Hint: r.knownServers(),
	})
}

// sees reports whether the sender may view a server.
func (r *request) sees(t change.Target) bool { return r.policy.May(r.who, policy.Read, t, nil) == nil }

// knownRegion fails with a refusal for a server of a region that the function does not
// know.
func (r *request) knownRegion(t change.Target) error {
	if problems := r.Regions.Check([]change.Request{{Target: t}}); len(problems) > 0 {
		return refuse(Invalid, problems...)
	}
	return nil
}

// notAServer refuses the id of another resource. Of a gateway it names the servers that
// the sender may see.
func (r *request) notAServer(ctx context.Context, kind change.Resource) error {
	hint := "use the id of an SSL-VPN server, which begins with vss-; servers lists those that you may see"
	if kind == change.Gateway {
		if names := r.serversOf(ctx, strings.ToLower(r.cmd.Server)); len(names) > 0 {
			hint = "use its SSL-VPN server: " + strings.Join(names, ", ")
		}
	}
	return refuse(NotFound, change.Problem{
		Path: "SslVpnServerId", Rule: RuleNotAServer, Message: r.cmd.Server + " is not an SSL-VPN server: its form is that of the id of another resource (" + string(kind) + ")",
		Hint: hint,
	})
}

// maxSearched bounds the servers that are read to find those of a gateway.
const maxSearched = 20

// serversOf names the servers of a gateway, among those that the sender may see.
func (r *request) serversOf(ctx context.Context, gateway string) []string {
	servers := r.policy.ServersFor(r.who)
	servers = servers[:min(len(servers), maxSearched)]
	found := make([]bool, len(servers))
	_ = fanout.Each(ctx, len(servers), len(servers)+1, func(ctx context.Context, i int) error {
		view, err := r.preview(ctx, change.Request{Target: servers[i].Target})
		found[i] = err == nil && view.GatewayID == gateway
		return nil // a server that cannot be read is not named
	})
	var names []string
	for i, s := range servers {
		if found[i] {
			names = append(names, s.Name+" ("+s.ServerID+")")
		}
	}
	return names
}

func (r *request) knownServers() string {
	var names []string
	for _, s := range r.policy.ServersFor(r.who) {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return "use the server's id, such as vss-bp18q7hzj6largv4vk2fe"
	}
	return "use the server's id, or one of these names: " + strings.Join(names[:min(len(names), 10)], ", ")
}

func (r *request) server(t change.Target, s change.Settings) *Server {
	return &Server{Target: t, Name: r.policy.NameOf(t), Settings: s}
}

// preview reads a server and computes what a request would do to it now.
func (r *request) preview(ctx context.Context, req change.Request) (reconcile.Preview, error) {
	ctx, cancel := context.WithTimeout(ctx, PreviewTime)
	defer cancel()
	previews, err := r.Reconciler.Preview(ctx, []change.Request{req})
	if err != nil {
		return reconcile.Preview{}, err
	}
	return previews[0], nil
}

// planFor previews a request: what it does, and the problems for which it would
// be refused.
func (r *request) planFor(ctx context.Context, req change.Request) (*Plan, []change.Problem, error) {
	p, err := r.preview(ctx, req)
	if err != nil {
		return nil, nil, err
	}
	out, problems := planOf(p)
	return out, problems, nil
}

// planOfQueued previews a queued change. A plan that an approval can bind to has
// its code.
func (r *request) planOfQueued(ctx context.Context, c change.Change) (*Plan, []change.Problem, error) {
	p, problems, err := r.planFor(ctx, change.Request{Target: c.Target, Patch: c.Patch, Expect: c.Expect, Confirm: c.Confirm})
	if err == nil && p.Unseen == nil && len(problems) == 0 {
		p.Code = change.Code(digestOf(c, p))
	}
	return p, problems, err
}

// digestOf is what an approval of a change with this plan binds to.
func digestOf(c change.Change, p *Plan) string { return change.PlanDigest(c, p.Before) }

// planOf separates what a preview shows from the problems of the change.
func planOf(p reconcile.Preview) (*Plan, []change.Problem) {
	out := &Plan{Before: p.Before, After: p.After, Changed: p.Changed, Impact: p.Impact, connected: p.Connections, counted: p.MaxConnections > 0}
	if p.Unseen {
		out.Unseen = &p.Problems[0]
		return out, nil
	}
	return out, p.Problems
}
