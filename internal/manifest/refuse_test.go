package manifest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

type invalidDocument struct {
	name   string
	format manifest.Format
	text   string
	want   []string // "line path rule", in order
}

// shapes are documents whose notation or structure is wrong. The first three
// lines of most are those of target and one setting.
func shapes() []invalidDocument {
	return []invalidDocument{
		{"nothing", manifest.YAML, "", []string{"1  empty-document"}},
		{"only comments", manifest.YAML, "# nothing\n\n", []string{"1  empty-document"}},
		{"nothing in JSON", manifest.JSON, " \n", []string{"1  empty-document"}},
		{"null in JSON", manifest.JSON, "null", []string{"1  empty-document"}},
		{"a marker with nothing after it", manifest.YAML, target + "Port: 1195\n---\n", []string{"5 documents[1] empty-document"}},
		{"a list", manifest.YAML, "- Port: 1195\n", []string{"1  wrong-type"}},
		{"a text", manifest.YAML, "Port 1195\n", []string{"1  wrong-type"}},
		{"a number in JSON", manifest.JSON, "\n1", []string{"2  wrong-type"}},
		{"no changes", manifest.YAML, "ref: CHG-1\n", []string{"1  no-changes"}},
		{"an empty mapping", manifest.JSON, "{}", []string{"1  no-changes"}},
		{"an empty list of changes", manifest.YAML, "ref: a\nchanges: []\n", []string{"2 changes no-changes"}},
		{"changes that are a mapping", manifest.YAML, "changes:\n  Port: 1195\n", []string{"1 changes wrong-type"}},
		{"changes that are empty", manifest.YAML, "changes:\n", []string{"1 changes wrong-type"}},
		{"a change that is a text", manifest.YAML, "changes:\n  - Port\n", []string{"2 changes[0] wrong-type"}},
		{"tabs for indentation", manifest.YAML, "changes:\n\t- Port: 1\n", []string{"2  yaml-syntax"}},
		{"a colon in a value", manifest.YAML, target + "Name: a: b\n", []string{"3  yaml-syntax"}},
		{"an open quote", manifest.YAML, target + "Name: \"a\n", []string{"3  yaml-syntax"}},
		{"another YAML version", manifest.YAML, "%YAML 1.2\n---\n" + target + "Port: 1195\n", []string{"1  yaml-directive"}},
		{"this YAML version", manifest.YAML, "# a\n%YAML 1.1\n---\n" + target + "Port: 1195\n", []string{"2  yaml-directive"}},
		{"a text cut by a comment", manifest.YAML, target + "Name: vpn #1\n", []string{"3 Name yaml-comment"}},
		{"a key that is a list", manifest.YAML, target + "? [a]\n: b\n", []string{"3  yaml-syntax"}},
		{"an anchor", manifest.YAML, target + "Port: &p 1195\n", []string{"3  yaml-anchor"}},
		{"an alias", manifest.YAML, target + "Port: 1195\nName: *p\n", []string{"4  yaml-anchor"}},
		{"a merge key", manifest.YAML, target + "<<: {Port: 1195}\n", []string{"3  yaml-anchor"}},
		{"an alias bomb", manifest.YAML, "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", []string{"1  yaml-anchor"}},
		{"a tag", manifest.YAML, target + "Name: !!str 1\n", []string{"3  yaml-tag"}},
		{"a tag of one's own", manifest.YAML, target + "Name: !env HOME\n", []string{"3  yaml-tag"}},
		{"a trailing comma", manifest.JSON, "{" + jsonTarget + ",\n\"Port\": 1195,}", []string{"2  json-syntax"}},
		{"a comment in JSON", manifest.JSON, "{\n// why\n" + jsonTarget + "}", []string{"2  json-syntax"}},
		{"JSON that ends too early", manifest.JSON, "{" + jsonTarget + ",\n\"Port\": 1195\n\n", []string{"2  json-syntax"}},
		{"two JSON documents", manifest.JSON, "{" + jsonTarget + ",\"Port\":1195}\n\n{}", []string{"3  json-syntax"}},
		{"YAML called JSON", manifest.JSON, target, []string{"1  json-syntax"}},
		{"not UTF-8", manifest.YAML, target + "Name: \xb0\xec\xb9\xab\n", []string{"3  encoding"}},
		{"UTF-16", manifest.JSON, "\xff\xfe{\x00}\x00", []string{"1  encoding"}},
		{"a control character", manifest.YAML, target + "Name: a\x00b\n", []string{"3  encoding"}},
		{"no format", "", "{}", []string{"0  format-unknown"}},
		{"too large", manifest.JSON, strings.Repeat(" ", manifest.MaxSize+1), []string{"0  too-large"}},
		{"too deep", manifest.YAML, target + "\nx: " + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "\n", []string{"4  too-deep"}},
		{"too deep in JSON", manifest.JSON, "{\n\"x\": " + strings.Repeat("[", 20_000), []string{"2  too-deep"}},
		{"too many values", manifest.JSON, "[" + strings.Repeat("0,", 110_000) + "0]", []string{"1  too-large"}},
		{"too many values in YAML", manifest.YAML, "[" + strings.Repeat("0,", 110_000) + "0]", []string{"1  too-large"}},
	}
}

