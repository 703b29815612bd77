package wording

import (
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/reconcile"
)

// catalogue holds every phrase but those of rules.
type catalogue struct {
	planFor, nothingChanges, disconnects, unseen, leftAsItIs, leftUnset           words
	inLine, dryRunInLine, waitsForApproval, askedBy, askedByFor, needsOne, needs  words
	whoMay, nobodyMay, lapses, tellYou, dueAt, expiresAt                          words
	lookThenApprove, approved, partlyApproved, approvedBy, goesNow, refusedBy     words
	willCancel, unlessSent                                                        words
	applied, unverified, unchanged, planned, superseded, supersededBy, failed     words
	rejected, expired, cancelled, waited, saidBy, agreedBy, forReason, recordOf   words
	stands, why, nextLook                                                         words
	serverIs, setting, lineEmpty, lineOf, lineAll, lineItem, historyOf, noHistory words
	historyItem, historyBy                                                        words
	notDone, unknownRule, problemAt, detail, hint, apiSays                        words
	helpTitle, notNow, onlyText, tooLong, badPolicy, reused, undelivered          words
}

//nolint:funlen // a list, with both languages side by side
func phrases() catalogue {
	return catalogue{
		planFor:        words{"Plan for {server}", "{server} 的变更预览"},
		nothingChanges: words{"Nothing would change: the server has these values already.", "不会有变化：服务器已经是这些值。"},
		disconnects:    words{"People who are connected will be disconnected.", "已连接的用户会断开。"},
		unseen:         words{"The server cannot be looked at now: {why}", "现在无法读取服务器：{why}"},
		leftAsItIs:     words{"Left as it is: {field} is {now} by now", "保持不变：{field} 现在是 {now}"},
		leftUnset:      words{"Left as it is: {field} had no value before", "保持不变：{field} 之前没有值"},

		inLine:           words{"{id} is in line for {server}", "{id} 已为 {server} 排队"},
		dryRunInLine:     words{"{id} is in line for {server}, as a dry run", "{id} 已为 {server} 排队（试运行）"},
		waitsForApproval: words{"{id} for {server} waits for approval", "{id}（{server}）等待批准"},
		askedBy:          words{"Asked by {who}", "申请人：{who}"},
		askedByFor:       words{"Asked by {who}: {reason}", "申请人：{who}，原因：{reason}"},
		needsOne:         words{"One other person must agree.", "需要另外 1 人批准。"},
		needs:            words{"{n} other people must agree.", "需要另外 {n} 人批准。"},
		whoMay:           words{"These may: {who}", "可批准的人：{who}"},
		nobodyMay:        words{"By the policy nobody may: an admin adds an approver.", "按策略无人可以批准：请管理员添加审批人。"},
		lapses:           words{"An approval counts for exactly this, for 24 hours.", "批准只对以上内容有效，24 小时内有效。"},
		tellYou:          words{"You will be told here how it ends.", "结果会在这里通知。"},
		dueAt:            words{"Not before {time}", "不早于 {time}"},
		expiresAt:        words{"Expires at {time}", "{time} 过期"},

		lookThenApprove: words{"{id} for {server}: approve this?", "{id}（{server}）：是否批准？"},
		approved:        words{"{id} is approved", "{id} 已批准"},
		partlyApproved:  words{"{id} has {n} of {need} approvals", "{id} 已有 {n}/{need} 人批准"},
		approvedBy:      words{"Approved by {who}", "批准人：{who}"},
		goesNow:         words{"It goes to {server} when the gateway is free.", "网关空闲时会应用到 {server}。"},
		refusedBy:       words{"{id} is refused by {who}", "{id} 已被 {who} 驳回"},
		willCancel:      words{"{id} is being cancelled", "{id} 正在取消"},
		unlessSent:      words{"Unless it is being sent at this moment. Who asked is told how it ends.", "除非此刻正在发送。结果会通知申请人。"},

		applied:      words{"{id} was applied to {server}", "{id} 已应用到 {server}"},
		unverified:   words{"Not verified: the function may not read the server.", "未核实：函数没有读取服务器的权限。"},
		unchanged:    words{"{id}: {server} had these values already", "{id}：{server} 已经是这些值"},
		planned:      words{"{id}: dry run for {server}", "{id}：{server} 试运行"},
		superseded:   words{"{id} was superseded on {server}", "{id} 在 {server} 上已被取代"},
		supersededBy: words{"{field} was set by {id}", "{field} 由 {id} 设置"},
		failed:       words{"{id} failed on {server}", "{id} 在 {server} 上失败"},
		rejected:     words{"{id} was rejected, nothing was sent to {server}", "{id} 被拒绝，未向 {server} 发送"},
		expired:      words{"{id} expired, nothing was sent to {server}", "{id} 已过期，未向 {server} 发送"},
		cancelled:    words{"{id} was cancelled, nothing was sent to {server}", "{id} 已取消，未向 {server} 发送"},
		waited:       words{"It waited {time}.", "等待了 {time}。"},
		saidBy:       words{"By {who}", "操作人：{who}"},
		agreedBy:     words{"Approved by {who}", "批准人：{who}"},
		forReason:    words{"Reason: {reason}", "原因：{reason}"},
		recordOf:     words{"Record: {key}", "记录：{key}"},

		stands:   words{"{id} for {server}: {status}", "{id}（{server}）：{status}"},
		why:      words{"Why: {why}", "详情：{why}"},
		nextLook: words{"Next look: {time}", "下次检查：{time}"},

		serverIs:    words{"{server} is now", "{server} 现在的配置"},
		setting:     words{"{field} = {value}", "{field} = {value}"},
		lineEmpty:   words{"Nothing is in line.", "没有排队的变更。"},
		lineOf:      words{"In line:", "排队中："},
		lineAll:     words{"Changes in line", "排队中的变更"},
		lineItem:    words{"{id} for {server} by {who}: {status}", "{id}（{server}，{who}）：{status}"},
		historyOf:   words{"The last changes of {server}", "{server} 最近的变更"},
		noHistory:   words{"None is known.", "没有记录。"},
		historyItem: words{"{id} at {time}: {status}", "{id}，{time}：{status}"},
		historyBy:   words{"by {who}", "申请人：{who}"},

		notDone:     words{"Not done", "未执行"},
		unknownRule: words{"{message}", "{message}"},
		problemAt:   words{"{path}: {message}", "{path}：{message}"},
		detail:      words{"({message})", "（{message}）"},
		hint:        words{"What helps: {hint}", "建议：{hint}"},
		apiSays:     words{"{code}: {message}", "{code}：{message}"},

		helpTitle: words{"What can be asked here", "可用的命令"},
		notNow: words{
			"This cannot be done now. Send it again as it is: nothing is done twice.",
			"现在无法完成。请原样重发，不会重复执行。",
		},
		onlyText:    words{"Commands are text. Try: {command}", "命令只能是文字。试试：{command}"},
		tooLong:     words{"The message is too long for a command: 2000 bytes at most.", "消息太长：命令最多 2000 字节。"},
		badPolicy:   words{"The policy cannot be used, so nothing is done until an admin mends it.", "策略文件无效，管理员修正之前不执行任何操作。"},
		reused:      words{"This message was used before, for something else. Send the command again.", "这条消息的编号已用于其他内容。请重新发送命令。"},
		undelivered: words{"An answer could not be delivered: {code} {message}", "有一条结果未能送达：{code} {message}"},
	}
}

