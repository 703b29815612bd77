package policy_test

import (
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

const example = `people:
  - name: zhang.san
    lang: zh
    accounts:
      - {door: dingtalk, tenant: ding0123, user: manager0417}
      - {door: slack, tenant: T1DC2JH3J, user: U2CERLKJA}
      - {door: http, user: bot}
      - {door: file, user: "20412345678"}
      - {door: timer, user: night}
  - name: li.si
    lang: en
    timeZone: Europe/Berlin
    accounts: [{door: feishu, tenant: t1, user: ou_1}]
  - name: wang.wu
    accounts: [{door: wecom, tenant: ww1, user: wang}]
servers:
  - {name: office-hangzhou, RegionId: cn-hangzhou, SslVpnServerId: vss-bp1}
  - {name: 研发VPN, RegionId: cn-beijing, SslVpnServerId: vss-2ze}
grants:
  - {who: ["*"], roles: [viewer], servers: ["*"]}
  - {who: [zhang.san], roles: [operator], servers: ["office-*", cn-beijing/vss-2ze], settings: [Port, Proto, "IDaaS*"]}
  - {who: [li.si], roles: [approver], servers: ["*"]}
  - {who: [wang.wu], roles: [admin], servers: ["*"]}
approvals:
  - {servers: ["office-*"], settings: ["*"], need: 1}
  - {servers: ["*"], settings: [EnableMultiFactorAuth, IDaaSRegionId], need: 2}
tests:
  - "everybody may view * and cn-hangzhou/vss-other"
  - "only zhang.san and wang.wu may apply port, proto, IDaaS* to *"
  - "only wang.wu may apply name, pool, subnet, cipher, compress, mfa to *"
  - "only wang.wu may apply anything to cn-hangzhou/vss-other"
  - "only li.si and wang.wu may approve anything of * and cn-hangzhou/vss-other"
  - "only wang.wu may cancel anything of * and cn-hangzhou/vss-other"
  - "mfa, IDaaSRegionId of * and cn-hangzhou/vss-other needs 2"
  - "name, pool, subnet, proto, port, cipher, compress, IDaaSInstanceId, IDaaSApplicationId of office-hangzhou needs 1"
  - "name, pool, subnet, proto, port, cipher, compress, IDaaSInstanceId, IDaaSApplicationId of 研发VPN and cn-hangzhou/vss-other needs 0"
`

type doc struct {
	name   string
	format document.Format
	text   string
	want   []string // problems as "line path rule"; none for a valid one
}

// people and grants that other examples add to.
const (
	one    = "people: [{name: a, accounts: [{door: http, user: a}]}]\n"
	two    = "people: [{name: a, accounts: [{door: http, user: a}]}, {name: b, accounts: [{door: http, user: b}]}]\n"
	grant  = "grants: [{who: [a], roles: [admin], servers: ['*']}]\n"
	office = "servers: [{name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-a}]\n"
)

// calendars has every key of windows and freezes.
const calendars = `people:
- {name: a, accounts: [{door: http, user: a}]}
- {name: b, accounts: [{door: http, user: b}]}
- {name: c, accounts: [{door: http, user: c}]}
servers:
- {name: office-1, RegionId: cn-hangzhou, SslVpnServerId: vss-a}
grants:
- {who: ["*"], roles: [admin], servers: ["*"]}
windows:
- name: nights
  servers: ["office-*"]
  settings: [Port, Proto, Cipher, Compress, ClientIpPool]
  timeZone: Asia/Shanghai
  open:
  - {days: [mon, tue, wed, thu, fri], from: "22:00", to: "06:00"}
  - {days: ["third sat"], from: "09:00", to: "12:00"}
  except: [2027-02-06]
  also: [2027-02-08]
  lastStart: 15m
- name: sundays
  servers: ["*"]
  timeZone: Australia/Lord_Howe
  open:
  - {days: [first sun, second sun, third sun, fourth sun, fifth sun, last sun], from: 00:00, to: 24:00}
freezes:
- name: double-eleven
  servers: ["*"]
  timeZone: Asia/Shanghai
  from: 2026-11-10T00:00
  until: 2026-11-12T12:00
  reason: 双十一
  override: {need: 2}
tests:
- everybody may apply anything to office-1 and cn-hangzhou/vss-other
- everybody may approve anything of office-1 and cn-hangzhou/vss-other
- everybody may cancel anything of office-1 and cn-hangzhou/vss-other
- anything of office-1 and cn-hangzhou/vss-other needs 2 to override double-eleven
- port, proto, cipher, compress, pool of office-1 waits for windows nights and sundays
- name, subnet, mfa, IDaaS* of office-1 waits for window sundays
- anything of cn-hangzhou/vss-other waits for window sundays
- port of office-1 is open at 2026-11-30T22:00+08:00, 2026-12-02T22:00+08:00, 2026-12-04T05:44+08:00 and 2026-12-05T05:44+08:00
- port of office-1 is open at 2026-12-19T09:00+08:00, 2026-12-19T11:44+08:00 and 2027-02-08T12:00+08:00
- port of office-1 is closed at 2026-12-01T21:59+08:00, 2026-12-02T05:45+08:00, 2026-12-04T22:00Z
- port of office-1 is closed at 2026-12-19T08:59+08:00 and 2026-12-19T12:00+08:00
- name of office-1 is open at 2026-11-29T00:00+11:00 and 2026-12-06T23:59+11:00
- name of office-1 is closed at 2026-11-28T23:59+11:00 and 2026-12-07T00:00+11:00
- port of office-1 is closed at 2026-11-10T00:00+08:00, 2026-11-11T23:00+08:00 and 2026-11-12T05:00+08:00
- port of office-1 is open at 2026-11-09T23:59+08:00 and 2026-11-12T22:00+08:00
`

func validDocuments() []doc {
	return []doc{
		{"the example", document.YAML, example, nil},
		{"the least", document.YAML, "people: []\ngrants: []\n", nil},
		{"JSON", document.JSON, `{"people": [{"name": "a", "accounts": [{"door": "http", "user": "a"}]}], "grants": [{"who": ["a"], "roles": ["admin"], "servers": ["*"]}]}`, nil},
		{"JSON as YAML", document.YAML, `{"people": [], "grants": []}`, nil},
		{"empty lists", document.YAML, "people: []\ngrants: []\nservers: []\napprovals: []\n", nil},
		{"an id that nobody listed", document.YAML, one + "grants: [{who: ['*'], roles: [viewer, approver], servers: [vss-bp1, cn-hangzhou/vss-a, 'cn-*/vss-b*', 'vss-*a']}]\n", nil},
		{"a name in another case", document.YAML, one + office + "grants: [{who: [a], roles: [viewer], servers: [OFFICE, 'Off*']}]\n", nil},
		{"a Chinese person", document.YAML, "people: [{name: 张三, accounts: [{door: wecom, tenant: ww1, user: 张三}]}]\ngrants: []\n", nil},
		{"one id in two regions", document.YAML, one + "servers: [{name: x1, RegionId: cn-a1, SslVpnServerId: vss-a}, {name: x2, RegionId: cn-b1, SslVpnServerId: vss-a}]\n" + grant, nil},
		{"an approval of what nobody may ask for", document.YAML, one + "grants: [{who: [a], roles: [approver], servers: ['*']}]\napprovals: [{servers: ['*'], need: 1}]\n", nil},
		{"one admin beside an operator", document.YAML, two + "grants: [{who: [a], roles: [admin], servers: ['*']}, {who: [b], roles: [operator], servers: ['*']}]\napprovals: [{servers: ['*'], need: 1}]\n", nil},
		{"guards", document.YAML, two + office + "grants: [{who: ['*'], roles: [admin], servers: ['*']}]\nguards:\n- {servers: [office], settings: [Port, 'IDaaS*'], maxConnected: 20, otherwise: refuse}\n- {servers: ['*'], maxConnected: 0, otherwise: approval}\n", nil},
		{"confirmations", document.YAML, one + office + grant + "confirmations:\n- {servers: [office], settings: [Port], for: 1h30m, proof: true}\n- {servers: ['*'], proof: true}\n- {servers: ['*'], for: 24h, proof: false}\n", nil},
		{"notifications", document.YAML, one + office + grant + "notify:\n- {servers: [office], rooms: [{door: slack, tenant: T1, room: C1, lang: zh, timeZone: Asia/Shanghai, digest: '09:00'}, {door: feishu, tenant: t, room: oc_1, timeZone: UTC}], mention: false, remind: false, quiet: '23:30-07:00'}\n- {servers: ['*'], quiet: none, rooms: [{door: slack, tenant: T1, room: C1, timeZone: UTC}]}\n", nil},
		{"empty lists of rules", document.YAML, "people: []\ngrants: []\nguards: []\nconfirmations: []\nnotify: []\nwindows: []\nfreezes: []\n", nil},
		{"windows and freezes", document.YAML, calendars, nil},
		{"a window of one day", document.YAML, one + grant + "windows: [{name: 春节, servers: ['*'], timeZone: UTC, also: [2027-02-08], lastStart: 23h59m}]\n", nil},
		{"a freeze without reason", document.YAML, one + grant + "freezes: [{name: a, servers: ['*'], timeZone: UTC, from: 2026-11-10T00:00, until: 2026-11-10T00:01}]\n", nil},
		{"a window and a freeze of one name", document.YAML, one + grant + "windows: [{name: a, servers: ['*'], timeZone: UTC, also: [2027-02-08]}]\nfreezes: [{name: A, servers: ['*'], timeZone: UTC, from: 2026-11-10T00:00, until: 2026-11-10T00:01}]\n", nil},
		{"tests", document.YAML, withTests("everybody may view office-*", "only wang.wu may apply name=vpn-1 to *", "port of office-beijing needs 2", "mei may not view cn-shanghai/vss-other"), nil},
		{"no tests", document.YAML, one + grant + "tests: []\n", nil},
		{"approvers of one setting only", document.YAML, two + "grants: [{who: ['*'], roles: [operator], servers: ['*']}, {who: [a], roles: [approver], servers: ['*'], settings: [Port]}]\napprovals: [{servers: ['*'], need: 1}]\n", nil},
	}
}

func invalidDocuments() []doc {
	person := func(s string) string { return "people:\n- " + s + "\ngrants: []\n" }
	account := func(s string) string { return person("{name: a, accounts: [" + s + "]}") }
	server := func(s string) string { return one + grant + "servers:\n- " + s + "\n" }
	granted := func(s string) string { return one + office + "grants:\n- " + s + "\n" }
	approval := func(s string) string { return two + grant + "approvals:\n- " + s + "\n" }
	notified := func(s string) string { return one + grant + "notify:\n- " + s + "\n" }
	room := func(s string) string { return notified("{servers: ['*'], rooms: [" + s + "]}") }
	windowed := func(s string) string {
		return one + grant + "windows:\n- {name: w, servers: ['*'], timeZone: UTC, " + s + "}\n"
	}
	hours := func(s string) string { return windowed("open: [{" + s + "}]") }
	frozen := func(s string) string {
		return one + grant + "freezes:\n- {name: f, servers: ['*'], timeZone: UTC, " + s + "}\n"
	}
	yaml := document.YAML
	return []doc{
		{"nothing", yaml, "", []string{"1  empty-document"}},
		{"a comment", yaml, "# later\n", []string{"1  empty-document"}},
		{"null", yaml, "---\n", []string{"2  empty-document"}},
		{"a list", yaml, "- a\n", []string{"1  wrong-type"}},
		{"a text", document.JSON, `"a"`, []string{"1  wrong-type"}},
		{"two documents", yaml, "people: []\ngrants: []\n---\npeople: []\n", []string{"4  several-documents"}},
		{"an anchor", yaml, "people: &a []\ngrants: *a\n", []string{"1  yaml-anchor"}},
		{"a tag", yaml, "people: !!seq []\ngrants: []\n", []string{"1  yaml-tag"}},
		{"a directive", yaml, "%YAML 1.1\n---\npeople: []\ngrants: []\n", []string{"1  yaml-directive"}},
		{"a change file", yaml, "changes: []\n", []string{"1  other-document"}},
		{"names that look alike", yaml, "people: [{name: mei, accounts: [{door: http, user: a}]},\n{name: mеi, accounts: [{door: http, user: b}]}]\ngrants: []\n", []string{"2 people[1].name name-look-alike"}},
		{"broken YAML", yaml, "people: [\n", []string{"1  yaml-syntax"}},
		{"broken JSON", document.JSON, `{"people": [}`, []string{"1  json-syntax"}},
		{"two JSON documents", document.JSON, "{}\n{}", []string{"2  json-syntax"}},
		{"another format", "toml", "a", []string{"0  format-unknown"}},
		{"no UTF-8", yaml, "people: [\xff]\n", []string{"1  encoding"}},
		{"deep", yaml, strings.Repeat("[", 20) + strings.Repeat("]", 20), []string{"1  too-deep"}},
		{"large", yaml, strings.Repeat("#", document.MaxSize+1), []string{"0  too-large"}},
		{"an unknown key", yaml, "people: []\ngrants: []\napproval: []\n", []string{"3 approval unknown-key"}},
		{"a misspelt key is not missing as well", yaml, "peple: []\ngrants: []\n", []string{"1 peple unknown-key"}},
		{"a key twice", yaml, "people: []\npeople: []\ngrants: []\n", []string{"2 people duplicate-key"}},
		{"nothing required", document.JSON, "{\n}", []string{"1 grants key-missing", "1 people key-missing"}},
		{"people that are a mapping", yaml, "people: {}\ngrants: []\n", []string{"1 people wrong-type"}},
		{"people without value", yaml, "people:\ngrants: []\n", []string{"1 people wrong-type"}},
		{"a person that is a text", yaml, person("a"), []string{"2 people[0] wrong-type"}},
		{"a person without anything", yaml, person("{}"), []string{"2 people[0].accounts key-missing", "2 people[0].name key-missing"}},
		{"a number for a name", yaml, person("{name: 1, accounts: [{door: http, user: a}]}"), []string{"2 people[0].name wrong-type"}},
		{"everybody for a name", yaml, person("{name: '*', accounts: [{door: http, user: a}]}"), []string{"2 people[0].name person-name-format"}},
		{"an account for a name", yaml, person("{name: 'http:bot', accounts: [{door: http, user: a}]}"), []string{"2 people[0].name person-name-format"}},
		{"an empty name", yaml, person("{name: '', accounts: [{door: http, user: a}]}"), []string{"2 people[0].name person-name-format"}},
		{"a name with blanks", yaml, person("{name: zhang san, accounts: [{door: http, user: a}]}"), []string{"2 people[0].name person-name-format"}},
		{"a long name", yaml, person("{name: " + strings.Repeat("a", 65) + ", accounts: [{door: http, user: a}]}"), []string{"2 people[0].name person-name-format"}},
		{"a name twice", yaml, "people:\n- {name: ab, accounts: [{door: http, user: a}]}\n- {name: AB, accounts: [{door: http, user: b}]}\ngrants: []\n", []string{"3 people[1].name person-duplicate"}},
		{"a language of others", yaml, person("{name: a, lang: fr, accounts: [{door: http, user: a}]}"), []string{"2 people[0].lang lang-unknown"}},
		{"no accounts", yaml, person("{name: a, accounts: []}"), []string{"2 people[0].accounts empty-list"}},
		{"an account that is a text", yaml, account("bot"), []string{"2 people[0].accounts[0] wrong-type"}},
		{"an unknown key of an account", yaml, account("{door: http, usr: a}"), []string{"2 people[0].accounts[0].usr unknown-key"}},
		{"no door", yaml, account("{user: a}"), []string{"2 people[0].accounts[0].door key-missing"}},
		{"an unknown door", yaml, account("{door: teams, tenant: a, user: a}"), []string{"2 people[0].accounts[0].door door-unknown"}},
		{"no tenant", yaml, account("{door: slack, user: a}"), []string{"2 people[0].accounts[0].tenant key-missing"}},
		{"a misspelt tenant is not missing as well", yaml, account("{door: slack, tenent: T, user: a}"), []string{"2 people[0].accounts[0].tenent unknown-key"}},
		{"a tenant of a file", yaml, account("{door: file, tenant: a, user: a}"), []string{"2 people[0].accounts[0].tenant tenant-not-taken"}},
		{"a principal that YAML takes for a number", yaml, account("{door: file, user: 20412345678}"), []string{"2 people[0].accounts[0].user wrong-type"}},
		{"an empty user", yaml, account("{door: file, user: ''}"), []string{"2 people[0].accounts[0].user account-format"}},
		{"a user with a blank", yaml, account("{door: file, user: 'a b'}"), []string{"2 people[0].accounts[0].user account-format"}},
		{"a user of a page", yaml, account("{door: file, user: " + strings.Repeat("x", 129) + "}"), []string{"2 people[0].accounts[0].user account-format"}},
		{"an account of two people", yaml, "people:\n- {name: a, accounts: [{door: http, user: a}]}\n- {name: b, accounts: [{door: http, user: a}]}\ngrants: []\n", []string{"3 people[1].accounts[0] account-shared"}},
		{"an account twice", yaml, account("{door: http, user: a}, {door: http, user: a}"), []string{"2 people[0].accounts[1] account-shared"}},
		{"a server without anything", yaml, server("{}"), []string{"4 servers[0].RegionId key-missing", "4 servers[0].SslVpnServerId key-missing", "4 servers[0].name key-missing"}},
		{"a server with empty ids", yaml, server("{name: s, RegionId: '', SslVpnServerId: ''}"), []string{"4 servers[0].RegionId key-missing", "4 servers[0].SslVpnServerId key-missing"}},
		{"a server with bad ids", yaml, server("{name: s, RegionId: Hangzhou, SslVpnServerId: vpn-a}"), []string{"4 servers[0].RegionId region-format", "4 servers[0].SslVpnServerId server-id-format"}},
		{"a name like a server's id", yaml, server("{name: VSS-office, RegionId: cn-hangzhou, SslVpnServerId: vss-a}"), []string{"4 servers[0].name server-name-format"}},
		{"a name like a change's id", yaml, server("{name: 20261122-7f3akq2cd2, RegionId: cn-hangzhou, SslVpnServerId: vss-a}"), []string{"4 servers[0].name server-name-format"}},
		{"a name with a slash", yaml, server("{name: a/b, RegionId: cn-hangzhou, SslVpnServerId: vss-a}"), []string{"4 servers[0].name server-name-format"}},
		{"a name in full-width letters", yaml, server("{name: ｏffice, RegionId: cn-hangzhou, SslVpnServerId: vss-a}"), []string{"4 servers[0].name server-name-format"}},
		{"a server's name twice", yaml, server("{name: s, RegionId: cn-hangzhou, SslVpnServerId: vss-a}\n- {name: S, RegionId: cn-hangzhou, SslVpnServerId: vss-b}"), []string{"5 servers[1].name server-duplicate"}},
		{"two names of a server", yaml, server("{name: s, RegionId: cn-hangzhou, SslVpnServerId: vss-a}\n- {name: t, RegionId: cn-hangzhou, SslVpnServerId: vss-a}"), []string{"5 servers[1].SslVpnServerId server-duplicate"}},
		{"a grant of nothing", yaml, granted("{}"), []string{"4 grants[0].roles key-missing", "4 grants[0].servers key-missing", "4 grants[0].who key-missing"}},
		{"a grant with empty lists", yaml, granted("{who: [], roles: [], servers: [], settings: []}"), []string{"4 grants[0].roles empty-list", "4 grants[0].servers empty-list", "4 grants[0].settings empty-list", "4 grants[0].who empty-list"}},
		{"a grant to one name without list", yaml, granted("{who: a, roles: [viewer], servers: [office]}"), []string{"4 grants[0].who wrong-type"}},
		{"a grant to nobody known", yaml, granted("{who: [b], roles: [viewer], servers: [office]}"), []string{"4 grants[0].who[0] person-unknown"}},
		{"a grant to a name in another case", yaml, granted("{who: [A], roles: [viewer], servers: [office]}"), []string{"4 grants[0].who[0] person-unknown"}},
		{"everybody and one", yaml, granted("{who: [a, '*'], roles: [viewer], servers: [office]}"), []string{"4 grants[0].who[1] person-unknown"}},
		{"one twice", yaml, granted("{who: [a, a], roles: [viewer], servers: [office]}"), []string{"4 grants[0].who[1] duplicate-entry"}},
		{"a number in who", yaml, granted("{who: [1], roles: [viewer], servers: [office]}"), []string{"4 grants[0].who[0] wrong-type"}},
		{"an editor of the policy for some servers", yaml, granted("{who: [a], roles: [policy-editor], servers: [office]}"), []string{"4 grants[0].servers policy-editor-everywhere"}},
		{"an editor of the policy for a pattern", yaml, granted("{who: [a], roles: [admin, policy-editor], servers: ['off*']}"), []string{"4 grants[0].servers policy-editor-everywhere"}},
		{"an editor of the policy for some settings", yaml, granted("{who: [a], roles: [policy-editor], servers: ['*'], settings: [Port]}"), []string{"4 grants[0].settings policy-editor-everywhere"}},
		{"an assistant who approves", yaml, assisted("{who: [b, a], roles: [viewer, approver], servers: [office]}"), []string{"5 grants[0].roles assistant-role"}},
		{"an assistant who is an admin", yaml, assisted("{who: [a], roles: [admin], servers: ['*']}"), []string{"5 grants[0].roles assistant-role"}},
		{"an assistant who edits the policy", yaml, assisted("{who: [a], roles: [viewer, policy-editor], servers: ['*']}"), []string{"5 grants[0].roles assistant-role"}},
		{"an assistant whose changes nobody may approve", yaml, assisted("{who: [a], roles: [operator], servers: [office]}"), []string{"5 grants[0].roles need-not-reachable"}},
		{"two assistants, and nobody who approves", yaml, "people: [{name: a, assistant: true, accounts: [{door: http, user: a}]}]\nservers: []\ngrants:\n  - {who: [a], roles: [operator], servers: ['*']}\n  - {who: ['*'], roles: [approver], servers: ['*']}", []string{"4 grants[0].roles need-not-reachable"}},
		{"an assistant that is no flag", yaml, "people: [{name: a, assistant: sometimes, accounts: [{door: http, user: a}]}]\ngrants: []", []string{"1 people[0].assistant wrong-type"}},
		{"an unknown role", yaml, granted("{who: [a], roles: [root], servers: [office]}"), []string{"4 grants[0].roles[0] role-unknown"}},
		{"an unknown server", yaml, granted("{who: [a], roles: [viewer], servers: [ofice]}"), []string{"4 grants[0].servers[0] server-unknown"}},
		{"a pattern for nothing", yaml, granted("{who: [a], roles: [viewer], servers: ['prod-*', 'cn-*/office']}"), []string{"4 grants[0].servers[0] server-unknown", "4 grants[0].servers[1] server-unknown"}},
		{"an id that ends in a hyphen", yaml, granted("{who: [a], roles: [viewer], servers: [vss-a-, cn/vss-a]}"), []string{"4 grants[0].servers[0] server-unknown", "4 grants[0].servers[1] server-unknown"}},
		{"other patterns", yaml, granted("{who: [a], roles: [viewer], servers: ['vss-?', 'a/b/c', '', '[a]']}"), []string{"4 grants[0].servers[0] server-pattern", "4 grants[0].servers[1] server-pattern", "4 grants[0].servers[2] server-pattern", "4 grants[0].servers[3] server-pattern"}},
		{"a setting in another spelling", yaml, granted("{who: [a], roles: [viewer], servers: [office], settings: [port, 端口]}"), []string{"4 grants[0].settings[0] unknown-setting", "4 grants[0].settings[1] unknown-setting"}},
		{"a pattern for no setting", yaml, granted("{who: [a], roles: [viewer], servers: [office], settings: ['X*']}"), []string{"4 grants[0].settings[0] unknown-setting"}},
		{"no need", yaml, approval("{servers: ['*'], need: 0}"), []string{"4 approvals[0].need need-range"}},
		{"a need beyond all needs", yaml, approval("{servers: ['*'], need: 11}"), []string{"4 approvals[0].need need-range"}},
		{"a need in quotes", yaml, approval("{servers: ['*'], need: '1'}"), []string{"4 approvals[0].need wrong-type"}},
		{"an approval of nothing", yaml, approval("{}"), []string{"4 approvals[0].need key-missing", "4 approvals[0].servers key-missing"}},
		{"a need that only the asker could meet", yaml, approval("{servers: ['*'], need: 1}"), []string{"4 approvals[0].need need-not-reachable"}},
		{"approvers of other servers", yaml, two + office + "grants: [{who: [a], roles: [operator], servers: [office]}, {who: [b], roles: [approver], servers: [cn-beijing/*]}]\napprovals:\n- {servers: [office], need: 1}\n", []string{"5 approvals[0].need need-not-reachable"}},
		{"approvers of other settings", yaml, two + "grants: [{who: [a], roles: [operator], servers: ['*'], settings: [Port]}, {who: [b], roles: [approver], servers: ['*'], settings: [Proto]}]\napprovals:\n- {servers: ['*'], need: 1}\n", []string{"4 approvals[0].need need-not-reachable"}},
		{"fewer approvers than needed", yaml, two + "grants: [{who: [a], roles: [operator], servers: ['*']}, {who: ['*'], roles: [approver], servers: ['*']}]\napprovals:\n- {servers: ['*'], need: 2}\n", []string{"4 approvals[0].need need-not-reachable"}},
		{"a guard of nothing", yaml, one + grant + "guards:\n- {}\n", []string{"4 guards[0].maxConnected key-missing", "4 guards[0].otherwise key-missing", "4 guards[0].servers key-missing"}},
		{"too few clients", yaml, one + grant + "guards:\n- {servers: ['*'], maxConnected: -1, otherwise: refuse}\n", []string{"4 guards[0].maxConnected max-connected-range"}},
		{"too many clients", yaml, one + grant + "guards:\n- {servers: ['*'], maxConnected: 10001, otherwise: refuse}\n", []string{"4 guards[0].maxConnected max-connected-range"}},
		{"clients in quotes", yaml, one + grant + "guards:\n- {servers: ['*'], maxConnected: '20', otherwise: refuse}\n", []string{"4 guards[0].maxConnected wrong-type"}},
		{"otherwise something else", yaml, one + grant + "guards:\n- {servers: ['*'], maxConnected: 20, otherwise: refused}\n", []string{"4 guards[0].otherwise otherwise-unknown"}},
		{"a guard of an unknown server", yaml, one + grant + "guards:\n- {servers: [nowhere], settings: [q], maxConnected: 20, otherwise: refuse}\n", []string{"4 guards[0].servers[0] server-unknown", "4 guards[0].settings[0] unknown-setting"}},
		{"an approval more that nobody can give", yaml, one + grant + "guards:\n- {servers: ['*'], maxConnected: 20, otherwise: approval}\n", []string{"4 guards[0].otherwise need-not-reachable"}},
		{"a confirmation of nothing", yaml, one + grant + "confirmations:\n- {}\n", []string{"4 confirmations[0] confirmation-empty", "4 confirmations[0].servers key-missing"}},
		{"a confirmation without time", yaml, one + grant + "confirmations:\n- {servers: ['*'], proof: false}\n", []string{"4 confirmations[0] confirmation-empty"}},
		{"a time without unit", yaml, one + grant + "confirmations:\n- {servers: ['*'], for: '10'}\n", []string{"4 confirmations[0].for confirm-format"}},
		{"a time that is a number", yaml, one + grant + "confirmations:\n- {servers: ['*'], for: 10}\n", []string{"4 confirmations[0].for wrong-type"}},
		{"too short a time", yaml, one + grant + "confirmations:\n- {servers: ['*'], for: 59s}\n", []string{"4 confirmations[0].for confirm-range"}},
		{"too long a time", yaml, one + grant + "confirmations:\n- {servers: ['*'], for: 24h1s}\n", []string{"4 confirmations[0].for confirm-range"}},
		{"a notification of nothing", yaml, notified("{}"), []string{"4 notify[0].rooms key-missing", "4 notify[0].servers key-missing"}},
		{"no rooms", yaml, notified("{servers: ['*'], rooms: []}"), []string{"4 notify[0].rooms empty-list"}},
		{"a room without anything", yaml, room("{}"), []string{"4 notify[0].rooms[0].door key-missing", "4 notify[0].rooms[0].room key-missing", "4 notify[0].rooms[0].tenant key-missing"}},
		{"a room that is no platform's", yaml, room("{door: http, tenant: t, room: a}"), []string{"4 notify[0].rooms[0].door door-unknown"}},
		{"an empty room", yaml, room("{door: slack, tenant: T1, room: ''}"), []string{"4 notify[0].rooms[0].room account-format"}},
		{"a tenant with a blank", yaml, room("{door: slack, tenant: 'T 1', room: C1}"), []string{"4 notify[0].rooms[0].tenant account-format"}},
		{"a language of others in a room", yaml, room("{door: slack, tenant: T1, room: C1, lang: fr}"), []string{"4 notify[0].rooms[0].lang lang-unknown"}},
		{"a room twice", yaml, room("{door: slack, tenant: T1, room: C1}, {door: slack, tenant: T1, room: C1}"), []string{"4 notify[0].rooms[1] duplicate-entry"}},
		{"an offset", yaml, room("{door: slack, tenant: T1, room: C1, timeZone: '+08:00'}"), []string{"4 notify[0].rooms[0].timeZone time-zone-unknown"}},
		{"a zone of Windows", yaml, person("{name: a, timeZone: China Standard Time, accounts: [{door: http, user: a}]}"), []string{"2 people[0].timeZone time-zone-unknown"}},
		{"an offset of a person", yaml, person("{name: a, timeZone: '+08:00', accounts: [{door: http, user: a}]}"), []string{"2 people[0].timeZone time-zone-unknown"}},
		{"a city", yaml, room("{door: slack, tenant: T1, room: C1, timeZone: Shanghai}"), []string{"4 notify[0].rooms[0].timeZone time-zone-unknown"}},
		{"a way out of the zones", yaml, room("{door: slack, tenant: T1, room: C1, timeZone: ../../etc/passwd}"), []string{"4 notify[0].rooms[0].timeZone time-zone-unknown"}},
		{"an offset without a colon", yaml, room("{door: slack, tenant: T1, room: C1, timeZone: '+0800'}"), []string{"4 notify[0].rooms[0].timeZone time-zone-unknown"}},
		{"a digest without a colon", yaml, room("{door: slack, tenant: T1, room: C1, digest: '9'}"), []string{"4 notify[0].rooms[0].digest digest-format"}},
		{"a digest at 24", yaml, room("{door: slack, tenant: T1, room: C1, digest: '24:00'}"), []string{"4 notify[0].rooms[0].digest digest-format"}},
		{"quiet hours without an end", yaml, notified("{servers: ['*'], rooms: [{door: slack, tenant: T1, room: C1}], quiet: '22:00'}"), []string{"4 notify[0].quiet quiet-format"}},
		{"a quiet that is no text", yaml, notified("{servers: ['*'], rooms: [{door: slack, tenant: T1, room: C1}], quiet: false}"), []string{"4 notify[0].quiet wrong-type"}},
		{"a mention in quotes", yaml, notified("{servers: ['*'], rooms: [{door: slack, tenant: T1, room: C1}], mention: 'true'}"), []string{"4 notify[0].mention wrong-type"}},
		{"a proof in quotes", yaml, one + grant + "confirmations:\n- {servers: ['*'], proof: 'true'}\n", []string{"4 confirmations[0].proof wrong-type"}},
		{"all at once", yaml, "people:\n- {name: 'a b', accounts: [{door: x, user: a}]}\nserver: []\ngrants:\n- {who: [c], roles: [z], servers: [nowhere], settings: [q]}\napprovals:\n- {servers: ['*'], need: 99}\n", []string{
			"2 people[0].accounts[0].door door-unknown", "2 people[0].name person-name-format", "3 server unknown-key", "5 grants[0].roles[0] role-unknown", "5 grants[0].servers[0] server-unknown",
			"5 grants[0].settings[0] unknown-setting", "5 grants[0].who[0] person-unknown", "7 approvals[0].need need-range",
		}},
		{"a window of nothing", yaml, one + grant + "windows:\n- {}\n", []string{"4 windows[0] window-never-opens", "4 windows[0].name key-missing", "4 windows[0].servers key-missing", "4 windows[0].timeZone key-missing"}},
		{"a window that is never open", yaml, windowed("except: [2027-02-08]"), []string{"4 windows[0] window-never-opens"}},
		{"a misspelt open is not missing as well", yaml, windowed("opne: [], also: [2027-02-08]"), []string{"4 windows[0].opne unknown-key"}},
		{"a window with empty lists", yaml, one + grant + "windows:\n- {name: w, servers: [], settings: [], timeZone: UTC, open: [], except: [], also: []}\n", []string{"4 windows[0].also empty-list", "4 windows[0].except empty-list", "4 windows[0].open empty-list", "4 windows[0].servers empty-list", "4 windows[0].settings empty-list"}},
		{"a name with a blank", yaml, one + grant + "windows:\n- {name: all nights, servers: ['*'], timeZone: UTC, also: [2027-02-08]}\n", []string{"4 windows[0].name window-name-format"}},
		{"a window twice", yaml, windowed("also: [2027-02-08]") + "- {name: W, servers: ['*'], timeZone: UTC, also: [2027-02-08]}\n", []string{"5 windows[1].name window-duplicate"}},
		{"a window in Ramadan", yaml, one + grant + "windows:\n- {name: w, servers: ['*'], timeZone: Africa/Casablanca, also: [2027-02-08]}\n", []string{"4 windows[0].timeZone time-zone-inexact"}},
		{"a window in no zone", yaml, one + grant + "windows:\n- {name: w, servers: ['*'], timeZone: UTC+8, also: [2027-02-08]}\n", []string{"4 windows[0].timeZone time-zone-unknown"}},
		{"a window of an unknown server and setting", yaml, one + grant + "windows:\n- {name: w, servers: [nowhere], settings: [q], timeZone: UTC, also: [2027-02-08]}\n", []string{"4 windows[0].servers[0] server-unknown", "4 windows[0].settings[0] unknown-setting"}},
		{"hours of nothing", yaml, hours(""), []string{"4 windows[0].open[0].days key-missing", "4 windows[0].open[0].from key-missing", "4 windows[0].open[0].to key-missing"}},
		{"hours without days", yaml, hours("days: [], from: '22:00', to: '06:00'"), []string{"4 windows[0].open[0].days empty-list"}},
		{"days in other words", yaml, hours("days: [Mon, saturday, third, sixth sat, 3rd sat, '', 周一], from: '22:00', to: '06:00'"), []string{"4 windows[0].open[0].days[0] day-unknown", "4 windows[0].open[0].days[1] day-unknown", "4 windows[0].open[0].days[2] day-unknown", "4 windows[0].open[0].days[3] day-unknown", "4 windows[0].open[0].days[4] day-unknown", "4 windows[0].open[0].days[5] day-unknown", "4 windows[0].open[0].days[6] day-unknown"}},
		{"a day twice", yaml, hours("days: [mon, mon], from: '22:00', to: '06:00'"), []string{"4 windows[0].open[0].days[1] duplicate-entry"}},
		{"hours that are no hours", yaml, hours("days: [mon], from: '24:00', to: '24:01'"), []string{"4 windows[0].open[0].from clock-format", "4 windows[0].open[0].to clock-format"}},
		{"an hour alone", yaml, hours("days: [mon], from: '9:00', to: '12'"), []string{"4 windows[0].open[0].from clock-format", "4 windows[0].open[0].to clock-format"}},
		{"an hour that is a number", yaml, hours("days: [mon], from: 22, to: '06:00'"), []string{"4 windows[0].open[0].from wrong-type"}},
		{"29 February of a common year", yaml, windowed("also: [2028-02-29, 2027-02-29]"), []string{"4 windows[0].also[1] date-format"}},
		{"a date in another order", yaml, windowed("also: [08.02.2027]"), []string{"4 windows[0].also[0] date-format"}},
		{"a date twice", yaml, windowed("also: [2027-02-08, 2027-02-08]"), []string{"4 windows[0].also[1] duplicate-entry"}},
		{"a date in both lists", yaml, windowed("except: [2027-02-06, 2027-02-08], also: [2027-02-08]"), []string{"4 windows[0].also date-contradicts"}},
		{"a last start without unit", yaml, windowed("also: [2027-02-08], lastStart: '15'"), []string{"4 windows[0].lastStart last-start-format"}},
		{"a last start before the beginning", yaml, windowed("open: [{days: [mon], from: '22:00', to: '23:00'}, {days: [tue], from: '09:00', to: '09:30'}], lastStart: 1h"), []string{"4 windows[0].lastStart last-start-range"}},
		{"a last start of a day", yaml, windowed("also: [2027-02-08], lastStart: 24h"), []string{"4 windows[0].lastStart last-start-range"}},
		{"a freeze of nothing", yaml, one + grant + "freezes:\n- {}\n", []string{"4 freezes[0].from key-missing", "4 freezes[0].name key-missing", "4 freezes[0].servers key-missing", "4 freezes[0].timeZone key-missing", "4 freezes[0].until key-missing"}},
		{"a freeze that ends before it begins", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-09T23:59"), []string{"4 freezes[0].until freeze-empty"}},
		{"a freeze without time", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-10T00:00"), []string{"4 freezes[0].until freeze-empty"}},
		{"a freeze by dates", yaml, frozen("from: 2026-11-10, until: 2026-11-12T12:00:60"), []string{"4 freezes[0].from freeze-time-format", "4 freezes[0].until freeze-time-format"}},
		{"a freeze with an offset", yaml, frozen("from: 2026-11-10T00:00Z, until: 2026-11-31T12:00"), []string{"4 freezes[0].from freeze-time-format", "4 freezes[0].until freeze-time-format"}},
		{"a reason of blanks", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00, reason: ' '"), []string{"4 freezes[0].reason reason-format"}},
		{"a reason of two lines", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00, reason: \"a\\nb\""), []string{"4 freezes[0].reason reason-format"}},
		{"an override without need", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00, override: {}"), []string{"4 freezes[0].override.need key-missing"}},
		{"an override that is a number", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00, override: 2"), []string{"4 freezes[0].override wrong-type"}},
		{"an override by nobody", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00, override: {need: 0}"), []string{"4 freezes[0].override.need need-range"}},
		{"an override that nobody can give", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00, override: {need: 1}"), []string{"4 freezes[0].override.need need-not-reachable"}},
		{"a freeze twice", yaml, frozen("from: 2026-11-10T00:00, until: 2026-11-12T12:00") + "- {name: F, servers: ['*'], timeZone: UTC, from: 2026-11-10T00:00, until: 2026-11-12T12:00}\n", []string{"5 freezes[1].name window-duplicate"}},
		{"tests that are no list", yaml, one + grant + "tests: a may view office\n", []string{"3 tests wrong-type"}},
		{"a test that is a number", yaml, one + grant + "tests: [1]\n", []string{"3 tests[0] wrong-type"}},
		{"a test twice", yaml, one + office + grant + "tests: [a may view office, a may view office]\n", []string{"4 tests[1] duplicate-entry"}},
		{"too many tests", yaml, one + office + grant + "tests:\n" + strings.Repeat("- a may view office\n", 201), []string{"4 tests too-many-entries"}},
		{"tests in other words", yaml, one + office + grant + "tests: ['', a, a may, the port of office needs 1, a can view office]\n", []string{"4 tests[0] test-syntax", "4 tests[1] test-syntax", "4 tests[2] test-syntax", "4 tests[3] test-syntax", "4 tests[4] test-syntax"}},
		{"a test with a reserved port", yaml, one + office + grant + "tests: [a may apply port=443 to office]\n", []string{"4 tests[0] test-value"}},
		{"a test of an unknown window", yaml, one + office + grant + "tests: [port of office waits for window nights]\n", []string{"4 tests[0] test-window-unknown"}},
		{"a test that does not hold", yaml, one + office + grant + "tests: [a may not apply port to office]\n", []string{"4 tests[0] test-failed"}},
		{"too many windows", yaml, one + grant + "windows:\n" + strings.Repeat("- {}\n", 51), []string{"3 windows too-many-entries"}},
		{"too many accounts", yaml, account(strings.Repeat("{door: http, user: a}, ", 21)), []string{"2 people[0].accounts too-many-entries"}},
	}
}

func places(ps []change.Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, fmt.Sprintf("%d %s %s", p.Line, p.Path, p.Rule))
	}
	return out
}

// assisted is a policy with an assistant a, a person b, and one grant.
func assisted(grant string) string {
	return "people:\n  - {name: a, assistant: true, accounts: [{door: http, user: a}]}\n  - {name: b, accounts: [{door: http, user: b}]}\n" +
		"servers: [{name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-a}]\ngrants: [" + grant + "]\n"
}
