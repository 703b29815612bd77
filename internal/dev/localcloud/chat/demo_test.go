package chat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

// demoText is an answer before it is in a platform's format.
type demoText struct {
	tone    string // a Feishu card's
	title   string
	lines   []string // name|value: the value is code
	buttons [][2]string
}

// demo answers as the function does, in the asker's language: a plan, a change
// that waits for approval, and, when it is approved, how it ended.
type demo struct {
	f *stub

	mu    sync.Mutex
	ended func() // sends how the change ended
}

// end sends how the change ended, which is after the approval was answered.
func (d *demo) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended()
}

func (d *demo) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	name := strings.TrimPrefix(r.URL.Path, "/chat/")
	all := d.plain(name, body)
	var text demoText
	later := false
	zh := strings.ContainsFunc(all.text, func(r rune) bool { return r > 0x2e80 })
	switch {
	case strings.Contains(all.text, "approve"), strings.Contains(all.text, "批准"):
		text, later = demoApproved(zh), true
	case strings.Contains(all.text, "apply"), strings.Contains(all.text, "变更"):
		text = demoWaits(zh)
	case strings.Contains(all.text, "plan"), strings.Contains(all.text, "预览"):
		text = demoPlan(zh)
	default:
		text = demoText{title: "ℹ️ help", lines: []string{"plan <server> key=value|", "<b>no markup</b> & [no](link)|"}, tone: "grey"}
	}
	d.send(w, name, all, text, false)
	if later {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ended = func() { d.send(httptest.NewRecorder(), name, all, demoDone(zh), true) }
	}
}

// asked is what the demonstration needs of a request.
type asked struct {
	text, reply, user string
	click             bool
}

// plain reads a request without verifying it; the services keep what was in it.
func (d *demo) plain(name string, body []byte) asked {
	if name == chat.Slack {
		form, _ := url.ParseQuery(string(body))
		if payload := form.Get("payload"); payload != "" {
			var p struct {
				Response string `json:"response_url"`
				Actions  []struct {
					Value string `json:"value"`
				} `json:"actions"`
			}
			_ = json.Unmarshal([]byte(payload), &p)
			return asked{text: p.Actions[0].Value, reply: p.Response, click: true}
		}
		return asked{text: form.Get("text"), reply: form.Get("response_url")}
	}
	text := string(body)
	if name != chat.DingTalk {
		text = chat.Plain(secrets(), name, body)
	}
	var m struct {
		Webhook  string `json:"sessionWebhook"`
		Response string `json:"response_url"`
		Text     struct {
			Content string `json:"content"`
		} `json:"text"`
		Staff string `json:"senderStaffId"`
		Event struct {
			Message struct {
				ID      string `json:"message_id"`
				Content string `json:"content"`
			} `json:"message"`
			Action struct {
				Value map[string]string `json:"value"`
			} `json:"action"`
			Context struct {
				ID string `json:"open_message_id"`
			} `json:"context"`
		} `json:"event"`
	}
	_ = json.Unmarshal([]byte(text), &m)
	out := asked{text: m.Text.Content + m.Event.Message.Content + m.Event.Action.Value["command"], reply: m.Webhook + m.Response, user: m.Staff}
	if name == chat.Feishu {
		out.reply = "https://open.feishu.cn/open-apis/im/v1/messages/" + m.Event.Message.ID + m.Event.Context.ID + "/reply"
		out.click = m.Event.Context.ID != ""
	}
	return out
}

func (d *demo) send(w http.ResponseWriter, name string, a asked, t demoText, later bool) {
	var md, mrkdwn strings.Builder
	for _, line := range t.lines {
		key, value, _ := strings.Cut(line, "|")
		if value != "" {
			value = " `" + value + "`"
		}
		fmt.Fprintf(&md, "- %s%s\n", strings.NewReplacer("<", "＜", ">", "＞", "[", "［").Replace(key), value)
		fmt.Fprintf(&mrkdwn, "• %s%s\n", strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(key), value)
	}
	var out any
	switch name {
	case chat.DingTalk:
		out = d.dingTalk(t, md.String(), a)
	case chat.Slack:
		out = d.slack(t, mrkdwn.String())
		later = later || a.click
	case chat.WeCom:
		text := "### " + t.title + "\n" + md.String()
		var offers strings.Builder
		for _, b := range t.buttons {
			offers.WriteString("> " + b[0] + "： `" + b[1] + "`\n")
		}
		text += offers.String()
		out, later = map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": text}}, true
	case chat.Feishu:
		card, _ := json.Marshal(d.feishu(t, md.String())) //nolint:errchkjson // texts only
		h := http.Header{"Authorization": {"Bearer " + d.f.feishuToken()}}
		d.f.send(a.reply, h, map[string]string{"msg_type": "interactive", "content": string(card)})
		_, _ = w.Write([]byte(`{}`))
		return
	}
	if later {
		d.f.send(a.reply, nil, out)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) //nolint:errchkjson // texts only
}

