package wecom

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const (
	name          = "wecom"
	replyResponse = "response" // to the response_url of an AI bot's message
	replyApp      = "app"      // to the person, as the app

	apiHost     = "qyapi.weixin.qq.com"
	authPath    = "/cgi-bin/gettoken"
	sendPath    = "/cgi-bin/message/send"
	respondPath = "/cgi-bin/aibot/response"
	updatePath  = "/cgi-bin/message/update_template_card"
	groupPath   = "/cgi-bin/webhook/send"

	keyText  = 43 // characters of an EncodingAESKey
	keyBytes = 32
)

// Spec describes the configuration: an AI bot, an own app, or both with the same
// token and key.
func Spec() chat.Spec {
	return chat.Spec{
		Name:     name,
		Variable: "CHAT_WECOM",
		Keys: []chat.Key{
			{Name: "token", Required: true, Secret: true, Most: 2, Meaning: "Token of the callback"},
			{Name: "aesKey", Required: true, Secret: true, Most: 2, Meaning: "EncodingAESKey of the callback; the first belongs to the first token"},
			{Name: "corp", Required: true, Most: 1, Meaning: "corporation id, such as wx5823bf96d3bd56c7"},
			{Name: "bot", Most: 1, Meaning: "aibotid of an AI bot"},
			{Name: "name", Most: 1, Meaning: "the AI bot's name as in mentions; needed if it contains blanks, each written as _"},
			{Name: "agent", Most: 1, Meaning: "AgentId of an own app"},
			{Name: "agentSecret", Secret: true, Most: 1, Meaning: "Secret of the own app: later answers and cards of the policy's rooms are sent with it"},
			{Name: "group", Secret: true, Most: maxGroups, Meaning: "name:key of a group's message push (group robot), which the policy's room #name writes to"},
		},
		Destinations: []chat.Destination{
			{Method: http.MethodPost, Host: apiHost, Path: respondPath},
			{Method: http.MethodGet, Host: apiHost, Path: authPath},
			{Method: http.MethodPost, Host: apiHost, Path: sendPath},
			{Method: http.MethodPost, Host: apiHost, Path: updatePath},
			{Method: http.MethodPost, Host: apiHost, Path: groupPath},
		},
		New: newPlatform,
	}
}

// Platform is a corporation's AI bot, own app, or both. Each token belongs to
// the key at the same index: they are rotated together.
type Platform struct {
	tokens []secret.Text // the current one first
	keys   []secret.Text // decoded, of keyBytes
	corp   string
	bot    string // "": no AI bot
	name   string
	agent  string // "": no app
	secret secret.Text
	groups map[string]secret.Text // the keys of groups, by the names that the settings give them
	access *chat.AccessToken
}

var _ chat.Platform = (*Platform)(nil)

func newPlatform(s chat.Settings) (chat.Platform, error) { //nolint:ireturn // Spec.New makes a Platform
	p := &Platform{
		tokens: s.Secrets("token"),
		corp:   s.Get("corp"),
		bot:    s.Get("bot"),
		name:   s.Get("name"),
		agent:  s.Get("agent"),
		secret: s.Secret("agentSecret"),
	}
	p.access = chat.NewAccessToken(time.Now, p.authorize)
	var problems []error
	report := func(ok bool, text string) {
		if !ok {
			problems = append(problems, errors.New(text))
		}
	}
	p.groups = map[string]secret.Text{}
	for i, pair := range s.Secrets("group") {
		group, key, _ := strings.Cut(pair.Reveal(), ":")
		_, twice := p.groups[group]
		report(chat.PlainID(group, "_-", 32) && isGroupKey(key), fmt.Sprintf("group: value %d is not of the form name:key, with the key from the group robot's webhook address", i+1))
		report(!twice, fmt.Sprintf("group: value %d has the name of another one", i+1))
		p.groups[group] = secret.New(key)
	}
	encoded := s.Secrets("aesKey")
	if len(p.tokens) != len(encoded) {
		problems = append(problems, fmt.Errorf("there are %d of token and %d of aesKey: give one aesKey for each token, in the same order", len(p.tokens), len(encoded)))
	}
	for i, text := range encoded {
		key, ok := decodeKey(text.Reveal())
		report(ok, fmt.Sprintf("aesKey: value %d is not an EncodingAESKey of %d letters and digits", i+1, keyText))
		p.keys = append(p.keys, secret.New(string(key)))
	}
	_, err := strconv.ParseUint(p.agent, 10, 32)
	report(chat.PlainID(p.corp, "_-", 64), "corp must consist of letters and digits: copy the corporation id from the admin console")
	report(p.bot != "" || p.agent != "", "bot and agent are both missing: give the AI bot's aibotid, the app's AgentId, or both")
	report(p.bot == "" || chat.PlainID(p.bot, "_-", 128), "bot must consist of letters, digits, \"_\" or \"-\": copy the aibotid")
	report(p.agent == "" || err == nil, "agent must be a number: copy the app's AgentId")
	report(p.secret.IsZero() || p.agent != "", "agentSecret is given without agent: give the app's AgentId too")
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// maxGroups bounds the groups with a robot of their own.
const maxGroups = 8

// isGroupKey reports whether a text can be the key of a group robot, a UUID.
func isGroupKey(s string) bool { return len(s) >= 16 && chat.PlainID(s, "-", 64) }

// decodeKey decodes an EncodingAESKey. The unused bits of its last letter may be
// set, as in the official example.
func decodeKey(text string) ([]byte, bool) {
	if len(text) != keyText || !chat.PlainID(text, "+/", keyText) {
		return nil, false
	}
	key, err := base64.StdEncoding.DecodeString(text + "=")
	return key, err == nil && len(key) == keyBytes
}

// Name is wecom.
func (*Platform) Name() string { return name }

// Methods are POST, and GET for URL checks.
func (*Platform) Methods() []string { return []string{http.MethodGet, http.MethodPost} }

// Lang is Chinese.
func (*Platform) Lang() lang.Tag { return lang.Chinese }
