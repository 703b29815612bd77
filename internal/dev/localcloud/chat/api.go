package chat

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// maxReply bounds the body of a reply. Own choice, above the limit of every
// platform.
const maxReply = 128 << 10

// address is a reply address, which works for a limited time.
type address struct {
	secret   string
	platform string
	room     string
	user     string // whose message it came with
	answers  string // that message's id
	original string // of a click on Slack: the message that was clicked
	until    time.Time
	left     int // uses; negative: any number
}

// apiRequest is a request to a reply API.
type apiRequest struct {
	host         string
	method, path string
	query        url.Values
	header       http.Header
	body         []byte
}

// apiAnswer is what a reply API answers.
type apiAnswer struct {
	status  int
	body    string
	message string // the message that was made, or answered
	problem string
}

// hosts are the hosts of the real reply APIs.
func host(name string) string {
	switch name {
	case "oapi.dingtalk.com", "api.dingtalk.com":
		return DingTalk
	case "open.feishu.cn":
		return Feishu
	case "qyapi.weixin.qq.com":
		return WeCom
	case "hooks.slack.com", "slack.com":
		return Slack
	}
	return ""
}

// Handler serves the reply APIs of all platforms, distinguished by the Host header.
func (s *Service) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := host(r.Host)
		if name == "" {
			http.Error(w, "no chat platform's reply API is at this host", http.StatusMisdirectedRequest)
			return
		}
		began := time.Now()
		s.opts.Before(name, r.URL.Path)
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReply))
		a := apiAnswer{status: http.StatusRequestEntityTooLarge, body: `{"errcode":-1,"errmsg":"request entity too large"}`}
		if err == nil {
			a = s.serve(name, apiRequest{host: r.Host, method: r.Method, path: r.URL.EscapedPath(), query: r.URL.Query(), header: r.Header, body: body})
		}
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		if a.status == http.StatusTooManyRequests {
			h.Set("Retry-After", "1")
		}
		s.record(Exchange{
			Platform: name, Message: a.message, At: s.opts.Now(), Incoming: true, What: "reply",
			Method: r.Method, URL: "https://" + r.Host + r.URL.RequestURI(), Header: lines(r.Header), Body: string(body),
			Status: a.status, AnswerHeader: lines(h), Answer: a.body, Took: time.Since(began), Problem: a.problem,
		})
		s.opts.After(name, r.URL.Path)
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body) // the function may have disconnected
	})
}

func (s *Service) serve(name string, r apiRequest) apiAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down[name] {
		return apiAnswer{status: http.StatusServiceUnavailable, body: "upstream connect error", problem: "down, as was asked for"}
	}
	return s.platforms[name].reply(r)
}

// refuses reports whether the next reply must be refused, and counts it. The
// caller holds s.mu.
func (s *Service) refuses(name string) bool {
	if s.refusals[name] == 0 {
		return false
	}
	s.refusals[name]--
	return true
}

// keep makes an address usable. The caller holds s.mu.
func (s *Service) keep(a address) {
	s.addresses = append(s.addresses, &a)
	if len(s.addresses) > maxAddresses {
		s.addresses = slices.Delete(s.addresses, 0, 1)
	}
}

// lookUp finds an address that still works; why says why it does not. The
// caller holds s.mu.
func (s *Service) lookUp(platform, secret string) (a *address, why string) {
	for _, a := range s.addresses {
		switch {
		case a.platform != platform || a.secret != secret:
		case s.opts.Now().After(a.until):
			return nil, "expired"
		case a.left == 0:
			return nil, "used up"
		default:
			return a, ""
		}
	}
	return nil, "unknown"
}

// use counts one use of an address, and shows a message in its room.
func (s *Service) use(a *address, dr draft) *Message {
	if a.left > 0 {
		a.left--
	}
	m := dr.message(a.platform, a.room, a.answers, "reply", s.opts.Now())
	s.add(m)
	return m
}

// draft is a bot's message, as its platform parses it.
type draft struct {
	raw         []byte
	title, tone string
	blocks      []Block
	buttons     []Button
	mentions    []string
	onlyFor     string
	shared      bool // of a card of Feishu: everybody sees its updates
}

func (d *draft) message(platform, room, answers, way string, at time.Time) *Message {
	m := &Message{ID: token()[:12], Kind: Bot, Platform: platform, Room: room, At: at, Answers: answers, Way: way}
	m.nativeID = "om_" + m.ID
	if platform == Slack {
		m.nativeID = slackStamp(at)
	}
	d.fill(m)
	return m
}

// slackStamp is the timestamp of a message, which is its id on Slack.
func slackStamp(at time.Time) string {
	return strconv.FormatInt(at.Unix(), 10) + "." + strconv.Itoa(at.Nanosecond()/1000 + 1000000)[1:]
}

// fill puts the draft's content into a message.
func (d *draft) fill(m *Message) {
	m.Title, m.Tone, m.Blocks, m.Buttons, m.OnlyFor = d.title, d.tone, d.blocks, d.buttons, d.onlyFor
	m.Mentions = slices.Concat(d.mentions, mentions(d.blocks))
	m.Text = plainText(d.title, d.blocks)
	m.Raw = json.RawMessage(bytes.Clone(d.raw))
	if !json.Valid(m.Raw) {
		m.Raw = encode(string(d.raw))
	}
}

// isJSON reports whether a Content-Type is JSON.
func isJSON(contentType string) bool {
	return len(contentType) >= 16 && contentType[:16] == "application/json"
}
