package command_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

func moments() map[string]command.Moment {
	clock := func(day command.Day, s string) command.Moment { return command.Moment{Day: day, Clock: s} }
	in := func(d time.Duration) command.Moment { return command.Moment{In: d} }
	return map[string]command.Moment{
		"02:00": clock("", "02:00"), "2:05": clock("", "02:05"), "２：００": clock("", "02:00"), "2am": clock("", "02:00"), "2:30PM": clock("", "14:30"), "12am": clock("", "00:00"), "12pm": clock("", "12:00"),
		"2点": clock("", "02:00"), "2点半": clock("", "02:30"), "14点05分": clock("", "14:05"), "凌晨2点": clock("", "02:00"), "下午3点": clock("", "15:00"), "凌晨12点": clock("", "00:00"),
		"+2h": in(2 * time.Hour), "+90m": in(90 * time.Minute), "+1h30m": in(90 * time.Minute), "+1d": in(24 * time.Hour), "+1天2小时": in(26 * time.Hour), "2小时后": in(2 * time.Hour), "半小时后": in(30 * time.Minute), "+90分钟": in(90 * time.Minute), "3天后": in(72 * time.Hour),
		"tomorrow-02:00": clock("tomorrow", "02:00"), "“tomorrow 02:00”": clock("tomorrow", "02:00"), "Tomorrow 2am": clock("tomorrow", "02:00"), "明天 02:00": clock("tomorrow", "02:00"), "明天02:00": clock("tomorrow", "02:00"), "“明天　０２：００”": clock("tomorrow", "02:00"), "明日凌晨2点": clock("tomorrow", "02:00"),
		"today-23:30": clock("today", "23:30"), "今天晚上11点": clock("today", "23:00"), "今晚 23:30": clock("today", "23:30"), "今晚11点半": clock("today", "23:30"), "tonight 23:30": clock("today", "23:30"), "tonight-2am": clock("", "02:00"), "今晚1点": clock("", "01:00"),
		"sat-02:00": clock("sat", "02:00"), "Saturday 02:00": clock("sat", "02:00"), "sat 02:00": clock("sat", "02:00"), "周六 02:00": clock("sat", "02:00"), "星期天02:00": clock("sun", "02:00"),
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	for typed, want := range moments() {
		for _, key := range []string{"at", "过期"} {
			c, err := command.Parse("apply office port=1195 " + key + "=" + typed)
			got := c.At
			if key != "at" {
				got = c.Until
			}
			if err != nil || got != want || !c.NotBefore.IsZero() || !c.ExpiresAt.IsZero() || got.IsZero() {
				t.Errorf("%s=%s is %+v, %v, want %+v", key, typed, got, err, want)
			}
		}
	}
	for _, typed := range []string{"25:00", "2:5", "0pm", "14am", "上午12点", "晚上12点", "tonight 12:00", "+0h", "+2x", "+0d", "+400d", "明后天02:00", "mo-02:00", "tomorrow-", "+", "后", "点", "半", ":", "02:00 02:00", "tomorrowish 02:00"} {
		if c, err := command.Parse("apply office port=1195 at=“" + typed + "”"); err == nil {
			t.Errorf("%q is %+v", typed, c.At)
		}
	}
}

func TestWhatMomentsComeTo(t *testing.T) {
	t.Parallel()
	shanghai, berlin := zone.Load("Asia/Shanghai"), zone.Load("Europe/Berlin")
	for _, tt := range []struct {
		line string
		now  string
		zone *time.Location
		at   string // and until
		kind string
	}{
		{"at=02:00", "2026-11-27T22:40:30+08:00", shanghai, "2026-11-28T02:00:00+08:00 ", ""},
		{"at=02:00", "2026-11-28T02:00:00+08:00", shanghai, "2026-11-29T02:00:00+08:00 ", ""},
		{"at=02:00", "2026-11-28T01:59:59.5+08:00", shanghai, "2026-11-28T02:00:00+08:00 ", ""},
		{"at=02:00", "2026-11-27T17:00:00Z", shanghai, "2026-11-28T02:00:00+08:00 ", ""},
		{"at=+90m", "2026-11-27T22:40:30.7+08:00", shanghai, "2026-11-28T00:10:30+08:00 ", ""},
		{"at=tomorrow-02:00", "2026-11-27T22:40:00+08:00", shanghai, "2026-11-28T02:00:00+08:00 ", ""},
		{"at=tomorrow-02:00", "2026-11-28T00:40:00+08:00", shanghai, "2026-11-29T02:00:00+08:00 ", ""},
		{"at=today-02:00", "2026-11-28T03:40:00+08:00", shanghai, "2026-11-28T02:00:00+08:00 ", ""}, // in the past, and refused for it
		{"at=tonight-02:00", "2026-11-28T00:40:00+08:00", shanghai, "2026-11-28T02:00:00+08:00 ", ""},
		{"at=sat-02:00", "2026-11-28T01:40:00+08:00", shanghai, "2026-11-28T02:00:00+08:00 ", ""},
		{"at=sat-02:00", "2026-11-28T02:40:00+08:00", shanghai, "2026-12-05T02:00:00+08:00 ", ""},
		{"at=fri-02:00", "2026-12-30T02:40:00+08:00", shanghai, "2027-01-01T02:00:00+08:00 ", ""},
		{"at=23:00 until=02:00", "2026-11-27T22:40:00+08:00", shanghai, "2026-11-27T23:00:00+08:00 2026-11-28T02:00:00+08:00", ""},
		{"at=02:00 until=02:00", "2026-11-27T22:40:00+08:00", shanghai, "2026-11-28T02:00:00+08:00 2026-11-29T02:00:00+08:00", ""},
		{"at=02:00 until=+4h", "2026-11-27T22:40:00+08:00", shanghai, "2026-11-28T02:00:00+08:00 2026-11-28T06:00:00+08:00", ""},
		{"at=2026-11-28T02:00Z until=06:00", "2026-11-27T22:40:00+08:00", shanghai, "2026-11-28T02:00:00Z 2026-11-29T06:00:00+08:00", ""},
		{"until=+4h", "2026-11-27T22:40:00+08:00", shanghai, " 2026-11-28T02:40:00+08:00", ""},
		{"at=02:30", "2027-03-27T22:00:00+01:00", berlin, "2027-03-28T03:30:00+02:00 ", "at 02:30 false"},
		{"at=03:00", "2027-03-27T22:00:00+01:00", berlin, "2027-03-28T03:00:00+02:00 ", ""},
		{"at=02:30", "2027-10-30T22:00:00+02:00", berlin, "2027-10-31T02:30:00+02:00 ", "at 02:30 true"},
		{"at=02:30", "2027-10-31T02:40:00+02:00", berlin, "2027-11-01T02:30:00+01:00 ", ""},
		{"at=03:00 until=02:15", "2027-10-30T02:40:00+02:00", berlin, "2027-10-30T03:00:00+02:00 2027-10-31T02:15:00+02:00", "until 02:15 true"},
		{"at=+2h", "2027-03-28T01:30:00+01:00", berlin, "2027-03-28T04:30:00+02:00 ", ""},
	} {
		c, err := command.Parse("apply office port=1195 " + tt.line)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339Nano, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		got, changes := c.Resolved(now, tt.zone)
		show := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return at.Format(time.RFC3339Nano)
		}
		var kinds strings.Builder
		for _, c := range changes {
			kinds.WriteString(c.Key + " " + c.Written + " " + map[bool]string{true: "true", false: "false"}[c.Twice])
			if !c.At.Equal(got.NotBefore) && !c.At.Equal(got.ExpiresAt) {
				t.Errorf("%s: %+v", tt.line, c)
			}
		}
		kind := kinds.String()
		if text := show(got.NotBefore) + " " + show(got.ExpiresAt); text != tt.at || kind != tt.kind || !got.At.IsZero() || !got.Until.IsZero() {
			t.Errorf("%s on %s: %s %q, want %s %q", tt.line, tt.now, text, kind, tt.at, tt.kind)
		}
	}
}

