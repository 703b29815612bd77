package change_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
)

// noon is the current time in these tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func request(p change.Patch) change.Request {
	return change.Request{
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-bp18q7hzj6largv4vk2fe"},
		Patch:  p,
	}
}

// rules renders problems as "path rule", sorted.
func rules(ps []change.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Path+" "+p.Rule)
	}
	slices.Sort(out)
	return out
}

func TestValidateSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		field change.Field
		value change.Value
		rule  string // "" for a valid value
		hint  string // a part of it
	}{
		{"the usual port", change.Port, change.Number(1194), "", ""},
		{"the lowest port", change.Port, change.Number(1), "", ""},
		{"the highest port", change.Port, change.Number(65535), "", ""},
		{"port zero", change.Port, change.Number(0), "port-range", "1 to 65535"},
		{"a port too high", change.Port, change.Number(65536), "port-range", "1194"},
		{"https", change.Port, change.Number(443), "port-reserved", "442 and 444"},
		{"a port amid reserved ones", change.Port, change.Number(9001), "port-reserved", "8999 and 9003"},
		{"a port as text", change.Port, change.Text("1194"), "wrong-type", "a whole number"},
		{"proto in lower case", change.Proto, change.Text("tcp"), "", ""},
		{"an unknown proto", change.Proto, change.Text("SCTP"), "proto-unknown", "TCP or UDP"},
		{"cipher in lower case", change.Cipher, change.Text("aes-192-cbc"), "", ""},
		{"no cipher", change.Cipher, change.Text("None"), "", ""},
		{"an unknown cipher", change.Cipher, change.Text("AES-256-GCM"), "cipher-unknown", "AES-256-CBC"},
		{"a Chinese name", change.Name, change.Text("办公网-vpn_1.0"), "", ""},
		{"a name of two characters", change.Name, change.Text("ab"), "", ""},
		{"a name of 100 characters", change.Name, change.Text(strings.Repeat("网", 100)), "", ""},
		{"a name of one character", change.Name, change.Text("a"), "name-length", "2 to 100"},
		{"a name of 101 characters", change.Name, change.Text(strings.Repeat("a", 101)), "name-length", "2 to 100"},
		{"no name at all", change.Name, change.Text(""), "name-length", "2 to 100"},
		{"a name that starts with a digit", change.Name, change.Text("1vpn"), "name-format", "start with a letter"},
		{"a name with a blank", change.Name, change.Text("my vpn"), "name-format", "hyphens"},
		{"a name that is an address", change.Name, change.Text("https://vpn"), "name-format", "scheme"},
		{"a pool", change.ClientIPPool, change.Text("10.30.30.0/24"), "", ""},
		{"the largest pool", change.ClientIPPool, change.Text("192.168.0.0/16"), "", ""},
		{"the smallest pool", change.ClientIPPool, change.Text("10.30.30.8/29"), "", ""},
		{"the reference page's own slip", change.ClientIPPool, change.Text("10.30.30.0/2"), "pool-mask", "10.30.30.0/24"},
		{"a pool too large", change.ClientIPPool, change.Text("10.0.0.0/8"), "pool-mask", "10.0.0.0/16"},
		{"a pool too small", change.ClientIPPool, change.Text("10.30.30.4/30"), "pool-mask", "10.30.30.0/29"},
		{"a pool with host bits", change.ClientIPPool, change.Text("10.30.30.5/24"), "cidr-host-bits", "10.30.30.0/24"},
		{"a pool without mask", change.ClientIPPool, change.Text("10.30.30.0"), "cidr-syntax", "10.30.30.0/24"},
		{"a pool in IPv6", change.ClientIPPool, change.Text("fd00::/64"), "cidr-syntax", "address and mask"},
		{"a mapped pool", change.ClientIPPool, change.Text("::ffff:10.0.0.0/112"), "cidr-syntax", "address and mask"},
		{"two pools", change.ClientIPPool, change.Text("10.1.0.0/16,10.2.0.0/16"), "cidr-syntax", "address and mask"},
		{"carrier-grade NAT as pool", change.ClientIPPool, change.Text("100.64.0.0/16"), "pool-forbidden-range", "private"},
		{"loopback as pool", change.ClientIPPool, change.Text("127.0.1.0/24"), "pool-forbidden-range", "private"},
		{"one subnet", change.LocalSubnet, change.Text("10.20.20.0/24"), "", ""},
		{"subnets with blanks", change.LocalSubnet, change.Text("10.20.20.0/24, 10.21.0.0/16"), "", ""},
		{"carrier-grade NAT as subnet", change.LocalSubnet, change.Text("100.64.0.0/10"), "", ""},
		{"a single host", change.LocalSubnet, change.Text("10.20.20.7/32"), "", ""},
		{"everything", change.LocalSubnet, change.Text("0.0.0.0/0"), "local-subnet-mask", "list the networks"},
		{"a subnet too large", change.LocalSubnet, change.Text("8.0.0.0/6"), "local-subnet-mask", "8.0.0.0/8"},
		{"six subnets", change.LocalSubnet, change.Text("10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16,10.5.0.0/16,10.6.0.0/16"), "local-subnet-count", "at most 5"},
		{"multicast", change.LocalSubnet, change.Text("224.0.0.0/8"), "local-subnet-forbidden-range", "private"},
		{"link local", change.LocalSubnet, change.Text("169.254.1.0/24"), "local-subnet-forbidden-range", "private"},
		{"a subnet twice", change.LocalSubnet, change.Text("10.1.0.0/16,10.1.0.0/16"), "local-subnet-duplicate", "remove"},
		{"a trailing comma", change.LocalSubnet, change.Text("10.1.0.0/16,"), "cidr-syntax", "single commas"},
		{"no subnet", change.LocalSubnet, change.Text(""), "cidr-syntax", "address and mask"},
		{"a flag", change.Compress, change.Flag(false), "", ""},
		{"a flag as number", change.Compress, change.Number(1), "wrong-type", "true or false"},
		{"an unset value", change.Compress, change.Value{}, "wrong-type", "true or false"},
		{"an IDaaS instance", change.IDaaSInstanceID, change.Text("idaas-cn-hangzhou-x1"), "", ""},
		{"an empty IDaaS instance", change.IDaaSInstanceID, change.Text(""), "idaas-format", "IDaaS console"},
		{"an unknown field", change.Field("DnsServers"), change.Text("x"), "unknown-setting", "remove"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := change.Validate([]change.Request{request(change.Patch{tt.field: tt.value})}, noon())
			if tt.rule == "" {
				if len(got) > 0 {
					t.Fatalf("problems: %v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Rule != tt.rule || got[0].Path != string(tt.field) {
				t.Fatalf("problems: %v, want one of rule %s at %s", got, tt.rule, tt.field)
			}
			if !strings.Contains(got[0].Hint, tt.hint) {
				t.Errorf("hint %q, want it to hold %q", got[0].Hint, tt.hint)
			}
		})
	}
}

