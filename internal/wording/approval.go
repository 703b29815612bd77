package wording

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
)

// Asking words a request for approval as it is now. It is a function of the view alone:
// its times are not relative.
func (w Writer) Asking(v approval.View) chat.Text {
	w = w.At(time.Time{}, v.Zone)
	changes := present(v.Changes)
	switch len(changes) {
	case 0:
		return *w.text(chat.Info, phrase{"The changes are not queued", "变更未在队列中"}, nil)
	case 1:
		return *w.askingOne(changes[0])
	default:
		return *w.askingMany(changes)
	}
}

// present are the changes that are queued or have ended.
func present(all []approval.Change) []approval.Change {
	return slices.DeleteFunc(slices.Clone(all), func(c approval.Change) bool { return c.Phase == approval.Missing })
}

// askingOne is the card of one change.
func (w Writer) askingOne(c approval.Change) *chat.Text {
	if c.Record != nil {
		t := w.Record(*c.Record, c.Server)
		t.Next = nil
		return &t
	}
	t := w.phaseTitle(c)
	w.asked(t, c)
	if c.Phase != approval.Waits {
		return t
	}
	w.missing(t, c)
	w.offer(t, c, "")
	return t
}

// phaseTitle is the title of the card of a change that has not ended.
func (w Writer) phaseTitle(c approval.Change) *chat.Text {
	p := args{"id", c.ID, "server", c.Server}
	switch {
	case c.Phase == approval.Waits:
		return w.text(chat.Waits, w.phrases.waitsForApproval, p)
	case c.Phase == approval.Approved:
		return w.text(chat.Waits, phrase{"{id} for {server} is approved", "{id}（{server}）已批准"}, p)
	case c.Withdrawn != nil && c.Withdrawn.Kind == change.Rejection:
		return w.text(chat.Refused, w.phrases.rejectedBy, args{"id", c.ID, "who", c.Withdrawn.Person})
	case c.Withdrawn != nil:
		return w.text(chat.Refused, w.phrases.canceling, p)
	default:
		return w.text(chat.Refused, phrase{"{id} for {server} is ending without approval", "{id}（{server}）未获批准，即将结束"}, p)
	}
}

// asked says what is asked for, by whom, why and until when.
func (w Writer) asked(t *chat.Text, c approval.Change) {
	switch {
	case c.Phase != approval.Waits, !c.Plan.Seen:
		w.patch(t, c.Patch)
	default:
		w.effect(t, &executor.Plan{Changed: c.Plan.Changed, Impact: c.Plan.Impact})
	}
	if c.Phase == approval.Waits && c.Plan.Unseen != nil {
		w.unseen(t, *c.Plan.Unseen)
	}
	if c.Phase == approval.Waits {
		w.problems(t, c.Plan.Problems)
	}
	w.requester(t, c.Change)
	w.overrides(t, c.Override)
	if c.Ref != "" {
		w.add(t, phrase{"Ticket: {ref}", "工单：{ref}"}, args{"ref", c.Ref})
	}
	if len(c.Agreed) > 0 {
		w.add(t, w.phrases.approvedBy, args{"who", list(w.lang, c.Agreed)})
	}
	if c.Withdrawn != nil && c.Withdrawn.Reason != "" {
		w.add(t, w.phrases.reason, args{"reason", c.Withdrawn.Reason})
	}
	if c.Phase == approval.Ending {
		return
	}
	switch {
	case c.DueAt.After(c.AcceptedAt):
		w.due(t, c.DueAt)
	case c.Window == nil || c.Window.Open:
		w.add(t, phrase{"It is applied as soon as it is approved.", "批准后立即执行。"}, nil)
	}
	w.cardGate(t, c.Window)
	w.add(t, w.phrases.expiresAt, args{"time", w.Moment(c.ExpiresAt)})
	w.guards(t, c.Confirm, c.Idle, c.Proof)
}

// requester says who asks, and why.
func (w Writer) requester(t *chat.Text, c change.Change) {
	if c.Reason != "" {
		w.add(t, w.phrases.requestedByFor, args{"who", w.asker(c.Origin), "reason", c.Reason})
	} else {
		w.add(t, w.phrases.requestedBy, args{"who", w.asker(c.Origin)})
	}
}

// missing says how many approvals a change lacks, and who may give them.
func (w Writer) missing(t *chat.Text, c approval.Change) {
	if n := c.Approvals - len(c.Agreed); n == 1 {
		w.add(t, w.phrases.needsOne, nil)
	} else {
		w.add(t, w.phrases.needs, args{"n", strconv.Itoa(n)})
	}
	if others := open(c); len(others) > 0 {
		w.add(t, w.phrases.approvers, args{"who", list(w.lang, others)})
	} else {
		w.add(t, w.phrases.noApprovers, nil)
	}
	if c.Plan.Code != "" {
		w.add(t, w.phrases.lapses, nil)
	}
}

