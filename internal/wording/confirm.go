package wording

import (
	"cmp"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// confirm words a confirmation, or an extension.
func (w Writer) confirm(a *executor.Answer) *chat.Text {
	p := args{"id", a.Change.Undoes, "server", serverName(a.Server)}
	if a.Command.Extend == 0 {
		t := w.text(chat.Done, phrase{"{id} on {server} is confirmed: it stays", "{id}（{server}）已确认，将保留"}, p)
		w.add(t, phrase{"It will not be undone by itself. Other changes of the server go on.", "不会再自动撤销，该服务端的其他变更继续执行。"}, nil)
		if a.Command.Reason != "" {
			w.add(t, w.phrases.reason, args{"reason", a.Command.Reason})
		}
		return t
	}
	t := w.text(chat.Waits, phrase{"{id} on {server} has more time", "{id}（{server}）已延长确认期限"}, p)
	w.confirmBefore(t, a.Change.Next)
	w.next(t, command.Command{Verb: command.Confirm, Change: a.Change.Undoes})
	return t
}

// undoing reports whether the undo of a change is under way.
func (w Writer) undoing(u *record.Undo) bool {
	return u != nil && u.Status == "" && !w.now.IsZero() && !w.now.Before(u.DueAt)
}

// undoAtOnce words a rollback of a change that is undone by itself: it is undone at once.
func (w Writer) undoAtOnce(a *executor.Answer) *chat.Text {
	t := w.text(chat.Waits, phrase{"{id} on {server} is being undone", "{id}（{server}）正在撤销"}, args{"id", a.Change.Undoes, "server", serverName(a.Server)})
	w.patch(t, a.Change.Patch)
	w.notify(t, a)
	w.next(t, command.Command{Verb: command.Status, Change: a.Change.ID})
	return t
}

func (w Writer) confirmBefore(t *chat.Text, due time.Time) {
	w.add(t, phrase{"Confirm it before {time}, or it is undone.", "请在 {time} 之前确认，否则自动撤销。"}, args{"time", w.Moment(due)})
}

// undo says in the record of a change until when it must be confirmed, or how its undo
// ended.
func (w Writer) undo(t *chat.Text, rec record.Record) {
	u := rec.Undo
	if u == nil {
		return
	}
	p := args{"id", u.ID, "who", u.By, "time", w.Moment(u.At)}
	switch u.Status {
	case "":
		if w.undoing(u) {
			w.add(t, phrase{"Not confirmed, and is being undone by {id}", "未经确认，正在由 {id} 撤销"}, p)
			w.next(t, command.Command{Verb: command.Status, Change: u.ID})
			return
		}
		w.confirmBefore(t, u.DueAt)
		w.next(t, command.Command{Verb: command.Confirm, Change: rec.ID})
	case change.Cancelled:
		w.add(t, phrase{"Confirmed by {who} at {time}", "{who} 已于 {time} 确认"}, p)
	case change.Applied:
		w.add(t, phrase{"Not confirmed, and undone at {time} by {id}", "未经确认，已于 {time} 由 {id} 撤销"}, p)
	case change.Unchanged:
		w.add(t, phrase{"Nobody confirmed it in time, and nothing of it was left to undo ({id})", "未按时确认，但已没有需要撤销的内容（{id}）"}, p)
	case change.Queued, change.Waiting, change.Applying, change.Planned, change.Rejected, change.Superseded, change.Failed, change.Expired:
		w.add(t, phrase{"Nobody confirmed it in time, and it could not be undone: see {id}", "未按时确认，且撤销失败，详见 {id}"}, p)
	}
}

// Seen says, in lines for a terminal, what was seen of the server after a change, and
// until when the change must be confirmed, or how its undo ended.
func (w Writer) Seen(rec record.Record) []string {
	var t chat.Text
	if rec.Undoes == "" {
		w.proven(&t, rec)
		w.undo(&t, rec)
	} else {
		t.Lines = append(t.Lines, w.undoEnding(rec, rec.ServerID).Title)
	}
	var out []string
	for _, l := range t.Lines {
		out = append(out, PlainLine(l))
	}
	for _, n := range t.Next {
		out = append(out, "> vpnctl "+chat.OneLine(n.Command))
	}
	return out
}

// undoEnding is the title of the record of an undo.
func (w Writer) undoEnding(rec record.Record, server string) *chat.Text {
	p := args{"id", rec.Undoes, "server", server}
	switch rec.Status {
	case change.Applied:
		return w.text(chat.Refused, phrase{
			"{id} on {server} was not confirmed, and was undone", "{id}（{server}）未经确认，已撤销",
		}, p)
	case change.Unchanged:
		return w.text(chat.Refused, phrase{
			"{id} on {server} was not confirmed in time; nothing of it was left to undo", "{id}（{server}）未按时确认，但已没有需要撤销的内容",
		}, p)
	case change.Cancelled:
		return w.text(chat.Done, phrase{"{id} on {server} is confirmed: it stays", "{id}（{server}）已确认，将保留"}, p)
	case change.Queued, change.Waiting, change.Applying, change.Planned, change.Rejected, change.Superseded, change.Failed, change.Expired:
	}
	return w.text(chat.Refused, phrase{
		"{id} on {server} was not confirmed in time and could NOT be undone: it still stands", "{id}（{server}）未按时确认，且撤销失败，该变更仍然生效",
	}, p)
}

// undoRecord words how an undo ended.
func (w Writer) undoRecord(rec record.Record, server string) chat.Text {
	t := w.undoEnding(rec, cmp.Or(server, rec.ServerID))
	w.differences(t, rec.Changed)
	if rec.Status == change.Applied && len(impact.Lines(rec.Changed, "")) > 0 {
		w.add(t, phrase{
			"Configuration files from before the change work again. Whoever changed theirs changes it back.",
			"变更之前的配置文件可以继续使用；已经修改过的请改回。",
		}, nil)
	}
	for _, f := range rec.Requested.Fields() {
		if now, ok := rec.After[f]; ok && rec.Status == change.Applied && !change.Equal(f, now, rec.Requested[f]) {
			w.add(t, w.phrases.leftAsItIs, args{"field", string(f), "now", value(now)})
		}
	}
	if rec.Status != change.Cancelled {
		w.failure(t, rec)
	}
	for _, v := range rec.Votes {
		by := phrase{"Confirmed by {who}", "确认人：{who}"}
		switch v.Kind {
		case change.Cancel:
		case change.UndoNow:
			by = phrase{"{who} had it undone at once", "{who} 要求立即撤销"}
			if v.Account == "" && v.Person == change.Prover {
				w.add(t, undoneByProof(), nil)
				continue
			}
		case change.Extend, change.Approval, change.Rejection:
			continue
		}
		w.add(t, by, args{"who", v.Person})
		if v.Reason != "" {
			w.add(t, w.phrases.reason, args{"reason", v.Reason})
		}
	}
	w.add(t, w.phrases.requestedBy, args{"who", w.asker(rec.Origin)})
	if n := rec.Notice; n != nil {
		w.notice(t, *n)
	}
	return *t
}

// HalfTime reminds of a change that is to be confirmed.
func (w Writer) HalfTime(rec record.Record, due time.Time, server string) chat.Text {
	t := w.text(chat.Waits, phrase{
		"{id} on {server} is undone unless somebody confirms it", "{id}（{server}）如不确认，将自动撤销",
	}, args{"id", rec.ID, "server", cmp.Or(server, rec.ServerID)})
	w.differences(t, rec.Changed)
	w.confirmBefore(t, due)
	w.next(t, command.Command{Verb: command.Confirm, Change: rec.ID})
	w.nextWarning(t, command.Command{Verb: command.Rollback, Change: rec.ID}, w.Warning(inverse(rec.Changed), nil))
	return *t
}
