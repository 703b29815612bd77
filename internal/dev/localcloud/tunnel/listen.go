package tunnel

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"
)

func listen(p place) (io.Closer, error) {
	if p.tcp {
		return listenTCP(p)
	}
	return listenUDP(p)
}

// running is a listener with its goroutines.
type running struct {
	end  func() error
	done sync.WaitGroup
}

// Close returns when nothing listens any more.
func (r *running) Close() error {
	err := r.end()
	r.done.Wait()
	return err
}

func listenUDP(p place) (io.Closer, error) {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(p.at))
	if err != nil {
		return nil, err
	}
	r := &running{end: c.Close}
	r.done.Go(func() {
		packet := make([]byte, 2048)
		for {
			n, from, err := c.ReadFromUDPAddrPort(packet)
			if err != nil {
				return
			}
			if a := answer(packet[:n]); a != nil && p.mode == Answering {
				_, _ = c.WriteToUDPAddrPort(a, from)
			}
		}
	})
	return r, nil
}

// patience is how long a TCP connection may be idle.
const patience = 5 * time.Second

func listenTCP(p place) (io.Closer, error) {
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(p.at))
	if err != nil {
		return nil, err
	}
	r := &running{end: l.Close}
	ended := make(chan struct{})
	r.end = func() error { close(ended); return l.Close() }
	r.done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r.done.Go(func() { serve(ended, c, p.mode) })
		}
	})
	return r, nil
}

// serve answers one connection.
func serve(ended <-chan struct{}, c net.Conn, m Mode) {
	defer func() { _ = c.Close() }() // nothing is buffered
	served := make(chan struct{})
	defer close(served)
	go func() {
		select {
		case <-ended:
			_ = c.Close()
		case <-served:
		}
	}()
	_ = c.SetDeadline(time.Now().Add(patience)) // fails only if it is closed
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		packet := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, packet); err != nil {
			return
		}
		a := answer(packet)
		switch {
		case m == Mute:
			continue
		case m == Guarded || a == nil:
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)); err != nil {
			return
		}
	}
}
