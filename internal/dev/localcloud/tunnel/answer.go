package tunnel

import "crypto/rand"

// The packets of OpenVPN's handshake that matter here, by their first byte.
const (
	hardResetClient = 0x38
	hardResetServer = 0x40
)

// answer is the answer to the first packet of a client; nil for other packets.
func answer(packet []byte) []byte {
	const size = 14
	if len(packet) != size || packet[0] != hardResetClient {
		return nil
	}
	out := make([]byte, 9, 26)
	out[0] = hardResetServer
	_, _ = rand.Read(out[1:]) // never fails (crypto/rand)
	out = append(out, 1)      // one acknowledgement:
	out = append(out, packet[10:14]...)
	out = append(out, packet[1:9]...) // of this packet of this session
	return append(out, 0, 0, 0, 0)    // the server's packet 0
}
