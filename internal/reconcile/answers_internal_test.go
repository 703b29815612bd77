package reconcile

import (
	"testing"
	"time"
)

// Looks at a lane that is not sent again yet do not move the time of the next send: the
// ages that they go by are whole seconds. The clock of another worker does.
func TestAnswersTakenOver(t *testing.T) {
	t.Parallel()
	written := time.Date(2026, 11, 22, 9, 0, 0, 250_000_000, time.UTC)
	next := written.Add(5 * time.Second)
	for name, c := range map[string]struct {
		elapsed, age, moved time.Duration
	}{
		"in the same second":     {640 * time.Millisecond, 0, 0},
		"over the end of one":    {300 * time.Millisecond, time.Second, 0},
		"a minute later":         {59900 * time.Millisecond, time.Minute, 0},
		"by a clock that is off": {4*time.Minute + 5*time.Second, 5 * time.Second, 4 * time.Minute},
		"or late":                {-time.Minute, 2 * time.Second, -62 * time.Second},
	} {
		a := &answers{At: written, Next: next, Landed: next, First: written, Last: written}
		got := a.takenOver(written.Add(c.elapsed), c.age, false, DefaultPolicy())
		if want := next.Add(c.moved); !got.Next.Equal(want) || !got.Landed.Equal(want) {
			t.Errorf("%s: the next send is at %v, want %v", name, got.Next, want)
		}
	}
}
