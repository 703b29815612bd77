package command_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

const (
	server = "vss-bp18q7"
	id     = "20261122-7f3akqxcd2"
)

// accepted is a line and what it means.
type accepted struct {
	name, line string
	want       command.Command
	canonical  string
}

func port(n int) change.Patch { return change.Patch{change.Port: change.Number(n)} }

func text(f change.Field, s string) change.Patch { return change.Patch{f: change.Text(s)} }

// asks is an apply of settings.
func asks(tag lang.Tag, p change.Patch) command.Command {
	return command.Command{Verb: command.Apply, Server: server, Patch: p, Lang: tag}
}

func verbs() []accepted {
	return []accepted{
		{"plan", "plan vss-bp18q7 port=1195 cipher=aes-256-cbc", command.Command{Verb: command.Plan, Server: server, Patch: change.Patch{change.Port: change.Number(1195), change.Cipher: change.Text("AES-256-CBC")}}, "plan vss-bp18q7 port=1195 cipher=AES-256-CBC"},
		{"plan in Chinese", "预览 vss-bp18q7 端口=1195", command.Command{Verb: command.Plan, Server: server, Patch: port(1195), Lang: lang.Chinese}, "plan vss-bp18q7 port=1195"},
		{"apply", "APPLY vss-bp18q7 Port=1195", asks("", port(1195)), "apply vss-bp18q7 port=1195"},
		{"the slash of a slash command", "/set vss-bp18q7 port=1195", asks("", port(1195)), "apply vss-bp18q7 port=1195"},
		{"a slash that stands alone", "/ set vss-bp18q7 port=1195", asks("", port(1195)), "apply vss-bp18q7 port=1195"},
		{"mentions", "@bot @另一个 apply vss-bp18q7 port=1195", asks(lang.Chinese, port(1195)), "apply vss-bp18q7 port=1195"},
		{"a Chinese key makes it Chinese", "apply vss-bp18q7 端口=1195", asks(lang.Chinese, port(1195)), "apply vss-bp18q7 port=1195"},
		{"status of everything", "status", command.Command{Verb: command.Status}, "status"},
		{"status of a server", "show vss-bp18q7", command.Command{Verb: command.Status, Server: server}, "status vss-bp18q7"},
		{"status of a change", "状态 20261122-7F3AKQXCD2-2", command.Command{Verb: command.Status, Change: id + "-2", Lang: lang.Chinese}, "status 20261122-7f3akqxcd2-2"},
		{"a server with its region in one word", "get cn-hangzhou/VSS-BP18Q7", command.Command{Verb: command.Status, Server: server, Region: "cn-hangzhou"}, "status cn-hangzhou/vss-bp18q7"},
		{"a server with its region as an option", "get region=CN-Hangzhou 研发-VPN_1.2", command.Command{Verb: command.Status, Server: "研发-VPN_1.2", Region: "cn-hangzhou", Lang: lang.Chinese}, "status cn-hangzhou/研发-VPN_1.2"},
		{"servers", "servers", command.Command{Verb: command.Servers}, "servers"},
		{"servers in Chinese", "@机器人 列表", command.Command{Verb: command.Servers, Lang: lang.Chinese}, "servers"},
		{"history", "log vss-bp18q7", command.Command{Verb: command.History, Server: server}, "history vss-bp18q7"},
		{"history of all", "历史 起始=7天 状态=失败、已驳回 申请人=mei 条数=5", command.Command{
			Verb: command.History, Since: change.Bound{Ago: 7 * 24 * time.Hour}, Statuses: []change.Status{change.Failed, change.Rejected}, By: "mei", Limit: 5, Lang: lang.Chinese,
		}, "history limit=5 by=mei status=failed,rejected since=7d"},
		{"history since a time", "history --since 2026-11-23T02:00:00+08:00 --status ended", command.Command{
			Verb: command.History, Since: change.Bound{At: time.Date(2026, 11, 23, 2, 0, 0, 0, time.FixedZone("", 8*3600))}, Statuses: []change.Status{"ended"},
		}, "history status=ended since=2026-11-23T02:00:00+08:00"},
		{"what waits", "status by=http:ci limit=3 more=abc", command.Command{Verb: command.Status, By: "http:ci", Limit: 3, More: "abc"}, "status limit=3 by=http:ci more=abc"},
		{"history with a limit", "历史 vss-bp18q7 --条数=20", command.Command{Verb: command.History, Server: server, Limit: 20, Lang: lang.Chinese}, "history vss-bp18q7 limit=20"},
		{"rollback", "revert " + id + " reason=“cannot connect”", command.Command{Verb: command.Rollback, Change: id, Reason: "cannot connect"}, "rollback " + id + ` reason="cannot connect"`},
		{"rollback with guards", "rollback " + id + " confirm=10m when=idle(3) proof=no", command.Command{Verb: command.Rollback, Change: id, Confirm: change.Confirmation{For: 10 * time.Minute}, Idle: 3}, "rollback " + id + " confirm=10m when=idle(3)"},
		{"approve to be shown", "批准 " + id, command.Command{Verb: command.Approve, Change: id, Lang: lang.Chinese}, "approve " + id},
		{"approve with the code", "approve " + id + " K7M2Q4XA", command.Command{Verb: command.Approve, Change: id, Code: "k7m2q4xa"}, "approve " + id + " k7m2q4xa"},
		{"reject", "驳回 " + id + " 理由=白天不做", command.Command{Verb: command.Reject, Change: id, Reason: "白天不做", Lang: lang.Chinese}, "reject " + id + " reason=白天不做"},
		{"cancel", "撤销 " + id, command.Command{Verb: command.Cancel, Change: id, Lang: lang.Chinese}, "cancel " + id},
		{"help", "?", command.Command{Verb: command.Help}, "help"},
		{"help in full width", "？", command.Command{Verb: command.Help}, "help"},
		{"help with a verb", "帮助 /变更", command.Command{Verb: command.Help, Topic: command.Apply, Lang: lang.Chinese}, "help apply"},
	}
}

