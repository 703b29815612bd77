package wording

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Record words how a change ended. The server is shown by the given name, or by
// its id if that is "".
func (w Writer) Record(rec record.Record, server string) chat.Text {
	if rec.Undoes != "" {
		return w.undoRecord(rec, server)
	}
	p := args{"id", rec.ID, "server", cmp.Or(server, rec.ServerID)}
	mark, title := w.ending(rec.Status)
	t := w.text(mark, title, p)
	if rec.Status == change.Planned && len(rec.Changed) == 0 {
		w.add(t, w.phrases.nothingChanges, nil)
	}
	w.differences(t, rec.Changed)
	if rec.Status == change.Applied {
		w.wereConnected(t, rec.Impact)
		w.reconnects(t, rec.Changed)
	}
	if rec.Status == change.Applied && !rec.Verified {
		w.add(t, w.phrases.unverified, nil)
	}
	w.proven(t, rec)
	for _, f := range change.Fields() {
		if by := rec.SupersededBy[f]; by != "" {
			w.add(t, w.phrases.supersededBy, args{"field", string(f), "id", by})
		}
	}
	w.failure(t, rec)
	w.overrides(t, rec.Override)
	if rec.Reason != "" {
		w.add(t, w.phrases.reason, args{"reason", rec.Reason})
	}
	w.add(t, w.phrases.requestedBy, args{"who", w.asker(rec.Origin)})
	w.votes(t, rec.Votes)
	if d := rec.FinishedAt.Sub(rec.DueAt).Truncate(time.Second); d >= time.Minute {
		w.add(t, w.phrases.waited, args{"time", duration(w.lang, d)})
	}
	w.undo(t, rec)
	if rec.Status == change.Applied && len(rec.Changed) > 0 && !rec.Undo.Undone() && !w.undoing(rec.Undo) {
		w.nextWarning(t, command.Command{Verb: command.Rollback, Change: rec.ID}, w.Warning(inverse(rec.Changed), nil))
	}
	if n := rec.Notice; n != nil {
		w.notice(t, *n)
	}
	return *t
}

// notice lists the notifications that were not delivered.
func (w Writer) notice(t *chat.Text, n record.Notice) {
	for _, d := range n.Deliveries {
		if !d.Delivered {
			said := phrase{"{code}: {message}", "{code}：{message}"}
			if zh := deliveryCodes()[chat.FailureCode(d.Code)]; zh != "" {
				said.zh = "{code}：" + zh
			}
			w.lead(t, w.phrases.undelivered, render(w.lang, said, args{"code", d.Code, "message", d.Message}))
		}
	}
}

func (w Writer) ending(s change.Status) (chat.Mark, phrase) {
	switch s {
	case change.Applied:
		return chat.Done, w.phrases.applied
	case change.Unchanged:
		return chat.Done, w.phrases.unchanged
	case change.Planned:
		return chat.Info, w.phrases.planned
	case change.Superseded:
		return chat.Done, w.phrases.superseded
	case change.Rejected:
		return chat.Refused, w.phrases.rejected
	case change.Expired:
		return chat.Refused, w.phrases.expired
	case change.Cancelled:
		return chat.Refused, w.phrases.canceled
	case change.Failed, change.Queued, change.Waiting, change.Applying:
		return chat.Refused, w.phrases.failed
	default:
		return chat.Refused, w.phrases.failed
	}
}

// failure says why a change was not applied.
func (w Writer) failure(t *chat.Text, rec record.Record) {
	if rec.Error == nil {
		return
	}
	if len(rec.Problems) > 0 {
		w.problems(t, rec.Problems)
		return
	}
	e := rec.Error
	if w.lang != lang.Chinese {
		t.Lines = append(t.Lines, append(render(w.lang, phrase{en: "{code}: "}, args{"code", e.Code}), sentence(e.Message)...))
		if e.Hint != "" {
			w.lead(t, w.phrases.hint, sentence(e.Hint))
		}
		return
	}
	line := w.chineseMessage(change.Problem{Rule: e.Code, Message: e.Message, Hint: e.Hint}, inChinese(e.Message))
	if chineseRule(e.Code) != "" {
		line = append(line, chat.Words("（"), chat.Code(oneLine(e.Code)), chat.Words("）"))
	}
	t.Lines = append(t.Lines, line)
	if hint := chineseHint(e.Code, e.Class, e.Hint); hint != nil {
		w.lead(t, w.phrases.hint, hint)
	}
}

func (w Writer) votes(t *chat.Text, votes []change.Vote) {
	var agreed []string
	for _, v := range votes {
		if v.Kind == change.Approval {
			agreed = append(agreed, v.Person)
		} else {
			w.add(t, w.phrases.votedBy, args{"who", v.Person})
		}
	}
	if len(agreed) > 0 {
		w.add(t, w.phrases.approvedBy, args{"who", list(w.lang, agreed)})
	}
}

// duration shows a time span in hours, minutes and seconds, without units that
// are zero.
func duration(l lang.Tag, d time.Duration) string {
	units := [3]string{" h", " min", " s"}
	if l == lang.Chinese {
		units = [3]string{" 小时", " 分钟", " 秒"}
	}
	var parts []string
	for i, n := range []int{int(d / time.Hour), int(d % time.Hour / time.Minute), int(d % time.Minute / time.Second)} {
		if n > 0 {
			parts = append(parts, strconv.Itoa(n)+units[i])
		}
	}
	return strings.Join(parts, " ")
}

// inverse are the differences that undo differences.
func inverse(done []change.Difference) []change.Difference {
	out := make([]change.Difference, len(done))
	for i, d := range done {
		out[i] = change.Difference{Field: d.Field, From: d.To, To: d.From}
	}
	return out
}
