//go:build !race

package growth

// raced is whether the race detector slows the tests down.
const raced = false
