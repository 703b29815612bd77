package sim_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// regionID is where everything is.
const regionID = "cn-hangzhou"

// gateway is a VPN gateway with one server.
type gateway struct {
	target   change.Target
	settings change.Settings
	from     time.Time // it is updating from here
	until    time.Time // to here
	history  []moment
	tokens   map[string]bool        // of accepted modifications
	foreign  bool                   // somebody else has modified it
	inFlight []*op                  // modifications
	counts   map[*instance]count    // the connected clients, as instances were told last
	sent     map[string][]time.Time // modifications in the last minute, by their changes
}

// moment is an accepted modification.
type moment struct {
	at            time.Time
	token         string // "" for somebody else's
	patch         change.Patch
	before, after change.Settings
	by            *instance
	until         time.Time // the gateway is updating
}

// api is the VPC API: only an active gateway accepts modifications, and each
// ClientToken is accepted once.
type api struct {
	h         *harness
	gateways  map[change.Target]*gateway
	order     []*gateway
	busy      func() time.Duration              // how long a modification takes
	idle      bool                              // modifications take no time
	downUntil time.Time                         // every request is refused until then
	quota     *vpc.Quota                        // unlimited in a new harness
	observe   func(change.Target, sslvpn.Class) // called with every response; may be nil
	calls     int
	throttled int
	modifies  int
}

// admit counts a call, and refuses it while the API is down or the quota of its
// action is used up.
func (a *api) admit(o *op, f fate) fate {
	a.calls++
	now := time.Now()
	if now.Before(a.downUntil) {
		return refused
	}
	if wait, ok := a.quota.Take(regionID, o.action, now); !ok {
		a.throttled++
		o.retry = wait
		return throttled
	}
	return f
}

// updating reports whether the gateway shows that it is updating, which may
// begin a moment after it accepted a modification.
func (g *gateway) updating() bool {
	now := time.Now()
	return !now.Before(g.from) && now.Before(g.until)
}

// accept carries out a modification.
func (g *gateway) accept(h *harness, token string, p change.Patch, by *instance) {
	before := maps.Clone(g.settings)
	g.settings = g.settings.With(p)
	g.history = append(g.history, moment{at: time.Now(), token: token, patch: p, before: before, after: maps.Clone(g.settings), by: by})
	if _, name := p[change.Name]; !name || len(p) > 1 {
		g.from = time.Now().Add(h.api.lag())
		g.until = g.from.Add(h.api.busy())
	}
	g.history[len(g.history)-1].until = g.until
}

// busyTimes draws how long this run's gateways are updating: mostly as long as
// a real one, sometimes for up to an hour, sometimes not at all.
func (h *harness) busyTimes() func() time.Duration {
	switch h.rng.IntN(5) {
	case 0:
		h.api.idle = true
		return func() time.Duration { return 0 }
	case 1:
		return func() time.Duration { return time.Duration(h.rng.IntN(3600)) * time.Second }
	default:
		return func() time.Duration {
			return time.Duration(45 * math.Exp(0.6*h.rng.NormFloat64()) * float64(time.Second))
		}
	}
}

// lag draws how long after an acceptance a gateway begins to update.
func (a *api) lag() time.Duration {
	if a.h.cfg.calm {
		return 0
	}
	return time.Duration(a.h.rng.IntN(900)) * time.Millisecond
}

// intrude has somebody else modify a gateway, as with the console.
func (h *harness) intrude(g *gateway) {
	if time.Now().Before(g.until) {
		return
	}
	p := change.Patch{change.Compress: change.Flag(h.rng.IntN(2) == 0)}
	if h.rng.IntN(2) == 0 {
		p[change.Port] = change.Number(2000 + h.rng.IntN(50))
	}
	h.intrudeWith(g, p)
}

// intrudeWith has somebody else modify a gateway that is not updating.
func (h *harness) intrudeWith(g *gateway, p change.Patch) {
	g.foreign = true
	h.reachIf(h.lanes[g.target].State.Intent != nil, "somebody else modifies a gateway that has an intent")
	h.note("somebody else sets %v of %s", p, g.target.ServerID)
	g.accept(h, "", p, nil)
}

// caller is the API as one instance calls it, with the errors of package sslvpn.
type caller struct {
	in      *instance
	observe func(sslvpn.Call)
}

// call makes a request and passes the outcome to the observer.
func (c *caller) call(ctx context.Context, t change.Target, action, name string, fail func(fate) error, do func(), token ...string) error {
	o := &op{name: name, action: action, token: strings.Join(token, ""), do: func() {
		do()
		c.in.harness.lookedAt(t)
	}}
	o.fail = func(f fate) error { return hinted(fail(f), o.retry) }
	if action == "ModifySslVpnServer" {
		o.gate = c.in.harness.api.gateways[t]
	}
	err := c.in.request(ctx, o)
	call := sslvpn.Call{At: c.in.now(), Action: action, HTTPStatus: 200}
	if e, ok := err.(*sslvpn.Error); ok { //nolint:errorlint // never wrapped here
		call.Code, call.Class, call.HTTPStatus = e.Code, e.Class, e.HTTPStatus
	}
	c.observe(call)
	if observe := c.in.harness.api.observe; observe != nil {
		observe(t, call.Class)
	}
	return err
}

