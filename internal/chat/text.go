package chat

// Text is an answer, before a platform renders it. It may be stored, as JSON,
// until it is delivered.
type Text struct {
	// Mark says at a glance how it stands.
	Mark  Mark   `json:"mark"`
	Title Line   `json:"title"`           // what it is about, on one line
	Lines []Line `json:"lines,omitempty"` // the rest; an empty Line is an empty line
	// Next are commands that the reader may want to send, as buttons where the
	// platform has them that send the text as the one who clicks, else as lines.
	Next []Next `json:"next,omitempty"`
}

// Mark is the tone of an answer.
type Mark string

// The marks.
const (
	Done    Mark = "done"    // it is as it was asked for
	Waits   Mark = "waits"   // it is under way, or waits for somebody
	Refused Mark = "refused" // it was not done
	Info    Mark = "info"    // nothing was asked for
)

// Line is one line, in pieces.
type Line []Span

// Span is a piece of a line.
type Span struct {
	Text string `json:"text"`
	// Code is text to be read letter by letter: ids, values, names, commands,
	// whatever comes from people or from the API.
	Code bool `json:"code,omitempty"`
}

// Next is a command to go on with.
type Next struct {
	Label   string `json:"label"`   // what a button says
	Command string `json:"command"` // the whole command, without the mention of the bot
}

// Words makes a piece of the function's own words.
func Words(s string) Span { return Span{Text: s} }

// Code makes a piece that is shown letter by letter.
func Code(s string) Span { return Span{Text: s, Code: true} }
