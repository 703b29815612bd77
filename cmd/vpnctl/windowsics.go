package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/ical"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// calendarOf makes a calendar of the openings and freezes of servers. A server that is
// always open has none.
func calendarOf(all []remote.Schedule, tag lang.Tag, now time.Time) ical.Calendar {
	w := calendarWords(tag)
	out := ical.Calendar{Name: w.title, Lang: string(cmp.Or(tag, lang.English)), Stamp: now}
	for _, s := range all {
		for i, p := range s.Parts {
			for _, span := range p.Spans {
				switch {
				case span.Freeze != "" && i == 0: // a freeze is the same for all settings
					out.Events = append(out.Events, w.freezeEvent(s, span))
				case span.Freeze == "" && len(span.Windows) > 0:
					out.Events = append(out.Events, w.windowEvent(s, p, span))
				}
			}
		}
	}
	return out
}

// eventWords are the words of events in one language. {name} stands for what is named.
type eventWords struct{ title, window, freeze, settings, override, final, windows, freezes string }

func calendarWords(tag lang.Tag) eventWords {
	if tag == lang.Chinese {
		return eventWords{
			title: "SSL-VPN 维护窗口", window: "维护窗口 {name}：{server}", freeze: "封网 {name}：{server}", windows: "维护窗口", freezes: "封网",
			settings: "可下发的配置项：{settings}", override: "豁免={name} 需批准人数：{n}", final: "不可豁免",
		}
	}
	return eventWords{
		title: "SSL-VPN maintenance windows", window: "Window {name}: {server}", freeze: "Freeze {name}: {server}", windows: "Maintenance window", freezes: "Freeze",
		settings: "Settings that may be changed: {settings}", override: "override={name} needs approvals: {n}", final: "Nobody may override it",
	}
}

func (w eventWords) windowEvent(s remote.Schedule, p remote.SchedulePart, span remote.ScheduleSpan) ical.Event {
	var settings []string
	for _, f := range p.Settings {
		settings = append(settings, string(f))
	}
	return ical.Event{
		UID:  eventUID(s, "window", strings.Join(p.Windows, "/"), span.From.UTC().Format(time.RFC3339)),
		From: span.From, Until: span.Until, Category: w.windows,
		Summary:     strings.NewReplacer("{name}", strings.Join(span.Windows, ", "), "{server}", cmp.Or(s.Name, s.ServerID)).Replace(w.window),
		Description: strings.ReplaceAll(w.settings, "{settings}", strings.Join(settings, ", ")),
	}
}

// freezeEvent is the event of a freeze. Its UID does not have its times: a freeze that is
// moved replaces the event.
func (w eventWords) freezeEvent(s remote.Schedule, span remote.ScheduleSpan) ical.Event {
	override := w.final
	if span.Need > 0 {
		override = strings.NewReplacer("{name}", span.Freeze, "{n}", strconv.Itoa(span.Need)).Replace(w.override)
	}
	return ical.Event{
		UID:  eventUID(s, "freeze", span.Freeze),
		From: span.From, Until: span.Until, Category: w.freezes, Busy: true,
		Summary:     strings.NewReplacer("{name}", span.Freeze, "{server}", cmp.Or(s.Name, s.ServerID)).Replace(w.freeze),
		Description: strings.TrimPrefix(span.Reason+"\n"+override, "\n"),
	}
}

// eventUID is the same in every file for the same event of a server.
func eventUID(s remote.Schedule, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{s.String()}, parts...), "\n")))
	return hex.EncodeToString(sum[:16]) + "@sslvpn-change"
}
