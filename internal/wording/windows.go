package wording

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
)

// windows shows when changes of one server may be sent, or of several.
func (w Writer) windows(a *executor.Answer) *chat.Text {
	if a.Server != nil && len(a.Schedules) == 1 {
		return w.windowsOf(serverName(a.Server), a.Schedules[0])
	}
	t := w.text(chat.Info, phrase{"Windows of the servers that you may see", "你可以查看的服务端的维护窗口"}, nil)
	if len(a.Schedules) == 0 {
		w.add(t, w.phrases.noServers, nil)
	}
	for _, same := range w.alike(a.Schedules) {
		t.Lines = append(t.Lines, same.servers)
		t.Lines = append(t.Lines, same.said...)
	}
	if a.MoreServers > 0 {
		w.add(t, w.phrases.moreServers, args{"n", strconv.Itoa(a.MoreServers)})
	}
	for _, s := range a.Schedules[:min(len(a.Schedules), maxOffered)] {
		w.next(t, command.Command{Verb: command.Windows, Server: s.Name})
	}
	return t
}

// windowsOf shows the windows of one server, day by day.
func (w Writer) windowsOf(server string, s executor.Schedule) *chat.Text {
	t := w.text(chat.Info, phrase{"Windows of {server}", "{server} 的维护窗口"}, args{"server", server})
	for i, p := range s.Parts {
		t.Lines = append(t.Lines, w.partHead(s.Parts, i))
		w.days(t, p)
	}
	w.freezes(t, s.Parts)
	if slices.ContainsFunc(s.Parts, func(p executor.Part) bool { return len(p.Spans) > 0 }) {
		w.add(t, phrase{"Times are those of {zone}.", "以上为 {zone} 时间。"}, args{"zone", w.zoneName()})
	}
	return t
}

// alike is servers of which the same is said.
type alike struct {
	servers chat.Line
	said    []chat.Line
}

// alike joins the servers of which the same is said: most have the same windows.
func (w Writer) alike(all []executor.Schedule) []alike {
	var out []alike
	var texts []string
	for _, s := range all {
		var t chat.Text
		for i := range s.Parts {
			t.Lines = append(t.Lines, append(render(w.lang, phrase{"· ", "· "}, nil), w.partHead(s.Parts, i)...))
		}
		w.freezes(&t, s.Parts)
		text, name := plainLines(t.Lines), chat.Code(cmp.Or(s.Name, s.ServerID))
		if i := slices.Index(texts, text); i >= 0 {
			out[i].servers = append(append(out[i].servers, render(w.lang, w.phrases.historyAnd, nil)...), name)
			continue
		}
		texts = append(texts, text)
		out = append(out, alike{chat.Line{name}, t.Lines})
	}
	return out
}

func plainLines(lines []chat.Line) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(PlainLine(line) + "\n")
	}
	return b.String()
}

// partHead says whether settings may be changed now, and when that ends.
func (w Writer) partHead(all []executor.Part, at int) chat.Line {
	p := all[at]
	var names []string
	for _, f := range p.Settings {
		names = append(names, string(f))
	}
	settings := render(w.lang, phrase{"{settings}", "{settings}"}, args{"settings", strings.Join(names, ", ")})
	switch {
	case len(all) == 1:
		settings = render(w.lang, phrase{"All settings", "所有配置项"}, nil)
	case len(p.Windows) == 0:
		settings = render(w.lang, phrase{"All other settings", "其他配置项"}, nil)
	}
	return append(append(settings, chat.Words(phrase{": ", "："}.in(w.lang))), w.standing(p)...)
}

// standing says whether settings may be changed now.
func (w Writer) standing(p executor.Part) chat.Line {
	a := args{"time", w.Moment(cmp.Or(p.OpensAt, p.ClosesAt)), "freeze", p.Freeze, "windows", strings.Join(p.Windows, ", ")}
	switch {
	case p.Open && p.ClosesAt.IsZero() && len(p.Windows) == 0:
		return render(w.lang, phrase{"always open", "随时可以变更"}, nil)
	case p.Open && p.ClosesAt.IsZero():
		return render(w.lang, phrase{"open now", "现在可以变更"}, nil)
	case p.Open:
		return render(w.lang, phrase{"open now, until {time}", "现在可以变更，截止时间：{time}"}, a)
	case p.Freeze != "" && p.OpensAt.IsZero():
		return render(w.lang, phrase{"closed by the freeze {freeze}, and does not open within 366 days", "封网 {freeze} 期间不可变更，366 天内不会开放"}, a)
	case p.Freeze != "":
		return render(w.lang, phrase{"closed by the freeze {freeze}, opens {time}", "封网 {freeze} 期间不可变更，开放时间：{time}"}, a)
	case p.OpensAt.IsZero():
		return render(w.lang, phrase{"closed: {windows} does not open within 366 days", "不可变更：维护窗口 {windows} 在 366 天内不会开放"}, a)
	default:
		return render(w.lang, phrase{"closed now, opens {time}", "现在不可变更，开放时间：{time}"}, a)
	}
}
