package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"golang.org/x/text/width"
)

// row is a row of a screen. It is wrapped if the next one continues it.
type row struct {
	text    []rune
	wrapped bool
}

// vt is what a terminal shows: of the escapes, it knows those that vpnctl uses. Like
// tmux and most terminals on a desktop, it breaks lines anew when its width changes.
type vt struct {
	t       *testing.T
	ptmx    *os.File
	tty     *os.File
	mu      sync.Mutex
	changed chan struct{} // has a value when something was shown
	columns int
	rows    []row
	x, y    int
	pending []byte
	noWrap  bool
}

// newVT opens a pseudo-terminal.
func newVT(t *testing.T, columns int) *vt {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	v := &vt{t: t, ptmx: ptmx, tty: tty, changed: make(chan struct{}, 1), rows: []row{{}}}
	v.resize(columns)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 4096)
		for {
			n, err := ptmx.Read(buf)
			v.feed(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = tty.Close()
		_ = ptmx.Close()
		<-ended
	})
	return v
}

// resize changes the width, and breaks the lines anew. The cursor stays at its character.
func (v *vt) resize(columns int) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := pty.Setsize(v.ptmx, &pty.Winsize{Rows: 50, Cols: uint16(columns)}); err != nil {
		v.t.Fatal(err)
	}
	v.columns = columns
	old, x, y := v.rows, v.x, v.y
	v.rows, v.x, v.y = []row{{}}, 0, 0
	for i := 0; i < len(old); {
		first := i
		for old[i].wrapped {
			i++
		}
		at := -1 // the cursor, in the whole line
		var whole []rune
		for k := first; k <= i; k++ {
			if k == y {
				at = len(whole) + x
			}
			whole = append(whole, old[k].text...)
		}
		begin := len(v.rows) - 1
		for _, r := range whole {
			v.put(r)
		}
		if at >= 0 {
			x, y = at, -1-begin // to be found again below
		}
		i++
		if i < len(old) {
			v.rows = append(v.rows, row{})
			v.y, v.x = len(v.rows)-1, 0
		}
	}
	v.y, v.x = -1-y, x
	for v.x > len(v.rows[v.y].text) && v.rows[v.y].wrapped {
		v.x -= len(v.rows[v.y].text)
		v.y++
	}
}

func wide(r rune) int {
	if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// cellsOf is the width of a row.
func cellsOf(rs []rune) int {
	n := 0
	for _, r := range rs {
		n += wide(r)
	}
	return n
}

// put writes a character at the end of a row, or over another.
func (v *vt) put(r rune) {
	if cellsOf(v.rows[v.y].text[:min(v.x, len(v.rows[v.y].text))])+wide(r) > v.columns {
		if v.noWrap {
			return
		}
		v.rows[v.y].wrapped = true
		v.down()
		v.x = 0
	}
	text := v.rows[v.y].text
	for len(text) <= v.x {
		text = append(text, ' ')
	}
	text[v.x] = r
	v.rows[v.y].text = text
	v.x++
}

func (v *vt) down() {
	if v.y++; v.y == len(v.rows) {
		v.rows = append(v.rows, row{})
	}
}

func (v *vt) feed(data []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pending = append(v.pending, data...)
	for len(v.pending) > 0 {
		switch {
		case bytes.HasPrefix(v.pending, []byte("\x1b[J")):
			v.rows = v.rows[:v.y+1]
			v.rows[v.y].text = v.rows[v.y].text[:min(v.x, len(v.rows[v.y].text))]
			v.rows[v.y].wrapped = false
			v.pending = v.pending[3:]
			continue
		case bytes.HasPrefix(v.pending, []byte(noWrap)), bytes.HasPrefix(v.pending, []byte(doWrap)):
			v.noWrap = v.pending[len(noWrap)-1] == 'l'
			v.pending = v.pending[len(noWrap):]
			continue
		case v.pending[0] == 0x1b && len(v.pending) < len(noWrap), !utf8.FullRune(v.pending):
			return
		case v.pending[0] == 0x1b:
			v.t.Errorf("an escape that this terminal does not know: %q", v.pending)
		}
		r, n := utf8.DecodeRune(v.pending)
		v.pending = v.pending[n:]
		switch r {
		case '\r':
			v.x = 0
		case '\n':
			v.down()
		default:
			v.put(r)
		}
	}
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// lines is what is on the screen.
func (v *vt) lines() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []string
	for _, r := range v.rows {
		out = append(out, strings.TrimRight(string(r.text), " "))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// until waits until the screen is as it should be.
func (v *vt) until(what string, is func(lines []string) bool) {
	v.t.Helper()
	deadline := time.After(time.Minute)
	for {
		if is(v.lines()) {
			return
		}
		select {
		case <-v.changed:
		case <-deadline:
			v.t.Fatalf("%s: the screen is\n%s", what, strings.Join(v.lines(), "\n"))
		}
	}
}

// types is somebody at the keyboard.
func (v *vt) types(keys string) {
	v.t.Helper()
	if _, err := io.WriteString(v.ptmx, keys); err != nil {
		v.t.Fatal(err)
	}
}

// terminal is one for a command, with everything on the screen.
func (v *vt) terminal(env map[string]string) *terminal {
	lookup := func(k string) (string, bool) { s, ok := env[k]; return s, ok }
	return &terminal{
		in: v.tty, out: v.tty, err: v.tty, lookup: lookup,
		columns: columnsOf(v.tty, lookup), asks: isTerminal(v.tty),
	}
}

// TestTheScreenOfTheseTests compares the emulated terminal with what is known of real ones.
func TestTheScreenOfTheseTests(t *testing.T) {
	t.Parallel()
	v := newVT(t, 10)
	v.feed([]byte("one\r\n0123456789abcdefghij\r\x1b[J\x1b[?7lxy0123456789\x1b[?7h\rxy\x1b[J\r\n\x1b"))
	v.feed([]byte("[J安全的网络安全"))
	want := []string{"one", "0123456789", "xy", "安全的网络", "安全"}
	if got := v.lines(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	v.resize(5)
	if got, want := v.lines(), []string{"one", "01234", "56789", "xy", "安全", "的网", "络安", "全"}; !slices.Equal(got, want) || v.y != 7 || v.x != 1 {
		t.Errorf("got %q at %d, %d, want %q", got, v.y, v.x, want)
	}
	v.resize(40)
	if got, want := v.lines(), []string{"one", "0123456789xy", "安全的网络安全"}; !slices.Equal(got, want) || v.y != 2 || v.x != 7 {
		t.Errorf("got %q at %d, %d, want %q", got, v.y, v.x, want)
	}
}
