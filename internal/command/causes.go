package command

import (
	"net/netip"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lang"
)

// Explain describes how a value breaks a rule of package change: in English with
// the problem's message and hint, in Chinese with what the rule requires and the
// values that the hint suggests. Key and value are as typed; an empty value is not
// shown.
func Explain(key, value string, p change.Problem, tag lang.Tag) string {
	if tag == lang.Chinese {
		return explainChinese(key, value, p)
	}
	text := p.Message + "."
	if key != "" {
		text = key + ": " + text
	}
	if p.Hint != "" {
		text += " " + strings.ToUpper(p.Hint[:1]) + p.Hint[1:]
		if !strings.HasSuffix(text, "?") {
			text += "."
		}
	}
	return text
}

// Explains reports whether Explain has a Chinese text for a rule.
func Explains(rule string) bool { return chineseCauses()[rule] != "" }

func explainChinese(key, value string, p change.Problem) string {
	text := key
	if value != "" {
		text += "=" + value
	}
	if text != "" {
		text += "："
	}
	text += chineseCauses()[p.Rule]
	var found []string
	switch p.Rule {
	case change.RulePortReserved:
		found = suggestions(p.Hint, isNumber)
	case change.RuleCIDRHostBits, change.RulePoolMask, change.RuleLocalSubnetMask, change.RuleCIDRSyntax, change.RulePoolSize:
		found = suggestions(p.Hint, isNetwork)
	case change.RuleNotBeforeInPast:
		found = suggestions(p.Hint, isTime)
		if _, now, ok := strings.Cut(p.Message, "it is now "); ok {
			text += "（现在是 " + now + "）"
		}
	case change.RuleControlCharacter:
		if _, code, ok := strings.Cut(p.Message, "U+"); ok {
			code, _, _ = strings.Cut(code, " ")
			text += "（U+" + code + "）"
		}
	}
	if len(found) > 0 {
		text += "，例如 " + strings.Join(found, " 或 ")
	}
	return text + "。"
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

// chineseCauses says what each rule of package change requires.
func chineseCauses() map[string]string {
	return map[string]string{
		change.RuleRequired:                  "不能为空",
		change.RuleRegionFormat:              "地域 ID 形如 cn-hangzhou：两个小写字母开头，其后为小写字母、数字和短横线，最多 40 个字符",
		change.RuleRegionUnknown:             "函数不认识这个地域；请更正，新地域请加入函数的环境变量 VPC_REGIONS",
		change.RuleServerIDFormat:            "服务端 ID 形如 vss-bp18q7hzj6largv4vk2fe：vss- 加小写字母、数字或单个连字符",
		change.RuleNothingToSet:              "至少需要一项设置",
		change.RuleUnknownSetting:            "不是 SSL 服务端的设置",
		change.RuleWrongType:                 "值的类型不正确",
		change.RulePoolSize:                  "客户端网段太小：每个连接需要 4 个地址，请用更短的掩码",
		change.RuleMFANeedsIDaaS:             "开启双因子认证须同时设置 IDaaS 实例和 IDaaS 地域",
		change.RuleMFANeedsApplication:       "EIAM 2.0 实例（idaas_ 开头）开启双因子认证须同时设置 IDaaS 应用",
		change.RuleTokenLength:               "ClientToken 须有 1 到 64 个字符",
		change.RuleTokenASCII:                "ClientToken 只能包含可见的 ASCII 字符，不能有空格",
		change.RuleTokenReused:               "这个 ClientToken 已用于其他设置",
		change.RuleTokenDuplicate:            "同一个变更重复出现",
		change.RuleExpectEmpty:               "至少需要一个期望值",
		change.RuleExpectMismatch:            "服务端的当前值与期望值不同",
		change.RuleRequestedByLength:         "requestedBy 最多 128 个字符",
		change.RuleNotBeforeTooFar:           "定时时间最多在 366 天之内",
		change.RuleNotBeforeInPast:           "定时时间已过，请写将来的时间；要立即执行则不写，命令中也可写 定时=now",
		change.RuleExpiresInPast:             "过期时间已过，须晚于现在",
		change.RuleNameLength:                "名称须有 2 到 100 个字符",
		change.RuleNameFormat:                "名称须以字母或汉字开头，只含字母、数字、汉字、点、下划线和短横线，不能是网址",
		change.RuleCIDRSyntax:                "网段须写成 IPv4 地址加掩码，多个网段用单个逗号分隔",
		change.RuleCIDRHostBits:              "网段的主机位不为零，须写网络地址",
		change.RulePoolMask:                  "客户端网段的掩码须为 /16 到 /29",
		change.RulePoolForbiddenRange:        "客户端网段不能与 100.64.0.0/10、127.0.0.0/8、169.254.0.0/16、224.0.0.0/4、255.0.0.0/8 重叠；请用私网网段",
		change.RulePoolOverlapsLocalSubnet:   "客户端网段与本端网段不能重叠",
		change.RuleLocalSubnetMask:           "本端网段的掩码须为 /8 到 /32",
		change.RuleLocalSubnetCount:          "本端网段最多 5 个；请用更短的掩码合并相邻网段",
		change.RuleLocalSubnetForbiddenRange: "本端网段不能与 127.0.0.0/8、169.254.0.0/16、224.0.0.0/4、255.0.0.0/8 重叠；请用私网网段",
		change.RuleLocalSubnetDuplicate:      "同一个本端网段不能重复",
		change.RuleProtoUnknown:              "协议须为 TCP 或 UDP",
		change.RulePortRange:                 "端口须为 1 到 65535，常用的是 1194",
		change.RulePortReserved:              "该端口由 VPN 网关保留，请换一个",
		change.RuleCipherUnknown:             "加密算法须为 AES-128-CBC、AES-192-CBC、AES-256-CBC 或 none",
		change.RuleIDaaSFormat:               "IDaaS 的值须有 1 到 128 个字符，只含字母、数字、点、下划线和短横线；请从 IDaaS 控制台复制",
		change.RuleExpectLength:              "期望值最多 512 个字符",
		change.RuleRefLength:                 "工单最多 128 个字符",
		change.RuleReasonLength:              "原因最多 500 个字符",
		change.RuleControlCharacter:          "不能包含控制字符或不可见的格式字符，请重新输入",
		change.RuleExpiresBeforeNotBefore:    "过期时间须晚于定时时间；不写则为定时之后 24 小时",
		change.RuleExpiresTooFar:             "过期时间最多在变更到期执行之后 366 天",
	}
}
