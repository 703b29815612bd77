package manifest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// parsedTime parses a document with the text as its expiresAt, at a time before the
// instant that it stands for.
func parsedTime(text string, now time.Time) ([]change.Request, []change.Problem) {
	opts := options(manifest.YAML)
	opts.Now = now
	return manifest.Parse([]byte("expiresAt: \""+text+"\"\n"+target+"Port: 1195\n"), opts)
}

// Every form of time of RFC 3339 is read as its exact instant.
func TestTimesOfRFC3339AreExact(t *testing.T) {
	t.Parallel()
	at := func(y int, m time.Month, d, h, mi, s, ns int) time.Time {
		return time.Date(y, m, d, h, mi, s, ns, time.UTC)
	}
	for _, tt := range []struct {
		name, text string
		want       time.Time
	}{
		{"UTC", "2026-11-23T02:00:00Z", at(2026, 11, 23, 2, 0, 0, 0)},
		{"China", "2026-11-23T02:00:00+08:00", at(2026, 11, 22, 18, 0, 0, 0)},
		{"an unknown local offset", "2026-11-23T02:00:00-00:00", at(2026, 11, 23, 2, 0, 0, 0)},
		{"the farthest east", "2026-11-23T02:00:00+14:00", at(2026, 11, 22, 12, 0, 0, 0)},
		{"the farthest west", "2026-11-23T02:00:00-12:00", at(2026, 11, 23, 14, 0, 0, 0)},
		{"an offset of a quarter of an hour", "2026-11-23T02:00:00+05:45", at(2026, 11, 22, 20, 15, 0, 0)},
		{"the largest offset", "2026-11-23T23:59:59+23:59", at(2026, 11, 23, 0, 0, 59, 0)},
		// Berlin goes from +01:00 to +02:00 on 29 March 2026 at 01:00 UTC. The
		// offset says which instant is meant; a wall clock that never shows it
		// does not matter.
		{"before the clocks go forward", "2026-03-29T01:59:59+01:00", at(2026, 3, 29, 0, 59, 59, 0)},
		{"after the clocks go forward", "2026-03-29T03:00:00+02:00", at(2026, 3, 29, 1, 0, 0, 0)},
		{"an hour that no clock there shows", "2026-03-29T02:30:00+01:00", at(2026, 3, 29, 1, 30, 0, 0)},
		{"an hour that clocks show twice, first", "2026-10-25T02:30:00+02:00", at(2026, 10, 25, 0, 30, 0, 0)},
		{"an hour that clocks show twice, again", "2026-10-25T02:30:00+01:00", at(2026, 10, 25, 1, 30, 0, 0)},
		{"a fraction of one digit", "2026-11-23T02:00:00.5Z", at(2026, 11, 23, 2, 0, 0, 500_000_000)},
		{"a fraction of nine digits", "2026-11-23T02:00:00.123456789Z", at(2026, 11, 23, 2, 0, 0, 123_456_789)},
		{"a fraction of zeros", "2026-11-23T02:00:00.000Z", at(2026, 11, 23, 2, 0, 0, 0)},
		{"the last tick of a year", "2026-12-31T23:59:59.999999999Z", at(2026, 12, 31, 23, 59, 59, 999_999_999)},
		{"the first of a year", "2027-01-01T00:00:00Z", at(2027, 1, 1, 0, 0, 0, 0)},
		{"a year's first hours, in the year before", "2027-01-01T07:59:59+08:00", at(2026, 12, 31, 23, 59, 59, 0)},
		{"a leap day", "2028-02-29T00:00:00Z", at(2028, 2, 29, 0, 0, 0, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reqs, problems := parsedTime(tt.text, tt.want.Add(-time.Nanosecond))
			if len(problems) > 0 || len(reqs) != 1 || !reqs[0].ExpiresAt.Equal(tt.want) {
				t.Errorf("%s is read as %v, %v; want %v", tt.text, reqs, problems, tt.want)
			}
			// The rule that it lies ahead is exact as well.
			if _, problems := parsedTime(tt.text, tt.want); len(problems) == 0 {
				t.Errorf("%s is accepted when it is in the past", tt.text)
			}
		})
	}
}

// Every other form is refused by one rule, with a hint.
func TestTimesThatAreNotOfRFC3339AreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a leap second":             "2026-12-31T23:59:60Z",
		"a leap second elsewhere":   "2027-01-01T07:59:60+08:00",
		"the hour 24":               "2026-11-23T24:00:00Z",
		"the minute 60":             "2026-11-23T02:60:00Z",
		"a small t":                 "2026-11-23t02:00:00Z",
		"a small z":                 "2026-11-23T02:00:00z",
		"a blank for the T":         "2026-11-23 02:00:00Z",
		"no zone":                   "2026-11-23T02:00:00",
		"an offset of 24 hours":     "2026-11-23T02:00:00+24:00",
		"an offset of 60 minutes":   "2026-11-23T02:00:00+08:60",
		"an offset without a colon": "2026-11-23T02:00:00+0800",
		"an offset of hours":        "2026-11-23T02:00:00+08",
		"a zone's name":             "2026-11-23T02:00:00 CST",
		"a comma for the point":     "2026-11-23T02:00:00,5Z",
		"a point and nothing":       "2026-11-23T02:00:00.Z",
		"ten digits":                "2026-11-23T02:00:00.1234567891Z",
		"no seconds":                "2026-11-23T02:00Z",
		"one digit":                 "2026-11-23T2:00:00Z",
		"an invalid day":            "2026-02-29T00:00:00Z",
		"the day 0":                 "2026-11-00T00:00:00Z",
		"the month 13":              "2026-13-01T00:00:00Z",
		"a year of five digits":     "12026-11-23T02:00:00Z",
		"a sign":                    "+2026-11-23T02:00:00Z",
		"the year 0":                "0000-01-01T00:00:00Z",
		"before 1970":               "1969-12-31T23:59:59Z",
		"a date":                    "2026-11-23",
		"a blank behind it":         "2026-11-23T02:00:00Z ",
		"digits of another script":  "２０２６-11-23T02:00:00Z",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reqs, problems := parsedTime(text, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			if len(reqs) != 0 || len(problems) != 1 || problems[0].Rule != manifest.RuleTimeFormat || problems[0].Path != "expiresAt" {
				t.Fatalf("%s is read as %v, %v", text, reqs, problems)
			}
			if problems[0].Hint == "" || !strings.Contains(problems[0].Message, "expiresAt") || problems[0].Line != 1 {
				t.Errorf("the problem is %+v", problems[0])
			}
		})
	}
}

// The last year that RFC 3339 can write, and the first hours after it in UTC,
// are refused as too far ahead.
func TestTimesOfTheLastYearAreTooFarAway(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-14:00"} {
		reqs, problems := parsedTime(text, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if len(reqs) != 0 || len(problems) != 1 || problems[0].Rule != change.RuleExpiresTooFar {
			t.Errorf("%s is read as %v, %v", text, reqs, problems)
		}
	}
}
