//go:build linux

package openvpn_test

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a running OpenVPN, with what it has printed.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed when a line is added, or at the end
}

// openvpn starts an OpenVPN with a configuration; wrap is put before the command.
func openvpn(t *testing.T, config string, wrap ...string) *process {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "*.conf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.WriteString(config); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	args := append(slices.Clone(wrap), "openvpn", "--config", f.Name())
	p := &process{cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{}), more: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.cmd.Stdout
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("%q: %v (make openvpn installs it)", args, err)
	}
	go func() {
		defer close(p.done)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.add(s.Text())
		}
		_ = p.cmd.Wait() // it is ended by a signal
		p.add("(ended)")
	}()
	t.Cleanup(p.stop)
	return p
}

func (p *process) add(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, line)
	close(p.more)
	p.more = make(chan struct{})
}

// stop ends the process as an administrator would, and waits for its end.
func (p *process) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM) // it may have ended
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// printed is how many lines were printed until now.
func (p *process) printed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.lines)
}

// await waits for a line with one of the texts, from the given line on, and returns
// which text it has; "" when the time is over.
func (p *process) await(from int, longest time.Duration, texts ...string) string {
	over := time.After(longest)
	for {
		p.mu.Lock()
		lines, more := p.lines[min(from, len(p.lines)):], p.more
		from = len(p.lines)
		p.mu.Unlock()
		for _, l := range lines {
			for _, text := range texts {
				if strings.Contains(l, text) {
					return text
				}
			}
		}
		select {
		case <-more:
		case <-over:
			return ""
		}
	}
}

// log is all that was printed.
func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}
