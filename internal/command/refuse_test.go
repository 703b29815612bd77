package command_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// refused is a line, the rules that it breaks in their order, and parts of the
// messages in both languages.
type refused struct {
	name, line string
	rules      string
	english    string
	chinese    string
}

func refusals() []refused {
	const set = "apply vss-bp18q7 "
	long := set + "port=1195 reason=" + strings.Repeat("x", command.MaxBytes)
	return []refused{
		{"nothing", " \t\n", "empty", "Send help", "发送“帮助”"},
		{"only mentions", "@bot", "empty", "no command", "没有命令"},
		{"too long", long, "too-long", "2034 bytes, and 2000 are allowed", "2034 字节，最多 2000"},
		{"too long when written again", set + "port=1195 reason=“" + strings.Repeat(`"'`, 250) + "” expect.name=“" + strings.Repeat(`"'`, 250) + "”", "too-long", "2000 are allowed", "最多 2000"},
		{"too many items", "apply " + strings.Repeat("a ", command.MaxItems), "too-many-items", "65 words and settings, and 64 are allowed", "65 个词"},
		{"not valid UTF-8", set + "port=\xff", "encoding", "not valid UTF-8", "不是 UTF-8"},
		{"two lines", "plan vss-a port=1\napply vss-a port=1", "line-break", "more than one line", "不止一行"},
		{"a break in quotes", set + "port=1 reason=“a\u2028b”", "line-break", "more than one line", "不止一行"},
		{"a control character", set + "port=1\x1b", "control-character", "U+001B", "U+001B"},
		{"an order of reading", set + "reason=“a\u202eb” port=1", "bidi-character", "U+202E", "U+202E"},
		{"an Arabic letter mark", set + "reason=a\u061cb port=1", "bidi-character", "U+061C", "U+061C"},
		{"an invisible character in quotes", set + "port=1195 reason=“a\u200bb”", "encoding", "Character 37 is U+200B (zero width space)", "第 37 个字符是不可见或会改变显示的字符 U+200B"},
		{"an apostrophe", set + "reason=it's port=1", "unclosed-quote", "The quote ' is not closed. Close it with '", "引号 ' 没有结束"},
		{"quotes of two kinds", set + "reason=“a\" port=1", "unclosed-quote", "The quote “ is not closed. Close it with ”", "引号 “ 没有结束。请用 ” 结束"},
		{"a quote that ends nothing", set + "reason=a” port=1", "stray-quote", "The quote ” has no opening quote", "引号 ” 没有对应的开头"},
		{"a misspelt verb", "aply vss-a port=1", "unknown-verb", "There is no command aply. The nearest is apply", "没有 aply 这个命令。最接近的是 apply"},
		{"a misspelt Chinese verb", "变跟 vss-a 端口=1", "unknown-verb", "变跟. The nearest is 变更", "没有 变跟 这个命令。最接近的是 变更"},
		{"no blank behind a Chinese verb", "变更vss-a 端口=1", "unknown-verb", "The nearest is 变更", "最接近的是 变更"},
		{"small talk is no approval", "你好", "unknown-verb", "There is no command 你好. help lists all commands.", "没有 你好 这个命令。“帮助”列出全部命令。"},
		{"a setting without a verb keeps its value", "password=secret", "unknown-verb", "There is no command password=. help lists", "没有 password= 这个命令"},
		{"no server", "apply port=1195", "missing-server", "apply needs a server", "apply 需要指定服务端"},
		{"a server id with a wrong letter", "status vss-BP_1", "bad-server", "vss-BP_1 is neither", "vss-BP_1 既不是"},
		{"a server name that is too long", "status " + strings.Repeat("名", 65), "bad-server", "at most 64 characters", "最多 64 个"},
		{"a server name with a slash too many", "status a/b/c", "bad-server", "a/b/c is neither", "a/b/c 既不是"},
		{"no region before the slash", "status /vss-a", "bad-server", "/vss-a is neither", "/vss-a 既不是"},
		{"an invalid region", "status hangzhou/vss-a", "region-format", "write a region id in lower case", "地域 ID 形如 cn-hangzhou"},
		{"a region twice", "status cn-hangzhou/vss-a region=cn-beijing", "duplicate-key", "cn-hangzhou/ repeats region", "cn-hangzhou/ 与前面的 region 重复"},
		{"an empty region", "status vss-a region=“”", "required", "RegionId is missing", "不能为空"},
		{"a region without a server", "status 地域=cn-beijing", "region-without-server", "地域 needs a server", "地域 要和服务端一起写"},
		{"a region with a change", "status " + id + " region=cn-beijing", "region-without-server", "region needs a server", "region 要和服务端一起写"},
		{"a change where a server belongs", "apply " + id + " port=1195", "change-for-server", "status " + id + " shows the change", id + " 是变更 ID"},
		{"no change", "approve", "missing-change", "approve needs the id of a change", "approve 需要变更 ID"},
		{"a server where a change belongs", "rollback vss-bp18q7", "bad-change", "history vss-… lists", "vss-bp18q7 不是变更 ID"},
		{"an invalid date", "cancel 20261322-7f3akqxcd2", "bad-change", "is not the id of a change", "不是变更 ID"},
		{"an invalid extension", "confirm " + id + " 30s", "bad-extension", "30s is not a time from 1m to 24h", "30s 不是 1m 到 24h 的时长"},
		{"an extension in Chinese that is too short", "确认 " + id + " 30秒", "bad-extension", "30秒 is not a time from 1m to 24h", "30秒 不是 1m 到 24h 的时长"},
		{"an extension that is a date", "confirm " + id + " tomorrow", "bad-extension", "tomorrow is not a time", "tomorrow 不是"},
		{"an invalid code", "approve " + id + " k7m2q4x1", "bad-code", "k7m2q4x1 is not a code", "k7m2q4x1 不是校验码"},
		{"nothing to set", "apply vss-bp18q7 reason=x expect.port=1194", "no-settings", "apply needs at least one setting", "apply 至少需要一项设置"},
		{"a number sign drops nothing", "apply vss #42 port=1", "unexpected-word", "#42 is unexpected", "#42 是多余的"},
		{"a semicolon drops nothing", "apply vss ;b port=1", "unexpected-word", ";b is unexpected", ";b 是多余的"},
		{"a list with a blank", set + "subnet=10.0.0.0/24, 10.0.1.0/24", "unexpected-word cidr-syntax", "put a value with blanks between “ and ”", "含空格的值请放在 “ 和 ” 之间"},
		{"a topic too many", "help apply plan", "unexpected-word", "plan is unexpected", "plan 是多余的"},
		{"a line of aliyun-cli", "aliyun vpc ModifySslVpnServer --SslVpnServerId vss-a --Port 1195", "other-tool", "Here it is written: apply vss-a port=1195", "在这里请写：apply vss-a port=1195"},
		{"servers of a server", "servers office", "unexpected-word", "office is unexpected", "office 是多余的"},
		{"servers with a key", "servers port=1", "misplaced-key", "servers does not accept port", "servers 不支持 port"},
		{"an unknown topic", "help aply", "unknown-verb", "There is no command aply. The nearest is apply", "没有 aply 这个命令"},
		{"an expected text with an invisible character", set + "port=1 期望.名称=“a\u200bb”", "encoding", "Character 33 is U+200B (zero width space)", "第 33 个字符是不可见或会改变显示的字符 U+200B"},
		{"a ticket that is too long", set + "port=1 工单=" + strings.Repeat("x", 129), "ref-length", "ref has 129 characters", "工单最多 128 个字符"},
		{"too late by years", set + "port=1 at=2026-11-23T02:00Z until=2029-11-23T02:00Z", "expires-too-far", "more than 366 days", "until=2029-11-23T02:00:00Z：过期时间最多"},
		{"a misspelt key keeps its value", set + "prot=secret", "unknown-key", "There is no key prot. The nearest is proto.", "没有 prot 这个键。最接近的是 proto。"},
		{"a misspelt Chinese key", set + "端囗=1195", "unknown-key", "The nearest is 端口", "最接近的是 端口"},
		{"a misspelt option", set + "port=1 --dry-rum", "unknown-key", "There is no key dry-rum. The nearest is --dry-run", "最接近的是 --dry-run"},
		{"a key of expect that is no setting", set + "port=1 expect.reason=x", "unknown-key", "There is no key expect.reason. help apply shows the keys.", "没有 expect.reason 这个键"},
		{"expect of expect", set + "port=1 期望.期望.端口=1", "unknown-key", "There is no key 期望.期望.端口.", "没有 期望.期望.端口 这个键"},
		{"a key where there are none", "approve " + id + " colour=x", "no-keys", "approve accepts no keys. Remove colour", "approve 不支持任何键。请去掉 colour"},
		{"a setting in the wrong place", "status vss-a port=1195", "misplaced-key", "status does not accept port. It belongs to plan, apply.", "status 不支持 port。它用于 plan, apply"},
		{"the same key twice", set + "port=1195 端口=1196", "duplicate-key", "端口 repeats port", "端口 与前面的 port 重复"},
		{"blanks around =", set + "port = 1195", "spaces-around-equals", "Write it without: port=1195", "请去掉空格：port=1195"},
		{"a blank before =", set + "port =1195", "spaces-around-equals", "Write it without: port=1195", "请去掉空格：port=1195"},
		{"a blank behind =", set + "端口＝ 1195", "spaces-around-equals", "Write it without: 端口=1195", "请去掉空格：端口=1195"},
		{"blanks around the = of an option", set + "port=1 --reason = x", "spaces-around-equals", "Write it without: reason=x", "请去掉空格：reason=x"},
		{"a = that stands alone", set + "= port=1", "spaces-around-equals", "Write it without: port=1195", "请去掉空格"},
		{"a colon", set + "端口：1195", "colon-for-equals", "Write 端口=1195", "请写 端口=1195"},
		{"no value", set + "port=", "missing-value", "port has no value. Write it as port=1195", "port 没有值。请写成 port=1195"},
		{"no value before another key", set + "cipher= port=1", "missing-value", "cipher=AES-256-CBC", "cipher=AES-256-CBC"},
		{"no value behind a key in quotes", set + `port=1 --a"t"=`, "missing-value", "at has no value", "at 没有值"},
		{"a long dash behind hyphens", set + "port=1 --—dry-run", "unknown-key", "There is no key —dry-run. The nearest is --dry-run", "没有 —dry-run 这个键"},
		{"no =", set + "port 1195", "missing-value", "port has no value. Write it as port=1195", "port 没有值"},
		{"an option with a blank", set + "--port 1195", "missing-value", "Write it as port=1195", "请写成 port=1195"},
		{"a switch that needs a value", set + "port=1 --mfa", "missing-value", "Write it as mfa=true", "请写成 mfa=true"},
		{"a port in words", set + "端口=x", "not-a-number", "端口: x is not a whole number", "端口：x 不是整数"},
		{"a port in another notation", set + "port=01195", "not-a-number", "01195 is not a whole number", "01195 不是整数"},
		{"a switch that is neither", set + "mfa=maybe", "not-a-flag", "mfa: maybe is neither true nor false", "mfa：maybe 不是开关值"},
		{"a time without its zone", set + "port=1 at=2026-11-23T02:00:00", "time-format", "has no zone. Add +08:00 for China", "没有时区"},
		{"a time of day", set + "port=1 at=02:00+08:00", "time-format", "at: 02:00+08:00 has no date. Write date, time and zone, as in 2026-11-23T02:00+08:00, or for", "没有日期。请写明"},
		{"a day without a time", set + "port=1 定时=明天", "time-format", "明天 has no time of day. Write it as 明天-02:00", "定时：明天 没有写几点"},
		{"noon or midnight", set + "port=1 定时=今晚12点", "time-format", "is not a time", "不是时间"},
		{"a time of day that does not exist", set + "port=1 at=24:00", "time-format", "at: 24:00 is not a time", "at：24:00 不是时间"},
		{"a span of years", set + "port=1 at=+9000h", "time-format", "at: +9000h is not a time", "at：+9000h 不是时间"},
		{"an expiry of this moment", set + "port=1 until=now", "time-format", "until: now is not a time", "until：now 不是时间"},
		{"a word for a time", set + "port=1 at=tonight", "time-format", "at: tonight has no time of day", "at：tonight 没有写几点"},
		{"an invalid day", set + "port=1 定时=2026-02-30T02:00Z", "time-format", "定时: 2026-02-30T02:00Z is not a time", "定时：2026-02-30T02:00Z 不是时间"},
		{"a year that could not be written", set + "port=1 until=9999-12-31T23:59-01:00", "time-format", "is not a time", "不是时间"},
		{"a time to begin", "history since=soon", "since-format", "since: soon is neither", "since：soon 既不是"},
		{"a status", "history status=failed,broken", "unknown-status", "there is no status broken", "没有状态 broken"},
		{"a filter of one change", "status 20261122-7f3akqxcd2 by=mei", "filter-of-change", "by narrows a list", "by 用于筛选列表"},
		{"a limit", "history vss-a limit=21", "limit-range", "limit: 21 is not a number from 1 to 20", "limit：21 不是 1 到 20"},
		{"a time to confirm", set + "port=1 confirm=10", "confirm-format", "confirm: \"10\" is not a duration, proof, or both. Write how long", "confirm=10：确认期限须为时长、proof"},
		{"too short a time to confirm", set + "port=1 确认=30秒", "confirm-range", "确认: the time to confirm is 30s. Use 1m to 24h", "确认=30s：确认期限须为 1m 到 24h"},
		{"an override of nothing", set + `port=1 override=""`, "override-format", "override: \"\" is not the name of a freeze", "豁免须写策略中封网的名称"},
		{"an override with a sign", set + "port=1 reason=x override=a/b", "override-format", "override: \"a/b\" is not the name of a freeze", "override=a/b：豁免须写策略中封网的名称"},
		{"an override without a reason", set + "port=1 override=double-eleven", "override-reason", "a change that overrides a freeze has no reason", "豁免封网须说明原因"},
		{"a condition", set + "port=1 when=5", "when-format", "when: \"5\" is not idle with a number", "when=5：条件须写成 idle(5)"},
		{"too many clients", set + "port=1 when=idle(10001)", "when-range", "the number of clients is 10001. Use 1 to 10000", "客户端数须为 1 到 10000"},
		{"a proof", set + "port=1 proof=maybe", "not-a-flag", "proof: maybe is neither", "proof：maybe 不是开关值"},
		{"guards of a dry run", set + "port=1 confirm=10m proof=yes --dry-run", "guard-of-dry-run guard-of-dry-run", "confirm has no meaning in a dry run", "试运行不下发修改"},
		{"a guard of a status", "status vss-a confirm=10m", "misplaced-key", "plan, apply, rollback", "plan, apply, rollback"},
		{"times in the wrong order", set + "port=1 at=2026-11-23T02:00Z until=2026-11-23T02:00Z", "expires-before-not-before", "is not after notBefore", "过期时间须晚于定时时间"},
		{"times in the wrong order by years", set + "port=1 at=2029-11-23T02:00Z until=2026-11-23T02:00Z", "expires-before-not-before", "is not after notBefore", "过期时间须晚于定时时间"},
		{"a port that the gateway keeps", set + "端口=22", "port-reserved", "端口: port 22 is reserved by the VPN gateway. The nearest free ports are 21 and 23.", "端口=22：该端口由 VPN 网关保留，请换一个，例如 21 或 23。"},
		{"a network with host bits", set + "pool=10.30.30.1/24", "cidr-host-bits", "The network is 10.30.30.0/24.", "例如 10.30.30.0/24。"},
		{"every problem of the values", set + "port=0 proto=icmp cipher=des name=1 reason=“" + strings.Repeat("字", 501) + "”", "reason-length name-length name-format proto-unknown port-range cipher-unknown", "use TCP or UDP", "加密算法须为"},
		{"problems of the line and of the values", set + "colour=1 port=22 port=23", "unknown-key duplicate-key port-reserved", "colour", "colour"},
	}
}

