package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// The bounds of one probe.
const (
	Longest = time.Second            // a probe, with its repetition
	repeat  = 400 * time.Millisecond // without an answer over UDP the packet is sent once more
	least   = 600 * time.Millisecond // a shorter silence proves nothing, because the caller ended the probe
)

// Target is where a server should answer.
type Target struct {
	Address string // an IP address
	Port    int
	TCP     bool // otherwise UDP
}

// Prober sends probes. Make one for an instance with New. It is safe for
// concurrent use.
type Prober struct {
	mu   sync.Mutex
	busy map[netip.AddrPort]bool
}

// New makes a prober.
func New() *Prober { return &Prober{busy: map[netip.AddrPort]bool{}} }

// Probe asks a server for an answer. It returns within a second, and earlier if the
// context ends.
func (p *Prober) Probe(ctx context.Context, t Target, rule Rule) Outcome {
	a, err := netip.ParseAddr(t.Address)
	if err != nil || t.Port < 1 || t.Port > 65535 {
		return Outcome{NotChecked, NoAddress}
	}
	if !rule.permits(a) {
		return Outcome{NotChecked, NotPublic}
	}
	to := netip.AddrPortFrom(a, uint16(t.Port))
	if !p.enter(to) {
		return Outcome{NotChecked, Busy}
	}
	defer p.leave(to)
	if ctx.Err() != nil {
		return Outcome{NotChecked, NoTime}
	}
	bounded, cancel := context.WithTimeout(ctx, Longest)
	defer cancel()
	over := overUDP
	if t.TCP {
		over = overTCP
	}
	begin := time.Now()
	out := over(bounded, to)
	if out == (Outcome{Silent, NoAnswer}) && ctx.Err() != nil && time.Since(begin) < least {
		return Outcome{NotChecked, NoTime} // the caller did not wait for the answer
	}
	return out
}

func (p *Prober) enter(to netip.AddrPort) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy[to] {
		return false
	}
	p.busy[to] = true
	return true
}

func (p *Prober) leave(to netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, to)
}

// dial connects, and has the connection end with the context.
func dial(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, to.String())
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = c.Close() })
	return c, nil
}

// failed is the outcome of a failure; otherwise is the reason of one that proves
// nothing about the server.
func failed(err error, otherwise Reason) Outcome {
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case otherwise == "" && refused(err): // not an established connection
		return Outcome{Result: Refused}
	case unreachable(err):
		return Outcome{NotChecked, NoRoute}
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return Outcome{NotChecked, NotPermitted}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, net.ErrClosed), isNet && timeout.Timeout():
		return Outcome{Silent, NoAnswer}
	case otherwise != "":
		return Outcome{Silent, otherwise}
	default:
		return Outcome{NotChecked, NetworkFailed}
	}
}