// open are the people who may approve a change and have not.
func open(c approval.Change) []string {
	return slices.DeleteFunc(slices.Clone(c.Approvers), func(who string) bool { return slices.Contains(c.Agreed, who) })
}

// offer offers to approve and to reject a change. A number tells the changes of a card
// apart.
func (w Writer) offer(t *chat.Text, c approval.Change, number string) {
	if c.Plan.Code == "" {
		return
	}
	approve := command.Command{Verb: command.Approve, Change: c.ID, Code: c.Plan.Code}
	t.Next = append(t.Next, chat.Next{
		Label:   label(command.Approve).in(w.lang) + number + w.deed(c.Plan),
		Command: approve.String(), Warning: w.Warning(c.Plan.Changed, c.Plan.Impact),
	})
	reject := command.Command{Verb: command.Reject, Change: c.ID}
	t.Next = append(t.Next, chat.Next{Label: label(command.Reject).in(w.lang) + number, Command: reject.String()})
}

// maxDeed bounds what a button says about its change, in characters.
const maxDeed = 24

// deed is what a button says about its change.
func (w Writer) deed(p approval.Plan) string {
	var parts []string
	for _, d := range p.Changed {
		parts = append(parts, string(d.Field)+" "+value(d.To))
	}
	if len(parts) == 0 {
		return ""
	}
	return phrase{": ", "："}.in(w.lang) + chat.Shorten(strings.Join(parts, ", "), maxDeed)
}

// Warning says what a change does to people or to their security, in one sentence or
// two; "" for one that does neither.
func (w Writer) Warning(diffs []change.Difference, known *impact.Impact) string {
	var out []string
	say := func(p phrase, a args) {
		var b strings.Builder
		for _, span := range render(w.lang, p, a) {
			b.WriteString(span.Text)
		}
		out = append(out, b.String())
	}
	connected := known != nil && known.Connected != nil
	switch class := impact.ClassOf(diffs); {
	case class == impact.NewFile && connected:
		say(phrase{"{n} connected clients are disconnected, and cannot return with their old configuration file.", "将断开已连接的 {n} 个客户端，并且它们不能再用旧的配置文件连接。"}, args{"n", strconv.Itoa(*known.Connected)})
	case class == impact.NewFile:
		say(w.phrases.keepsOut, nil)
	case class == impact.Reconnects && connected:
		say(phrase{"{n} connected clients are disconnected.", "将断开已连接的 {n} 个客户端。"}, args{"n", strconv.Itoa(*known.Connected)})
	case class == impact.Reconnects:
		say(w.phrases.disconnects, nil)
	}
	for _, d := range diffs {
		if d.Unencrypted() {
			say(w.phrases.unencrypted, args{"setting", string(d.Field) + "=" + value(d.To)})
		}
		if d.Field == change.EnableMultiFactorAuth && d.To.String() == "false" {
			say(phrase{"Multi-factor authentication is turned off.", "将关闭双因子认证。"}, nil)
		}
	}
	return strings.Join(out, phrase{" ", ""}.in(w.lang))
}

// askingMany is the card of several changes.
func (w Writer) askingMany(changes []approval.Change) *chat.Text {
	waiting := 0
	for _, c := range changes {
		if c.Phase == approval.Waits {
			waiting++
		}
	}
	n := args{"n", strconv.Itoa(waiting), "all", strconv.Itoa(len(changes))}
	var t *chat.Text
	switch {
	case waiting > 0:
		t = w.text(chat.Waits, phrase{"{n} of {all} changes of a document wait for approval", "同一文档的 {all} 个变更中有 {n} 个等待批准"}, n)
	case slices.ContainsFunc(changes, func(c approval.Change) bool { return c.Phase != approval.Ended }):
		t = w.text(chat.Waits, phrase{"No change of a document waits for approval any more ({all} in all)", "同一文档的 {all} 个变更都不再等待批准"}, n)
	default:
		t = w.text(chat.Done, phrase{"All {all} changes of a document have ended", "同一文档的 {all} 个变更均已结束"}, n)
	}
	w.requester(t, first(changes).Change)
	shown := 0
	for i, c := range changes {
		if shown == approval.MaxShown {
			w.add(t, phrase{"and {n} more; {command} shows each of them", "还有 {n} 个，可用 {command} 逐个查看"}, args{"n", strconv.Itoa(len(changes) - i), "command", "status " + changes[i].ID})
			break
		}
		shown++
		number := " " + strconv.Itoa(i+1)
		w.item(t, strconv.Itoa(i+1), c)
		if c.Phase == approval.Waits {
			w.offer(t, c, number)
		}
	}
	return t
}

