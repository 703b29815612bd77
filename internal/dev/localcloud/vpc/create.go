package vpc

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"
)

// createServer answers CreateSslVpnServer, with the rules of a modification. The
// gateway is updating afterwards.
func (e *Emulator) createServer(c *call) outcome {
	g, refusal := e.gateway(c)
	if refusal != nil {
		return refuse(refusal)
	}
	if first, done := e.again(c); done {
		return first
	}
	for _, need := range []string{"ClientIpPool", "LocalSubnet"} {
		if c.params.Get(need) == "" {
			return refuse(errMissing(need))
		}
	}
	for _, s := range e.servers {
		if s.GatewayID == g.ID {
			return refuse(badRequest("QuotaExceeded.SslVpnServer", "The gateway already has the SSL VPN server "+s.ID+".")) // one for each gateway documented, code own choice
		}
	}
	// The defaults of the reference page (documented).
	s := &Server{
		RegionID: g.RegionID, ID: newID("vss-"), GatewayID: g.ID, Proto: "TCP", Port: 1194, Cipher: "AES-128-CBC",
		MaxConnections: cmp.Or(g.SSLMaxConnections, 5), InternetIP: cmp.Or(g.SSLInternetIP, g.InternetIP), CreatedAt: c.at.UTC(),
	}
	next, refusal := e.wanted(c, s, g)
	if refusal != nil {
		return refuse(refusal)
	}
	if c.params.Get("DryRun") == "true" {
		return refuse(errDryRun())
	}
	e.servers[next.ID] = &next
	g.UpdatingUntil = c.at.Add(e.configuring(g))
	return e.remembered(c, object{{"RequestId", c.requestID}, {"SslVpnServerId", next.ID}, {"Name", next.Name}})
}

// idle refuses what needs an idle gateway while it configures.
func (e *Emulator) idle(c *call, g *Gateway) *apiError {
	switch {
	case g.FinancialLocked:
		return errFinancialLocked()
	case g.status(c.at) != "active":
		return errConfiguring()
	default:
		return nil
	}
}

// deleteServer answers DeleteSslVpnServer: its certificates are deleted with it
// (documented). It is not listed any more at once, while the gateway is still updating
// (own choice).
func (e *Emulator) deleteServer(c *call) outcome {
	id := c.params.Get("SslVpnServerId")
	if id == "" {
		return refuse(errMissing("SslVpnServerId"))
	}
	if first, done := e.again(c); done {
		return first
	}
	s := e.servers[id]
	if s == nil || s.RegionID != c.params.Get("RegionId") {
		return refuse(errNoServer())
	}
	if s.DenyModify {
		return refuse(denied(s))
	}
	g := e.gateways[s.GatewayID]
	if refusal := e.idle(c, g); refusal != nil {
		return refuse(refusal)
	}
	delete(e.servers, id)
	delete(e.clients, id)
	for key, k := range e.certs {
		if k.ServerID == id {
			delete(e.certs, key)
		}
	}
	g.UpdatingUntil = c.at.Add(e.configuring(g))
	return e.remembered(c, object{{"RequestId", c.requestID}})
}

// createCertificate answers CreateSslVpnClientCert.
func (e *Emulator) createCertificate(c *call) outcome {
	id := c.params.Get("SslVpnServerId")
	if id == "" {
		return refuse(errMissing("SslVpnServerId"))
	}
	s := e.servers[id]
	if s == nil || s.RegionID != c.params.Get("RegionId") {
		return refuse(errNoServer())
	}
	if first, done := e.again(c); done {
		return first
	}
	name := c.params.Get("Name")
	if name != "" && !validName(name) {
		return refuse(errInvalidName())
	}
	g := e.gateways[s.GatewayID]
	if refusal := e.idle(c, g); refusal != nil {
		return refuse(refusal)
	}
	k := Certificate{ID: newID("vsc-"), ServerID: id, Name: name, CreatedAt: c.at.UTC(), EndsAt: c.at.UTC().AddDate(3, 0, 0), Key: "private key of " + name}
	e.certs[k.ID] = k
	g.UpdatingUntil = c.at.Add(e.configuring(g))
	return e.remembered(c, object{{"RequestId", c.requestID}, {"SslVpnClientCertId", k.ID}, {"Name", k.Name}})
}

// certificate finds the requested certificate.
func (e *Emulator) certificate(c *call) (Certificate, *apiError) {
	id := c.params.Get("SslVpnClientCertId")
	if id == "" {
		return Certificate{}, errMissing("SslVpnClientCertId")
	}
	k, ok := e.certs[id]
	if !ok || e.regionOf(k) != c.params.Get("RegionId") {
		return k, &apiError{status: http.StatusNotFound, code: "InvalidSslVpnClientCertId.NotFound", message: "The specified SSL VPN client cert id does not exist."} // own choice
	}
	return k, nil
}

// deleteCertificate answers DeleteSslVpnClientCert, which disconnects all clients of
// the server (documented).
func (e *Emulator) deleteCertificate(c *call) outcome {
	if first, done := e.again(c); done {
		return first
	}
	k, refusal := e.certificate(c)
	if refusal != nil {
		return refuse(refusal)
	}
	s := e.servers[k.ServerID]
	g := e.gateways[s.GatewayID]
	if refusal := e.idle(c, g); refusal != nil {
		return refuse(refusal)
	}
	delete(e.certs, k.ID)
	e.disconnect(s)
	g.UpdatingUntil = c.at.Add(e.configuring(g))
	return e.remembered(c, object{{"RequestId", c.requestID}})
}

// modifyCertificate answers ModifySslVpnClientCert, which changes the name at once.
func (e *Emulator) modifyCertificate(c *call) outcome {
	k, refusal := e.certificate(c)
	if refusal != nil {
		return refuse(refusal)
	}
	if first, done := e.again(c); done {
		return first
	}
	if c.params.Has("Name") {
		if k.Name = c.params.Get("Name"); !validName(k.Name) {
			return refuse(errInvalidName())
		}
	}
	e.certs[k.ID] = k
	return e.remembered(c, object{{"RequestId", c.requestID}, {"SslVpnClientCertId", k.ID}, {"Name", k.Name}})
}

// again gives the first result of a ClientToken, or the refusal of a token.
func (e *Emulator) again(c *call) (outcome, bool) {
	token := c.params.Get("ClientToken")
	if !validToken(token) {
		return refuse(badRequest("IllegalParam.ClientToken", "The ClientToken has more than 64 characters or is not ASCII.")), true // rule documented, code own choice
	}
	first, used := e.tokens[token]
	switch {
	case !used || token == "":
		return outcome{}, false
	case first.sum != digest(c):
		return refuse(badRequest("IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")), true // documented
	default:
		return outcome{reply: first.reply, replay: true}, true // documented: the first result, no effect
	}
}

// remembered is the outcome of a call that had an effect. Only successes are kept for
// their tokens: whether a refusal is repeated is not published (own choice).
func (e *Emulator) remembered(c *call, reply object) outcome {
	out := outcome{reply: reply, sum: digest(c), stored: true}
	if token := c.params.Get("ClientToken"); token != "" {
		e.tokens[token] = out
	}
	return out
}

func newID(prefix string) string {
	return prefix + "bp1" + strings.ToLower(rand.Text()[:17])
}
