package feishu

import (
	"encoding/json"
	"strings"
)

// post is the content of a message of type post: paragraphs of elements.
type post struct {
	Title   string          `json:"title"`
	Content [][]postElement `json:"content"`
}

type postElement struct {
	Tag  string `json:"tag"`
	Text string `json:"text"`
	User string `json:"user_id"` // of a mention: its placeholder
}

// mentionsAll reports whether a post mentions everybody.
func mentionsAll(content string) bool {
	var p post
	_ = json.Unmarshal([]byte(content), &p) // postText refuses another form
	for _, paragraph := range p.Content {
		for _, e := range paragraph {
			if e.Tag == "at" && (e.User == "all" || e.User == everybody) {
				return true
			}
		}
	}
	return false
}

// postText reads a post that holds text, mentions, links and code, as if it had
// been sent as a text; false for one with a title, a picture or anything else.
// Several paragraphs become several lines, which no command has.
func postText(content string) (string, bool) {
	var p post
	if json.Unmarshal([]byte(content), &p) != nil || strings.TrimSpace(p.Title) != "" {
		return "", false
	}
	var b strings.Builder
	for i, paragraph := range p.Content {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, e := range paragraph {
			switch e.Tag {
			case "text", "a", "code_block", "md":
				b.WriteString(e.Text)
			case "at":
				b.WriteString(" " + e.User + " ")
			default:
				return "", false
			}
		}
	}
	return b.String(), strings.TrimSpace(b.String()) != ""
}