func settings() []accepted {
	all := change.Patch{
		change.Name: change.Text("研发"), change.ClientIPPool: change.Text("10.30.30.0/24"), change.LocalSubnet: change.Text("10.0.0.0/24,10.0.1.0/24"),
		change.Proto: change.Text("TCP"), change.Port: change.Number(1195), change.Cipher: change.Text("none"), change.Compress: change.Flag(true),
		change.EnableMultiFactorAuth: change.Flag(false), change.IDaaSInstanceID: change.Text("idaas-1"), change.IDaaSRegionID: change.Text("cn-hangzhou"),
		change.IDaaSApplicationID: change.Text("app_1"),
	}
	canonical := "apply vss-bp18q7 name=研发 client_ip_pool=10.30.30.0/24 local_subnet=10.0.0.0/24,10.0.1.0/24 proto=TCP port=1195 cipher=none" +
		" compress=true mfa=false idaas_instance_id=idaas-1 idaas_region_id=cn-hangzhou idaas_application_id=app_1"
	expecting := asks(lang.Chinese, port(1195))
	expecting.Expect = change.Patch{change.Port: change.Number(1194), change.Name: change.Text("")}
	optional := asks("", port(1195))
	optional.Reason, optional.Ref, optional.DryRun = "it's 20:00", "OPS-1", true
	optional.NotBefore = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	optional.ExpiresAt = time.Date(2026, 11, 22, 19, 0, 0, 500_000_000, time.UTC)
	guarded := asks("", port(1195))
	guarded.Confirm, guarded.Idle, guarded.Proof = change.Confirmation{For: 20 * time.Minute, Proof: true}, 5, true
	confirmed := asks(lang.Chinese, port(1195))
	confirmed.Confirm = change.Confirmation{For: 90 * time.Minute}
	proven := asks("", port(1195))
	proven.Confirm = change.Confirmation{For: change.DefaultConfirm, Proof: true}
	inChina := optional // the offset is kept: answers show times with it
	inChina.NotBefore = time.Date(2026, 11, 23, 2, 0, 0, 0, time.FixedZone("", 8*60*60))
	return []accepted{
		{"all in English, in any order", "apply mfa=no idaas-application-id=app_1 vss-bp18q7 idaas_region_id=cn-hangzhou idaas_instance_id=idaas-1 compress=on cipher=NONE --port=1195 proto=tcp subnet=10.0.0.0/24,10.0.1.0/24 pool=10.30.30.0/24 name=研发", asks(lang.Chinese, all), canonical},
		{"all as the API spells them", "apply vss-bp18q7 Name=“研发” ClientIpPool=10.30.30.0/24 LocalSubnet=10.0.0.0/24,10.0.1.0/24 Proto=TCP Port=1195 Cipher=none Compress=true EnableMultiFactorAuth=false IDaaSInstanceId=idaas-1 IDaaSRegionId=cn-hangzhou IDaaSApplicationId=app_1", asks("", all), canonical},
		{"all in Chinese", "修改 vss-bp18q7 名称=研发 客户端网段=10.30.30.0/24 本端网段=10.0.0.0/24、10.0.1.0/24 协议=tcp 端口=1195 加密=none 压缩=开 双因子=否 IDaaS实例=idaas-1 IDaaS地域=cn-hangzhou IDaaS应用=app_1", asks(lang.Chinese, all), canonical},
		{"expected values, one of them empty", "变更 vss-bp18q7 端口=1195 期望.端口=1194 expect.Name=“”", expecting, `apply vss-bp18q7 port=1195 expect.name="" expect.port=1194`},
		{"options", "apply vss-bp18q7 port=1195 reason=“it's 20:00” ref=OPS-1 at=2026-11-23T02:00+08:00 until=2026-11-22t19:00:00.5z --dry-run", inChina, `apply vss-bp18q7 port=1195 reason="it's 20:00" ref=OPS-1 at=2026-11-23T02:00:00+08:00 until=2026-11-22T19:00:00.5Z --dry-run`},
		{"options with their other names", "apply vss-bp18q7 port=1195 --理由=‘it's 20:00’ 工单=OPS-1 not-before=2026-11-22T18:00:00Z ExpiresAt=2026-11-22T19:00:00.500Z dry_run=是", withLang(optional, lang.Chinese), `apply vss-bp18q7 port=1195 reason="it's 20:00" ref=OPS-1 at=2026-11-22T18:00:00Z until=2026-11-22T19:00:00.5Z --dry-run`},
		{"guards", "apply vss-bp18q7 port=1195 confirm=20m+proof when=idle(<5) proof=yes", guarded, "apply vss-bp18q7 port=1195 confirm=20m+proof when=idle(5) proof=true"},
		{"guards in quotes", "apply vss-bp18q7 port=1195 Confirm=“20M proof” --when=‘idle( < 5 )’ proof=on", guarded, ""},
		{"guards in Chinese", "变更 vss-bp18q7 端口=1195 确认=20分钟+探测 条件=空闲（＜5） 探测=是", withLang(guarded, lang.Chinese), "apply vss-bp18q7 port=1195 confirm=20m+proof when=idle(5) proof=true"},
		{"a time to confirm in Chinese", "变更 vss-bp18q7 端口=1195 确认=1小时30分", confirmed, "apply vss-bp18q7 port=1195 confirm=1h30m"},
		{"more time in Chinese", "确认 20261122-7f3akqrcd2 1小时30分钟", command.Command{Verb: command.Confirm, Change: "20261122-7f3akqrcd2", Extend: 90 * time.Minute, Lang: lang.Chinese}, "confirm 20261122-7f3akqrcd2 1h30m"},
		{"a proof to confirm", "apply vss-bp18q7 port=1195 confirm=proof", proven, "apply vss-bp18q7 port=1195 confirm=10m+proof"},
		{"now", "apply vss-bp18q7 port=1195 at=Now", asks("", port(1195)), "apply vss-bp18q7 port=1195"},
		{"now in Chinese", "变更 vss-bp18q7 port=1195 定时=立即", asks(lang.Chinese, port(1195)), "apply vss-bp18q7 port=1195"},
		{"dry_run=false", "apply vss-bp18q7 port=1195 dry_run=false", asks("", port(1195)), "apply vss-bp18q7 port=1195"},
		{"an empty text is none", `apply vss-bp18q7 port=1195 reason="" ref=''`, asks("", port(1195)), "apply vss-bp18q7 port=1195"},
	}
}

