package chattest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" // WeCom prescribes it
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

const (
	weComToken       = "current-callback-token-01"
	weComKey         = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	weComPrevious    = "previous-callback-token-0"
	weComPreviousKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	weComCorp        = "wx5823bf96d3bd56c7"
	weComGroup       = "73febdcb-1b38-4d1b-a994-790f21fc8d30"
	weComSecret      = "app-secret-app-secret-app-secret-app-secret"
)

func weCom() Fixture {
	response := chat.Reply{Platform: "wecom", Kind: "response", Address: "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=h1dd3n", Room: "wr1"}
	app := chat.Reply{Platform: "wecom", Kind: "app", Address: "zhangsan", Room: "zhangsan"}
	foreign := []chat.Reply{
		{},
		{Platform: "slack", Kind: "response", Address: response.Address},
		{Platform: "wecom", Kind: "session", Address: "x"},
		{Platform: "wecom", Kind: "app", Address: "@all"},
		{Platform: "wecom", Kind: "app", Address: "a|b"},
		{Platform: "wecom", Kind: "app"},
	}
	codes := []Code{
		{200, `{"errcode":-1,"errmsg":"system busy"}`, true, "-1"},
		{200, `{"errcode":45009}`, true, "45009"},
		{200, `{"errcode":60020,"errmsg":"not allow to access from your ip"}`, false, "60020"},
		{200, `{"errcode":81013}`, false, "81013"},
		{200, `{"errcode":424242,"errmsg":"oracle"}`, false, "424242"},
		{502, `{"errcode":424242}`, true, "424242"},
		{200, `{"errcode":42001}`, true, "42001"},
		{200, `{"errcode":0,"invaliduser":"zhangsan"}`, false, "invaliduser"},
	}
	token := func(r *http.Request) (string, bool) {
		return `{"errcode":0,"errmsg":"ok","access_token":"h1dd3n","expires_in":7200}`, r.URL.Path == "/cgi-bin/gettoken"
	}
	return Fixture{
		Name: "wecom",
		Settings: "token=" + weComToken + ";token=" + weComPrevious + ";aesKey=" + weComKey + ";aesKey=" + weComPreviousKey +
			";corp=" + weComCorp + ";bot=aib-1;agent=218;agentSecret=" + weComSecret + ";group=ops:" + weComGroup,
		Hidden:  [][2]string{{weComToken, weComPrevious}, {weComKey, weComPreviousKey}},
		Secrets: []string{weComSecret, weComGroup},
		Lang:    lang.Chinese,
		Rooms:   weComRooms(token),
		Forms: []Form{
			{Name: "AI bot", Request: weComRequest(weComBot, ""), Last: weComRequest(weComLast, ""), Read: readWeComResponse, Others: []Other{
				{Name: "a stream's next piece", Request: weComRequest(replaced(weComBot, `"msgtype":"text"`, `"msgtype":"stream"`), ""), Ignored: chat.IgnoredEvent},
				{Name: "another corporation's member", Request: weComRequest(replaced(weComBot, `{"userid":"zhangsan"}`, `{"userid":"u","corpid":"wx2"}`), ""), Ignored: chat.IgnoredOutsider},
				{Name: "everybody", Request: weComRequest(replaced(weComBot, "zhangsan", "@all"), ""), Ignored: chat.IgnoredNoIdentity},
				{Name: "a picture", Request: weComRequest(replaced(weComBot, `"msgtype":"text"`, `"msgtype":"image"`), ""), Problem: chat.ProblemTextOnly},
			}},
			{Name: "app", Request: weComRequest(weComApp, weComCorp), Dated: true, Read: readWeComResponse, Others: []Other{
				{Name: "an event", Request: weComRequest(replaced(weComApp, "<MsgType>text", "<MsgType>event"), weComCorp), Ignored: chat.IgnoredEvent},
				{Name: "everybody", Request: weComRequest(replaced(weComApp, "zhangsan", "@all"), weComCorp), Ignored: chat.IgnoredNoIdentity},
				{Name: "another event of a card", Request: weComRequest(replaced(weComClick, "template_card_event", "template_card_menu_event"), weComCorp), Ignored: chat.IgnoredEvent},
				{Name: "speech", Request: weComRequest(replaced(weComApp, "<MsgType>text", "<MsgType>voice"), weComCorp), Problem: chat.ProblemTextOnly},
			}},
			{Name: "click", Request: weComRequest(weComClick, weComCorp), Dated: true, Clicked: true, Others: []Other{
				{Name: "a button without a command", Request: weComRequest(func(s Sent) string { s.Text = ""; return weComClick(s) }, weComCorp), Ignored: chat.IgnoredNoCommand},
				{Name: "everybody", Request: weComRequest(replaced(weComClick, "zhangsan", "@all"), weComCorp), Ignored: chat.IgnoredNoIdentity},
			}},
		},
		Replies: []Reply{
			{Name: "response", To: response, Foreign: foreign, Hidden: "h1dd3n", Success: `{"errcode":0,"errmsg":"ok"}`, Codes: codes, Read: readWeComMessage},
			{Name: "app", To: app, Foreign: foreign, Hidden: "h1dd3n", Success: `{"errcode":0,"errmsg":"ok","invaliduser":""}`, Codes: codes, Token: token, Read: readWeComMessage},
		},
	}
}

