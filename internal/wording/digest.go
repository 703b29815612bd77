package wording

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/digest"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// maxDigested bounds the changes that each part of a digest lists.
const maxDigested = 10

// Digest words the digest of a day.
func (w Writer) Digest(c digest.Content) chat.Text {
	w = w.At(c.Now, c.Zone)
	t := w.text(chat.Info, phrase{"Digest of {day}", "{day} 的摘要"}, args{"day", c.Now.Format("2006-01-02")})
	w.digestWaiting(t, c)
	w.digestEnded(t, c)
	for _, e := range c.Certificates {
		w.add(t, phrase{"Certificates of {server} that expire within 30 days: {names}", "{server} 的证书将在 30 天内过期：{names}"},
			args{"server", c.Policy.NameOf(e.Server), "names", list(w.lang, e.Names)})
	}
	for _, s := range c.Unread {
		w.add(t, phrase{"The certificates of {server} could not be read.", "无法读取 {server} 的证书。"}, args{"server", c.Policy.NameOf(s)})
	}
	return *t
}

// digestWaiting says what waits, and for whom.
func (w Writer) digestWaiting(t *chat.Text, c digest.Content) {
	if len(c.Waiting) == 0 {
		w.add(t, phrase{"No change waits.", "没有等待中的变更。"}, nil)
		return
	}
	w.add(t, phrase{"Waiting: {n}", "等待中：{n} 个"}, args{"n", strconv.Itoa(len(c.Waiting))})
	for _, pos := range c.Waiting[:min(len(c.Waiting), maxDigested)] {
		of := pos.Entry.Change
		line := render(w.lang, phrase{"{id} for {server}, requested by {who}: ", "{id}（{server}，申请人 {who}）："},
			args{"id", pos.ID, "server", c.Policy.NameOf(of.Target), "who", w.asker(of.Origin)})
		line = append(line, w.digestCause(pos, c)...)
		if pos.Cause == reconcile.CauseApproval {
			line = append(line, chat.Words(phrase{" ", ""}.in(w.lang)))
			line = append(line, render(w.lang, w.phrases.approvers, args{"who", list(w.lang, c.Policy.Approvers(of))})...)
		}
		t.Lines = append(t.Lines, line)
	}
	w.rest(t, len(c.Waiting)-maxDigested)
}

// digestCause says what a change waits for.
func (w Writer) digestCause(pos *reconcile.Position, c digest.Content) chat.Line {
	if pos.Cause == reconcile.CauseWindow {
		if g := c.Policy.Gate(pos.Entry.Request, c.Now).Shown(); g != nil && !g.Open {
			return render(w.lang, waitsPhrase(*g), w.gateArgs(*g))
		}
	}
	return render(w.lang, causePhrase(pos.Cause), nil)
}

// digestEnded says what happened, what failed first.
func (w Writer) digestEnded(t *chat.Text, c digest.Content) {
	var failed []index.Row
	for _, r := range c.Ended {
		if r.Status == change.Failed || r.Status == change.Expired || r.Status == change.Rejected {
			failed = append(failed, r)
		}
	}
	n := strconv.Itoa(len(c.Ended))
	if c.More {
		n += "+"
	}
	w.add(t, phrase{"Ended in the last 24 hours: {n}; of these not applied: {failed}", "过去 24 小时结束：{n} 个，其中未执行：{failed} 个"}, args{"n", n, "failed", strconv.Itoa(len(failed))})
	shown := append(slices.Clone(failed), slices.DeleteFunc(slices.Clone(c.Ended), func(r index.Row) bool {
		return slices.ContainsFunc(failed, func(f index.Row) bool { return f.ID == r.ID })
	})...)
	for _, r := range shown[:min(len(shown), maxDigested)] {
		line := render(w.lang, phrase{"{id} for {server}, requested by {who}: {status}", "{id}（{server}，申请人 {who}）：{status}"},
			args{"id", r.ID, "server", c.Policy.NameOf(r.Target), "who", cmp.Or(r.Person, r.Actor), "status", statusPhrase(r.Status).in(w.lang)})
		if r.Code != "" {
			line = append(line, render(w.lang, phrase{" ({code})", "（{code}）"}, args{"code", r.Code})...)
		}
		t.Lines = append(t.Lines, line)
	}
	w.rest(t, len(shown)-maxDigested)
}

// rest says how many are not listed.
func (w Writer) rest(t *chat.Text, n int) {
	if n > 0 {
		w.add(t, w.phrases.moreServers, args{"n", strconv.Itoa(n)})
	}
}