func withLang(c command.Command, tag lang.Tag) command.Command {
	c.Lang = tag
	return c
}

// folded are lines with other forms of ASCII characters.
func folded() []accepted {
	reason := func(s string) command.Command {
		c := asks("", port(1195))
		c.Reason = s
		return c
	}
	dry := asks("", port(1195))
	dry.DryRun = true
	canonical := "apply vss-bp18q7 port=1195"
	return []accepted{
		{"full-width letters, signs and digits", "ａｐｐｌｙ　ｖｓｓ－ｂｐ１８ｑ７　ｐｏｒｔ＝１１９５", asks("", port(1195)), canonical},
		{"blanks of all kinds", "\u3000apply\u00a0vss-bp18q7\u2005\u2009\u202fport=1195\t", asks("", port(1195)), canonical},
		{"WeChat's blank after a mention", "@机器人\u2005apply vss-bp18q7 port=1195", asks(lang.Chinese, port(1195)), canonical},
		{"a full-width mention and slash", "＠bot ／apply vss-bp18q7 port=1195", asks("", port(1195)), canonical},
		{"hyphens", "apply vss–bp18q7 port=1195", asks("", port(1195)), canonical},
		{"more hyphens", "apply vss−bp18q7 reason=a‐b‑c port=1195", reason("a-b-c"), canonical + " reason=a-b-c"},
		{"a long dash for two hyphens", "apply vss-bp18q7 port=1195 —dry-run", dry, canonical + " --dry-run"},
		{"two long dashes", "apply vss-bp18q7 port=1195 ——dry-run", dry, canonical + " --dry-run"},
		{"a long dash elsewhere", "apply vss-bp18q7 port=1195 reason=a—b", reason("a—b"), canonical + " reason=a—b"},
		{"commas", "apply vss-bp18q7 subnet=10.0.0.0/24，10.0.1.0/24、10.0.2.0/24﹐10.0.3.0/24､10.0.4.0/24", asks("", text(change.LocalSubnet, "10.0.0.0/24,10.0.1.0/24,10.0.2.0/24,10.0.3.0/24,10.0.4.0/24")), "apply vss-bp18q7 local_subnet=10.0.0.0/24,10.0.1.0/24,10.0.2.0/24,10.0.3.0/24,10.0.4.0/24"},
		{"full stops", "apply vss-bp18q7 pool=10。30．30｡0/24", asks("", text(change.ClientIPPool, "10.30.30.0/24")), "apply vss-bp18q7 client_ip_pool=10.30.30.0/24"},
		{"what chat programs put around a line", "\ufeff@bot\u200b\u2005@lin\u200b apply vss-bp18q7 port=1195\u200b\n", asks("", port(1195)), canonical},
		{"what a language needs, in quotes", "apply vss-bp18q7 port=1195 reason=“می\u200cخواهم ⚠\ufe0f”", reason("می\u200cخواهم ⚠\ufe0f"), canonical + " reason=\"می\u200cخواهم ⚠\ufe0f\""},
		{"Chinese quotes", "apply vss-bp18q7 port=1195 reason=“a b”", reason("a b"), canonical + ` reason="a b"`},
		{"single Chinese quotes", "apply vss-bp18q7 port=1195 reason=‘a \"b\"’", reason(`a "b"`), canonical + ` reason='a "b"'`},
		{"corner brackets", "apply vss-bp18q7 port=1195 reason=「a “b”」", reason("a “b”"), canonical + ` reason="a “b”"`},
		{"white corner brackets", "apply vss-bp18q7 port=1195 reason=『a「b」』", reason("a「b」"), canonical + ` reason="a「b」"`},
		{"full-width ASCII quotes", "apply vss-bp18q7 port=1195 reason=＂a ＇b＂", reason("a ＇b"), canonical + ` reason="a ＇b"`},
		{"all kinds at once", `apply vss-bp18q7 port=1195 reason=“"a”' b “c”'"'"`, reason(`"a b “c”'`), canonical + ` reason='"'"a b “c”'"`},
		{"nothing is folded in quotes", "apply vss-bp18q7 port=1195 reason=“ａ，b。—”", reason("ａ，b。—"), canonical + ` reason="ａ，b。—"`},
		{"Chinese in quotes says nothing of the language", "apply vss-bp18q7 port=1195 reason=“维护”", reason("维护"), canonical + " reason=维护"},
		{"names are not normalised", "apply vss-bp18q7 port=1195 reason=①㎏", reason("①㎏"), canonical + " reason=①㎏"},
	}
}