// first is the first change that has its entry, for what the changes of a document have
// in common.
func first(changes []approval.Change) approval.Change {
	for _, c := range changes {
		if c.Record == nil {
			return c
		}
	}
	c := changes[0]
	c.Origin, c.Reason = c.Record.Origin, c.Record.Reason
	return c
}

// item is one of several changes.
func (w Writer) item(t *chat.Text, number string, c approval.Change) {
	p := args{"number", number, "id", c.ID, "server", c.Server, "phase", w.phase(c)}
	w.add(t, phrase{"{number}. {id} for {server}: {phase}", "{number}. {id}（{server}）：{phase}"}, p)
	switch {
	case c.Record != nil:
		w.differences(t, c.Record.Changed)
	case c.Phase == approval.Waits && c.Plan.Seen:
		w.differences(t, c.Plan.Changed)
		if warning := w.Warning(c.Plan.Changed, c.Plan.Impact); warning != "" {
			t.Lines = append(t.Lines, chat.Line{chat.Words(warning)})
		}
		if others := open(c); len(others) > 0 {
			w.add(t, w.phrases.approvers, args{"who", list(w.lang, others)})
		}
		w.cardGate(t, c.Window)
		w.add(t, w.phrases.expiresAt, args{"time", w.Moment(c.ExpiresAt)})
	default:
		w.patch(t, c.Patch)
	}
}

// phase says in a few words how far a change is.
func (w Writer) phase(c approval.Change) string {
	switch {
	case c.Record != nil:
		return statusPhrase(c.Record.Status).in(w.lang)
	case c.Phase == approval.Approved:
		return phrase{"approved", "已批准"}.in(w.lang)
	case c.Phase == approval.Waits:
		return phrase{"waits for approval", "等待批准"}.in(w.lang)
	default:
		return phrase{"is ending", "即将结束"}.in(w.lang)
	}
}

// maxNews bounds the changes of a short message.
const maxNews = 10

// Asked says in short what has become of a request for approval.
func (w Writer) Asked(v approval.View) chat.Text {
	w = w.At(time.Time{}, v.Zone)
	changes := present(v.Changes)
	if len(changes) == 1 {
		c := changes[0]
		if c.Record != nil {
			t := w.Record(*c.Record, c.Server)
			t.Next = nil
			return t
		}
		t := w.phaseTitle(c)
		if len(c.Agreed) > 0 {
			w.add(t, w.phrases.approvedBy, args{"who", list(w.lang, c.Agreed)})
		}
		if c.Phase == approval.Waits {
			w.missing(t, c)
		}
		return *t
	}
	t := w.text(chat.Info, phrase{"What has become of {n} changes", "{n} 个变更的进展"}, args{"n", strconv.Itoa(len(changes))})
	for i, c := range changes[:min(len(changes), maxNews)] {
		w.add(t, phrase{"{number}. {id} for {server}: {phase}", "{number}. {id}（{server}）：{phase}"},
			args{"number", strconv.Itoa(i + 1), "id", c.ID, "server", c.Server, "phase", w.phase(c)})
	}
	if rest := len(changes) - maxNews; rest > 0 {
		w.add(t, w.phrases.moreServers, args{"n", strconv.Itoa(rest)})
	}
	return *t
}

// StillAsking reminds of changes that wait for approval. It has no buttons, because they
// would stay when the changes have ended: the card of the request has them.
func (w Writer) StillAsking(v approval.View) chat.Text {
	var waiting []approval.Change
	for _, c := range v.Changes {
		if c.Phase == approval.Waits {
			waiting = append(waiting, c)
		}
	}
	t := w.text(chat.Waits, phrase{"Still waiting for approval", "仍在等待批准"}, nil)
	for _, c := range waiting[:min(len(waiting), approval.MaxShown)] {
		w.add(t, phrase{"{id} for {server}, requested by {who} at {time}", "{id}（{server}），申请人 {who}，申请时间 {time}"},
			args{"id", c.ID, "server", c.Server, "who", w.asker(c.Origin), "time", w.Moment(c.AcceptedAt)})
		if c.Plan.Seen {
			w.differences(t, c.Plan.Changed)
		} else {
			w.patch(t, c.Patch)
		}
		if others := open(c); len(others) > 0 {
			w.add(t, w.phrases.approvers, args{"who", list(w.lang, others)})
		}
		w.add(t, w.phrases.expiresAt, args{"time", w.Moment(c.ExpiresAt)})
		if c.Plan.Code != "" {
			w.add(t, phrase{"Approve it in the request above, or with {command}", "请在上面的请求中批准，或发送 {command}"},
				args{"command", command.Command{Verb: command.Approve, Change: c.ID, Code: c.Plan.Code}.String()})
		}
	}
	if rest := len(waiting) - approval.MaxShown; rest > 0 {
		w.add(t, w.phrases.moreServers, args{"n", strconv.Itoa(rest)})
	}
	return *t
}
