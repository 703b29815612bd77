package wording

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Answer words the result of a command.
func (w Writer) Answer(answer executor.Answer) chat.Text {
	a := &answer
	w = w.zoneOf(a.Command, a.Zone)
	var t *chat.Text
	switch {
	case a.Outcome == executor.Refused:
		t = w.refused(a)
	case a.Verb == command.Help:
		t = w.help(a.Command.Topic)
	case a.Verb == command.Plan:
		t = w.plan(a)
	case a.Verb == command.Servers:
		t = w.servers(a.Servers)
	case a.Verb == command.Windows:
		t = w.windows(a)
	case a.Verb == command.History:
		t = w.history(a)
	case a.Outcome == executor.Accepted && a.Record != nil: // a redelivery, after the change has ended
		end := w.Record(*a.Record, serverName(a.Server))
		t = &end
	case a.Verb == command.Status:
		t = w.status(a)
	case a.Verb == command.Confirm:
		t = w.confirm(a)
	case a.Verb == command.Rollback && a.Change.Undoes != "":
		t = w.undoAtOnce(a)
	case a.Verb == command.Apply, a.Verb == command.Rollback:
		t = w.queued(a)
	case a.Verb == command.Approve:
		t = w.approve(a)
	default:
		t = w.withdrawn(a)
	}
	w.clocks(t, a)
	return *t
}

func (w Writer) plan(a *executor.Answer) *chat.Text {
	t := w.text(chat.Info, w.phrases.planFor, args{"server", serverName(a.Server)})
	if len(a.Problems) > 0 {
		t.Mark = chat.Refused
		w.problems(t, a.Problems)
		return t
	}
	w.effect(t, a.Plan)
	if len(a.Plan.Changed) > 0 || a.Plan.Unseen != nil {
		w.due(t, a.Command.NotBefore)
		w.gate(t, a.Plan.Window, a.Command.NotBefore)
		confirm := a.Plan.Confirm
		if confirm.IsZero() {
			confirm = a.Command.Confirm
		}
		w.guards(t, confirm, a.Command.Idle, a.Command.Proof)
		w.overrides(t, a.Command.Override)
		c := a.Command
		c.Verb, c.DryRun = command.Apply, false
		w.nextWarning(t, c, w.Warning(a.Plan.Changed, a.Plan.Impact))
	}
	return t
}

// effect shows what a change does, or why the server cannot be read.
func (w Writer) effect(t *chat.Text, p *executor.Plan) {
	if p == nil {
		return
	}
	switch {
	case p.Unseen != nil:
		w.unseen(t, *p.Unseen)
	case len(p.Changed) == 0:
		w.add(t, w.phrases.nothingChanges, nil)
	default:
		w.differences(t, p.Changed)
		w.effects(t, p.Changed, p.Impact)
	}
	w.left(t, p)
}

// unseen says why a server cannot be read.
func (w Writer) unseen(t *chat.Text, why change.Problem) {
	reason := sentence(why.Message)
	if w.lang == lang.Chinese {
		reason = w.chineseMessage(why, inChinese(why.Message))
	}
	w.lead(t, w.phrases.unseen, reason)
}

// left lists the settings that a rollback does not restore.
func (w Writer) left(t *chat.Text, p *executor.Plan) {
	for _, d := range p.Left {
		switch {
		case d.To.String() == "":
			w.add(t, w.phrases.leftUnset, args{"field", string(d.Field)})
		case slices.Contains(p.Unaccepted, d.Field):
			w.add(t, w.phrases.leftUnaccepted, args{"field", string(d.Field), "now", value(d.From), "former", value(d.To)})
		default:
			w.add(t, w.phrases.leftAsItIs, args{"field", string(d.Field), "now", value(d.From)})
		}
	}
}

// queued words a change that was queued.
func (w Writer) queued(a *executor.Answer) *chat.Text {
	c := a.Change
	p := args{"id", c.ID, "server", serverName(a.Server)}
	if c.Need > len(c.ApprovedBy) {
		t := w.text(chat.Waits, w.phrases.waitsForApproval, p)
		w.effect(t, a.Plan)
		w.approvals(t, a)
		w.times(t, c)
		return t
	}
	title := w.phrases.queued
	if a.Command.DryRun {
		title = w.phrases.dryRunQueued
	}
	t := w.text(chat.Waits, title, p)
	if a.Command.DryRun && a.Plan != nil {
		w.differences(t, a.Plan.Changed) // a dry run disconnects nobody
	} else {
		w.effect(t, a.Plan)
	}
	w.times(t, c)
	w.notify(t, a)
	w.next(t, command.Command{Verb: command.Status, Change: c.ID})
	w.next(t, command.Command{Verb: command.Cancel, Change: c.ID})
	return t
}

// due shows when a change is due.
func (w Writer) due(t *chat.Text, at time.Time) {
	w.add(t, w.phrases.dueAt, args{"time", w.Due(at)})
}

// times shows when a change is due, and its expiry.
func (w Writer) times(t *chat.Text, c *executor.Change) {
	w.due(t, c.Due)
	w.gate(t, c.Window, c.Due)
	w.add(t, w.phrases.expiresAt, args{"time", w.Moment(c.Expires)})
	w.guards(t, c.Confirm, c.Idle, c.Proof)
}

// guards shows what makes a change safer.
func (w Writer) guards(t *chat.Text, confirm change.Confirmation, idle int, proof bool) {
	if idle > 0 {
		w.add(t, w.phrases.idle, args{"n", strconv.Itoa(idle)})
	}
	if !confirm.IsZero() {
		w.add(t, w.phrases.confirmed, args{"time", duration(w.lang, confirm.For)})
	}
	if confirm.Proof {
		w.add(t, w.phrases.confirmedProof, nil)
	}
	if proof && !confirm.Proof {
		w.add(t, w.phrases.probed, nil)
	}
}

