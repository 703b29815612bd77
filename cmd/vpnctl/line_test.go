package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestFitCutsToColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text    string
		columns int
		want    string
	}{
		{"short", 5, "short"},
		{"longer", 5, "lon…"},
		{"安全的网络", 10, "安全的网络"},
		{"安全的网络", 9, "安全的…"},
		{"安全", 3, "…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"x", 0, ""},
		{"xy", 1, ""},
		{"x", -1, ""},
	} {
		if got := fit(tt.text, tt.columns); got != tt.want {
			t.Errorf("%q in %d columns: got %q, want %q", tt.text, tt.columns, got, tt.want)
		}
	}
}

// applying answers commands and queries: the change is being applied until it ends.
type applying struct {
	ended  chan struct{}
	mu     sync.Mutex
	posted []string
}

const longWhy = "网关 vpn-bp1 正在更新，the gateway is updating since two minutes ago, because another change is being applied to it"

func (a *applying) answer(r *http.Request, body string) (int, string) {
	switch {
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "-bbbbbbbbbb"):
		return http.StatusOK, strings.Replace(appliedRecord, "aaaaaaaaaa", "bbbbbbbbbb", 1)
	case r.Method == http.MethodGet:
		if r.Header.Get("Prefer") != "" {
			select {
			case <-a.ended:
			case <-r.Context().Done():
			}
		}
		select {
		case <-a.ended:
			return http.StatusOK, appliedRecord
		default:
			return http.StatusOK, `{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"` + longWhy + `","acceptedAt":"2026-11-22T08:30:00Z"}`
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posted = append(a.posted, body)
	switch {
	case strings.Contains(body, `"plan `):
		return http.StatusOK, `{"verb":"plan","outcome":"shown","text":"Plan for office\n  Port: 1194 → 1195\n  Clients will be disconnected."}`
	case strings.Contains(body, `"status `):
		return http.StatusOK, `{"verb":"status","outcome":"shown","text":"office","server":{"settings":{"Port":1195,"Proto":"TCP"}}}`
	}
	return http.StatusAccepted, acceptedAnswer
}

// sentVerbs are the verbs of the commands that were sent.
func (a *applying) sentVerbs() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, body := range a.posted {
		verb, _, _ := strings.Cut(strings.TrimPrefix(body, `{"command":"`), " ")
		out = append(out, verb)
	}
	return out
}

// started is a command on a terminal; its exit status comes when it has ended.
func started(ctx context.Context, v *vt, env map[string]string, args ...string) <-chan int {
	code := make(chan int, 1)
	go func() { code <- execute(ctx, v.terminal(env), args) }()
	return code
}

const asked = "Plan for office\n  Port: 1194 → 1195\n  Clients will be disconnected.\nApply this? [y/N]"

// endsWith reports whether a screen ends with a text.
func endsWith(text string) func([]string) bool {
	return func(lines []string) bool { return strings.HasSuffix(strings.Join(lines, "\n"), text) }
}

func TestTheLineOnATerminalThatIsResized(t *testing.T) {
	t.Parallel()
	a := &applying{ended: make(chan struct{})}
	url := function(t, a.answer)
	v := newVT(t, 80)
	code := started(t.Context(), v, secretEnv(), "apply", "office", "port=1195", "--url", url)
	v.until("the question", endsWith(asked))
	v.types("y\n")
	before := strings.Split(asked+" y", "\n")
	for _, columns := range []int{80, 40, 200, 40, 80, 20, 80} {
		v.resize(columns)
		v.until("the line", func(lines []string) bool {
			if len(lines) == 0 {
				return false
			}
			last := lines[len(lines)-1]
			cut := strings.HasSuffix(last, "…")
			if columns == 200 {
				cut = strings.HasSuffix(last, "applied to it")
			}
			return cut && strings.Contains(last, " s  2026") && cellsOf([]rune(last)) < columns && (columns < 80 || slices.Equal(lines[:len(lines)-1], before))
		})
	}
	close(a.ended)
	if got := <-code; got != exitDone {
		t.Errorf("exit status %d", got)
	}
	want := asked + ` y
20261122-aaaaaaaaaa  applied  vss-1 (cn-hangzhou)  CHG-1
  Port   1194 → 1195
  Proto  UDP → TCP
  verified by reading back, 12.5 s from acceptance, waited 3.1 s for the gateway
, 5 API calls`
	v.until("the end", func(lines []string) bool { return strings.Join(lines, "\n") == want })
}

