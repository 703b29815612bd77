package chat

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// slack is Slack's slash command and buttons.
type slack struct{ s *Service }

func (slack) limit() time.Duration { return 3 * time.Second } // documented

// How long and how often a response_url works (documented).
const (
	slackLife = 30 * time.Minute
	slackUses = 5
)

const slackCommand = "/vpn"

func (p slack) message(u utterance) *delivery {
	path := "/commands/" + slackTeam + "/" + u.address
	p.s.mu.Lock()
	p.s.keep(address{secret: path, platform: Slack, room: u.room, user: u.user, answers: u.id, until: u.at.Add(slackLife), left: slackUses})
	p.s.mu.Unlock()
	form := url.Values{
		"token": {"unused"}, "team_id": {slackTeam}, "team_domain": {"local"}, "is_enterprise_install": {"false"},
		"channel_id": {"C" + strings.ToUpper(u.room)}, "channel_name": {"network-changes"},
		"user_id": {u.user}, "user_name": {strings.ToLower(u.user)}, "command": {slackCommand}, "text": {escapeSlack(u.text)},
		"api_app_id": {slackApp}, "response_url": {"https://hooks.slack.com" + path}, "trigger_id": {u.id},
	}
	return &delivery{platform: Slack, what: "message", nativeID: u.id, user: u.user, plain: []byte(form.Encode())}
}

// escapeSlack is what Slack does to text before it hands it on (documented).
func escapeSlack(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func (p slack) click(u utterance, on Message, b Button) *delivery {
	path := "/actions/" + slackTeam + "/" + u.address
	p.s.mu.Lock()
	p.s.keep(address{
		secret: path, platform: Slack, room: u.room, user: u.user, answers: u.id, original: on.ID,
		until: u.at.Add(slackLife), left: slackUses,
	})
	p.s.mu.Unlock()
	payload := encode(map[string]any{
		"type": "block_actions", "team": map[string]string{"id": slackTeam, "domain": "local"},
		"user":       map[string]string{"id": u.user, "username": strings.ToLower(u.user), "team_id": slackTeam},
		"api_app_id": slackApp, "trigger_id": u.id, "response_url": "https://hooks.slack.com" + path,
		"channel":   map[string]string{"id": "C" + strings.ToUpper(u.room), "name": "network-changes"},
		"container": map[string]any{"type": "message", "message_ts": on.nativeID, "channel_id": "C" + strings.ToUpper(u.room), "is_ephemeral": on.OnlyFor != ""},
		"actions": []any{map[string]any{
			"type": "button", "action_id": b.action, "block_id": b.block, "value": b.Command, "action_ts": slackTime(u.at),
			"text": map[string]any{"type": "plain_text", "text": b.Label, "emoji": true},
		}},
	})
	return &delivery{platform: Slack, what: "click", nativeID: u.id, user: u.user, plain: []byte("payload=" + url.QueryEscape(string(payload)))}
}

func slackTime(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) + ".000100" }

func (slack) seal(d *delivery, k Secrets, at time.Time) sealed {
	h := http.Header{}
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	h.Set("X-Slack-Request-Timestamp", seconds(at))
	h.Set("X-Slack-Signature", slackSignature(k.Slack, seconds(at), d.plain))
	return sealed{header: h, body: d.plain}
}

// answer reads the answer to a slash command; that to a click shows nothing
// (documented).
func (p slack) answer(d *delivery, _ Secrets, a Exchange) (plain string, shown []draft, problem string) {
	switch {
	case strings.TrimSpace(a.Answer) == "":
		return "", nil, ""
	case d.what == "click":
		return "", nil, "Slack does not show what is in the answer to a click"
	}
	for _, line := range a.AnswerHeader {
		if value, ok := strings.CutPrefix(line, "Content-Type: "); ok && isJSON(value) {
			dr, _, problem := p.read([]byte(a.Answer), d.user)
			if problem != "" {
				return "", nil, problem
			}
			return "", []draft{dr}, ""
		}
	}
	return "", []draft{{raw: []byte(a.Answer), blocks: mrkdwn(a.Answer), onlyFor: d.user}}, ""
}

type slackMessage struct {
	Text         string       `json:"text"`
	Blocks       []slackBlock `json:"blocks"`
	ResponseType string       `json:"response_type"`
	Replace      bool         `json:"replace_original"`
	Delete       bool         `json:"delete_original"`
	Channel      string       `json:"channel"` // of the Web API
	Stamp        string       `json:"ts"`
}

// read reads a message. One that is not for the whole channel is for the user
// alone (documented).
func (slack) read(body []byte, user string) (dr draft, m slackMessage, problem string) {
	if err := json.Unmarshal(body, &m); err != nil {
		return dr, m, "invalid_payload"
	}
	dr.raw = body
	if m.ResponseType != "in_channel" {
		dr.onlyFor = user
	}
	switch {
	case m.Delete:
	case len(m.Blocks) > 50:
		return dr, m, "invalid_blocks: more than 50"
	case len(m.Blocks) > 0:
		for n, b := range m.Blocks {
			if problem := b.read(&dr); problem != "" {
				return dr, m, "invalid_blocks: block " + strconv.Itoa(n) + ": " + problem
			}
		}
	case m.Text != "":
		dr.blocks = mrkdwn(m.Text)
	default:
		return dr, m, "no_text"
	}
	return dr, m, ""
}

// reply is a response_url. What it answers to a used address is own choice.
func (p slack) reply(r apiRequest) apiAnswer {
	fail := func(status int, text string) apiAnswer {
		return apiAnswer{status: status, body: string(encode(map[string]any{"ok": false, "error": text})), problem: text}
	}
	if r.method != http.MethodPost {
		return fail(http.StatusMethodNotAllowed, "method_not_allowed")
	}
	if r.host == slackAPI {
		return p.web(r)
	}
	a, why := p.s.lookUp(Slack, r.path)
	switch {
	case a == nil && why == "unknown":
		return fail(http.StatusNotFound, "no_service")
	case a == nil:
		return fail(http.StatusNotFound, strings.ReplaceAll(why, " ", "_")+"_url")
	case p.s.refuses(Slack):
		return fail(http.StatusTooManyRequests, "rate_limited")
	}
	dr, m, problem := p.read(r.body, a.user)
	if problem != "" {
		return fail(http.StatusBadRequest, problem)
	}
	original := p.s.find(func(m *Message) bool { return a.original != "" && m.ID == a.original })
	if original == nil || !m.Replace && !m.Delete {
		made := p.s.use(a, dr)
		return apiAnswer{status: http.StatusOK, body: `{"ok":true}`, message: made.ID}
	}
	a.left--
	original.Deleted = m.Delete
	if m.Replace {
		onlyFor := original.OnlyFor // replacing changes nothing about who sees it
		dr.fill(original)
		original.OnlyFor = onlyFor
	}
	p.s.changed(original)
	return apiAnswer{status: http.StatusOK, body: `{"ok":true}`, message: original.ID}
}