// overrides says which freeze a change overrides: whoever approves it has to know.
func (w Writer) overrides(t *chat.Text, freeze string) {
	if freeze != "" {
		w.add(t, phrase{"It overrides the freeze {freeze}.", "它豁免封网 {freeze}。"}, args{"freeze", freeze})
	}
}

// approvals shows who requested and approved a change, which approvals are
// missing, and how to give them.
func (w Writer) approvals(t *chat.Text, a *executor.Answer) {
	c := a.Change
	if c.Reason != "" {
		w.add(t, w.phrases.requestedByFor, args{"who", w.marked(c.Requester, c.Assistant), "reason", c.Reason})
	} else {
		w.add(t, w.phrases.requestedBy, args{"who", w.marked(c.Requester, c.Assistant)})
	}
	w.overrides(t, c.Override)
	if len(c.ApprovedBy) > 0 {
		w.add(t, w.phrases.approvedBy, args{"who", list(w.lang, c.ApprovedBy)})
	}
	missing := c.Need - len(c.ApprovedBy)
	switch {
	case missing <= 0:
		return
	case missing == 1:
		w.add(t, w.phrases.needsOne, nil)
	default:
		w.add(t, w.phrases.needs, args{"n", strconv.Itoa(missing)})
	}
	others := slices.DeleteFunc(slices.Clone(c.Approvers), func(who string) bool { return slices.Contains(c.ApprovedBy, who) })
	if len(others) > 0 {
		w.add(t, w.phrases.approvers, args{"who", list(w.lang, others)})
	} else {
		w.add(t, w.phrases.noApprovers, nil)
	}
	if a.Plan == nil || a.Plan.Code == "" {
		return
	}
	if c.Counts.IsZero() {
		w.add(t, w.phrases.lapses, nil)
	} else {
		w.add(t, phrase{"An approval is valid for exactly this plan, until {time}", "批准仅对以上内容有效，截止时间：{time}"}, args{"time", w.Moment(c.Counts)})
	}
	// The answer to a request is for everybody in the room; other answers are for the
	// sender.
	if a.May.Known && !a.May.Approve {
		return
	}
	w.nextWarning(t, command.Command{Verb: command.Approve, Change: c.ID, Code: a.Plan.Code}, w.Warning(a.Plan.Changed, a.Plan.Impact))
	w.next(t, command.Command{Verb: command.Reject, Change: c.ID})
}

func (w Writer) approve(a *executor.Answer) *chat.Text {
	c := a.Change
	if a.Outcome == executor.NotYet {
		t := w.text(chat.Waits, w.phrases.confirmApproval, args{"id", c.ID, "server", serverName(a.Server)})
		w.effect(t, a.Plan)
		w.times(t, c)
		w.approvals(t, a)
		return t
	}
	if missing := c.Need - len(c.ApprovedBy); missing > 0 {
		t := w.text(chat.Waits, w.phrases.partlyApproved, args{
			"id", c.ID, "n", strconv.Itoa(len(c.ApprovedBy)), "need", strconv.Itoa(c.Need),
		})
		w.add(t, w.phrases.approvedBy, args{"who", list(w.lang, c.ApprovedBy)})
		w.times(t, c)
		return t
	}
	t := w.text(chat.Waits, w.phrases.approved, args{"id", c.ID})
	if a.Plan != nil {
		w.differences(t, a.Plan.Changed)
	}
	w.add(t, w.phrases.approvedBy, args{"who", list(w.lang, c.ApprovedBy)})
	w.due(t, c.Due)
	w.gate(t, c.Window, c.Due)
	w.guards(t, c.Confirm, c.Idle, c.Proof)
	w.add(t, w.phrases.goesNow, args{"server", serverName(a.Server)})
	w.notify(t, a)
	return t
}

// notify announces a notification, where the channel can deliver one.
func (w Writer) notify(t *chat.Text, a *executor.Answer) {
	if a.Notifies {
		w.add(t, w.phrases.notifies, nil)
	}
}

// withdrawn words a change that was rejected or canceled by a person.
func (w Writer) withdrawn(a *executor.Answer) *chat.Text {
	if a.Change.Undoes != "" {
		return w.confirm(a)
	}
	t := w.text(chat.Waits, w.phrases.canceling, args{"id", a.Change.ID})
	if a.Verb == command.Reject {
		t = w.text(chat.Refused, w.phrases.rejectedBy, args{"id", a.Change.ID, "who", a.By})
	}
	if a.Command.Reason != "" {
		w.add(t, w.phrases.reason, args{"reason", a.Command.Reason})
	}
	w.add(t, w.phrases.unlessSent, nil)
	return t
}

// refused words a refusal.
func (w Writer) refused(a *executor.Answer) *chat.Text {
	t := w.text(chat.Refused, w.phrases.refused, nil)
	if a.Record != nil && a.Refusal == executor.TooLate {
		end := w.Record(*a.Record, serverName(a.Server))
		t.Lines = append(t.Lines, end.Title)
	}
	w.problems(t, a.Problems)
	if a.Plan != nil && a.Plan.Unseen == nil {
		w.differences(t, a.Plan.Changed)
		w.left(t, a.Plan)
	}
	if a.Verb == command.Approve && a.Plan != nil && a.Plan.Code != "" && a.Change != nil {
		w.times(t, a.Change)
		w.nextWarning(t, command.Command{Verb: command.Approve, Change: a.Change.ID, Code: a.Plan.Code}, w.Warning(a.Plan.Changed, a.Plan.Impact))
	}
	return t
}

func serverName(s *executor.Server) string {
	if s == nil {
		return ""
	}
	return cmp.Or(s.Name, s.ServerID)
}
