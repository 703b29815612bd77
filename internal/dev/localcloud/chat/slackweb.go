package chat

import (
	"net/http"
	"strings"
)

const slackAPI = "slack.com"

// web is Slack's Web API: chat.postMessage and chat.update. Its errors come with
// status 200 (documented).
func (p slack) web(r apiRequest) apiAnswer {
	fail := func(text string) apiAnswer {
		return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{"ok": false, "error": text})), problem: text}
	}
	bearer, _ := strings.CutPrefix(r.header.Get("Authorization"), "Bearer ")
	switch {
	case r.path != "/api/chat.postMessage" && r.path != "/api/chat.update":
		return fail("unknown_method")
	case !isJSON(r.header.Get("Content-Type")):
		return fail("invalid_form_data")
	case bearer == "":
		return fail("not_authed")
	case bearer != p.s.opts.Secrets.SlackBot:
		return fail("invalid_auth")
	case p.s.refuses(Slack):
		return apiAnswer{status: http.StatusTooManyRequests, body: `{"ok":false,"error":"ratelimited"}`, problem: "ratelimited"}
	}
	dr, m, problem := p.read(r.body, "")
	dr.onlyFor = ""
	room, isRoom := strings.CutPrefix(strings.ToLower(m.Channel), "c")
	switch {
	case !isRoom || m.Channel != strings.ToUpper(m.Channel) || !p.s.knows(Slack, room):
		return fail("channel_not_found")
	case problem != "":
		code, _, _ := strings.Cut(problem, ":")
		out := fail(code)
		out.problem = problem
		return out
	}
	made := p.s.find(func(old *Message) bool {
		return old.Platform == Slack && old.Room == room && old.Kind != Typed && old.nativeID == m.Stamp
	})
	switch {
	case r.path == "/api/chat.postMessage":
		made = p.s.card(Slack, room, dr)
	case made == nil || made.Deleted:
		return fail("message_not_found")
	case made.Way == "answer": // a command's, which is not the bot's own
		return fail("cant_update_message")
	default:
		p.s.update(made, dr)
	}
	return apiAnswer{status: http.StatusOK, message: made.ID, body: string(encode(map[string]any{"ok": true, "channel": m.Channel, "ts": made.nativeID}))}
}
