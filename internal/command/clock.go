package command

import (
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/change"
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
	morning, evening, unclear := false, false, "" // unclear: an hour that may be noon or midnight
	for _, part := range []struct {
		word    string
		evening bool
		unclear string
	}{{"凌晨", false, ""}, {"早上", false, "12"}, {"上午", false, "12"}, {"下午", true, ""}, {"晚上", true, "12"}} {
		if rest, found := strings.CutPrefix(s, part.word); found {
			s, morning, evening, unclear = strings.TrimSpace(rest), !part.evening, part.evening, part.unclear
			break
		}
	}
	if rest, found := strings.CutSuffix(s, "am"); found {
		s, morning = strings.TrimSpace(rest), true
	} else if rest, found := strings.CutSuffix(s, "pm"); found {
		s, evening = strings.TrimSpace(rest), true
	}
	halves := morning || evening
	hours, rest := s, ""
	if h, m, found := strings.Cut(s, "点"); found {
		hours, rest, halves = h, strings.TrimSuffix(m, "分"), true
		switch rest {
		case "", "整":
			rest = "00"
		case "半":
			rest = "30"
		}
	} else if h, m, found := strings.Cut(s, ":"); found {
		hours, rest = h, m
	} else if halves {
		rest = "00"
	}
	if unclear != "" && hours == unclear {
		return 0, false
	}
	h, okay := twoDigits(hours, 1)
	m, fine := twoDigits(rest, 2)
	if !okay || !fine || h > 23 || m > 59 || morning && evening {
		return 0, false
	}
	switch {
	case (morning || evening) && (h == 0 && evening || h > 12 && morning):
		return 0, false
	case morning && h == 12:
		h = 0
	case evening && h < 12:
		h += 12
	}
	return h*60 + m, true
}

// twoDigits reads a number of two digits, or of the least that is given.
func twoDigits(s string, least int) (int, bool) {
	if len(s) < least || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