func refusal(t *testing.T, line string) *command.Error {
	t.Helper()
	c, err := command.Parse(line)
	var e *command.Error
	if !errors.As(err, &e) {
		t.Fatalf("%q was accepted as %#v, %v", line, c, err)
	}
	return e
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range refusals() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := refusal(t, tt.line)
			var rules []string
			for _, p := range e.Problems {
				rules = append(rules, string(p.Rule))
			}
			if got := strings.Join(rules, " "); got != tt.rules {
				t.Errorf("rules %s, want %s", got, tt.rules)
			}
			english, chinese := e.Text(lang.English), e.Text(lang.Chinese)
			if !strings.Contains(strings.ToLower(english), strings.ToLower(tt.english)) {
				t.Errorf("it says %q, want %q in it", english, tt.english)
			}
			if !strings.Contains(chinese, tt.chinese) {
				t.Errorf("it says %q, want %q in it", chinese, tt.chinese)
			}
			for _, text := range []string{english, chinese} {
				if strings.Contains(text, "secret") || strings.ContainsAny(text, "{}\n") {
					t.Errorf("it says %q", text)
				}
			}
		})
	}
}

func TestEveryRuleOfLinesHasARefusal(t *testing.T) {
	t.Parallel()
	seen := map[command.Rule]bool{}
	for _, tt := range refusals() {
		for _, p := range refusal(t, tt.line).Problems {
			seen[p.Rule] = true
		}
	}
	for _, r := range gosource.Constants(t, ".", "Rule") {
		if !seen[command.Rule(r)] {
			t.Errorf("no line is refused by %s", r)
		}
	}
}

