package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
)

// feishuMaxUUID is how long the API takes the id by which it drops repetitions,
// for an hour.
const feishuMaxUUID = 50

// feishuAnswer is an API's answer. Without a code it is none.
type feishuAnswer struct {
	Code   *int64 `json:"code"`
	Token  string `json:"tenant_access_token"`
	Expire int64  `json:"expire"`
}

// feishuReply is a message in reply to another one.
type feishuReply struct {
	Type    string `json:"msg_type"`
	Content string `json:"content"` // JSON inside a string
	UUID    string `json:"uuid,omitempty"`
}

// Send replies to the message, as the app.
func (p *feishu) Send(ctx context.Context, client Doer, to Reply, t Text, id string) error {
	if to.Platform != feishuName || to.Kind != "message" || !feishuMessageID(to.Address) {
		return &SendError{Code: "invalid-reply", Message: "the reply address is none of Feishu's"}
	}
	card, err := feishuRender(t)
	if err != nil {
		return &SendError{Code: "unsendable", Message: "the answer cannot be written as a card"}
	}
	if len(id) > feishuMaxUUID {
		hash := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(hash[:])[:feishuMaxUUID]
	}
	reply := feishuReply{Type: "interactive", Content: card, UUID: id}
	address := "https://" + p.host + "/open-apis/im/v1/messages/" + to.Address + "/reply"
	refused := ""
	for {
		token, err := p.access.get(ctx, refused, func(ctx context.Context) (string, int64, error) { return p.authorize(ctx, client) })
		if err != nil {
			return err
		}
		status, answer, err := feishuPost(ctx, client, address, token, reply)
		switch {
		case err != nil:
			return err
		case answer.Code != nil && *answer.Code == 0:
			return nil
		case refused == "" && feishuTokenRefused(status, answer):
			refused = token // it may have ended early: once more with another one
		default:
			return feishuFailure(status, answer)
		}
	}
}

// authorize asks for a token to act as the app.
func (p *feishu) authorize(ctx context.Context, client Doer) (string, int64, error) {
	status, answer, err := feishuPost(ctx, client, "https://"+p.host+"/open-apis/auth/v3/tenant_access_token/internal", "",
		map[string]string{"app_id": p.app, "app_secret": p.secret})
	switch {
	case err != nil:
		return "", 0, err
	case answer.Code == nil || *answer.Code != 0:
		return "", 0, feishuFailure(status, answer)
	case !plainID(answer.Token, "-_.~+/=", 4096):
		return "", 0, statusFailure(http.StatusOK)
	default:
		return answer.Token, answer.Expire, nil
	}
}

func feishuPost(ctx context.Context, client Doer, address, bearer string, body any) (int, feishuAnswer, error) {
	status, text, err := callAPI(ctx, client, http.MethodPost, address, bearer, body)
	if err != nil {
		return 0, feishuAnswer{}, err
	}
	var answer feishuAnswer
	if json.Unmarshal(text, &answer) != nil {
		answer = feishuAnswer{}
	}
	return status, answer, nil
}

// feishuTokenRefused tells whether the API did not take the access token.
func feishuTokenRefused(status int, answer feishuAnswer) bool {
	if answer.Code == nil {
		return status == http.StatusUnauthorized
	}
	switch *answer.Code {
	case 99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677:
		return true
	default:
		return status == http.StatusUnauthorized
	}
}

// feishuFailure says what an answer means.
func feishuFailure(status int, answer feishuAnswer) *SendError {
	if answer.Code == nil || *answer.Code == 0 {
		return statusFailure(status)
	}
	e := &SendError{
		Again:   status >= 500 || status == http.StatusTooManyRequests,
		Code:    strconv.FormatInt(*answer.Code, 10),
		Message: "Feishu refused the message: look the code up in the API's reference",
	}
	switch *answer.Code {
	case 99991400, 230020, 11232, 11233, 11247, 11248:
		e.Again, e.Message = true, "Feishu asks for fewer messages"
	case 1500, 1503, 2200, 55001, 230049:
		e.Again, e.Message = true, "Feishu is not available at the moment"
	case 10003, 10014, 10015:
		e.Message = "Feishu does not know the app or its secret: check app and appSecret in CHAT_FEISHU"
	case 99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677:
		e.Again, e.Message = true, "Feishu does not take the access token that it has just given"
	case 99991672, 99991679, 230027:
		e.Message = "the app lacks a permission: give it im:message:send_as_bot and publish a version"
	case 230002:
		e.Message = "the bot is no longer in the group"
	case 230006:
		e.Message = "the app has no bot: switch the bot on and publish a version"
	case 230011, 230019:
		e.Message = "the message that is answered was withdrawn or is gone"
	case 230013:
		e.Message = "the person is outside the app's availability"
	case 230018:
		e.Message = "the group does not let the bot speak"
	}
	return e
}
