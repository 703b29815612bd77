package wording

import (
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/policy"
)

// chineseRule says a rule, or a code of a record, in Chinese: those that package
// command does not explain. "" for one that people in chat do not meet.
func chineseRule(rule string) string {
	if zh, ok := requestRules()[rule]; ok {
		return zh
	}
	return codes()[rule]
}

func requestRules() map[string]string {
	return map[string]string{
		plan.RuleNotReadable:       "没有读取服务端的权限",
		plan.RuleApprovalLapsed:    "批准已失效",
		plan.RuleRejected:          "被审批人驳回",
		policy.RuleNotPermitted:    "策略不允许",
		policy.RuleUnknownAccount:  "策略里没有这个账号",
		executor.RuleUnknownServer: "没有这个名称的服务端",
		executor.RuleNothingToUndo: "没有可以回滚的内容",
		executor.RuleNoChange:      "没有这个变更",
		executor.RuleEnded:         "变更已结束",
		executor.RuleUnderWay:      "变更正在执行",
		executor.RuleNoApproval:    "这个变更不需要批准",
		executor.RuleOwnChange:     "不能批准或驳回自己的变更",
		executor.RuleNotYours:      "这不是你的变更",
		executor.RuleCodeMismatch:  "校验码对应的是另一份预览，服务端已经变化",
		executor.RuleNothingToShow: "现在无法读取服务端，不能批准",
	}
}

// codes are those of records, and of looks that failed.
func codes() map[string]string {
	return map[string]string{ //nolint:gosec // G101: words about credentials, none themselves
		"api-gateway":                "网关正忙",
		"api-breaker":                "API 不可用，或暂时不再调用",
		"api-throttle":               "API 正在限流",
		"api-credentials":            "API 不接受函数的凭证",
		"Cancelled":                  "变更在发送前被取消",
		"Expired":                    "变更没能在过期前执行",
		"OutcomeUnknown":             "已发送但没有答复，结果未知",
		"ReadBackMismatch":           "API 已接受，但服务端没有变化",
		"GatewayStuck":               "API 已接受，但网关一直没有完成",
		"VpnGateway.FinancialLocked": "VPN 网关因欠费被锁定",
		"VpnGateway.Deleting":        "VPN 网关正在删除",
		"entry-unreadable":           "存储的变更已损坏",
	}
}