// keys are documents with keys that are not allowed.
func keys() []invalidDocument {
	return []invalidDocument{
		{"a misspelt setting", manifest.YAML, target + "Prot: TCP\n", []string{"3 Prot unknown-key"}},
		{"a setting in lower case", manifest.JSON, "{" + jsonTarget + ",\n\"port\": 1195}", []string{"2 port unknown-key"}},
		{"a misspelt region is not missing as well", manifest.YAML, "RegionID: cn-hangzhou\nSslVpnServerId: vss-a\nPort: 1195\n", []string{"1 RegionID unknown-key"}},
		{"misspelt changes", manifest.YAML, "change:\n- Port: 1195\n", []string{"1 change unknown-key"}},
		{"an unknown key in expect", manifest.YAML, target + "Port: 1195\nexpect: {RegionId: a}\n", []string{"4 expect.RegionId unknown-key"}},
		{"a key with blanks", manifest.YAML, target + "Port: 1195\n\"a b\": 1\n", []string{"4 \"a b\" unknown-key"}},
		{"a setting twice", manifest.YAML, target + "Port: 1195\nPort: 1196\n", []string{"4 Port duplicate-key"}},
		{"a setting twice in JSON", manifest.JSON, "{" + jsonTarget + ",\"Port\":1,\n\"Port\":2}", []string{"2 Port duplicate-key"}},
		{"a setting twice in expect", manifest.YAML, target + "Port: 1195\nexpect:\n  Port: 1\n  Port: 2\n", []string{"6 expect.Port duplicate-key"}},
		{"a header key in a change", manifest.YAML, "changes:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 1195\n  ref: a\n", []string{"5 changes[0].ref misplaced-key"}},
		{"a setting beside changes", manifest.YAML, "RegionId: cn-qingdao\nchanges:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 1195\n", []string{"1 RegionId misplaced-key"}},
		{"an expectation beside changes", manifest.YAML, "expect: {Port: 1}\nchanges:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 1195\n", []string{"1 expect misplaced-key"}},
		{"another action", manifest.YAML, "Action: DeleteSslVpnServer\n" + target + "Port: 1195\n", []string{"1 Action action-unknown"}},
		{"an owner", manifest.YAML, target + "Port: 1195\nOwnerId: 1\nOwnerAccount: a\nResourceOwnerId: 1\nResourceOwnerAccount: a\n", []string{"4 OwnerId refused-parameter", "5 OwnerAccount refused-parameter", "6 ResourceOwnerId refused-parameter", "7 ResourceOwnerAccount refused-parameter"}},
		{"the API's dry run", manifest.YAML, target + "Port: 1195\nDryRun: true\n", []string{"4 DryRun refused-parameter"}},
		{"DNS servers", manifest.YAML, target + "DnsServers: 1.1.1.1\n", []string{"3 DnsServers refused-parameter"}},
		{"a pasted request", manifest.JSON, "{" + jsonTarget + ",\"Port\":1195,\n\"AccessKeyId\":\"secret\",\n\"Signature\":\"secret\",\n\"Version\":\"2016-04-28\",\n\"Format\":\"JSON\",\"Timestamp\":\"x\"}", []string{"2 AccessKeyId refused-parameter", "3 Signature refused-parameter", "4 Version refused-parameter", "5 Format refused-parameter", "5 Timestamp refused-parameter"}},
	}
}

