package manifest_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// noon is the current time in these tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func options(f manifest.Format) manifest.Options {
	return manifest.Options{Format: f, AllowRequestedBy: true, Now: noon()}
}

// target is the start of a bare change.
const target = "RegionId: cn-hangzhou\nSslVpnServerId: vss-bp18q7hzj6largv4vk2fe\n"

const jsonTarget = `"RegionId": "cn-hangzhou", "SslVpnServerId": "vss-bp18q7hzj6largv4vk2fe"`

type validDocument struct {
	name   string
	format manifest.Format
	text   string
	want   []change.Patch
}

func validDocuments() []validDocument {
	port := []change.Patch{{change.Port: change.Number(1195)}}
	one := func(f change.Field, v change.Value) []change.Patch { return []change.Patch{{f: v}} }
	return []validDocument{
		{"a bare change", manifest.YAML, target + "Port: 1195\n", port},
		{"a bare change in JSON", manifest.JSON, `{` + jsonTarget + `, "Port": 1195}`, port},
		{"JSON as YAML", manifest.YAML, `{` + jsonTarget + `, "Port": 1195}`, port},
		{"a pasted Action", manifest.YAML, "Action: ModifySslVpnServer\n" + target + "Port: 1195\n", port},
		{"a byte order mark", manifest.YAML, "\uFEFF" + target + "Port: 1195\n", port},
		{"a byte order mark in JSON", manifest.JSON, "\uFEFF{" + jsonTarget + `, "Port": 1195}`, port},
		{"Windows line ends", manifest.YAML, strings.ReplaceAll(target+"Port: 1195\n", "\n", "\r\n"), port},
		{"a document marker", manifest.YAML, "---\n" + target + "Port: 1195\n...\n", port},
		{"comments", manifest.YAML, "# why\n" + target + "# what\nPort: 1195 # how\n# end\n", port},
		{"a header beside API parameters", manifest.YAML, "ref: CHG-1\nreason: a\nrequestedBy: b\nnotBefore: 2026-11-23T02:00:00+08:00\nexpiresAt: 2026-11-24T02:00:00Z\ndryRun: true\n" + target + "Port: 1195\nexpect: {Port: 1194}\n", port},
		{"a time to confirm", manifest.YAML, "confirm: 1h30m\n" + target + "Port: 1195\n", port},
		{"a proof to confirm", manifest.YAML, "confirm: proof\n" + target + "Port: 1195\n", port},
		{"a time and a proof to confirm", manifest.JSON, `{"confirm": "20m proof", ` + jsonTarget + `, "Port": 1195}`, port},
		{"a time and a proof as in a command", manifest.YAML, "confirm: 20m+proof\n" + target + "Port: 1195\n", port},
		{"a number of clients", manifest.YAML, "when: idle(5)\n" + target + "Port: 1195\n", port},
		{"a number of clients as in a command", manifest.YAML, "when: idle(< 10000)\n" + target + "Port: 1195\n", port},
		{"a proof", manifest.YAML, "proof: true\nchanges:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 1195\n", port},
		{"times in quotes", manifest.YAML, "notBefore: \"2026-11-23T02:00:00.5+08:00\"\n" + target + "Port: 1195\n", port},
		{"a reason folded into one line", manifest.YAML, "reason: >-\n  Hotels block\n  UDP/1194\n" + target + "Port: 1195\n", port},
		{"a reason with a line end after it", manifest.YAML, "reason: |\n  Hotels block UDP\n" + target + "Port: 1195\n", port},
		{"an empty ref", manifest.JSON, `{"ref": "", ` + jsonTarget + `, "Port": 1195}`, port},
		{"a list of changes", manifest.YAML, "changes:\n  - RegionId: cn-hangzhou\n    SslVpnServerId: vss-a\n    Port: 1195\n  - RegionId: cn-beijing\n    SslVpnServerId: vss-b\n    Compress: true\n", []change.Patch{{change.Port: change.Number(1195)}, {change.Compress: change.Flag(true)}}},
		{"a list of changes in JSON", manifest.JSON, `{"dryRun": false, "changes": [{` + jsonTarget + `, "Port": 1195}]}`, port},
		{"several documents", manifest.YAML, target + "Port: 1195\n---\nchanges:\n- RegionId: cn-beijing\n  SslVpnServerId: vss-b\n  Name: ab\n", []change.Patch{{change.Port: change.Number(1195)}, {change.Name: change.Text("ab")}}},
		{"the lowest port", manifest.YAML, target + "Port: 1\n", one(change.Port, change.Number(1))},
		{"proto in lower case", manifest.YAML, target + "Proto: udp\n", one(change.Proto, change.Text("UDP"))},
		{"cipher in lower case", manifest.YAML, target + "Cipher: aes-256-cbc\n", one(change.Cipher, change.Text("AES-256-CBC"))},
		{"no cipher", manifest.YAML, target + "Cipher: NONE\n", one(change.Cipher, change.Text("none"))},
		{"a Chinese name", manifest.YAML, target + "Name: 办公网\n", one(change.Name, change.Text("办公网"))},
		{"an escaped name", manifest.JSON, `{` + jsonTarget + `, "Name": "\u529e\u516c"}`, one(change.Name, change.Text("办公"))},
		{"subnets with blanks", manifest.YAML, target + "LocalSubnet: 10.1.0.0/16 , 10.2.0.0/16\n", one(change.LocalSubnet, change.Text("10.1.0.0/16,10.2.0.0/16"))},
		{"a list of subnets", manifest.YAML, target + "LocalSubnet:\n- 10.1.0.0/16\n- 10.2.0.0/16\nexpect: {LocalSubnet: [10.3.0.0/16]}\n", one(change.LocalSubnet, change.Text("10.1.0.0/16,10.2.0.0/16"))},
		{"a list of subnets in JSON", manifest.JSON, "{" + jsonTarget + `, "LocalSubnet": ["10.1.0.0/16"]}`, one(change.LocalSubnet, change.Text("10.1.0.0/16"))},
		{"a line of tabs", manifest.YAML, target + "\t\nPort: 1195\n \t\n", port},
		{"tabs before comments", manifest.YAML, target + "\t# why\nPort: 1195\t# how\n", port},
		{"a percent sign in a text", manifest.YAML, "reason: 5 %\n" + target + "Port: 1195\n", port},
		{"a number sign in a text", manifest.YAML, "reason: 'vpn #1'\nref: a#1\n" + target + "Port: 1195 #was 1194\n", port},
		{"joiners of Persian in quotes", manifest.YAML, "reason: \"می\u200cخواهم\" # a\nref: 'می\u200cخواهم'\n" + target + "Port: 1195\n", port},
		{"an emoji in quotes", manifest.JSON, "{\"reason\": \"⚠\ufe0f \U0001f468\u200d\U0001f4bb\", " + jsonTarget + `, "Port": 1195}`, port},
		{"wide blanks and other languages", manifest.YAML, "# 变更\u3000说明\nreason: 変更\u3000\u0e01\u0e33 \u0627\u0644\u0639\n" + target + "Port: 1195\n", port},
		{"five subnets", manifest.YAML, target + "LocalSubnet: 10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16,10.5.0.0/16\n", one(change.LocalSubnet, change.Text("10.1.0.0/16,10.2.0.0/16,10.3.0.0/16,10.4.0.0/16,10.5.0.0/16"))},
		{"a pool", manifest.YAML, target + "ClientIpPool: 10.30.30.0/24\n", one(change.ClientIPPool, change.Text("10.30.30.0/24"))},
		{"a flag in capitals", manifest.YAML, target + "Compress: False\n", one(change.Compress, change.Flag(false))},
		{"multi-factor authentication", manifest.YAML, target + "EnableMultiFactorAuth: true\nIDaaSInstanceId: idaas-1\nIDaaSRegionId: cn-hangzhou\nIDaaSApplicationId: app_1\n", []change.Patch{{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-hangzhou"), change.IDaaSApplicationID: change.Text("app_1")}}},
		{"the seed's token", manifest.YAML, target + "ClientToken: 02fb3da4-130e-11e9-8e44-0016e04115b\nPort: 1195\n", port},
		{"a token of digits in quotes", manifest.YAML, target + "ClientToken: '123456'\nPort: 1195\n", port},
		{"an expectation that today's rules would not let in", manifest.YAML, target + "Port: 1195\nexpect: {Port: 22, Name: '1 x', LocalSubnet: '10.1.2.3/16', Compress: false, IDaaSInstanceId: ''}\n", port},
		{"one token for two servers", manifest.YAML, "changes:\n- {RegionId: cn-qingdao, SslVpnServerId: vss-a, Port: 1195, ClientToken: t}\n- {RegionId: cn-qingdao, SslVpnServerId: vss-b, Port: 1195, ClientToken: t}\n", append(port, port...)},
		{"a time a moment ago", manifest.YAML, "notBefore: 2026-11-22T11:56:00Z\n" + target + "Port: 1195\n", port},
	}
}

func TestParseAcceptsValidDocuments(t *testing.T) {
	t.Parallel()
	for _, tt := range validDocuments() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, problems := manifest.Parse([]byte(tt.text), options(tt.format))
			if len(problems) > 0 || len(got) != len(tt.want) {
				t.Fatalf("%d requests, problems %v", len(got), problems)
			}
			for i, r := range got {
				if !maps.Equal(r.Patch, tt.want[i]) {
					t.Errorf("request %d sets %v, want %v", i, r.Patch, tt.want[i])
				}
				if !r.Valid() || r.Line < 1 {
					t.Errorf("request %d has target %v and line %d", i, r.Target, r.Line)
				}
			}
		})
	}
}

