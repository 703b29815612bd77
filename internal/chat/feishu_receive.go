package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// feishuMaxChallenge bounds what a URL check sends back, in bytes.
const feishuMaxChallenge = 1 << 10

// feishuEnvelope is the body of a request.
type feishuEnvelope struct {
	Encrypt string `json:"encrypt"`
}

// feishuEvent is what an envelope holds: an event of schema 2.0 or a URL check.
type feishuEvent struct {
	Schema string `json:"schema"`
	Header struct {
		ID     string `json:"event_id"`
		Type   string `json:"event_type"`
		Token  string `json:"token"`
		App    string `json:"app_id"`
		Tenant string `json:"tenant_key"`
	} `json:"header"`
	Event json.RawMessage `json:"event"`

	Type      string `json:"type"`
	Token     string `json:"token"`
	Challenge string `json:"challenge"`
}

// Receive verifies by the headers alone, whatever the query says.
func (p *feishu) Receive(_ context.Context, _ Doer, r Request, now time.Time) (Delivery, error) {
	if r.Method != http.MethodPost || len(r.Body) > MaxBody {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	timestamp, nonce, signature := r.Header("x-lark-request-timestamp"), r.Header("x-lark-request-nonce"), r.Header("x-lark-signature")
	if timestamp == "" && nonce == "" && signature == "" {
		return p.unsigned(r.Body)
	}
	if timestamp == "" || nonce == "" || signature == "" {
		return Delivery{}, &RefusedError{ReasonMissing}
	}
	if _, reason := fresh(timestamp, secondsDigits, now); reason != "" {
		return Delivery{}, &RefusedError{reason}
	}
	signer := feishuVerify(p.keys, timestamp, nonce, signature, r.Body)
	if signer < 0 {
		return Delivery{}, &RefusedError{ReasonNoMatch}
	}
	event, ok := feishuOpen(p.keys[signer], r.Body)
	if !ok {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	d, err := p.event(event)
	if err != nil {
		return Delivery{}, err
	}
	d.SecretNumber = signer + 1
	return d, nil
}

// unsigned takes URL checks, which Feishu does not sign. Decryption proves
// nothing, because the cipher has no checksum; the Verification Token in it
// does. Nothing else of an unsigned body gets any other answer than a forged
// one gets, or its sender could have it decrypted.
func (p *feishu) unsigned(body []byte) (Delivery, error) {
	var d Delivery
	for i, key := range p.keys {
		event, ok := feishuOpen(key, body)
		if direct := p.challenge(event); ok && direct != nil && d.Direct == nil {
			d = Delivery{Direct: direct, SecretNumber: i + 1}
		}
	}
	if d.Direct == nil {
		return Delivery{}, &RefusedError{ReasonMissing}
	}
	return d, nil
}

// challenge answers a URL check; nil if the event is none, or not with our token.
func (p *feishu) challenge(e feishuEvent) *Response {
	if e.Type != "url_verification" || e.Challenge == "" || len(e.Challenge) > feishuMaxChallenge || !feishuOneOf(p.tokens, e.Token) {
		return nil
	}
	body, err := json.Marshal(map[string]string{"challenge": e.Challenge})
	if err != nil {
		return nil
	}
	response := feishuTaken()
	response.Body = body
	return &response
}

// event judges a signed event.
func (p *feishu) event(e feishuEvent) (Delivery, error) {
	if e.Type == "url_verification" {
		if direct := p.challenge(e); direct != nil {
			return Delivery{Direct: direct}, nil
		}
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	if e.Schema != "2.0" {
		return feishuIgnored("old-schema"), nil
	}
	if !feishuOneOf(p.tokens, e.Header.Token) || e.Header.App != p.app || e.Header.Tenant != p.tenant {
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	if !plainID(e.Header.ID, "_-", 128) {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	switch e.Header.Type {
	case "im.message.receive_v1":
		return p.message(e)
	case "card.action.trigger":
		return p.click(e)
	default:
		return feishuIgnored("other-event"), nil
	}
}

// feishuOpen decrypts and parses a body: as a whole, never the first value of
// it, because more could have been appended.
func feishuOpen(key string, body []byte) (feishuEvent, bool) {
	var envelope feishuEnvelope
	if json.Unmarshal(body, &envelope) != nil || envelope.Encrypt == "" {
		return feishuEvent{}, false
	}
	plain, ok := feishuDecrypt(key, envelope.Encrypt)
	if !ok {
		return feishuEvent{}, false
	}
	var event feishuEvent
	if json.Unmarshal(plain, &event) != nil {
		return feishuEvent{}, false
	}
	return event, true
}

func feishuIgnored(why string) Delivery {
	taken := feishuTaken()
	return Delivery{Direct: &taken, Ignored: why}
}
