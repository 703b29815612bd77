package browser

import (
	"errors"
	"testing"
)

// StartTest starts a browser for one test. Where there is none, the test is skipped, or
// fails if it is needed.
func StartTest(tb testing.TB, needed bool) *Browser {
	tb.Helper()
	b, err := Start()
	if errors.Is(err, ErrMissing) && !needed {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b
}
