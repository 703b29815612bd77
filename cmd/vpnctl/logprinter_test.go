package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

func TestLogLinesAreMadeReadable(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"a JSON log line", `{"time":"2026-11-22T08:30:00.5Z","level":"WARN","msg":"gateway busy","gateway":"vpn-1","wait_ms":300}`, "WARN  gateway busy gateway=vpn-1 wait_ms=300"},
		{"a value that needs its quotes", `{"level":"INFO","msg":"m","why":"say \"no\"","empty":""}`, `INFO  m why="say \"no\"" empty=""`},
		{"a line with many numbers", `{"level":"INFO","msg":"invocation","kind":"wake","lanes":1,"retries":0,"cold_start":false}`, "INFO  invocation kind=wake lanes=1"},
		{"JSON that is not a log line", `{"a":1}`, `{"a":1}`},
		{"a broken line", `{"level":`, `{"level":`},
		{"plain text", "panic: no", "panic: no"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := readable([]byte(tt.line)); !strings.HasSuffix(got, tt.want) {
				t.Errorf("got %q, want it to end in %q", got, tt.want)
			}
		})
	}
}

func TestLinesOfTheSDKAndOfIdleSweepsAreOmitted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newLogPrinter(&out)
	p.line(fc.Line{Text: "FC Invoke Start RequestId: 1"})
	p.line(fc.Line{Text: "kept"})
	p.line(fc.Line{Text: `{"level":"INFO","msg":"invocation","request_id":"1","kind":"sweep","outcome":"ok","duration_ms":12,"lanes":0,"oss_requests":5}`})
	if out.String() != "kept\n" {
		t.Errorf("got %q", out.String())
	}
}
