package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// line is the status line of a terminal: one line, overwritten, that is gone at the end.
//
// It is cut to the width that the terminal has now, and written without wrapping, because
// the width may change meanwhile. The cursor stays at its beginning: a terminal that
// becomes narrower breaks the line into several, and keeps the cursor at the first of
// them, from where everything below is cleared.
type line struct {
	out     io.Writer
	columns func() int

	mu    sync.Mutex
	text  func() string // what to show, at each moment
	drawn string        // and what is shown
	quit  chan struct{}
	ended chan struct{}
}

// clearBelow goes to the beginning of the line and clears it and everything below.
const clearBelow = "\r\x1b[J"

// Between these, what does not fit into a line overwrites its last column (DECAWM).
const (
	noWrap = "\x1b[?7l"
	doWrap = "\x1b[?7h"
)

// startLine shows the line until end is called. Every so often it is drawn again if it has
// another time, or the terminal another width.
func startLine(out io.Writer, columns func() int, every time.Duration) *line {
	l := &line{out: out, columns: columns, quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				l.draw()
			case <-l.quit:
				return
			}
		}
	}()
	return l
}

// show replaces the text.
func (l *line) show(text func() string) {
	l.mu.Lock()
	l.text, l.drawn = text, ""
	l.mu.Unlock()
	l.draw()
}

func (l *line) draw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text == nil {
		return
	}
	columns := l.columns()
	// The last column stays free: some terminals wrap when it is written.
	now := fit(oneLine(l.text()), columns-1)
	if id := fmt.Sprint(columns, now); id != l.drawn {
		l.drawn = id
		_, _ = fmt.Fprint(l.out, clearBelow, noWrap, now, doWrap, "\r")
	}
}

// end clears the line.
func (l *line) end() {
	close(l.quit)
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text != nil {
		_, _ = fmt.Fprint(l.out, clearBelow)
	}
}

// oneLine has nothing that moves the cursor.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, visible(s))
}

// fit cuts a text to a number of columns.
func fit(s string, columns int) string {
	total := 0
	for _, r := range s {
		total += cells(r)
	}
	if total <= columns {
		return s
	}
	var b strings.Builder
	left := columns - cells('…')
	for _, r := range s {
		if left -= cells(r); left < 0 {
			break
		}
		b.WriteRune(r)
	}
	if columns >= cells('…') {
		b.WriteRune('…')
	}
	return b.String()
}

// cells is how many columns a character takes. Where terminals differ, it is the larger
// number: a line that is too short does no harm.
func cells(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
		return 2
	case width.Neutral, width.EastAsianNarrow, width.EastAsianHalfwidth:
		return 1
	default:
		return 2
	}
}
