package wording

import (
	"cmp"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
)

// gate says whether a change may be sent when it is due, and when that changes. It says
// nothing of one that nothing ever closes.
func (w Writer) gate(t *chat.Text, g *change.Gate, due time.Time) {
	if g == nil || g.Open && len(g.Windows) == 0 && g.ClosesAt.Sub(w.now) > freezeAhead {
		return
	}
	w.add(t, gatePhrase(*g, due.After(w.now)), w.gateArgs(*g))
}

// freezeAhead is how far ahead a freeze is announced with a change that no window holds
// back.
const freezeAhead = 7 * 24 * time.Hour

func (w Writer) gateArgs(g change.Gate) args {
	return args{"time", w.Moment(cmp.Or(g.OpensAt, g.ClosesAt)), "windows", strings.Join(g.Windows, ", "), "freeze", g.Freeze}
}

// gatePhrase says whether a change may be sent now, or when it is due.
func gatePhrase(g change.Gate, later bool) phrase {
	open := phrase{"It may be applied now", "现在可以下发"}
	if later {
		open = phrase{"It may be applied when it is due", "到执行时间时可以下发"}
	}
	switch {
	case g.Open && g.ClosesAt.IsZero():
		return phrase{open.en + ": the window {windows} is open.", open.zh + "：维护窗口 {windows} 开放。"}
	case g.Open && len(g.Windows) == 0:
		return phrase{open.en + ", until a freeze begins: {time}", open.zh + "，封网开始时间：{time}"}
	case g.Open:
		return phrase{open.en + ", until {time}: window {windows}", open.zh + "，截止时间：{time}，维护窗口：{windows}"}
	case g.Freeze != "" && g.OpensAt.IsZero():
		return phrase{"The freeze {freeze} is in force, and it may not be applied within 366 days.", "封网 {freeze} 期间不能下发，366 天内不会开放。"}
	case g.Freeze != "":
		return phrase{"The freeze {freeze} is in force. It may be applied from {time}", "封网 {freeze} 期间不能下发，开放时间：{time}"}
	case g.OpensAt.IsZero():
		return phrase{"It may not be applied within 366 days: the window {windows} does not open.", "366 天内不能下发：维护窗口 {windows} 不会开放。"}
	default:
		return phrase{"It may be applied from {time}: window {windows}", "开放时间：{time}，维护窗口：{windows}"}
	}
}

// cardGate is gate on a card, which has no times that are relative to now. It says nothing
// of a freeze to come.
func (w Writer) cardGate(t *chat.Text, g *change.Gate) {
	switch {
	case g == nil, g.Open && (len(g.Windows) == 0 || g.ClosesAt.IsZero()):
	case g.Open:
		w.add(t, phrase{"Its window {windows} is open until {time}", "维护窗口 {windows} 开放至 {time}"}, w.gateArgs(*g))
	default:
		w.add(t, gatePhrase(*g, false), w.gateArgs(*g))
	}
}

// Window says whether a change may be sent when it is due, and when that changes.
func (w Writer) Window(g change.Gate, due time.Time) string {
	return PlainLine(render(w.lang, gatePhrase(g, due.After(w.now)), w.gateArgs(g)))
}

// Waits says what a change waits for that a window or a freeze holds back.
func (w Writer) Waits(g change.Gate) string {
	return PlainLine(render(w.lang, waitsPhrase(g), w.gateArgs(g)))
}

// waitsToOpen says what a change waits for that a window or a freeze holds back. Begin
// stands before it.
func (w Writer) waitsToOpen(t *chat.Text, c executor.Change, begin string) {
	if c.Window == nil || c.Window.Open { // the policy has changed since the lane was looked at
		said := causePhrase(c.Cause)
		w.add(t, phrase{begin + said.en, begin + said.zh}, nil)
		return
	}
	said := waitsPhrase(*c.Window)
	w.add(t, phrase{begin + said.en, begin + said.zh}, w.gateArgs(*c.Window))
}

func waitsPhrase(g change.Gate) phrase {
	switch {
	case g.OpensAt.IsZero():
		return gatePhrase(g, false)
	case g.Freeze != "":
		return phrase{"It waits for the end of the freeze {freeze}, and may be applied from {time}", "等待封网 {freeze} 结束，开放时间：{time}"}
	default:
		return phrase{"It waits for the window {windows}, which opens {time}", "等待维护窗口 {windows}，开放时间：{time}"}
	}
}
