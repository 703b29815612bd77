package sim_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// A run takes milliseconds and releases everything at its end: collecting less
// often halves the time of a thousand seeds, for some memory.
const gcPercent = 400

func TestMain(m *testing.M) {
	debug.SetGCPercent(gcPercent)
	os.Exit(m.Run())
}