func weComAES(signer Signer) []byte {
	text := map[Signer]string{Current: weComKey, Previous: weComPreviousKey, Stranger: strings.Repeat("A", 43), Empty: strings.Repeat("B", 43)}[signer]
	key, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil {
		panic(err)
	}
	return key
}

func weComSign(token, stamp, nonce, encrypted string) string {
	parts := []string{token, stamp, nonce, encrypted}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) // WeCom prescribes it
	return hex.EncodeToString(sum[:])
}

func weComRequest(content func(Sent) string, receiver string) func(Sent) chat.Request {
	return func(s Sent) chat.Request {
		key, text := weComAES(s.Signer), s.content(content(s))
		plain := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(text)))
		encrypted := base64.StdEncoding.EncodeToString(encryptCBC(key, key[:aes.BlockSize], padded(append(append(plain, text...), receiver...), 32)))
		body := `{"encrypt":"` + encrypted + `"}`
		if receiver != "" {
			body = "<xml><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>"
		}
		r, stamp, nonce := post(body, nil), s.stamp(chat.Seconds), "1372623149"
		if !s.Bare {
			r.Query = map[string]string{
				"timestamp": stamp, "nonce": nonce, "msg_signature": weComSign(s.secret([2]string{weComToken, weComPrevious}), stamp, nonce, encrypted),
			}
		}
		return r
	}
}

func weComBot(s Sent) string {
	return object(map[string]any{
		"msgid": fmt.Sprintf("CAIQ%d", s.N), "aibotid": either(s.Foreign, "aib-1", "aib-2"), "chatid": "wr1", "chattype": "group",
		"from": map[string]any{"userid": "zhangsan"}, "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC1",
		"msgtype": "text", "text": map[string]any{"content": "@vpn " + s.Text},
	})
}

func weComLast(s Sent) string {
	return replaced(weComBot, `"@vpn `, `"`)(Sent{N: s.N, Text: s.Text + " @vpn", At: s.At, Foreign: s.Foreign})
}

func weComApp(s Sent) string {
	return "<xml><ToUserName>" + weComCorp + "</ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>" + s.written(chat.Seconds) + "</CreateTime><MsgType>text</MsgType>" +
		"<Content><![CDATA[" + s.Text + "]]></Content><MsgId>" + fmt.Sprintf("4561%d", s.N) + "</MsgId><AgentID>" + either(s.Foreign, "218", "219") + "</AgentID></xml>"
}

func weComClick(s Sent) string {
	return "<xml><ToUserName>" + weComCorp + "</ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>" + s.written(chat.Seconds) + "</CreateTime><MsgType>event</MsgType>" +
		"<Event>template_card_event</Event><EventKey><![CDATA[" + s.Text + "]]></EventKey><TaskId>" + fmt.Sprintf("task%d", s.N) + "</TaskId><CardType>button_interaction</CardType>" +
		"<ResponseCode>rc1</ResponseCode><AgentID>" + either(s.Foreign, "218", "219") + "</AgentID></xml>"
}

