package reconcile

import (
	"context"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// clientCount is how many clients are connected to the lane's gateway. At most one of
// problem and wait is set, and then the number is not known.
type clientCount struct {
	at        time.Time // before the number was read; zero: never
	connected int
	problem   *change.Problem // why the number cannot be known
	wait      *wait           // why it cannot be read now
}

// lookAgain is after how long the clients are counted again while there are too many of
// them: less than the time between two sweeps, so that every sweep counts them.
const lookAgain = 45 * time.Second

// countClients counts the connected clients, if what is known is too old. That too
// many are connected counts for longer than that few are.
func (d *drain) countClients(ctx context.Context, limit int) clientCount {
	c := d.known.clients
	age := d.limits.now().Sub(c.at)
	switch {
	case c.at.IsZero() || age < 0 || age >= lookAgain:
	case age < queueAge, c.wait != nil, c.connected >= limit:
		return c
	}
	at := d.limits.now()
	d.known.clients = d.remote.countClients(ctx)
	d.known.clients.at = at
	return d.known.clients
}

// waits is what a change waits for that is sent while fewer than limit clients are
// connected; nil if it need not wait.
func (c clientCount) waits(limit int, l limits) *wait {
	switch {
	case c.problem != nil:
		return nil
	case c.wait != nil:
		w := *c.wait
		w.Hold = false // the other changes of the lane go on
		return &w
	case c.connected < limit:
		return nil
	}
	return &wait{
		Cause: causeClients, Why: clientsWhy(c.connected, limit), Connected: c.connected,
		Since: l.now().UTC(), Next: c.at.Add(l.policy.NextLook).UTC(),
	}
}

// loadClients takes over what the lane's wait says about the clients.
func (d *drain) loadClients() {
	if c := d.journal.Waits.Wait.clients(d.limits.policy); c.at.After(d.known.clients.at) {
		d.known.clients = c
	}
}

// clients is what a stored wait says about the clients: it was counted one period of the
// sweep before the next look.
func (w *wait) clients(p Policy) clientCount {
	if w == nil || w.Cause != causeClients || w.Connected == 0 {
		return clientCount{}
	}
	return clientCount{at: w.Next.Add(-p.NextLook), connected: w.Connected}
}

func clientsWhy(connected, limit int) string {
	return strconv.Itoa(connected) + " connected, waits for fewer than " + strconv.Itoa(limit)
}

// countClients counts the connected clients. What the API answers for a gateway that does not
// list its clients is not published, so such a gateway is not asked.
func (r *remote) countClients(ctx context.Context) clientCount {
	server, o := r.server(ctx)
	if c, failed := r.uncounted(o, "vpc:DescribeSslVpnServers"); failed {
		return c
	}
	gateway, o := r.gateway(ctx, server.GatewayID)
	if c, failed := r.uncounted(o, "vpc:DescribeVpnGateway"); failed {
		return c
	}
	if !gateway.Visualized {
		return clientCount{problem: unknownClients("the VPN gateway "+gateway.ID+" does not list its clients",
			"have the gateway upgraded in the console, so that it shows SSL-VPN clients, or submit the change without when, for a quiet hour (notBefore)")}
	}
	ctx, cancel := r.limits.reads(ctx)
	defer cancel()
	clients, err := r.api.DescribeClients(ctx, sslvpn.GatewayRef{RegionID: r.target.RegionID, GatewayID: gateway.ID})
	if err == nil && !clients.Known {
		return clientCount{problem: unknownClients("the API does not say how many clients are connected", "submit the change without when, for a quiet hour (notBefore)")}
	}
	if err != nil {
		e := apiError(err, sslvpn.ClassUnavailable)
		o = obstacle{denied: e.Class == sslvpn.ClassDenied}
		if !o.denied {
			o = r.obstacle(ctx, e)
		}
		c, _ := r.uncounted(o, "vpc:DescribeSslVpnClients")
		return c
	}
	return clientCount{connected: clients.Total}
}

// uncounted is why the clients cannot be counted, if something cannot be read.
func (r *remote) uncounted(o obstacle, right string) (c clientCount, failed bool) {
	switch {
	case o.wait != nil:
		return clientCount{wait: o.wait}, true
	case o.denied:
		return clientCount{problem: unknownClients("the function may not find out how many clients are connected",
			"grant the function's role "+right+", or submit the change without when")}, true
	case o.failure != nil:
		return clientCount{problem: unknownClients("the API does not say how many clients are connected: "+o.failure.Code+": "+o.failure.Message,
			"submit the change without when, for a quiet hour (notBefore)")}, true
	default:
		return clientCount{}, false
	}
}

func unknownClients(message, hint string) *change.Problem {
	return &change.Problem{Path: "when", Rule: RuleClientsUnknown, Message: message, Hint: hint}
}
