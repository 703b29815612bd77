package vpc

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// describeServers answers DescribeSslVpnServers with paging (documented:
// PageNumber 1, PageSize 10, at most 50). New values are shown at once, before the
// gateway has finished (observed in the vendor's acceptance tests).
func (e *Emulator) describeServers(c *call) outcome {
	id := c.params.Get("SslVpnServerId")
	page, size, refusal := paging(c)
	if refusal != nil {
		return refuse(refusal)
	}
	var found []object
	for _, key := range slices.Sorted(maps.Keys(e.servers)) {
		s := e.servers[key]
		if s.RegionID != c.params.Get("RegionId") || (id != "" && s.ID != id) {
			continue
		}
		if s.DenyReads {
			return refuse(denied(s))
		}
		found = append(found, e.describe(s))
	}
	if id != "" && len(found) == 0 && e.opts.UnknownServerIs404 {
		return refuse(errNoServer())
	}
	return outcome{reply: object{
		{"PageNumber", page},
		{"PageSize", size},
		{"TotalCount", len(found)},
		{"RequestId", c.requestID},
		{"SslVpnServers", list{"SslVpnServer", pageOf(found, page, size)}},
	}}
}

func paging(c *call) (page, size int, refusal *apiError) {
	page, err1 := strconv.Atoi(cmp.Or(c.params.Get("PageNumber"), "1"))
	size, err2 := strconv.Atoi(cmp.Or(c.params.Get("PageSize"), "10"))
	if err1 != nil || err2 != nil || page < 1 || size < 1 || size > 50 {
		return 0, 0, badRequest("InvalidPageSize", "PageNumber or PageSize is not valid.") // own choice of code
	}
	return page, size, nil
}

func denied(s *Server) *apiError {
	if s.SubUser {
		return errSubUser()
	}
	return errForbidden()
}

// describe renders a server as DescribeSslVpnServers does (documented).
func (e *Emulator) describe(s *Server) object {
	connections := s.Connections
	if clients, ok := e.online(s); ok {
		connections = len(clients)
	}
	o := object{
		{"SslVpnServerId", s.ID},
		{"VpnGatewayId", s.GatewayID},
		{"RegionId", s.RegionID},
		{"Name", s.Name},
		{"ClientIpPool", s.ClientIPPool},
		{"LocalSubnet", s.LocalSubnet},
		{"Proto", s.Proto},
		{"Port", s.Port},
		{"Cipher", s.Cipher},
		{"Compress", s.Compress},
		{"CreateTime", s.CreatedAt.UnixMilli()},
		{"Connections", connections},
		{"MaxConnections", s.MaxConnections},
		{"InternetIp", s.InternetIP},
		{"EnableMultiFactorAuth", s.EnableMultiFactorAuth},
	}
	if s.IDaaSInstanceID != "" {
		o = append(o, field{"IDaaSInstanceId", s.IDaaSInstanceID}, field{"IDaaSRegionId", s.IDaaSRegionID})
	}
	if s.IDaaSApplicationID != "" {
		o = append(o, field{"IDaaSApplicationId", s.IDaaSApplicationID})
	}
	return o
}

// gateway finds the requested gateway.
func (e *Emulator) gateway(c *call) (*Gateway, *apiError) {
	id := c.params.Get("VpnGatewayId")
	if id == "" {
		return nil, errMissing("VpnGatewayId")
	}
	g := e.gateways[id]
	if g == nil || g.RegionID != c.params.Get("RegionId") {
		return nil, &apiError{status: http.StatusNotFound, code: "InvalidVpnGatewayInstanceId.NotFound", message: "The specified VPN gateway instance id does not exist."} // documented (CreateSslVpnServer)
	}
	for _, s := range e.servers {
		if s.GatewayID == id && s.DenyReads {
			return nil, denied(s)
		}
	}
	return g, nil
}

// describeGateway answers DescribeVpnGateway with the members that concern SSL
// servers (documented).
func (e *Emulator) describeGateway(c *call) outcome {
	g, refusal := e.gateway(c)
	if refusal != nil {
		return refuse(refusal)
	}
	business, ssl, network, connections := "Normal", "enable", "public", 5
	if g.FinancialLocked {
		business = "FinancialLocked"
	}
	if g.SSLDisabled {
		ssl = "disable"
	}
	if g.Private {
		network = "private"
	}
	for _, s := range e.servers {
		if s.GatewayID == g.ID {
			connections = s.MaxConnections
		}
	}
	o := object{
		{"RequestId", c.requestID},
		{"VpnGatewayId", g.ID},
		{"RegionId", g.RegionID},
		{"VpcId", g.VPCID},
		{"Status", g.status(e.opts.Now())},
		{"BusinessStatus", business},
		{"SslVpn", ssl},
		{"SslMaxConnections", cmp.Or(g.SSLMaxConnections, connections)},
		{"NetworkType", network},
		{"InternetIp", g.InternetIP},
		{"CreateTime", g.CreatedAt.UnixMilli()},
		{"GatewayType", "Traditional"},
		{"Tag", `{"VisuallySsl":"` + strconv.FormatBool(!g.NotVisualized) + `"}`},
	}
	if g.SSLInternetIP != "" {
		o = append(o, field{"SslVpnInternetIp", g.SSLInternetIP})
	}
	return outcome{reply: o}
}
