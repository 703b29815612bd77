package probe

// Answers reports whether a packet answers the first packet of a session.
func Answers(packet []byte, own [8]byte) bool { return answers(packet, own) }

// Request makes the first packet of a session.
func Request(own [8]byte) []byte { return request(own) }
