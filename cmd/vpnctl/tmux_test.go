package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// runVariable has the test binary run as vpnctl.
const runVariable = "VPNCTL_TEST_RUN"

// tmux is a server of its own, with one window.
type tmux struct {
	t      *testing.T
	socket string
}

func (x tmux) run(args ...string) string {
	x.t.Helper()
	out, err := exec.CommandContext(x.t.Context(), "tmux", append([]string{"-f", "/dev/null", "-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// startTmux runs a command of a shell in a window.
func startTmux(t *testing.T, command string) tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("there is no tmux")
	}
	x := tmux{t, filepath.Join(t.TempDir(), "s")}
	x.run("new-session", "-d", "-s", "t", "-x", "90", "-y", "20", command)
	t.Cleanup(func() {
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), "tmux", "-S", x.socket, "kill-server").Run()
	})
	return x
}

// types sends keys.
func (x tmux) types(keys string) {
	x.t.Helper()
	x.run("send-keys", "-t", "t", "-l", keys)
}

// until waits until the window shows what it should.
func (x tmux) until(what string, is func(shown string) bool) {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		var lines []string // whole ones, as they were written
		for line := range strings.Lines(x.run("capture-pane", "-p", "-J", "-S", "-", "-t", "t")) {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		shown := strings.TrimRight(strings.Join(lines, "\n"), "\n")
		if is(shown) {
			return
		}
		if time.Now().After(deadline) {
			x.t.Fatalf("%s: the window shows\n%s", what, shown)
		}
	}
}

// TestTheLineInTmux has the binary on a real terminal emulator, which breaks lines anew
// when it becomes narrower, and sends the signal of Ctrl-C.
func TestTheLineInTmux(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a := &applying{ended: make(chan struct{})}
	url := function(t, a.answer)
	vpnctl := "env " + runVariable + "=1 " + variableSecret + "=" + secretText + " " + variableURL + "=" + url + " " + self
	x := startTmux(t, "echo first; "+vpnctl+" apply office port=1195; echo status $?; "+
		vpnctl+" status 20261122-aaaaaaaaaa --wait 1m; echo status $?; cat")
	x.until("the question", func(s string) bool { return strings.HasSuffix(s, "Apply this? [y/N]") })
	x.run("send-keys", "-t", "t", "y", "Enter")
	head := "first\n" + asked + " y\n"
	for _, columns := range []int{90, 40, 200, 60, 90} {
		x.run("resize-window", "-t", "t", "-x", strconv.Itoa(columns))
		x.until("the line at "+strconv.Itoa(columns), func(s string) bool {
			last, ok := strings.CutPrefix(s, head)
			return ok && !strings.Contains(last, "\n") && strings.Contains(last, " s  20261122") && cellsOf([]rune(last)) < columns
		})
	}
	x.run("send-keys", "-t", "t", "C-c")
	ended := head + `20261122-aaaaaaaaaa  waiting
  ` + longWhy + `
20261122-aaaaaaaaaa has not ended yet; check it with: vpnctl status 20261122-aaaaaaaaaa
status 4
`
	x.until("the line of the second command", func(s string) bool {
		last, ok := strings.CutPrefix(s, ended)
		return ok && strings.Contains(last, " s  20261122")
	})
	close(a.ended)
	x.until("the end", func(s string) bool {
		return s == ended+`20261122-aaaaaaaaaa  applied  vss-1 (cn-hangzhou)  CHG-1
  Port   1194 → 1195
  Proto  UDP → TCP
  verified by reading back, 12.5 s from acceptance, waited 3.1 s for the gateway, 5 API calls
status 0`
	})
}