// statusWords names statuses.
func statusWords(s change.Status) words {
	zh := map[change.Status]string{
		change.Queued: "排队中", change.Waiting: "等待中", change.Applying: "执行中", change.Applied: "已应用",
		change.Unchanged: "无需变更", change.Planned: "试运行", change.Rejected: "已拒绝", change.Superseded: "已被取代",
		change.Failed: "失败", change.Expired: "已过期", change.Cancelled: "已取消",
	}
	return words{string(s), zh[s]}
}

// causeWords says why a change has not ended.
func causeWords(c reconcile.Cause) words {
	switch c {
	case reconcile.CauseInLine:
		return words{"It is in line.", "正在排队。"}
	case reconcile.CauseNotDue:
		return words{"It is not due yet.", "还没到执行时间。"}
	case reconcile.CauseApproval:
		return words{"It waits to be approved.", "等待批准。"}
	case reconcile.CauseApplying:
		return words{"It is being applied.", "正在执行。"}
	case reconcile.CauseSettling:
		return words{"It was sent, and is being verified.", "已发送，正在核实。"}
	case reconcile.CauseOthers:
		return words{"Changes before it are being applied.", "正在执行前面的变更。"}
	case reconcile.CauseRecovery:
		return words{"A worker died; the next look goes on.", "上一个执行者已中断，下次检查会接手。"}
	case reconcile.CauseGateway:
		return words{"The gateway is busy.", "网关正忙。"}
	case reconcile.CauseBreaker:
		return words{"The API is down, or left alone for a while because it was.", "API 不可用，或暂时不再调用。"}
	case reconcile.CauseThrottle:
		return words{"The API asks for fewer calls.", "API 正在限流。"}
	case reconcile.CauseLogin:
		return words{"The API does not accept the function's credentials.", "API 不接受函数的凭证。"}
	default:
		return words{"It waits.", "等待中。"}
	}
}

// label is what a button says.
func label(v command.Verb) words {
	switch v {
	case command.Plan:
		return words{"Plan", "预览"}
	case command.Apply:
		return words{"Apply", "执行"}
	case command.Status:
		return words{"Status", "状态"}
	case command.History:
		return words{"History", "历史"}
	case command.Rollback:
		return words{"Roll back", "回滚"}
	case command.Approve:
		return words{"Approve", "批准"}
	case command.Reject:
		return words{"Reject", "驳回"}
	case command.Cancel:
		return words{"Cancel", "取消"}
	case command.Help:
		return words{"Help", "帮助"}
	default:
		return words{string(v), string(v)}
	}
}
