package chat

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Platform is one chat service. It is safe for concurrent use.
type Platform interface {
	// Name is the platform's name in routes, identities and the policy.
	Name() string
	// Methods are the HTTP methods that the platform uses.
	Methods() []string
	// Lang is the language for people whose language is not known.
	Lang() lang.Tag
	// Receive verifies a request, then parses it. The client is for a platform that
	// signs with keys that it publishes. It fails with *RefusedError, and with
	// another error only when it cannot be known yet whether the request is genuine.
	Receive(ctx context.Context, client Doer, r Request, now time.Time) (Delivery, error)
	// Answer renders the answer to a delivery that has a Message, for the HTTP
	// response. It reports later where the platform does not show the response: the
	// text then goes through Send.
	Answer(d Delivery, t Text) (res Response, later bool)
	// Send posts a later answer. A repetition has the same id, by which platforms
	// that support it drop duplicates. It fails with *SendError.
	Send(ctx context.Context, client Doer, to Reply, t Text, id string) error
}

// Doer sends HTTP requests to chat platforms and refuses all others (package
// notify). It does not follow redirects.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// MaxBody bounds the body of a request from a platform, in bytes.
const MaxBody = 64 << 10

// Request is a request as the HTTP trigger delivered it. Only the trigger's own
// base64 was decoded.
type Request struct {
	Method string
	Query  map[string]string   // decoded query parameters
	Header func(string) string // by lower-case name
	Body   []byte
}

// Delivery is the content of a verified request. Exactly one of Direct and
// Message is set.
type Delivery struct {
	Direct  *Response // the complete response, where no command has to be executed
	Ignored Ignored   // for the log: why Direct ignores a message; "" for URL checks
	Message *Message

	// Token is a digest of the signature, or of what else proves the sender's
	// identity. The caller claims it for this request (intake.Use) before anything
	// else, whatever the delivery is. "" for a URL check that is not signed.
	Token string

	SecretNumber int // which of the configured secrets signed: 1 for the first
	State        any // what the platform's Answer needs; others do not look into it
}

// Message is one message to the bot.
type Message struct {
	ID     string   // the platform's; the same for every redelivery, and unique in the tenant
	Sender Identity // verified
	Nick   string   // the sender's display name, not verified
	Room   string   // the conversation's id
	Text   string   // without the mention of the bot; "" with Problem set
	// Problem says why there is no command in the message; "" if there is one.
	Problem Problem
	// SentAt is when the person wrote it, as the platform says in what is signed;
	// zero where it does not say.
	SentAt time.Time
	Reply  Reply
}

// Format prints the message without what is secret of it.
func (m Message) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "message %s of %s (%q) in %s: %q %s, %v", m.ID, m.Sender, m.Nick, m.Room, m.Text, m.Problem, m.Reply)
}

// Problem says why a message holds no command.
type Problem string

// The problems.
const (
	ProblemTextOnly Problem = "text-only" // a picture, a file, or text with markup
	ProblemTooLong  Problem = "too-long"  // more than MaxText
)

// MaxText bounds the text of a message on every platform, in bytes. Every
// command is shorter (package command). Longer text is dropped.
const MaxText = 4 << 10

// Identity is a person's account on a platform. It is verified and stable, and
// unlike a display name the person cannot choose it.
type Identity struct {
	Platform string
	Tenant   string // corporation, workspace or tenant key
	User     string
}

// String renders the identity as platform:tenant/user.
func (i Identity) String() string { return i.Platform + ":" + i.Tenant + "/" + i.User }

// Response is an HTTP response to a platform.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}

// The content types of responses.
const (
	ContentTypeJSON = "application/json; charset=utf-8"
	ContentTypeText = "text/plain; charset=utf-8"
)
