package manifest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// hidden are characters by which a document could mean something else than it shows.
func hidden() []rune {
	return []rune{
		0x00, 0x07, 0x0B, 0x0C, 0x0D, 0x1B, 0x7F, 0x85, 0x9B, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180B, 0x180E,
		0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060, 0x2061, 0x2064,
		0x2065, 0x2066, 0x2067, 0x2068, 0x2069, 0x206A, 0x206F, 0x2800, 0x3164, 0xE000, 0xF8FF, 0xFDD0, 0xFE00, 0xFE0F, 0xFEFF,
		0xFFA0, 0xFFF0, 0xFFF9, 0xFFFB, 0xFFFE, 0xFFFF, 0x16FE4, 0x1BCA0, 0x1D159, 0x1D173, 0x1FFFE, 0xE0001, 0xE0020, 0xE007F,
		0xE0100, 0xE01EF, 0xF0000, 0x10FFFD, 0x378, 0x1AFF,
	}
}

// TestAttackADocumentThatSaysMoreThanItShows hides a character in a comment, in a
// value, in a quoted text and in a key, in both formats.
func TestAttackADocumentThatSaysMoreThanItShows(t *testing.T) {
	t.Parallel()
	for _, r := range hidden() {
		for _, d := range []struct {
			format       manifest.Format
			text         string
			line, column int
		}{
			{manifest.YAML, target + "Port: 1195\n# was%cProto: TCP\n", 4, 6},
			{manifest.YAML, target + "Port: 1195 # was%c\n", 3, 17},
			{manifest.YAML, target + "Name: vpn%c\n", 3, 10},
			{manifest.YAML, target + "Port: 1195\nreason: \"a%cb\"\n", 4, 11},
			{manifest.YAML, target + "Port: 1195\nreason: |\n  a%cb\n", 5, 4},
			{manifest.YAML, target + "P%cort: 1195\n", 3, 2},
			{manifest.JSON, "{" + jsonTarget + ",\n \"Port\": 1195, \"reason\": \"a%cb\"}", 2, 28},
			{manifest.JSON, "{" + jsonTarget + ",\n%c\"Port\": 1195}", 2, 1},
		} {
			text := fmt.Sprintf(d.text, r)
			if strings.Contains(text, "\r\n") {
				continue // which is an ordinary line end
			}
			reqs, problems := manifest.Parse([]byte(text), options(d.format))
			if len(problems) != 1 || reqs != nil {
				t.Errorf("%q: %d requests, problems %v", text, len(reqs), problems)
				continue
			}
			p := problems[0]
			if p.Rule != document.RuleEncoding || p.Line != d.line || !strings.Contains(p.Message, fmt.Sprintf("line %d, column %d", d.line, d.column)) ||
				!strings.Contains(p.Message, fmt.Sprintf("%U (", r)) || p.Hint == "" {
				t.Errorf("%q: %+v", text, p)
			}
		}
	}
}

// TestAttackJoinersOutsideQuotes puts what a language needs where it does not need it.
func TestAttackJoinersOutsideQuotes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"# می\u200cخواهم\n" + target + "Port: 1195\n",
		"reason: می\u200cخواهم\n" + target + "Port: 1195\n",
		"reason: \"a\" # می\u200cخواهم\n" + target + "Port: 1195\n",
		"reason: 'it''s' # 'می\u200cخواهم'\n" + target + "Port: 1195\n",
		"reason: \"\\\"\" # \"می\u200cخواهم\"\n" + target + "Port: 1195\n",
		"\"می\u200cخواهم\": a\n" + target + "Port: 1195\n",
		"reason: \"a\u200cb\"\n" + target + "Port: 1195\n",
		"reason: \"می\u200c\u200cخواهم\"\n" + target + "Port: 1195\n",
		"reason: \"می\u200c\"\n" + target + "Port: 1195\n",
	} {
		if _, problems := manifest.Parse([]byte(text), options(manifest.YAML)); len(problems) != 1 || problems[0].Rule != document.RuleEncoding {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

// TestAttackEscapesOfHiddenCharacters writes a hidden character as an escape, which the
// document shows and a record would not.
func TestAttackEscapesOfHiddenCharacters(t *testing.T) {
	t.Parallel()
	for _, escape := range []string{`\u202e`, `\u2028`, `\u0085`, `\u200b`, `\u3164`, `\u2800`, `\u034f`, `\ufe0f`, `\ue000`, `\u00ad`} {
		for _, key := range []string{"reason", "ref", "requestedBy", "Name"} {
			text := fmt.Sprintf(`{%s, "Port": 1195, %q: "ab%sc"}`, jsonTarget, key, escape)
			for _, format := range []manifest.Format{manifest.JSON, manifest.YAML} {
				if reqs, problems := manifest.Parse([]byte(text), options(format)); len(problems) == 0 {
					t.Errorf("%s as %s was accepted: %+v", text, format, reqs)
				}
			}
		}
	}
}

// repeated renders a text of at least n bytes: the part again and again.
func repeated(before, part, after string) func(int) []byte {
	return func(n int) []byte {
		return []byte(before + strings.Repeat(part, 1+n/len(part)) + after)
	}
}

// numbered is repeated with a part that has a number.
func numbered(before, part, after string) func(int) []byte {
	return func(n int) []byte {
		var b strings.Builder
		b.WriteString(before)
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, part, i)
		}
		return []byte(b.String() + after)
	}
}

