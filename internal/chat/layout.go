package chat

// Layout is how a platform writes an answer as one text.
type Layout struct {
	// Size measures a text in the unit of the platform's limit; see Bytes, UTF16
	// and JSONBytes.
	Size func(string) int
	Room int // of the whole text, in units
	Next int // the part of Room that is for the commands to send next, at most

	// Begin separates the title from the first line and the first command from what
	// precedes it, Break two lines, and Gap two lines that have an empty one between
	// them.
	Begin, Break, Gap string

	// Span renders a span; first reports whether it begins a line. What it returns
	// has no meaning to the platform but the format of Code.
	Span func(s Span, first bool) string
	// Link renders a command as a link that sends it; "" for one that has to be
	// typed. nil where the platform has no such links.
	Link func(Next) string
}

// Write writes an answer. The head stands before the title, the foot at the
// end. Nothing is cut in the middle of a span or a command.
func (l Layout) Write(head string, t Text, next []Next, foot string) string {
	tail := l.commands(next) + foot
	p := NewPage(l.Room-l.Size(tail), l.Size)
	p.Add(head + Symbol(t.Mark) + " ")
	p.Line(t.Title, func(s Span, _ bool) string { return l.Span(s, false) })
	l.lines(p, t.Lines)
	return p.String() + tail
}

// Body writes the lines and commands alone, for a platform that shows the title
// elsewhere.
func (l Layout) Body(lines []Line, next []Next) string {
	tail := l.commands(next)
	p := NewPage(l.Room-l.Size(tail), l.Size)
	l.lines(p, lines)
	if p.String() == "" {
		return tail
	}
	if tail != "" && l.Begin == "" {
		tail = l.Break + tail
	}
	return p.String() + tail
}

// lines adds lines to a page.
func (l Layout) lines(p *Page, lines []Line) {
	separator := l.Begin
	for _, line := range lines {
		if len(line) == 0 {
			separator = l.Gap
			continue
		}
		p.Add(separator)
		p.Line(line, l.Span)
		separator = l.Break
	}
}

// commands renders the commands to send next. One without room is left out
// whole, because a part of a command is another command; "…" stands for it. One
// command may take three quarters of the room, so that a long one leaves room
// for others.
func (l Layout) commands(next []Next) string {
	out, left, omitted := "", l.Next-l.Size(l.Begin+"…"), false
	for _, n := range next {
		separator := l.Break
		if out == "" {
			separator = l.Begin
		}
		text := separator + l.Command(n)
		switch {
		case l.Size(text) <= min(left, l.Next/4*3):
			left -= l.Size(text)
			out += text
		case !omitted:
			omitted = true
			out += separator + "…"
		}
	}
	return out
}

// Command renders a command with its label, and what it does to people.
func (l Layout) Command(n Next) string {
	// The command ends the line, because people copy it from there.
	label, command := l.Span(Words(n.Label), true), l.Span(Code(Visible(n.Command)), false)
	warning := ""
	if w := Shorten(Visible(n.Warning), maxSpan); w != "" {
		warning = " " + l.Span(Words("⚠️ "+w), false)
	}
	if l.Link != nil {
		if link := l.Link(n); link != "" {
			return link + warning + " " + command
		}
	}
	if warning != "" {
		return label + warning + " " + command
	}
	return label + Separator(n.Label) + command
}
