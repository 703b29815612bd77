package dingtalk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/dingtalk"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

// dingTalkSample is the sample of the reference, with fields replaced; nil
// removes one.
func sample(tb testing.TB, changed map[string]any) string {
	tb.Helper()
	fields := map[string]any{
		"conversationId": "cidKx8n2Qexample==", "atUsers": []any{map[string]any{"dingtalkId": "$:LWCP_v1:$Cbot"}},
		"chatbotCorpId": "ding0123456789abcdef", "chatbotUserId": "$:LWCP_v1:$Cbot", "msgId": "msgA1b2C3d4==", "senderNick": "梅",
		"isAdmin": false, "senderStaffId": "manager0417", "sessionWebhookExpiredTime": 1763842200060, "createAt": 1763836800000,
		"senderCorpId": "ding0123456789abcdef", "conversationType": "2", "senderId": "$:LWCP_v1:$Cmei", "conversationTitle": "网络变更",
		"isInAtList": true, "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=0f3c",
		"text": map[string]any{"content": " apply vss-bp18q7 port=1195"}, "robotCode": "dingabcdefrobot", "msgtype": "text",
	}
	for k, v := range changed {
		if v == nil {
			delete(fields, k)
		} else {
			fields[k] = v
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func signed(tb testing.TB, changed map[string]any) chat.Request {
	tb.Helper()
	return request(sample(tb, changed), header(current, chattest.Moment()))
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, stamp, secret, sign string
		at                        time.Time
		number                    int
	}{
		{"the official sample", "1577262236757", "this is a secret", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA=", time.UnixMilli(1577262236757), 1},
		{"the current secret", "1763836800000", current, "c3HQSKh7/YF4pQlJgpEscHMfoa2jno3kKMUOqZT1gkg=", chattest.Moment(), 1},
		{"the one before", "1763836800000", previous, "JGG4+NbLXagRRKOI7xpXJJtM53TOI+RL6vxZzT0A4ZE=", chattest.Moment(), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Blanks cannot stand in a variable, and do in the official secret.
			secrets := []string{tt.secret}
			if tt.number == 2 {
				secrets = []string{current, tt.secret}
			}
			p, err := dingtalk.Spec().New(chat.NewSettings(map[string][]string{"secret": secrets, "corp": {"ding0123456789abcdef"}, "robot": {"dingabcdefrobot"}}))
			if err != nil {
				t.Fatal(err)
			}
			d, err := p.Receive(t.Context(), nil, request(sample(t, nil), map[string]string{"timestamp": tt.stamp, "sign": tt.sign}), tt.at)
			if err != nil || d.Message == nil || d.SecretNumber != tt.number {
				t.Errorf("got %+v, %v (%s)", d, err, chattest.Reason(err))
			}
		})
	}
}

func TestReadsAMessage(t *testing.T) {
	t.Parallel()
	p := platform(t)
	d, got := chattest.Message(t, p, signed(t, nil), chattest.Moment())
	if len(d.Token) != 64 {
		t.Errorf("got the token %q, want a digest", d.Token)
	}
	want := chat.Message{
		ID: "msgA1b2C3d4==", Sender: chat.Identity{Platform: "dingtalk", Tenant: "ding0123456789abcdef", User: "manager0417"},
		Nick: "梅", Room: "cidKx8n2Qexample==", Text: "apply vss-bp18q7 port=1195", SentAt: chattest.Moment(),
		Reply: chat.Reply{
			Platform: "dingtalk", Kind: "session", Address: "https://oapi.dingtalk.com/robot/sendBySession?session=0f3c",
			Room: "cidKx8n2Qexample==", Mention: "manager0417", Until: time.UnixMilli(1763842200060).UTC(),
		},
	}
	if got != want {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}

	// The signature does not cover the body: another body under it is another
	// message with the same token, which is how the caller finds it.
	other, swapped := chattest.Message(t, p, signed(t, map[string]any{"msgId": "other", "senderStaffId": "boss"}), chattest.Moment())
	if other.Token != d.Token || swapped.ID == want.ID {
		t.Errorf("got %q for a swapped body, want %q", other.Token, d.Token)
	}
	later, err := p.Receive(t.Context(), nil, request(sample(t, nil), header(current, chattest.Moment().Add(time.Millisecond))), chattest.Moment())
	if err != nil || later.Token == d.Token || later.Message.ID != want.ID {
		t.Errorf("another signature has the same token")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	p := platform(t)
	rich := func(runs string) map[string]any {
		return map[string]any{"msgtype": "richText", "text": nil, "content": map[string]any{"richText": json.RawMessage(runs)}}
	}
	content := func(s string) map[string]any { return map[string]any{"text": map[string]any{"content": s}} }
	tests := []struct {
		name    string
		changed map[string]any
		check   func(m chat.Message) bool
	}{
		{"a direct one has nobody to mention", map[string]any{"conversationType": "1"}, func(m chat.Message) bool { return m.Reply.Mention == "" }},
		{"rich text", map[string]any{"msgtype": "richText", "text": nil}, func(m chat.Message) bool { return m.Problem == chat.ProblemTextOnly && m.Text == "" }},
		{"rich text of one paragraph", rich(`[{"text":"apply "},{"text":"**vss-1**"},{"text":" port=1195"}]`), func(m chat.Message) bool { return m.Text == "apply vss-1 port=1195" && m.Problem == "" }},
		{"rich text with lines", rich(`[{"text":"apply vss-1"},{"text":"\n"},{"text":"port=1195","type":"text"}]`), func(m chat.Message) bool { return m.Text == "apply vss-1\nport=1195" }},
		{"rich text with a picture", rich(`[{"text":"apply vss-1 port=1195"},{"type":"picture","downloadCode":"x"}]`), func(m chat.Message) bool { return m.Problem == chat.ProblemTextOnly && m.Text == "" }},
		{"rich text of nothing", rich(`[{"text":" "}]`), func(m chat.Message) bool { return m.Problem == chat.ProblemTextOnly }},
		{"rich text of another form", map[string]any{"msgtype": "richText", "content": "x"}, func(m chat.Message) bool { return m.Problem == chat.ProblemTextOnly }},
		{"somebody is mentioned, too", content("@Mei status @Jun"), func(m chat.Message) bool { return m.Text == "status" }},
		{"a picture with words", map[string]any{"msgtype": "picture"}, func(m chat.Message) bool { return m.Problem == chat.ProblemTextOnly && m.Text == "" }},
		{"a file", map[string]any{"msgtype": "file"}, func(m chat.Message) bool { return m.Problem == chat.ProblemTextOnly }},
		{"the longest text", content(strings.Repeat("a", chat.MaxText)), func(m chat.Message) bool { return m.Problem == "" && len(m.Text) == chat.MaxText }},
		{"a longer one", content(strings.Repeat("a", chat.MaxText+1)), func(m chat.Message) bool { return m.Problem == chat.ProblemTooLong && m.Text == "" }},
		{"nothing but the mention", content(" "), func(m chat.Message) bool { return m.Problem == "" && m.Text == "" }},
		{"two lines stay two", content(" plan a\nb "), func(m chat.Message) bool { return m.Text == "plan a\nb" }},
		{"no webhook", map[string]any{"sessionWebhook": nil}, func(m chat.Message) bool { return !m.Reply.Usable(chattest.Moment()) }},
		{"an endless webhook", map[string]any{"sessionWebhook": strings.Repeat("a", 3000)}, func(m chat.Message) bool { return m.Reply.Address == "" }},
		{"a webhook that expires in the far future", map[string]any{"sessionWebhookExpiredTime": int64(1) << 60}, func(m chat.Message) bool { return m.Reply.Until.Equal(chattest.Moment().Add(90 * time.Minute)) }},
		{"a webhook without time", map[string]any{"sessionWebhookExpiredTime": nil}, func(m chat.Message) bool { return m.Reply.Until.Equal(chattest.Moment().Add(90 * time.Minute)) }},
		{"a nick to deceive", map[string]any{"senderNick": "\u202eeim\n\x00" + strings.Repeat("x", 200)}, func(m chat.Message) bool {
			return m.Nick == "eim "+strings.Repeat("x", 59)+"…" && m.Sender.User == "manager0417"
		}},
		{"an admin is nobody", map[string]any{"isAdmin": true}, func(m chat.Message) bool { return m.Sender.User == "manager0417" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, m := chattest.Message(t, p, signed(t, tt.changed), chattest.Moment()); !tt.check(m) {
				t.Errorf("got %#v", m)
			}
		})
	}
}

func TestIgnoresOutsidersAndItself(t *testing.T) {
	t.Parallel()
	p := platform(t)
	for name, tt := range map[string]struct {
		changed map[string]any
		want    chat.Ignored
	}{
		"no staff id":              {map[string]any{"senderStaffId": nil}, "outsider"},
		"an empty staff id":        {map[string]any{"senderStaffId": ""}, "outsider"},
		"a blank staff id":         {map[string]any{"senderStaffId": " "}, "outsider"},
		"another organization":     {map[string]any{"senderCorpId": "ding9999"}, "outsider"},
		"no organization":          {map[string]any{"senderCorpId": nil}, "outsider"},
		"the robot":                {map[string]any{"senderId": "$:LWCP_v1:$Cbot"}, "bot"},
		"an outsider with no text": {map[string]any{"senderStaffId": nil, "msgtype": "picture"}, "outsider"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if body, ignored := chattest.Direct(t, p, signed(t, tt.changed), chattest.Moment()); body != `{"msgtype":"empty"}` || ignored != tt.want {
				t.Errorf("got %s, %s", body, ignored)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := platform(t)
	good := header(current, chattest.Moment())
	sample := sample(t, nil)
	with := func(name, value string) map[string]string {
		return map[string]string{"timestamp": good["timestamp"], "sign": good["sign"], name: value}
	}
	test := func(name string, r chat.Request, now time.Time, want chat.Reason) {
		t.Run(name, func(t *testing.T) { t.Parallel(); chattest.Refused(t, p, r, now, want) })
	}
	test("no headers", request(sample, nil), chattest.Moment(), chat.ReasonMissing)
	test("no timestamp", request(sample, with("timestamp", "")), chattest.Moment(), chat.ReasonMissing)
	test("no sign", request(sample, with("sign", "")), chattest.Moment(), chat.ReasonMissing)
	for _, stamp := range chattest.Stamps(good["timestamp"]) {
		test("timestamp "+stamp[:min(len(stamp), 16)], request(sample, with("timestamp", stamp)), chattest.Moment(), chat.ReasonTimestamp)
	}
	test("another timestamp", request(sample, with("timestamp", "1763836800001")), chattest.Moment(), chat.ReasonNoMatch)
	test("just too old", request(sample, good), chattest.Moment().Add(5*time.Minute+1), chat.ReasonTooOld)
	test("just too new", request(sample, good), chattest.Moment().Add(-5*time.Minute-1), chat.ReasonTooNew)
	test("a third secret", request(sample, header("a-third-secret-of-somebody", chattest.Moment())), chattest.Moment(), chat.ReasonNoMatch)
	test("an empty secret", request(sample, header("", chattest.Moment())), chattest.Moment(), chat.ReasonNoMatch)
	test("a sign in hex", request(sample, with("sign", "737150")), chattest.Moment(), chat.ReasonNoMatch)
	// One sign has one spelling, else it could be used once for each.
	test("a line break in the sign", request(sample, with("sign", good["sign"][:8]+"\n"+good["sign"][8:])), chattest.Moment(), chat.ReasonNoMatch)
	test("other bits behind the sign", request(sample, with("sign", strings.Replace(good["sign"], "gkg=", "gkh=", 1))), chattest.Moment(), chat.ReasonNoMatch)
	test("no padding", request(sample, with("sign", strings.TrimRight(good["sign"], "="))), chattest.Moment(), chat.ReasonNoMatch)
	test("the sign over the body, which is not the algorithm", request(sample, with("sign", "AAAA")), chattest.Moment(), chat.ReasonNoMatch)
	test("another robot", signed(t, map[string]any{"robotCode": "other"}), chattest.Moment(), chat.ReasonForeign)
	test("another organization's robot", signed(t, map[string]any{"chatbotCorpId": "other"}), chattest.Moment(), chat.ReasonForeign)
	test("no robot", signed(t, map[string]any{"robotCode": nil}), chattest.Moment(), chat.ReasonForeign)
	test("no id", signed(t, map[string]any{"msgId": nil}), chattest.Moment(), chat.ReasonUnreadable)
	test("an endless id", signed(t, map[string]any{"msgId": strings.Repeat("a", 257)}), chattest.Moment(), chat.ReasonUnreadable)
	test("no conversation", signed(t, map[string]any{"conversationId": ""}), chattest.Moment(), chat.ReasonUnreadable)
	for name, body := range map[string]string{"no body": "", "no JSON": "msgtype=text", "an array": "[]", "something behind": sample + "{}", "a number for an id": `{"msgId":1}`} {
		test(name, request(body, good), chattest.Moment(), chat.ReasonUnreadable)
	}
	test("a large body", request(sample+strings.Repeat(" ", chat.MaxBody), good), chattest.Moment(), chat.ReasonTooLarge)
	get := request("", good)
	get.Method = "GET"
	test("GET", get, chattest.Moment(), chat.ReasonMethod)
	query := request("", nil)
	query.Query = map[string]string{"timestamp": good["timestamp"], "sign": good["sign"], "payload": sample}
	test("everything in the query", query, chattest.Moment(), chat.ReasonMissing)
	t.Run("the edges of the window", func(t *testing.T) {
		t.Parallel()
		for _, skew := range []time.Duration{5 * time.Minute, -5 * time.Minute} {
			if d, err := p.Receive(t.Context(), nil, request(sample, good), chattest.Moment().Add(skew)); err != nil || d.Message == nil {
				t.Errorf("%s: got %v (%s)", skew, err, chattest.Reason(err))
			}
		}
	})
}

// FuzzReceive holds that only a signature yields anything, that every
// other sign and time is refused, and that what is taken keeps its bounds.
func FuzzReceive(f *testing.F) {
	p := platform(f)
	good := header(current, chattest.Moment())
	f.Add([]byte(sample(f, nil)), good["timestamp"], good["sign"], byte(3))
	f.Add([]byte(`{"senderStaffId":null}`), "1763836800000", "", byte(0))
	f.Add([]byte(`[[[`), "-1", "====", byte(255))
	f.Fuzz(func(t *testing.T, body []byte, stamp, sign string, flip byte) {
		d, err := p.Receive(t.Context(), nil, request(string(body), map[string]string{"timestamp": stamp, "sign": sign}), chattest.Moment())
		if known := stamp == good["timestamp"] && (sign == good["sign"] || sign == header(previous, chattest.Moment())["sign"]); err == nil && !known {
			t.Fatalf("taken without a signature: %+v", d)
		}
		altered := []byte(good["sign"])
		altered[int(flip)%len(altered)] ^= 1 << (flip % 7)
		if d, err := p.Receive(t.Context(), nil, request(string(body), map[string]string{"timestamp": good["timestamp"], "sign": string(altered)}), chattest.Moment()); err == nil {
			t.Fatalf("taken with an altered signature: %+v", d)
		}
		d, err = p.Receive(t.Context(), nil, request(string(body), good), chattest.Moment())
		chattest.WellFormed(t, d, err, chat.Identity{Platform: "dingtalk", Tenant: "ding0123456789abcdef"})
	})
}