// hinted adds to a throttling error when the quota allows calls again.
func hinted(err error, retry time.Duration) error {
	if e, ok := err.(*sslvpn.Error); ok && retry > 0 { //nolint:errorlint // never wrapped here
		e.RetryAfter = retry
	}
	return err
}

func apiError(action string, f fate, onModify bool) error {
	e := &sslvpn.Error{Action: action, Class: sslvpn.ClassUnavailable, Code: "ServiceUnavailable", HTTPStatus: 503, Message: f.String()}
	switch f {
	case busy:
		e.Class, e.Code, e.HTTPStatus = sslvpn.ClassBusy, "VpnGateway.Configuring", 400
	case throttled:
		e.Class, e.Code, e.HTTPStatus, e.RetryAfter = sslvpn.ClassThrottled, "Throttling.User", 400, 3*time.Second
	case lost, landed, late:
		if onModify {
			e.Class = sslvpn.ClassUnknown
		}
		e.Code, e.HTTPStatus = "", 0
	case good, refused, killBefore, killAfter, freeze, stale:
	}
	return e
}

func (c *caller) DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error) {
	var out *sslvpn.Server
	err := c.call(ctx, t, "DescribeSslVpnServers", "describe "+t.String(),
		func(f fate) error { return apiError("DescribeSslVpnServers", f, false) },
		func() {
			if g := c.in.harness.api.gateways[t]; g != nil {
				out = &sslvpn.Server{Target: t, GatewayID: "vpn-" + t.ServerID, Settings: maps.Clone(g.settings), MaxConnections: 5}
			}
		})
	switch {
	case err != nil:
		return sslvpn.Server{}, err
	case out == nil:
		return sslvpn.Server{}, &sslvpn.Error{Action: "DescribeSslVpnServers", Class: sslvpn.ClassInvalid, Code: "InvalidSslVpnServerId.NotFound", HTTPStatus: 404}
	}
	return *out, nil
}

func (c *caller) DescribeGateway(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Gateway, error) {
	out := sslvpn.Gateway{ID: ref.GatewayID, RegionID: ref.RegionID, Status: sslvpn.GatewayActive, BusinessStatus: "Normal", Visualized: true}
	status := out.Status
	t := change.Target{RegionID: ref.RegionID, ServerID: strings.TrimPrefix(ref.GatewayID, "vpn-")}
	err := c.call(ctx, t, "DescribeVpnGateway", "describe "+ref.GatewayID,
		func(f fate) error { return apiError("DescribeVpnGateway", f, false) },
		func() {
			for _, g := range c.in.harness.api.order {
				if "vpn-"+g.target.ServerID != ref.GatewayID {
					continue
				}
				if g.updating() {
					status = sslvpn.GatewayUpdating
				} else {
					c.in.harness.seenFree(g)
				}
			}
		})
	if err != nil {
		return sslvpn.Gateway{}, err
	}
	out.Status, out.PublicIP = status, c.in.harness.api.addressOf(t)
	return out, nil
}

// refusedPort is a port that passes every check of the function and that the
// simulated API refuses, so that merged modifications are refused.
const refusedPort = 4444

func (c *caller) ModifyServer(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error) {
	var refusal *sslvpn.Error
	h := c.in.harness
	g := h.api.gateways[m.Target]
	do := func() {
		h.api.modifies++
		refusal = nil
		port, _ := m.Patch[change.Port].Number()
		h.modified(g, m.ClientToken, c.in)
		effect := func() {
			if g.tokens[m.ClientToken] || time.Now().Before(g.until) {
				return
			}
			h.effect(g, m.ClientToken)
			g.tokens[m.ClientToken] = true
			h.acceptedAfterAll(g, h.seen.intents[m.ClientToken].ids)
			g.accept(h, m.ClientToken, m.Patch, c.in)
		}
		h.reachIf(port == refusedPort && len(h.seen.intents[m.ClientToken].ids) > 1, "a merge is refused")
		switch {
		case g.tokens[m.ClientToken]:
			h.note("%s modify %s again under its token: nothing done", c.in, m.ServerID)
		case time.Now().Before(g.until):
			refusal = &sslvpn.Error{Class: sslvpn.ClassBusy, Code: "VpnGateway.Configuring", HTTPStatus: 400}
		case port == refusedPort:
			refusal = &sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "IllegalParam.Port", HTTPStatus: 400, Message: "no"}
		default:
			if refusal = h.failing.fails(m, effect); refusal == nil {
				effect()
			}
		}
	}
	var got error
	h.fewEnough(g, m.ClientToken, c.in)
	h.mayModify(m.Target, c.in)
	err := c.call(ctx, m.Target, "ModifySslVpnServer", fmt.Sprintf("modify %s %s", m.ServerID, sorted(m.Patch)),
		func(f fate) error { return apiError("ModifySslVpnServer", f, true) }, do, m.ClientToken)
	if err != nil {
		return sslvpn.ModifyReply{}, err
	}
	if refusal != nil {
		refusal.Action, got = "ModifySslVpnServer", refusal
		return sslvpn.ModifyReply{}, got
	}
	return sslvpn.ModifyReply{RequestID: "q"}, nil
}

// sorted renders a patch in a fixed order.
func sorted(p change.Patch) string {
	var parts []string
	for _, f := range p.Fields() {
		parts = append(parts, fmt.Sprintf("%s=%s", f, p[f]))
	}
	return strings.Join(parts, " ")
}
