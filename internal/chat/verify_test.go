package chat_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

func TestFresh(t *testing.T) {
	t.Parallel()
	now := time.Unix(1763836800, 0)
	for text, want := range map[string]chat.Reason{
		"1763836800": "", "1763836500": "", "1763837100": "",
		"1763836499": chat.ReasonTooOld, "0000000000": chat.ReasonTooOld, "1763837101": chat.ReasonTooNew, "9999999999": chat.ReasonTooNew,
		"": chat.ReasonTimestamp, "0": chat.ReasonTimestamp, "foo": chat.ReasonTimestamp, "176383680": chat.ReasonTimestamp, "17638368000": chat.ReasonTimestamp,
		"1763836800000": chat.ReasonTimestamp, "+176383680": chat.ReasonTimestamp, "-176383680": chat.ReasonTimestamp, " 176383680": chat.ReasonTimestamp,
		"1763836800 ": chat.ReasonTimestamp, "17638368.0": chat.ReasonTimestamp, "１７６": chat.ReasonTimestamp, "0x69220000": chat.ReasonTimestamp,
	} {
		if _, got := chat.Fresh(text, chat.Seconds, now); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if at, got := chat.Fresh("1763836800123", chat.Milliseconds, now); got != "" || at.UnixMilli() != 1763836800123 {
		t.Errorf("milliseconds: got %s, %q", at, got)
	}
	if _, got := chat.Fresh("1763836500", chat.Seconds, now.Add(time.Nanosecond)); got != chat.ReasonTooOld {
		t.Errorf("a nanosecond past the edge: got %q", got)
	}
	if _, got := chat.Fresh("1763837100", chat.Seconds, now.Add(-time.Nanosecond)); got != chat.ReasonTooNew {
		t.Errorf("a nanosecond before the edge: got %q", got)
	}
}

func TestSignedBy(t *testing.T) {
	t.Parallel()
	secrets := []secret.Text{secret.New("first"), {}, secret.New("third"), secret.New("third")}
	sign := func(s string) []byte { return chat.HMAC(s, "text") }
	for by, want := range map[string]int{"first": 1, "third": 3, "": 0, "fourth": 0} {
		if got := chat.SignedBy(secrets, sign(by), sign); got != want {
			t.Errorf("signed with %q: got %d, want %d", by, got, want)
		}
	}
	if got := chat.SignedBy(secrets, nil, sign); got != 0 {
		t.Errorf("no signature: got %d", got)
	}
	if got := chat.SignedBy([]secret.Text{{}}, nil, func(s string) []byte { return []byte(s) }); got != 0 {
		t.Errorf("an empty secret: got %d", got)
	}
}
