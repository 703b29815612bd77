package webhook_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// signedAt is the moment of the deliveries of these targets.
func signedAt() time.Time { return time.Unix(1_795_348_800, 0).UTC() }

// FuzzVerify checks that no header makes Verify panic, that a refusal gives no
// reason, and that an accepted delivery was signed by the sender that is named.
// The fuzzer cannot guess a signature: $1 and $2 stand for those of the two
// senders.
func FuzzVerify(f *testing.F) {
	f.Add("msg_1", "1795348800", "$1", []byte(`{"Port":1195}`))
	f.Add("msg_1", "1795348800", "v1a,x $2 v1,", []byte(""))
	f.Add("msg_1", "1795349100", "$2 $1", []byte("body"))
	f.Add("msg_1", "1795349101", "$1", []byte("too new"))
	f.Add("a.1795348800", "1795348800", "$1", []byte("an ambiguous id"))
	f.Add("msg_1", "+795348800", "$1", []byte("a sign"))
	f.Add("msg_1", "0000000000", "$1,", []byte{0xff})
	f.Add(strings.Repeat("x", webhook.MaxIDLength+1), "1795348800", strings.Repeat("$1 ", 9), []byte("too much"))
	senders, err := webhook.ParseSenders("one=" + encodedKey(24) + ",two=" + encodedKey(64))
	if err != nil {
		f.Fatal(err)
	}
	v, err := webhook.NewVerifier(senders, signedAt)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id, stamp, signatures string, body []byte) {
		mine := make(map[string]string) // the sender's name to what it would sign
		for i, mark := range []string{"$1", "$2"} {
			header, err := webhook.Sign(senders[i].Secret, id, stampTime(stamp), body)
			if err == nil && header["webhook-timestamp"] == stamp {
				mine[senders[i].Name] = header["webhook-signature"]
				signatures = strings.ReplaceAll(signatures, mark, header["webhook-signature"])
			}
		}
		header := http.Header{}
		header.Set("Webhook-Id", id)
		header.Set("Webhook-Timestamp", stamp)
		header.Set("Webhook-Signature", signatures)
		d, err := v.Verify(header.Get, body)
		if err != nil {
			var refused *webhook.RefusedError
			if !errors.Is(err, webhook.ErrUnauthorized) || !errors.As(err, &refused) || refused.Reason == "" || err.Error() != "unauthorized" {
				t.Fatalf("refused with %#v", err)
			}
			if d != (webhook.Delivery{}) {
				t.Fatalf("refused, and gives %+v", d)
			}
			return
		}
		if d.ID != id || strings.Contains(id, ".") || d.SentAt.Sub(signedAt()).Abs() > webhook.Tolerance || d.SecretNumber != 1 {
			t.Fatalf("took %+v of id %q at %q", d, id, stamp)
		}
		// The library ignores what follows a second comma; the signature stands.
		if sig := mine[d.Sender]; sig == "" || !strings.Contains(signatures, sig) {
			t.Fatalf("took %q as signed by %s, who signs %q", signatures, d.Sender, sig)
		}
		if _, err := v.Verify(header.Get, append(bytes.Clone(body), '!')); err == nil {
			t.Fatal("took another body under the same signature")
		}
	})
}

// stampTime is the time of a timestamp of ten digits.
func stampTime(stamp string) time.Time {
	var seconds int64
	for _, c := range []byte(stamp[:min(len(stamp), 10)]) {
		seconds = seconds*10 + int64(c) - '0'
	}
	return time.Unix(seconds, 0)
}

// FuzzParseSenders checks that a list is accepted whole or not at all, that no two
// accepted senders have the same secret, and that no error repeats what may be a
// secret.
func FuzzParseSenders(f *testing.F) {
	a, b := encodedKey(24), encodedKey(32)
	f.Add("bot=" + a)
	f.Add(" bot=" + a + ", bot=" + b + " ")
	f.Add("bot=" + a + ",ci=" + a)
	f.Add(b) // the sender is missing, and the padding looks like an entry
	f.Add("bot = " + a + ",,=,-x=" + b)
	f.Add("whsec_" + strings.Repeat("_", 60))
	f.Fuzz(func(t *testing.T, list string) {
		senders, err := webhook.ParseSenders(list)
		if err != nil {
			if senders != nil {
				t.Fatalf("refused, and gives %v", senders)
			}
			for _, after := range strings.Split(list, webhook.SecretPrefix)[1:] {
				key := after[:min(len(after), len(after)-len(strings.TrimLeft(after, base64Alphabet)))]
				// A sender may have the text of its key as its name: a name is no secret.
				if len(key) >= 16 && strings.Count(list, key) == 1 && strings.Contains(err.Error(), key) {
					t.Fatalf("the error repeats %q: %v", key, err)
				}
			}
			return
		}
		if len(senders) == 0 {
			if strings.TrimSpace(list) != "" {
				t.Fatalf("nobody may send by %q", list)
			}
			return
		}
		v, err := webhook.NewVerifier(senders, signedAt)
		if err != nil {
			t.Fatalf("a list that was taken is refused: %v", err)
		}
		for _, s := range senders {
			header, err := webhook.Sign(s.Secret, "msg", signedAt(), []byte("body"))
			if err != nil {
				t.Fatal(err)
			}
			d, err := v.Verify(func(name string) string { return header[name] }, []byte("body"))
			if err != nil || d.Sender != s.Name {
				t.Fatalf("%s signed, and it counts as %+v, %v", s.Name, d, err)
			}
		}
	})
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