type costly struct {
	name   string
	format manifest.Format
	build  func(int) []byte
}

// worst are the documents that cost the parsers most.
func worst() []costly {
	y, j := manifest.YAML, manifest.JSON
	entry := "- {RegionId: cn-hangzhou, SslVpnServerId: vss-%d, Port: 1195}\n"
	return []costly{
		{"directives", y, numbered("", "%%TAG !%d! tag:x,2000:\n", "---\na: b\n")},
		{"versions", y, repeated("", "%YAML 1.1\n", "---\na: b\n")},
		{"directives between documents", y, numbered("a: b\n", "---\na: b\n...\n%%TAG !%d! tag:x,2000:\n", "---\na: b\n")},
		{"anchors", y, numbered("", "- &a%d x\n", "")},
		{"aliases", y, repeated("- &a x\n", "- *a\n", "")},
		{"merge keys", y, numbered("a: &a {x: y}\n", "b%d: {<<: *a}\n", "")},
		{"tags", y, repeated("", "- !!str a\n", "")},
		{"a long tag", y, repeated("- !", "a", " b\n")},
		{"lists in lists", y, repeated("", "[", "")},
		{"lists in lines", y, repeated("", "- ", "a\n")},
		{"keys in lines", y, repeated("", "? ", "a\n")},
		{"stairs", y, repeated("", "a:\n b:\n  c:\n   d:\n    e:\n     f:\n", "")},
		{"mappings in mappings", y, repeated("", "{a: ", "")},
		{"many documents", y, repeated("", "---\n", "")},
		{"many small documents", y, repeated("", "---\na: b\n", "")},
		{"values", y, repeated("[", "0,", "]")},
		{"lines", y, repeated("", "- a\n", "")},
		{"empty lines", y, repeated("", "\n", "a: b\n")},
		{"blanks", y, repeated("", " ", "")},
		{"tabs", y, repeated("", "\t", "")},
		{"lines of tabs", y, repeated("", "\t\n", "a: b\n")},
		{"comments", y, repeated("", "# a\n", "a: b\n")},
		{"comments in a list", y, repeated("- a\n", "# a\n", "- b\n")},
		{"comments behind values", y, repeated("", "- a # b\n", "")},
		{"comments behind values on one line", y, repeated("[", "a,", "] # b\n")},
		{"comments in brackets", y, repeated("{", "# c\na: b,\n", "}")},
		{"unknown keys", y, numbered("", "key%d: v\n", "")},
		{"long unknown keys", y, numbered("", "SslVpnServerIdSslVpnServerIdSslVpnServerIdSslVpnServerId%d: v\n", "")},
		{"one key", y, repeated("", "Port: 1\n", "")},
		{"keys with one beginning", y, numbered("", strings.Repeat("p", 200)+"%d: v\n", "")},
		{"a long key", y, repeated("", "x", ": v\n")},
		{"a long text", y, repeated("reason: ", "x", "\n")},
		{"a long text in quotes", y, repeated("reason: \"", "x\n ", "\"\n")},
		{"escapes", y, repeated("reason: \"", `\x41`, "\"\n")},
		{"quotes", y, repeated("reason: '", "''", "'\n")},
		{"an open quote", y, repeated("reason: \"", "x\n ", "")},
		{"a literal", y, repeated("reason: |\n", " x\n", "")},
		{"a folded text", y, repeated("reason: >\n", " x\n\n", "")},
		{"a literal of blanks", y, repeated("reason: |\n", "\n", " x\n")},
		{"colons", y, repeated("", ":", "")},
		{"joiners in quotes", y, repeated("reason: \"", "می\u200c", "م\"\n")},
		{"many quoted joiners", y, repeated("[", "\"م\u200cم\", ", "]")},
		{"many joiners outside quotes", y, repeated("[", "م\u200cم, ", "]")},
		{"a reason for many changes", y, func(n int) []byte {
			return append(repeated("reason: ", "x", "\nchanges:\n")(n/2), numbered("", entry, "")(min(n/2, 900*len(entry)))...)
		}},
		{"a document of problems", y, numbered("changes:\n", "- {RegionId: x, SslVpnServerId: %d, Port: 22}\n", "")},
		{"a list of networks", y, repeated(target+"LocalSubnet: ", "10.0.0.0/8,", "10.0.0.0/8\n")},
		{"networks with other signs", y, repeated(target+"LocalSubnet: ", "10.0.0.0/8;", "10.0.0.0/8\n")},
		{"broken at the end", y, repeated("", "a: b\n", "\tc\n")},
		{"full-width colons", y, repeated("", "Port：1195\n", "a: b\n")},
		{"open brackets", j, repeated("", "[", "")},
		{"open objects", j, repeated("", `{"a":`, "")},
		{"a list in JSON", j, repeated("[", "0,", "0]")},
		{"keys in JSON", j, numbered("{", `"k%d":1,`, `"z":1}`)},
		{"one key in JSON", j, repeated("{", `"Port":1,`, `"z":1}`)},
		{"a long text in JSON", j, repeated(`{"reason":"`, "x", `"}`)},
		{"escapes in JSON", j, repeated(`{"reason":"`, `\u0041`, `"}`)},
		{"line ends in JSON", j, repeated("[", "\n", "1]")},
		{"a long number", j, repeated("[", "1", "]")},
		{"documents in JSON", j, repeated("", "{} ", "")},
		{"curly quotes", j, repeated("[", "“", "]")},
	}
}

