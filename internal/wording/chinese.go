package wording

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// chineseSentences has the sentences of refusals that name something, in English and
// Chinese, a line each: {name} stands for what is shown as it is, {name*} for a
// sentence in the sentence, {status} for a status, and {_} for what Chinese does not
// say. Records store the English text only, so that it is read back here. One text
// takes less room in the program than a map.
const chineseSentences = "" +
	"SSL-VPN is not enabled on the VPN gateway {g}\tVPN 网关 {g} 未开启 SSL-VPN\n" +
	"ClientIpPool {p} has fewer than 4 addresses for each connection of the gateway\t客户端网段 {p} 不足：网关的每个连接需要 4 个地址\n" +
	"the VPN gateway {g} was created before 2020-03-05 and cannot use multi-factor authentication\tVPN 网关 {g} 创建于 2020-03-05 之前，不支持双因子认证\n" +
	"have {g} added to the grants in {f}\t请管理员在 {f} 的 `grants` 中加入 {g}\n" +
	"{p} is not {r} of all servers\t{p} 没有所有服务端的 {r} 角色\n" +
	"the policy gives nobody called {p} a permission for this server\t策略没有给名为 {p} 的人授予该服务端的任何权限\n" +
	"the people with a permission for this server: {p}\t有该服务端权限的人：{p}\n" +
	"the nearest name is {p}\t最接近的名称是 {p}\n" +
	"{f} is not a valid policy: {m}\t策略文件无效：{m}\n" +
	"the gateway is busy: {c}\t网关正忙（{c}）\n" +
	"the VPN gateway is applying the change: {s}\tVPN 网关正在执行变更（{s}）\n" +
	"the VPN gateway is applying the change\tVPN 网关正在执行变更\n" +
	"the VPN gateway is {s}\tVPN 网关的状态为 {s}\n" +
	"the API refuses a modification that it may have accepted before: {c}\tAPI 拒绝了一次可能已受理的修改（{c}）\n" +
	"the invocation has too little time left\t本次函数调用的剩余时间不足\n" +
	"the API throttles requests: {c}\tAPI 正在限流（{c}）\n" +
	"the circuit of this region is open: {m*}\t该地域的熔断器已打开：{m*}\n" +
	"the VPC API of {r} is not called before {t}: {m}\t{t} 之前不调用 {r} 的 VPC API，原因：{m}\n" +
	"the VPC API of {r} is not sent modifications before {t}: {m}\t{t} 之前不向 {r} 的 VPC API 下发修改，原因：{m}\n" +
	"the API does not accept the function's credentials: {c}\tAPI 拒绝了函数的访问凭证（{c}）\n" +
	"the API does not answer the modification; the server still has its old settings\tAPI 未响应本次修改，服务端仍为原来的配置\n" +
	"the API does not answer the modification: {m}\tAPI 未响应本次修改：{m}\n" +
	"the API does not answer the modification\tAPI 未响应本次修改\n" +
	"the API does not answer: {m}\tAPI 未响应：{m}\n" +
	"the API answered the modification with an error: {c}\tAPI 对本次修改返回错误 {c}\n" +
	"the API answered the modification once with an error, the last time with {c}; the server still has its old settings\tAPI 对本次修改返回错误 {c}，服务端仍为原来的配置\n" +
	"the API answered the modification once with an error, the last time with {c}\tAPI 对本次修改返回错误 {c}\n" +
	"the API answered the modification {n} times with an error, the last time with {c}; the server still has its old settings\tAPI 对本次修改返回了 {n} 次错误，最近一次为 {c}，服务端仍为原来的配置\n" +
	"the API answered the modification {n} times with an error, the last time with {c}\tAPI 对本次修改返回了 {n} 次错误，最近一次为 {c}\n" +
	"the modification was sent and is not verified yet: {m*}\t已下发，尚未核实：{m*}\n" +
	"the modification was sent and is not verified yet\t已下发，尚未核实\n" +
	"the modification may have been sent and is not sent again: {m*}\t可能已下发，不再重新下发：{m*}\n" +
	"{n} connected, waits for fewer than {m}\t当前有 {n} 个客户端连接，须少于 {m} 个\n" +
	"clients may be returning after the last change\t上次变更之后，客户端可能仍在重新连接\n" +
	"the freeze {f} is in force; the next opening is {t}\t处于封网 {f} 期间，下一个开放时段从 {t} 开始\n" +
	"the freeze {f} is in force; there is no opening within 366 days\t处于封网 {f} 期间，366 天内没有开放时段\n" +
	"the freeze {f} is in force\t处于封网 {f} 期间\n" +
	"the window{_} {w} {_} closed; the next opening is {t}\t维护窗口 {w} 未开放，下一个开放时段从 {t} 开始\n" +
	"the window{_} {w} {_} closed; there is no opening within 366 days\t维护窗口 {w} 未开放，366 天内没有开放时段\n" +
	"the window{_} {w} {_} closed\t维护窗口 {w} 未开放\n" +
	"waits until it may be sent: {m*}\t等待可以下发：{m*}\n" +
	"change {id} of the same settings is before it and waits until it may be sent: {m*}\t前面有一个修改相同设置的变更 {id} 在等待可以下发：{m*}\n" +
	"the change cannot be sent within 366 days: {m*}\t变更在 366 天内不能下发：{m*}\n" +
	"the change expires before it may be sent, which is {t} at the earliest: {m*}\t变更在可以下发之前就会过期，最早可以下发的时间是 {t}：{m*}\n" +
	"the policy has no freeze {f} of this server\t策略中没有该服务端的封网 {f}\n" +
	"nobody may override the freeze {f}\t封网 {f} 不允许豁免\n" +
	"the freeze {f} is not in force when the change is due\t变更到期时不在封网 {f} 期间\n" +
	"a change before it of the same settings waits: {m*}\t前面有一个修改相同设置的变更在等待：{m*}\n" +
	"Allow the RAM action {a} on the resource {r} for the function's role, then submit the change again; or the account has no server {s} in {g}: check the id and RegionId.\t请为函数的角色授予 {r} 上的 {a} 权限，然后重新提交；也可能是该账号在 {g} 没有服务端 {s}，请检查 ID 和地域\n" +
	"Allow the RAM action {a} on the resource {r} for the function's role, then submit the change again.\t请为函数的角色授予 {r} 上的 {a} 权限，然后重新提交\n" +
	"The API refused the change; its diagnosis is at {u}\tAPI 拒绝了该变更，诊断信息见 {u}\n" +
	"The API refused the change; ask the vendor's support about the request {r}.\tAPI 拒绝了该变更，请就请求 {r} 咨询厂商支持\n" +
	"the policy no longer permits it: {m*}\t策略不再允许该变更：{m*}\n" +
	"{a} is an assistant, and assistants may not {deed*}\t{a} 是助手，助手不能{deed*}\n" +
	"override freezes\t豁免封网\n" +
	"confirm or undo changes\t确认或撤销变更\n" +
	"ask a person to do it\t请由人来操作\n" +
	"remove override, or ask a person to request the change\t请去掉 override，或请由人来申请\n" +
	"{a} may not {deed*} on {s}\t按策略，{a} 不能在 {s} 上{deed*}\n" +
	"without a policy, chat users may view settings, and may not {deed*}\t没有策略文件时，聊天用户只能查看设置，不能{deed*}\n" +
	"there is no policy, so nobody is an approver\t没有策略文件，因此没有审批人\n" +
	"view settings\t查看设置\n" +
	"request changes of {f}\t修改 {f}\n" +
	"request changes\t申请变更\n" +
	"approve changes of {f}\t批准对 {f} 的变更\n" +
	"approve changes\t批准变更\n" +
	"cancel others' changes of {f}\t取消他人对 {f} 的变更\n" +
	"cancel others' changes\t取消他人的变更\n" +
	"the account {a} belongs to no person in the policy\t策略中没有账号 {a}\n" +
	"the policy has no person {a}\t策略中没有 {a} 这个人\n" +
	"{a} is not an account, and there is no policy with people\t{a} 不是账号，而且没有策略文件\n" +
	"{n} clients are connected, and the policy permits this change while at most {m} are\t当前有 {n} 个客户端连接，策略只允许在不超过 {m} 个时变更\n" +
	"the policy permits this change while at most {m} clients are connected, and how many are is not known\t策略只允许在已连接的客户端不超过 {m} 个时变更，而目前无法得知连接数\n" +
	"submit it with {w}, so that it waits, or for a quiet hour with notBefore\t请加上 {w} 重新提交（等待客户端减少），或用 notBefore 改在空闲时段执行\n" +
	"grant the function's role {r}, or have guards changed in {f}\t请为函数的角色授予 {r}，或请管理员修改 {f} 中的 `guards`\n" +
	"the policy requires {n} approval{_} now, and the change has {m}; the policy no longer lets these people approve it: {p}\t策略现在要求 {n} 个批准，该变更只有 {m} 个；策略不再允许这些人批准：{p}\n" +
	"the policy requires {n} approval{_} now, and the change has {m}\t策略现在要求 {n} 个批准，该变更只有 {m} 个\n" +
	"there is no server with the name {a}\t没有名为 {a} 的服务端\n" +
	"{a} is not an SSL-VPN server: {_}({kind*})\t{a} 不是 SSL-VPN 服务端，而是其他资源的 ID（{kind*}）\n" +
	"VPN gateway\tVPN 网关\n" +
	"SSL client certificate\tSSL 客户端证书\n" +
	"IPsec connection\tIPsec 连接\n" +
	"customer gateway\t用户网关\n" +
	"VPC\t专有网络\n" +
	"vSwitch\t交换机\n" +
	"route table\t路由表\n" +
	"elastic IP address\t弹性公网 IP\n" +
	"security group\t安全组\n" +
	"ECS instance\t云服务器\n" +
	"the change altered nothing: it ended as {status}\t该变更没有改动任何设置，结果为{status}\n" +
	"no setting of the server still has the value that the change set\t服务端的设置都已不是该变更所设的值\n" +
	"no setting can go back to the value that it had before the change\t没有设置能还原为变更前的值\n" +
	"there is no change {a}\t没有变更 {a}\n" +
	"{a} is the beginning of the ids of several changes\t有多个变更的 ID 以 {a} 开头\n" +
	"the change has ended: it is {status}\t变更已结束，结果为{status}\n" +
	"the change has just ended\t变更刚刚结束\n" +
	"the change has not ended yet\t变更尚未结束\n" +
	"the change was requested by {a}\t该变更由 {a} 申请\n" +
	"{a} confirmed the change {c}: {r}\t{a} 确认了变更 {c}：{r}\n" +
	"{a} confirmed the change {c}\t{a} 确认了变更 {c}\n" +
	"the API would not accept the former value of {f} together with the server's other settings\tAPI 不会接受 {f} 原来的值：与服务端的其他设置冲突\n" +
	"the API would not accept the present value of {f} again, so the change could not be undone\tAPI 不会再接受 {f} 现有的值，变更将无法撤销\n" +
	"the change that it undoes still stands: undo it with rollback\t须撤销的变更仍然生效，请用“回滚”撤销\n" +
	"if it is not wanted, undo it with rollback\t如不需要该变更，请用“回滚”撤销\n" +
	"the change can be confirmed until {t} anyway\t该变更原本就可以在 {t} 之前确认\n" +
	"the time to confirm the change was over at {t}; it is being undone\t确认期限已于 {t} 结束，正在撤销\n" +
	"{a} rejected the change: {r}\t{a} 驳回了该变更：{r}\n" +
	"{a} rejected the change\t{a} 驳回了该变更\n" +
	"only {a} of {b} approvals are still valid\t所需的 {b} 个批准中只有 {a} 个仍然有效\n" +
	"the server has changed since the change was approved\t批准之后服务端的配置发生了变化\n" +
	"{f} is {a}, expected {b}\t{f} 当前为 {a}，期望 {b}\n" +
	"{a} has {n} addresses; {c} connections need {m}\t{a} 有 {n} 个地址，{c} 个连接需要 {m} 个\n" +
	"ClientIpPool {a} and the network {b} of LocalSubnet overlap\t客户端网段 {a} 与本端网段 {b} 重叠\n" +
	"ClientIpPool {a} and the network {b} of the VPC {v} overlap\t客户端网段 {a} 与 VPC {v} 的网段 {b} 重叠\n" +
	"multi-factor authentication would be on without {f}, which {a} needs as an instance of EIAM 2.0\t缺少 {f}，{a} 是 EIAM 2.0 实例\n" +
	"multi-factor authentication would be on without {f}\t缺少 {f}\n" +
	"the change was cancelled before it was applied, by {a}: {r}\t变更在执行前被 {a} 取消：{r}\n" +
	"the change was cancelled before it was applied, by {a}\t变更在执行前被 {a} 取消\n" +
	"the change expired before it could be applied; it last waited until fewer than {n} clients are connected, and {m} were\t变更未能在过期前执行：须等到已连接的客户端少于 {n} 个，最后一次查看时有 {m} 个\n" +
	"the function may not find out how many clients are connected\t函数没有查询已连接客户端数的权限\n" +
	"the API does not say how many clients are connected: {m}\tAPI 未返回已连接的客户端数：{m}\n" +
	"the API does not say how many clients are connected\tAPI 未返回已连接的客户端数\n" +
	"the VPN gateway {g} does not list its clients\tVPN 网关 {g} 不支持查看已连接的客户端\n" +
	"grant the function's role {r}, or submit the change without when\t请为函数的角色授予 {r}，或去掉 when 后重新提交\n" +
	"have the gateway upgraded in the console, so that it shows SSL-VPN clients, or submit the change without when, for a quiet hour (notBefore)\t请在控制台升级网关，使其可以查看 SSL 客户端；或去掉 when，改在空闲时段执行（notBefore）\n" +
	"submit the change without when, for a quiet hour (notBefore)\t请去掉 when 后重新提交，改在空闲时段执行（notBefore）\n" +
	"the change expired before it could be applied; it needed to be approved by {n} {_}\t变更未能在过期前获得所需的 {n} 个批准\n" +
	"{w} may; or have the role {r} granted in {f}\t{w} 有此权限；或请管理员在 {f} 中授予角色 {r}\n" +
	"nobody may; have the role {r} granted in {f}\t目前无人有此权限，请管理员在 {f} 中授予角色 {r}\n" +
	"have the role {r} granted in {f}\t请管理员在 {f} 中授予角色 {r}\n" +
	"have {a} added to the accounts of a person in {f}\t请管理员在 {f} 中把 {a} 加入某人的 `accounts`\n" +
	"have the account added to a person in {f}\t请管理员在 {f} 中把该账号加入某人的 `accounts`\n" +
	"have the sender named in the variable {v}, or have {f} written\t请管理员将发送方加入环境变量 {v}，或编写 {f}\n" +
	"have {f} written\t请管理员编写 {f}\n" +
	"submit a file or a signed HTTP request, or have {f} written\t请改用变更文件或签名的 HTTP 请求，或请管理员编写 {f}\n" +
	"an admin restores {f}\t请管理员恢复 {f}\n" +
	"have it permitted in {f}, then submit the change again\t请管理员在 {f} 中授权，然后重新提交\n" +
	"use the server's id, or one of these names: {n}\t请使用服务端的 ID，或以下名称之一：{n}\n" +
	"use its SSL-VPN server: {n}\t请使用它的 SSL-VPN 服务端：{n}\n" +
	"read the plan as it is now, and approve that: {c}\t请查看最新的预览，然后批准：{c}\n" +
	"resolve it with {a}, then submit the change again\t请与 {a} 沟通后重新提交\n"

