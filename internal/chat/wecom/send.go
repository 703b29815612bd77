package wecom

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const apiURL = "https://" + apiHost

// invalidUser stands for an answer that reports success and names the person
// as unknown.
const invalidUser = "invaliduser"

// apiAnswer is an answer of the API. It always has a code.
type apiAnswer struct {
	Code    *int64 `json:"errcode"`
	Token   string `json:"access_token"`
	Expires int64  `json:"expires_in"`
	Invalid string `json:"invaliduser"`
	Update  string `json:"response_code"` // of a card: updates it once, within 72 hours
}

type content struct {
	Content string `json:"content"`
}

// response is a message to a response_url.
type response struct {
	Type     string  `json:"msgtype"`
	Markdown content `json:"markdown"`
}

// appMessage is a message of an app. WeCom drops a second one with the same
// content, so that nobody receives a repetition.
type appMessage struct {
	To        string        `json:"touser"`
	Type      string        `json:"msgtype"`
	Agent     uint64        `json:"agentid"`
	Text      *content      `json:"text,omitempty"`
	Card      *templateCard `json:"template_card,omitempty"`
	Duplicate int           `json:"enable_duplicate_check"`
	Interval  int           `json:"duplicate_check_interval"` // seconds
}

// Send posts to a response_url, or as the app to the person. WeCom does not use
// the id.
func (p *Platform) Send(ctx context.Context, client chat.Doer, to chat.Reply, t chat.Text, _ string) error {
	switch {
	case to.Platform == name && to.Kind == replyResponse:
		_, err := call(ctx, client, http.MethodPost, to.Address, response{"markdown", content{renderMarkdown(t)}})
		return err
	case to.Platform == name && to.Kind == replyApp && isUser(to.Address):
		return p.sendAsApp(ctx, client, to.Address, renderText(t))
	default:
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the reply address is not one of WeCom's; nothing was sent"}
	}
}

func (p *Platform) sendAsApp(ctx context.Context, client chat.Doer, user, text string) error {
	agent, ok := p.app()
	if !ok {
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "answers to this message need agent and agentSecret, which CHAT_WECOM does not contain any more"}
	}
	_, err := p.callAPI(ctx, client, sendPath, textMessage(agent, user, text))
	return err
}

func textMessage(agent uint64, to, text string) appMessage {
	return appMessage{To: to, Type: "text", Agent: agent, Text: &content{text}, Duplicate: 1, Interval: 1800}
}

// app is the number of the own app; false where it cannot send messages.
func (p *Platform) app() (agent uint64, ok bool) {
	agent, err := strconv.ParseUint(p.agent, 10, 32)
	return agent, err == nil && !p.secret.IsZero()
}

// callAPI calls the API as the app.
func (p *Platform) callAPI(ctx context.Context, client chat.Doer, path string, message any) (got apiAnswer, err error) {
	err = p.access.Use(ctx, client, func(token secret.Text) (rejected bool, err error) {
		address := apiURL + path + "?" + url.Values{"access_token": {token.Reveal()}}.Encode()
		got, err = call(ctx, client, http.MethodPost, address, message)
		return tokenRejected(chat.NumericCode(got.Code)), err
	})
	return got, err
}

// authorize fetches an access token of the app.
func (p *Platform) authorize(ctx context.Context, client chat.Doer) (token string, seconds int64, err error) {
	query := url.Values{"corpid": {p.corp}, "corpsecret": {p.secret.Reveal()}}
	got, err := call(ctx, client, http.MethodGet, apiURL+authPath+"?"+query.Encode(), nil)
	if err == nil && got.Token == "" {
		err = chat.Answer{Status: http.StatusOK}.Failure("", explain)
	}
	return got.Token, got.Expires, err
}

// call calls the API. It fails with *chat.SendError if the API reports no
// success.
func call(ctx context.Context, client chat.Doer, method, address string, message any) (apiAnswer, error) {
	answer, err := chat.Call{Method: method, Address: address, Message: message}.Do(ctx, client)
	if err != nil {
		return apiAnswer{}, err
	}
	got := chat.Decode[apiAnswer](answer)
	switch {
	case got.Code == nil, *got.Code == 0 && answer.Status >= 300:
		return got, answer.Failure("", explain)
	case *got.Code == 0 && got.Invalid == "":
		return got, nil
	case *got.Code == 0:
		return got, answer.Failure(invalidUser, explain)
	default:
		return got, answer.Failure(chat.NumericCode(got.Code), explain)
	}
}

// explain says what a code of WeCom means.
func explain(code chat.FailureCode) (m chat.Meaning, known bool) {
	if tokenRejected(code) {
		return chat.Meaning{Again: true, Message: "WeCom rejects the access token that it has just issued"}, true
	}
	switch string(code) {
	case "-1", "6000":
		return chat.Meaning{Again: true, Message: "WeCom is busy"}, true
	case "45009", "45033":
		return chat.Meaning{Again: true, Message: "WeCom asks for fewer messages"}, true
	case "40001", "40013":
		return chat.Meaning{Message: "WeCom does not know the corporation or the app's secret: check corp and agentSecret in CHAT_WECOM"}, true
	case "40056", "301002":
		return chat.Meaning{Message: "the secret does not belong to this app: check agent and agentSecret in CHAT_WECOM"}, true
	case "60020":
		return chat.Meaning{Message: "WeCom rejects calls from this address: add the function's fixed outgoing address to the app's trusted IPs"}, true
	case "93000":
		return chat.Meaning{Message: "WeCom does not know the group's robot any more: set group in CHAT_WECOM to the key of the current one"}, true
	case "60111", "81013", invalidUser:
		return chat.Meaning{Message: "WeCom does not know the person, or the person may not see the app"}, true
	default:
		return chat.Meaning{Message: "WeCom refused the message: look the code up at https://open.work.weixin.qq.com/devtool/query"}, false
	}
}

// tokenRejected reports whether a code means that the API rejected the access
// token.
func tokenRejected(code chat.FailureCode) bool {
	return code == "40014" || code == "41001" || code == "42001"
}
