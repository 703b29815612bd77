package chat

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// cardLife is how long a card can be updated (documented).
const cardLife = 14 * 24 * time.Hour

// create sends a message to a group or to a person (documented).
func (p feishu) create(r apiRequest) apiAnswer {
	var m struct {
		To      string `json:"receive_id"`
		Content string `json:"content"`
		Type    string `json:"msg_type"`
		UUID    string `json:"uuid"`
	}
	if err := json.Unmarshal(r.body, &m); err != nil || len(m.UUID) > 50 {
		return feishuFail(http.StatusBadRequest, 99992402, "field validation failed")
	}
	room, onlyFor := strings.TrimPrefix(m.To, "oc_"), ""
	switch r.query.Get("receive_id_type") {
	case "chat_id":
		if !strings.HasPrefix(m.To, "oc_") || !p.s.knows(Feishu, room) {
			return feishuFail(http.StatusBadRequest, 230002, "Bot/User can NOT be out of the chat.")
		}
	case "open_id":
		room, onlyFor = Room, m.To
		known := false
		for _, person := range p.s.opts.People {
			known = known || person.Accounts[Feishu] == m.To
		}
		if !known {
			return feishuFail(http.StatusBadRequest, 230013, "Bot has NO availability to this user.")
		}
	default:
		return feishuFail(http.StatusBadRequest, 99992402, "field validation failed: receive_id_type")
	}
	return p.show(m.UUID, m.Type, m.Content, func(dr draft) *Message {
		dr.onlyFor = onlyFor
		return p.s.card(Feishu, room, dr)
	})
}

// patch replaces a card of the bot. Both the old and the new card must be shared
// (documented); the number of that error is own choice.
func (p feishu) patch(native string, body []byte) apiAnswer {
	var m struct {
		Content string `json:"content"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return feishuFail(http.StatusBadRequest, 99992402, "field validation failed")
	}
	old := p.s.find(func(m *Message) bool { return m.Platform == Feishu && m.nativeID == native })
	switch {
	case old == nil || old.Deleted:
		return feishuFail(http.StatusBadRequest, 230011, "The message is recalled.")
	case old.Kind != Bot:
		return feishuFail(http.StatusBadRequest, 230012, "Bot is NOT the sender of the message.")
	case p.s.opts.Now().Sub(old.At) > cardLife:
		return feishuFail(http.StatusBadRequest, 230031, "Message can only be modified within 14 days after sending.")
	}
	dr, problem := readFeishu("interactive", m.Content)
	if problem == "" && (!old.shared || !dr.shared) {
		problem = "update_multi is not true before and after"
	}
	if problem != "" {
		return feishuFail(http.StatusBadRequest, 230099, "Failed to create card content: "+problem)
	}
	p.s.update(old, dr)
	return apiAnswer{status: http.StatusOK, message: old.ID, body: `{"code":0,"msg":"success","data":{}}`}
}
