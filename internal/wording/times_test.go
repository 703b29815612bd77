package wording

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

func TestTimesAreAbsoluteAndRelative(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	china := time.FixedZone("", 8*60*60)
	for ahead, want := range map[time.Duration][2]string{
		0:                             {"2026-11-23 02:00:00 +08:00 (now)", "2026-11-23 02:00:00 +08:00（现在）"},
		30 * time.Second:              {"2026-11-23 02:00:30 +08:00 (in 30 s)", "2026-11-23 02:00:30 +08:00（30 秒后）"},
		3*time.Hour - time.Second:     {"2026-11-23 04:59:59 +08:00 (in 3 h)", "2026-11-23 04:59:59 +08:00（3 小时后）"},
		200 * time.Minute:             {"2026-11-23 05:20:00 +08:00 (in 3 h 20 min)", "2026-11-23 05:20:00 +08:00（3 小时 20 分钟后）"},
		24*time.Hour - 10*time.Second: {"2026-11-24 01:59:50 +08:00 (in 1 d)", "2026-11-24 01:59:50 +08:00（1 天后）"},
		50 * time.Hour:                {"2026-11-25 04:00:00 +08:00 (in 2 d 2 h)", "2026-11-25 04:00:00 +08:00（2 天 2 小时后）"},
		1001 * time.Hour:              {"2027-01-03 19:00:00 +08:00 (in 42 d)", "2027-01-03 19:00:00 +08:00（42 天后）"},
		-59*time.Minute - 50*1e9:      {"2026-11-23 01:00:10 +08:00 (1 h ago)", "2026-11-23 01:00:10 +08:00（1 小时前）"},
	} {
		en, zh := In(lang.English).At(now, china), In(lang.Chinese).At(now, china)
		if got := [2]string{en.Moment(now.Add(ahead)), zh.Moment(now.Add(ahead))}; got != want {
			t.Errorf("%s: %q, want %q", ahead, got, want)
		}
	}
}

func TestAZoneIsAlwaysNamed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 18, 3, 4, 0, time.UTC)
	for want, zone := range map[string]*time.Location{
		"2026-11-22 18:03:04 UTC":    nil,
		"2026-11-22 18:03:04 UTC ":   time.UTC,
		"2026-11-22 18:03:04 UTC  ":  time.FixedZone("GMT", 0),
		"2026-11-23 02:03:04 +08:00": time.FixedZone("CST", 8*60*60),
		"2026-11-22 12:03:04 -06:00": time.FixedZone("CST", -6*60*60), // the same letters, another zone
		"2026-11-22 23:48:04 +05:45": time.FixedZone("", 345*60),
	} {
		if got := In(lang.English).At(time.Time{}, zone).Moment(at); got != trimmed(want) {
			t.Errorf("in %v it is %s, want %s", zone, got, want)
		}
	}
}

func trimmed(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}
