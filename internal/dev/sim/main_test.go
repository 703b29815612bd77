package sim_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// A run lives for milliseconds and leaves all it allocated: collecting less often
// halves the time that a thousand seeds take, for some memory.
const gcPercent = 400

func TestMain(m *testing.M) {
	debug.SetGCPercent(gcPercent)
	os.Exit(m.Run())
}
