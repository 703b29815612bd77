package chat

// Text is an answer, before a platform renders it. Package notify has the type
// in which it is stored.
type Text struct {
	Mark  Mark
	Title Line   // what it is about, on one line
	Lines []Line // the rest; an empty Line is an empty line
	// Next are commands that the reader may want to send next: buttons that send
	// the text as whoever clicks, where the platform has such buttons, and lines
	// otherwise.
	Next []Next
}

// Mark is the state that an answer reports, shown as a symbol.
type Mark string

// The marks.
const (
	Done    Mark = "done"    // it was done as requested
	Waits   Mark = "waits"   // it is in progress, or waits for somebody
	Refused Mark = "refused" // it was not done
	Info    Mark = "info"    // an answer to a question
)

// Line is one line, in spans.
type Line []Span

// Span is a part of a line.
type Span struct {
	Text string
	// Code marks text that has to be read letter by letter: ids, values, names,
	// commands, and everything that comes from people or from the API.
	Code bool
}

// Next is a command to send next.
type Next struct {
	Label   string // of the button
	Command string // the complete command, without the mention of the bot
	// Warning says what the command does to people, such as that 12 people are
	// disconnected. Where the platform can, it is shown before the command is sent, for
	// the person to confirm. "" for a command without such an effect.
	Warning string
}

// Words makes a span of the function's own words.
func Words(s string) Span { return Span{Text: s} }

// Code makes a span that is shown letter by letter.
func Code(s string) Span { return Span{Text: s, Code: true} }