// values are documents with values of a wrong type.
func values() []invalidDocument {
	return []invalidDocument{
		{"a port in quotes", manifest.YAML, target + "Port: \"1194\"\n", []string{"3 Port wrong-type"}},
		{"a port in quotes in JSON", manifest.JSON, "{" + jsonTarget + ",\n\"Port\": \"1194\"}", []string{"2 Port wrong-type"}},
		{"a port with a fraction", manifest.YAML, target + "Port: 1194.0\n", []string{"3 Port wrong-type"}},
		{"a port with an exponent", manifest.JSON, "{" + jsonTarget + ",\n\"Port\": 1e3}", []string{"2 Port wrong-type"}},
		{"a port in hexadecimal", manifest.YAML, target + "Port: 0x4AA\n", []string{"3 Port wrong-type"}},
		{"a port in octal", manifest.YAML, target + "Port: 01194\n", []string{"3 Port wrong-type"}},
		{"a port with underscores", manifest.YAML, target + "Port: 1_194\n", []string{"3 Port wrong-type"}},
		{"a port beyond all numbers", manifest.JSON, "{" + jsonTarget + ",\n\"Port\": 99999999999999999999}", []string{"2 Port wrong-type"}},
		{"a port that is empty", manifest.YAML, target + "Port:\n", []string{"3 Port wrong-type"}},
		{"a port that is null", manifest.JSON, "{" + jsonTarget + ",\n\"Port\": null}", []string{"2 Port wrong-type"}},
		{"yes for a flag", manifest.YAML, target + "Compress: yes\n", []string{"3 Compress wrong-type"}},
		{"a flag in quotes", manifest.YAML, target + "Compress: 'false'\n", []string{"3 Compress wrong-type"}},
		{"a number for a flag", manifest.YAML, target + "Compress: 0\n", []string{"3 Compress wrong-type"}},
		{"a name that YAML takes for a number", manifest.YAML, target + "Name: 1234\n", []string{"3 Name wrong-type"}},
		{"a name that YAML takes for a flag", manifest.YAML, target + "Name: true\n", []string{"3 Name wrong-type"}},
		{"a list of subnets with a number", manifest.YAML, target + "LocalSubnet:\n- 10.1.0.0/16\n- 10\n", []string{"5 LocalSubnet wrong-type"}},
		{"a list of pools", manifest.YAML, target + "ClientIpPool: [10.1.0.0/16]\n", []string{"3 ClientIpPool wrong-type"}},
		{"a region that is a number", manifest.JSON, "{\"SslVpnServerId\": \"vss-a\", \"Port\": 1195,\n\"RegionId\": 1}", []string{"2 RegionId wrong-type"}},
		{"a token that YAML takes for a number", manifest.YAML, target + "Port: 1195\nClientToken: 1234\n", []string{"4 ClientToken wrong-type"}},
		{"an empty token", manifest.YAML, target + "Port: 1195\nClientToken: ''\n", []string{"4 ClientToken token-length"}},
		{"an expectation that is a number", manifest.YAML, target + "Port: 1195\nexpect: 1194\n", []string{"4 expect wrong-type"}},
		{"an expected port in quotes", manifest.YAML, target + "Port: 1195\nexpect:\n  Port: '1194'\n", []string{"5 expect.Port wrong-type"}},
		{"a dry run in quotes", manifest.YAML, "dryRun: 'true'\n" + target + "Port: 1195\n", []string{"1 dryRun wrong-type"}},
		{"a number for a time to confirm", manifest.YAML, "confirm: 600\n" + target + "Port: 1195\n", []string{"1 confirm wrong-type"}},
		{"a time to confirm without unit", manifest.YAML, "confirm: '10'\n" + target + "Port: 1195\n", []string{"1 confirm confirm-format"}},
		{"a time to confirm with a fraction", manifest.YAML, "confirm: 1.5h\n" + target + "Port: 1195\n", []string{"1 confirm confirm-format"}},
		{"an empty time to confirm", manifest.YAML, "confirm: ''\n" + target + "Port: 1195\n", []string{"1 confirm confirm-format"}},
		{"a number for a condition", manifest.YAML, "when: 5\n" + target + "Port: 1195\n", []string{"1 when wrong-type"}},
		{"no clients", manifest.YAML, "when: idle(0)\n" + target + "Port: 1195\n", []string{"1 when when-format"}},
		{"another condition", manifest.YAML, "when: busy(5)\n" + target + "Port: 1195\n", []string{"1 when when-format"}},
		{"a proof in quotes", manifest.YAML, "proof: 'true'\n" + target + "Port: 1195\n", []string{"1 proof wrong-type"}},
		{"a guard in a change", manifest.YAML, "changes:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 1195\n  confirm: 10m\n", []string{"5 changes[0].confirm misplaced-key"}},
		{"a time without zone", manifest.YAML, target + "Port: 1195\nnotBefore: 2026-11-23T02:00:00\n", []string{"4 notBefore time-format"}},
		{"a date", manifest.YAML, target + "Port: 1195\nexpiresAt: 2026-11-23\n", []string{"4 expiresAt time-format"}},
		{"a time with a comma", manifest.YAML, target + "Port: 1195\nexpiresAt: 2026-11-23T02:00:00,5Z\n", []string{"4 expiresAt time-format"}},
		{"a time before all times", manifest.YAML, target + "Port: 1195\nexpiresAt: 0001-01-01T00:00:00Z\n", []string{"4 expiresAt time-format"}},
		{"a time that is a number", manifest.YAML, target + "Port: 1195\nnotBefore: 1763858400\n", []string{"4 notBefore wrong-type"}},
	}
}

