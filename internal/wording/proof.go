package wording

import (
	"cmp"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Proof words what was seen of a server after a change. The server is shown by the
// given name, or by its id if that is "".
func (w Writer) Proof(p record.Proof, server string) chat.Text {
	mark, title := chat.Info, phrase{"{id} on {server}: not everybody has returned", "{id}（{server}）：尚有人未恢复连接"}
	switch {
	case !p.UndoAt.IsZero():
		mark, title = chat.Refused, phrase{"{id} on {server}: the server refuses clients, and the change is being undone", "{id}（{server}）：服务端拒绝连接，正在撤销变更"}
	case p.Fine():
		mark, title = chat.Done, phrase{"{id} on {server}: the server listens", "{id}（{server}）：服务端已正常监听"}
	case p.After.Probe == probe.Refused:
		mark, title = chat.Refused, phrase{"{id} on {server}: the server refuses clients", "{id}（{server}）：服务端拒绝连接"}
	case p.After.Probe != probe.Listening:
		title = phrase{"{id} on {server}: it is not known whether the server answers", "{id}（{server}）：无法确认服务端是否响应"}
	}
	t := w.text(mark, title, args{"id", p.ID, "server", server})
	w.proof(t, p)
	w.next(t, command.Command{Verb: command.Status, Change: p.ID})
	return *t
}

// proven says in the record of a change what was seen of the server after it.
func (w Writer) proven(t *chat.Text, rec record.Record) {
	switch {
	case rec.Proof != nil:
		w.proof(t, *rec.Proof)
	case rec.ProofWanted:
		w.add(t, phrase{"The server is looked at for a few minutes; the result follows here.", "正在观察服务端，几分钟后可在此查看结果。"}, nil)
	}
}

// proof has a line for the probe, and one for the clients.
func (w Writer) proof(t *chat.Text, p record.Proof) {
	after := args{
		"before", probeResult(p.Before).in(w.lang), "after", probeResult(p.After).in(w.lang),
		"why", probeReason(p.After.Reason).in(w.lang),
	}
	switch {
	case p.After.Reason == probe.ChangedAgain:
		w.add(t, phrase{"Probe: {after}; before the change: {before}. A later change gave the server another port or protocol.", "探测：{after}；变更前：{before}。之后的变更又修改了端口或协议。"}, after)
	case p.After.Reason != "":
		w.add(t, phrase{"Probe: {after} ({why}); before the change: {before}", "探测：{after}（{why}）；变更前：{before}"}, after)
	default:
		w.add(t, phrase{"Probe: {after}; before the change: {before}", "探测：{after}；变更前：{before}"}, after)
	}
	if p.After.Probe == probe.Silent {
		w.add(t, phrase{"Silence proves nothing: the server may work.", "无响应不能说明任何问题：服务端可能是正常的。"}, nil)
	}
	missing := cmp.Or(p.Before.NotCounted, p.After.NotCounted)
	switch took := max(p.After.At.Sub(p.VerifiedAt), 0).Round(time.Second); {
	case p.Returned != nil && p.Before.Connected != nil && *p.Before.Connected == 0: // nobody had to return
	case p.Returned != nil && p.Before.Connected != nil:
		w.add(t, phrase{"Connected again: {n} of {all}, within {time}", "已恢复连接：{n}/{all}（用时 {time}）"}, args{
			"n", strconv.Itoa(*p.Returned), "all", strconv.Itoa(*p.Before.Connected), "time", duration(w.lang, max(took, time.Second)),
		})
	case missing != "":
		w.add(t, phrase{"How many are connected again is not known: {why}", "无法得知恢复连接的人数：{why}"}, args{"why", countReason(missing).in(w.lang)})
	}
	if !p.UndoAt.IsZero() {
		w.add(t, undoneByProof(), nil)
	}
}

// undoneByProof words why a change was undone early.
func undoneByProof() phrase {
	return phrase{"Undone because the server answered the probe before the change and refused it after", "服务端在变更前响应探测、变更后拒绝探测，因此撤销"}
}

// probeResult words what a probe found.
func probeResult(l record.Look) phrase {
	switch l.Probe {
	case probe.Listening:
		return phrase{"listening", "正在监听"}
	case probe.Refused:
		return phrase{"refused", "拒绝连接"}
	case probe.Silent:
		return phrase{"silent", "无响应"}
	case probe.NotChecked:
	}
	return phrase{"not checked", "未探测"}
}

// probeReason words why a probe was silent or not made.
func probeReason(r probe.Reason) phrase {
	switch r {
	case probe.NoAnswer:
		return phrase{"nothing came back in time", "未在时限内收到响应"}
	case probe.OtherAnswer:
		return phrase{"what came back is no answer of an OpenVPN server", "收到的不是 OpenVPN 服务端的响应"}
	case probe.Closed:
		return phrase{"the connection was closed without an answer", "连接未经响应即被关闭"}
	case probe.NoAddress:
		return phrase{"the API reports no address", "API 未返回地址"}
	case probe.NotPublic:
		return phrase{"the address is not public", "地址不是公网地址"}
	case probe.NoRoute:
		return phrase{"the function's network does not reach it", "函数所在网络无法到达"}
	case probe.NotPermitted:
		return phrase{"the function's system refuses to send", "函数运行环境不允许发送"}
	case probe.Busy:
		return phrase{"another probe was under way", "另一次探测正在进行"}
	case probe.NoTime:
		return phrase{"there was no time", "时间不足"}
	case probe.NotReadable:
		return phrase{"the VPN gateway could not be read", "无法读取 VPN 网关"}
	case probe.ChangedAgain:
		return phrase{"a later change gave the server another port or protocol", "之后的变更又修改了端口或协议"}
	case probe.NetworkFailed:
	}
	return phrase{"the function's network failed", "函数的网络出现故障"}
}

// countReason words why clients were not counted.
func countReason(n record.NotCounted) phrase {
	switch n {
	case record.CountDenied:
		return phrase{"the function may not list the clients", "函数无权查询客户端"}
	case record.CountUnsupported:
		return phrase{"the VPN gateway does not list its clients", "该 VPN 网关不支持查询客户端"}
	case record.CountNoTime:
		return phrase{"there was no time", "时间不足"}
	case record.CountFailed:
	}
	return phrase{"the API did not answer properly", "API 未正常响应"}
}