// TestAttackDocumentsCostTheirSize quadruples the worst documents. Half a MiB of
// directives cost seconds before.
func TestAttackDocumentsCostTheirSize(t *testing.T) {
	t.Parallel()
	for _, d := range worst() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			growth.Linear(t, 60<<10, d.build, func(data []byte) { manifest.Parse(data, options(d.format)) })
		})
	}
}

// TestAttackTheLargestDocumentsAreBounded reads the worst documents at their largest.
func TestAttackTheLargestDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 3 * time.Second // of CPU time, on a slow machine
	for _, d := range worst() {
		if !slices.Contains([]string{"directives", "values", "comments", "unknown keys", "long unknown keys", "a reason for many changes", "a document of problems", "many quoted joiners", "many small documents", "keys in JSON"}, d.name) {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			growth.Within(t, limit, d.build(manifest.MaxSize-1000), func(data []byte) { manifest.Parse(data, options(d.format)) })
		})
	}
}

// files renders documents that belong elsewhere.
func files(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{
		"a list of servers.json":       `{"PageNumber": 1, "SslVpnServers": {"SslVpnServer": [{"Port": 1194}]}, "RequestId": "a"}`,
		"the output of a list.json":    `{"VpnGateways": {"VpnGateway": []}, "TotalCount": 0, "RequestId": "a"}`,
		"an error of the API.json":     `{"RequestId": "a", "Code": "Forbidden", "Message": "m"}`,
		"Terraform.json":               `{"resource": {"alicloud_ssl_vpn_server": {"a": {"port": 1194}}}}`,
		"a state of Terraform.json":    `{"version": 4, "terraform_version": "1.9.0"}`,
		"Kubernetes.yaml":              "apiVersion: v1\nkind: ConfigMap\n",
		"Ansible.yaml":                 "- hosts: all\n  tasks: []\n",
		"CloudFormation.yaml":          "AWSTemplateFormatVersion: '2010-09-09'\n",
		"a policy of RAM.json":         `{"Version": "1", "Statement": []}`,
		"Serverless Devs.yaml":         "edition: 3.0.0\nname: a\nresources: {}\n",
		"a policy.yaml":                "people: []\ngrants: []\n",
		"a policy of grants.json":      `{"grants": []}`,
		"a record.json":                `{"schema": "sslvpn-change/record/v1", "id": "20261122-a"}`,
		"a receipt.json":               `{"schema": "sslvpn-change/receipt/v1", "file": "a"}`,
		"a notice.json":                `{"schema": "sslvpn-change/notice/v1", "id": "a"}`,
		"a description of an API.yaml": "openapi: 3.1.0\n",
	}
	ros, err := os.ReadFile("testdata/documents/ros.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out["ROS.yaml"] = string(ros)
	return out
}

func TestDocumentsOfOtherKindsAreRecognized(t *testing.T) {
	t.Parallel()
	for name, text := range files(t) {
		format, _ := manifest.FormatOf(name)
		_, problems := manifest.Parse([]byte(text), options(format))
		if len(problems) != 1 || problems[0].Rule != document.RuleOtherDocument || !strings.HasPrefix(problems[0].Message, "this is a") || problems[0].Hint == "" {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestAReplyOfTheAPIIsToldKeyByKey(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "documents", "reply.json"))
	if err != nil {
		t.Fatal(err)
	}
	_, problems := manifest.Parse(data, options(manifest.JSON))
	var keys []string
	for _, p := range problems {
		keys = append(keys, p.Path)
		if p.Rule != manifest.RuleRefusedParameter || p.Hint != "reported by the API, cannot be set: remove it" {
			t.Errorf("%v", p)
		}
	}
	want := []string{"VpnGatewayId", "CreateTime", "Connections", "MaxConnections", "InternetIp", "IDaaSInstanceVersion", "ResourceGroupId"}
	if !slices.Equal(keys, want) {
		t.Errorf("problems with %q, want %q", keys, want)
	}
}

func TestHintsGuessWithinASmallDistanceOnly(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"Prt": "Port", "RegionID": "RegionId", "SslVpnServerld": "SslVpnServerId", "Chipher": "Cipher", "LocalSubnets": "LocalSubnet",
		"GatewayName": "", "Description": "", "CreatedAt": "", "Zone": "", "x": "", "Status": "", "VpcId": "", "Owner": "",
	} {
		_, problems := manifest.Parse([]byte(target+"Port: 1195\n"+key+": a\n"), options(manifest.YAML))
		i := slices.IndexFunc(problems, func(p change.Problem) bool { return p.Rule == document.RuleUnknownKey })
		if i < 0 {
			t.Errorf("%s: %v", key, problems)
			continue
		}
		if got := strings.TrimPrefix(problems[i].Hint, "the nearest known key is "); want != "" && got != want || want == "" && strings.Contains(got, "nearest") {
			t.Errorf("%s: %q", key, problems[i].Hint)
		}
	}
}

func TestSeparatorsOfNetworks(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{";", "；", "，", "、", "/", "|", " ", "  ", " / ", " and ", "和", "\\n", "\\t", "\\u00a0", "+", "／", "。"} {
		text := `{` + jsonTarget + `, "LocalSubnet": "10.0.1.0/24` + sign + `10.0.2.0/24"}`
		_, problems := manifest.Parse([]byte(text), options(manifest.JSON))
		if len(problems) != 1 || problems[0].Rule != change.RuleCIDRSyntax || problems[0].Hint != "separate networks with commas" {
			t.Errorf("%s: %v", text, problems)
		}
	}
}

func TestLineOfSyntaxErrors(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	lines.WriteString("changes:\n")
	for i := range 40 {
		fmt.Fprintf(&lines, "  - RegionId: cn-hangzhou\n    SslVpnServerId: vss-%d\n    Port: 1195\n", i)
	}
	long := lines.String()
	for _, tt := range []struct {
		name   string
		format manifest.Format
		text   string
		line   int
		want   string // in the message or hint
	}{
		{"one blank too few", manifest.YAML, strings.Replace(long, "    Port: 1195\n  - RegionId: cn-hangzhou\n    SslVpnServerId: vss-28\n", "   Port: 1195\n  - RegionId: cn-hangzhou\n    SslVpnServerId: vss-28\n", 1), 85, "indentation"},
		{"a text behind a quoted one", manifest.YAML, target + "reason: \"a\" b\nPort: 1195\n", 3, ""},
		{"a tab", manifest.YAML, "changes:\n  - RegionId: cn-hangzhou\n    SslVpnServerId: vss-a\n\tPort: 1195\n", 4, "indent with spaces"},
		{"a tab behind blanks", manifest.YAML, "changes:\n  - RegionId: cn-hangzhou\n    SslVpnServerId: vss-a\n  \tPort: 1195\n", 4, "indent with spaces"},
		{"a bracket that is not closed", manifest.YAML, target + "expect: {Port: 1194\nPort: 1195\n", 4, ""},
		{"a list in a mapping", manifest.YAML, target + "Port: 1195\n- a\n", 4, ""},
		{"an escape", manifest.YAML, target + "Port: 1195\nreason: \"a\\qb\"\n", 4, ""},
		{"a full-width colon", manifest.YAML, target + "Port：1195\nName: ab\n", 3, "full-width"},
		{"a full-width colon at the end", manifest.YAML, target + "Port：1195\n", 3, "full-width"},
		{"a full-width colon alone", manifest.YAML, "Port：1195\n", 1, "full-width"},
		{"a full-width colon without a blank", manifest.YAML, "RegionId：cn-hangzhou\nSslVpnServerId：vss-a\nPort：1195\n", 1, "full-width"},
		{"curly quotes", manifest.JSON, "{\n  “Port”: 1195}", 2, "column 3 has “ (U+201C)"},
		{"a no-break space", manifest.JSON, "{\"a\":\u00a01}", 1, "U+00A0"},
		{"a full-width comma", manifest.JSON, "{\"a\": 1，\n\"b\": 2}", 1, "， (U+FF0C)"},
		{"a full-width colon in JSON", manifest.JSON, "{\n\"a\"：1}", 2, "： (U+FF1A)"},
		{"a word", manifest.JSON, "{\"a\": 是}", 1, "是 (U+662F)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, problems := manifest.Parse([]byte(tt.text), options(tt.format))
			if len(problems) == 0 || problems[0].Line != tt.line || !strings.Contains(problems[0].Message+problems[0].Hint, tt.want) {
				t.Errorf("%v, want line %d and %q", problems, tt.line, tt.want)
			}
			for _, p := range problems {
				if strings.ContainsRune(p.Message, 'â') {
					t.Errorf("a broken character: %v", p)
				}
			}
		})
	}
}