// chineseHints has what to do about a rule or a code, where the English hint names
// nothing; "class" and a class for codes of the API.
const chineseHints = "" +
	"unknown-server\t请使用服务端的 ID，例如 `vss-bp18q7hzj6largv4vk2fe`\n" +
	"not-a-server\t请使用以 `vss-` 开头的服务端 ID；“服务端”命令列出你可以查看的服务端\n" +
	"nothing-to-undo\t请用“变更”命令设置需要的值\n" +
	"no-change\t变更 ID 形如 `20261122-7f3akqrcd2`；“状态”命令列出排队的变更\n" +
	"ambiguous-change\t请多写几个字符，或复制完整的 ID\n" +
	"change-ended\t请查看变更记录\n" +
	"change-under-way\t变更结束后可用“回滚”撤销\n" +
	"needs-no-approval\t无需批准；申请人或管理员可以取消\n" +
	"own-change\t请其他审批人处理，或取消该变更\n" +
	"not-your-change\t申请人或管理员可以取消，审批人可以驳回\n" +
	"cannot-be-undone\t请去掉 confirm，或把这些设置放在另一个变更里\n" +
	"undo-conflict\t请用“变更”命令设置需要的值\n" +
	"confirmed\t无需处理，变更将保留\n" +
	"Confirmed\t无需处理，变更将保留\n" +
	"nothing-to-confirm\t无需处理；需要撤销时请用“回滚”\n" +
	"not-applied-yet\t请在变更应用并确认可用之后再确认，或取消该变更\n" +
	"confirmation-late\t如仍需要该变更，请在撤销后重新提交\n" +
	"may-not-confirm\t有权申请或批准这些设置的人可以确认\n" +
	"unguarded-undo\t请去掉它们，或先确认该变更\n" +
	"not-longer\t请写更长的时间（最迟到首次期限后 6 天），或直接确认\n" +
	"server-not-visible\t可以查看预览后再批准\n" +
	"server-not-readable\t请为函数的角色授予 `vpc:DescribeSslVpnServers`\n" +
	"pool-overlaps-vpc\t请选择不与 VPC 重叠的客户端网段\n" +
	"pool-below-connected\t请选择更大的客户端网段\n" +
	"ssl-not-enabled\t请先在控制台为该网关开启 SSL-VPN\n" +
	"mfa-not-possible\t请使用之后创建的 VPN 网关\n" +
	"approval-lapsed\t请查看新的预览，然后重新提交\n" +
	"permission-withdrawn\t请重新提交，并由策略允许的人批准\n" +
	"never-opens\t请更正策略中该服务端的维护窗口和封网\n" +
	"expires-before-opening\t请写更晚的过期时间，或者不写：变更在可以下发之后 24 小时过期\n" +
	"override-unknown\t请写策略中封网的名称，或者去掉豁免\n" +
	"override-not-allowed\t请去掉豁免：变更会等到封网结束\n" +
	"override-not-needed\t请去掉豁免\n" +
	"policy-missing\t请管理员编写 `policy/policy.yaml`\n" +
	"api-gateway\t请稍后重试\n" +
	"api-breaker\t请稍后重试\n" +
	"api-throttle\t请稍后重试\n" +
	"api-credentials\t请检查函数的角色\n" +
	"Expired\t请重新提交，并设置更晚的过期时间\n" +
	"Cancelled\t如仍需要，请重新提交\n" +
	"OutcomeUnknown\t请查看服务端；如仍为旧值，请重新提交\n" +
	"ReadBackMismatch\t可能有其他人同时修改，请查看操作审计，如仍需要请重新提交\n" +
	"GatewayStuck\t请在控制台查看网关，必要时提交工单\n" +
	"entry-unreadable\t请重新提交，并检查还有谁在 `queue/` 下写入\n" +
	"class busy\t网关空闲后会自动重试\n" +
	"class throttled\t会自动重试，无需操作\n" +
	"class unavailable\t会自动重试，无需操作\n" +
	"class held\t会自动重试，无需操作\n" +
	"class unknown\t请查看服务端的当前配置，再决定是否重新提交\n" +
	"class credentials\t请检查函数的角色是否存在\n" +
	"class denied\t请检查函数角色的权限，以及服务端 ID 和地域\n" +
	"class invalid\t请更正后重新提交\n" +
	"class other\t请按错误码查明原因后重新提交\n" +
	"class locked\t请先结清欠费，然后重新提交\n"

