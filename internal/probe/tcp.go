package probe

import (
	"context"
	"encoding/binary"
	"io"
	"net/netip"
)

// overTCP connects, sends the packet behind its length, and reads one packet. There
// is no repetition: TCP repeats what is lost.
func overTCP(ctx context.Context, to netip.AddrPort) Outcome {
	c, err := dial(ctx, "tcp", to)
	if err != nil {
		return failed(err, "")
	}
	defer func() { _ = c.Close() }() // nothing is buffered
	own := newSession()
	frame := binary.BigEndian.AppendUint16(nil, requestSize)
	if _, err := c.Write(append(frame, request(own)...)); err != nil {
		return failed(err, Closed)
	}
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return failed(err, Closed)
	}
	if binary.BigEndian.Uint16(size[:]) != answerSize {
		return Outcome{Silent, OtherAnswer}
	}
	var packet [answerSize]byte
	if _, err := io.ReadFull(c, packet[:]); err != nil {
		return failed(err, OtherAnswer)
	}
	if !answers(packet[:], own) {
		return Outcome{Silent, OtherAnswer}
	}
	return Outcome{Result: Listening}
}
