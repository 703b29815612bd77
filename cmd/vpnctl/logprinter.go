package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// logPrinter prints the logs of the function and the emulators in readable form:
// time, level, message, attributes.
type logPrinter struct {
	mu  sync.Mutex
	out io.Writer
}

func newLogPrinter(out io.Writer) *logPrinter { return &logPrinter{out: out} }

// Write prints one line of a JSON log handler.
func (p *logPrinter) Write(line []byte) (int, error) {
	p.print(bytes.TrimSpace(line))
	return len(line), nil
}

// line prints one line of the function's output. The SDK's own lines about each
// invocation are omitted.
func (p *logPrinter) line(l fc.Line) {
	if strings.HasPrefix(l.Text, "FC Invoke ") {
		return
	}
	p.print([]byte(l.Text))
}

func (p *logPrinter) print(line []byte) {
	text := visible(readable(line))
	if eventless(text) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintln(p.out, text) // a closed pipe is the reader's choice
}

// readable renders a line of a JSON log, and returns any other line unchanged.
func readable(line []byte) string {
	dec := json.NewDecoder(bytes.NewReader(line))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return string(line)
	}
	var at, level, message string
	var rest strings.Builder
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return string(line)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return string(line)
		}
		switch key {
		case "time":
			at = clock(value)
		case "level":
			level = plain(value)
		case "msg":
			message = plain(value)
		case "version": // the same in each line
			if message == "function started" {
				fmt.Fprintf(&rest, " %s=%s", key, plain(value))
			}
		default:
			if text := plain(value); text != "0" && text != "false" || !summarizes(message) {
				fmt.Fprintf(&rest, " %s=%s", key, text)
			}
		}
	}
	if message == "" {
		return string(line)
	}
	return fmt.Sprintf("%s %-5s %s%s", at, level, message, rest.String())
}

// summarizes reports whether a line has many numbers, most of which are 0: those are
// omitted.
func summarizes(message string) bool { return message == "invocation" || message == "change ended" }

// eventless reports whether a readable line is that of a sweep that found nothing to do, or of a
// health check.
func eventless(text string) bool {
	return strings.Contains(text, " invocation ") && strings.Contains(text, " outcome=ok ") && !strings.Contains(text, " lanes=") &&
		(strings.Contains(text, " kind=sweep ") || strings.Contains(text, " route=GET /healthz "))
}

func clock(value json.RawMessage) string {
	at, err := time.Parse(time.RFC3339Nano, plain(value))
	if err != nil {
		return plain(value)
	}
	return at.Local().Format("15:04:05.000")
}

// plain removes the quotes of a text that does not need them.
func plain(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil || s == "" || strings.ContainsAny(s, "\n\"") {
		return string(value)
	}
	return s
}
