package vpc

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// DefaultResourceGroup is that of servers and gateways that name none.
const DefaultResourceGroup = "rg-acfmlocaldefault"

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
	return g, e.deniedGateway(g)
}

// deniedGateway refuses a gateway whose server the caller may not read.
func (e *Emulator) deniedGateway(g *Gateway) *apiError {
	for _, s := range e.servers {
		if s.GatewayID == g.ID && s.DenyReads {
			return denied(s)
		}
	}
	return nil
}

// describeGateway answers DescribeVpnGateway (documented).
func (e *Emulator) describeGateway(c *call) outcome {
	g, refusal := e.gateway(c)
	if refusal != nil {
		return refuse(refusal)
	}
	return outcome{reply: append(object{{"RequestId", c.requestID}}, e.gatewayMembers(g)...)}
}

// describeGateways answers DescribeVpnGateways with its filters (documented).
func (e *Emulator) describeGateways(c *call) outcome {
	page, size, refusal := paging(c)
	if refusal != nil {
		return refuse(refusal)
	}
	get := c.params.Get
	for param, values := range map[string][]string{
		"Status":         {"init", "provisioning", "active", "updating", "deleting"},
		"BusinessStatus": {"Normal", "FinancialLocked"},
	} {
		if v := get(param); v != "" && !slices.Contains(values, v) {
			return refuse(illegal(param, v)) // values documented, code own choice
		}
	}
	var found []object
	for _, id := range slices.Sorted(maps.Keys(e.gateways)) {
		g := e.gateways[id]
		o := e.gatewayMembers(g)
		if g.RegionID != get("RegionId") || !e.tagged(c, g) || !o.matches(c, "VpnGatewayId", "VpcId", "Status", "BusinessStatus", "ResourceGroupId") {
			continue
		}
		if refusal := e.deniedGateway(g); refusal != nil {
			return refuse(refusal)
		}
		found = append(found, o)
	}
	return outcome{reply: object{
		{"PageNumber", page},
		{"PageSize", size},
		{"TotalCount", len(found)},
		{"RequestId", c.requestID},
		{"VpnGateways", list{"VpnGateway", pageOf(found, page, size)}},
	}}
}

// tagged reports whether a gateway has every tag that a call asks for.
func (e *Emulator) tagged(c *call, g *Gateway) bool {
	for n := 1; n <= maxTags; n++ {
		prefix := "Tag." + strconv.Itoa(n)
		key := c.params.Get(prefix + ".Key")
		if key == "" {
			continue
		}
		value, ok := g.Tags[key]
		if want := c.params.Get(prefix + ".Value"); !ok || want != "" && want != value {
			return false
		}
	}
	return true
}

// matches reports whether an object has the values that a call asks for: a parameter
// that is absent or empty asks for nothing.
func (o object) matches(c *call, params ...string) bool {
	for _, p := range params {
		if want := c.params.Get(p); want != "" && o.text(p) != want {
			return false
		}
	}
	return true
}

// text is the value of a member that is a text; "" if there is none.
func (o object) text(name string) string {
	for _, f := range o {
		if f.name == name {
			s, _ := f.value.(string)
			return s
		}
	}
	return ""
}

func (g *Gateway) tags() []object {
	var tags []object
	for _, key := range slices.Sorted(maps.Keys(g.Tags)) {
		tags = append(tags, object{{"Key", key}, {"Value", g.Tags[key]}})
	}
	return tags
}

// ends is when the gateway expires: far away, if it is paid for by use.
func (g *Gateway) ends() time.Time {
	if g.EndsAt.IsZero() {
		return g.CreatedAt.AddDate(100, 0, 0).Truncate(24 * time.Hour)
	}
	return g.EndsAt
}

// gatewayMembers are the members of a gateway in both calls (documented). Those of an
// order that has not taken effect are empty, as there is none.
func (e *Emulator) gatewayMembers(g *Gateway) object {
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
		{"VpnGatewayId", g.ID},
		{"RegionId", g.RegionID},
		{"Name", cmp.Or(g.Name, g.ID)},
		{"Description", g.Description},
		{"VpcId", g.VPCID},
		{"VSwitchId", cmp.Or(g.VSwitchID, "vsw-"+g.ID)},
		{"Status", g.status(e.opts.Now())},
		{"BusinessStatus", business},
		{"ChargeType", cmp.Or(g.ChargeType, "POSTPAY")},
		{"Spec", cmp.Or(g.Spec, "10")},
		{"IpsecVpn", "enable"},
		{"SslVpn", ssl},
		{"SslMaxConnections", cmp.Or(g.SSLMaxConnections, connections)},
		{"NetworkType", network},
		{"InternetIp", g.InternetIP},
		{"DisasterRecoveryInternetIp", ""},
		{"DisasterRecoveryVSwitchId", ""},
		{"AutoPropagate", false},
		{"EnableBgp", false},
		{"VpnType", "Normal"},
		{"GatewayType", "Traditional"},
		{"CreateTime", g.CreatedAt.UnixMilli()},
		{"EndTime", g.ends().UnixMilli()},
		{"ResourceGroupId", cmp.Or(g.ResourceGroupID, DefaultResourceGroup)},
		{"EniInstanceIds", texts{"EniInstanceId", nil}},
		{"ReservationData", object{
			{"Status", ""},
			{"ReservationOrderType", ""},
			{"ReservationSpec", ""},
			{"ReservationIpsec", ""},
			{"ReservationSsl", ""},
			{"ReservationMaxConnections", 0},
			{"ReservationEndTime", ""},
		}},
		{"Tags", list{"Tag", g.tags()}},
		{"Tag", `{"VisuallySsl":"` + strconv.FormatBool(!g.NotVisualized) + `"}`},
	}
	if g.SSLInternetIP != "" {
		o = append(o, field{"SslVpnInternetIp", g.SSLInternetIP})
	}
	return o
}
