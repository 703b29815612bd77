package command_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// A pasted line of another program is answered with the command that it means, and is
// never a command itself.
func TestLinesOfOtherToolsAreAnsweredWithTheCommand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, line, want string }{
		{"aliyun-cli", "aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Port 1195 --RegionId cn-hangzhou", "apply cn-hangzhou/vss-bp18q7 port=1195"},
		{"with =", "aliyun vpc ModifySslVpnServer --SslVpnServerId=vss-bp18q7 --Port=1195 --Proto=TCP", "apply vss-bp18q7 proto=TCP port=1195"},
		{"with the names of its plug-in", "aliyun vpc modify-ssl-vpn-server --ssl-vpn-server-id vss-bp18q7 --client-ip-pool 10.30.30.0/24 --region cn-beijing", "apply cn-beijing/vss-bp18q7 client_ip_pool=10.30.30.0/24"},
		{"after a mention and a prompt", "@bot $ aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Compress false", "apply vss-bp18q7 compress=false"},
		{"on several lines", "aliyun vpc ModifySslVpnServer \\\n  --SslVpnServerId vss-bp18q7 \\\n  --Name 'my vpn' \\\n  --Cipher AES-256-CBC", ""},
		{"with a name", "aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Name office-vpn", "apply vss-bp18q7 name=office-vpn"},
		{"a dry run, with credentials", "aliyun --profile prod --access-key-secret s3cr3t vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Port 1195 --DryRun true --ClientToken x", "apply vss-bp18q7 port=1195 --dry-run"},
		{"a long dash for two hyphens", "aliyun vpc ModifySslVpnServer —SslVpnServerId vss-bp18q7 —Port 1195", "apply vss-bp18q7 port=1195"},
		{"by its path", "/usr/local/bin/aliyun vpc DescribeSslVpnServers --RegionId cn-hangzhou --VpnGatewayId vpn-1", "servers"},
		{"one server", "aliyun vpc DescribeSslVpnServers --RegionId cn-hangzhou --SslVpnServerId vss-bp18q7", "status cn-hangzhou/vss-bp18q7"},
		{"a call in an address", "curl 'https://vpc.aliyuncs.com/?Action=ModifySslVpnServer&RegionId=cn-hangzhou&SslVpnServerId=vss-bp18q7&Port=1195&AccessKeyId=LTAI&Signature=abc%3D'", "apply cn-hangzhou/vss-bp18q7 port=1195"},
		{"vpnctl", "vpnctl apply vss-bp18q7 port=1195", "apply vss-bp18q7 port=1195"},
		{"vpnctl of vpnctl", strings.Repeat("vpnctl ", 500), ""},
		{"another action", "aliyun vpc DeleteSslVpnServer --SslVpnServerId vss-bp18q7", ""},
		{"another service", "aliyun ecs DescribeInstances", ""},
		{"curl of something", `curl -X POST https://fc.example.com/v1/changes -H "webhook-id: 1" -d '{"Port":1195}'`, ""},
		{"Terraform", "resource \"alicloud_ssl_vpn_server\" \"x\" {\n  port = 1195\n}", ""},
		{"a change file", "RegionId: cn-hangzhou\nSslVpnServerId: vss-bp18q7\nPort: 1195", ""},
		{"a change file in JSON", `{"SslVpnServerId": "vss-bp18q7", "Port": 1195}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := command.Parse(tt.line)
			e, ok := errors.AsType[*command.Error](err)
			if !ok || e.Rule != command.RuleOtherTool || c.Verb != "" {
				t.Fatalf("taken as %#v, %v", c, err)
			}
			for _, tag := range []lang.Tag{lang.English, lang.Chinese} {
				text := e.Text(tag)
				if !strings.Contains(text, tt.want) || lang.Of(text, lang.English) != tag || strings.Contains(text, "s3cr3t") || strings.Contains(text, "LTAI") {
					t.Errorf("it says %s", text)
				}
			}
			if tt.want == "" {
				if e.Meant != nil {
					t.Errorf("it means %s", e.Meant)
				}
				return
			}
			if e.Meant == nil || e.Meant.String() != tt.want {
				t.Errorf("it means %v, want %s", e.Meant, tt.want)
			}
		})
	}
}

// What is wrong with the values of such a line is said as well.
func TestProblemsOfLinesOfOtherTools(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Port 443":  "port-reserved",
		"aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Prot TCP":  "unknown-key",
		"aliyun vpc ModifySslVpnServer --Port 1195 --RegionId cn-hangzhou":      "missing-server",
		"aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7":             "no-settings",
		"vpnctl aply vss-bp18q7 port=1195":                                      "unknown-verb",
		"aliyun vpc ModifySslVpnServer --SslVpnServerId vss-bp18q7 --Port 11x5": "not-a-number",
	} {
		_, err := command.Parse(line)
		e, ok := errors.AsType[*command.Error](err)
		if !ok || e.Meant != nil || !slices.ContainsFunc(e.Problems, func(p command.Problem) bool { return string(p.Rule) == want }) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	// A command may name such a program.
	for _, line := range []string{"apply vss-bp18q7 port=1195 reason=“curl fails”", "apply aliyun port=1195", "status terraform"} {
		if _, err := command.Parse(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
