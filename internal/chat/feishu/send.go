package feishu

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// maxUUID is the maximum length of the id by which the API detects repetitions,
// for an hour.
const maxUUID = 50

// apiAnswer is an answer of the API. It always has a code.
type apiAnswer struct {
	Code   *int64 `json:"code"`
	Token  string `json:"tenant_access_token"`
	Expire int64  `json:"expire"`
	Data   struct {
		Message string `json:"message_id"`
	} `json:"data"`
}

// reply is a message in reply to another one.
type reply struct {
	Type    string `json:"msg_type"`
	Content string `json:"content"` // JSON inside a string
	UUID    string `json:"uuid,omitempty"`
}

// Answer only acknowledges the event: Feishu shows nothing of the response.
func (*Platform) Answer(chat.Delivery, chat.Text) (res chat.Response, later bool) {
	return acknowledged(), true
}

// Send replies to the message, as the app.
func (p *Platform) Send(ctx context.Context, client chat.Doer, to chat.Reply, t chat.Text, id string) error {
	if to.Platform != name || to.Kind != replyMessage || !isMessageID(to.Address) {
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the reply address is not one of Feishu's; nothing was sent"}
	}
	_, err := p.callAPI(ctx, client, http.MethodPost, messagesPath+"/"+to.Address+replySuffix, reply{Type: typeCard, Content: render(t), UUID: uuid(id)})
	return err
}

// typeCard is the type of a message that is a card.
const typeCard = "interactive"

// uuid is the id by which the API detects a repetition.
func uuid(id string) string {
	if len(id) <= maxUUID {
		return id
	}
	hash := sha256.Sum256([]byte(id))
	return hex.EncodeToString(hash[:])[:maxUUID]
}

// callAPI calls the API as the app.
func (p *Platform) callAPI(ctx context.Context, client chat.Doer, method, path string, message any) (got apiAnswer, err error) {
	call := chat.Call{Method: method, Address: "https://" + p.host + path, Message: message}
	err = p.access.Use(ctx, client, func(token secret.Text) (rejected bool, err error) {
		call.Bearer = token
		answer, err := call.Do(ctx, client)
		if err != nil {
			return false, err
		}
		got, err = read(answer)
		return err != nil && (answer.Status == http.StatusUnauthorized || tokenRejected(chat.NumericCode(got.Code))), err
	})
	return got, err
}

// authorize fetches an access token of the app.
func (p *Platform) authorize(ctx context.Context, client chat.Doer) (token string, seconds int64, err error) {
	answer, err := chat.Call{
		Method: http.MethodPost, Address: "https://" + p.host + authPath,
		Message: map[string]string{"app_id": p.app, "app_secret": p.secret.Reveal()},
	}.Do(ctx, client)
	if err != nil {
		return "", 0, err
	}
	got, err := read(answer)
	if err == nil && !chat.PlainID(got.Token, "-_.~+/=", 4096) {
		err = answer.Failure("", explain)
	}
	return got.Token, got.Expire, err
}

// read reads an answer of the API. It fails with *chat.SendError if it reports no
// success.
func read(a chat.Answer) (apiAnswer, error) {
	got := chat.Decode[apiAnswer](a)
	switch {
	case got.Code == nil, *got.Code == 0 && a.Status >= 300:
		return got, a.Failure("", explain)
	case *got.Code == 0:
		return got, nil
	default:
		return got, a.Failure(chat.NumericCode(got.Code), explain)
	}
}

// explain says what a code of Feishu means.
func explain(code chat.FailureCode) (m chat.Meaning, known bool) {
	if tokenRejected(code) {
		return chat.Meaning{Again: true, Message: "Feishu rejects the access token that it has just issued"}, true
	}
	switch string(code) {
	case "99991400", "230020", "11232", "11233", "11247", "11248":
		return chat.Meaning{Again: true, Message: "Feishu asks for fewer messages"}, true
	case "1500", "1503", "2200", "55001", "230049":
		return chat.Meaning{Again: true, Message: "Feishu is temporarily not available"}, true
	case "10003", "10014", "10015":
		return chat.Meaning{Message: "Feishu does not know the app or its secret: check app and appSecret in CHAT_FEISHU"}, true
	case "99991672", "99991679", "230027":
		return chat.Meaning{Message: "the app lacks a permission: give it im:message:send_as_bot and publish a version"}, true
	case "230002":
		return chat.Meaning{Message: "the bot is no longer in the group"}, true
	case "230006":
		return chat.Meaning{Message: "the app has no bot: enable the bot and publish a version"}, true
	case "230011", "230019":
		return chat.Meaning{Message: "the message that is answered was withdrawn or deleted"}, true
	case "230013":
		return chat.Meaning{Message: "the person is outside the app's availability"}, true
	case "230018":
		return chat.Meaning{Message: "the group does not allow the bot to write"}, true
	case "230028":
		return chat.Meaning{Message: "the organization's data protection refuses the text of the message"}, true
	case "230012", "230031", "230110":
		return chat.Meaning{Message: "Feishu does not let this message be updated, or not any more: it allows 14 days"}, true
	default:
		return chat.Meaning{Message: "Feishu refused the message: look the code up in the API's reference"}, false
	}
}

// tokenRejected reports whether a code means that the API rejected the access
// token.
func tokenRejected(code chat.FailureCode) bool {
	switch string(code) {
	case "99991661", "99991663", "99991664", "99991665", "99991668", "99991671", "99991677":
		return true
	default:
		return false
	}
}
