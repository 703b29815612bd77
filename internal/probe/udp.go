package probe

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"time"
)

// mostForeign is how many foreign packets are read before a probe over UDP ends.
const mostForeign = 8

// overUDP sends the packet, and once more if no answer comes. The repetition has a
// session of its own, so that a server that knows the first one answers it, too.
// The socket is connected: packets from elsewhere are not received.
func overUDP(ctx context.Context, to netip.AddrPort) Outcome {
	c, err := dial(ctx, "udp", to)
	if err != nil {
		return failed(err, "")
	}
	defer func() { _ = c.Close() }() // nothing is buffered
	first, second := newSession(), newSession()
	if _, err := c.Write(request(first)); err != nil {
		return failed(err, "")
	}
	if err := c.SetReadDeadline(time.Now().Add(repeat)); err != nil {
		return failed(err, "")
	}
	packet := make([]byte, answerSize+1) // a longer packet fills it, and is foreign
	repeated, foreign := false, 0
	for {
		n, err := c.Read(packet)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !repeated && ctx.Err() == nil:
			repeated = true
			if _, err = c.Write(request(second)); err == nil {
				err = c.SetReadDeadline(time.Time{}) // the end of the context closes the socket
			}
			if err != nil {
				return failed(err, "")
			}
			continue
		case err != nil && foreign > 0:
			return Outcome{Silent, OtherAnswer}
		case err != nil:
			return failed(err, "")
		case answers(packet[:n], first), repeated && answers(packet[:n], second):
			return Outcome{Result: Listening}
		}
		if foreign++; foreign == mostForeign {
			return Outcome{Silent, OtherAnswer}
		}
	}
}
