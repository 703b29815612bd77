package window

import (
	"sort"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Span is a time in which changes may be sent, or in which a freeze closes the server.
type Span struct {
	From, Until time.Time
	Names       []string // of the windows that are open; none where no window applies

	// Of a freeze; Freeze is "" for an opening.
	Freeze string
	Reason string
	Need   int // the votes that an override needs; 0: nobody may override
}

// Openings lists the openings and freezes between two instants, by their beginnings. What
// begins earlier or ends later is cut there, and so is what is after Horizon. An opening is a time in which a change of all
// the settings may be sent, so it ends before the last start; it is cut where a freeze
// begins. Without settings, it has the openings of each window for itself.
func (c Calendar) Openings(settings []change.Field, from, until time.Time) []Span {
	in := span{from.Unix(), until.Unix()}
	if until.Nanosecond() > 0 {
		in.until++
	}
	if most := in.from + horizon; in.until > most {
		in.until = most
	}
	var out []Span
	if len(settings) > 0 {
		out = c.search(Question{Settings: settings}).list(in)
	} else {
		for i := range c.Windows {
			w := &c.Windows[i]
			one := Calendar{Windows: []Window{{Name: w.Name, Settings: []change.Field{""}, Zone: w.Zone, Open: w.Open, Except: w.Except, Also: w.Also, LastStart: w.LastStart}}, Freezes: c.Freezes}
			out = append(out, one.search(Question{Settings: []change.Field{""}}).list(in)...)
		}
	}
	for i := range c.Freezes {
		f := &c.Freezes[i]
		if s := f.span().clip(in); s.from < s.until {
			out = append(out, Span{From: instant(s.from), Until: instant(s.until), Freeze: f.Name, Reason: f.Reason, Need: f.Need})
		}
	}
	sort.Sort(inOrder(out))
	return out
}

// inOrder sorts by beginnings, then by ends, and what is equal by names.
type inOrder []Span

func (o inOrder) Len() int      { return len(o) }
func (o inOrder) Swap(i, j int) { o[i], o[j] = o[j], o[i] }

func (o inOrder) Less(i, j int) bool {
	a, b := &o[i], &o[j]
	switch {
	case !a.From.Equal(b.From):
		return a.From.Before(b.From)
	case !a.Until.Equal(b.Until):
		return a.Until.Before(b.Until)
	case a.Freeze != b.Freeze:
		return a.Freeze < b.Freeze
	default:
		return len(a.Names) > 0 && len(b.Names) > 0 && a.Names[0] < b.Names[0]
	}
}

func (s *search) list(in span) []Span {
	var out []Span
	for _, o := range s.open(in) {
		var names []string
		for _, w := range s.windows {
			if len(w.spans(o)) > 0 {
				names = append(names, w.Name)
			}
		}
		out = append(out, Span{From: instant(o.from), Until: instant(o.until), Names: names})
	}
	return out
}

func instant(second int64) time.Time { return time.Unix(second, 0).UTC() }
