package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// wecomSigned is a request's verified part.
type wecomSigned struct {
	pair     int
	at       time.Time
	text     []byte // decrypted
	receiver string
}

// Receive verifies a URL check or a message. Of the envelope and the query, what
// the signature does not cover is not looked at.
func (p *wecom) Receive(_ context.Context, _ Doer, r Request, now time.Time) (Delivery, error) {
	if len(r.Body) > MaxBody {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	switch r.Method {
	case http.MethodGet:
		// Who decoded the query may have taken a "+" for a space.
		signed, err := p.verify(r.Query, strings.ReplaceAll(r.Query["echostr"], " ", "+"), now)
		if err != nil {
			return Delivery{}, err
		}
		return p.echo(signed)
	case http.MethodPost:
		encrypted, isXML, ok := wecomEnvelope(r.Body)
		if !ok {
			return Delivery{}, &RefusedError{ReasonUnreadable}
		}
		signed, err := p.verify(r.Query, encrypted, now)
		if err != nil {
			return Delivery{}, err
		}
		read := p.botMessage
		if isXML {
			read = p.appMessage
		}
		d, err := read(signed)
		if err != nil {
			return Delivery{}, err
		}
		d.SecretNumber = signed.pair + 1
		return d, nil
	default:
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
}

// verify checks the signature over an encrypted text, and opens it with the key
// that belongs to the token that signed.
func (p *wecom) verify(query map[string]string, encrypted string, now time.Time) (wecomSigned, error) {
	signature, timestamp, nonce := query["msg_signature"], query["timestamp"], query["nonce"]
	if signature == "" || timestamp == "" || nonce == "" || encrypted == "" {
		return wecomSigned{}, &RefusedError{ReasonMissing}
	}
	at, reason := fresh(timestamp, secondsDigits, now)
	if reason != "" {
		return wecomSigned{}, &RefusedError{reason}
	}
	if !plainID(nonce, "_-", 64) {
		return wecomSigned{}, &RefusedError{ReasonNoMatch}
	}
	pair := wecomVerify(p.pairs, timestamp, nonce, encrypted, signature)
	if pair < 0 {
		return wecomSigned{}, &RefusedError{ReasonNoMatch}
	}
	text, receiver, ok := wecomDecrypt(p.pairs[pair].key, encrypted)
	if !ok {
		return wecomSigned{}, &RefusedError{ReasonUnreadable}
	}
	return wecomSigned{pair, at, text, receiver}, nil
}

// echo answers a URL check, which is for the app or for the AI bot.
func (p *wecom) echo(s wecomSigned) (Delivery, error) {
	forApp, forBot := p.agent != "" && s.receiver == p.corp, p.bot != "" && s.receiver == ""
	if !forApp && !forBot {
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	return Delivery{
		SecretNumber: s.pair + 1,
		Direct:       &Response{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: s.text},
	}, nil
}

// wecomEnvelope finds the encrypted text: XML comes for apps, JSON for AI bots.
func wecomEnvelope(body []byte) (encrypted string, isXML, ok bool) {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("<")) {
		var envelope struct {
			XMLName xml.Name `xml:"xml"`
			Encrypt []string `xml:"Encrypt"`
		}
		err := wecomXML(body, &envelope)
		encrypted, one := wecomOne(envelope.Encrypt)
		return encrypted, true, err == nil && one
	}
	var envelope struct {
		Encrypt string `json:"encrypt"`
	}
	err := json.Unmarshal(body, &envelope)
	return envelope.Encrypt, false, err == nil && envelope.Encrypt != ""
}

// wecomXML parses a whole document: one element and nothing after it.
func wecomXML(text []byte, into any) error {
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

// wecomOne is the value of an element that must be there once. What a person
// wrote is inside the document: it could not smuggle in a second sender.
func wecomOne(values []string) (string, bool) {
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}