// why says in the writer's language why something waits. What is not known in Chinese is
// quoted.
func (w Writer) why(t *chat.Text, english string) {
	line := sentence(english)
	if w.lang == lang.Chinese {
		if known := inChinese(english); known != nil {
			line = known
		}
	}
	w.lead(t, w.phrases.why, line)
}

// inChinese gives an English sentence in Chinese; nil for an unknown one.
func inChinese(english string) chat.Line {
	for line := range strings.SplitSeq(chineseSentences, "\n") {
		pattern, template, _ := strings.Cut(line, "\t")
		if values, ok := match(pattern, english); ok && pattern != "" {
			return fill(template, values)
		}
	}
	return nil
}

// match finds what the {names} of a pattern stand for in a text.
func match(pattern, text string) (args, bool) {
	before, rest, open := strings.Cut(pattern, "{")
	text, ok := strings.CutPrefix(text, before)
	if !ok || !open {
		return nil, ok && text == ""
	}
	var out args
	for {
		name, after, _ := strings.Cut(rest, "}")
		literal, next, more := strings.Cut(after, "{")
		if !more {
			value, ok := strings.CutSuffix(text, literal)
			return append(out, name, value), ok && (value != "" || name == "_")
		}
		value, tail, ok := strings.Cut(text, literal)
		if !ok {
			return nil, false
		}
		out, text, rest = append(out, name, value), tail, next
	}
}

// fill puts values into a Chinese sentence; nil if a sentence in it is not known.
func fill(template string, values args) chat.Line {
	var out chat.Line
	for template != "" {
		before, rest, open := strings.Cut(template, "{")
		out = append(out, lineOf(command.Fill(before, args(nil).get))...)
		if !open {
			break
		}
		name, tail, _ := strings.Cut(rest, "}")
		value := oneLine(values.get(name))
		switch {
		case name == "status":
			out = append(out, chat.Words(statusPhrase(change.Status(value)).zh))
		case strings.HasSuffix(name, "*"):
			inner := inChinese(value)
			if inner == nil {
				return nil
			}
			out = append(out, inner...)
		default:
			out = append(out, chat.Code(value))
		}
		template = tail
	}
	return out
}

// chineseHint says in Chinese what to do about a rule or a code; nil where nothing is
// known.
func chineseHint(rule, class, english string) chat.Line {
	if line := inChinese(english); line != nil {
		return line
	}
	for _, name := range []string{rule, "class " + class} {
		for line := range strings.SplitSeq(chineseHints, "\n") {
			if text, ok := strings.CutPrefix(line, name+"\t"); ok {
				return lineOf(command.Fill(text, args(nil).get))
			}
		}
	}
	return nil
}
