package chat

import "strings"

// The kinds of blocks.
const (
	Paragraph = "text"
	Heading   = "heading"
	Quote     = "quote"
	Item      = "item" // of a list
	Pre       = "code"
	Rule      = "rule"
	Note      = "note" // small print
)

// Block is a part of a message on lines of its own.
type Block struct {
	Kind  string `json:"kind"`
	Level int    `json:"level,omitempty"` // of a heading
	Spans []Span `json:"spans,omitempty"`
}

// Span is a run of text in one style. A line break is a "\n" in it.
type Span struct {
	Text    string `json:"text"`
	Bold    bool   `json:"bold,omitempty"`
	Italic  bool   `json:"italic,omitempty"`
	Strike  bool   `json:"strike,omitempty"`
	Code    bool   `json:"code,omitempty"`
	Color   string `json:"color,omitempty"`
	Link    string `json:"link,omitempty"`
	Button  string `json:"button,omitempty"`  // the label of the button that this is
	Mention string `json:"mention,omitempty"` // the account; "everyone" for all
}

func mentions(blocks []Block) []string {
	var out []string
	for _, b := range blocks {
		for _, sp := range b.Spans {
			if sp.Mention != "" {
				out = append(out, sp.Mention)
			}
		}
	}
	return out
}

// plainText is the text without its styles.
func plainText(title string, blocks []Block) string {
	var out []string
	if title != "" {
		out = append(out, title)
	}
	for _, b := range blocks {
		var line strings.Builder
		for _, sp := range b.Spans {
			line.WriteString(sp.Text)
		}
		if b.Kind != Rule {
			out = append(out, line.String())
		}
	}
	return strings.Join(out, "\n")
}

// paragraphs makes blocks of plain text, which has no markup.
func paragraphs(text string) []Block {
	return []Block{{Kind: Paragraph, Spans: []Span{{Text: text}}}}
}
