package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const hidden = "hunter2-hunter2"

// holder has a secret where fmt cannot call its methods.
type holder struct {
	Exported secret.Text
	inside   secret.Text
	list     []secret.Text
	byName   map[string]secret.Text
	pointer  *secret.Text
}

func TestATextIsNeverPrinted(t *testing.T) {
	t.Parallel()
	text := secret.New(hidden)
	holds := holder{text, text, []secret.Text{text}, map[string]secret.Text{"a": text}, &text}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%10s", "%-40v|", "%t", "%c", "%U"} {
		for _, value := range []any{text, &text, holds, &holds, []any{text}, fmt.Errorf("in an error: %v", text)} {
			got := fmt.Sprintf(verb, value)
			for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), fmt.Sprintf("%d", []byte(hidden))} {
				if strings.Contains(got, form) {
					t.Errorf("%s of %T prints the secret: %s", verb, value, got)
				}
			}
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, text); got != secret.Redacted {
			t.Errorf("%s = %s, want %s", verb, got, secret.Redacted)
		}
	}
}

func TestATextIsNeverEncoded(t *testing.T) {
	t.Parallel()
	text := secret.New(hidden)
	got, err := json.Marshal(map[string]any{"a": text, "b": &text, "c": map[string]secret.Text{"x": text}, "d": holder{Exported: text}})
	if err != nil || bytes.Contains(got, []byte(hidden)) || !bytes.Contains(got, []byte(`"a":"`+secret.Redacted+`"`)) {
		t.Errorf("JSON = %s, %v", got, err)
	}
	if got, err := text.MarshalText(); err != nil || string(got) != secret.Redacted {
		t.Errorf("MarshalText = %s, %v", got, err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(h).Error("m", slog.Any("a", text), slog.Any("b", holder{inside: text}), slog.Any("c", errors.New(text.String())))
	}
	if strings.Contains(log.String(), hidden) || !strings.Contains(log.String(), secret.Redacted) {
		t.Errorf("log = %s", log.String())
	}
}

func TestATextIsRevealedAndComparedOnlyOnRequest(t *testing.T) {
	t.Parallel()
	a, b, empty := secret.New(hidden), secret.New(hidden), secret.New("")
	if a.Reveal() != hidden || empty.Reveal() != "" {
		t.Errorf("Reveal = %q and %q", a.Reveal(), empty.Reveal())
	}
	if a.IsZero() || !empty.IsZero() || empty != (secret.Text{}) {
		t.Error("only the empty text is zero")
	}
	if !a.Equal(b) || a.Equal(secret.New("other")) || a.Equal(empty) || empty.Equal(secret.New("")) {
		t.Error("Equal: want the same text only, and never the empty one")
	}
	if !a.Matches(hidden) || a.Matches(hidden+"x") || a.Matches("") || empty.Matches("") {
		t.Error("Matches: want the same text only, and never the empty one")
	}
}