func TestParseReadsEveryKey(t *testing.T) {
	t.Parallel()
	text := `ref: " CHG-1042 "
reason: Hotels block UDP/1194
requestedBy: zhang.san
notBefore: 2026-11-23T02:00:00+08:00
expiresAt: 2026-11-24T02:00:00+08:00
dryRun: true
changes:
  - RegionId: cn-hangzhou
    SslVpnServerId: vss-bp18q7hzj6largv4vk2fe
    ClientToken: t-1
    Port: 1195
    Proto: tcp
    expect: {Proto: udp}
  - RegionId: cn-beijing
    SslVpnServerId: vss-b
    Name: office
`
	got, problems := manifest.Parse([]byte(text), options(manifest.YAML))
	if len(problems) > 0 || len(got) != 2 {
		t.Fatalf("%d requests, problems %v", len(got), problems)
	}
	first, second := got[0], got[1]
	if first.Ref != "CHG-1042" || first.Reason != "Hotels block UDP/1194" || first.RequestedBy != "zhang.san" || !first.DryRun {
		t.Errorf("header: %+v", first)
	}
	if !first.NotBefore.Equal(time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)) || first.ExpiresAt.Sub(first.NotBefore) != 24*time.Hour {
		t.Errorf("times: %v, %v", first.NotBefore, first.ExpiresAt)
	}
	if first.String() != "cn-hangzhou/vss-bp18q7hzj6largv4vk2fe" || first.ClientToken != "t-1" || first.Path != "changes[0]" || first.Line != 8 {
		t.Errorf("first change: %+v", first)
	}
	if !maps.Equal(first.Patch, change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("TCP")}) || !maps.Equal(first.Expect, change.Patch{change.Proto: change.Text("UDP")}) {
		t.Errorf("first change sets %v, expects %v", first.Patch, first.Expect)
	}
	if second.Ref != first.Ref || !second.DryRun || second.Expect != nil || second.ClientToken != "" || second.Path != "changes[1]" || second.Line != 14 {
		t.Errorf("second change: %+v", second)
	}
}

