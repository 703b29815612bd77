package chat_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"sslvpnchange/internal/chat"
)

// wellFormed holds what every delivery keeps, whatever was in the request.
func wellFormed(t *testing.T, d chat.Delivery, err error, tenant chat.Identity) {
	t.Helper()
	if err != nil {
		if reason(err) == "" || d.Message != nil || d.Direct != nil {
			t.Fatalf("refused with %v and %+v", err, d)
		}
		return
	}
	if (d.Message == nil) == (d.Direct == nil) || d.SecretNumber != 1 {
		t.Fatalf("got %+v", d)
	}
	m := d.Message
	if m == nil {
		return
	}
	tenant.User = m.Sender.User
	if m.Sender != tenant || m.Sender.User == "" || m.ID == "" || len(m.ID) > 512 || len(m.Text) > chat.MaxText || !utf8.ValidString(m.Text) ||
		(m.Problem != "" && m.Text != "") || utf8.RuneCountInString(m.Nick) > 64 {
		t.Fatalf("got %#v", *m)
	}
	if _, err := json.Marshal(m.Reply); err != nil {
		t.Fatalf("a reply address that cannot be stored: %v", err)
	}
}
