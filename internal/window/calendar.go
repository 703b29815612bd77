package window

import (
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// Horizon is how far ahead a calendar is searched.
const Horizon = 366 * 24 * time.Hour

// The bounds of a calendar. Package policy refuses more.
const (
	MaxWindows   = 50
	MaxFreezes   = 50
	MaxIntervals = 20  // of one window
	MaxDates     = 200 // in each list of dates of one window
	MaxLastStart = 24 * time.Hour
)

// Calendar has the windows and freezes of one server, in the policy's order.
type Calendar struct {
	Windows []Window
	Freezes []Freeze
}

// Window says when changes of settings may be sent.
type Window struct {
	Name      string
	Settings  []change.Field
	Zone      *Zone
	Open      []Interval
	Except    []Date // sorted
	Also      []Date // sorted
	LastStart time.Duration
}

// Interval is a part of the day on some days, in minutes since midnight of the local
// clock. It ends on the next day if To is not after From.
type Interval struct {
	Days     Days
	From, To int // 0 to 1439, and 0 to 1440
}

// Length is how long the interval is on a day on which the clocks do not change.
func (o Interval) Length() time.Duration {
	minutes := o.To - o.From
	if minutes <= 0 {
		minutes += dayMinutes
	}
	return time.Duration(minutes) * time.Minute
}

// Freeze closes a server for a time.
type Freeze struct {
	Name        string
	Zone        *Zone
	From, Until Clock
	Reason      string // "" for none
	Need        int    // the votes that an override needs; 0: nobody may override
}

// MayOverride reports whether a freeze can be overridden.
func (f Freeze) MayOverride() bool { return f.Need > 0 }

// Clock is a reading of a local clock, in seconds as if the clock were that of UTC.
type Clock int64

// ClockOf is what a clock reads at a time of the day of a date.
func ClockOf(d Date, minutes int) Clock { return Clock(int64(d)*daySeconds + int64(minutes)*60) }

// Zone is a time zone that is loaded when it is first needed. It is safe for
// concurrent use.
type Zone struct {
	name string
	once sync.Once
	loc  *time.Location
}

// NewZone names a zone that package zone knows.
func NewZone(name string) *Zone { return &Zone{name: name} }

// String is the name of the zone.
func (z *Zone) String() string { return z.name }

// Location loads the zone.
func (z *Zone) Location() *time.Location {
	z.once.Do(func() {
		if z.loc = zone.Table(z.name); z.loc == nil {
			z.loc = time.UTC // package policy refuses such a name
		}
	})
	return z.loc
}
