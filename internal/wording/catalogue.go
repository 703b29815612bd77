package wording

import (
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// catalogue holds every phrase except those of rules.
type catalogue struct {
	// plans
	planFor, nothingChanges, disconnects, unseen, leftAsItIs, leftUnset, leftUnaccepted phrase
	// what a change does to clients
	keepsOut, keepsOlderOut, oldLine, newLine, orLine, unencrypted, compresses, reconnects, olderReconnect phrase
	connectedNow, wereConnected, concerned, moreCertificates, ahead, silentLoss, expiring, probablyRefused phrase
	// what is not known of it
	connectedUnknown, certificatesUnknown, gatewayUnknown, vpcUnknown, dryRunUnknown phrase
	notPermitted, tooLate, apiFailed, notReported, notRead                           phrase
	// queued changes
	queued, dryRunQueued, waitsForApproval, requestedBy, requestedByFor, needsOne phrase
	needs, approvers, noApprovers, lapses, notifies, dueAt                        phrase
	expiresAt, confirmed, confirmedProof, idle, probed, waitsForFew               phrase
	// votes
	confirmApproval, approved, partlyApproved, approvedBy, goesNow, rejectedBy phrase
	canceling, unlessSent                                                      phrase
	// ended changes
	applied, unverified, unchanged, planned, superseded, supersededBy phrase
	failed, rejected, expired, canceled, waited, votedBy              phrase
	reason                                                            phrase
	// status and history
	statusOf, why, nextAttempt, settingsOf, setting, differs       phrase
	queueEmpty, queueOf, queueAll, queueItem, historyOf, noHistory phrase
	historyItem, historyBy, historyAnd                             phrase
	serversAll, serverItem, noServers, moreServers                 phrase
	// refusals
	refused, hint, apiError phrase
	// messages
	helpTitle, notNow, onlyText, tooLong, badPolicy, noPolicy, reused, late phrase
	undelivered                                                             phrase
}

//nolint:funlen // a list, with both languages side by side
func phrases() catalogue {
	return catalogue{
		planFor:        phrase{"Plan for {server}", "{server} 的变更预览"},
		nothingChanges: phrase{"No changes: the server already has these values.", "没有变化：服务端的配置已经是这些值。"},
		disconnects:    phrase{"Connected clients will be disconnected.", "已连接的客户端会断开。"},
		unseen:         phrase{"The server cannot be read now: ", "目前无法读取服务端配置："},
		leftAsItIs:     phrase{"{field} stays {now}: it was changed again since", "{field} 保持 {now} 不变：之后又被修改过"},
		leftUnaccepted: phrase{
			"{field} stays as it is, {now}: the API does not accept the former value {former}", "{field} 保持 {now} 不变：API 不接受原来的值 {former}",
		},
		leftUnset: phrase{"{field} stays as it is: it had no value before", "{field} 保持不变：变更前没有值"},

		keepsOut: phrase{
			"Connected clients will be disconnected, and cannot return with their old configuration file.", "已连接的客户端会断开，并且不能再用旧的配置文件连接。",
		},
		keepsOlderOut: phrase{
			"Connected clients will be disconnected, and those older than OpenVPN 2.4 cannot return with their old configuration file.",
			"已连接的客户端会断开，其中低于 OpenVPN 2.4 的客户端不能再用旧的配置文件连接。",
		},
		oldLine:     phrase{"Line to change in the configuration file: ", "配置文件中要修改的行："},
		newLine:     phrase{"Line to set in the configuration file: ", "配置文件中要设置的行："},
		orLine:      phrase{", or ", "，或 "},
		unencrypted: phrase{"{setting}: traffic is not encrypted.", "{setting}：流量不加密。"},
		compresses:  phrase{"{setting}: clients from OpenVPN 2.6 refuse compression.", "{setting}：OpenVPN 2.6 及以上的客户端拒绝压缩。"},
		olderReconnect: phrase{
			"Clients older than OpenVPN 2.4 need a changed configuration file to return.", "低于 OpenVPN 2.4 的客户端需要修改配置文件才能重新连接。",
		},
		reconnects: phrase{"Clients need a changed configuration file to return.", "客户端需要修改配置文件才能重新连接。"},

		connectedNow:     phrase{"Connected: {n} of {max}", "已连接：{n}（上限 {max}）"},
		wereConnected:    phrase{"Connected before: {n} of {max}", "变更前已连接：{n}（上限 {max}）"},
		concerned:        phrase{"Certificates concerned: ", "涉及的证书："},
		moreCertificates: phrase{", and {n} more", "，还有 {n} 个"},
		ahead: phrase{
			"A file with these lines works before and after the change, so it can be handed out first:", "包含以下行的配置文件在变更前后都可用，可以提前分发：",
		},
		silentLoss: phrase{
			"{setting}: a client with the old file connects, and no traffic passes.", "{setting}：使用旧配置文件的客户端能够连接，但没有流量通过。",
		},
		expiring:        phrase{"Certificates that expire soon: ", "即将过期的证书："},
		probablyRefused: phrase{"The API will probably refuse the change:", "API 可能会拒绝该变更："},

		connectedUnknown:    phrase{"Number of connected clients not known: ", "已连接的客户端数量未知："},
		certificatesUnknown: phrase{"Certificates concerned not known: ", "涉及的证书未知："},
		gatewayUnknown:      phrase{"Support by the VPN gateway not checked: ", "未检查 VPN 网关是否支持该变更："},
		vpcUnknown:          phrase{"Overlap with the VPC not checked: ", "未检查客户端网段是否与 VPC 重叠："},
		dryRunUnknown:       phrase{"Acceptance by the API not checked: ", "未检查 API 是否接受该变更："},
		notPermitted:        phrase{"the function's role may not call {action}", "函数的角色没有 {action} 权限"},
		tooLate:             phrase{"the API did not answer in time", "API 未及时响应"},
		apiFailed:           phrase{"the API failed", "API 调用失败"},
		notReported:         phrase{"the API does not report it", "API 未返回该信息"},
		notRead:             phrase{"a plan makes at most two more calls; plan the client pool alone", "一次预览最多额外调用两次 API，请单独预览客户端网段"},

		queued:           phrase{"{id} is queued for {server}", "{id} 已加入 {server} 的队列"},
		dryRunQueued:     phrase{"{id} is queued for {server} as a dry run", "{id} 已加入 {server} 的队列（试运行）"},
		waitsForApproval: phrase{"{id} for {server} waits for approval", "{id}（{server}）等待批准"},
		requestedBy:      phrase{"Requested by {who}", "申请人：{who}"},
		requestedByFor:   phrase{"Requested by {who}: {reason}", "申请人：{who}，原因：{reason}"},
		needsOne:         phrase{"One more approval is required.", "还需 1 人批准。"},
		needs:            phrase{"{n} more approvals are required.", "还需 {n} 人批准。"},
		approvers:        phrase{"Approvers: {who}", "审批人：{who}"},
		noApprovers:      phrase{"The policy lists no other approver: ask an admin to add one.", "策略中没有其他审批人，请联系管理员添加。"},
		lapses:           phrase{"An approval is valid for exactly this plan, for 24 hours.", "批准仅对以上内容有效，有效期 24 小时。"},
		notifies:         phrase{"The outcome will be posted here.", "执行结果会在此通知。"},
		dueAt:            phrase{"Due: {time}", "执行时间：{time}"},
		expiresAt:        phrase{"Expires at {time}", "过期时间：{time}"},

		confirmed:      phrase{"It must be confirmed within {time} after it is applied, or it is undone.", "应用后须在 {time}内确认，否则自动撤销。"},
		confirmedProof: phrase{"It is undone at once if the server answered a probe before the change and refuses probes after it.", "如果变更前服务端响应探测、变更后拒绝探测，则立即撤销。"},
		idle:           phrase{"Waits until fewer than {n} clients are connected.", "等到已连接的客户端少于 {n} 个再执行。"},
		waitsForFew:    phrase{"{n} connected, waits for fewer than {limit}.", "当前有 {n} 个客户端连接，须少于 {limit} 个。"},
		probed:         phrase{"The server is probed before and after, as a client would.", "变更前后会像客户端一样探测服务端。"},

		confirmApproval: phrase{"{id} for {server}: approve this plan?", "{id}（{server}）：是否批准？"},
		approved:        phrase{"{id} is approved", "{id} 已批准"},
		partlyApproved:  phrase{"{id} has {n} of {need} approvals", "{id} 已获 {n}/{need} 人批准"},
		approvedBy:      phrase{"Approved by {who}", "批准人：{who}"},
		goesNow:         phrase{"It will be applied to {server} when the gateway is free.", "网关空闲后将应用到 {server}。"},
		rejectedBy:      phrase{"{id} was rejected by {who}", "{id} 已被 {who} 驳回"},
		canceling:       phrase{"{id} is being canceled", "{id} 正在取消"},
		unlessSent:      phrase{"It will not be sent, unless it is being sent at this moment; its record will show the outcome.", "该变更不会再下发；如果此刻正在下发，以变更记录为准。"},

		applied:      phrase{"{id} was applied to {server}", "{id} 已应用到 {server}"},
		unverified:   phrase{"Not verified: the function is not permitted to read the server.", "未核实：函数没有读取服务端配置的权限。"},
		unchanged:    phrase{"{id}: {server} already had these values", "{id}：{server} 的配置已经是这些值"},
		planned:      phrase{"{id}: dry run for {server}", "{id}：{server} 的试运行结果"},
		superseded:   phrase{"{id} was superseded on {server}", "{id} 在 {server} 上已被取代"},
		supersededBy: phrase{"{field} was set by the later change {id}", "{field} 已由后续变更 {id} 设置"},
		failed:       phrase{"{id} failed on {server}", "{id} 在 {server} 上执行失败"},
		rejected:     phrase{"{id} was rejected; nothing was changed on {server}", "{id} 已被驳回，{server} 未被修改"},
		expired:      phrase{"{id} expired; nothing was changed on {server}", "{id} 已过期，{server} 未被修改"},
		canceled:     phrase{"{id} was canceled; nothing was changed on {server}", "{id} 已取消，{server} 未被修改"},
		waited:       phrase{"It ended {time} after it was due.", "从应执行到结束历时 {time}。"},
		votedBy:      phrase{"By {who}", "操作人：{who}"},
		reason:       phrase{"Reason: {reason}", "原因：{reason}"},

		statusOf:    phrase{"{id} for {server}: {status}", "{id}（{server}）：{status}"},
		why:         phrase{"Details: ", "详情："},
		nextAttempt: phrase{"Next attempt: {time}", "下次尝试：{time}"},
		settingsOf:  phrase{"Settings of {server}", "{server} 的当前配置"},
		setting:     phrase{"{field} = {value}", "{field} = {value}"},
		differs:     phrase{"{field}: ", "{field}："},
		queueEmpty:  phrase{"No changes are queued.", "没有排队中的变更。"},
		queueOf:     phrase{"Queued changes:", "排队中的变更："},
		queueAll:    phrase{"Queued changes", "排队中的变更"},
		queueItem:   phrase{"{id} for {server}, requested by {who}: {status}, due {time}", "{id}（{server}，申请人 {who}）：{status}，执行时间 {time}"},
		historyOf:   phrase{"Recent changes of {server}", "{server} 最近的变更"},
		noHistory:   phrase{"There are no earlier changes.", "暂无变更记录。"},
		historyItem: phrase{"{id} at {time}: {status}", "{id}，{time}：{status}"},
		historyBy:   phrase{"by {who}", "申请人：{who}"},
		historyAnd:  phrase{", ", "，"},

		serversAll:  phrase{"Servers that you may see", "你可以查看的服务端"},
		serverItem:  phrase{"{name}: {target}", "{name}：{target}"},
		noServers:   phrase{"The policy names no server that you may see. A server's id works in every command.", "策略中没有你可以查看的服务端名称。所有命令都可以直接使用服务端 ID。"},
		moreServers: phrase{"and {n} more", "还有 {n} 个"},

		refused:  phrase{"Rejected", "未执行"},
		hint:     phrase{"How to fix: ", "解决办法："},
		apiError: phrase{"{code}: {message}", "API 返回 {code}：{message}"},

		helpTitle:   phrase{"Commands", "可用的命令"},
		notNow:      phrase{"The command could not be executed now. Use status to check whether it was accepted before you send it again.", "暂时无法执行。请先用“状态”命令确认是否已受理，再重新发送。"},
		onlyText:    phrase{"Commands are text messages. Try: {command}", "仅支持文字命令，例如：{command}"},
		tooLong:     phrase{"The message is too long: a command has at most 2000 bytes.", "消息过长：命令最长 2000 字节。"},
		badPolicy:   phrase{"The policy is invalid: no command is executed and queued changes wait until an admin fixes it.", "策略文件无效：在管理员修正之前不执行任何操作，排队的变更也会等待。"},
		noPolicy:    phrase{"There is no policy: no command is executed and queued changes wait until an admin writes `policy/policy.yaml`, or sets `NO_POLICY=allow` to work without one.", "没有策略文件：在管理员编写 `policy/policy.yaml`，或设置 `NO_POLICY=allow` 以允许没有策略之前，不执行任何操作，排队的变更也会等待。"},
		reused:      phrase{"The id of this message was used before with other content. Send the command again as a new message.", "该消息的编号已用于其他内容，请作为新消息重新发送命令。"},
		late:        phrase{"You sent this at {time}. It was not executed. Send it again if you still want it.", "此消息发送于 {time}，未执行。如仍需要，请重新发送。"},
		undelivered: phrase{"A notification could not be delivered: ", "有一条通知未能送达："},
	}
}

// statusPhrase names a status.
func statusPhrase(s change.Status) phrase {
	zh := map[change.Status]string{
		change.Queued: "排队中", change.Waiting: "等待中", change.Applying: "执行中", change.Applied: "已应用",
		change.Unchanged: "无需变更", change.Planned: "试运行", change.Rejected: "已驳回", change.Superseded: "已被取代",
		change.Failed: "失败", change.Expired: "已过期", change.Cancelled: "已取消",
	}
	return phrase{string(s), zh[s]}
}

// causePhrase says why a change has not ended.
func causePhrase(c reconcile.Cause) phrase {
	switch c {
	case reconcile.CauseQueued:
		return phrase{"It is queued.", "正在排队。"}
	case reconcile.CauseNotDue:
		return phrase{"It is not due yet.", "未到执行时间。"}
	case reconcile.CauseApproval:
		return phrase{"It waits for approval.", "等待批准。"}
	case reconcile.CauseApplying:
		return phrase{"It is being applied.", "正在执行。"}
	case reconcile.CauseUnverified:
		return phrase{"It was sent and is being verified.", "已下发，正在核实结果。"}
	case reconcile.CauseOthers:
		return phrase{"Earlier changes are being applied.", "正在执行更早的变更。"}
	case reconcile.CauseRecovery:
		return phrase{"The worker that was applying it has stopped; the next drain continues.", "执行进程已中断，下次调度时继续处理。"}
	case reconcile.CauseGateway:
		return phrase{"The gateway is busy.", "网关正忙。"}
	case reconcile.CauseBreaker:
		return phrase{"The API is unavailable, or its calls are paused because it was.", "API 不可用，或因此暂停了调用。"}
	case reconcile.CauseThrottle:
		return phrase{"The API throttles the function's calls.", "API 正在限流。"}
	case reconcile.CauseFailing:
		return phrase{"The API does not accept the modification. It is sent again, at growing intervals.", "API 未接受本次修改，将以逐渐延长的间隔重新下发。"}
	case reconcile.CauseClients:
		return phrase{"It waits until fewer clients are connected.", "等待已连接的客户端减少。"}
	case reconcile.CauseWindow:
		return phrase{"A maintenance window is closed, or there is a freeze.", "维护窗口未开放，或者处于封网期间。"}
	case reconcile.CauseConfirm:
		return phrase{"A change of this server was applied, and is to be confirmed or undone first.", "该服务端有一个已应用的变更，须先确认或撤销。"}
	case reconcile.CausePolicy:
		return phrase{"The policy cannot be used, or no longer permits it.", "策略不可用，或不再允许该变更。"}
	case reconcile.CauseLogin:
		return phrase{"The API does not accept the function's credentials.", "API 拒绝了函数的访问凭证。"}
	default:
		return phrase{"It waits.", "等待中。"}
	}
}

// label is the text of a button.
func label(v command.Verb) phrase {
	switch v {
	case command.Plan:
		return phrase{"Plan", "预览"}
	case command.Apply:
		return phrase{"Apply", "执行"}
	case command.Status:
		return phrase{"Status", "状态"}
	case command.Servers:
		return phrase{"Servers", "服务端"}
	case command.History:
		return phrase{"History", "历史"}
	case command.Windows:
		return phrase{"Windows", "维护窗口"}
	case command.Rollback:
		return phrase{"Roll back", "回滚"}
	case command.Approve:
		return phrase{"Approve", "批准"}
	case command.Reject:
		return phrase{"Reject", "驳回"}
	case command.Cancel:
		return phrase{"Cancel", "取消"}
	case command.Confirm:
		return phrase{"Confirm", "确认"}
	case command.Help:
		return phrase{"Help", "帮助"}
	default:
		return phrase{string(v), string(v)}
	}
}
