package wecom

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// maxEcho bounds the text of a URL check, which consists of about 20 digits.
const maxEcho = 64

// signed is the verified part of a request.
type signed struct {
	number   int // of the token and its key, from 1
	at       time.Time
	since    time.Time // the earliest time that the signature can be of
	mac      []byte
	text     []byte // decrypted
	receiver string
}

// Receive verifies a URL check or a message. It does not use the parts of the
// envelope and the query that the signature does not cover.
func (p *Platform) Receive(_ context.Context, _ chat.Doer, r chat.Request, now time.Time) (chat.Delivery, error) {
	if reason := chat.Admit(r, p.Methods()...); reason != "" {
		return chat.Deny(reason)
	}
	// The trigger may have decoded a "+" of base64 to a blank.
	encrypted, read := strings.ReplaceAll(r.Query["echostr"], " ", "+"), p.echo
	if r.Method == http.MethodPost {
		var isXML, ok bool
		encrypted, isXML, ok = openEnvelope(r.Body)
		if !ok {
			return chat.Deny(chat.ReasonUnreadable)
		}
		if read = p.botMessage; isXML {
			read = p.appMessage
		}
	}
	s, err := p.verify(r.Query, encrypted, now)
	if err != nil {
		return chat.Delivery{}, err
	}
	d, err := p.open(s, encrypted, read)
	return chat.Verified(d, err, s.number, s.mac)
}

// open decrypts a verified text with the key that belongs to the token, and reads
// it.
func (p *Platform) open(s signed, encrypted string, read func(signed) (chat.Delivery, error)) (chat.Delivery, error) {
	var ok bool
	if s.text, s.receiver, ok = decrypt([]byte(p.keys[s.number-1].Reveal()), encrypted); !ok {
		return chat.Deny(chat.ReasonUnreadable)
	}
	return read(s)
}

// verify checks the signature over an encrypted text.
func (p *Platform) verify(query map[string]string, encrypted string, now time.Time) (signed, error) {
	signature, timestamp, nonce := query["msg_signature"], query["timestamp"], query["nonce"]
	if signature == "" || timestamp == "" || nonce == "" || encrypted == "" {
		return signed{}, &chat.RefusedError{Reason: chat.ReasonMissing}
	}
	at, reason := chat.Fresh(timestamp, chat.Seconds, now)
	if reason != "" {
		return signed{}, &chat.RefusedError{Reason: reason}
	}
	if !chat.PlainID(nonce, "_-", 64) {
		return signed{}, &chat.RefusedError{Reason: chat.ReasonNoMatch}
	}
	mac, err := hex.DecodeString(signature)
	number := verifySignature(p.tokens, timestamp, nonce, encrypted, mac)
	if number == 0 || err != nil {
		return signed{}, &chat.RefusedError{Reason: chat.ReasonNoMatch}
	}
	since := earliest(p.tokens[number-1].Reveal(), timestamp, nonce, encrypted, at)
	return signed{number: number, at: at, since: since, mac: mac}, nil
}

// echo answers a URL check, which is for the app or for the AI bot.
func (p *Platform) echo(s signed) (chat.Delivery, error) {
	forApp, forBot := p.agent != "" && s.receiver == p.corp, p.bot != "" && s.receiver == ""
	if !forApp && !forBot {
		return chat.Deny(chat.ReasonForeign)
	}
	// A message is signed in the same way. What is answered here is never one: those
	// are XML or JSON.
	if !chat.PlainID(string(s.text), "_-", maxEcho) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	return chat.Ignore(chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeText, Body: s.text}, "")
}

// openEnvelope finds the encrypted text. Apps receive XML, AI bots JSON.
func openEnvelope(body []byte) (encrypted string, isXML, ok bool) {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("<")) {
		var envelope struct {
			XMLName xml.Name `xml:"xml"`
			Encrypt []string `xml:"Encrypt"`
		}
		err := parseXML(body, &envelope)
		encrypted, one := single(envelope.Encrypt)
		return encrypted, true, err == nil && one
	}
	var envelope struct {
		Encrypt string `json:"encrypt"`
	}
	err := json.Unmarshal(body, &envelope)
	return envelope.Encrypt, false, err == nil && envelope.Encrypt != ""
}

// parseXML parses a whole document: one element and nothing after it.
func parseXML(text []byte, into any) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(into); err != nil {
		return err
	}
	for {
		token, err := d.Token()
		switch t := token.(type) {
		case nil:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case xml.CharData:
			if len(bytes.TrimSpace(t)) == 0 {
				continue
			}
		}
		return errors.New("there is something after the document")
	}
}

// single returns the value of an element that must occur once. The document
// contains what a person wrote, which must not be able to add a second sender.
func single(values []string) (string, bool) {
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}
