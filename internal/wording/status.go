package wording

import (
	"cmp"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func (w Writer) status(a *executor.Answer) *chat.Text {
	switch {
	case a.Record != nil:
		t := w.Record(*a.Record, serverName(a.Server))
		return &t
	case a.Change != nil:
		return w.changeStatus(a)
	case a.Server != nil:
		return w.serverStatus(a)
	default:
		t := w.text(chat.Info, w.phrases.queueAll, nil)
		w.queue(t, a.Queue)
		w.more(t, a)
		return t
	}
}

func (w Writer) changeStatus(a *executor.Answer) *chat.Text {
	c := a.Change
	t := w.text(chat.Waits, w.phrases.statusOf, args{"id", c.ID, "server", serverName(a.Server), "status", statusPhrase(c.Status).in(w.lang)})
	switch {
	case c.Undoes != "" && c.Cause == reconcile.CauseConfirm:
		w.add(t, phrase{"It undoes {id} unless somebody confirms that change.", "如无人确认变更 {id}，将撤销该变更。"}, args{"id", c.Undoes})
		w.patch(t, c.Patch)
		w.confirmBefore(t, c.Next)
		w.next(t, command.Command{Verb: command.Confirm, Change: c.Undoes})
		return t
	case c.Undoes != "":
		w.add(t, phrase{"It undoes {id}, which was not confirmed.", "变更 {id} 未经确认，由它撤销。"}, args{"id", c.Undoes})
	}
	w.cause(t, c)
	if c.Need > len(c.ApprovedBy) || c.Cause == reconcile.CauseNotDue {
		w.times(t, c)
	} else {
		idle := c.Idle
		if c.Connected > 0 {
			idle = 0 // the cause says it
		}
		w.guards(t, c.Confirm, idle, c.Proof)
	}
	switch {
	case a.Plan == nil:
		w.patch(t, c.Patch)
	case len(a.Problems) > 0:
		w.patch(t, c.Patch)
		w.problems(t, a.Problems)
	default:
		w.effect(t, a.Plan)
	}
	w.approvals(t, a)
	if a.May.Cancel && c.Undoes == "" && c.Status != change.Applying {
		w.next(t, command.Command{Verb: command.Cancel, Change: c.ID})
	}
	if c.Need <= len(c.ApprovedBy) && !c.Next.IsZero() && c.Cause != reconcile.CauseNotDue && c.Cause != reconcile.CauseWindow {
		w.add(t, w.phrases.nextAttempt, args{"time", w.Moment(c.Next)})
	}
	return t
}

// cause says why a change has not ended, with the details where they add to the
// cause.
func (w Writer) cause(t *chat.Text, c *executor.Change) {
	if c.WaitsFor != "" {
		w.add(t, phrase{"It waits until {id} is confirmed or undone.", "等待变更 {id} 确认或撤销。"}, args{"id", c.WaitsFor})
		w.next(t, command.Command{Verb: command.Status, Change: c.WaitsFor})
		return
	}
	if c.Behind != "" {
		w.add(t, phrase{"Change {id} of the same settings has to be sent first.", "须先下发修改相同设置的变更 {id}。"}, args{"id", c.Behind})
		w.next(t, command.Command{Verb: command.Status, Change: c.Behind})
		return
	}
	if c.Cause == reconcile.CauseWindow {
		w.waitsToOpen(t, *c, "")
		return
	}
	w.add(t, causePhrase(c.Cause), nil)
	switch c.Cause {
	case reconcile.CauseUnverified, reconcile.CauseGateway, reconcile.CauseBreaker, reconcile.CauseThrottle, reconcile.CauseLogin, reconcile.CausePolicy,
		reconcile.CauseFailing:
		if c.Why != "" {
			w.why(t, c.Why)
		}
	case reconcile.CauseClients:
		switch {
		case c.Connected > 0:
			w.add(t, w.phrases.waitsForFew, args{"n", strconv.Itoa(c.Connected), "limit", strconv.Itoa(c.Idle)})
		case c.Why != "":
			w.why(t, c.Why)
		}
	case reconcile.CauseQueued, reconcile.CauseNotDue, reconcile.CauseApproval, reconcile.CauseApplying, reconcile.CauseOthers, reconcile.CauseRecovery, reconcile.CauseWindow, reconcile.CauseConfirm:
	}
}

// patch lists the settings that a change requests.
func (w Writer) patch(t *chat.Text, p change.Patch) {
	for _, f := range p.Fields() {
		w.add(t, w.phrases.setting, args{"field", string(f), "value", value(p[f])})
	}
}

func (w Writer) serverStatus(a *executor.Answer) *chat.Text {
	t := w.text(chat.Info, w.phrases.settingsOf, args{"server", serverName(a.Server)})
	if a.Plan != nil && a.Plan.Unseen != nil {
		w.unseen(t, *a.Plan.Unseen)
	}
	for _, f := range change.Fields() {
		if v, ok := a.Server.Settings[f]; ok {
			w.add(t, w.phrases.setting, args{"field", string(f), "value", value(v)})
		}
	}
	if len(a.Queue) > 0 {
		w.add(t, w.phrases.queueOf, nil)
	}
	w.queue(t, a.Queue)
	w.next(t, command.Command{Verb: command.History, Server: serverName(a.Server), Region: regionFor(a.Server)})
	return t
}

// servers lists servers with their names and ids.
func (w Writer) servers(servers []executor.Server) *chat.Text {
	t := w.text(chat.Info, w.phrases.serversAll, nil)
	if len(servers) == 0 {
		w.add(t, w.phrases.noServers, nil)
	}
	for _, s := range servers[:min(len(servers), maxServers)] {
		w.add(t, w.phrases.serverItem, args{"name", s.Name, "target", s.String()})
		if last := len(t.Lines) - 1; s.State != nil {
			t.Lines[last] = append(t.Lines[last], w.state(*s.State)...)
		}
	}
	if len(servers) > executor.MaxStates {
		w.add(t, phrase{"The first {n} are shown with their state; `status <server>` shows that of another.", "仅显示前 {n} 个的状态；其他服务端请用“`状态 <服务端>`”查看。"}, args{"n", strconv.Itoa(executor.MaxStates)})
	}
	if more := len(servers) - maxServers; more > 0 {
		w.add(t, w.phrases.moreServers, args{"n", strconv.Itoa(more)})
	}
	for _, s := range servers[:min(len(servers), maxOffered)] {
		w.next(t, command.Command{Verb: command.Status, Server: s.Name})
	}
	return t
}

// state says what a server does now, behind its name.
func (w Writer) state(s reconcile.State) chat.Line {
	var line chat.Line
	say := func(p phrase, a args) {
		line = append(append(line, render(w.lang, w.phrases.historyAnd, nil)...), render(w.lang, p, a)...)
	}
	if s.Gateway != "" {
		say(phrase{"gateway {state}", "网关{state}"}, args{"state", gatewayPhrase(s.Gateway).in(w.lang)})
	}
	if s.MaxConnections > 0 {
		say(phrase{"connected: {n} of {max}", "已连接 {n}（上限 {max}）"}, args{"n", strconv.Itoa(s.Connected), "max", strconv.Itoa(s.MaxConnections)})
	}
	if s.Unknown != "" {
		missing := phrase{"the rest is not known: ", "其余未知："}
		if line == nil {
			missing = phrase{"its state is not known: ", "状态未知："}
		}
		say(missing, nil)
		line = append(line, render(w.lang, w.reason(s.Unknown), args{"action", "vpc:DescribeSslVpnServers, vpc:DescribeVpnGateway"})...)
	}
	return line
}

// gatewayPhrase words the status of a VPN gateway.
func gatewayPhrase(s sslvpn.GatewayStatus) phrase {
	switch s {
	case sslvpn.GatewayActive:
		return phrase{"active", "正常"}
	case sslvpn.GatewayUpdating:
		return phrase{"busy with a change", "正在执行变更"}
	case sslvpn.GatewayInit, sslvpn.GatewayProvisioning:
		return phrase{"being created", "正在创建"}
	case sslvpn.GatewayDeleting:
		return phrase{"being deleted", "正在删除"}
	default:
		return phrase{"in an unknown state", "状态未知"}
	}
}

// The servers that an answer lists and for which it offers a command.
const (
	maxServers = 50
	maxOffered = 3
)

// regionFor is the region to add to a server's id; a name needs none.
func regionFor(s *executor.Server) string {
	if s.Name != s.ServerID {
		return ""
	}
	return s.RegionID
}

func (w Writer) queue(t *chat.Text, changes []executor.Change) {
	if len(changes) == 0 {
		w.add(t, w.phrases.queueEmpty, nil)
	}
	for _, c := range changes {
		p := args{
			"id", c.ID, "server", cmp.Or(c.Name, c.ServerID), "who", w.marked(c.Requester, c.Assistant), "status", statusPhrase(c.Status).in(w.lang), "time", w.Due(c.Due),
			"of", cmp.Or(c.Undoes, c.WaitsFor),
		}
		switch {
		case c.Undoes != "" && c.Cause != reconcile.CauseConfirm:
			w.add(t, phrase{"{id} for {server}, the undo of {of}: {status}, due {time}", "{id}（{server}，撤销 {of}）：{status}，执行时间 {time}"}, p)
		case c.Undoes != "":
			w.add(t, phrase{"{id} for {server}, the undo of {of} unless somebody confirms it: {status}, due {time}", "{id}（{server}，如不确认则撤销 {of}）：{status}，执行时间 {time}"}, p)
		case c.WaitsFor != "":
			w.add(t, phrase{"{id} for {server}, requested by {who}: waits until {of} is confirmed or undone", "{id}（{server}，申请人 {who}）：等待 {of} 确认或撤销"}, p)
		default:
			w.add(t, w.phrases.queueItem, p)
			w.itemWaits(t, c)
		}
	}
}

func (w Writer) history(a *executor.Answer) *chat.Text {
	if a.Page != nil {
		return w.list(a)
	}
	t := w.text(chat.Info, w.phrases.historyOf, args{"server", serverName(a.Server)})
	if len(a.History) == 0 {
		w.add(t, w.phrases.noHistory, nil)
	}
	for _, rec := range a.History {
		w.add(t, w.phrases.historyItem, args{"id", rec.ID, "time", w.Moment(rec.FinishedAt), "status", statusPhrase(rec.Status).in(w.lang)})
		by := w.phrases.historyBy
		if rec.Undoes != "" {
			by = phrase{"undo of {id}", "撤销 {id}"}
		}
		line := render(w.lang, by, args{"who", w.asker(rec.Origin), "id", rec.Undoes})
		for _, d := range rec.Changed {
			line = append(line, render(w.lang, w.phrases.historyAnd, nil)...)
			line = append(line, w.difference(d)...)
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}
