package chat

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"sslvpnchange/internal/lang"
)

// Platform is one chat service. It is safe for concurrent use.
type Platform interface {
	// Name is the platform's name in routes, identities and the policy.
	Name() string
	// Methods are the HTTP methods that the platform uses.
	Methods() []string
	// Lang is the language of people who do not show another one.
	Lang() lang.Tag
	// Receive verifies a request, then parses it. The client is for a platform that
	// signs with keys that it publishes. It fails with *RefusedError, and with
	// another error only when it cannot be known yet whether the request is genuine.
	Receive(ctx context.Context, client Doer, r Request, now time.Time) (Delivery, error)
	// Answer renders the answer to a delivery that has a Message, for the HTTP
	// response. Later is set where the platform does not show what is in the
	// response: the text then goes through Send.
	Answer(d Delivery, t Text) (res Response, later bool)
	// Send posts a later answer. A repetition has the same id, which platforms
	// that can tell use to drop it. It fails with *SendError.
	Send(ctx context.Context, client Doer, to Reply, t Text, id string) error
}

// Doer sends HTTP requests, and refuses those that go anywhere else than to a
// chat platform (package notify). It does not follow redirects.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// MaxBody bounds the body of a request from a platform, in bytes.
const MaxBody = 64 << 10

// Request is a request as the HTTP trigger delivered it, undecoded but for the
// platform's base64. Method is GET or POST.
type Request struct {
	Method string
	Query  map[string]string   // decoded query parameters
	Header func(string) string // by lower-case name
	Body   []byte
}

// Delivery is what a verified request brings: either an answer that needs
// nobody, such as to a URL check or to a message that is no business of the
// bot's, or a message.
type Delivery struct {
	Direct  *Response
	Ignored string // for the log: why a Direct answer has no message; "" for URL checks
	Message *Message

	SecretNumber int // which of the configured secrets signed: 1 for the first
	answer       any // what the platform's Answer needs
}

// Message is one message to the bot.
type Message struct {
	ID     string   // the platform's; the same for every redelivery, and unique in the tenant
	Sender Identity // as verified
	Nick   string   // what the sender is called; for display, never for deciding
	Room   string   // the conversation's id
	Text   string   // without the mention of the bot; "" with Problem set
	// Problem says why there is no command in the message: one of the problems, or "".
	Problem string
	// Once may be used for one message only: a signature that does not cover the
	// body. "" where there is no such thing.
	Once  string
	Reply Reply
}

// The problems of a message.
const (
	ProblemTextOnly = "text-only" // it is a picture, a file, or text with markup
	ProblemTooLong  = "too-long"  // more than MaxText
)

// MaxText bounds the text of a message, in bytes. A command is shorter, and
// package command says so better; beyond this nothing is kept.
const MaxText = 4 << 10

// Identity is a person's account on a platform: stable, verified, and unlike a
// nick not the person's to choose.
type Identity struct {
	Platform string `json:"platform"`
	Tenant   string `json:"tenant"` // corporation, workspace or tenant key
	User     string `json:"user"`
}

// String renders the identity as platform:tenant/user.
func (i Identity) String() string { return i.Platform + ":" + i.Tenant + "/" + i.User }

// Reply says where later answers to a message go. It is a secret.
type Reply struct {
	Platform string    `json:"platform"`
	Kind     string    `json:"kind"`              // which of the platform's ways, such as "session"
	Address  string    `json:"address"`           // a URL, or a message's id
	Room     string    `json:"room"`              // the conversation: one answer for each
	Mention  string    `json:"mention,omitempty"` // the account to mention
	Until    time.Time `json:"until,omitzero"`    // when the address stops to work; zero: never
}

// String tells neither the address nor the room.
func (r Reply) String() string { return r.Platform + " " + r.Kind + " [secret]" }

// GoString tells no more than String does.
func (r Reply) GoString() string { return r.String() }

// LogValue tells no more than String does.
func (r Reply) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Usable tells whether the address still works at now, as far as is known.
func (r Reply) Usable(now time.Time) bool {
	return r.Address != "" && (r.Until.IsZero() || now.Before(r.Until))
}

// Response is an HTTP response to a platform.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}
