package webhook_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

func encodedKey(n int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0x5a}, n))
}

func TestParseSecretRefusesWeakSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
	}{
		{"nothing", "", `starts with "whsec_"`},
		{"another prefix", "sk_" + encodedKey(32)[6:], `starts with "whsec_"`},
		{"an empty key", "whsec_", "holds 24 to 64 bytes, this one 0"},
		{"a key of 23 bytes", encodedKey(23), "this one 23"},
		{"a key of 65 bytes", encodedKey(65), "this one 65"},
		{"text that is not base64", "whsec_hunter2-hunter2-hunter2-hunter2!", "is not base64"},
		{"base64 without padding", strings.TrimRight(encodedKey(32), "="), "is not base64"},
		{"a line break", encodedKey(24)[:20] + "\n" + encodedKey(24)[20:], "is not base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := webhook.ParseSecret(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "openssl rand -base64 32") {
				t.Fatalf("got %v, want an error with %q and the way out", err, tt.want)
			}
			if !got.IsZero() {
				t.Error("got a secret beside the error")
			}
			if body := strings.TrimPrefix(tt.in, "whsec_"); body != "" && strings.Contains(err.Error(), body) {
				t.Errorf("the error repeats the secret: %v", err)
			}
		})
	}
	for _, n := range []int{24, 32, 64} {
		if s, err := webhook.ParseSecret(encodedKey(n)); err != nil || s.IsZero() {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
}

func TestSecretsCannotBePrinted(t *testing.T) {
	t.Parallel()
	const plain = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secret, err := webhook.ParseSecret(plain)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		Public  webhook.Sender `json:"public"`
		private webhook.Sender
	}
	sender := webhook.Sender{Name: "bot", Secret: secret}
	h := holder{Public: sender, private: sender}
	var out bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, format, secret)
		fmt.Fprintf(&out, format, &secret)
		fmt.Fprintf(&out, format, h)
		fmt.Fprintf(&out, format, h.private)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("secret", "secret", secret, "sender", sender)
	slog.New(slog.NewTextHandler(&out, nil)).Info("secret", "secret", secret, "holder", h)
	text, err := json.Marshal(map[string]any{"holder": h})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	key, err := base64.StdEncoding.DecodeString(plain[6:])
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{plain[6:], string(key), hex.EncodeToString(key), fmt.Sprintf("%v", key[:4])[1:]} {
		if strings.Contains(out.String(), strings.TrimRight(leak, "]}")) {
			t.Errorf("%q is in %s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), `"Secret":"[redacted]"`) {
		t.Errorf("got %s", out.String())
	}
}

func TestParseSenders(t *testing.T) {
	t.Parallel()
	a, b, c := encodedKey(24), encodedKey(25), encodedKey(26)
	got, err := webhook.ParseSenders(" chat-bot=" + a + ", ci.prod=" + b + ",chat-bot=" + c + " ")
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(got))
	for _, s := range got {
		names = append(names, s.Name)
	}
	if strings.Join(names, " ") != "chat-bot ci.prod chat-bot" {
		t.Errorf("got %v", names)
	}
	if got, err := webhook.ParseSenders("  "); err != nil || got != nil {
		t.Errorf("an empty list: got %v, %v", got, err)
	}
}

func TestParseSendersReportsEveryProblemAndNoSecret(t *testing.T) {
	t.Parallel()
	a, b, c, d := encodedKey(24), encodedKey(25), encodedKey(26), encodedKey(27)
	padded := encodedKey(32) // as "openssl rand -base64 32" makes them: with one "=" at the end
	list := strings.Join([]string{
		d[:20], "=" + a, "-x=" + a, "short=" + encodedKey(4), "one=" + a, "two=" + a,
		"many=" + b, "many=" + c, "many=" + d, "", padded, padded[6:], "bot." + padded,
	}, ",")
	got, err := webhook.ParseSenders(list)
	if err == nil || got != nil {
		t.Fatalf("got %v, %v", got, err)
	}
	for _, want := range []string{
		"entry 1 is not of the form sender=whsec_…",
		"entry 2: the sender's name must be",
		"entry 3: the sender's name must be",
		"entry 4 (sender short): a webhook secret holds 24 to 64 bytes, this one 4",
		"senders one and two have the same secret",
		"sender many has more than 2 secrets",
		"entry 10 is not of the form",
		"entry 11 is not of the form",
		"entry 12 is not of the form",
		"entry 13 is not of the form",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to contain %q", err, want)
		}
	}
	for _, secret := range []string{a, b, c, d[:20], strings.TrimRight(padded, "=")} {
		if strings.Contains(err.Error(), secret[6:]) {
			t.Errorf("the error repeats a secret: %v", err)
		}
	}
}

func TestParseSendersExplainsTheVersionOfASignature(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"bot=v1," + encodedKey(32), "ci=" + encodedKey(24) + ", bot=v1 , " + encodedKey(32), "bot=v1a," + encodedKey(32)} {
		_, err := webhook.ParseSenders(list)
		if err == nil || !strings.Contains(err.Error(), `leave out "v1`) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), encodedKey(32)[6:]) {
			t.Errorf("%v", err)
		}
	}
}