func TestParseReadsGuards(t *testing.T) {
	t.Parallel()
	text := "confirm: 20m proof\nwhen: idle(5)\nproof: true\noverride: double-eleven\nreason: 双十一\n" + target + "Port: 1195\n"
	got, problems := manifest.Parse([]byte(text), options(manifest.YAML))
	if len(problems) > 0 || len(got) != 1 {
		t.Fatalf("%d requests, problems %v", len(got), problems)
	}
	if r := got[0]; r.Confirm != (change.Confirmation{For: 20 * time.Minute, Proof: true}) || r.Idle != 5 || !r.Proof || r.Override != "double-eleven" {
		t.Errorf("read as %+v", r)
	}
}

func TestFormatOfReadsExtensions(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]manifest.Format{
		"changes/a.yaml": manifest.YAML, "a.YML": manifest.YAML, "a.b.Json": manifest.JSON, "a.txt": "", "yaml": "", "a.yaml/b": "", "": "",
	} {
		if got, ok := manifest.FormatOf(key); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t, want %q", key, got, ok, want)
		}
	}
}

func TestFormatOfContentTypeReadsMediaTypes(t *testing.T) {
	t.Parallel()
	for ct, want := range map[string]manifest.Format{
		"application/json": manifest.JSON, "Application/JSON; charset=UTF-8": manifest.JSON, "application/json; charset=gbk": "",
		"application/yaml": manifest.YAML, "application/x-yaml": manifest.YAML, "text/yaml;charset=utf-8": manifest.YAML, "text/x-yaml": manifest.YAML,
		"text/plain": "", "": "", "application/problem+json": "", ";": "",
	} {
		if got, ok := manifest.FormatOfContentType(ct); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t, want %q", ct, got, ok, want)
		}
	}
}