func TestCommentsInPlaceOfValues(t *testing.T) {
	t.Parallel()
	const quote = "# starts a comment: put the value in quotes"
	for line, want := range map[string]string{
		"ref: #1042": quote, "ref: # 1042": quote, "Port: #1195": quote, "Name: #vpn": quote,
		"Name: vpn #1":      "put the whole text in quotes; if a comment is meant, write a blank after the #",
		"reason: see #1042": "put the whole text in quotes; if a comment is meant, write a blank after the #",
		"ref: CHG\t#1":      "put the whole text in quotes; if a comment is meant, write a blank after the #",
	} {
		_, problems := manifest.Parse([]byte(target+"Compress: true\n"+line+"\n"), options(manifest.YAML))
		if len(problems) != 1 || problems[0].Hint != want || problems[0].Line != 4 {
			t.Errorf("%s: %v", line, problems)
		}
	}
}

func TestOtherBlanksInPlaceOfBlanks(t *testing.T) {
	t.Parallel()
	for _, blank := range []string{"\u00a0", "\u3000", "\u2003"} {
		_, problems := manifest.Parse([]byte(target+blank+"Port: 1195\n"), options(manifest.YAML))
		if len(problems) == 0 || !strings.Contains(problems[0].Hint+problems[0].Message, fmt.Sprintf("%U", []rune(blank)[0])) {
			t.Errorf("%q: %v", blank, problems)
		}
	}
}
