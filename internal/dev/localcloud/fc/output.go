package fc

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// Bounds of what is kept of a function's output.
const (
	maxLine  = 16 << 10 // bytes; the rest of a longer line is dropped
	tailSize = 10       // lines shown when a process fails to start
)

// Line is one line that the function printed.
type Line struct {
	Instance  string
	RequestID string // of the invocation at work; "" between invocations
	Stream    string // "stdout" or "stderr"
	Text      string // without the line's end
}

// output cuts what a process prints into lines and remembers the last ones.
type output struct {
	emit func(stream, text string)

	mu      sync.Mutex
	last    []string
	streams []*lineWriter
}

func newOutput(emit func(stream, text string)) *output { return &output{emit: emit} }

// stream makes a writer for one of the process's streams.
func (o *output) stream(name string) io.Writer {
	w := &lineWriter{out: o, name: name}
	o.streams = append(o.streams, w)
	return w
}

// flush passes on what has no line end; call it when the process is gone.
func (o *output) flush() {
	for _, w := range o.streams {
		w.end()
	}
}

// tail renders the last lines for an error message; "" when there are none.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.last) == 0 {
		return ""
	}
	return "; it printed last:\n" + strings.Join(o.last, "\n")
}

func (o *output) line(stream, text string) {
	o.mu.Lock()
	o.last = append(o.last, text)
	if len(o.last) > tailSize {
		o.last = o.last[1:]
	}
	o.mu.Unlock()
	o.emit(stream, text)
}

// lineWriter is used by one goroutine, the one that copies the pipe.
type lineWriter struct {
	out  *output
	name string
	buf  []byte
}

// Write takes a piece of output and never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for {
		head, rest, found := bytes.Cut(p, []byte{'\n'})
		w.buf = append(w.buf, head[:min(len(head), maxLine-len(w.buf))]...)
		if !found {
			return n, nil
		}
		w.end()
		p = rest
	}
}

func (w *lineWriter) end() {
	if text := strings.TrimRight(string(w.buf), "\r"); text != "" {
		w.out.line(w.name, text)
	}
	w.buf = w.buf[:0]
}
