package chat_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/slack"
)

const (
	current  = "8f742231b10e8888abcd99yyyzzz85a5"
	previous = "0ld0ld0ld0ld0ld0ld0ld0ld0ld0ld00"
	botToken = "xoxb-1234-5678-abcdefghijkl"
)

func TestParseSettings(t *testing.T) {
	t.Parallel()
	s := slack.Spec()
	got, problems := chat.ParseSettings(s, " secret = "+current+" ; team=T1;secret="+previous+";botToken=xoxb-1234-5678=x")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var secrets []string
	for _, s := range got.Secrets("secret") {
		secrets = append(secrets, s.Reveal())
	}
	if !slices.Equal(secrets, []string{current, previous}) || got.Get("team") != "T1" || got.Get("botToken") != "xoxb-1234-5678=x" || got.Get("app") != "" {
		t.Errorf("got %q and others", secrets)
	}
}

func TestParseSettingsReportsEverythingAndNoSecret(t *testing.T) {
	t.Parallel()
	const good = "secret=" + current + ";team=T1"
	for _, tt := range []struct{ name, value, want string }{
		{"nothing", "", "CHAT_SLACK entry 1 is not of the form key=value"},
		{"a secret alone", current, "CHAT_SLACK has no secret: the Signing Secret of the app"},
		{"a secret alone that looks like a key", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==;team=T1", "entry 1 has an unknown key"},
		{"an unknown key", good + ";bottoken=" + botToken, "entry 3 has an unknown key; the nearest known one is botToken"},
		{"a key in capitals", "Secret=" + current + ";team=T1", "entry 1 has an unknown key; the nearest known one is secret"},
		{"no team", "secret=" + current, "CHAT_SLACK has no team: the id of the workspace, T…"},
		{"no value", "secret=;team=T1", "entry 1: secret has no value"},
		{"a blank value", "secret= ;team=T1", "entry 1: secret has no value"},
		{"a short secret", "secret=8f742231b10e888;team=T1", "entry 1: secret has 15 bytes; a secret has at least 16"},
		{"three secrets", good + ";secret=" + previous + ";secret=third-third-third", "entry 4: secret is given more than 2 times"},
		{"two teams", good + ";team=T2", "entry 3: team is given more than 1 times"},
		{"a secret twice", good + ";secret=" + current, "entry 3: secret is given twice with the same value"},
		{"a line break", "secret=" + current[:16] + "\n" + current[16:] + ";team=T1", "entry 1: the value of secret contains a blank or a control character"},
		{"an invisible character", "secret=" + current + "\u200b;team=T1", "entry 1: the value of secret contains a blank or a control character"},
		{"an endless value", good + ";app=" + strings.Repeat("A", 513), "entry 3: app has more than 512 bytes"},
		{"an empty entry", good + ";", "entry 3 is not of the form key=value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, problems := chat.ParseSettings(slack.Spec(), tt.value)
			text := errors.Join(problems...)
			if text == nil || got.Get("team") != "" || !strings.Contains(text.Error(), tt.want) {
				t.Fatalf("got %v, want %q", text, tt.want)
			}
			for _, secret := range []string{current[:15], previous[:15], botToken, "third-third", "MfKQ9r8G"} {
				if strings.Contains(strings.ToLower(text.Error()), strings.ToLower(secret)) {
					t.Errorf("the error repeats a secret: %v", text)
				}
			}
		})
	}
	if _, problems := chat.ParseSettings(slack.Spec(), "secret=short;tem=T1;x"); len(problems) != 4 {
		t.Errorf("got %v, want all four problems", problems)
	}
}
