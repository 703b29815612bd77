package tunnel

import (
	"errors"
	"io"
	"net/netip"
	"strings"
	"sync"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// Mode is how a listener behaves.
type Mode string

// The modes.
const (
	Answering Mode = ""        // as an OpenVPN server
	Mute      Mode = "mute"    // it receives and never answers
	Guarded   Mode = "guarded" // as a server with tls-auth: UDP is not answered, a TCP connection is closed
	Closed    Mode = "closed"  // nothing listens
)

// State is what a Tunnels needs of the VPC emulator.
type State interface {
	Snapshot() vpc.Snapshot
}

// Tunnels are the listeners of all servers of an emulator. Make them with New. They
// are safe for concurrent use.
type Tunnels struct {
	state State

	mu     sync.Mutex
	modes  map[string]Mode
	only   map[string]int      // by server: the only port that is open
	open   map[string]listener // by server
	closed bool
}

// listener is what listens for one server.
type listener struct {
	place

	closer io.Closer
}

// place is where a server listens, and how it behaves.
type place struct {
	at   netip.AddrPort
	tcp  bool
	mode Mode
}

// New makes tunnels without a listener: Sync opens them.
func New(s State) *Tunnels {
	return &Tunnels{state: s, modes: map[string]Mode{}, only: map[string]int{}, open: map[string]listener{}}
}

// Set changes how the listener of a server behaves.
func (t *Tunnels) Set(serverID string, m Mode) error {
	t.mu.Lock()
	t.modes[serverID] = m
	t.mu.Unlock()
	return t.Sync()
}

// Only opens one port of a server and no other, as a firewall would: at another one,
// the server listens in vain.
func (t *Tunnels) Only(serverID string, port int) error {
	t.mu.Lock()
	t.only[serverID] = port
	t.mu.Unlock()
	return t.Sync()
}

// Sync moves the listeners to where the emulator's servers are. It returns the
// errors of those that cannot listen; the others listen.
func (t *Tunnels) Sync() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	wanted := map[string]place{}
	for _, s := range t.state.Snapshot().Servers {
		if p, ok := t.place(s); ok {
			wanted[s.ID] = p
		}
	}
	var errs []error
	for id, l := range t.open {
		if wanted[id] != l.place {
			errs = append(errs, l.closer.Close())
			delete(t.open, id)
		}
	}
	for id, p := range wanted {
		if _, ok := t.open[id]; ok {
			continue
		}
		c, err := listen(p)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.open[id] = listener{p, c}
	}
	return errors.Join(errs...)
}

// place is where a server listens; ok is false for one that does not.
func (t *Tunnels) place(s vpc.Server) (p place, ok bool) {
	a, err := netip.ParseAddr(s.InternetIP)
	if err != nil || !a.IsLoopback() || s.Port < 1 || s.Port > 65535 || t.modes[s.ID] == Closed {
		return place{}, false
	}
	if only := t.only[s.ID]; only != 0 && only != s.Port {
		return place{}, false
	}
	return place{netip.AddrPortFrom(a, uint16(s.Port)), strings.EqualFold(s.Proto, "TCP"), t.modes[s.ID]}, true
}

// Close ends all listeners.
func (t *Tunnels) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	var errs []error
	for id, l := range t.open {
		errs = append(errs, l.closer.Close())
		delete(t.open, id)
	}
	return errors.Join(errs...)
}
