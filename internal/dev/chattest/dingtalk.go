package chattest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"strings"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
)

const (
	dingTalkCurrent  = "oK7mXw2dYpZ9LrVtQ4sBn8FhJ3cGuE6aTi1RvSxN0eWyDbMk5qHzUjCfPlAoIg"
	dingTalkPrevious = "old-secret-being-rotated-out"
)

func dingTalk() Fixture {
	session := chat.Reply{
		Platform: "dingtalk", Kind: "session", Address: "https://oapi.dingtalk.com/robot/sendBySession?session=h1dd3n", Room: "cid1", Mention: "manager0417",
	}
	return Fixture{
		Name:     "dingtalk",
		Settings: "secret=" + dingTalkCurrent + ";secret=" + dingTalkPrevious + ";corp=ding0123456789abcdef;robot=dingabcdefrobot",
		Hidden:   [][2]string{{dingTalkCurrent, dingTalkPrevious}},
		Lang:     lang.Chinese,
		Forms: []Form{{
			Name: "message", Request: dingTalkRequest(nil), Unsigned: true, Dated: true,
			Read: func(r chat.Response) (Shown, error) { return readDingTalk(r.Body) },
			Others: []Other{
				{Name: "no staff id", Request: dingTalkRequest(map[string]any{"senderStaffId": ""}), Ignored: chat.IgnoredOutsider},
				{Name: "another organization's member", Request: dingTalkRequest(map[string]any{"senderCorpId": "ding9999"}), Ignored: chat.IgnoredOutsider},
				{Name: "the robot", Request: dingTalkRequest(map[string]any{"senderId": "$:LWCP_v1:$Cbot"}), Ignored: chat.IgnoredBot},
				{Name: "a picture", Request: dingTalkRequest(map[string]any{"msgtype": "picture"}), Problem: chat.ProblemTextOnly},
			},
		}},
		Replies: []Reply{{
			Name: "session", To: session, Hidden: "h1dd3n", Success: `{"errcode":0,"errmsg":"ok"}`, Read: readDingTalk,
			Foreign: []chat.Reply{{}, {Platform: "dingtalk", Kind: "response", Address: "x"}, {Platform: "slack", Kind: "session", Address: session.Address}},
			Codes: []Code{
				{200, `{"errcode":-1}`, true, "-1"},
				{200, `{"errcode":130101}`, true, "130101"},
				{200, `{"errcode":410100}`, true, "410100"},
				{200, `{"errcode":310000,"errmsg":"oracle"}`, false, "310000"},
				{500, `{"errcode":310000,"errmsg":"oracle"}`, true, "310000"},
			},
		}},
	}
}

func dingTalkRequest(changed map[string]any) func(Sent) chat.Request {
	return func(s Sent) chat.Request {
		fields := map[string]any{
			"conversationId": "cid1", "chatbotCorpId": "ding0123456789abcdef", "chatbotUserId": "$:LWCP_v1:$Cbot", "msgId": fmt.Sprintf("msg%d==", s.N),
			"senderNick": "梅", "senderStaffId": "manager0417", "senderCorpId": "ding0123456789abcdef", "senderId": "$:LWCP_v1:$Cmei", "conversationType": "2",
			"sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=0f3c", "sessionWebhookExpiredTime": Moment().UnixMilli() + 5400000, "createAt": json.Number(s.written(chat.Milliseconds)),
			"robotCode": either(s.Foreign, "dingabcdefrobot", "other"), "msgtype": "text", "text": map[string]any{"content": " " + s.Text},
		}
		maps.Copy(fields, changed)
		stamp, secret := s.stamp(chat.Milliseconds), s.secret([2]string{dingTalkCurrent, dingTalkPrevious})
		header := map[string]string{"timestamp": stamp, "sign": base64.StdEncoding.EncodeToString(hmacSHA256(secret, stamp+"\n"+secret))}
		if s.Bare {
			header = nil
		}
		return post(s.content(object(fields)), header)
	}
}

// readDingTalk reads a message in Markdown. Links that send a command are
// buttons.
func readDingTalk(body []byte) (Shown, error) {
	var m struct {
		Type     string `json:"msgtype"`
		Markdown struct {
			Title string `json:"title"`
			Text  string `json:"text"`
		} `json:"markdown"`
		At struct {
			Users []string `json:"atUserIds"`
			All   *bool    `json:"isAtAll"`
		} `json:"at"`
	}
	if err := read(body, &m); err != nil {
		return Shown{}, err
	}
	if len(body) > 15000 || m.Type != "markdown" || m.At.All == nil || *m.At.All || len(m.At.Users) > 1 {
		return Shown{}, fmt.Errorf("the API refuses %d bytes of %s, or it mentions others: %+v", len(body), m.Type, m.At)
	}
	text := strings.TrimSuffix(m.Markdown.Text, "\n\n@manager0417")
	link := regexp.MustCompile(`\[([^\[\]()]*)\]\(dtmd://dingtalkclient/sendMessage\?content=([A-Za-z0-9%._-]+)\)([^\n]*)`)
	out := Shown{}
	for _, l := range link.FindAllStringSubmatch(text, -1) {
		command, err := url.PathUnescape(l[2])
		if err != nil {
			return Shown{}, err
		}
		out.Commands, out.Says = append(out.Commands, command), append(out.Says, l[3])
	}
	text, ok := strings.CutPrefix(link.ReplaceAllString(text, "$1$3"), "#### ")
	if !ok {
		return Shown{}, errors.New("the text does not begin with the title")
	}
	out.Texts, out.Typed = []string{m.Markdown.Title, text}, text
	markup := regexp.MustCompile("[\\[\\]!<>*~|\\\\&$@`]|//|\\.\\pL|(?:^|[^\\pL\\pN_])_|_(?:[^\\pL\\pN_]|$)")
	// The function's own names, of which no client makes a link.
	own := regexp.MustCompile(`\.(?:yaml|yml|json)\b|\bexpect\.\pL+`)
	start := regexp.MustCompile(`^(?:\s*[-+#=]|\s*[0-9]+\.(?: |$))`)
	for _, line := range append(strings.Split(text, "\n"), m.Markdown.Title) {
		if markup.MatchString(own.ReplaceAllString(line, "x")) || start.MatchString(line) {
			return out, fmt.Errorf("markup in %q", line)
		}
	}
	return out, nil
}
