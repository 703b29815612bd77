package wecom

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

var _ chat.Rooms = (*Platform)(nil)

// The rooms of WeCom. An app cannot write to a group that people made, so that a room
// is the people whom a card mentions, one person, or a group with a robot whose key
// is configured.
const (
	roomApprovers = "@approvers"
	groupMark     = "#"
)

// Check accepts "@approvers", "#" with the name of a configured group, or a userid.
func (p *Platform) Check(to chat.Room) error {
	if to.Platform != name || (to.Tenant != "" && to.Tenant != p.corp) {
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the room is not of the corporation that CHAT_WECOM has as corp"}
	}
	group, isGroup := strings.CutPrefix(to.ID, groupMark)
	_, canSend := p.app()
	switch {
	case isGroup && !chat.PlainID(group, "_-", 32), !isGroup && to.ID != roomApprovers && (!isUser(to.ID) || isGroupChat(to.ID)):
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "a room of WeCom is @approvers, which sends the card to the people who may approve; a userid; or #name of a group in CHAT_WECOM"}
	case isGroup && p.groups[group].IsZero():
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "CHAT_WECOM has no group of this name: add group=<name>:<key of the group's robot>"}
	case !isGroup && !canSend:
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "writing to people needs agent and agentSecret, which CHAT_WECOM does not contain"}
	default:
		return nil
	}
}

// isGroupChat reports whether a text is the id of a group, which an app cannot write
// to, rather than a userid.
func isGroupChat(id string) bool {
	return len(id) >= 24 && (strings.HasPrefix(id, "wr") || strings.HasPrefix(id, "wo"))
}

// groupText is a message of a group's robot
// (developer.work.weixin.qq.com/document/path/91770).
type groupText struct {
	Type string `json:"msgtype"`
	Text struct {
		Content string   `json:"content"`
		Mention []string `json:"mentioned_list,omitempty"`
	} `json:"text"`
}

// Post sends a card of the app to people, or a text to a group. WeCom drops a second
// message of the app with the same content within half an hour. The handle is the
// code that updates the card; "" for a group's message. A card shows little text:
// where there is more, a message with all of it precedes the card.
func (p *Platform) Post(ctx context.Context, client chat.Doer, to chat.Room, c chat.Card, id string) (handle string, err error) {
	if err := p.Check(to); err != nil {
		return "", err
	}
	if group, ok := strings.CutPrefix(to.ID, groupMark); ok {
		m := groupText{Type: "text"}
		m.Text.Content, m.Text.Mention = renderText(c.Text), chat.Mentioned(c.Mention, isPerson)
		address := apiURL + groupPath + "?" + url.Values{"key": {p.groups[group].Reveal()}}.Encode()
		_, err := call(ctx, client, http.MethodPost, address, m)
		return "", err
	}
	people := []string{to.ID}
	if to.ID == roomApprovers {
		people = chat.Mentioned(append(slices.Clone(c.Mention), c.For...), isPerson)
	}
	if len(people) == 0 {
		return "", &chat.SendError{Code: chat.CodeAddressRefused, Message: "the room @approvers has nobody to write to: no person of the policy who may approve has an account of WeCom"}
	}
	agent, _ := p.app()
	touser := strings.Join(people, "|")
	card, whole := cardOf(c.Text, taskID(to, id))
	if !whole {
		if _, err := p.callAPI(ctx, client, sendPath, textMessage(agent, touser, renderText(c.Text))); someUnknown(err) != nil {
			return "", err
		}
	}
	message := appMessage{To: touser, Type: "template_card", Agent: agent, Card: &card, Duplicate: 1, Interval: 1800}
	got, err := p.callAPI(ctx, client, sendPath, message)
	if len(people) > 1 {
		err = someUnknown(err)
	}
	if err != nil || !isUpdateCode(got.Update) {
		return "", err
	}
	return got.Update, nil
}

// isPerson reports whether a text is the userid of one person.
func isPerson(id string) bool { return isUser(id) && id != "all" }

// someUnknown drops the failure that a message reached some of its people only: the
// others cannot be reached by a repetition either.
func someUnknown(err error) error {
	if e, ok := errors.AsType[*chat.SendError](err); ok && e.Code == invalidUser {
		return nil
	}
	return err
}

// updated replaces a card for everybody who has it
// (developer.work.weixin.qq.com/document/path/94888).
type updated struct {
	Agent uint64       `json:"agentid"`
	Code  string       `json:"response_code"`
	All   int          `json:"atall"`
	Card  templateCard `json:"template_card"`
}

// Update replaces a card, once and within 72 hours.
func (p *Platform) Update(ctx context.Context, client chat.Doer, to chat.Room, handle string, c chat.Card) error {
	if err := p.Check(to); err != nil {
		return err
	}
	if !isUpdateCode(handle) || strings.HasPrefix(to.ID, groupMark) {
		return &chat.SendError{Code: chat.CodeNotUpdatable, Message: "the message is no card of WeCom that can be updated; nothing was sent"}
	}
	agent, _ := p.app()
	card, _ := cardOf(c.Text, taskID(to, handle))
	_, err := p.callAPI(ctx, client, updatePath, updated{Agent: agent, Code: handle, All: 1, Card: card})
	// The code works once; what WeCom refuses now it does not accept later, except for a
	// setting that somebody can correct.
	if e, ok := errors.AsType[*chat.SendError](err); ok && !e.Again && strings.Trim(string(e.Code), "0123456789") == "" {
		if _, known := explain(e.Code); !known {
			e.Code, e.Message = chat.CodeNotUpdatable, "WeCom does not let this card be updated any more: it allows one update, within 72 hours"
		}
	}
	return someUnknown(err)
}

// isUpdateCode reports whether a text can be the code that updates a card.
func isUpdateCode(s string) bool { return chat.PlainID(s, "-_.~+/=", 512) }
