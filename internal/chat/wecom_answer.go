package chat

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
)

// wecomCDATA is a text in XML that is not parsed.
type wecomCDATA struct {
	Text string `xml:",cdata"`
}

// wecomAppReply is what an app answers.
type wecomAppReply struct {
	XMLName xml.Name   `xml:"xml"`
	To      wecomCDATA `xml:"ToUserName"`
	From    wecomCDATA `xml:"FromUserName"`
	Created int64      `xml:"CreateTime"`
	Type    wecomCDATA `xml:"MsgType"`
	Content wecomCDATA `xml:"Content"`
}

// wecomAppEnvelope is its encrypted form.
type wecomAppEnvelope struct {
	XMLName   xml.Name   `xml:"xml"`
	Encrypt   wecomCDATA `xml:"Encrypt"`
	Signature wecomCDATA `xml:"MsgSignature"`
	Time      int64      `xml:"TimeStamp"`
	Nonce     wecomCDATA `xml:"Nonce"`
}

// wecomBotReply is what an AI bot answers: a stream that ends with its first
// piece. A message of type text is taken only as a welcome
// (developer.work.weixin.qq.com/document/path/101031).
type wecomBotReply struct {
	Type   string      `json:"msgtype"`
	Stream wecomStream `json:"stream"`
}

type wecomStream struct {
	ID      string `json:"id"`
	Finish  bool   `json:"finish"`
	Content string `json:"content"`
}

// wecomBotEnvelope is its encrypted form (document/path/101033).
type wecomBotEnvelope struct {
	Encrypt   string `json:"encrypt"`
	Signature string `json:"msgsignature"`
	Time      int64  `json:"timestamp"`
	Nonce     string `json:"nonce"`
}

// Answer renders the answer, encrypted and signed with the pair that signed the
// message. WeCom shows it.
func (p *wecom) Answer(d Delivery, t Text) (Response, bool) {
	a, ok := d.answer.(wecomAnswer)
	if !ok || a.pair >= len(p.pairs) {
		return *wecomIgnored("").Direct, true
	}
	body, contentType, ok := p.appAnswer(a, t)
	if !a.app {
		body, contentType, ok = p.botAnswer(a, t)
	}
	if !ok {
		return *wecomIgnored("").Direct, true
	}
	return Response{Status: http.StatusOK, ContentType: contentType, Body: body}, false
}

func (p *wecom) appAnswer(a wecomAnswer, t Text) (body []byte, contentType string, ok bool) {
	message, err := xml.Marshal(wecomAppReply{
		To: wecomCDATA{a.user}, From: wecomCDATA{p.corp}, Created: a.at.Unix(), Type: wecomCDATA{"text"}, Content: wecomCDATA{wecomText(t)},
	})
	if err != nil {
		return nil, "", false
	}
	encrypted, signature, nonce, ok := p.close(a, message, p.corp)
	body, err = xml.Marshal(wecomAppEnvelope{
		Encrypt: wecomCDATA{encrypted}, Signature: wecomCDATA{signature}, Time: a.at.Unix(), Nonce: wecomCDATA{nonce},
	})
	return body, "application/xml; charset=utf-8", ok && err == nil
}

func (p *wecom) botAnswer(a wecomAnswer, t Text) (body []byte, contentType string, ok bool) {
	// The same for a redelivery, so that the same stream is answered again.
	id := sha256.Sum256([]byte(a.id))
	message, err := json.Marshal(wecomBotReply{
		Type: "stream", Stream: wecomStream{ID: hex.EncodeToString(id[:16]), Finish: true, Content: wecomMarkdown(t)},
	})
	if err != nil {
		return nil, "", false
	}
	encrypted, signature, nonce, ok := p.close(a, message, "")
	body, err = json.Marshal(wecomBotEnvelope{Encrypt: encrypted, Signature: signature, Time: a.at.Unix(), Nonce: nonce})
	return body, "application/json; charset=utf-8", ok && err == nil
}

// close encrypts and signs an answer.
func (p *wecom) close(a wecomAnswer, message []byte, receiver string) (encrypted, signature, nonce string, ok bool) {
	pair := p.pairs[a.pair]
	encrypted, ok = wecomEncrypt(pair.key, message, receiver)
	var random [8]byte
	_, _ = rand.Read(random[:]) // it does not fail
	nonce = hex.EncodeToString(random[:])
	sum := wecomSign(pair.token, strconv.FormatInt(a.at.Unix(), 10), nonce, encrypted)
	return encrypted, hex.EncodeToString(sum), nonce, ok
}