func TestARefusalSpeaksTheLanguageOfTheLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]lang.Tag{
		"apply vss-a 端口=22":                 lang.Chinese,
		"变更 vss-a port=22":                  lang.Chinese,
		"apply vss-a port=22":               "",
		"apply vss-a port=22 reason=“维护”":   "",
		"plan vss-a\n变更":                    lang.Chinese,
		"apply vss-a reason=it's 维护 port=1": lang.Chinese,
	} {
		e := refusal(t, line)
		if e.Lang != want || lang.Of(e.Text(""), lang.English) == lang.English != (want == "") {
			t.Errorf("%q: language %q, text %q", line, e.Lang, e.Text(""))
		}
	}
}

func TestErrorNamesTheRules(t *testing.T) {
	t.Parallel()
	e := refusal(t, "apply vss-a port=22 colour=1")
	if e.Verb != command.Apply || !strings.HasSuffix(e.Error(), "[port-reserved]") || !strings.Contains(e.Error(), "[unknown-key]") || len(e.Lines(lang.Chinese)) != 2 {
		t.Errorf("%#v says %q", e, e.Error())
	}
}

func TestExplainKnowsEveryRuleOfChanges(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, rule := range gosource.Constants(t, "../change", "Rule") {
		text := command.Explain("", "", change.Problem{Rule: rule}, lang.Chinese)
		if lang.Of(text, "") != lang.Chinese || said[text] {
			t.Errorf("%s is explained as %q", rule, text)
		}
		said[text] = true
	}
	p := change.Problem{Rule: change.RuleLocalSubnetMask, Message: "too short", Hint: "was 10.0.0.0/24 meant?"}
	if got := command.Explain("subnet", "10.0.0.1/2", p, lang.English); got != "subnet: too short. Was 10.0.0.0/24 meant?" {
		t.Errorf("in English %q", got)
	}
	if got := command.Explain("subnet", "10.0.0.1/2", p, lang.Chinese); got != "subnet=10.0.0.1/2：本端网段的掩码须为 /8 到 /32，例如 10.0.0.0/24。" {
		t.Errorf("in Chinese %q", got)
	}
}
