package vpc

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// describeClients answers DescribeSslVpnClients. For a gateway without the tag
// VisuallySsl it lists nobody (own choice: what the API answers is not published).
func (e *Emulator) describeClients(c *call) outcome {
	g, refusal := e.gateway(c)
	if refusal != nil {
		return refuse(refusal)
	}
	page, size, refusal := paging(c)
	if refusal != nil {
		return refuse(refusal)
	}
	var found []object
	for _, s := range e.servers {
		if s.GatewayID != g.ID || g.NotVisualized {
			continue
		}
		clients, _ := e.online(s)
		for _, k := range clients {
			name := "CN=" + k.Certificate
			if s.EnableMultiFactorAuth && k.User != "" {
				name = k.User // documented
			}
			found = append(found, object{
				{"CommonName", name},
				{"Ip", k.IP},
				{"Port", strconv.Itoa(k.Port)},
				{"PrivateIp", k.PrivateIP},
				{"ConnectedTime", k.ConnectedAt.UnixMilli()},
				{"ReceiveBytes", 0},
				{"SendBytes", 0},
				{"Status", "online"},
			})
		}
	}
	return outcome{reply: object{
		{"RequestId", c.requestID},
		{"RegionId", g.RegionID},
		{"VpnGatewayId", g.ID},
		{"PageNumber", page},
		{"PageSize", size},
		{"TotalCount", len(found)},
		{"ClientInfoList", bare(pageOf(found, page, size))},
	}}
}

// describeCertificates answers DescribeSslVpnClientCerts, which shows no key
// (documented).
func (e *Emulator) describeCertificates(c *call) outcome {
	page, size, refusal := paging(c)
	if refusal != nil {
		return refuse(refusal)
	}
	var found []object
	for _, key := range slices.Sorted(maps.Keys(e.certs)) {
		o := e.describeCertificate(e.certs[key])
		if o.matches(c, "RegionId", "SslVpnServerId", "SslVpnClientCertId", "Name", "ResourceGroupId") {
			found = append(found, o)
		}
	}
	return outcome{reply: object{
		{"RequestId", c.requestID},
		{"PageNumber", page},
		{"PageSize", size},
		{"TotalCount", len(found)},
		{"SslVpnClientCertKeys", list{"SslVpnClientCertKey", pageOf(found, page, size)}},
	}}
}

// certificateKey answers DescribeSslVpnClientCert with the private key (documented).
// The function must never call it.
func (e *Emulator) certificateKey(c *call) outcome {
	k, refusal := e.certificate(c)
	if refusal != nil {
		return refuse(refusal)
	}
	o := append(object{{"RequestId", c.requestID}}, e.describeCertificate(k)...)
	return outcome{reply: append(o, field{"ClientKey", k.Key})}
}

func (e *Emulator) regionOf(k Certificate) string { return e.servers[k.ServerID].RegionID }

func (e *Emulator) describeCertificate(k Certificate) object {
	return object{
		{"SslVpnClientCertId", k.ID},
		{"SslVpnServerId", k.ServerID},
		{"RegionId", e.regionOf(k)},
		{"Name", k.Name},
		{"Status", k.status(e.opts.Now())},
		{"CreateTime", k.CreatedAt.UnixMilli()},
		{"EndTime", k.EndsAt.UnixMilli()},
		{"ResourceGroupId", DefaultResourceGroup},
	}
}

// describeVPC answers DescribeVpcAttribute with the members that concern networks
// (documented).
func (e *Emulator) describeVPC(c *call) outcome {
	v, ok := e.vpcs[c.params.Get("VpcId")]
	if !ok || v.RegionID != c.params.Get("RegionId") {
		return refuse(&apiError{status: http.StatusNotFound, code: "InvalidVpcID.NotFound", message: "Specified value of \"VpcId\" is not found in our record."}) // documented
	}
	return outcome{reply: object{
		{"RequestId", c.requestID},
		{"VpcId", v.ID},
		{"RegionId", v.RegionID},
		{"Status", "Available"},
		{"CidrBlock", v.CIDR},
		{"SecondaryCidrBlocks", texts{"SecondaryCidrBlock", v.SecondaryCIDRs}},
		{"UserCidrs", texts{"UserCidr", v.UserCIDRs}},
	}}
}

func pageOf(found []object, page, size int) []object {
	from := min((page-1)*size, len(found))
	return found[from:min(from+size, len(found))]
}
