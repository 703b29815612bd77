package executor

import (
	"cmp"
	"context"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/reconcile"
)

// RuleUnknownServer is the rule that refuses a server's name that the policy
// does not have.
const RuleUnknownServer = "unknown-server"

// target finds the server that the command names: by the policy, or by its id
// in the region that is given, else in the function's own.
func (r *request) target() (change.Target, *change.Problem) {
	named, ok := r.policy.Server(r.cmd.Server)
	if ok && (r.cmd.Region == "" || r.cmd.Region == named.RegionID) {
		return named, nil
	}
	t := change.Target{RegionID: cmp.Or(r.cmd.Region, r.Region), ServerID: r.cmd.Server}
	if t.Valid() {
		return t, nil
	}
	return t, &change.Problem{
		Path: "SslVpnServerId", Rule: RuleUnknownServer, Message: "there is no server with the name " + r.cmd.Server,
		Hint: r.knownServers(),
	}
}

func (r *request) knownServers() string {
	var names []string
	for _, s := range r.policy.Servers() {
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

// look says what a request would do to its server as it is now.
func (r *request) look(ctx context.Context, req change.Request) (reconcile.Preview, error) {
	ctx, cancel := context.WithTimeout(ctx, LookTime)
	defer cancel()
	previews, err := r.Reconciler.Preview(ctx, []change.Request{req})
	if err != nil {
		return reconcile.Preview{}, err
	}
	return previews[0], nil
}

// planOf sorts a preview: what the change does, and the problems for which it
// would be refused.
func planOf(p reconcile.Preview) (*Plan, []change.Problem) {
	out := &Plan{Before: p.Before, After: p.After, Changed: p.Changed}
	if p.Unseen {
		out.Unseen = &p.Problems[0]
		return out, nil
	}
	return out, p.Problems
}