// pitfalls are lines that shell-like parsers misread without an error.
func pitfalls() []accepted {
	reason := func(s string) command.Command {
		c := asks("", port(1))
		c.Reason = s
		return c
	}
	return []accepted{
		{"a number sign begins no comment", "apply vss-bp18q7 reason=#42 port=1", reason("#42"), "apply vss-bp18q7 port=1 reason=#42"},
		{"a semicolon ends nothing", "apply vss-bp18q7 reason=a;b port=1", reason("a;b"), "apply vss-bp18q7 port=1 reason=a;b"},
		{"a bar is no pipe", "apply vss-bp18q7 reason=a|b&&c>d port=1", reason("a|b&&c>d"), "apply vss-bp18q7 port=1 reason=a|b&&c>d"},
		{"a backslash is a backslash", `apply vss-bp18q7 reason=C:\temp\n port=1`, reason(`C:\temp\n`), `apply vss-bp18q7 port=1 reason=C:\temp\n`},
		{"no variables, no globs", "apply vss-bp18q7 reason=$HOME/*`id` port=1", reason("$HOME/*`id`"), "apply vss-bp18q7 port=1 reason=$HOME/*`id`"},
		{"a value has its own =", "apply vss-bp18q7 reason=a=b port=1", reason("a=b"), "apply vss-bp18q7 port=1 reason=a=b"},
		{"quotes amid a value", "apply vss-bp18q7 reason=a“b c”d port=1", reason("ab cd"), `apply vss-bp18q7 port=1 reason="ab cd"`},
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for group, list := range map[string][]accepted{"verbs": verbs(), "settings": settings(), "folded": folded(), "pitfalls": pitfalls()} {
		for _, tt := range list {
			t.Run(group+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				got, err := command.Parse(tt.line)
				if err != nil || !reflect.DeepEqual(got, tt.want) {
					t.Fatalf("%q\ngot  %#v, %v\nwant %#v", tt.line, got, err, tt.want)
				}
				if s := got.String(); tt.canonical != "" && s != tt.canonical {
					t.Errorf("String\ngot  %s\nwant %s", s, tt.canonical)
				}
				again, err := command.Parse(got.String())
				if again.Lang = got.Lang; err != nil || !reflect.DeepEqual(again, got) {
					t.Errorf("%q came back as %#v, %v", got.String(), again, err)
				}
			})
		}
	}
}

func TestEveryWordOfAVerbIsAccepted(t *testing.T) {
	t.Parallel()
	behind := map[command.Verb]string{
		command.Plan: " vss-a port=1", command.Apply: " vss-a port=1", command.History: " vss-a",
		command.Rollback: " " + id, command.Approve: " " + id, command.Reject: " " + id, command.Cancel: " " + id, command.Confirm: " " + id,
	}
	seen := map[string]bool{}
	for _, v := range command.Verbs() {
		for _, w := range v.Words() {
			c, err := command.Parse(w + behind[v])
			if err != nil || c.Verb != v || seen[w] {
				t.Errorf("%s is %q, %v; twice: %v", w, c.Verb, err, seen[w])
			}
			if want := lang.Of(w, ""); c.Lang != want {
				t.Errorf("%s shows the language %q, want %q", w, c.Lang, want)
			}
			seen[w] = true
		}
	}
}