func (*demo) dingTalk(t demoText, md string, a asked) any {
	if len(t.buttons) == 0 {
		return map[string]any{
			"msgtype": "markdown", "markdown": map[string]string{"title": t.title, "text": "#### " + t.title + "\n" + md},
			"at": map[string]any{"atUserIds": []string{a.user}},
		}
	}
	var btns []any
	for _, b := range t.buttons {
		btns = append(btns, map[string]string{"title": b[0], "actionURL": "dtmd://dingtalkclient/sendMessage?content=" + url.PathEscape(b[1])})
	}
	return map[string]any{"msgtype": "actionCard", "actionCard": map[string]any{"title": t.title, "text": "#### " + t.title + "\n" + md, "btns": btns}}
}

func (*demo) slack(t demoText, mrkdwn string) any {
	blocks := []any{map[string]any{"type": "section", "text": map[string]string{"type": "mrkdwn", "text": "*" + t.title + "*\n" + mrkdwn}}}
	var elements []any
	for n, b := range t.buttons {
		e := map[string]any{"type": "button", "action_id": fmt.Sprint("b", n), "text": map[string]string{"type": "plain_text", "text": b[0]}, "value": b[1]}
		if n == 0 {
			e["style"] = "primary"
		}
		elements = append(elements, e)
	}
	if elements != nil {
		blocks = append(blocks, map[string]any{"type": "actions", "elements": elements})
	}
	return map[string]any{"response_type": "in_channel", "text": t.title, "blocks": blocks}
}

func (*demo) feishu(t demoText, md string) any {
	elements := []any{map[string]string{"tag": "markdown", "content": strings.TrimSpace(md)}}
	var actions []any
	for n, b := range t.buttons {
		kind := "default"
		if n == 0 {
			kind = "primary"
		}
		actions = append(actions, map[string]any{"tag": "button", "type": kind, "text": map[string]string{"tag": "plain_text", "content": b[0]}, "value": map[string]string{"command": b[1]}})
	}
	if actions != nil {
		elements = append(elements, map[string]string{"tag": "hr"}, map[string]any{"tag": "action", "actions": actions})
	}
	return map[string]any{"header": map[string]any{"title": map[string]string{"tag": "plain_text", "content": t.title}, "template": t.tone}, "elements": elements}
}

const demoID = "20261125-7f3akq9cd2"

func demoPlan(zh bool) demoText {
	if zh {
		return demoText{tone: "blue", title: "预览 office-hangzhou", lines: []string{"协议：|UDP → TCP", "端口：|1194 → 1195", "需要 1 人批准|"}, buttons: [][2]string{{"提交变更", "变更 office-hangzhou 协议=TCP 端口=1195"}}}
	}
	return demoText{tone: "blue", title: "Plan for office-hangzhou", lines: []string{"proto:|UDP → TCP", "port:|1194 → 1195", "needs 1 approval|"}, buttons: [][2]string{{"Ask for it", "apply office-hangzhou proto=TCP port=1195"}}}
}

func demoWaits(zh bool) demoText {
	if zh {
		return demoText{tone: "orange", title: "⏳ 等待批准", lines: []string{"变更|" + demoID, "office-hangzhou 端口：|1194 → 1195", "提出人：梅|"}, buttons: [][2]string{{"批准", "批准 " + demoID + " k7q2"}, {"拒绝", "拒绝 " + demoID}}}
	}
	return demoText{tone: "orange", title: "⏳ Waits for approval", lines: []string{"change|" + demoID, "office-hangzhou port:|1194 → 1195", "asked for by Mei|"}, buttons: [][2]string{{"Approve", "approve " + demoID + " k7q2"}, {"Reject", "reject " + demoID}}}
}

func demoApproved(zh bool) demoText {
	if zh {
		return demoText{tone: "blue", title: "军已批准", lines: []string{"变更|" + demoID, "正在执行|"}}
	}
	return demoText{tone: "blue", title: "Approved by Jun", lines: []string{"change|" + demoID, "it is being applied|"}}
}

func demoDone(zh bool) demoText {
	if zh {
		return demoText{tone: "green", title: "✅ 已生效", lines: []string{"office-hangzhou 端口：|1194 → 1195", "记录|" + demoID, "撤销：|回滚 " + demoID}}
	}
	return demoText{tone: "green", title: "✅ Applied", lines: []string{"office-hangzhou port:|1194 → 1195", "record|" + demoID, "undo:|rollback " + demoID}}
}
