package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// wecomAPI is where WeCom's API is.
const wecomAPI = "https://qyapi.weixin.qq.com/cgi-bin/"

// wecomReply is an API's answer. Without a code it is none.
type wecomReply struct {
	Code    *int64 `json:"errcode"`
	Token   string `json:"access_token"`
	Expires int64  `json:"expires_in"`
	Invalid string `json:"invaliduser"`
}

type wecomContent struct {
	Content string `json:"content"`
}

// wecomAppMessage is a message of an app. WeCom drops a second one with the same
// content, so a repetition reaches nobody twice.
type wecomAppMessage struct {
	To        string       `json:"touser"`
	Type      string       `json:"msgtype"`
	Agent     uint64       `json:"agentid"`
	Text      wecomContent `json:"text"`
	Duplicate int          `json:"enable_duplicate_check"`
	Interval  int          `json:"duplicate_check_interval"` // seconds
}

// Send posts to a response_url, or as the app to the person. WeCom has no use
// for the id.
func (p *wecom) Send(ctx context.Context, client Doer, to Reply, t Text, _ string) error {
	switch {
	case to.Platform != wecomName:
	case to.Kind == "response":
		status, reply, err := wecomCall(ctx, client, http.MethodPost, to.Address, struct {
			Type     string       `json:"msgtype"`
			Markdown wecomContent `json:"markdown"`
		}{"markdown", wecomContent{wecomMarkdown(t)}})
		switch {
		case err != nil:
			return err
		case reply.Code == nil || *reply.Code != 0:
			return wecomFailure(status, reply)
		default:
			return nil
		}
	case to.Kind == "app" && p.secret != "" && wecomUser(to.Address):
		agent, err := strconv.ParseUint(p.agent, 10, 32)
		if err != nil {
			break
		}
		return p.sendApp(ctx, client, wecomAppMessage{
			To: to.Address, Type: "text", Agent: agent, Text: wecomContent{wecomText(t)}, Duplicate: 1, Interval: 1800,
		})
	}
	return &SendError{Code: "invalid-reply", Message: "the reply address is none that WeCom, as it is configured, can send to"}
}

func (p *wecom) sendApp(ctx context.Context, client Doer, message wecomAppMessage) error {
	refused := ""
	for {
		token, err := p.access.get(ctx, refused, func(ctx context.Context) (string, int64, error) { return p.authorize(ctx, client) })
		if err != nil {
			return err
		}
		status, reply, err := wecomCall(ctx, client, http.MethodPost, wecomAPI+"message/send?"+url.Values{"access_token": {token}}.Encode(), message)
		switch {
		case err != nil:
			return err
		case reply.Code != nil && *reply.Code == 0 && reply.Invalid == "":
			return nil
		case refused == "" && wecomTokenRefused(reply):
			refused = token // it may have ended early: once more with another one
		default:
			return wecomFailure(status, reply)
		}
	}
}

// authorize asks for a token to act as the app.
func (p *wecom) authorize(ctx context.Context, client Doer) (string, int64, error) {
	query := url.Values{"corpid": {p.corp}, "corpsecret": {p.secret}}
	status, reply, err := wecomCall(ctx, client, http.MethodGet, wecomAPI+"gettoken?"+query.Encode(), nil)
	switch {
	case err != nil:
		return "", 0, err
	case reply.Code == nil || *reply.Code != 0:
		return "", 0, wecomFailure(status, reply)
	case reply.Token == "":
		return "", 0, statusFailure(http.StatusOK)
	default:
		return reply.Token, reply.Expires, nil
	}
}

func wecomCall(ctx context.Context, client Doer, method, address string, body any) (int, wecomReply, error) {
	status, text, err := callAPI(ctx, client, method, address, "", body)
	if err != nil {
		return 0, wecomReply{}, err
	}
	var reply wecomReply
	if json.Unmarshal(text, &reply) != nil {
		reply = wecomReply{}
	}
	return status, reply, nil
}

// wecomTokenRefused tells whether the API did not take the access token.
func wecomTokenRefused(r wecomReply) bool {
	return r.Code != nil && (*r.Code == 40014 || *r.Code == 41001 || *r.Code == 42001)
}

// wecomFailure says what an answer means.
func wecomFailure(status int, r wecomReply) *SendError {
	if r.Code == nil {
		return statusFailure(status)
	}
	e := &SendError{
		Again:   status >= 500 || status == http.StatusTooManyRequests,
		Code:    strconv.FormatInt(*r.Code, 10),
		Message: "WeCom refused the message: look the code up at https://open.work.weixin.qq.com/devtool/query",
	}
	switch *r.Code {
	case 0: // the message went to nobody
		e.Code, e.Message = "invaliduser", "WeCom does not know the person, or the person may not see the app"
	case -1, 6000:
		e.Again, e.Message = true, "WeCom is busy"
	case 45009, 45033:
		e.Again, e.Message = true, "WeCom asks for fewer messages"
	case 40001, 40013:
		e.Message = "WeCom does not know the corporation or the app's secret: check corp and agentSecret in CHAT_WECOM"
	case 40014, 41001, 42001:
		e.Again, e.Message = true, "WeCom does not take the access token that it has just given"
	case 40056, 301002:
		e.Message = "the app's secret is not of this app: check agent and agentSecret in CHAT_WECOM"
	case 60020:
		e.Message = "WeCom does not take calls from this address: add the function's fixed outgoing address to the app's trusted IPs"
	case 60111, 81013:
		e.Message = "WeCom does not know the person, or the person may not see the app"
	}
	return e
}
