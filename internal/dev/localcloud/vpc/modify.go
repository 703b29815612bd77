package vpc

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/signed"
)

// modify answers ModifySslVpnServer. The order of the checks is an own choice;
// the check for a repeated token comes before that of the gateway's status, so
// that the first result can be read again while the gateway is updating.
func (e *Emulator) modify(c *call) outcome {
	id := c.params.Get("SslVpnServerId")
	if id == "" {
		return refuse(errMissing("SslVpnServerId"))
	}
	s := e.servers[id]
	if s == nil || s.RegionID != c.params.Get("RegionId") {
		return refuse(errNoServer())
	}
	if s.DenyModify {
		return refuse(denied(s))
	}
	if first, done := e.again(c); done {
		return first
	}
	g := e.gateways[s.GatewayID]
	next, refusal := e.wanted(c, s, g)
	if refusal != nil {
		return refuse(refusal)
	}
	if out, dry := e.dry(c, s); dry {
		return out
	}
	changed := next != *s
	next.Modified++
	*s = next
	if !nameOnly(c) {
		e.disconnect(s)
		g.UpdatingUntil = c.at.Add(e.configuring(g))
	}
	out := e.remembered(c, e.modified(s, c))
	out.effective, out.changed = true, changed
	return out
}

// wanted is the server after the modification, or why it is refused. A parameter
// that is absent leaves its value as it is (observed in the vendor's acceptance
// tests, although the reference page lists defaults).
func (e *Emulator) wanted(c *call, s *Server, g *Gateway) (Server, *apiError) {
	next := *s
	if refusal := apply(c.params, &next); refusal != nil {
		return next, refusal
	}
	if refusal := checkNetworks(&next, e.vpcs[g.VPCID]); refusal != nil {
		return next, refusal
	}
	if g.FinancialLocked {
		return next, errFinancialLocked()
	}
	if g.status(c.at) != "active" && (!nameOnly(c) || !e.opts.RenameWhileUpdating) {
		return next, errConfiguring()
	}
	return next, nil
}

// nameOnly reports whether a modification is synchronous: of the name and nothing
// else (documented).
func nameOnly(c *call) bool {
	for name := range c.params {
		switch name {
		case "RegionId", "SslVpnServerId", "ClientToken", "DryRun", "Name":
		default:
			return false
		}
	}
	return true
}

func (e *Emulator) configuring(g *Gateway) time.Duration {
	if g.Configuring != nil {
		return *g.Configuring
	}
	return e.opts.Configuring
}

// digest identifies the business parameters of a call but its token.
func digest(c *call) string {
	params := merge(c.params)
	params.Del("ClientToken")
	sum := sha256.Sum256([]byte(signed.Query(params)))
	return hex.EncodeToString(sum[:])
}

func validToken(s string) bool {
	for _, r := range s {
		if r > '\x7f' {
			return false
		}
	}
	return len(s) <= 64
}

// modified renders the flat reply of ModifySslVpnServer (documented): it has no
// IDaaSRegionId.
func (e *Emulator) modified(s *Server, c *call) object {
	o := object{{"RequestId", c.requestID}}
	for _, f := range e.describe(s) {
		if f.name != "IDaaSRegionId" {
			o = append(o, f)
		}
	}
	return o
}
