package slack_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

const vector = `command=%2Fvpn&text=apply+vss-bp18q7+port%3D1195+cipher%3DAES-256-CBC&user_id=U2CERLKJA&team_id=T1DC2JH3J&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1%2F2%2F3`

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, stamp, signature, body string
		want                         chat.Message
	}{
		{
			"the official one", "1531420618", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
			"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&" +
				"user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&" +
				"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
			chat.Message{
				ID: "trigger:398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c", Nick: "roadrunner", Room: "G8PSS9T3V",
				Reply: chat.Reply{
					Address: "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN", Room: "G8PSS9T3V",
					Until: time.Unix(1531420618, 0).UTC().Add(30 * time.Minute),
				},
			},
		},
		{
			"a command", "1763836800", "v0=498d8e164be8ff029fd8c3517ef2f5ff916a716a45c19a423e3a2fe6d7e02b48", vector,
			chat.Message{
				// sha256 of "1763836800:" and the body: there is no trigger_id in it.
				ID:    "request:2dc7fe9323b432121397d94788a03d65b2b04cf3316556bbf30d43e96da9cb03",
				Text:  "apply vss-bp18q7 port=1195 cipher=AES-256-CBC",
				Reply: chat.Reply{Address: "https://hooks.slack.com/commands/T1/2/3", Until: chattest.Moment().Add(30 * time.Minute)},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := platform(t, settings)
			at := chattest.Moment()
			if tt.stamp != "1763836800" {
				at = time.Unix(1531420618, 0)
			}
			d, err := p.Receive(t.Context(), nil, request(tt.body, map[string]string{"x-slack-request-timestamp": tt.stamp, "x-slack-signature": tt.signature}), at)
			if err != nil || d.Message == nil || d.SecretNumber != 1 {
				t.Fatalf("got %+v, %v (%s)", d, err, chattest.Reason(err))
			}
			want := tt.want
			want.Sender = chat.Identity{Platform: "slack", Tenant: "T1DC2JH3J", User: "U2CERLKJA"}
			want.Reply.Platform, want.Reply.Kind, want.Reply.Mention = "slack", "response", "U2CERLKJA"
			if *d.Message != want {
				t.Errorf("got  %#v\nwant %#v", *d.Message, want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";app=A1")
	body := form("command", "/vpn", "text", "help", "user_id", "U2", "team_id", "T1DC2JH3J", "api_app_id", "A1", "trigger_id", "1.2.a")
	good := header(current, chattest.Moment(), body)
	with := func(name, value string) map[string]string {
		return map[string]string{"x-slack-request-timestamp": good["x-slack-request-timestamp"], "x-slack-signature": good["x-slack-signature"], name: value}
	}
	if _, m := chattest.Message(t, p, request(body, good), chattest.Moment()); m.Text != "help" {
		t.Fatalf("got %+v", m)
	}
	test := func(name string, r chat.Request, now time.Time, want chat.Reason) {
		t.Run(name, func(t *testing.T) { t.Parallel(); chattest.Refused(t, p, r, now, want) })
	}
	const stampField, signField = "x-slack-request-timestamp", "x-slack-signature"
	test("no headers", request(body, nil), chattest.Moment(), chat.ReasonMissing)
	test("no timestamp", request(body, with(stampField, "")), chattest.Moment(), chat.ReasonMissing)
	test("no signature", request(body, with(signField, "")), chattest.Moment(), chat.ReasonMissing)
	for _, stamp := range chattest.Stamps(good[stampField]) {
		test("timestamp "+stamp[:min(len(stamp), 16)], request(body, with(stampField, stamp)), chattest.Moment(), chat.ReasonTimestamp)
	}
	test("another timestamp", request(body, with(stampField, "1763836801")), chattest.Moment(), chat.ReasonNoMatch)
	test("just too old", request(body, good), chattest.Moment().Add(5*time.Minute+1), chat.ReasonTooOld)
	test("just too new", request(body, good), chattest.Moment().Add(-5*time.Minute-1), chat.ReasonTooNew)
	test("a changed body", request(strings.Replace(body, "help", "hell", 1), good), chattest.Moment(), chat.ReasonNoMatch)
	test("a longer body", request(body+"&text=apply", good), chattest.Moment(), chat.ReasonNoMatch)
	test("no body", request("", good), chattest.Moment(), chat.ReasonNoMatch)
	test("a third secret", request(body, header("a-third-secret-of-somebody", chattest.Moment(), body)), chattest.Moment(), chat.ReasonNoMatch)
	test("an empty secret", request(body, header("", chattest.Moment(), body)), chattest.Moment(), chat.ReasonNoMatch)
	test("no version", request(body, with(signField, good[signField][3:])), chattest.Moment(), chat.ReasonNoMatch)
	test("another version", request(body, with(signField, "v1"+good[signField][2:])), chattest.Moment(), chat.ReasonNoMatch)
	test("half a signature", request(body, with(signField, good[signField][:35])), chattest.Moment(), chat.ReasonNoMatch)
	test("an empty signature", request(body, with(signField, "v0=")), chattest.Moment(), chat.ReasonNoMatch)
	test("something behind the signature", request(body, with(signField, good[signField]+"zz")), chattest.Moment(), chat.ReasonNoMatch)
	test("two signatures", request(body, with(signField, good[signField]+","+good[signField])), chattest.Moment(), chat.ReasonNoMatch)
	large := strings.Repeat("a", chat.MaxBody+1)
	test("a large body", request(large, header(current, chattest.Moment(), large)), chattest.Moment(), chat.ReasonTooLarge)
	get := request("", good)
	get.Method = "GET"
	test("GET", get, chattest.Moment(), chat.ReasonMethod)

	for name, tt := range map[string]struct {
		body string
		want chat.Reason
	}{
		"nothing signed":           {"", chat.ReasonUnreadable},
		"no form":                  {"%zz", chat.ReasonUnreadable},
		"another form":             {"a=b", chat.ReasonUnreadable},
		"broken JSON":              {`{"type":"event_callback"`, chat.ReasonUnreadable},
		"something behind JSON":    {`{"type":"url_verification","challenge":"c"}{}`, chat.ReasonUnreadable},
		"a challenge of nothing":   {`{"type":"url_verification"}`, chat.ReasonUnreadable},
		"a challenge of two lines": {`{"type":"url_verification","challenge":"a\nb"}`, chat.ReasonUnreadable},
		"a user twice":             {body + "&user_id=U3", chat.ReasonUnreadable},
		"a command and a payload":  {body + "&payload=%7B%7D", chat.ReasonUnreadable},
		"no user":                  {strings.Replace(body, "user_id=U2", "user_id=", 1), chat.ReasonUnreadable},
		"a user to deceive":        {strings.Replace(body, "user_id=U2", "user_id=U2%3E", 1), chat.ReasonUnreadable},
		"another workspace":        {strings.Replace(body, "T1DC2JH3J", "T2", 1), chat.ReasonForeign},
		"no workspace":             {strings.Replace(body, "team_id", "team", 1), chat.ReasonForeign},
		"another app":              {strings.Replace(body, "api_app_id=A1", "api_app_id=A2", 1), chat.ReasonForeign},
		"no app":                   {strings.Replace(body, "api_app_id=A1", "app=A1", 1), chat.ReasonForeign},
		"a click elsewhere":        {form("payload", `{"type":"block_actions","team":{"id":"T2"},"api_app_id":"A1"}`), chat.ReasonForeign},
		"a click without payload":  {form("payload", ``), chat.ReasonUnreadable},
		"an event elsewhere":       {`{"type":"event_callback","team_id":"T2","api_app_id":"A1"}`, chat.ReasonForeign},
		"an event of another app":  {`{"type":"event_callback","team_id":"T1DC2JH3J","api_app_id":"A2"}`, chat.ReasonForeign},
	} {
		test(name, signed(tt.body), chattest.Moment(), tt.want)
	}
}

func TestTakesTheSecretBefore(t *testing.T) {
	t.Parallel()
	p := platform(t, settings)
	for i, secret := range []string{current, previous} {
		for _, skew := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
			d, err := p.Receive(t.Context(), nil, request(vector, header(secret, chattest.Moment(), vector)), chattest.Moment().Add(skew))
			if err != nil || d.Message == nil || d.SecretNumber != i+1 {
				t.Errorf("secret %d, %s: got %+v, %v (%s)", i+1, skew, d, err, chattest.Reason(err))
			}
		}
	}
}

// TestParsesWhatIsSigned has a payload where it is not signed, and words
// that are a payload when the wrong parser reads them.
func TestParsesWhatIsSigned(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";botToken="+botToken)
	r := signed("ssl_check=1")
	r.Query = map[string]string{"payload": click(t, nil), "command": "/vpn", "user_id": "U9", "team_id": "T1DC2JH3J"}
	if body, ignored := chattest.Direct(t, p, r, chattest.Moment()); body != "" || ignored != "" {
		t.Errorf("got %q, %q", body, ignored)
	}
	event := mention(t, map[string]any{"text": "<@U0BOT> x&" + form("payload", click(t, nil)) + "&"})
	header := header(current, chattest.Moment(), event)
	header["content-type"] = "application/x-www-form-urlencoded"
	d, m := chattest.Message(t, p, request(event, header), chattest.Moment())
	if m.Sender.User != "U2" || !strings.HasPrefix(m.ID, "message:") {
		t.Errorf("got %#v", d.Message)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	p := platform(t, settings)
	command := func(text string) chat.Request {
		return signed(form("command", "/vpn", "text", text, "user_id", "U2", "user_name", "mei\u202e", "team_id", "T1DC2JH3J", "channel_id", "C1",
			"trigger_id", "1.2.a", "response_url", "https://hooks.slack.com/commands/T1/2/3"))
	}
	for text, want := range map[string]string{
		" plan vss-1 reason=&lt;a&gt;&amp;b ":                              "plan vss-1 reason=<a>&b",
		"plan vss-1 reason=&amp;lt;":                                       "plan vss-1 reason=&lt;",
		"plan <http://vpn.example.com|vpn.example.com> a<b":                "plan vpn.example.com a<b",
		"plan <https://example.com/?a=1&amp;b=2>":                          "plan https://example.com/?a=1&b=2",
		"plan <mailto:a@example.com|a@example.com> <#C1|vpn> <@U3> <|> <>": "plan a@example.com vpn @U3 |",
		"状态 \xff": "状态 \uFFFD",
	} {
		if _, m := chattest.Message(t, p, command(text), chattest.Moment()); m.Text != want || m.Nick != "mei" || m.ID != "trigger:1.2.a" {
			t.Errorf("%q: got %q of %q", text, m.Text, m.Nick)
		}
	}
	if _, m := chattest.Message(t, p, command(strings.Repeat("a", chat.MaxText+1)), chattest.Moment()); m.Problem != chat.ProblemTooLong || m.Text != "" {
		t.Errorf("got %s", m.Problem)
	}
	// The same request is the same message; the same words at another time are not.
	body := form("command", "/vpn", "user_id", "U2", "team_id", "T1DC2JH3J")
	_, first := chattest.Message(t, p, signed(body), chattest.Moment())
	_, again := chattest.Message(t, p, signed(body), chattest.Moment())
	_, later := chattest.Message(t, p, request(body, header(current, chattest.Moment().Add(time.Second), body)), chattest.Moment())
	if first.ID != again.ID || first.ID == later.ID || first.ID == "" {
		t.Errorf("got %q, %q, %q", first.ID, again.ID, later.ID)
	}
}

func merged(tb testing.TB, base string, changed map[string]any) string {
	tb.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(base), &fields); err != nil {
		tb.Fatal(err)
	}
	maps.Copy(fields, changed)
	text, err := json.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// slackClick is the payload of the reference.
func click(tb testing.TB, changed map[string]any) string {
	tb.Helper()
	return merged(tb, `{"type":"block_actions","team":{"id":"T1DC2JH3J"},"user":{"id":"U2","username":"mei"},"api_app_id":"A1","trigger_id":"12.34.ab",
		"response_url":"https://hooks.slack.com/actions/T1/2/3","container":{"type":"message","message_ts":"1763836800.000100","channel_id":"C1"},
		"actions":[{"type":"button","action_id":"next-1","block_id":"b1","value":"approve 20261122-psfvgfo4zp","action_ts":"1763836801.1"}]}`, changed)
}

// slackMention is an event of somebody who mentions the bot.
func mention(tb testing.TB, event map[string]any) string {
	tb.Helper()
	inner := map[string]any{
		"type": "app_mention", "user": "U2", "text": "<@U0BOT> plan vss-1 port=1195", "ts": "1763836800.000100", "channel": "C1", "team": "T1DC2JH3J",
	}
	maps.Copy(inner, event)
	return merged(tb, `{"type":"event_callback","token":"old","team_id":"T1DC2JH3J","api_app_id":"A1","event_id":"Ev1","event_time":1763836800,
		"authorizations":[{"team_id":"T1DC2JH3J","user_id":"U0BOT","is_bot":true}]}`, map[string]any{"event": inner})
}

func TestButtons(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";app=A1")
	d, got := chattest.Message(t, p, signed(form("payload", click(t, nil))), chattest.Moment())
	want := chat.Message{
		ID: "trigger:12.34.ab", Sender: chat.Identity{Platform: "slack", Tenant: "T1DC2JH3J", User: "U2"}, Nick: "mei", Room: "C1", Text: "approve 20261122-psfvgfo4zp", SentAt: chattest.Moment().Add(time.Second),
		Reply: chat.Reply{
			Platform: "slack", Kind: "response", Address: "https://hooks.slack.com/actions/T1/2/3", Room: "C1", Mention: "U2", Until: chattest.Moment().Add(30 * time.Minute),
		},
	}
	if got != want {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if res, later := p.Answer(d, chat.Text{Title: chat.Line{chat.Words("x")}}); !later || res.Status != 200 || len(res.Body) != 0 {
		t.Errorf("got %+v, later %v", res, later)
	}
	for name, tt := range map[string]struct {
		changed map[string]any
		want    chat.Ignored
	}{
		"a shortcut":       {map[string]any{"type": "shortcut"}, chat.IgnoredEvent},
		"no action":        {map[string]any{"actions": []any{}}, chat.IgnoredNoCommand},
		"a menu":           {map[string]any{"actions": []any{map[string]any{"type": "static_select", "value": "x"}}}, chat.IgnoredNoCommand},
		"a link":           {map[string]any{"actions": []any{map[string]any{"type": "button"}}}, chat.IgnoredNoCommand},
		"somebody outside": {map[string]any{"user": map[string]any{"id": "U2", "team_id": "T9"}}, chat.IgnoredOutsider},
	} {
		if body, ignored := chattest.Direct(t, p, signed(form("payload", click(t, tt.changed))), chattest.Moment()); body != "" || ignored != tt.want {
			t.Errorf("%s: got %q, %q", name, body, ignored)
		}
	}
	chattest.Refused(t, p, signed(form("payload", click(t, map[string]any{"user": map[string]any{}}))), chattest.Moment(), chat.ReasonUnreadable)
}

func TestEvents(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";app=A1;botToken="+botToken)
	d, got := chattest.Message(t, p, signed(mention(t, nil)), chattest.Moment())
	want := chat.Message{
		ID: "message:C1:1763836800.000100", Sender: chat.Identity{Platform: "slack", Tenant: "T1DC2JH3J", User: "U2"}, Room: "C1", Text: "plan vss-1 port=1195", SentAt: chattest.Moment(),
		Reply: chat.Reply{Platform: "slack", Kind: "post", Address: "C1", Room: "C1", Mention: "U2"},
	}
	if got != want {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if res, later := p.Answer(d, chat.Text{}); !later || res.Status != 200 || len(res.Body) != 0 {
		t.Errorf("got %+v, later %v", res, later)
	}

	// A redelivery has the same event id, and one message can be eleven events.
	for _, id := range []string{"Ev1", "Ev2", "Ev11"} {
		body := merged(t, mention(t, nil), map[string]any{"event_id": id})
		header := header(current, chattest.Moment(), body)
		header["x-slack-retry-num"] = "1"
		if _, m := chattest.Message(t, p, request(body, header), chattest.Moment()); m.ID != want.ID {
			t.Errorf("event %s: got %q", id, m.ID)
		}
	}
	if _, m := chattest.Message(t, p, signed(mention(t, map[string]any{"ts": "1763836800.000200"})), chattest.Moment()); m.ID == want.ID {
		t.Error("another message has the same id")
	}

	_, m := chattest.Message(t, p, signed(mention(t, map[string]any{
		"type": "message", "channel_type": "im", "channel": "D1", "text": "<@U0BOT> <@U0BOT|vpn>\u00a0状态 &lt;x&gt; <@U3>", "thread_ts": "1763836000.000001",
	})), chattest.Moment())
	if m.Text != "状态 <x> @U3" || m.Reply.Mention != "" || m.Reply.Address != "D1/1763836000.000001" || m.Room != "D1" {
		t.Errorf("got %#v", m)
	}
	if _, m := chattest.Message(t, p, signed(mention(t, map[string]any{"text": "<@U0BOT>", "subtype": "file_share", "files": []any{map[string]any{}}})), chattest.Moment()); m.Problem != chat.ProblemTextOnly {
		t.Errorf("got %#v", m)
	}
	for _, event := range []map[string]any{{"ts": "x"}, {"ts": "1"}, {"channel": "c"}, {"user": "<U2>"}, {"user": ""}, {"channel": "C1/../x"}} {
		chattest.Refused(t, p, signed(mention(t, event)), chattest.Moment(), chat.ReasonUnreadable)
	}
}

func TestEventsThatAreNoMessages(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";botToken="+botToken)
	for name, tt := range map[string]struct {
		event map[string]any
		want  chat.Ignored
	}{
		"a bot":                    {map[string]any{"bot_id": "B1"}, chat.IgnoredBot},
		"a bot by its profile":     {map[string]any{"bot_profile": map[string]any{"id": "B1"}}, chat.IgnoredBot},
		"itself":                   {map[string]any{"user": "U0BOT"}, chat.IgnoredBot},
		"Slackbot":                 {map[string]any{"user": "USLACKBOT"}, chat.IgnoredBot},
		"a bot's message":          {map[string]any{"subtype": "bot_message"}, chat.IgnoredBot},
		"a change":                 {map[string]any{"subtype": "message_changed"}, chat.IgnoredEvent},
		"an edit":                  {map[string]any{"edited": map[string]any{"ts": "1.1"}}, chat.IgnoredEdited},
		"a channel without a word": {map[string]any{"type": "message", "channel_type": "channel"}, chat.IgnoredEvent},
		"a reaction":               {map[string]any{"type": "reaction_added"}, chat.IgnoredEvent},
		"another workspace":        {map[string]any{"team": "T9"}, chat.IgnoredOutsider},
		"a guest of a workspace":   {map[string]any{"user_team": "T9"}, chat.IgnoredOutsider},
		"a shared channel":         {map[string]any{"source_team": "T9"}, chat.IgnoredOutsider},
	} {
		if body, ignored := chattest.Direct(t, p, signed(mention(t, tt.event)), chattest.Moment()); body != "" || ignored != tt.want {
			t.Errorf("%s: got %q, %q", name, body, ignored)
		}
	}
	without := platform(t, settings)
	if body, ignored := chattest.Direct(t, without, signed(mention(t, nil)), chattest.Moment()); body != "" || ignored != chat.IgnoredUnanswerable {
		t.Errorf("without botToken: got %q, %q", body, ignored)
	}
	check := `{"token":"old","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}`
	if body, ignored := chattest.Direct(t, without, signed(check), chattest.Moment()); body != `{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}` || ignored != "" {
		t.Errorf("got %q, %q", body, ignored)
	}
	chattest.Refused(t, without, request(check, nil), chattest.Moment(), chat.ReasonMissing)
}

// FuzzReceive holds that only a signature over the very body yields
// anything, and that what is taken keeps its bounds.
func FuzzReceive(f *testing.F) {
	p := platform(f, settings+";botToken="+botToken)
	f.Add([]byte(vector), "v0=498d8e164be8ff029fd8c3517ef2f5ff916a716a45c19a423e3a2fe6d7e02b48", uint16(5))
	f.Add([]byte(form("payload", click(f, nil))), "v0=", uint16(9))
	f.Add([]byte(mention(f, nil)), "", uint16(0))
	f.Add([]byte(mention(f, map[string]any{"text": "<@U0BOT> <a|b> &lt;<"})), "v0=00", uint16(77))
	f.Add([]byte(`{"type":"url_verification","challenge":"x"}`), "=", uint16(1))
	f.Fuzz(func(t *testing.T, body []byte, signature string, flip uint16) {
		signature0 := header(current, chattest.Moment(), string(body))
		d, err := p.Receive(t.Context(), nil, request(string(body), signature0), chattest.Moment())
		chattest.WellFormed(t, d, err, chat.Identity{Platform: "slack", Tenant: "T1DC2JH3J"})
		altered := append([]byte{}, body...)
		if len(altered) > 0 {
			altered[int(flip)%len(altered)] ^= 1 << (flip % 8)
		} else {
			altered = []byte{'x'}
		}
		if d, err := p.Receive(t.Context(), nil, request(string(altered), signature0), chattest.Moment()); err == nil {
			t.Fatalf("taken with an altered body: %+v", d)
		}
		stamp := signature0["x-slack-request-timestamp"]
		d, err = p.Receive(t.Context(), nil, request(string(body), map[string]string{"x-slack-request-timestamp": stamp, "x-slack-signature": signature}), chattest.Moment())
		if known := strings.EqualFold(signature, signature0["x-slack-signature"]) || strings.EqualFold(signature, header(previous, chattest.Moment(), string(body))["x-slack-signature"]); err == nil && !known {
			t.Fatalf("taken without a signature: %+v", d)
		}
	})
}