func TestValidateRequests(t *testing.T) {
	t.Parallel()
	port := change.Patch{change.Port: change.Number(1195)}
	with := func(edit func(*change.Request)) change.Request {
		r := request(port)
		edit(&r)
		return r
	}
	tests := []struct {
		name string
		reqs []change.Request
		want []string
	}{
		{"a full request", []change.Request{with(func(r *change.Request) {
			r.ClientToken, r.Ref, r.Reason, r.RequestedBy = "02fb3da4-130e-11e9", "CHG-1", "酒店封锁 UDP", "zhang.san"
			r.NotBefore, r.ExpiresAt = noon().Add(time.Hour), noon().Add(2*time.Hour)
			r.Expect = change.Patch{change.Port: change.Number(22), change.Name: change.Text("")}
		})}, nil},
		{"nothing given", []change.Request{{}}, []string{" nothing-to-set", "RegionId required", "SslVpnServerId required"}},
		{"an id with hyphens", []change.Request{with(func(r *change.Request) { r.ServerID = "vss-case-n4" })}, nil},
		{"an id that ends in a hyphen", []change.Request{with(func(r *change.Request) { r.ServerID = "vss-case-" })}, []string{"SslVpnServerId server-id-format"}},
		{"an id with two hyphens", []change.Request{with(func(r *change.Request) { r.ServerID = "vss-a--b" })}, []string{"SslVpnServerId server-id-format"}},
		{"ids that would leave their object keys", []change.Request{with(func(r *change.Request) {
			r.Target = change.Target{RegionID: "cn-hangzhou/../x", ServerID: "vss-a/b"}
		})}, []string{"RegionId region-format", "SslVpnServerId server-id-format"}},
		{"the gateway instead of the server", []change.Request{with(func(r *change.Request) { r.ServerID = "vpn-bp1q8bgx4xnkm2ogj0fiu" })}, []string{"SslVpnServerId server-id-format"}},
		{"ids too long", []change.Request{with(func(r *change.Request) {
			r.RegionID, r.ServerID = "cn-"+strings.Repeat("a", 38), "vss-"+strings.Repeat("a", 61)
		})}, []string{"RegionId region-format", "SslVpnServerId server-id-format"}},
		{"pool and subnet that overlap", []change.Request{request(change.Patch{
			change.ClientIPPool: change.Text("10.20.0.0/16"), change.LocalSubnet: change.Text("10.1.0.0/16,10.20.20.0/24"),
		})}, []string{"ClientIpPool pool-overlaps-local-subnet"}},
		{"a wrong pool is not said to overlap as well", []change.Request{request(change.Patch{
			change.ClientIPPool: change.Text("10.30.30.0/2"), change.LocalSubnet: change.Text("10.20.20.0/24"),
		})}, []string{"ClientIpPool pool-mask"}},
		{"texts too long", []change.Request{with(func(r *change.Request) {
			r.Ref, r.Reason, r.RequestedBy = strings.Repeat("a", 129), strings.Repeat("因", 501), strings.Repeat("a", 129)
		})}, []string{"reason reason-length", "ref ref-length", "requestedBy requested-by-length"}},
		{"a reason that forges a line or an order of reading", []change.Request{with(func(r *change.Request) {
			r.Path, r.Reason, r.Ref = "changes[0]", "a\nb", "a\u202eb"
		})}, []string{"reason control-character", "ref control-character"}},
		{"what a document says is reported once", []change.Request{
			with(func(r *change.Request) { r.Path, r.Ref = "documents[1].changes[0]", "a\x00" }),
			with(func(r *change.Request) { r.Path, r.Ref = "documents[1].changes[1]", "a\x00" }),
		}, []string{"documents[1].ref control-character"}},
		{"expired", []change.Request{with(func(r *change.Request) { r.ExpiresAt = noon() })}, []string{"expiresAt expires-in-past"}},
		{"expires before it starts", []change.Request{with(func(r *change.Request) {
			r.NotBefore, r.ExpiresAt = noon().Add(2*time.Hour), noon().Add(2*time.Hour)
		})}, []string{"expiresAt expires-before-not-before"}},
		{"far ahead", []change.Request{with(func(r *change.Request) {
			r.NotBefore, r.ExpiresAt = noon().Add(367*24*time.Hour), noon().Add(800*24*time.Hour)
		})}, []string{"expiresAt expires-too-far", "notBefore not-before-too-far"}},
		{"a token too long", []change.Request{with(func(r *change.Request) { r.ClientToken = strings.Repeat("a", 65) })}, []string{"ClientToken token-length"}},
		{"a token with a blank", []change.Request{with(func(r *change.Request) { r.ClientToken = "a b" })}, []string{"ClientToken token-ascii"}},
		{"a Chinese token", []change.Request{with(func(r *change.Request) { r.ClientToken = "令牌" })}, []string{"ClientToken token-ascii"}},
		{"a token for two things", []change.Request{
			with(func(r *change.Request) { r.Path, r.ClientToken = "changes[0]", "t" }),
			with(func(r *change.Request) {
				r.Path, r.ClientToken, r.Patch = "changes[1]", "t", change.Patch{change.Port: change.Number(1196)}
			}),
		}, []string{"changes[1].ClientToken token-reused"}},
		{"a change twice", []change.Request{
			with(func(r *change.Request) { r.Path, r.ClientToken = "changes[0]", "t" }),
			with(func(r *change.Request) { r.Path, r.ClientToken = "changes[1]", "t" }),
		}, []string{"changes[1].ClientToken token-duplicate"}},
		{"a token for two servers", []change.Request{
			with(func(r *change.Request) { r.Path, r.ClientToken = "changes[0]", "t" }),
			with(func(r *change.Request) { r.Path, r.ClientToken, r.ServerID = "changes[1]", "t", "vss-other" }),
		}, nil},
		{"an empty expectation", []change.Request{with(func(r *change.Request) { r.Expect = change.Patch{} })}, []string{"expect expect-empty"}},
		{"an expectation of another type", []change.Request{with(func(r *change.Request) {
			r.Path, r.Expect = "changes[3]", change.Patch{change.Port: change.Text("1194"), change.Name: change.Text("a\nb"), change.Cipher: change.Text(strings.Repeat("a", 513))}
		})}, []string{"changes[3].expect.Cipher expect-length", "changes[3].expect.Name control-character", "changes[3].expect.Port wrong-type"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := change.Validate(tt.reqs, noon())
			if !slices.Equal(rules(got), tt.want) {
				t.Errorf("got %q, want %q", rules(got), tt.want)
			}
			for _, p := range got {
				if p.Message == "" || p.Hint == "" {
					t.Errorf("%s: no message or no way out: %+v", p.Rule, p)
				}
			}
		})
	}
}

func TestRulesHaveUniqueNames(t *testing.T) {
	t.Parallel()
	names := gosource.Constants(t, ".", "Rule")
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) || slices.Contains(names, "") {
		t.Errorf("names %q", names)
	}
}

func TestProblemsShortenWhatTheyQuote(t *testing.T) {
	t.Parallel()
	got := change.Validate([]change.Request{request(change.Patch{change.Cipher: change.Text(strings.Repeat("x", 10_000))})}, noon())
	if len(got) != 1 || len(got[0].Message) > 200 {
		t.Errorf("problems: %v", got)
	}
}