// meanings are well-formed documents that break rules of package change, whose own
// tests test the rules. These test paths and lines.
func meanings() []invalidDocument {
	return []invalidDocument{
		{"nothing to set", manifest.YAML, "\n" + target, []string{"2  nothing-to-set"}},
		{"no target", manifest.JSON, "{\n\"Port\": 1195}", []string{"1 RegionId required", "1 SslVpnServerId required"}},
		{"the reference page's own slip", manifest.YAML, target + "ClientIpPool: 10.30.30.0/2\n", []string{"3 ClientIpPool pool-mask"}},
		{"an empty expectation", manifest.YAML, target + "Port: 1195\nexpect: {}\n", []string{"4 expect expect-empty"}},
		{"a reason of several lines", manifest.YAML, "reason: |\n  a\n  b\n" + target + "Port: 1195\n", []string{"1 reason control-character"}},
		{"too short a time to confirm", manifest.YAML, target + "Port: 1195\nconfirm: 59s\n", []string{"4 confirm confirm-range"}},
		{"too long a time to confirm", manifest.YAML, target + "Port: 1195\nconfirm: 24h1s\n", []string{"4 confirm confirm-range"}},
		{"too many clients", manifest.YAML, target + "Port: 1195\nwhen: idle(10001)\n", []string{"4 when when-range"}},
		{"guards of a dry run", manifest.YAML, "dryRun: true\nconfirm: proof\nwhen: idle(5)\nproof: true\n" + target + "Port: 1195\n", []string{"2 confirm guard-of-dry-run", "3 when guard-of-dry-run", "4 proof guard-of-dry-run"}},
		{"expired", manifest.YAML, target + "Port: 1195\nexpiresAt: 2026-11-22T12:00:00Z\n", []string{"4 expiresAt expires-in-past"}},
		{"all problems of all changes", manifest.YAML, "expiresAt: 2020-01-01T00:00:00Z\nchanges:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 443\n  Nam: a\n- RegionId: x\n  Port: '1'\n  Cipher: DES\n", []string{
			"1 expiresAt expires-in-past", "5 changes[0].Port port-reserved", "6 changes[0].Nam unknown-key",
			"7 changes[1].RegionId region-format", "7 changes[1].SslVpnServerId required", "8 changes[1].Port wrong-type", "9 changes[1].Cipher cipher-unknown",
		}},
		{"a problem in the second document", manifest.YAML, target + "Port: 1195\n---\nref: a\nchanges:\n- RegionId: cn-qingdao\n  SslVpnServerId: vss-a\n  Port: 22\n", []string{"9 documents[1].changes[0].Port port-reserved"}},
		{"a problem in a bare second document", manifest.YAML, target + "Port: 1195\n---\n" + target + "Port: 22\nref: \"a\\n b\"\n", []string{"7 documents[1].Port port-reserved", "8 documents[1].ref control-character"}},
		{"a token for two things", manifest.YAML, "changes:\n- {RegionId: cn-qingdao, SslVpnServerId: vss-a, ClientToken: t, Port: 1195}\n- {RegionId: cn-qingdao, SslVpnServerId: vss-a, ClientToken: t, Port: 1196}\n", []string{"3 changes[1].ClientToken token-reused"}},
		{"one change twice in two documents", manifest.YAML, target + "ClientToken: t\nPort: 1195\n---\n" + target + "ClientToken: t\nPort: 1195\n", []string{"8 documents[1].ClientToken token-duplicate"}},
	}
}