func weComRooms(token func(*http.Request) (string, bool)) []Room {
	codes := []Code{
		{200, `{"errcode":-1,"errmsg":"system busy"}`, true, "-1"},
		{200, `{"errcode":45009}`, true, "45009"},
		{200, `{"errcode":60020,"errmsg":"oracle"}`, false, "60020"},
		{502, `{"errcode":424242}`, true, "424242"},
	}
	bad := []chat.Room{
		{},
		{Platform: "wecom", Tenant: "wx2", ID: "zhangsan"},
		{Platform: "slack", Tenant: weComCorp, ID: "zhangsan"},
		{Platform: "wecom", Tenant: weComCorp, ID: "@all"},
		{Platform: "wecom", Tenant: weComCorp, ID: "a|b"},
		{Platform: "wecom", Tenant: weComCorp, ID: "#"},
		{Platform: "wecom", Tenant: weComCorp, ID: "#a b"},
		{Platform: "wecom", Tenant: weComCorp, ID: "wrO9o4EAAAeR_nSlmjeX1RWrKAKxN8jQ"},
	}
	app := func(id string) Room {
		return Room{
			Name: "people", To: chat.Room{Platform: "wecom", Tenant: weComCorp, ID: id}, Bad: bad, People: []string{"zhangsan", "lisi"}, Hidden: "h1dd3n",
			Token: token, Posted: `{"errcode":0,"errmsg":"ok","response_code":"rc-0_1"}`, Handle: "rc-0_1", Updated: `{"errcode":0}`,
			BadHandles: []string{"", "a b", "a&b", strings.Repeat("a", 513)}, Codes: codes,
			Over:  []Code{{200, `{"errcode":40232,"errmsg":"oracle"}`, false, chat.CodeNotUpdatable}},
			Short: true, Before: readWeComMessage,
			ID: func(body []byte) string {
				var m struct {
					Card struct {
						Task string `json:"task_id"`
					} `json:"template_card"`
				}
				if read(body, &m) != nil {
					return ""
				}
				return m.Card.Task
			},
			Read: readWeComCard,
		}
	}
	person, approvers := app("zhangsan"), app("@approvers")
	person.Name, person.Silent = "person", true
	person.Codes = append(person.Codes, Code{200, `{"errcode":81013}`, false, "81013"})
	approvers.Name, approvers.Whom = "approvers", true
	group := Room{
		Name: "group", To: chat.Room{Platform: "wecom", Tenant: weComCorp, ID: "#ops"}, Bad: bad, People: []string{"zhangsan", "lisi"}, Hidden: weComGroup,
		Posted: `{"errcode":0,"errmsg":"ok"}`, Codes: append(codes, Code{200, `{"errcode":93000,"errmsg":"oracle"}`, false, "93000"}),
		Read: func(r *http.Request, body []byte) (Shown, error) {
			var m struct {
				Type string `json:"msgtype"`
				Text struct {
					Content string   `json:"content"`
					Mention []string `json:"mentioned_list"`
				} `json:"text"`
			}
			if err := read(body, &m); err != nil {
				return Shown{}, err
			}
			if r.Method != http.MethodPost || r.URL.RequestURI() != "/cgi-bin/webhook/send?key="+weComGroup || m.Type != "text" {
				return Shown{}, fmt.Errorf("the API refuses %s %s of %s", r.Method, r.URL.Path, m.Type)
			}
			shown, err := weComText(m.Text.Content)
			shown.Mentions = m.Text.Mention
			return shown, err
		},
	}
	return []Room{person, approvers, group}
}

// readWeComCard reads a card of the app, or the update of one.
func readWeComCard(r *http.Request, body []byte) (Shown, error) {
	var m struct {
		To    string `json:"touser"`
		Type  string `json:"msgtype"`
		Agent int    `json:"agentid"`
		Code  string `json:"response_code"`
		All   int    `json:"atall"`
		Card  struct {
			Kind  string `json:"card_type"`
			Title struct {
				Title string `json:"title"`
			} `json:"main_title"`
			Text    string `json:"sub_title_text"`
			Task    string `json:"task_id"`
			Buttons []struct {
				Text string `json:"text"`
				Key  string `json:"key"`
			} `json:"button_list"`
			Action *struct {
				Type int    `json:"type"`
				URL  string `json:"url"`
			} `json:"card_action"`
		} `json:"template_card"`
	}
	if err := read(body, &m); err != nil {
		return Shown{}, err
	}
	send := r.URL.Path == "/cgi-bin/message/send" && m.Type == "template_card" && m.To != "" && m.Code == ""
	update := r.URL.Path == "/cgi-bin/message/update_template_card" && m.Code == "rc-0_1" && m.All == 1 && m.To == ""
	if !send && !update || m.Agent != 218 || m.Card.Task == "" || len(m.Card.Task) > 128 || m.Card.Title.Title == "" {
		return Shown{}, fmt.Errorf("the API refuses %s: %s", r.URL.Path, body)
	}
	switch interactive := m.Card.Kind == "button_interaction"; {
	case interactive && (len(m.Card.Buttons) == 0 || len(m.Card.Buttons) > 6), !interactive && (m.Card.Kind != "text_notice" || m.Card.Action == nil || m.Card.Action.URL == "" || len(m.Card.Buttons) > 0):
		return Shown{}, fmt.Errorf("the API refuses the card %s", body)
	case utf8.RuneCountInString(m.Card.Title.Title) > 36, utf8.RuneCountInString(m.Card.Text) > 160:
		return Shown{}, fmt.Errorf("WeCom cuts the card %s", body)
	}
	out := Shown{Texts: []string{m.Card.Title.Title, m.Card.Text}, Typed: m.Card.Text}
	if m.To != "zhangsan" {
		out.Mentions = strings.Split(m.To, "|")
	}
	for _, b := range m.Card.Buttons {
		if b.Text == "" || utf8.RuneCountInString(b.Text) > 10 || len(b.Key) > 1024 {
			return Shown{}, fmt.Errorf("the API refuses the button %+v", b)
		}
		out.Texts, out.Commands, out.Says = append(out.Texts, b.Text), append(out.Commands, b.Key), append(out.Says, "")
	}
	return out, plainTexts(out.Texts...)
}