func TestCtrlCLeavesACleanLine(t *testing.T) {
	t.Parallel()
	a := &applying{ended: make(chan struct{})}
	url := function(t, a.answer)
	v := newVT(t, 100)
	ctx, interrupt := context.WithCancel(t.Context())
	code := started(ctx, v, secretEnv(), "apply", "office", "port=1195", "--yes", "--url", url)
	v.until("the line", endsWith("…"))
	if _, err := v.tty.WriteString("^C"); err != nil { // as a terminal shows the key
		t.Fatal(err)
	}
	interrupt()
	if got := <-code; got != exitUnended {
		t.Errorf("exit status %d, want %d", got, exitUnended)
	}
	want := `20261122-aaaaaaaaaa  waiting
  ` + strings.TrimSuffix(longWhy, "ing applied to it") + `
ing applied to it
20261122-aaaaaaaaaa has not ended yet; check it with: vpnctl status 20261122-aaaaaaaaaa`
	v.until("the end", func(lines []string) bool { return strings.Join(lines, "\n") == want })
}

func TestATerminalIsAsked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		args  []string
		keys  string
		exit  int
		sent  []string
		shown string
	}{
		{"yes", []string{"apply", "office", "port=1195", "--wait", "0s"}, "Yes\n", exitDone, []string{"plan", "apply"}, "queued"},
		{"no", []string{"apply", "office", "port=1195", "--wait", "0s"}, "n\n", exitFailed, []string{"plan"}, "nothing was sent"},
		{"only Enter", []string{"apply", "office", "port=1195", "--wait", "0s"}, "\n", exitFailed, []string{"plan"}, "nothing was sent"},
		{"end of input", []string{"apply", "office", "port=1195", "--wait", "0s"}, "\x04", exitFailed, []string{"plan"}, "nothing was sent"},
		{"a rollback", []string{"rollback", "20261122-bbbbbbbbbb", "--wait", "0s"}, "y\n", exitDone, []string{"status", "plan", "rollback"}, "queued"},
		{"a rollback that is not wanted", []string{"rollback", "20261122-bbbbbbbbbb", "--wait", "0s"}, "n\n", exitFailed, []string{"status", "plan"}, "nothing was sent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := &applying{ended: make(chan struct{})}
			url := function(t, a.answer)
			v := newVT(t, 80)
			code := started(t.Context(), v, secretEnv(), append(tt.args, "--url", url)...)
			v.until("the question", endsWith(asked))
			v.types(tt.keys)
			if got := <-code; got != tt.exit {
				t.Errorf("exit status %d, want %d", got, tt.exit)
			}
			v.until("the end", endsWith(tt.shown))
			if got := a.sentVerbs(); !slices.Equal(got, tt.sent) {
				t.Errorf("sent %q, want %q", got, tt.sent)
			}
			if tt.args[0] == "rollback" && !strings.Contains(a.posted[1], "plan cn-hangzhou/vss-1 proto=UDP port=1194") {
				t.Errorf("the plan of the rollback is %s", a.posted[1])
			}
		})
	}
}

func TestWhoIsNotAsked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"apply", "office", "port=1195", "--yes"},
		{"apply", "office", "port=1195", "-y"},
		{"apply", "office", "port=1195", "--json"},
		{"apply", "office", "port=1195", "--dry-run"},
	} {
		a := &applying{ended: make(chan struct{})}
		url := function(t, a.answer)
		v := newVT(t, 80)
		if got := <-started(t.Context(), v, secretEnv(), append(args, "--wait", "0s", "--url", url)...); got != exitDone {
			t.Errorf("%q: exit status %d", args, got)
		}
		if got := a.sentVerbs(); !slices.Equal(got, []string{"apply"}) {
			t.Errorf("%q: sent %q", args, got)
		}
	}
	a := &applying{ended: make(chan struct{})} // no terminal
	if got := vpnctl(t, secretEnv(), "n\n", "apply", "office", "port=1195", "--wait", "0s", "--url", function(t, a.answer)); got.code != exitDone || !slices.Equal(a.sentVerbs(), []string{"apply"}) {
		t.Errorf("%+v, sent %q", got, a.sentVerbs())
	}
}

// A plan that would be refused is shown, and there is nothing to ask.
func TestARefusedPlanIsNotAsked(t *testing.T) {
	t.Parallel()
	url := function(t, func(_ *http.Request, body string) (int, string) {
		if !strings.Contains(body, `"plan `) {
			t.Errorf("sent %s", body)
		}
		return http.StatusOK, `{"verb":"plan","outcome":"shown","text":"Plan","problems":[{"rule":"expect-mismatch"}]}`
	})
	v := newVT(t, 80)
	if got := <-started(t.Context(), v, secretEnv(), "apply", "office", "port=1195", "--url", url); got != exitFailed {
		t.Errorf("exit status %d", got)
	}
	v.until("the end", endsWith("Plan"))
}

func TestOneLineIsShownWithoutControlCharacters(t *testing.T) {
	t.Parallel()
	if got := oneLine("a\nb\tc\x1b[2J"); got != `a b c\u001b[2J` {
		t.Errorf("got %q", got)
	}
}
