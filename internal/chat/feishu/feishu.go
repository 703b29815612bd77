package feishu

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const (
	name         = "feishu"
	replyMessage = "message"

	hostFeishu = "open.feishu.cn"
	hostLark   = "open.larksuite.com"

	authPath     = "/open-apis/auth/v3/tenant_access_token/internal"
	messagesPath = "/open-apis/im/v1/messages"
	replySuffix  = "/reply"
)

// Spec describes the configuration.
func Spec() chat.Spec {
	var destinations []chat.Destination
	for _, host := range []string{hostFeishu, hostLark} {
		destinations = append(destinations,
			chat.Destination{Method: http.MethodPost, Host: host, Path: authPath},
			chat.Destination{Method: http.MethodPost, Host: host, Path: messagesPath},
			chat.Destination{Method: http.MethodPatch, Host: host, Path: messagesPath + "/", Rest: isMessageID},
			chat.Destination{Method: http.MethodPost, Host: host, Path: messagesPath + "/", Rest: func(rest string) bool {
				id, ok := strings.CutSuffix(rest, replySuffix)
				return ok && isMessageID(id)
			}})
	}
	return chat.Spec{
		Name:     name,
		Variable: "CHAT_FEISHU",
		Keys: []chat.Key{
			{Name: "encryptKey", Required: true, Secret: true, Most: 2, Meaning: "Encrypt Key of the app's event configuration"},
			{Name: "token", Required: true, Secret: true, Most: 2, Meaning: "Verification Token of the app's event configuration"},
			{Name: "app", Required: true, Most: 1, Meaning: "App ID, such as cli_9f5343c580712544"},
			{Name: "appSecret", Required: true, Secret: true, Most: 1, Meaning: "App Secret: all messages are sent with it"},
			{Name: "tenant", Required: true, Most: 1, Meaning: "tenant_key of the organization whose members may write"},
			{Name: "region", Most: 1, Meaning: "feishu (default) or lark"},
		},
		Destinations: destinations,
		New:          newPlatform,
	}
}

// Platform is an app with a bot.
type Platform struct {
	keys   []secret.Text // Encrypt Keys, the current one first
	tokens []secret.Text // Verification Tokens
	app    string
	secret secret.Text
	tenant string
	host   string
	lang   lang.Tag
	access *chat.AccessToken
}

var _ chat.Platform = (*Platform)(nil)

func newPlatform(s chat.Settings) (chat.Platform, error) { //nolint:ireturn // Spec.New makes a Platform
	p := &Platform{
		keys:   s.Secrets("encryptKey"),
		tokens: s.Secrets("token"),
		app:    s.Get("app"),
		secret: s.Secret("appSecret"),
		tenant: s.Get("tenant"),
		host:   hostFeishu,
		lang:   lang.Chinese,
	}
	p.access = chat.NewAccessToken(time.Now, p.authorize)
	var problems []error
	if !chat.PlainID(p.app, "_-", 128) {
		problems = append(problems, errors.New("app must consist of letters, digits, \"_\" or \"-\": copy it from the developer console"))
	}
	if !chat.PlainID(p.tenant, "_-", 128) {
		problems = append(problems, errors.New("tenant must consist of letters, digits, \"_\" or \"-\": copy it from the developer console"))
	}
	switch s.Get("region") {
	case "", "feishu":
	case "lark":
		p.host, p.lang = hostLark, lang.English
	default:
		problems = append(problems, errors.New("region must be feishu or lark"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// Name is feishu, for Lark too.
func (*Platform) Name() string { return name }

// Methods is POST.
func (*Platform) Methods() []string { return []string{http.MethodPost} }

// Lang is Chinese for Feishu and English for Lark.
func (p *Platform) Lang() lang.Tag { return p.lang }

// Receive verifies the signature in the headers, then decrypts and parses the
// body. The query is not used.
func (p *Platform) Receive(_ context.Context, _ chat.Doer, r chat.Request, now time.Time) (chat.Delivery, error) {
	if reason := chat.Admit(r, p.Methods()...); reason != "" {
		return chat.Deny(reason)
	}
	timestamp, nonce, signature := r.Header("x-lark-request-timestamp"), r.Header("x-lark-request-nonce"), r.Header("x-lark-signature")
	if timestamp == "" && nonce == "" && signature == "" {
		return p.unsigned(r.Body)
	}
	if timestamp == "" || nonce == "" || signature == "" {
		return chat.Deny(chat.ReasonMissing)
	}
	if _, reason := chat.Fresh(timestamp, chat.Seconds, now); reason != "" {
		return chat.Deny(reason)
	}
	number := verify(p.keys, timestamp, nonce, signature, r.Body)
	if number == 0 {
		return chat.Deny(chat.ReasonNoMatch)
	}
	d, err := p.signed(p.keys[number-1], r.Body)
	return chat.Verified(d, err, number, sign(timestamp, nonce, p.keys[number-1].Reveal(), r.Body))
}
