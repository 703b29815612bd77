package wording

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// chineseRule is a rule, or a code of a record, in Chinese; "" for one that
// package command explains, and for one that does not occur in chat.
func chineseRule(rule string) string {
	if zh, ok := requestRules()[rule]; ok {
		return zh
	}
	if zh, ok := codes()[rule]; ok {
		return zh
	}
	return documentRule(rule)
}

// documentRule is a rule of documents in Chinese; "" for others. A record of a document
// from a timer has them.
func documentRule(rule string) string {
	for line := range strings.Lines(documentRules) {
		if zh, ok := strings.CutPrefix(line, rule+"\t"); ok && rule != "" {
			return strings.TrimSuffix(zh, "\n")
		}
	}
	return ""
}

// documentRules has each rule of change files and policies in Chinese, with the way out,
// a line each.
const documentRules = "" +
	"too-large\t文档过大：最多 1 MiB，请拆分为多个文档\n" +
	"too-deep\t嵌套层数过多，请减少层数\n" +
	"encoding\t文档须为 UTF-8 编码，且不含不可见的字符；请删去该字符，并保存为 UTF-8\n" +
	"format-unknown\t无法识别文档的格式，请将文件命名为 `.yaml`、`.yml` 或 `.json`\n" +
	"yaml-syntax\tYAML 语法错误，请检查该行及之前的缩进、冒号和引号\n" +
	"yaml-anchor\t不支持锚点、别名和合并键，请直接写出各个值\n" +
	"yaml-tag\t不支持 YAML 标签，请删去标签，文本用引号括起来\n" +
	"yaml-directive\t不支持以 `%` 开头的 YAML 指令，请删去该行\n" +
	"yaml-comment\t值后面的 `#` 会成为注释，请用引号把值括起来\n" +
	"other-document\t这是其他用途的文档，不是变更文件，请检查保存的位置\n" +
	"json-syntax\tJSON 语法错误，请检查该行及之前的逗号、引号和括号\n" +
	"empty-document\t文档为空，请写上内容\n" +
	"unknown-key\t没有这个键，请更正或删去\n" +
	"duplicate-key\t同一个键出现两次，请只保留一个\n" +
	"more-problems\t还有更多问题未列出，请先修正以上问题\n" +
	"too-many-changes\t文档中的变更过多，请拆分为多个文档\n" +
	"no-changes\t文档中没有变更，请至少写一个\n" +
	"misplaced-key\t这个键不能写在此处，请移到正确的位置\n" +
	"refused-parameter\t不支持这个 API 参数，请删去\n" +
	"action-unknown\t不支持这个 API 操作，请改用 ModifySslVpnServer\n" +
	"time-format\t时间须写成带时区的 RFC 3339 形式，例如 `2026-11-23T02:00:00+08:00`\n" +
	"requested-by-not-allowed\t这里不能写 requestedBy，申请人由函数确定，请删去\n" +
	"file-unreadable\t无法读取文件，请重新上传\n" +
	"file-extension\t无法识别文件的格式，请将文件命名为 `.yaml`、`.yml` 或 `.json`\n" +
	"message-reused\t该消息的编号已用于其他内容，请作为新消息重新发送\n" +
	"webhook-id-reused\t这个 webhook-id 已用于其他内容，请为每个请求使用新的\n" +
	"schedule-document\t定时文档的位置或内容不正确，请检查定时触发器的设置\n" +
	"parameter-value\t查询参数的值不正确，请更正\n" +
	"cursor\t游标不正确或已失效，请从第一页重新查询\n" +
	"reindex-from\treindex 的起始位置不正确，请使用上一次回复给出的值\n" +
	"several-documents\t策略只能有一个文档，请删去 `---` 并合并内容\n" +
	"key-missing\t缺少必填的键，请补充\n" +
	"empty-list\t列表为空，请至少写一项，或删去该键\n" +
	"too-many-entries\t条目过多，请减少\n" +
	"duplicate-entry\t条目重复，请只保留一个\n" +
	"person-name-format\t人名须以字母、数字或汉字开头，最多 64 个字符\n" +
	"person-duplicate\t同一个人名出现两次，请把账号写在一个人下\n" +
	"name-look-alike\t两个名称看起来一样，请更换其中一个\n" +
	"person-unknown\t`people` 中没有这个人，请更正或添加\n" +
	"lang-unknown\t语言须为 zh 或 en\n" +
	"door-unknown\t没有这个渠道，请更正\n" +
	"tenant-not-taken\t该渠道的账号没有 tenant，请删去\n" +
	"account-format\t账号和会话的 ID 须有 1 到 128 个字符，不含空白\n" +
	"account-shared\t同一个账号只能属于一个人，请删去其中一处\n" +
	"server-name-format\t服务端名称的格式不正确，请使用字母、数字、汉字、`-`、`_` 和 `.`\n" +
	"server-duplicate\t同一个服务端或名称出现两次，请只保留一个\n" +
	"server-unknown\t`servers` 中没有这个服务端，请更正或添加\n" +
	"server-pattern\t服务端的写法不正确，请使用名称、`region/id` 或含 `*` 的模式\n" +
	"assistant-role\t助手只能有 viewer 和 operator 角色，请去掉其他角色\n" +
	"role-unknown\t角色须为 viewer、operator、approver、admin 或 `policy-editor`\n" +
	"need-range\tneed 须为 1 到 10\n" +
	"policy-editor-everywhere\t`policy-editor` 角色针对整个策略，请单独写一条授权，`servers` 为全部，不带 `settings`\n" +
	"policy-base-outdated\t生效中的策略不是所依据的策略，请重新读取、合并后再写入\n" +
	"policy-put-under-way\t另一次写入正在进行，请稍后原样重复请求\n" +
	"policy-locks-you-out\t写入该策略后您不能再写入策略，请为自己保留 `policy-editor` 角色\n" +
	"policy-locks-everybody-out\t写入该策略后没有人能再写入策略，请将 `policy-editor` 角色授予能够签名请求的人\n" +
	"revision-unknown\t策略没有该编号的修订版\n" +
	"need-not-reachable\t审批人不足，无法获得所需的批准数，请添加审批人或减少 need\n" +
	"max-connected-range\tmaxConnected 超出允许的范围，请更正\n" +
	"otherwise-unknown\totherwise 须为 refuse 或 approval\n" +
	"confirmation-empty\t须写 for 或 proof，或两者都写\n" +
	"time-zone-unknown\t时区须为 IANA 数据库中的名称，例如 `Asia/Shanghai`；不能写时差或 Windows 的名称\n" +
	"digest-format\tdigest 须为一天中的时间，例如 `09:00`\n" +
	"quiet-format\tquiet 须为时间段，例如 `22:00-08:00`，或 none\n" +
	"time-zone-inexact\t该时区在斋月期间拨慢时钟，不能用于维护窗口和封网，请改用其他时区，例如 `UTC`\n" +
	"window-name-format\t维护窗口或封网的名称格式不正确，请使用字母、数字、汉字、`-`、`_` 和 `.`\n" +
	"window-duplicate\t维护窗口或封网的名称重复，请更换其中一个\n" +
	"window-never-opens\t维护窗口没有 `open` 也没有 `also`，不会开放，请添加时段\n" +
	"day-unknown\t`days` 中须为 `mon` 到 `sun`，或 `third sat` 这样的写法\n" +
	"clock-format\t时段的开始和结束须为一天中的时间，例如 `22:00`\n" +
	"date-format\t日期须写成年-月-日，且真实存在，例如 `2027-02-06`\n" +
	"date-contradicts\t同一个日期不能既在 `except` 中又在 `also` 中，请只保留一处\n" +
	"last-start-format\t`lastStart` 须为时长，例如 `15m`\n" +
	"last-start-range\t`lastStart` 须短于最长的开放时段，请写短一些\n" +
	"freeze-time-format\t封网的开始和结束须为真实存在的日期和时间，不带时差，例如 `2026-11-10T00:00`\n" +
	"freeze-empty\t封网的 `until` 须晚于 `from`\n" +
	"reason-format\t`reason` 须为 1 到 200 个字符的一行文字\n" +
	"test-syntax\t这条测试不符合语法，请按策略文档中的写法更正\n" +
	"test-value\t测试中的值不是命令接受的值，请更正\n" +
	"test-window-unknown\t测试中的维护窗口或封网不存在，请更正名称\n" +
	"test-failed\t这条测试与策略不符，请更正策略或测试\n"

