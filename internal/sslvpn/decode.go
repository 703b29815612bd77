package sslvpn

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// errNoServer: the API answered properly, and has no such server.
var errNoServer = errors.New("no SSL-VPN server with this id")

// serverFrom finds the requested server. Its region is the requested one: the
// API's own sample misspells the region.
func serverFrom(reply node, t change.Target) (Server, error) {
	all := reply.items("SslVpnServers", "SslVpnServer")
	if _, flat := reply.get("SslVpnServerId"); flat {
		all = append(all, reply)
	}
	if len(all) == 0 {
		// An answer without the list says nothing about the server.
		if !reply.has("SslVpnServers") || reply.textOf("RequestId") == "" {
			return Server{}, missing("SslVpnServers")
		}
		// Nor does the empty page of a list that has servers, or that goes on.
		if err := wholeList(reply); err != nil {
			return Server{}, err
		}
		return Server{}, errNoServer
	}
	if len(all) > 1 || all[0].textOf("SslVpnServerId") != t.ServerID {
		return Server{}, fmt.Errorf("the answer has %d servers, not only %s", len(all), t.ServerID)
	}
	return oneServer(all[0], t)
}

// wholeList fails for an empty list that is not the whole list.
func wholeList(reply node) error {
	for _, has := range []struct{ name, whole string }{{"TotalCount", "0"}, {"PageNumber", "1"}} {
		if s := reply.textOf(has.name); s != "" && s != has.whole {
			return fmt.Errorf("the answer has no server, and its %s is %.20q", has.name, s)
		}
	}
	for _, name := range []string{"NextToken", "NextMarker"} {
		if reply.textOf(name) != "" {
			return fmt.Errorf("the answer has no server, and goes on at %s", name)
		}
	}
	if s := reply.textOf("IsTruncated"); strings.EqualFold(s, "true") {
		return errors.New("the answer has no server, and is truncated")
	}
	return nil
}

func oneServer(n node, t change.Target) (Server, error) {
	d := decoder{n: n}
	s := Server{
		Target:         t,
		GatewayID:      d.need("VpnGatewayId"),
		Settings:       d.settings(),
		Connections:    d.number("Connections"),
		MaxConnections: d.number("MaxConnections"),
		InternetIP:     n.textOf("InternetIp"),
	}
	if ms := d.number("CreateTime"); ms > 0 {
		s.CreatedAt = time.UnixMilli(int64(ms)).UTC()
	}
	return s, d.err
}

func gatewayFrom(reply node, ref GatewayRef) (Gateway, error) {
	all := reply.items("VpnGateways", "VpnGateway")
	if _, flat := reply.get("VpnGatewayId"); flat {
		all = append(all, reply)
	}
	if len(all) != 1 || all[0].textOf("VpnGatewayId") != ref.GatewayID {
		return Gateway{}, fmt.Errorf("the answer has %d gateways, not only %s", len(all), ref.GatewayID)
	}
	d := decoder{n: all[0]}
	g := Gateway{
		ID:                ref.GatewayID,
		RegionID:          ref.RegionID,
		Status:            GatewayStatus(strings.ToLower(d.need("Status"))),
		BusinessStatus:    d.n.textOf("BusinessStatus"),
		SSLMaxConnections: d.number("SslMaxConnections"),

		VPCID:      idOf(d.n, "VpcId"),
		PublicIP:   addressOf(d.n, "SslVpnInternetIp", "InternetIp"),
		Private:    strings.EqualFold(d.n.textOf("NetworkType"), "private"),
		SSLEnabled: !strings.EqualFold(d.n.textOf("SslVpn"), "disable"),
		CreatedAt:  momentOf(d.n, "CreateTime"),
		Visualized: visualized(d.n.textOf("Tag")),
	}
	return g, d.err
}

// maxID bounds an id in bytes; those of the API have about 25.
const maxID = 64

// idOf is an optional id.
func idOf(n node, field string) string {
	if id := n.textOf(field); len(id) <= maxID {
		return id
	}
	return ""
}

// addressOf is the first of the fields that is an IP address.
func addressOf(n node, fields ...string) netip.Addr {
	for _, field := range fields {
		if a, err := netip.ParseAddr(n.textOf(field)); err == nil && a.Zone() == "" {
			return a
		}
	}
	return netip.Addr{}
}

// momentOf reads a time in milliseconds; zero if it is absent or malformed.
func momentOf(n node, field string) time.Time {
	ms, err := strconv.ParseInt(n.textOf(field), 10, 64)
	if err != nil || ms <= 0 || ms > maxMoment {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// maxMoment is the end of the year 9999 in milliseconds, the last that JSON can have.
const maxMoment = 253402300799999

// visualized reads a gateway's tag, a JSON text such as {"VisuallySsl":"true"}.
func visualized(tag string) bool {
	n, err := parseReply([]byte(tag))
	return err == nil && strings.EqualFold(n.textOf("VisuallySsl"), "true")
}

// modifiedFrom proves that a 2xx is the API's own success: it carries a request
// id and names the server. Nothing else of it is used, what a modification did
// is read back from the server.
func modifiedFrom(reply node, t change.Target) (ModifyReply, error) {
	id := reply.textOf("RequestId")
	if id == "" {
		return ModifyReply{}, missing("RequestId")
	}
	all := append(reply.items("SslVpnServers", "SslVpnServer"), reply)
	if got := all[0].textOf("SslVpnServerId"); got != t.ServerID {
		return ModifyReply{}, fmt.Errorf("the answer names the server %q, not %s", got, t.ServerID)
	}
	return ModifyReply{RequestID: id}, nil
}

func missing(field string) error { return fmt.Errorf("the answer has no %s", field) }

// decoder reads typed values from an element and keeps the first error, so that
// nothing missing or malformed becomes a zero value.
type decoder struct {
	n   node
	err error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// need returns a text that must be there.
func (d *decoder) need(field string) string {
	s := d.n.textOf(field)
	if s == "" {
		d.fail(missing(field))
	}
	return s
}

// number returns a whole number of 0 or more, 0 when absent.
func (d *decoder) number(field string) int {
	s := d.n.textOf(field)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		d.fail(fmt.Errorf("the answer's %s is not a number: %.40q", field, s))
	}
	return n
}

// settings reads every setting that the element has. What a server always has
// is required; multi-factor authentication and its IDaaS fields are newer
// than some regions, and are absent where they are not reported.
func (d *decoder) settings() change.Settings {
	s := change.Settings{}
	for _, f := range change.Fields() {
		setting := f.Setting()
		text, reported := d.n.get(string(f))
		switch {
		case text == "" && setting.Required:
			d.fail(missing(string(f)))
		case text == "" && (!reported || !setting.MayBeEmpty):
			continue
		default:
			s[f] = d.value(f, text)
		}
	}
	return s
}

func (d *decoder) value(f change.Field, text string) change.Value {
	switch f.Kind() {
	case change.KindNumber:
		return change.Number(d.number(string(f)))
	case change.KindFlag:
		b, err := strconv.ParseBool(text)
		if err != nil {
			d.fail(fmt.Errorf("the answer's %s is neither true nor false: %.40q", f, text))
		}
		return change.Flag(b)
	case change.KindText:
		return change.Text(text)
	default:
		return change.Value{}
	}
}
