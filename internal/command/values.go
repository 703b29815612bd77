package command

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

const maxLimit = 20

// value reads the value of a known key that the verb accepts.
func (r *reader) value(k Key, expected bool, s string) {
	switch {
	case expected:
		if v, ok := r.setting(k, s); ok {
			if r.c.Expect == nil {
				r.c.Expect = change.Patch{}
			}
			r.c.Expect[k.Field] = v
		}
	case k.Field != "":
		if v, ok := r.setting(k, s); ok {
			r.c.Patch[k.Field] = v
		}
	default:
		r.option(k, s)
	}
}

func (r *reader) setting(k Key, s string) (change.Value, bool) {
	switch k.Field.Kind() {
	case change.KindText:
		return change.Normalize(k.Field, change.Text(s)), true
	case change.KindNumber:
		n, ok := number(s)
		if !ok {
			r.add(RuleNotANumber, "key", r.typed[k.Name], "value", shown(s))
		}
		return change.Number(n), ok
	case change.KindFlag:
		b, ok := r.flag(k, s)
		return change.Flag(b), ok
	default:
		return change.Value{}, false
	}
}

func (r *reader) option(k Key, s string) {
	switch k.Name {
	case keyRegion:
		r.c.Region = strings.ToLower(s)
	case keyReason:
		r.c.Reason = strings.TrimSpace(s)
	case keyRef:
		r.c.Ref = strings.TrimSpace(s)
	case keyAt:
		if !isNow(s) {
			r.c.NotBefore, r.c.At = r.time(k, s)
		}
	case keyUntil:
		r.c.ExpiresAt, r.c.Until = r.time(k, s)
	case keyDryRun:
		r.c.DryRun, _ = r.flag(k, s)
	case keyConfirm, keyWhen, keyProof:
		r.guard(k, s)
	case keyOverride:
		if r.c.Override = s; s == "" {
			r.refuse(k, s, change.OverrideProblem(s))
		}
	case keyStatus, keyBy, keySince, keyMore:
		r.filter(k, s)
	case keyLimit:
		n, ok := number(s)
		if !ok || n < 1 || n > maxLimit {
			r.add(RuleLimitRange, "key", r.typed[k.Name], "value", shown(s), "most", strconv.Itoa(maxLimit))
		}
		r.c.Limit = n
	}
}

func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && strconv.Itoa(n) == s
}

func (r *reader) flag(k Key, s string) (value, ok bool) {
	switch word := strings.ToLower(s); {
	case slices.Contains([]string{"true", "on", "yes", "开", "是"}, word):
		return true, true
	case slices.Contains([]string{"false", "off", "no", "关", "否"}, word):
		return false, true
	default:
		r.add(RuleNotAFlag, "key", r.typed[k.Name], "value", shown(s))
		return false, false
	}
}

// time reads a time of RFC 3339, or a moment.
func (r *reader) time(k Key, s string) (time.Time, Moment) {
	if m, ok := parseMoment(s); ok {
		return time.Time{}, m
	}
	const minutes = len("2006-01-02T15:04")
	text := strings.ToUpper(s)
	if len(text) > minutes && text[minutes] != ':' { // seconds are optional
		text = text[:minutes] + ":00" + text[minutes:]
	}
	// In UTC, a time near the end of 9999 may have a year that cannot be written.
	if t, ok := change.ParseLocal(text); ok && t.UTC().Year() >= 1970 && t.UTC().Year() <= 9999 {
		return t, Moment{}
	}
	missing, example := "", "2026-11-23T02:00+08:00"
	switch date := example[:len("2006-01-02T")]; {
	case isDay(s):
		missing, example = "clock", s+"-02:00"
	case change.TimeWithoutZone(text):
		missing = "zone"
	case change.TimeWithoutDate(text):
		missing = "date"
		if _, ok := change.ParseLocal(date + text); ok || len(text) < minutes {
			example = date + text
		}
	}
	r.add(RuleTimeFormat, "key", r.typed[k.Name], "value", shown(s), "missing", missing, "example", example)
	return time.Time{}, Moment{}
}

// isNow reports whether a time is written as the present.
func isNow(s string) bool {
	return slices.Contains([]string{"now", "现在", "立即", "立刻", "马上"}, strings.ToLower(s))
}

// exampleOf is a value that the key accepts.
func exampleOf(k Key) string {
	if k.Field != "" {
		return k.Field.Setting().Example
	}
	switch k.Name {
	case keyRegion:
		return "cn-hangzhou"
	case keyAt:
		return "tomorrow-02:00"
	case keyUntil:
		return "+4h"
	case keyDryRun, keyProof:
		return "true"
	case keyConfirm:
		return "10m"
	case keyWhen:
		return "idle(5)"
	case keyOverride:
		return "double-eleven"
	case keyLimit:
		return "10"
	case keyBy:
		return "mei"
	case keyStatus:
		return "failed"
	case keySince:
		return "7d"
	case keyRef:
		return "OPS-4211"
	default:
		return "…"
	}
}
