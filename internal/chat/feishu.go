package chat

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"sslvpnchange/internal/lang"
)

// feishuName names the platform in routes, identities and the policy.
const feishuName = "feishu"

// feishuMinSecret bounds secrets from below, in bytes. Those that Feishu makes
// have 32.
const feishuMinSecret = 16

// feishuSpec says how a Feishu or Lark app is configured.
func feishuSpec() Spec {
	return Spec{
		Name:     feishuName,
		Variable: "CHAT_FEISHU",
		Keys: []Key{
			{Name: "encryptKey", Required: true, Secret: true, Most: 2, Meaning: "Encrypt Key of the app's event configuration"},
			{Name: "token", Required: true, Secret: true, Most: 2, Meaning: "Verification Token of the app's event configuration"},
			{Name: "app", Required: true, Most: 1, Meaning: "App ID, such as cli_9f5343c580712544"},
			{Name: "appSecret", Required: true, Secret: true, Most: 1, Meaning: "App Secret: answers are sent with it"},
			{Name: "tenant", Required: true, Most: 1, Meaning: "tenant_key of the organisation whose members may write"},
			{Name: "region", Most: 1, Meaning: "feishu (default) or lark"},
		},
		New: newFeishu,
	}
}

// feishu is a Feishu or Lark app with a bot. Events come encrypted, answers go
// out through the API.
type feishu struct {
	keys   []string // Encrypt Keys, the current one first
	tokens []string // Verification Tokens
	app    string
	secret string
	tenant string
	host   string
	lang   lang.Tag
	access *accessToken
}

func newFeishu(s Settings) (Platform, error) { //nolint:ireturn // Spec.New makes a Platform
	p := &feishu{
		keys:   s["encryptKey"],
		tokens: s["token"],
		app:    s.Get("app"),
		secret: s.Get("appSecret"),
		tenant: s.Get("tenant"),
		access: newAccessToken(),
	}
	var problems []error
	for _, name := range []string{"encryptKey", "token", "appSecret"} {
		for i, value := range s[name] {
			if len(value) < feishuMinSecret {
				problems = append(problems, fmt.Errorf("%s: value %d has %d bytes and must have at least %d: "+
					"copy the one that the developer console made", name, i+1, len(value), feishuMinSecret))
			}
		}
		if len(s[name]) == 0 {
			problems = append(problems, fmt.Errorf("%s is missing: it is in the developer console", name))
		}
	}
	for _, name := range []string{"app", "tenant"} {
		if !plainID(s.Get(name), "_-", 128) {
			problems = append(problems, fmt.Errorf("%s must be letters, digits, \"_\" or \"-\": copy it from the developer console", name))
		}
	}
	switch s.Get("region") {
	case "", "feishu":
		p.host, p.lang = "open.feishu.cn", lang.Chinese
	case "lark":
		p.host, p.lang = "open.larksuite.com", lang.English
	default:
		problems = append(problems, errors.New("region must be feishu or lark"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// Name is feishu, for Lark too.
func (*feishu) Name() string { return feishuName }

// Lang is Chinese in Feishu and English in Lark.
func (p *feishu) Lang() lang.Tag { return p.lang }

// Format prints the name: there are secrets in here.
func (*feishu) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, feishuName) }

// Answer only confirms the event: Feishu shows nothing of the response.
func (*feishu) Answer(Delivery, Text) (Response, bool) { return feishuTaken(), true }

// feishuTaken is the response after which Feishu does not deliver again.
func feishuTaken() Response {
	return Response{Status: http.StatusOK, ContentType: "application/json; charset=utf-8", Body: []byte("{}")}
}

// Methods are the HTTP methods that the platform uses.
func (*feishu) Methods() []string { return []string{http.MethodPost} }
