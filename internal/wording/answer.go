package wording

import (
	"cmp"
	"slices"
	"strconv"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/executor"
)

// Answer says what a command came to.
func (w Writer) Answer(a executor.Answer) chat.Text {
	var t *chat.Text
	switch {
	case a.Outcome == executor.Refused:
		t = w.refused(a)
	case a.Verb == command.Help:
		t = w.help(a.Command.Topic)
	case a.Verb == command.Plan:
		t = w.plan(a)
	case a.Verb == command.History:
		t = w.history(a)
	case a.Outcome == executor.Accepted && a.Record != nil: // delivered again, and ended meanwhile
		end := w.Record(*a.Record, serverName(a.Server))
		t = &end
	case a.Verb == command.Status:
		t = w.status(a)
	case a.Verb == command.Apply, a.Verb == command.Rollback:
		t = w.asked(a)
	case a.Verb == command.Approve:
		t = w.approve(a)
	default:
		t = w.withdrawn(a)
	}
	return *t
}

func (w Writer) plan(a executor.Answer) *chat.Text {
	t := w.text(chat.Info, w.say.planFor, pieces{"server": serverName(a.Server)})
	if len(a.Problems) > 0 {
		t.Mark = chat.Refused
		w.problems(t, a.Problems)
		return t
	}
	w.effect(t, a.Plan)
	if len(a.Plan.Changed) > 0 || a.Plan.Unseen != nil {
		c := a.Command
		c.Verb, c.DryRun = command.Apply, false
		w.next(t, c)
	}
	return t
}

// effect shows what a change does, or why that cannot be seen.
func (w Writer) effect(t *chat.Text, p *executor.Plan) {
	if p == nil {
		return
	}
	switch {
	case p.Unseen != nil:
		w.add(t, w.say.unseen, pieces{"why": p.Unseen.Message})
	case len(p.Changed) == 0:
		w.add(t, w.say.nothingChanges, nil)
	default:
		w.differences(t, p.Changed)
		w.disconnects(t, p.Changed)
	}
	w.left(t, p.Left)
}

// left names what a rollback leaves as it is.
func (w Writer) left(t *chat.Text, left []change.Difference) {
	for _, d := range left {
		if d.To.IsZero() {
			w.add(t, w.say.leftUnset, pieces{"field": string(d.Field)})
		} else {
			w.add(t, w.say.leftAsItIs, pieces{"field": string(d.Field), "now": value(d.From)})
		}
	}
}

// asked tells of a change that was put in line.
func (w Writer) asked(a executor.Answer) *chat.Text {
	c := a.Change
	p := pieces{"id": c.ID, "server": serverName(a.Server)}
	if c.Need > len(c.ApprovedBy) {
		t := w.text(chat.Waits, w.say.waitsForApproval, p)
		w.effect(t, a.Plan)
		w.judgement(t, a)
		w.times(t, c)
		return t
	}
	title := w.say.inLine
	if a.Command.DryRun {
		title = w.say.dryRunInLine
	}
	t := w.text(chat.Waits, title, p)
	if a.Command.DryRun && a.Plan != nil {
		w.differences(t, a.Plan.Changed) // nobody will be disconnected
	} else {
		w.effect(t, a.Plan)
	}
	w.times(t, c)
	w.tell(t, a)
	w.next(t, command.Command{Verb: command.Status, Change: c.ID})
	w.next(t, command.Command{Verb: command.Cancel, Change: c.ID})
	return t
}

// times tells when a change may go, where that is not at once.
func (w Writer) times(t *chat.Text, c *executor.Change) {
	if c.Due.After(c.Accepted) {
		w.add(t, w.say.dueAt, pieces{"time": moment(c.Due)})
	}
	w.add(t, w.say.expiresAt, pieces{"time": moment(c.Expires)})
}

