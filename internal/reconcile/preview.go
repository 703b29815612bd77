package reconcile

import (
	"context"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// Preview is what one change of a document would do.
type Preview struct {
	Index    int                 `json:"index"` // in the document, from 1
	RegionID string              `json:"regionId"`
	ServerID string              `json:"sslVpnServerId"`
	Before   change.Settings     `json:"before"`
	After    change.Settings     `json:"after"`
	Changed  []change.Difference `json:"changed"`
	Problems []change.Problem    `json:"problems"`
	// Impact is what the change does to the people who are connected; nil without a
	// difference.
	Impact *impact.Impact `json:"impact,omitempty"`
	// Unseen says that the server could not be read now, or must not be. The problem
	// says why, and is none of the change's.
	Unseen bool `json:"-"`
	// MaxConnections is the server's limit; 0 when not known.
	MaxConnections int `json:"-"`
	// Connections is how many clients were connected; not known where MaxConnections is 0.
	Connections int `json:"-"`
	// GatewayID is the server's VPN gateway; "" when not known.
	GatewayID string `json:"-"`
}

// Preview plans requests, each after those before it. It only reads, and stores
// nothing. If a server cannot be read, its changes have a problem that says so. What
// the changes do to people costs at most two calls more for each server; what these
// cannot say in time is not known.
func (r *Reconciler) Preview(ctx context.Context, reqs []change.Request) ([]Preview, error) {
	turns := map[change.Target]*look{}
	fields := map[change.Target][]change.Field{}
	for _, req := range reqs {
		fields[req.Target] = append(fields[req.Target], req.Patch.Fields()...)
	}
	out := make([]Preview, len(reqs))
	for i, req := range reqs {
		t := turns[req.Target]
		if t == nil {
			t = r.look(ctx, req.Target, fields[req.Target])
			turns[req.Target] = t
		}
		p := Preview{
			Index: i + 1, RegionID: req.RegionID, ServerID: req.ServerID, Before: t.server.Settings,
			After: t.server.Settings, Changed: []change.Difference{}, Problems: t.problems, Unseen: t.unseen,
			MaxConnections: t.server.MaxConnections, Connections: t.server.Connections, GatewayID: t.server.GatewayID,
		}
		if len(p.Problems) == 0 {
			made := plan.Make(plan.Input{
				Before: t.server.Settings, MaxConnections: t.server.MaxConnections, Readable: true,
				Now: r.limits.now(), Changes: []change.Change{asked(req)},
			})
			p.After, p.Problems = made.After, made.Outcomes[0].Problems
			if d := made.Outcomes[0].Changed; d != nil {
				p.Changed = d
			}
			t.server.Settings = made.After
			t.survey.sees(i, made.Patch, p.Changed)
		}
		if p.Problems == nil {
			p.Problems = []change.Problem{}
		}
		out[i] = p
	}
	r.survey(ctx, turns)
	for i := range out {
		out[i].Impact = turns[reqs[i].Target].impact(i, out[i], r.limits.now())
	}
	return out, nil
}

// asked is a request as a change that would be applied: of a dry run, too, a
// preview shows the difference.
func asked(req change.Request) change.Change {
	req.DryRun = false
	return change.Change{Request: req}
}

// look is a server as a preview sees it.
type look struct {
	server   sslvpn.Server
	problems []change.Problem
	unseen   bool
	survey   survey
}

// look reads a server of which settings are to be changed.
func (r *Reconciler) look(ctx context.Context, t change.Target, fields []change.Field) *look {
	l := &look{survey: survey{last: -1}}
	l.survey.askFiles(ctx, r.deps.API(func(sslvpn.Call) {}), t, fields)
	server, o := r.remote(t, r.deps.Log, func(sslvpn.Call) {}).server(ctx)
	l.server, l.unseen = server, o.denied || o.wait != nil
	switch {
	case o.denied:
		l.problems = []change.Problem{{
			Path: "SslVpnServerId", Rule: plan.RuleNotReadable, Message: "the function is not permitted to read the server",
			Hint: "grant the function's role vpc:DescribeSslVpnServers",
		}}
	case o.failure != nil:
		l.problems = []change.Problem{{
			Path: "SslVpnServerId", Rule: o.failure.Code, Message: o.failure.Message, Hint: o.failure.Hint,
		}}
	case o.wait != nil:
		l.problems = []change.Problem{{
			Path: "SslVpnServerId", Rule: "api-" + string(o.wait.Cause), Message: o.wait.Why, Hint: "try again later",
		}}
	}
	return l
}
