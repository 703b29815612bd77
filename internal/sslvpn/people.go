package sslvpn

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// The bounds of a list that comes in pages. An account has at most 50 certificates,
// and a gateway at most 1000 connections.
const (
	pageSize = 50
	maxPages = 20
)

// DescribeClients lists the clients that are connected to a gateway, at most 1000.
// Ask it of a Visualized gateway only: what the API answers for others is not
// published.
func (c *Client) DescribeClients(ctx context.Context, ref GatewayRef) (Connections, error) {
	r := request{action: describeClients, region: ref.RegionID, params: []param{{"VpnGatewayId", ref.GatewayID}}}
	out := Connections{Known: true}
	total, err := c.pages(ctx, r, clientList(), func(before int, items []node) error {
		out.Clients = out.Clients[:before]
		for _, n := range items {
			out.Clients = append(out.Clients, clientFrom(n))
		}
		return nil
	})
	if err != nil {
		return Connections{}, err
	}
	out.Total = total
	return out, nil
}

// DescribeClientCerts lists the client certificates of a server, at most 1000, without
// their keys.
func (c *Client) DescribeClientCerts(ctx context.Context, t change.Target) ([]Certificate, error) {
	r := request{action: describeCerts, region: t.RegionID, params: []param{{"SslVpnServerId", t.ServerID}}}
	var out []Certificate
	_, err := c.pages(ctx, r, certificateList(), func(before int, items []node) error {
		out = out[:before]
		for _, n := range items {
			cert, err := certificateFrom(n, t)
			if err != nil {
				return err
			}
			out = append(out, cert)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DescribeVPC reads the networks of a VPC.
func (c *Client) DescribeVPC(ctx context.Context, ref VPCRef) (VPC, error) {
	r := request{action: describeVPC, region: ref.RegionID, params: []param{{"VpcId", ref.VPCID}}}
	var v VPC
	err := c.read(ctx, r, func(n node) (err error) { v, err = vpcFrom(n, ref); return err })
	if err != nil {
		return VPC{}, err
	}
	return v, nil
}

// listed says where the items of a list are.
type listed struct {
	wrap, item string
	// countNeeded refuses an answer without TotalCount, which would otherwise count
	// as nobody.
	countNeeded bool
}

func clientList() listed {
	return listed{wrap: "ClientInfoList", item: "ClientInfo", countNeeded: true}
}

func certificateList() listed {
	return listed{wrap: "SslVpnClientCertKeys", item: "SslVpnClientCertKey"}
}

// pages reads a list to its end, or to its 20th page. Add takes the items of a page,
// and how many came before it: a page that was read again replaces what it added.
func (c *Client) pages(ctx context.Context, r request, list listed, add func(before int, items []node) error) (total int, err error) {
	params := r.params
	before := 0
	for number := 1; number <= maxPages; number++ {
		r.params = append(slices.Clip(params), param{"PageNumber", strconv.Itoa(number)}, param{"PageSize", strconv.Itoa(pageSize)})
		items := 0
		err := c.read(ctx, r, func(n node) error {
			page, count, err := pageFrom(n, number, list)
			if err != nil {
				return err
			}
			items, total = len(page), max(count, before+len(page))
			return add(before, page)
		})
		if err != nil {
			return 0, err
		}
		if before += items; items == 0 || before >= total {
			break
		}
	}
	return total, nil
}

// pageFrom reads one page, and how many items there are on all pages. An answer that
// is not the page that was requested is refused.
func pageFrom(reply node, number int, list listed) (items []node, total int, err error) {
	if !reply.has(list.wrap) || reply.textOf("RequestId") == "" {
		return nil, 0, missing(list.wrap)
	}
	d := decoder{n: reply}
	if list.countNeeded {
		d.need("TotalCount")
	}
	total = d.number("TotalCount")
	if got := d.n.textOf("PageNumber"); got != "" && got != strconv.Itoa(number) {
		d.fail(fmt.Errorf("the answer is page %.20q, not %d", got, number))
	}
	items = reply.items(list.wrap, list.item)
	if len(items) > pageSize {
		d.fail(fmt.Errorf("the answer has %d items on a page of %d", len(items), pageSize))
	}
	return items, total, d.err
}

// clientFrom keeps the certificate and the time of a connected client. Where
// multi-factor authentication is on, CommonName is the name of the user.
func clientFrom(n node) ConnectedClient {
	name, _ := strings.CutPrefix(n.textOf("CommonName"), "CN=")
	if !isCertificateID(name) {
		name = ""
	}
	return ConnectedClient{Certificate: name, Since: momentOf(n, "ConnectedTime")}
}

// isCertificateID reports whether a text has the form of the id of a certificate.
func isCertificateID(s string) bool {
	kind, ok := change.ResourceOf(s)
	return ok && kind == change.Certificate && len(s) <= maxID && strings.HasPrefix(s, "vsc-")
}

func certificateFrom(n node, t change.Target) (Certificate, error) {
	d := decoder{n: n}
	c := Certificate{
		ID:     d.need("SslVpnClientCertId"),
		Name:   shortened(n.textOf("Name")),
		Status: CertificateStatus(strings.ToLower(shortened(n.textOf("Status")))),
		End:    momentOf(n, "EndTime"),
	}
	if d.err == nil && !isCertificateID(c.ID) {
		d.fail(fmt.Errorf("the answer's SslVpnClientCertId is no id of a certificate: %.40q", c.ID))
	}
	if got := n.textOf("SslVpnServerId"); got != t.ServerID {
		d.fail(fmt.Errorf("the answer has a certificate of the server %.40q, not only of %s", got, t.ServerID))
	}
	return c, d.err
}

// maxName bounds a name in bytes. The API allows 100 characters.
const maxName = 400

func shortened(s string) string {
	if len(s) <= maxName {
		return s
	}
	return strings.ToValidUTF8(s[:maxName], "") + "…"
}

func vpcFrom(reply node, ref VPCRef) (VPC, error) {
	if got := reply.textOf("VpcId"); got != ref.VPCID {
		return VPC{}, fmt.Errorf("the answer has the VPC %.40q, not %s", got, ref.VPCID)
	}
	d := decoder{n: reply}
	v := VPC{ID: ref.VPCID, Networks: []netip.Prefix{d.network(d.need("CidrBlock"))}}
	for _, s := range reply.texts("SecondaryCidrBlocks", "SecondaryCidrBlock") {
		v.Networks = append(v.Networks, d.network(s))
	}
	for _, s := range reply.texts("UserCidrs", "UserCidr") {
		v.UserCIDRs = append(v.UserCIDRs, d.network(s))
	}
	if d.err != nil {
		return VPC{}, d.err
	}
	return v, nil
}

// network reads an IP network.
func (d *decoder) network(s string) netip.Prefix {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		d.fail(fmt.Errorf("the answer has %.40q, which is no network", s))
		return netip.Prefix{}
	}
	return p.Masked()
}

// texts are the texts of a list.
func (n node) texts(list, item string) []string {
	var out []string
	for wrap := range n.kids() {
		if !wrap.named(list) {
			continue
		}
		for kid := range wrap.kids() {
			if e := kid.all[kid.at]; !e.none && kid.named(item) {
				out = append(out, e.text)
			}
		}
	}
	return out
}
