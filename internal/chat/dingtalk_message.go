package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const (
	// DingTalk takes messages of 15,000 bytes with all that is around the text.
	dingTalkText  = 9000
	dingTalkNext  = 4000 // of it, for what to go on with
	dingTalkTitle = 64   // characters
)

// What has a meaning in DingTalk's Markdown, anywhere and at the start of a
// line. There is no escape that all of its clients know.
const (
	dingTalkMarkup = "`[]()!<>*_~|\\&$@"
	dingTalkStart  = "#-+="
)

// dingTalkAnswer is a message in Markdown.
type dingTalkAnswer struct {
	Type     string `json:"msgtype"`
	Markdown struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"markdown"`
	At struct {
		Users []string `json:"atUserIds"`
		All   bool     `json:"isAtAll"`
	} `json:"at"`
}

func (*dingTalk) Answer(d Delivery, t Text) (res Response, later bool) {
	mention := ""
	if d.Message != nil {
		mention = d.Message.Reply.Mention
	}
	return Response{Status: http.StatusOK, ContentType: contentTypeJSON, Body: encoded(dingTalkRendered(t, mention))}, false
}

// Send posts to the session webhook. DingTalk knows no repetitions.
func (*dingTalk) Send(ctx context.Context, client Doer, to Reply, t Text, _ string) error {
	if to.Platform != dingTalkName || to.Kind != dingTalkReply {
		return &SendError{Code: codeReply, Message: "the reply address is not one of DingTalk's"}
	}
	answer, err := post(ctx, client, to.Address, "", encoded(dingTalkRendered(t, to.Mention)))
	if err != nil {
		return err
	}
	var got struct {
		Code *int64 `json:"errcode"`
	}
	if json.Unmarshal(answer, &got) != nil || got.Code == nil {
		return &SendError{Again: true, Code: codeUnreadable, Message: "DingTalk answered something that cannot be read"}
	}
	switch *got.Code {
	case 0:
		return nil
	case -1, 130101, 410100: // busy, and two kinds of too often
		return &SendError{Again: true, Code: strconv.FormatInt(*got.Code, 10), Message: "DingTalk is busy, or asks to be sent less"}
	default:
		return &SendError{
			Code:    strconv.FormatInt(*got.Code, 10),
			Message: "DingTalk refused the message; its session webhook may have expired, which it does 90 minutes after the message that it answers",
		}
	}
}

func dingTalkRendered(t Text, mention string) dingTalkAnswer {
	var out dingTalkAnswer
	out.Type = "markdown"
	out.Markdown.Title = shortened(symbol(t.Mark)+" "+dingTalkLine(t.Title), dingTalkTitle)
	out.Markdown.Text = dingTalkBody(t, mention)
	out.At.Users = []string{}
	if mention != "" {
		out.At.Users = append(out.At.Users, mention)
	}
	return out
}

func dingTalkBody(t Text, mention string) string {
	next := page{size: func(s string) int { return len(s) }, room: dingTalkNext}
	for i, n := range steps(t) {
		if i == 0 {
			next.add("\n\n")
		} else {
			next.add("  \n")
		}
		next.add(dingTalkStep(n))
	}
	tail := next.text.String()
	if at := dingTalkAt(mention); at != "" {
		tail += "\n\n" + at
	}
	body := page{size: next.size, room: dingTalkText - len(tail)}
	body.add("#### " + symbol(t.Mark) + " ")
	body.line(t.Title, func(s Span, _ bool) string { return dingTalkPiece(s.Text) })
	parted := true
	for _, l := range t.Lines {
		switch {
		case len(l) == 0:
			parted = true
			continue
		case parted:
			body.add("\n\n")
		default:
			body.add("  \n") // two blanks before the end break a line
		}
		parted = false
		body.line(l, dingTalkSpan)
	}
	return body.text.String() + tail
}

// dingTalkLine is a line where no Markdown is read.
func dingTalkLine(l Line) string {
	p := page{size: func(s string) int { return len(s) }, room: dingTalkText}
	p.line(l, func(s Span, _ bool) string { return dingTalkPiece(s.Text) })
	return p.text.String()
}

func dingTalkSpan(s Span, first bool) string {
	text := dingTalkPiece(s.Text)
	if !first {
		return text
	}
	text = strings.TrimLeft(text, " ")
	end := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(dingTalkStart, r) })
	if end < 0 {
		end = len(text)
	}
	text = wide(text[:end], dingTalkStart) + text[end:]
	// A number and a dot begin a list.
	digits := strings.TrimLeft(text, "0123456789")
	if len(digits) < len(text) && strings.HasPrefix(digits, ".") {
		text = text[:len(text)-len(digits)] + "．" + digits[1:]
	}
	return text
}

// dingTalkPiece makes text mean nothing but itself. Code is not set apart: not
// every client of DingTalk's knows code.
func dingTalkPiece(s string) string {
	var b strings.Builder
	last := rune(0)
	runes := []rune(wide(s, dingTalkMarkup))
	for i, r := range runes {
		switch {
		// Addresses become links by themselves: http://…, www.….
		case r == '/' && last == '/':
			r = '／'
		case r == '.' && i+1 < len(runes) && unicode.IsLetter(runes[i+1]):
			r = '．'
		}
		last = r
		b.WriteRune(r)
	}
	return b.String()
}

// dingTalkStep offers a command: as a link that makes the client of whoever
// taps it send the command, with the command beside it, so that everybody sees
// what would be sent; or as a line to be typed.
func dingTalkStep(n Next) string {
	label, command := dingTalkSpan(Words(n.Label), true), dingTalkPiece(visible(n.Command))
	if !harmless(n.Command) {
		return label + colon(n.Label) + command
	}
	content := strings.ReplaceAll(url.QueryEscape(n.Command), "+", "%20")
	return "[" + label + "](dtmd://dingtalkclient/sendMessage?content=" + content + ") " + command
}

// harmless tells whether a command is made of letters, digits and signs that
// cannot hide what it says.
func harmless(command string) bool {
	const signs = " -_.,:/="
	return command != "" && len(command) <= maxSpan && !strings.ContainsFunc(command, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(signs, r)
	})
}

// dingTalkAt is the mention as it has to stand in the text for the client to
// show it; "" where the id holds more than letters, digits and hyphens.
func dingTalkAt(user string) string {
	if user == "" || strings.ContainsFunc(user, func(r rune) bool { return !harmless(string(r)) || strings.ContainsRune(" _.,:/=", r) }) {
		return ""
	}
	return "@" + user
}