// deliveryCodes says in Chinese why a notification was not delivered.
func deliveryCodes() map[chat.FailureCode]string {
	return map[chat.FailureCode]string{
		chat.CodeAddressExpired: "回复地址已过期",
		chat.CodeAddressRefused: "回复地址不是该平台的地址，未发送",
		chat.CodeCertificate:    "平台的证书无效，未发送",
		chat.CodeNoAnswer:       "无法访问平台，或连接中断",
		chat.CodeNotConfigured:  "没有配置该平台，或缺少发送所用的密钥",
		chat.CodeNotUpdatable:   "平台不允许更新这条消息",
		chat.CodePrivateAddress: "平台的域名被解析为非公网地址，未发送",
		chat.CodeSendFailed:     "意外的错误，请反馈",
		chat.CodeTimeout:        "平台未及时响应",
		chat.CodeTooLate:        "24 小时内未能送达",
		chat.CodeUnreadable:     "平台的响应无法解析",
	}
}

func requestRules() map[string]string {
	return map[string]string{
		plan.RuleNotReadable:            "没有读取服务端配置的权限",
		plan.RuleApprovalLapsed:         "批准已失效",
		plan.RuleRejected:               "被审批人驳回",
		plan.RuleCannotBeUndone:         "API 不会再接受现有的值，变更无法撤销",
		plan.RuleUndoConflict:           "API 不会接受原来的值：与服务端的其他设置冲突",
		plan.RuleConfirmed:              "变更已被确认，不再撤销",
		executor.RuleNothingToConfirm:   "该变更不需要确认",
		executor.RuleNotApplied:         "变更还没有应用",
		executor.RuleConfirmLate:        "确认期限已过",
		executor.RuleMayNotConfirm:      "你不能决定该变更是否保留",
		executor.RuleUnguardedUndo:      "该变更尚待确认，“回滚”会立即撤销，不支持 confirm、when、proof 和 override",
		executor.RuleNotLonger:          "新的期限不晚于现有的期限",
		reconcile.RuleClientsUnknown:    "无法确认已连接的客户端数，未执行",
		impact.RulePoolOverlapsVPC:      "客户端网段不能与 VPC 的网段重叠",
		impact.RulePoolBelowConnected:   "客户端网段中每个连接需要 4 个地址",
		impact.RuleSSLNotEnabled:        "VPN 网关未开启 SSL-VPN",
		impact.RuleMFANotPossible:       "2020-03-05 之前创建的 VPN 网关不支持双因子认证",
		policy.RuleNotPermitted:         "策略不允许",
		policy.RuleUnknownAccount:       "策略中没有该账号",
		policy.RulePermissionWithdrawn:  "策略不再允许该变更",
		policy.RuleTooManyConnected:     "已连接的客户端过多，策略不允许此时变更",
		policy.RuleNeverOpens:           "366 天内没有可以下发的时间",
		policy.RuleExpiresBeforeOpening: "变更在可以下发之前就会过期",
		policy.RuleOverrideUnknown:      "策略中没有该服务端的这个封网",
		policy.RuleOverrideNotAllowed:   "该封网不允许豁免",
		policy.RuleOverrideNotNeeded:    "变更到期时不在该封网期间，不需要豁免",
		policy.RulePolicyMissing:        "没有策略文件",
		executor.RuleUnknownServer:      "没有该名称的服务端",
		listing.RuleCursor:              "“更多”的值不属于这个列表，请去掉它，从第一页开始",
		executor.RuleNotAServer:         "这不是 SSL-VPN 服务端的 ID",
		executor.RuleNothingToUndo:      "没有可回滚的内容",
		executor.RuleNoChange:           "没有该变更",
		executor.RuleAmbiguousChange:    "有多个变更的 ID 以此开头",
		executor.RuleEnded:              "变更已结束",
		executor.RuleUnderWay:           "变更正在执行",
		executor.RuleNoApproval:         "该变更不需要批准",
		executor.RuleOwnChange:          "不能批准或驳回自己申请的变更",
		executor.RuleNotYours:           "不是你申请的变更",
		executor.RuleCodeMismatch:       "校验码与当前预览不符，服务端配置已变化",
		executor.RuleNothingToShow:      "目前无法读取服务端配置，不能批准",
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