func invalidDocuments() []invalidDocument {
	return slices.Concat(shapes(), keys(), values(), meanings())
}

func TestParseRefusesInvalidDocuments(t *testing.T) {
	t.Parallel()
	for _, tt := range invalidDocuments() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reqs, problems := manifest.Parse([]byte(tt.text), options(tt.format))
			if got := places(problems); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q (%v)", got, tt.want, problems)
			}
			if reqs != nil {
				t.Errorf("an invalid document gave %d requests", len(reqs))
			}
			for _, p := range problems {
				if p.Message == "" || p.Hint == "" || strings.Contains(p.String(), "secret") {
					t.Errorf("no message, no way out, or a secret: %v", p)
				}
			}
		})
	}
}

func places(ps []change.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, fmt.Sprintf("%d %s %s", p.Line, p.Path, p.Rule))
	}
	return out
}

func TestHintsSayHowToFixTheProblem(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`Port: "1194"`:                     "remove the quotes",
		`Compress: yes`:                    "write true",
		`Compress: 'off'`:                  "write false",
		`Name: 1234`:                       "put it in quotes",
		`Prot0: TCP`:                       "the nearest known key is Proto",
		`RegionId : cn-b1`:                 "keep one",
		`DryRun: true`:                     "write dryRun",
		`AccessKeySecret: x`:               "replace that credential",
		`Cipher:`:                          "remove the key",
		`Port: 0x10`:                       "plain decimal",
		`ClientIpPool: 10.30.30.0/2`:       "10.30.30.0/24",
		`notBefore: 2026-11-23T02:00:00`:   "add a zone",
		`expiresAt: tomorrow`:              "2026-11-23T02:00:00+08:00",
		`Name: [a]`:                        "separated by commas",
		`requestedBy: [a]`:                 "several",
		`SslVpnServerID: vss-bp18q7hzj6la`: "nearest known key is SslVpnServerId",
	} {
		_, problems := manifest.Parse([]byte(target+line+"\n"), options(manifest.YAML))
		if !slices.ContainsFunc(problems, func(p change.Problem) bool { return strings.Contains(p.Hint, want) }) {
			t.Errorf("%s: problems %v, want a hint with %q", line, problems, want)
		}
	}
}
