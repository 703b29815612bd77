package command

import "strings"

// Piece is a part of a text: words, or something that people read and copy letter by
// letter, such as an id, a value or a command. Platforms show the latter as it is.
type Piece struct {
	Text  string
	Exact bool
}

// Fill fills a template: {name} stands for a parameter, and `…` surrounds what is
// shown letter by letter.
func Fill(template string, param func(name string) string) []Piece {
	var out []Piece
	add := func(text string, exact bool) {
		if text != "" {
			out = append(out, Piece{text, exact})
		}
	}
	for template != "" {
		i := strings.IndexAny(template, "{`")
		if i < 0 {
			i = len(template)
		}
		add(template[:i], false)
		if template = template[i:]; template == "" {
			break
		}
		end := "}"
		if template[0] == '`' {
			end = "`"
		}
		inner, rest, _ := strings.Cut(template[1:], end)
		if end == "}" {
			add(param(inner), true)
		} else {
			add(joinPieces(Fill(inner, param)), true)
		}
		template = rest
	}
	return out
}

// joinPieces is the text of pieces.
func joinPieces(all []Piece) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Text)
	}
	return b.String()
}
