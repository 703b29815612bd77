package wording

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// itemWaits adds to a queued change what it asks for, and what it waits for until when.
func (w Writer) itemWaits(t *chat.Text, c executor.Change) {
	if fields := c.Patch.Fields(); len(fields) > 0 {
		var parts []string
		for _, f := range fields {
			parts = append(parts, string(f)+"="+value(c.Patch[f]))
		}
		w.add(t, phrase{"· requests {settings}", "· 申请 {settings}"}, args{"settings", strings.Join(parts, ", ")})
	}
	switch {
	case c.Cause == reconcile.CauseApproval && len(c.Approvers) > 0:
		w.add(t, phrase{"· may be approved by {people}, until {time}", "· 可由 {people} 批准，截止 {time}"}, args{"people", strings.Join(others(c), ", "), "time", w.Moment(c.Next)})
	case c.Cause == reconcile.CauseApproval, c.Cause == reconcile.CauseNotDue, c.Cause == "", c.Cause == reconcile.CauseQueued:
	case c.Cause == reconcile.CauseWindow:
		w.waitsToOpen(t, c, "· ")
	default:
		said := causePhrase(c.Cause)
		w.add(t, phrase{"· " + said.en, "· " + said.zh}, nil)
	}
}

// others are the people who may still approve a change.
func others(c executor.Change) []string {
	return slices.DeleteFunc(slices.Clone(c.Approvers), func(name string) bool { return slices.Contains(c.ApprovedBy, name) })
}

// list shows a page of the list of changes.
func (w Writer) list(a *executor.Answer) *chat.Text {
	t := w.text(chat.Info, phrase{"Changes", "变更"}, nil)
	if len(a.Page.Changes) == 0 && a.Page.Next == "" {
		w.add(t, w.phrases.noHistory, nil)
	}
	for _, c := range a.Page.Changes {
		at := c.AcceptedAt
		if c.End != nil {
			at = c.EndedAt
		}
		line := render(w.lang, phrase{"{time} {id} for {server}, requested by {who}: {status}", "{time} {id}（{server}，申请人 {who}）：{status}"}, args{
			"time", w.Moment(at), "id", c.ID, "server", cmp.Or(c.Name, c.ServerID), "who", w.marked(c.By, c.Assistant), "status", statusPhrase(c.Status).in(w.lang),
		})
		if len(c.ApprovedBy) > 0 {
			line = append(line, render(w.lang, phrase{", approved by {people}", "，由 {people} 批准"}, args{"people", strings.Join(c.ApprovedBy, ", ")})...)
		}
		if c.End != nil && c.Code != "" {
			line = append(line, render(w.lang, phrase{" ({code})", "（{code}）"}, args{"code", c.Code})...)
		}
		for _, d := range c.Changed {
			line = append(line, render(w.lang, w.phrases.historyAnd, nil)...)
			line = append(line, w.difference(d)...)
		}
		t.Lines = append(t.Lines, line)
	}
	w.more(t, a)
	return t
}

// more offers the command that goes on with a list.
func (w Writer) more(t *chat.Text, a *executor.Answer) {
	if a.Page == nil || a.Page.Next == "" {
		return
	}
	if until := a.Page.SearchedUntil; !until.IsZero() {
		w.add(t, phrase{"There may be more, before {time}.", "{time} 之前可能还有。"}, args{"time", w.Moment(until)})
	} else {
		w.add(t, phrase{"There are more.", "还有更多。"}, nil)
	}
	c := a.Command
	c.More = a.Page.Next
	w.next(t, c)
}
