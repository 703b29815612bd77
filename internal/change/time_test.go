package change_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// FuzzParseTime checks that ParseTime accepts nothing that time.Parse refuses, and
// the same instant otherwise. Package manifest has tests of the form.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{
		"2026-11-23T02:00:00Z", "2026-11-23T02:00:00.123456789+23:59", "2026-11-23T02:00:00,5Z", "2026-11-23T2:00:00Z",
		"2026-11-23T02:00:00+24:00", "2026-11-23T02:00:00-08:60", "2026-11-23T02:00:00.Z", "2026-02-30T02:00:00Z", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := change.ParseTime(s)
		if !ok {
			return
		}
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q is read as %v, time.Parse reads %v, %v", s, got, want, err)
		}
	})
}