// readWeComResponse opens a response to a message that was signed with the
// current token.
func readWeComResponse(r chat.Response) (Shown, error) {
	var envelope struct {
		XMLName   xml.Name `json:"-"            xml:"xml"`
		Encrypt   string   `json:"encrypt"      xml:"Encrypt"`
		Signature string   `json:"msgsignature" xml:"MsgSignature"`
		Time      int64    `json:"timestamp"    xml:"TimeStamp"`
		Nonce     string   `json:"nonce"        xml:"Nonce"`
	}
	isXML := strings.HasPrefix(r.ContentType, "application/xml")
	var err error
	if isXML {
		err = xml.Unmarshal(r.Body, &envelope)
	} else {
		err = read(r.Body, &envelope)
	}
	if err != nil {
		return Shown{}, err
	}
	if weComSign(weComToken, strconv.FormatInt(envelope.Time, 10), envelope.Nonce, envelope.Encrypt) != envelope.Signature {
		return Shown{}, errors.New("the response is not signed")
	}
	raw, err := base64.StdEncoding.DecodeString(envelope.Encrypt)
	if err != nil {
		return Shown{}, err
	}
	key := weComAES(Current)
	block, err := aes.NewCipher(key)
	if err != nil {
		return Shown{}, err
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(raw, raw)
	length := binary.BigEndian.Uint32(raw[16:20])
	message := raw[20 : 20+length]
	if isXML {
		var m struct {
			XMLName xml.Name `xml:"xml"`
			Content string   `xml:"Content"`
		}
		if err := xml.Unmarshal(message, &m); err != nil {
			return Shown{}, err
		}
		return weComText(m.Content)
	}
	var m struct {
		Stream struct {
			Finish  bool   `json:"finish"`
			Content string `json:"content"`
		} `json:"stream"`
	}
	if err := read(message, &m); err != nil {
		return Shown{}, err
	}
	if !m.Stream.Finish {
		return Shown{}, errors.New("the stream does not end")
	}
	return weComMarkdown(m.Stream.Content)
}

// readWeComMessage reads a message to a response_url, or of the app.
func readWeComMessage(body []byte) (Shown, error) {
	var m struct {
		Type     string `json:"msgtype"`
		To       string `json:"touser"`
		Markdown struct {
			Content string `json:"content"`
		} `json:"markdown"`
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	if err := read(body, &m); err != nil {
		return Shown{}, err
	}
	if m.Type == "markdown" {
		return weComMarkdown(m.Markdown.Content)
	}
	if !strings.HasPrefix(m.To, "zhangsan") {
		return Shown{}, fmt.Errorf("it is to %q", m.To)
	}
	return weComText(m.Text.Content)
}

func weComText(text string) (Shown, error) {
	if len(text) > 2048 {
		return Shown{}, fmt.Errorf("%d bytes are too long for a text", len(text))
	}
	return Shown{Texts: []string{text}, Typed: text}, plainTexts(text)
}

// listItem reports whether a line is an item of an ordered list in Markdown: its
// number is followed by a point or a parenthesis, and by a blank or nothing
// (https://spec.commonmark.org/0.31.2/#list-items).
func listItem(line string) bool {
	rest := strings.TrimLeft(line, "0123456789")
	if len(rest) == len(line) || rest == "" || !strings.ContainsAny(rest[:1], ".)") {
		return false
	}
	return len(rest) == 1 || rest[1] == ' '
}

// weComMarkdown checks that formats are in code alone, and that no line begins
// one.
func weComMarkdown(text string) (Shown, error) {
	out := Shown{Texts: []string{text}, Typed: text}
	if len(text) > 20480 {
		return out, fmt.Errorf("%d bytes are too long for Markdown", len(text))
	}
	for line := range strings.SplitSeq(text, "\n") {
		parts := strings.Split(line, "`")
		if len(parts)%2 != 1 {
			return out, fmt.Errorf("a single back-tick in %q", line)
		}
		for i, part := range parts {
			if i%2 == 0 && strings.ContainsAny(part, "*_[]~#>|\\$&") {
				return out, fmt.Errorf("markup in %q", line)
			}
		}
		if strings.HasPrefix(line, " ") || strings.ContainsAny(line[:min(1, len(line))], "-+=") || listItem(line) {
			return out, fmt.Errorf("%q begins a format", line)
		}
	}
	return out, plainTexts(text)
}
