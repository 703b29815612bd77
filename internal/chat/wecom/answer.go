package wecom

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// cdata is text in XML that is not parsed.
type cdata struct {
	Text string `xml:",cdata"`
}

// appReply is the answer of an app.
type appReply struct {
	XMLName xml.Name `xml:"xml"`
	To      cdata    `xml:"ToUserName"`
	From    cdata    `xml:"FromUserName"`
	Created int64    `xml:"CreateTime"`
	Type    cdata    `xml:"MsgType"`
	Content cdata    `xml:"Content"`
}

// appEnvelope is its encrypted form.
type appEnvelope struct {
	XMLName   xml.Name `xml:"xml"`
	Encrypt   cdata    `xml:"Encrypt"`
	Signature cdata    `xml:"MsgSignature"`
	Time      int64    `xml:"TimeStamp"`
	Nonce     cdata    `xml:"Nonce"`
}

// botReply is the answer of an AI bot: a stream that ends with its first piece.
// A message of type text is accepted as a welcome only
// (developer.work.weixin.qq.com/document/path/101031).
type botReply struct {
	Type   string `json:"msgtype"`
	Stream stream `json:"stream"`
}

type stream struct {
	ID      string `json:"id"`
	Finish  bool   `json:"finish"`
	Content string `json:"content"`
}

// botEnvelope is its encrypted form (document/path/101033).
type botEnvelope struct {
	Encrypt   string `json:"encrypt"`
	Signature string `json:"msgsignature"`
	Time      int64  `json:"timestamp"`
	Nonce     string `json:"nonce"`
}

// Answer renders the response, which WeCom shows. It is encrypted and signed with
// the token and key of the message.
func (p *Platform) Answer(d chat.Delivery, t chat.Text) (res chat.Response, later bool) {
	a, ok := d.State.(answerState)
	if !ok {
		return acknowledged(), true
	}
	body, contentType, ok := p.appAnswer(a, t)
	if !a.app {
		body, contentType, ok = p.botAnswer(a, t)
	}
	if !ok {
		return acknowledged(), true
	}
	return chat.Response{Status: http.StatusOK, ContentType: contentType, Body: body}, false
}

func (p *Platform) appAnswer(a answerState, t chat.Text) (body []byte, contentType string, ok bool) {
	message, err := xml.Marshal(appReply{
		To: cdata{a.user}, From: cdata{p.corp}, Created: a.at.Unix(), Type: cdata{"text"}, Content: cdata{renderText(t)},
	})
	if err != nil {
		return nil, "", false
	}
	encrypted, signature, nonce, ok := p.seal(a, message, p.corp)
	body, err = xml.Marshal(appEnvelope{
		Encrypt: cdata{encrypted}, Signature: cdata{signature}, Time: a.at.Unix(), Nonce: cdata{nonce},
	})
	return body, "application/xml; charset=utf-8", ok && err == nil
}

func (p *Platform) botAnswer(a answerState, t chat.Text) (body []byte, contentType string, ok bool) {
	// The same for a redelivery, which then answers the same stream.
	id := sha256.Sum256([]byte(a.id))
	message, err := json.Marshal(botReply{
		Type: "stream", Stream: stream{ID: hex.EncodeToString(id[:16]), Finish: true, Content: renderMarkdown(t)},
	})
	if err != nil {
		return nil, "", false
	}
	encrypted, signature, nonce, ok := p.seal(a, message, "")
	body, err = json.Marshal(botEnvelope{Encrypt: encrypted, Signature: signature, Time: a.at.Unix(), Nonce: nonce})
	return body, chat.ContentTypeJSON, ok && err == nil
}

// seal encrypts and signs an answer.
func (p *Platform) seal(a answerState, message []byte, receiver string) (encrypted, signature, nonce string, ok bool) {
	encrypted, ok = encrypt([]byte(p.keys[a.number-1].Reveal()), message, receiver)
	var random [8]byte
	_, _ = rand.Read(random[:]) // it does not fail
	nonce = hex.EncodeToString(random[:])
	sum := sign(p.tokens[a.number-1].Reveal(), strconv.FormatInt(a.at.Unix(), 10), nonce, encrypted)
	return encrypted, hex.EncodeToString(sum), nonce, ok
}
