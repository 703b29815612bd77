package e2e_test

import (
	"os"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// tally counts the crash points of a test and compares them with the least
// number that is expected: testdata/crashpoints.txt has a line
// "<least> <test>/<story>" for each story. Raise a number if a flow has become
// longer for good. Stories differ by a few points from run to run, because the
// number of looks at a gateway differs.
type tally struct {
	least map[string]int
	total atomic.Int64
}

// newTally counts for a test, and logs the sum when all its stories have ended.
func newTally(t *testing.T) *tally {
	t.Helper()
	data, err := os.ReadFile("testdata/crashpoints.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := &tally{least: map[string]int{}}
	stories := 0
	for line := range strings.Lines(string(data)) {
		number, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if c.least[name] = n; path.Dir(name) == t.Name() {
			stories++
		}
	}
	if stories == 0 {
		t.Fatal("testdata/crashpoints.txt has no line for this test")
	}
	t.Cleanup(func() { t.Logf("%s: %d crash points in all", t.Name(), c.total.Load()) })
	return c
}

// take counts the points of one story.
func (c *tally) take(t *testing.T, points []string) {
	t.Helper()
	t.Logf("%d crash points: %s", len(points), strings.Join(points, ", "))
	c.total.Add(int64(len(points)))
	least, ok := c.least[t.Name()]
	least = (least + int(stride()) - 1) / int(stride())
	if !ok || len(points) < least {
		t.Errorf("%d crash points, expected at least %d (testdata/crashpoints.txt)", len(points), least)
	}
}
