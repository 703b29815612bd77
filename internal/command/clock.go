package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// maxAhead bounds a span from now, in hours: a change may be due within 366 days.
const maxAhead = 366 * 24

// parseMoment reads a moment: "+2h", "02:00", "tomorrow-02:00", "tonight 23:30",
// "sat 2am", "2小时后", "明天凌晨2点".
func parseMoment(typed string) (Moment, bool) {
	s := plainMoment(typed)
	if span, ok := spanOf(s); ok {
		return Moment{In: span}, true
	}
	day, rest := cutDay(s)
	minutes, ok := parseClock(strings.TrimLeft(rest, " -_"))
	if !ok {
		return Moment{}, false
	}
	if day == tonight {
		// Nobody goes to bed at eight in the morning; twelve may be noon or midnight.
		switch {
		case minutes >= 12*60 && minutes < 13*60:
			return Moment{}, false
		case minutes >= 5*60 && minutes < 12*60:
			day, minutes = Today, minutes+12*60
		case minutes >= 13*60:
			day = Today
		default:
			day = "" // after midnight
		}
	}
	return Moment{Day: day, Clock: clockOf(minutes)}, true
}

// isDay reports whether a value is a day alone, so that its time may follow.
func isDay(typed string) bool {
	day, rest := cutDay(plainMoment(typed))
	return day != "" && rest == ""
}

// isClock reports whether a word is a time of day alone.
func isClock(typed string) bool {
	_, ok := parseClock(plainMoment(typed))
	return ok
}

// plainMoment is a text in lower case and with ASCII signs, also where it was in quotes.
func plainMoment(s string) string {
	return strings.TrimSpace(strings.Map(fold, strings.ToLower(s)))
}

func clockOf(minutes int) string {
	two := func(n int) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }
	return two(minutes/60) + ":" + two(minutes%60)
}

// spanOf reads "+2h", "+1d", "2小时后" and "半小时后".
func spanOf(s string) (time.Duration, bool) {
	text, plus := strings.CutPrefix(s, "+")
	if !plus {
		var later bool
		if text, later = strings.CutSuffix(s, "以后"); !later {
			text, later = strings.CutSuffix(s, "后")
		}
		if !later {
			return 0, false
		}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "半小时", "30m")
	text = inEnglish(strings.ReplaceAll(text, "个小时", "小时"))
	days := 0
	for _, unit := range []string{"d", "天"} {
		if n, rest, ok := strings.Cut(text, unit); ok {
			d, err := strconv.Atoi(n)
			if err != nil || d < 1 || d > maxAhead/24 || strings.Trim(n, "0123456789") != "" {
				return 0, false
			}
			days, text = d, rest
		}
	}
	span, ok := change.ParseSpan(text)
	if text == "" {
		span, ok = 0, days > 0
	}
	span += time.Duration(days) * 24 * time.Hour
	return span, ok && span <= maxAhead*time.Hour
}

// tonight is the evening of today, or the hours after midnight.
const tonight Day = "tonight"

// days has the words for each day, a line each. Of two words that begin alike, the
// longer one is first.
const days = "" +
	"today\ttoday 今天 今日\n" +
	"tonight\ttonight 今天晚上 今晚 今夜\n" +
	"tomorrow\ttomorrow 明天 明日\n" +
	"mon\tmonday mon 星期一 周一\n" +
	"tue\ttuesday tue 星期二 周二\n" +
	"wed\twednesday wed 星期三 周三\n" +
	"thu\tthursday thu 星期四 周四\n" +
	"fri\tfriday fri 星期五 周五\n" +
	"sat\tsaturday sat 星期六 周六\n" +
	"sun\tsunday sun 星期日 星期天 周日 周天\n"

// cutDay cuts the day off the beginning of a moment; "" where there is none.
func cutDay(s string) (day Day, rest string) {
	length := 0
	rest = s
	for line := range strings.Lines(days) {
		name, words, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for word := range strings.SplitSeq(words, " ") {
			after, ok := strings.CutPrefix(s, word)
			if ok && len(word) > length && (word[0] > 'z' || after == "" || strings.ContainsAny(after[:1], " -_")) {
				day, rest, length = Day(name), after, len(word)
			}
		}
	}
	return day, rest
}

// parseClock reads a time of day, as minutes since midnight: "02:00", "2:30pm", "2点半",
// "下午3点".
func parseClock(s string) (minutes int, ok bool) {
	rest, half := halfOfDay(s)
	hours, after, ok := hoursAndMinutes(rest, half.morning || half.evening)
	if !ok || half.unclear != "" && hours == half.unclear {
		return 0, false
	}
	h, okay := twoDigits(hours, 1)
	m, fine := twoDigits(after, 2)
	if !okay || !fine || h > 23 || m > 59 || half.morning && half.evening {
		return 0, false
	}
	switch {
	case half.evening && h == 0, half.morning && h > 12:
		return 0, false
	case half.morning && h == 12:
		h = 0
	case half.evening && h < 12:
		h += 12
	}
	return h*60 + m, true
}

// half is the half of the day that a time of day names.
type half struct {
	morning, evening bool
	unclear          string // an hour that may be noon or midnight with this word
}

// halfOfDay takes the words for a half of the day off a time of day.
func halfOfDay(s string) (rest string, out half) {
	for word, h := range map[string]half{
		"凌晨": {morning: true}, "早上": {morning: true, unclear: "12"}, "上午": {morning: true, unclear: "12"},
		"下午": {evening: true}, "晚上": {evening: true, unclear: "12"},
	} {
		if after, found := strings.CutPrefix(s, word); found {
			s, out = strings.TrimSpace(after), h
			break
		}
	}
	if before, found := strings.CutSuffix(s, "am"); found {
		s, out.morning = strings.TrimSpace(before), true
	} else if before, found := strings.CutSuffix(s, "pm"); found {
		s, out.evening = strings.TrimSpace(before), true
	}
	return s, out
}

// hoursAndMinutes splits a time of day. An hour alone is one with a word for the half of
// the day; ok is false without such a word.
func hoursAndMinutes(s string, half bool) (hours, minutes string, ok bool) {
	if h, m, found := strings.Cut(s, "点"); found {
		switch m = strings.TrimSuffix(m, "分"); m {
		case "", "整":
			m = "00"
		case "半":
			m = "30"
		}
		return h, m, true
	}
	if h, m, found := strings.Cut(s, ":"); found {
		return h, m, true
	}
	return s, "00", half
}

// twoDigits reads a number of two digits, or of the least that is given.
func twoDigits(s string, least int) (int, bool) {
	if len(s) < least || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
