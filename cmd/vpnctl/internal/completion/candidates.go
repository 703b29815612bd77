package completion

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Candidate is a word that can stand at the cursor.
type Candidate struct {
	Word string
	Help string
}

// Answer is what a shell is told.
type Answer struct {
	Candidates []Candidate
	Files      bool // complete the name of a file
	Open       bool // the word continues, so that no blank follows it
}

// tag is the tag of values that can be completed.
const tag = "complete"

// files is the tag's value for names of files.
const files = "files"

// Complete completes the last of the words. It lists the values of a kind that is not
// files by the function.
func Complete(app *kong.Application, words []string, values func(kind, command string) []Candidate) Answer {
	if len(words) == 0 {
		return Answer{}
	}
	at := position{node: app.Node, values: values}
	for _, word := range words[:len(words)-1] {
		at.pass(word)
	}
	a := at.complete(words[len(words)-1])
	current, kept := words[len(words)-1], a.Candidates[:0]
	for _, c := range a.Candidates {
		if strings.HasPrefix(c.Word, current) {
			kept = append(kept, c)
		}
	}
	a.Candidates = kept
	return a
}

// position is where the cursor is.
type position struct {
	node    *kong.Node
	values  func(kind, command string) []Candidate
	waiting *kong.Flag // whose value comes next
	args    int        // positional arguments that are passed
	plain   bool       // after "--" there are no flags
}

// pass goes over a whole word.
func (p *position) pass(word string) {
	switch {
	case p.waiting != nil:
		p.waiting = nil
	case !p.plain && word == "--":
		p.plain = true
	case !p.plain && strings.HasPrefix(word, "-"):
		if f := p.flag(word); f != nil && !f.IsBool() && !f.IsCounter() {
			p.waiting = f
		}
	default:
		for _, child := range p.node.Children {
			if child.Name == word {
				p.node, p.args = child, 0
				return
			}
		}
		p.args++
	}
}

// flag finds a flag that is written without a value.
func (p *position) flag(word string) *kong.Flag {
	for _, group := range p.node.AllFlags(true) {
		for _, f := range group {
			if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

func (p *position) complete(word string) Answer {
	if p.waiting != nil {
		return p.of(p.waiting.Value, "")
	}
	if !p.plain && strings.HasPrefix(word, "-") {
		name, _, isValue := strings.Cut(word, "=")
		if f := p.flag(name); isValue && f != nil {
			return p.of(f.Value, name+"=")
		}
		return Answer{Candidates: p.flags()}
	}
	var a Answer
	for _, child := range p.node.Children {
		if !child.Hidden {
			a.Candidates = append(a.Candidates, Candidate{child.Name, child.Help})
		}
	}
	args := p.node.Positional
	if len(args) == 0 {
		return a
	}
	arg := args[min(p.args, len(args)-1)]
	if p.args >= len(args) && !arg.IsCumulative() {
		return a
	}
	return p.of(arg, "")
}

func (p *position) flags() []Candidate {
	var out []Candidate
	for _, group := range p.node.AllFlags(true) {
		for _, f := range group {
			out = append(out, Candidate{"--" + f.Name, f.Help})
		}
	}
	return out
}

// of lists the values of a flag or an argument.
func (p *position) of(v *kong.Value, prefix string) Answer {
	kind := v.Tag.Get(tag)
	switch {
	case kind == files, v.Tag.Type == "path", v.Tag.Type == "existingfile":
		return Answer{Files: true}
	case kind != "":
		a := Answer{Candidates: p.values(kind, p.node.Name)}
		for i := range a.Candidates {
			a.Open = a.Open || strings.HasSuffix(a.Candidates[i].Word, "=")
			a.Candidates[i].Word = prefix + a.Candidates[i].Word
		}
		return a
	case v.Enum == "":
		return Answer{}
	}
	var a Answer
	for _, value := range v.EnumSlice() {
		if value != "" {
			a.Candidates = append(a.Candidates, Candidate{Word: prefix + value})
		}
	}
	return a
}

// Print writes the answer for a script.
func (a Answer) Print(out io.Writer) {
	if a.Files {
		_, _ = fmt.Fprintln(out, ":files")
	}
	if a.Open {
		_, _ = fmt.Fprintln(out, ":nospace")
	}
	for _, c := range a.Candidates {
		_, _ = fmt.Fprintf(out, "%s\t%s\n", c.Word, strings.ReplaceAll(c.Help, "\n", " "))
	}
}
