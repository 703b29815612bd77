package probe_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

func own() [8]byte { return [8]byte{1, 2, 3, 4, 5, 6, 7, 8} }

// answer is what OpenVPN 2.6.14 answered to the session own.
func answer(tb testing.TB) []byte {
	tb.Helper()
	p, err := hex.DecodeString("40" + "4fa005f5650f3502" + "01" + "00000000" + "0102030405060708" + "00000000")
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestRequest(t *testing.T) {
	t.Parallel()
	want, err := hex.DecodeString("38" + "0102030405060708" + "00" + "00000000")
	if err != nil {
		t.Fatal(err)
	}
	if got := probe.Request(own()); !bytes.Equal(got, want) {
		t.Errorf("request is %x, want %x", got, want)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	if !probe.Answers(answer(t), own()) {
		t.Fatal("the server's answer does not count")
	}
	if probe.Answers(answer(t), [8]byte{8, 7, 6, 5, 4, 3, 2, 1}) {
		t.Error("the answer to another session counts")
	}
	for name, alter := range map[string]func([]byte) []byte{
		"nothing":                    func([]byte) []byte { return nil },
		"shorter":                    func(p []byte) []byte { return p[:25] },
		"longer":                     func(p []byte) []byte { return append(p, 0) },
		"the client's packet":        func(p []byte) []byte { p[0] = 0x38; return p },
		"another key id":             func(p []byte) []byte { p[0] = 0x41; return p },
		"an acknowledgement alone":   func(p []byte) []byte { p[0] = 0x28; return p },
		"no session of the server":   func(p []byte) []byte { copy(p[1:], make([]byte, 8)); return p },
		"an echo of our session":     func(p []byte) []byte { copy(p[1:], p[14:22]); return p },
		"no acknowledgement":         func(p []byte) []byte { p[9] = 0; return p },
		"two acknowledgements":       func(p []byte) []byte { p[9] = 2; return p },
		"another packet is accepted": func(p []byte) []byte { p[13] = 1; return p },
		"one bit of the session":     func(p []byte) []byte { p[21] ^= 1; return p },
		"not the first packet":       func(p []byte) []byte { p[25] = 1; return p },
	} {
		if probe.Answers(alter(answer(t)), own()) {
			t.Errorf("%s: it counts as an answer", name)
		}
	}
}

// FuzzAnswer checks that only a packet of the right form counts, which names the
// session at its place.
func FuzzAnswer(f *testing.F) {
	f.Add(answer(f), []byte("\x01\x02\x03\x04\x05\x06\x07\x08"))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n"), []byte("12345678"))
	f.Add([]byte{}, []byte("12345678"))
	f.Fuzz(func(t *testing.T, packet, id []byte) {
		if len(id) != 8 {
			return
		}
		before := bytes.Clone(packet)
		got := probe.Answers(packet, [8]byte(id))
		want := len(packet) == 26 && packet[0] == 0x40 && !bytes.Equal(packet[1:9], make([]byte, 8)) && !bytes.Equal(packet[1:9], id) &&
			bytes.Equal(packet[9:14], []byte{1, 0, 0, 0, 0}) && bytes.Equal(packet[14:22], id) && bytes.Equal(packet[22:], make([]byte, 4))
		if got != want || !bytes.Equal(packet, before) {
			t.Errorf("%x to %x: counts as an answer: %t", packet, id, got)
		}
	})
}
