package feishu

import (
	"encoding/json"
	"net/http"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// maxChallenge bounds what a URL check sends back, in bytes.
const maxChallenge = 1 << 10

// envelope is the body of a request.
type envelope struct {
	Encrypt string `json:"encrypt"`
}

// event is the content of an envelope: an event of schema 2.0, or a URL check.
type event struct {
	Schema string `json:"schema"`
	Header struct {
		ID     string `json:"event_id"`
		Type   string `json:"event_type"`
		Token  string `json:"token"`
		App    string `json:"app_id"`
		Tenant string `json:"tenant_key"`
		Time   string `json:"create_time"` // milliseconds
	} `json:"header"`
	Event json.RawMessage `json:"event"`

	Type      string `json:"type"`
	Token     string `json:"token"`
	Challenge string `json:"challenge"`
}

// unsigned accepts URL checks, which Feishu does not sign. That a body can be
// decrypted proves nothing, because the cipher has no checksum; the Verification
// Token inside does. Every other unsigned body gets the response of a forged
// one. Otherwise its sender could learn what is in it.
func (p *Platform) unsigned(body []byte) (chat.Delivery, error) {
	var d chat.Delivery
	for i, key := range p.keys {
		e, ok := open(key, body)
		if direct := p.challenge(e); ok && direct != nil && d.Direct == nil {
			d = chat.Delivery{Direct: direct, SecretNumber: i + 1}
		}
	}
	if d.Direct == nil {
		return chat.Deny(chat.ReasonMissing)
	}
	return d, nil
}

// challenge answers a URL check; nil if the event is none, or its token is not
// ours.
func (p *Platform) challenge(e event) *chat.Response {
	if e.Type != "url_verification" || e.Challenge == "" || len(e.Challenge) > maxChallenge || !isOneOf(p.tokens, e.Token) {
		return nil
	}
	r := acknowledged()
	r.Body = chat.Encode(map[string]string{"challenge": e.Challenge})
	return &r
}

// signed handles a body whose signature was made with a key.
func (p *Platform) signed(key secret.Text, body []byte) (chat.Delivery, error) {
	e, ok := open(key, body)
	if !ok {
		return chat.Deny(chat.ReasonUnreadable)
	}
	return p.event(e)
}

// event handles a signed event.
func (p *Platform) event(e event) (chat.Delivery, error) {
	if e.Type == "url_verification" {
		if direct := p.challenge(e); direct != nil {
			return chat.Delivery{Direct: direct}, nil
		}
		return chat.Deny(chat.ReasonForeign)
	}
	if e.Schema != "2.0" {
		return chat.Ignore(acknowledged(), chat.IgnoredOldSchema)
	}
	if !isOneOf(p.tokens, e.Header.Token) || e.Header.App != p.app || e.Header.Tenant != p.tenant {
		return chat.Deny(chat.ReasonForeign)
	}
	if !chat.PlainID(e.Header.ID, "_-", 128) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	switch e.Header.Type {
	case "im.message.receive_v1":
		return p.message(e)
	case "card.action.trigger":
		return p.click(e)
	default:
		return chat.Ignore(acknowledged(), chat.IgnoredEvent)
	}
}

// open decrypts and parses a body. It parses the whole body, never only its
// first value: more could have been appended.
func open(key secret.Text, body []byte) (event, bool) {
	var outer envelope
	if json.Unmarshal(body, &outer) != nil || outer.Encrypt == "" {
		return event{}, false
	}
	plain, ok := decrypt(key.Reveal(), outer.Encrypt)
	if !ok {
		return event{}, false
	}
	var e event
	if json.Unmarshal(plain, &e) != nil {
		return event{}, false
	}
	return e, true
}

// acknowledged is the response after which Feishu does not deliver again.
func acknowledged() chat.Response {
	return chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeJSON, Body: []byte("{}")}
}
