package chat

import (
	"encoding/json"
	"regexp"
	"strings"
)

// maxCard is the maximum length of a message (documented).
const maxCard = 30 << 10

// readFeishu reads a message by its type. Its content is JSON in a string.
func readFeishu(kind, content string) (dr draft, problem string) {
	if len(content) > maxCard {
		return dr, "content is longer than 30 KB"
	}
	dr.raw = []byte(content)
	switch kind {
	case "text":
		var m struct {
			Text string `json:"text"`
		}
		if json.Unmarshal(dr.raw, &m) != nil || m.Text == "" {
			return dr, "content is no text"
		}
		dr.blocks = []Block{{Kind: Paragraph, Spans: feishuText(m.Text)}}
	case "post":
		problem = readPost(&dr)
	case "interactive":
		problem = readCard(&dr)
	default:
		problem = "msg_type " + kind
	}
	return dr, problem
}

// feishuText reads a text message, in which only mentions have a meaning.
func feishuText(s string) []Span {
	mention := feishuMention()
	var out []Span
	start := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '<' {
			continue
		}
		account, size := mention(s[i:])
		if size == 0 {
			continue
		}
		if start < i {
			out = append(out, Span{Text: s[start:i]})
		}
		out = append(out, Span{Text: "@" + account, Mention: account})
		start, i = i+size, i+size-1
	}
	if start < len(s) {
		out = append(out, Span{Text: s[start:]})
	}
	return out
}

func feishuMention() func(string) (string, int) {
	at := regexp.MustCompile(`^<at (?:user_id|id|open_id)=["']?([^"'>\s]+)["']?\s*/?>(?:[^<]*</at>)?`)
	return func(s string) (string, int) {
		m := at.FindStringSubmatch(s)
		if m == nil {
			return "", 0
		}
		if m[1] == "all" {
			return "everyone", len(m[0])
		}
		return m[1], len(m[0])
	}
}

func feishuDialect() dialect {
	return dialect{fonts: true, entities: true, escapes: true, mention: feishuMention()}
}

type postElement struct {
	Tag    string   `json:"tag"`
	Text   string   `json:"text"`
	Href   string   `json:"href"`
	UserID string   `json:"user_id"`
	Style  []string `json:"style"`
}

// readPost reads a rich text: one language, lines of elements.
func readPost(dr *draft) (problem string) {
	var m map[string]struct {
		Title   string          `json:"title"`
		Content [][]postElement `json:"content"`
	}
	if json.Unmarshal(dr.raw, &m) != nil || len(m) == 0 {
		return "content is no post"
	}
	post, ok := m["zh_cn"]
	if !ok {
		post = m["en_us"]
	}
	if len(post.Content) == 0 {
		return "content has neither zh_cn nor en_us"
	}
	dr.title = post.Title
	for _, line := range post.Content {
		b := Block{Kind: Paragraph}
		for _, e := range line {
			sp := Span{Text: e.Text}
			for _, style := range e.Style {
				sp.Bold, sp.Italic, sp.Strike = sp.Bold || style == "bold", sp.Italic || style == "italic", sp.Strike || style == "lineThrough"
			}
			switch e.Tag {
			case "text":
			case "a":
				sp.Link = e.Href
			case "at":
				sp.Mention = strings.Replace(e.UserID, "all", "everyone", 1)
				sp.Text = "@" + sp.Mention
			case "hr":
				b.Kind = Rule
			case "code_block":
				b.Kind = Pre
			case "md":
				dr.blocks = append(dr.blocks, markdown(e.Text, feishuDialect())...)
				continue
			default:
				return "tag " + e.Tag
			}
			b.Spans = append(b.Spans, sp)
		}
		if b.Kind == Rule || len(b.Spans) > 0 {
			dr.blocks = append(dr.blocks, b)
		}
	}
	return ""
}

type cardText struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