// judgement says who asked for a change, who agreed, who must, and how.
func (w Writer) judgement(t *chat.Text, a executor.Answer) {
	c := a.Change
	if c.Reason != "" {
		w.add(t, w.say.askedByFor, pieces{"who": c.Requester, "reason": c.Reason})
	} else {
		w.add(t, w.say.askedBy, pieces{"who": c.Requester})
	}
	if len(c.ApprovedBy) > 0 {
		w.add(t, w.say.approvedBy, pieces{"who": list(w.lang, c.ApprovedBy)})
	}
	missing := c.Need - len(c.ApprovedBy)
	switch {
	case missing <= 0:
		return
	case missing == 1:
		w.add(t, w.say.needsOne, nil)
	default:
		w.add(t, w.say.needs, pieces{"n": strconv.Itoa(missing)})
	}
	others := slices.DeleteFunc(slices.Clone(c.Approvers), func(who string) bool { return slices.Contains(c.ApprovedBy, who) })
	if len(others) > 0 {
		w.add(t, w.say.whoMay, pieces{"who": list(w.lang, others)})
	} else {
		w.add(t, w.say.nobodyMay, nil)
	}
	if a.Plan == nil || a.Plan.Code == "" {
		return
	}
	w.add(t, w.say.lapses, nil)
	w.next(t, command.Command{Verb: command.Approve, Change: c.ID, Code: a.Plan.Code})
	w.next(t, command.Command{Verb: command.Reject, Change: c.ID})
}

func (w Writer) approve(a executor.Answer) *chat.Text {
	c := a.Change
	if a.Outcome == executor.NotYet {
		t := w.text(chat.Waits, w.say.lookThenApprove, pieces{"id": c.ID, "server": serverName(a.Server)})
		w.effect(t, a.Plan)
		w.judgement(t, a)
		return t
	}
	if missing := c.Need - len(c.ApprovedBy); missing > 0 {
		t := w.text(chat.Waits, w.say.partlyApproved, pieces{
			"id": c.ID, "n": strconv.Itoa(len(c.ApprovedBy)), "need": strconv.Itoa(c.Need),
		})
		w.add(t, w.say.approvedBy, pieces{"who": list(w.lang, c.ApprovedBy)})
		return t
	}
	t := w.text(chat.Waits, w.say.approved, pieces{"id": c.ID})
	if a.Plan != nil {
		w.differences(t, a.Plan.Changed)
	}
	w.add(t, w.say.approvedBy, pieces{"who": list(w.lang, c.ApprovedBy)})
	if c.Due.After(c.Accepted) {
		w.add(t, w.say.dueAt, pieces{"time": moment(c.Due)})
	}
	w.add(t, w.say.goesNow, pieces{"server": serverName(a.Server)})
	w.tell(t, a)
	return t
}

// tell promises what only chat can keep.
func (w Writer) tell(t *chat.Text, a executor.Answer) {
	if a.Notifies {
		w.add(t, w.say.tellYou, nil)
	}
}

// withdrawn tells of a change that is rejected or cancelled.
func (w Writer) withdrawn(a executor.Answer) *chat.Text {
	t := w.text(chat.Waits, w.say.willCancel, pieces{"id": a.Change.ID})
	if a.Verb == command.Reject {
		t = w.text(chat.Refused, w.say.refusedBy, pieces{"id": a.Change.ID, "who": a.By})
	}
	if a.Command.Reason != "" {
		w.add(t, w.say.forReason, pieces{"reason": a.Command.Reason})
	}
	w.add(t, w.say.unlessSent, nil)
	return t
}

// refused tells why nothing was done.
func (w Writer) refused(a executor.Answer) *chat.Text {
	t := w.text(chat.Refused, w.say.notDone, nil)
	if a.Record != nil && a.Refusal == executor.TooLate {
		end := w.Record(*a.Record, serverName(a.Server))
		t.Lines = append(t.Lines, end.Title)
	}
	w.problems(t, a.Problems)
	if a.Plan != nil && a.Plan.Unseen == nil {
		w.differences(t, a.Plan.Changed)
		w.left(t, a.Plan.Left)
	}
	if a.Verb == command.Approve && a.Plan != nil && a.Plan.Code != "" && a.Change != nil {
		w.next(t, command.Command{Verb: command.Approve, Change: a.Change.ID, Code: a.Plan.Code})
	}
	return t
}

func serverName(s *executor.Server) string {
	if s == nil {
		return ""
	}
	return cmp.Or(s.Name, s.ServerID)
}
