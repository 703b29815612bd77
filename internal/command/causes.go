package command

import (
	"net/netip"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Explain describes how a value breaks a rule of package change: in English with
// the problem's message and hint, in Chinese with what the rule requires and the
// values that the hint suggests. Key and value are as typed; an empty value is not
// shown.
func Explain(key, value string, p change.Problem, tag lang.Tag) string {
	return joinPieces(ExplainPieces(key, value, p, tag))
}

// ExplainPieces is Explain in its parts.
func ExplainPieces(key, value string, p change.Problem, tag lang.Tag) []Piece {
	if tag == lang.Chinese {
		return explainChinese(key, value, p)
	}
	var out []Piece
	if key != "" {
		out = append(out, Piece{key, true}, Piece{": ", false})
	}
	out = append(append(out, Sentence(p.Message)...), Piece{".", false})
	if p.Hint != "" {
		out = append(append(out, Piece{" ", false}), Sentence(strings.ToUpper(p.Hint[:1])+p.Hint[1:])...)
		if !strings.HasSuffix(p.Hint, "?") {
			out = append(out, Piece{".", false})
		}
	}
	return out
}

// Explains reports whether Explain has a Chinese text for a rule.
func Explains(rule string) bool { return chineseCause(rule) != "" }

func explainChinese(key, value string, p change.Problem) []Piece {
	subject := key
	if value != "" {
		subject += "=" + value
	}
	var out []Piece
	if subject != "" {
		out = append(out, Piece{subject, true}, Piece{"：", false})
	}
	out = append(out, Fill(chineseCause(p.Rule), nil)...)
	var found []string
	switch p.Rule {
	case change.RulePortReserved:
		found = suggestions(p.Hint, isNumber)
	case change.RuleCIDRHostBits, change.RulePoolMask, change.RuleLocalSubnetMask, change.RuleCIDRSyntax, change.RulePoolSize:
		found = suggestions(p.Hint, isNetwork)
	case change.RuleNotBeforeInPast:
		found = suggestions(p.Hint, isTime)
		if _, now, ok := strings.Cut(p.Message, "it is now "); ok {
			out = append(out, Piece{"（现在是 ", false}, Piece{now, true}, Piece{"）", false})
		}
	case change.RuleControlCharacter:
		if _, code, ok := strings.Cut(p.Message, "U+"); ok {
			code, _, _ = strings.Cut(code, " ")
			out = append(out, Piece{"（", false}, Piece{"U+" + code, true}, Piece{"）", false})
		}
	}
	for i, value := range found {
		before := " 或 "
		if i == 0 {
			before = "，例如 "
		}
		out = append(out, Piece{before, false}, Piece{value, true})
	}
	return append(out, Piece{"。", false})
}

// suggestions lists the values that a hint names, which are the same in every
// language.
func suggestions(hint string, is func(string) bool) []string {
	var out []string
	for word := range strings.FieldsSeq(hint) {
		if word = strings.TrimRight(word, ",;?"); is(word) {
			out = append(out, word)
		}
	}
	return out
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func isTime(s string) bool {
	_, ok := change.ParseLocal(s)
	return ok
}

func isNetwork(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

// chineseCause says what a rule of package change requires; "" for other rules.
func chineseCause(rule string) string { return lookUp(chineseCauses, rule) }

// chineseCauses has a line for each rule: its name and its text. One text takes less
// room in the program than a map.
const chineseCauses = "" +
	"required\t不能为空\n" +
	"region-format\t地域 ID 形如 cn-hangzhou：两个小写字母开头，其后为小写字母、数字和短横线，最多 40 个字符\n" +
	"region-unknown\t函数不认识这个地域；请更正，新地域请加入函数的环境变量 VPC_REGIONS\n" +
	"server-id-format\t服务端 ID 形如 vss-bp18q7hzj6largv4vk2fe：vss- 加小写字母、数字或单个连字符\n" +
	"nothing-to-set\t至少需要一项设置\n" +
	"unknown-setting\t不是 SSL 服务端的设置\n" +
	"wrong-type\t值的类型不正确\n" +
	"pool-size\t客户端网段太小：每个连接需要 4 个地址，请用更短的掩码\n" +
	"mfa-needs-idaas\t开启双因子认证须同时设置 IDaaS 实例和 IDaaS 地域\n" +
	"mfa-needs-application\tEIAM 2.0 实例（`idaas_` 开头）开启双因子认证须同时设置 IDaaS 应用\n" +
	"token-length\tClientToken 须有 1 到 64 个字符\n" +
	"token-ascii\tClientToken 只能包含可见的 ASCII 字符，不能有空格\n" +
	"token-reused\t这个 ClientToken 已用于其他设置\n" +
	"token-duplicate\t同一个变更重复出现\n" +
	"expect-empty\t至少需要一个期望值\n" +
	"expect-mismatch\t服务端的当前值与期望值不同\n" +
	"requested-by-length\trequestedBy 最多 128 个字符\n" +
	"not-before-too-far\t定时时间最多在 366 天之内\n" +
	"not-before-in-past\t定时时间已过，请写将来的时间；要立即执行则不写，命令中也可写 定时=now\n" +
	"expires-in-past\t过期时间已过，须晚于现在\n" +
	"name-length\t名称须有 2 到 100 个字符\n" +
	"name-format\t名称须以字母或汉字开头，只含字母、数字、汉字、点、下划线和短横线，不能是网址\n" +
	"cidr-syntax\t网段须写成 IPv4 地址加掩码，多个网段用单个逗号分隔\n" +
	"cidr-host-bits\t网段的主机位不为零，须写网络地址\n" +
	"pool-mask\t客户端网段的掩码须为 /16 到 /29\n" +
	"pool-forbidden-range\t客户端网段不能与 100.64.0.0/10、127.0.0.0/8、169.254.0.0/16、224.0.0.0/4、255.0.0.0/8 重叠；请用私网网段\n" +
	"pool-overlaps-local-subnet\t客户端网段与本端网段不能重叠\n" +
	"local-subnet-mask\t本端网段的掩码须为 /8 到 /32\n" +
	"local-subnet-count\t本端网段最多 5 个；请用更短的掩码合并相邻网段\n" +
	"local-subnet-forbidden-range\t本端网段不能与 127.0.0.0/8、169.254.0.0/16、224.0.0.0/4、255.0.0.0/8 重叠；请用私网网段\n" +
	"local-subnet-duplicate\t同一个本端网段不能重复\n" +
	"proto-unknown\t协议须为 TCP 或 UDP\n" +
	"port-range\t端口须为 1 到 65535，常用的是 1194\n" +
	"port-reserved\t该端口由 VPN 网关保留，请换一个\n" +
	"cipher-unknown\t加密算法须为 AES-128-CBC、AES-192-CBC、AES-256-CBC 或 none\n" +
	"idaas-format\tIDaaS 的值须有 1 到 128 个字符，只含字母、数字、点、下划线和短横线；请从 IDaaS 控制台复制\n" +
	"expect-length\t期望值最多 512 个字符\n" +
	"ref-length\t工单最多 128 个字符\n" +
	"reason-length\t原因最多 500 个字符\n" +
	"control-character\t不能包含控制字符或不可见的格式字符，请重新输入\n" +
	"expires-before-not-before\t过期时间须晚于定时时间；不写则为定时之后 24 小时\n" +
	"expires-too-far\t过期时间最多在变更到期执行之后 366 天\n" +
	"confirm-format\t确认期限须为时长、proof，或两者都写，例如 10m、1h30m、proof、20m+proof\n" +
	"confirm-range\t确认期限须为 1m 到 24h，精确到秒\n" +
	"when-format\t条件须写成 idle(5)：等到已连接的客户端少于 5 个\n" +
	"when-range\t客户端数须为 1 到 10000\n" +
	"guard-of-dry-run\t试运行不下发修改，不能使用 confirm、when、proof 和 override；请去掉该键，或去掉试运行\n" +
	"override-format\t豁免须写策略中封网的名称，最多 64 个字符，只含字母、数字、汉字、点、下划线和短横线\n" +
	"override-reason\t豁免封网须说明原因：为什么不能等到封网结束\n"
