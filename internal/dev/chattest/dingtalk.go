package chattest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
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
		Settings: "secret=" + dingTalkCurrent + ";secret=" + dingTalkPrevious + ";corp=ding0123456789abcdef;robot=dingabcdefrobot;appKey=dingabcdefkey",
		Hidden:   [][2]string{{dingTalkCurrent, dingTalkPrevious}},
		Lang:     lang.Chinese,
		Rooms:    []Room{dingTalkRoom()},
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
	return out, dingTalkMarkup(append(strings.Split(text, "\n"), m.Markdown.Title))
}

// dingTalkMarkup checks lines in which Markdown and links have a meaning.
func dingTalkMarkup(lines []string) error {
	markup := regexp.MustCompile("[\\[\\]!<>*~|\\\\&$@`]|//|\\.\\pL|(?:^|[^\\pL\\pN_])_|_(?:[^\\pL\\pN_]|$)")
	// The function's own names, of which no client makes a link.
	own := regexp.MustCompile(`\.(?:yaml|yml|json)\b|\bexpect\.\pL+`)
	start := regexp.MustCompile(`^(?:\s*[-+#=]|\s*[0-9]+\.(?: |$))`)
	for _, line := range lines {
		if markup.MatchString(own.ReplaceAllString(line, "x")) || start.MatchString(line) {
			return fmt.Errorf("markup in %q", line)
		}
	}
	return nil
}

func dingTalkRoom() Room {
	const room = "cidKx8n2Qexample=="
	to := chat.Room{Platform: "dingtalk", Tenant: "ding0123456789abcdef", ID: room}
	return Room{
		Name: "group", To: to, People: []string{"manager0417", "manager0523"},
		Bad: []chat.Room{
			{},
			{Platform: "dingtalk", Tenant: "ding9", ID: room},
			{Platform: "slack", Tenant: to.Tenant, ID: room},
			{Platform: "dingtalk", Tenant: to.Tenant, ID: "cid"},
			{Platform: "dingtalk", Tenant: to.Tenant, ID: "chat123"},
			{Platform: "dingtalk", Tenant: to.Tenant, ID: "cid1 cid2"},
		},
		Hidden: "t-h1dd3n",
		Token: func(r *http.Request) (string, bool) {
			return `{"accessToken":"t-h1dd3n","expireIn":7200}`, r.URL.Path == "/v1.0/oauth2/accessToken"
		},
		Posted: `{"processQueryKey":"k1"}`, Updated: `{"processQueryKey":"k1"}`,
		Handle: dingTalkCard(to, strings.Repeat("id", 60)), BadHandles: []string{"", "x", strings.Repeat("a", 39), strings.Repeat("a", 39) + "/"},
		Codes: []Code{
			{403, `{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"oracle"}`, false, "DingTalk.Forbidden.AccessDenied.AccessTokenPermissionDenied"},
			{400, `{"code":"Throttling.Api","message":"oracle"}`, true, "DingTalk.Throttling.Api"},
			{400, `{"code":"an oracle of\nwords"}`, false, "DingTalk.unknown"},
			{400, `{"code":"InvalidAuthentication"}`, true, "DingTalk.InvalidAuthentication"},
			{500, `{"code":"another.one"}`, true, "DingTalk.another.one"},
		},
		Over: []Code{
			{400, `{"code":"an oracle of\nwords"}`, false, chat.CodeNotUpdatable},
			{400, `{"code":"param.cardNotExist","message":"oracle"}`, false, chat.CodeNotUpdatable},
		},
		ID: func(body []byte) string {
			var m struct {
				ID string `json:"cardBizId"`
			}
			if read(body, &m) != nil {
				return ""
			}
			return m.ID
		},
		Read: readDingTalkCard,
	}
}

// dingTalkCard is the id of a card.
func dingTalkCard(to chat.Room, id string) string {
	sum := sha256.Sum256([]byte(to.ID + "\n" + id))
	return hex.EncodeToString(sum[:20])
}

// readDingTalkCard reads a card with the template StandardCard. Its buttons open links
// that send a command.
func readDingTalkCard(r *http.Request, body []byte) (Shown, error) {
	type text struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	var m struct {
		Template string `json:"cardTemplateId"`
		Room     string `json:"openConversationId"`
		ID       string `json:"cardBizId"`
		Robot    string `json:"robotCode"`
		Data     string `json:"cardData"`
		Options  struct {
			At  string `json:"atUserListJson"`
			All bool   `json:"atAll"`
		} `json:"sendOptions"`
	}
	var card struct {
		Header struct {
			Title text `json:"title"`
		} `json:"header"`
		Contents []struct {
			text

			Actions []struct {
				Label  text   `json:"label"`
				Action string `json:"actionType"`
				URL    struct {
					All string `json:"all"`
				} `json:"url"`
			} `json:"actions"`
		} `json:"contents"`
	}
	if err := errors.Join(read(body, &m), read([]byte(m.Data), &card)); err != nil {
		return Shown{}, err
	}
	post := r.Method == http.MethodPost && r.URL.Path == "/v1.0/im/v1.0/robot/interactiveCards/send" &&
		m.Template == "StandardCard" && m.Room == "cidKx8n2Qexample==" && m.Robot == "dingabcdefrobot"
	update := r.Method == http.MethodPut && r.URL.Path == "/v1.0/im/robots/interactiveCards" && m.Room == "" && m.Robot == ""
	if !post && !update || m.ID == "" || m.Options.All || len(body) > 15000 || r.Header.Get("x-acs-dingtalk-access-token") != "t-h1dd3n" || r.Header.Get("Authorization") != "" {
		return Shown{}, fmt.Errorf("the API refuses %s %s with %d bytes", r.Method, r.URL.Path, len(body))
	}
	out := Shown{Texts: []string{card.Header.Title.Text}}
	if m.Options.At != "" {
		var at []struct {
			User string `json:"userId"`
		}
		if err := read([]byte(m.Options.At), &at); err != nil {
			return Shown{}, err
		}
		for _, a := range at {
			out.Mentions = append(out.Mentions, a.User)
		}
	}
	for _, c := range card.Contents {
		if c.Type == "markdown" {
			out.Texts, out.Typed = append(out.Texts, c.Text), c.Text
		}
		for _, a := range c.Actions {
			content, ok := strings.CutPrefix(a.URL.All, "dtmd://dingtalkclient/sendMessage?content=")
			command, err := url.PathUnescape(content)
			if !ok || err != nil || a.Action != "openLink" || a.Label.Text == "" {
				return Shown{}, fmt.Errorf("the button %+v sends no command", a)
			}
			out.Texts, out.Commands, out.Says = append(out.Texts, a.Label.Text), append(out.Commands, command), append(out.Says, out.Typed)
		}
	}
	if card.Header.Title.Type != "text" || out.Typed == "" {
		return out, errors.New("the card has no title or no text")
	}
	return out, dingTalkMarkup(strings.Split(strings.Join(out.Texts, "\n"), "\n"))
}
