package command

import "github.com/sslvpn-change/sslvpn-change/internal/lang"

// HelpText is the help on one verb.
type HelpText struct {
	Verb    Verb
	Syntax  string // optional parts in […]
	Says    string // what it does
	Example string // a line that Parse accepts
}

// Usage explains a verb, in Chinese or else in English.
func Usage(v Verb, tag lang.Tag) HelpText {
	if tag == lang.Chinese {
		return usageChinese(v)
	}
	return usageEnglish(v)
}

// Summary explains all verbs.
func Summary(tag lang.Tag) []HelpText {
	var out []HelpText
	for _, v := range Verbs() {
		out = append(out, Usage(v, tag))
	}
	return out
}

func usageEnglish(v Verb) HelpText {
	switch v {
	case Plan:
		return HelpText{v, "plan <server> <key>=<value>… [expect.<key>=<value>…]", "Shows what the settings would change, and changes nothing.", "plan vss-bp18q7 port=1195 cipher=AES-256-CBC"}
	case Apply:
		return HelpText{v, "apply <server> <key>=<value>… [expect.<key>=<value>…] [reason=…] [ref=…] [at=<time>] [until=<time>] [confirm=<time>|proof] [when=idle(<number>)] [proof=yes] [override=<freeze>] [--dry-run]", "Requests a change of settings.", "apply vss-bp18q7 port=1195 reason=“close port 1194”"}
	case Status:
		return HelpText{v, "status [<server> | <change>] [by=<person>] [limit=<1 to 20>]", "Shows the state of a server or a change; without either, lists what waits.", "status vss-bp18q7"}
	case Servers:
		return HelpText{v, "servers", "Lists the servers that you may see, with what they do and how many clients are connected.", "servers"}
	case History:
		return HelpText{v, "history [<server>] [since=<time>] [by=<person>] [status=<status>] [limit=<1 to 20>]", "Lists the latest changes, of a server or of all.", "history vss-bp18q7 since=7d"}
	case Windows:
		return HelpText{v, "windows [<server>]", "Shows when changes of a server may be sent in the next seven days, by the policy's windows and freezes; without a server, of all that you may see.", "windows vss-bp18q7"}
	case Rollback:
		return HelpText{v, "rollback <change> [reason=…] [confirm=<time>|proof] [when=idle(<number>)] [proof=yes] [override=<freeze>]", "Reverts a change with a new one: restores only the settings that still have the value that the change set.", "rollback 20261122-7f3akqxcd2 reason=“clients cannot connect”"}
	case Approve:
		return HelpText{v, "approve <change> [<code>]", "Approves another person's pending change. Without a code, shows the diff and the code to use.", "approve 20261122-7f3akqxcd2 k7m2q4xa"}
	case Reject:
		return HelpText{v, "reject <change> [reason=…]", "Rejects a change that waits for approval.", "reject 20261122-7f3akqxcd2 reason=“not during the day”"}
	case Cancel:
		return HelpText{v, "cancel <change> [reason=…]", "Cancels a change that has not taken effect.", "cancel 20261122-7f3akqxcd2"}
	case Confirm:
		return HelpText{v, "confirm <change> [<time>] [reason=…]", "Confirms an applied change, so that it is not undone. With a time, gives that much longer to confirm it.", "confirm 20261122-7f3akqxcd2"}
	case Help:
		return HelpText{v, "help [<command>]", "Explains one command, or lists all commands.", "help apply"}
	default:
		return HelpText{}
	}
}

func usageChinese(v Verb) HelpText {
	switch v {
	case Plan:
		return HelpText{v, "预览 <服务端> <键>=<值>… [期望.<键>=<值>…]", "显示这些设置会改变什么，不做任何修改。", "预览 vss-bp18q7 端口=1195 加密=AES-256-CBC"}
	case Apply:
		return HelpText{v, "变更 <服务端> <键>=<值>… [期望.<键>=<值>…] [原因=…] [工单=…] [定时=<时间>] [过期=<时间>] [确认=<时长>|探测] [条件=空闲(<个数>)] [探测=是] [豁免=<封网>] [--试运行]", "申请变更设置。", "变更 vss-bp18q7 端口=1195 原因=“停用 1194 端口”"}
	case Status:
		return HelpText{v, "状态 [<服务端> | <变更>] [申请人=<人员>] [条数=<1 到 20>]", "查看服务端或变更的状态；都不写则列出等待中的变更。", "状态 vss-bp18q7"}
	case Servers:
		return HelpText{v, "服务端", "列出你可以查看的服务端，包括网关状态和已连接的客户端数。", "服务端"}
	case History:
		return HelpText{v, "历史 [<服务端>] [起始=<时间>] [申请人=<人员>] [状态=<状态>] [条数=<1 到 20>]", "列出最近的变更：某个服务端的，或全部。", "历史 vss-bp18q7 起始=7天"}
	case Windows:
		return HelpText{v, "维护窗口 [<服务端>]", "按策略中的维护窗口和封网，显示未来七天何时可以下发某个服务端的变更；不写服务端则显示你可以查看的全部。", "维护窗口 vss-bp18q7"}
	case Rollback:
		return HelpText{v, "回滚 <变更> [原因=…] [确认=<时长>|探测] [条件=空闲(<个数>)] [探测=是] [豁免=<封网>]", "用一个新变更撤销某个变更：只还原当前值仍等于该变更所设值的设置。", "回滚 20261122-7f3akqxcd2 原因=“客户端连不上”"}
	case Approve:
		return HelpText{v, "批准 <变更> [<校验码>]", "批准他人提交的待审批变更；不写校验码则显示差异和所需的校验码。", "批准 20261122-7f3akqxcd2 k7m2q4xa"}
	case Reject:
		return HelpText{v, "驳回 <变更> [原因=…]", "驳回待审批的变更。", "驳回 20261122-7f3akqxcd2 原因=“白天不做”"}
	case Cancel:
		return HelpText{v, "取消 <变更> [原因=…]", "取消尚未生效的变更。", "取消 20261122-7f3akqxcd2"}
	case Confirm:
		return HelpText{v, "确认 <变更> [<时长>] [原因=…]", "确认已应用的变更，使其不被自动撤销。写上时长则延长确认期限。", "确认 20261122-7f3akqxcd2"}
	case Help:
		return HelpText{v, "帮助 [<命令>]", "说明一条命令，或列出全部命令。", "帮助 变更"}
	default:
		return HelpText{}
	}
}
