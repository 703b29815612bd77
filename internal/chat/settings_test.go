package chat_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sslvpnchange/internal/chat"
)

func TestSpecsAreWhole(t *testing.T) {
	t.Parallel()
	specs := chat.Specs()
	if !slices.IsSortedFunc(specs, func(a, b chat.Spec) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the platforms are not in order")
	}
	for _, s := range specs {
		if s.Variable != "CHAT_"+strings.ToUpper(s.Name) || s.New == nil {
			t.Errorf("got %+v", s)
		}
		signs := false
		for _, k := range s.Keys {
			signs = signs || (k.Secret && k.Required)
			if k.Name == "" || k.Meaning == "" || k.Most < 1 {
				t.Errorf("%s: got %+v", s.Name, k)
			}
		}
		if !signs {
			t.Errorf("%s can be set up without a secret that signs", s.Name)
		}
	}
}

func TestParseSettings(t *testing.T) {
	t.Parallel()
	s := spec(t, "slack")
	got, problems := chat.ParseSettings(s, " secret = "+slackSecret+" ; team=T1;secret="+slackOld+";botToken=xoxb-1234-5678=x")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if !slices.Equal(got["secret"], []string{slackSecret, slackOld}) || got.Get("team") != "T1" || got.Get("botToken") != "xoxb-1234-5678=x" || got.Get("app") != "" || len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

func TestParseSettingsReportsEverythingAndNoSecret(t *testing.T) {
	t.Parallel()
	const good = "secret=" + slackSecret + ";team=T1"
	for _, tt := range []struct{ name, value, want string }{
		{"nothing", "", "CHAT_SLACK entry 1 is not of the form key=value"},
		{"a secret alone", slackSecret, "CHAT_SLACK has no secret: the Signing Secret of the app"},
		{"a secret alone that looks like a key", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==;team=T1", "entry 1 has a key that is not known"},
		{"an unknown key", good + ";bottoken=" + slackToken, "entry 3 has a key that is not known; the nearest known one is botToken"},
		{"a key in capitals", "Secret=" + slackSecret + ";team=T1", "entry 1 has a key that is not known; the nearest known one is secret"},
		{"no team", "secret=" + slackSecret, "CHAT_SLACK has no team: the id of the workspace, T…"},
		{"no value", "secret=;team=T1", "entry 1: secret has no value"},
		{"a blank value", "secret= ;team=T1", "entry 1: secret has no value"},
		{"a short secret", "secret=8f742231b10e888;team=T1", "entry 1: secret has 15 bytes; a secret has at least 16"},
		{"three secrets", good + ";secret=" + slackOld + ";secret=third-third-third", "entry 4: secret stands more than 2 times"},
		{"two teams", good + ";team=T2", "entry 3: team stands more than 1 times"},
		{"a secret twice", good + ";secret=" + slackSecret, "entry 3: secret stands twice with the same value"},
		{"a line break", "secret=" + slackSecret[:16] + "\n" + slackSecret[16:] + ";team=T1", "entry 1: the value of secret has a blank or a control character"},
		{"an invisible character", "secret=" + slackSecret + "\u200b;team=T1", "entry 1: the value of secret has a blank or a control character"},
		{"an endless value", good + ";app=" + strings.Repeat("A", 513), "entry 3: app has more than 512 bytes"},
		{"an empty entry", good + ";", "entry 3 is not of the form key=value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, problems := chat.ParseSettings(spec(t, "slack"), tt.value)
			text := errors.Join(problems...)
			if text == nil || got != nil || !strings.Contains(text.Error(), tt.want) {
				t.Fatalf("got %v, %v, want %q", got, text, tt.want)
			}
			for _, secret := range []string{slackSecret[:15], slackOld[:15], slackToken, "third-third", "MfKQ9r8G"} {
				if strings.Contains(strings.ToLower(text.Error()), strings.ToLower(secret)) {
					t.Errorf("the error repeats a secret: %v", text)
				}
			}
		})
	}
	if _, problems := chat.ParseSettings(spec(t, "slack"), "secret=short;tem=T1;x"); len(problems) != 4 {
		t.Errorf("got %v, want all four problems", problems)
	}
}

func TestSlackSettingsOfTheWrongKind(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"team=my-company": "team is not the id of a workspace",
		"team=E123":       "team is not the id of a workspace",
		"team=T1;app=T1":  "app is not an App ID",
		"team=T1;botToken=xoxp-1234-5678-abcdefghijkl": "botToken is not a bot's token",
	} {
		s := spec(t, "slack")
		settings, problems := chat.ParseSettings(s, "secret="+slackSecret+";"+setting)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		p, err := s.New(settings)
		if err == nil || p != nil || !strings.Contains(err.Error(), "CHAT_SLACK "+want) || strings.Contains(err.Error(), "xoxp-1234") {
			t.Errorf("%s: got %v, want %q", setting, err, want)
		}
	}
}

// TestAnEmptySecretSignsNothing skips the check of settings, which refuses it.
func TestAnEmptySecretSignsNothing(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]chat.Request{
		"dingtalk": request(dingTalkSample(t, nil), dingTalkHeader("", moment())),
		"slack":    request(slackVector, slackHeader("", moment(), slackVector)),
	} {
		p, err := spec(t, name).New(chat.Settings{"secret": {""}, "corp": {"ding0123456789abcdef"}, "robot": {"dingabcdefrobot"}, "team": {"T1DC2JH3J"}})
		if err != nil {
			t.Fatal(err)
		}
		refused(t, p, r, moment(), chat.ReasonNoMatch)
	}
}
