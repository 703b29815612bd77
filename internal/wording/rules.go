package wording

import (
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/desk"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/policy"
)

// chineseRule says a rule, or a code of a record, in Chinese; "" for one that
// people in chat do not meet.
func chineseRule(rule string) string {
	if zh, ok := settingRules()[rule]; ok {
		return zh
	}
	if zh, ok := requestRules()[rule]; ok {
		return zh
	}
	return codes()[rule]
}

func settingRules() map[string]string {
	return map[string]string{
		change.RuleUnknownSetting:            "没有这个参数",
		change.RuleWrongType:                 "值的类型不对",
		change.RuleNameLength:                "名称长度为 2 到 100 个字符",
		change.RuleNameFormat:                "名称以字母或汉字开头，只含字母、数字、汉字、点、下划线和短横线",
		change.RuleCIDRSyntax:                "网段要写成 IPv4 CIDR，例如 10.30.30.0/24",
		change.RuleCIDRHostBits:              "网段的主机位必须为 0",
		change.RulePoolMask:                  "客户端网段的掩码为 /16 到 /29",
		change.RulePoolForbiddenRange:        "客户端网段不能使用保留地址段",
		change.RulePoolOverlapsLocalSubnet:   "客户端网段与本端网段不能重叠",
		change.RulePoolSize:                  "客户端网段的地址数至少是连接数的四倍",
		change.RuleLocalSubnetMask:           "本端网段的掩码为 /8 到 /32",
		change.RuleLocalSubnetCount:          "本端网段为 1 到 5 个",
		change.RuleLocalSubnetForbiddenRange: "本端网段不能使用保留地址段",
		change.RuleLocalSubnetDuplicate:      "本端网段不能重复",
		change.RuleProtoUnknown:              "协议只能是 TCP 或 UDP",
		change.RulePortRange:                 "端口为 1 到 65535",
		change.RulePortReserved:              "这个端口由网关保留",
		change.RuleCipherUnknown:             "加密算法只能是 AES-128-CBC、AES-192-CBC、AES-256-CBC 或 none",
		change.RuleIDaaSFormat:               "IDaaS 参数为 1 到 128 个字母、数字、点、下划线和短横线",
		change.RuleMFANeedsIDaaS:             "开启双因子认证需要 IDaaSInstanceId 和 IDaaSRegionId",
	}
}

func requestRules() map[string]string {
	return map[string]string{
		change.RuleRequired:               "缺少必填项",
		change.RuleRegionFormat:           "地域格式不对，例如 cn-hangzhou",
		change.RuleServerIDFormat:         "服务器 ID 格式不对，例如 vss-bp18q7hzj6largv4vk2fe",
		change.RuleNothingToSet:           "至少要设置一个参数",
		change.RuleTokenLength:            "ClientToken 为 1 到 64 个字符",
		change.RuleTokenASCII:             "ClientToken 只能是不含空格的 ASCII 字符",
		change.RuleTokenReused:            "这个 ClientToken 已用于其他内容",
		change.RuleTokenDuplicate:         "同一个变更只能写一次",
		change.RuleExpectEmpty:            "expect 至少要有一个参数",
		change.RuleExpectLength:           "expect 的文字最多 512 个字符",
		change.RuleExpectMismatch:         "服务器的值与预期不同",
		change.RuleRefLength:              "工单号最多 128 个字符",
		change.RuleReasonLength:           "原因最多 500 个字符",
		change.RuleRequestedByLength:      "申请人最多 128 个字符",
		change.RuleControlCharacter:       "文字不能含换行、控制字符或不可见字符",
		change.RuleNotBeforeTooFar:        "开始时间最多在 366 天之内",
		change.RuleExpiresBeforeNotBefore: "过期时间要晚于开始时间",
		change.RuleExpiresInPast:          "过期时间要在将来",
		change.RuleExpiresTooFar:          "过期时间最多在到期后 366 天之内",
		plan.RuleNotReadable:              "没有读取服务器的权限",
		plan.RuleApprovalLapsed:           "批准已失效",
		plan.RuleRejected:                 "被审批人驳回",
		policy.RuleNotPermitted:           "策略不允许",
		policy.RuleUnknownAccount:         "策略里没有这个账号",
		desk.RuleUnknownServer:            "没有这个名称的服务器",
		desk.RuleNothingToUndo:            "没有可以回滚的内容",
		desk.RuleNoChange:                 "没有这个变更",
		desk.RuleEnded:                    "变更已结束",
		desk.RuleUnderWay:                 "变更正在执行",
		desk.RuleNoApproval:               "这个变更不需要批准",
		desk.RuleOwnChange:                "不能批准或驳回自己的变更",
		desk.RuleNotYours:                 "这不是你的变更",
		desk.RuleCodeMismatch:             "验证码对应的是另一份预览，服务器已经变化",
		desk.RuleNothingToShow:            "现在无法读取服务器，不能批准",
	}
}

// codes are those of records, and of looks that failed.
func codes() map[string]string {
	return map[string]string{
		"api-gateway":                "网关正忙",
		"api-breaker":                "API 不可用，或暂时不再调用",
		"api-throttle":               "API 正在限流",
		"api-credentials":            "API 不接受函数的凭证",
		"Cancelled":                  "变更在发送前被取消",
		"Expired":                    "变更没能在过期前执行",
		"OutcomeUnknown":             "已发送但没有答复，结果未知",
		"ReadBackMismatch":           "API 已接受，但服务器没有变化",
		"GatewayStuck":               "API 已接受，但网关一直没有完成",
		"VpnGateway.FinancialLocked": "VPN 网关因欠费被锁定",
		"VpnGateway.Deleting":        "VPN 网关正在删除",
		"entry-unreadable":           "存储的变更已损坏",
	}
}
