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

// Sentence divides an English text into words and what people read letter by letter: a
// piece with anything but letters and the signs of a sentence, such as an id or a
// number. Nothing else in it can have a meaning to a platform.
func Sentence(text string) []Piece {
	var out []Piece
	for i, word := range strings.Fields(text) {
		begin := ""
		if i > 0 {
			begin = " "
		}
		bare := strings.TrimRight(word, ",.;:?")
		exact := bare == "" || strings.ContainsFunc(bare, func(r rune) bool { return !letterOfSentence(r) }) || bare[0] == '-'
		last := len(out) - 1
		switch {
		case last >= 0 && out[last].Exact == exact:
			out[last].Text += begin + word
		case exact && last >= 0:
			out[last].Text += begin
			out = append(out, Piece{word, true})
		default:
			out = append(out, Piece{begin + word, exact})
		}
	}
	return signsOutside(out)
}

// signsOutside moves the sign at the end of an exact piece into the words after it.
func signsOutside(pieces []Piece) []Piece {
	var out []Piece
	for _, p := range pieces {
		bare := strings.TrimRight(p.Text, ",.;:?")
		if last := len(out) - 1; !p.Exact && last >= 0 && !out[last].Exact {
			out[last].Text += p.Text
			continue
		}
		if !p.Exact || bare == "" || bare == p.Text {
			out = append(out, p)
			continue
		}
		out = append(out, Piece{bare, true}, Piece{p.Text[len(bare):], false})
	}
	return out
}

func letterOfSentence(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '\'' || r == '-'
}