func (t cardText) blocks() []Block {
	if t.Tag == "plain_text" {
		return paragraphs(t.Content)
	}
	return markdown(t.Content, feishuDialect())
}

type cardElement struct {
	Tag       string   `json:"tag"`
	Content   string   `json:"content"`
	Text      cardText `json:"text"`
	TextAlign string   `json:"text_align"`
	Type      string   `json:"type"`
	Fields    []struct {
		Text cardText `json:"text"`
	} `json:"fields"`
	Elements []cardElement   `json:"elements"`
	Columns  []cardElement   `json:"columns"`
	Actions  []cardElement   `json:"actions"`
	Value    json.RawMessage `json:"value"`
	Confirm  *struct {
		Title cardText `json:"title"`
		Text  cardText `json:"text"`
	} `json:"confirm"`
	Behaviors []struct {
		Type  string          `json:"type"`
		Value json.RawMessage `json:"value"`
	} `json:"behaviors"`
}

// readCard reads a message card, of the first or the second schema.
func readCard(dr *draft) (problem string) {
	var m struct {
		Config struct {
			Multi bool `json:"update_multi"`
		} `json:"config"`
		Header struct {
			Title    cardText `json:"title"`
			Template string   `json:"template"`
		} `json:"header"`
		Elements []cardElement `json:"elements"`
		Body     struct {
			Elements []cardElement `json:"elements"`
		} `json:"body"`
	}
	if json.Unmarshal(dr.raw, &m) != nil || len(m.Elements)+len(m.Body.Elements) == 0 {
		return "content is no card"
	}
	dr.shared = m.Config.Multi
	dr.title, dr.tone = m.Header.Title.Content, m.Header.Template
	if m.Header.Title.Tag == "lark_md" {
		dr.mentions = mentions(m.Header.Title.blocks())
	}
	for _, e := range append(m.Elements, m.Body.Elements...) {
		if problem := e.read(dr); problem != "" {
			return problem
		}
	}
	return ""
}

func (e cardElement) read(dr *draft) (problem string) {
	switch e.Tag {
	case "div":
		if e.Text.Content != "" {
			dr.blocks = append(dr.blocks, e.Text.blocks()...)
		}
		for _, f := range e.Fields {
			dr.blocks = append(dr.blocks, f.Text.blocks()...)
		}
	case "markdown":
		dr.blocks = append(dr.blocks, markdown(e.Content, feishuDialect())...)
	case "plain_text", "lark_md": // in a note
		for _, b := range (cardText{e.Tag, e.Content}).blocks() {
			b.Kind = Note
			dr.blocks = append(dr.blocks, b)
		}
	case "hr":
		dr.blocks = append(dr.blocks, Block{Kind: Rule})
	case "button":
		return e.button(dr)
	case "action", "note", "column_set", "column":
		for _, list := range [][]cardElement{e.Actions, e.Columns, e.Elements} {
			for _, inner := range list {
				if problem := inner.read(dr); problem != "" {
					return problem
				}
			}
		}
	default:
		return "tag " + e.Tag
	}
	return ""
}

func (e cardElement) button(dr *draft) (problem string) {
	if e.Text.Content == "" || e.Confirm != nil && (e.Confirm.Title.Tag != "plain_text" || e.Confirm.Text.Tag != "plain_text" || e.Confirm.Text.Content == "") {
		return "a button has a text, and its confirm a title and a text of plain_text"
	}
	b := Button{Label: e.Text.Content, Style: strings.TrimSuffix(e.Type, "_filled"), value: e.Value, element: "button"}
	for _, behavior := range e.Behaviors {
		if behavior.Type == "callback" {
			b.value = behavior.Value
		}
	}
	b.Command = string(b.value)
	if e.Confirm != nil {
		b.Confirm = &Confirm{Title: e.Confirm.Title.Content, Text: e.Confirm.Text.Content}
	}
	dr.buttons = append(dr.buttons, b)
	return ""
}