// A time of day may follow its day without quotes, and nothing else may.
func TestATimeOfDayFollowsItsDay(t *testing.T) {
	t.Parallel()
	c, err := command.Parse("变更 office 端口=1195 定时=明天 02:00 过期=周六 2点 原因=x")
	if err != nil || c.At.String() != "tomorrow-02:00" || c.Until.String() != "sat-02:00" || c.Reason != "x" || c.Lang != lang.Chinese {
		t.Errorf("%+v, %v", c, err)
	}
	for _, line := range []string{"apply office port=1195 at=02:00 02:00", "apply office port=1195 reason=tomorrow 02:00", "apply office port=1195 at=tomorrow office"} {
		if c, err := command.Parse(line); err == nil {
			t.Errorf("%s is %+v", line, c)
		}
	}
}

// FuzzMoment checks that what is read of a time is after the time at which it was
// written, unless its day is today, and that it is read from its own text again.
func FuzzMoment(f *testing.F) {
	for typed := range moments() {
		f.Add(typed, int64(1795390502))
	}
	f.Fuzz(func(t *testing.T, typed string, unix int64) {
		c, err := command.Parse("apply office port=1195 at=" + typed)
		if err != nil || c.At.IsZero() || unix < 0 || unix > 4e9 {
			return
		}
		again, err := command.Parse(c.String())
		if err != nil || again.At != c.At {
			t.Fatalf("%q is %+v, then %+v, %v", typed, c.At, again.At, err)
		}
		now := time.Unix(unix, 0)
		for _, name := range []string{"Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "UTC"} {
			got, _ := c.Resolved(now, zone.Load(name))
			if d := got.NotBefore.Sub(now); c.At.Day != command.Today && d <= 0 || d > 9*24*time.Hour && c.At.In == 0 {
				t.Fatalf("%q at %s is %s", typed, now, got.NotBefore)
			}
			if twice, _ := c.Resolved(now, zone.Load(name)); !twice.NotBefore.Equal(got.NotBefore) {
				t.Fatalf("%q: %s, then %s", typed, got.NotBefore, twice.NotBefore)
			}
		}
	})
}
