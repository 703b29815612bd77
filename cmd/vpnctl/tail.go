package main

import (
	"sync"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// tailLines is how many lines of a log are shown with a failure.
const tailLines = 40

// tail keeps the last lines that the function printed.
type tail struct {
	mu    sync.Mutex
	lines []fc.Line
}

// also keeps each line and passes it on to next, which may be nil.
func (k *tail) also(next func(fc.Line)) func(fc.Line) {
	return func(l fc.Line) {
		k.mu.Lock()
		k.lines = append(k.lines, l)
		if len(k.lines) > tailLines {
			k.lines = k.lines[1:]
		}
		k.mu.Unlock()
		if next != nil {
			next(l)
		}
	}
}

// show prints the kept lines.
func (k *tail) show(t *terminal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lines) > 0 {
		t.note("last lines of the function's output:")
	}
	p := newLogPrinter(t.err)
	for _, l := range k.lines {
		p.line(l)
	}
}
