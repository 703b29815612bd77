package chat

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"sslvpnchange/internal/lang"
)

// wecomName names the platform in routes, identities and the policy.
const wecomName = "wecom"

// The sizes of secrets, in bytes. A token is chosen by the administrator; the
// one that the console makes is longer than the bound.
const (
	wecomMinToken  = 16
	wecomMinSecret = 16
	wecomKeyText   = 43
	wecomKeyBytes  = 32
)

// wecomSpec says how WeCom is configured: an AI bot, an own app, or both with
// the same token and key.
func wecomSpec() Spec {
	return Spec{
		Name:     wecomName,
		Variable: "CHAT_WECOM",
		Keys: []Key{
			{Name: "token", Required: true, Secret: true, Most: 2, Meaning: "Token of the callback"},
			{Name: "aesKey", Required: true, Secret: true, Most: 2, Meaning: "EncodingAESKey of the callback; the first belongs to the first token"},
			{Name: "corp", Required: true, Most: 1, Meaning: "corporation id, such as wx5823bf96d3bd56c7"},
			{Name: "bot", Most: 1, Meaning: "aibotid of an AI bot"},
			{Name: "name", Most: 1, Meaning: "the AI bot's name as in mentions; needed if there are blanks in it, each written as _"},
			{Name: "agent", Most: 1, Meaning: "AgentId of an own app"},
			{Name: "agentSecret", Secret: true, Most: 1, Meaning: "Secret of the own app: later answers are sent with it"},
		},
		New: newWecom,
	}
}

// wecomPair is a token with its key: they are replaced together.
type wecomPair struct {
	token string
	key   []byte
}

// wecom is a corporation's AI bot, own app, or both.
type wecom struct {
	pairs  []wecomPair // the current one first
	corp   string
	bot    string // "": no AI bot
	name   string
	agent  string // "": no app
	secret string
	access *accessToken
}

func newWecom(s Settings) (Platform, error) { //nolint:ireturn // Spec.New makes a Platform
	p := &wecom{
		corp:   s.Get("corp"),
		bot:    s.Get("bot"),
		name:   s.Get("name"),
		agent:  s.Get("agent"),
		secret: s.Get("agentSecret"),
		access: newAccessToken(),
	}
	pairs, err := wecomPairs(s["token"], s["aesKey"])
	p.pairs = pairs
	problems := []error{err}
	if !plainID(p.corp, "_-", 64) {
		problems = append(problems, errors.New("corp must be letters and digits: copy the corporation id from the admin console"))
	}
	if p.bot == "" && p.agent == "" {
		problems = append(problems, errors.New("bot and agent are both missing: give the AI bot's aibotid, the app's AgentId, or both"))
	}
	if p.bot != "" && !plainID(p.bot, "_-", 128) {
		problems = append(problems, errors.New("bot must be letters, digits, \"_\" or \"-\": copy the aibotid"))
	}
	if _, err := strconv.ParseUint(p.agent, 10, 32); p.agent != "" && err != nil {
		problems = append(problems, errors.New("agent must be a number: copy the app's AgentId"))
	}
	if p.secret != "" && p.agent == "" {
		problems = append(problems, errors.New("agentSecret is there without agent: give the app's AgentId too"))
	}
	if p.secret != "" && len(p.secret) < wecomMinSecret {
		problems = append(problems, fmt.Errorf("agentSecret has %d bytes and must have at least %d: copy the app's Secret", len(p.secret), wecomMinSecret))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// wecomPairs joins each token with its key.
func wecomPairs(tokens, keys []string) ([]wecomPair, error) {
	if len(tokens) == 0 || len(tokens) != len(keys) {
		return nil, fmt.Errorf("there are %d of token and %d of aesKey: give one aesKey for each token, in the same order", len(tokens), len(keys))
	}
	var problems []error
	pairs := make([]wecomPair, 0, len(tokens))
	for i, token := range tokens {
		if len(token) < wecomMinToken {
			problems = append(problems, fmt.Errorf("token: value %d has %d bytes and must have at least %d: let the console make one", i+1, len(token), wecomMinToken))
		}
		key, ok := wecomKey(keys[i])
		if !ok {
			problems = append(problems, fmt.Errorf("aesKey: value %d is not an EncodingAESKey of %d letters and digits", i+1, wecomKeyText))
		}
		pairs = append(pairs, wecomPair{token, key})
	}
	return pairs, errors.Join(problems...)
}

// wecomKey decodes an EncodingAESKey. Its last letter may have bits that count
// for nothing, as that of the official example has.
func wecomKey(text string) ([]byte, bool) {
	if len(text) != wecomKeyText || !plainID(text, "+/", wecomKeyText) {
		return nil, false
	}
	key, err := base64.StdEncoding.DecodeString(text + "=")
	return key, err == nil && len(key) == wecomKeyBytes
}

// Name is wecom.
func (*wecom) Name() string { return wecomName }

// Lang is Chinese.
func (*wecom) Lang() lang.Tag { return lang.Chinese }

// Format prints the name: there are secrets in here.
func (*wecom) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, wecomName) }

// Methods are the HTTP methods that the platform uses.
func (*wecom) Methods() []string { return []string{http.MethodGet, http.MethodPost} }
