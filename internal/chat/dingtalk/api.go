package dingtalk

import (
	"context"
	"net/http"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// The robot's own API. Paths and fields are those of the vendor's SDKs:
// github.com/open-dingtalk/dingtalk-stream-sdk-python (card_replier.py) for cards,
// help.dingtalk.io/open/development/the-robot-sends-a-group-message for messages.
const (
	apiHost     = "api.dingtalk.com"
	apiURL      = "https://" + apiHost
	tokenPath   = "/v1.0/oauth2/accessToken" //nolint:gosec // G101: a path
	cardPath    = "/v1.0/im/v1.0/robot/interactiveCards/send"
	updatePath  = "/v1.0/im/robots/interactiveCards"
	groupPath   = "/v1.0/robot/groupMessages/send"
	tokenHeader = "x-acs-dingtalk-access-token" //nolint:gosec // G101: a header's name
)

// apiAnswer is an answer of the API. A failure has a code, and a success of sending
// has the key by which its readers are listed.
type apiAnswer struct {
	Code    string `json:"code"`
	Query   string `json:"processQueryKey"`
	Token   string `json:"accessToken"`
	Seconds int64  `json:"expireIn"`
}

// callAPI calls the API as the app.
func (p *Platform) callAPI(ctx context.Context, client chat.Doer, method, path string, message any) error {
	call := chat.Call{Method: method, Address: apiURL + path, TokenHeader: tokenHeader, Message: message}
	return p.access.Use(ctx, client, func(token secret.Text) (rejected bool, err error) {
		call.Token = token
		answer, err := call.Do(ctx, client)
		if err != nil {
			return false, err
		}
		got, err := readAPI(answer)
		if err == nil && got.Query == "" {
			err = answer.Failure("", explainAPI)
		}
		return err != nil && (answer.Status == http.StatusUnauthorized || got.Code == tokenRejected), err
	})
}

// authorize fetches an access token of the app.
func (p *Platform) authorize(ctx context.Context, client chat.Doer) (token string, seconds int64, err error) {
	answer, err := chat.Call{
		Method: http.MethodPost, Address: apiURL + tokenPath,
		Message: map[string]string{"appKey": p.appKey, "appSecret": p.secrets[0].Reveal()},
	}.Do(ctx, client)
	if err != nil {
		return "", 0, err
	}
	got, err := readAPI(answer)
	if err == nil && !chat.PlainID(got.Token, "-_.~+/=", 4096) {
		err = answer.Failure("", explainAPI)
	}
	return got.Token, got.Seconds, err
}

// readAPI reads an answer of the API. It fails with *chat.SendError if it reports no
// success.
func readAPI(a chat.Answer) (apiAnswer, error) {
	got := chat.Decode[apiAnswer](a)
	switch {
	case got.Code != "" && chat.PlainID(got.Code, "._-", 80):
		return got, a.Failure(apiPrefix+chat.FailureCode(got.Code), explainAPI)
	case got.Code != "":
		return got, a.Failure(apiPrefix+"unknown", explainAPI)
	case a.Status < 200 || a.Status >= 300:
		return got, a.Failure("", explainAPI)
	default:
		return got, nil
	}
}

const (
	apiPrefix     = "DingTalk."
	tokenRejected = "InvalidAuthentication"
)

// explainAPI says what a code of the API means.
func explainAPI(code chat.FailureCode) (m chat.Meaning, known bool) {
	name := strings.TrimPrefix(string(code), apiPrefix)
	switch {
	case name == tokenRejected:
		return chat.Meaning{Again: true, Message: "DingTalk rejects the access token that it has just issued"}, true
	case strings.HasPrefix(name, "Throttling"), strings.Contains(name, "TooFast"), name == "ServiceUnavailable", name == "InternalError":
		return chat.Meaning{Again: true, Message: "DingTalk is busy, or asks for fewer messages"}, true
	case name == "Forbidden.AccessDenied.AccessTokenPermissionDenied":
		return chat.Meaning{Message: "the app lacks a right: give it the right to send messages as a robot of the organization (qyapi_robot_sendmsg), and for cards Card.Instance.Write"}, true
	case name == "Forbidden.AccessDenied.IpNotInWhiteList":
		return chat.Meaning{Message: "DingTalk rejects calls from this address: add the function's fixed outgoing address to the app's list, or empty the list"}, true
	case strings.HasPrefix(name, "invalidClient"), strings.HasPrefix(name, "invalidAppKey"):
		return chat.Meaning{Message: "DingTalk does not know the app or its secret: check appKey and secret in CHAT_DINGTALK"}, true
	default:
		return chat.Meaning{Message: "DingTalk refused the message: the robot may not be in the group, or the room is not its openConversationId"}, false
	}
}
