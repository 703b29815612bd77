package wording

import (
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/impact"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/reconcile"
)

// chineseRule is a rule, or a code of a record, in Chinese; "" for one that
// package command explains, and for one that does not occur in chat.
func chineseRule(rule string) string {
	if zh, ok := requestRules()[rule]; ok {
		return zh
	}
	return codes()[rule]
}

func requestRules() map[string]string {
	return map[string]string{
		plan.RuleNotReadable:           "没有读取服务端配置的权限",
		plan.RuleApprovalLapsed:        "批准已失效",
		plan.RuleRejected:              "被审批人驳回",
		plan.RuleCannotBeUndone:        "API 不会再接受现有的值，变更无法撤销",
		plan.RuleUndoConflict:          "API 不会接受原来的值：与服务端的其他设置冲突",
		plan.RuleConfirmed:             "变更已被确认，不再撤销",
		executor.RuleNothingToConfirm:  "该变更不需要确认",
		executor.RuleNotApplied:        "变更还没有应用",
		executor.RuleConfirmLate:       "确认期限已过",
		executor.RuleMayNotConfirm:     "你不能决定该变更是否保留",
		executor.RuleUnguardedUndo:     "该变更尚待确认，“回滚”会立即撤销，不支持 confirm、when 和 proof",
		executor.RuleNotLonger:         "新的期限不晚于现有的期限",
		reconcile.RuleClientsUnknown:   "无法确认已连接的客户端数，未执行",
		impact.RulePoolOverlapsVPC:     "客户端网段不能与 VPC 的网段重叠",
		impact.RulePoolBelowConnected:  "客户端网段中每个连接需要 4 个地址",
		impact.RuleSSLNotEnabled:       "VPN 网关未开启 SSL-VPN",
		impact.RuleMFANotPossible:      "2020-03-05 之前创建的 VPN 网关不支持双因子认证",
		policy.RuleNotPermitted:        "策略不允许",
		policy.RuleUnknownAccount:      "策略中没有该账号",
		policy.RulePermissionWithdrawn: "策略不再允许该变更",
		policy.RuleTooManyConnected:    "已连接的客户端过多，策略不允许此时变更",
		policy.RulePolicyMissing:       "没有策略文件",
		executor.RuleUnknownServer:     "没有该名称的服务端",
		executor.RuleNotAServer:        "这不是 SSL-VPN 服务端的 ID",
		executor.RuleNothingToUndo:     "没有可回滚的内容",
		executor.RuleNoChange:          "没有该变更",
		executor.RuleAmbiguousChange:   "有多个变更的 ID 以此开头",
		executor.RuleEnded:             "变更已结束",
		executor.RuleUnderWay:          "变更正在执行",
		executor.RuleNoApproval:        "该变更不需要批准",
		executor.RuleOwnChange:         "不能批准或驳回自己申请的变更",
		executor.RuleNotYours:          "不是你申请的变更",
		executor.RuleCodeMismatch:      "校验码与当前预览不符，服务端配置已变化",
		executor.RuleNothingToShow:     "目前无法读取服务端配置，不能批准",
	}
}

// codes are those of records and of failed previews.
func codes() map[string]string {
	return map[string]string{ //nolint:gosec // G101: text about credentials, not credentials
		"api-gateway":                          "网关正忙",
		"api-breaker":                          "API 不可用，或因此暂停了调用",
		"api-throttle":                         "API 正在限流",
		"api-credentials":                      "API 拒绝了函数的访问凭证",
		"Cancelled":                            "变更在下发前被取消",
		"Confirmed":                            "变更已被确认，不再撤销",
		"Expired":                              "变更未能在过期前执行",
		"OutcomeUnknown":                       "已下发但未收到响应，结果未知",
		"ReadBackMismatch":                     "API 已受理，但服务端的值与变更不同",
		"GatewayStuck":                         "API 已受理，但网关一直未完成",
		"VpnGateway.FinancialLocked":           "VPN 网关因欠费被锁定",
		"VpnGateway.Deleting":                  "VPN 网关正在删除",
		"VpnGateway.SslVpnDisabled":            "VPN 网关未开启 SSL-VPN，请先开启",
		"QuotaExceeded.VpnRouteEntry":          "VPC 路由表的路由条目已达配额上限，请删除多余路由或提升配额",
		"Resource.QuotaFull":                   "配额已用尽，请删除多余资源或提升配额",
		"RegionUnknown":                        "函数不认识该地域，或该地域没有 VPC API；请更正地域，新地域请加入环境变量 VPC_REGIONS",
		"UnknownError":                         "API 未说明原因；修改网段后出现时，通常是与 VPC、路由或其他网段重叠",
		"Forbidden":                            "没有权限，或该账号下没有此服务端，请检查 ID 和地域",
		"InvalidSslVpnServerId.NotFound":       "该账号在此地域没有这个服务端，请检查 ID 和地域",
		"InvalidVpnGatewayInstanceId.NotFound": "服务端的 VPN 网关已不存在",
		"IdempotentParameterMismatch":          "ClientToken 已用于其他设置",
		"entry-unreadable":                     "存储的变更已损坏",
	}
}
