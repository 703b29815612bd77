package vpc

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// describeServers answers DescribeSslVpnServers with its filters, and paging
// (documented: PageNumber 1, PageSize 10, at most 50). A name has to be equal (own
// choice). New values are shown at once, before the gateway has finished (observed in
// the vendor's acceptance tests).
func (e *Emulator) describeServers(c *call) outcome {
	id := c.params.Get("SslVpnServerId")
	page, size, refusal := paging(c)
	if refusal != nil {
		return refuse(refusal)
	}
	var found []object
	for _, key := range slices.Sorted(maps.Keys(e.servers)) {
		s := e.servers[key]
		o := e.describe(s)
		if s.RegionID != c.params.Get("RegionId") || !o.matches(c, "SslVpnServerId", "VpnGatewayId", "Name", "ResourceGroupId") {
			continue
		}
		if s.DenyReads {
			return refuse(denied(s))
		}
		found = append(found, o)
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
		{"ResourceGroupId", cmp.Or(s.ResourceGroupID, DefaultResourceGroup)},
	}
	if s.IDaaSInstanceID != "" {
		o = append(o, field{"IDaaSInstanceId", s.IDaaSInstanceID}, field{"IDaaSRegionId", s.IDaaSRegionID})
	}
	if s.IDaaSApplicationID != "" {
		o = append(o, field{"IDaaSApplicationId", s.IDaaSApplicationID})
	}
	return o
}
