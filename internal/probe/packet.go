package probe

import (
	"crypto/rand"
	"encoding/binary"
)

// The opcodes of the two packets, with the key id 0 in the lower three bits.
const (
	hardResetClient = 7 << 3 // P_CONTROL_HARD_RESET_CLIENT_V2
	hardResetServer = 8 << 3 // P_CONTROL_HARD_RESET_SERVER_V2
)

// The sizes of the two packets.
const (
	requestSize = 1 + sessionSize + 1 + packetIDSize
	answerSize  = 1 + sessionSize + 1 + packetIDSize + sessionSize + packetIDSize

	sessionSize  = 8
	packetIDSize = 4
)

// session is a session id.
type session [sessionSize]byte

// newSession makes a random session id, which is never zero.
func newSession() session {
	var s session
	for s == (session{}) {
		_, _ = rand.Read(s[:]) // never fails (crypto/rand)
	}
	return s
}

// request makes the first packet of a session: no acknowledgements, packet id 0.
func request(own session) []byte {
	p := make([]byte, 0, requestSize)
	p = append(p, hardResetClient)
	p = append(p, own[:]...)
	p = append(p, 0)
	return binary.BigEndian.AppendUint32(p, 0)
}

// answers reports whether a packet is a server's answer to the first packet of a
// session. It has a session id of the server, acknowledges the packet 0 of exactly
// this session, and is the server's own packet 0.
func answers(packet []byte, own session) bool {
	if len(packet) != answerSize || packet[0] != hardResetServer {
		return false
	}
	theirs, rest := session(packet[1:1+sessionSize]), packet[1+sessionSize:]
	acks, rest := rest[0], rest[1:]
	acked, rest := binary.BigEndian.Uint32(rest), rest[packetIDSize:]
	echoed, rest := session(rest[:sessionSize]), rest[sessionSize:]
	return theirs != (session{}) && theirs != own && acks == 1 && acked == 0 && echoed == own && binary.BigEndian.Uint32(rest) == 0
}
