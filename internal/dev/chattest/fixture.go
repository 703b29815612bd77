package chattest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Fixture is one platform's side of the protocol.
type Fixture struct {
	Name     string
	Settings string      // the value of its variable, with two of each secret that can be rotated
	Hidden   [][2]string // the secrets that rotate: the current and the previous one
	Secrets  []string    // the other secrets in Settings
	Lang     lang.Tag
	Forms    []Form
	Replies  []Reply
	Rooms    []Room
	// Asks reports that a button asks before it sends a command, where that is needed.
	Asks bool
}

// Form is one form of requests to the function.
type Form struct {
	Name    string
	Request func(Sent) chat.Request
	// Unsigned reports that the signature does not cover the body, so that
	// Delivery.Token must keep it from being used twice.
	Unsigned bool
	Clicked  bool // the text is that of a button, which nobody typed
	Dated    bool // what is signed says when the message was written
	// Last is Request with the mention of the bot behind the command; nil for a form
	// without mentions.
	Last func(Sent) chat.Request
	// Read reads what a response shows; nil for a form whose responses are not
	// shown.
	Read func(chat.Response) (Shown, error)
	// Others are requests that hold no command.
	Others []Other
}

// Sent is a message of a member.
type Sent struct {
	N       int // numbers the messages; the platform's id is made from it
	Text    string
	At      time.Time // of the signature
	Stamp   string    // the signature's timestamp, instead of At
	Written time.Time // by the person; zero for Moment
	Signer  Signer
	Event   string // the id of the event, where that is not the message's; "" for one made from N
	Foreign bool   // it is of another tenant, or to another app
	Body    string // the signed content, instead of the message
	Bare    bool   // the fields of the signature are missing
}

// Signer is who signed a request.
type Signer int

// The signers.
const (
	Current  Signer = iota // with the current secret
	Previous               // with the one before it
	Stranger               // with a secret that is not configured
	Empty                  // with an empty secret
)

// Other is a request that is no command.
type Other struct {
	Name    string
	Request func(Sent) chat.Request
	Ignored chat.Ignored // why it is ignored, or
	Problem chat.Problem // the problem of the message
}

// Reply is one way of sending later answers.
type Reply struct {
	Name    string
	To      chat.Reply
	Foreign []chat.Reply // addresses that are not the platform's
	Hidden  string       // the secret part of the address, or of the request
	Success string       // the API's answer to an accepted message
	Codes   []Code
	// Token answers requests for an access token; nil where there are none.
	Token func(r *http.Request) (answer string, isToken bool)
	Read  func(body []byte) (Shown, error)
}

// Code is an answer of the API with a code of the platform.
type Code struct {
	Status int
	Answer string
	Again  bool
	Code   chat.FailureCode
}

// Shown is what a client shows of a message.
type Shown struct {
	Texts    []string // every text, without the markup that the platform itself adds
	Commands []string // of buttons and links
	// Says is, for each of Commands, what the client shows before it is sent; "" for a
	// button that does not ask.
	Says     []string
	Mentions []string // accounts
	Typed    string   // the text in which commands to be typed stand
}

// Fixtures are the fixtures of all platforms, by name.
func Fixtures() map[string]Fixture {
	out := map[string]Fixture{}
	for _, f := range []Fixture{dingTalk(), feishu(), slack(), weCom()} {
		out[f.Name] = f
	}
	return out
}

// Moment is the clock of the tests.
func Moment() time.Time { return time.Unix(1763836800, 0).UTC() }

func (s Sent) stamp(digits int) string {
	if s.Stamp != "" {
		return s.Stamp
	}
	if digits == chat.Milliseconds {
		return strconv.FormatInt(s.At.UnixMilli(), 10)
	}
	return strconv.FormatInt(s.At.Unix(), 10)
}

// written is when the person wrote the message, in seconds or milliseconds.
func (s Sent) written(digits int) string {
	if s.Written.IsZero() {
		s.Written = Moment()
	}
	return Sent{At: s.Written}.stamp(digits)
}

func (s Sent) secret(pair [2]string) string {
	switch s.Signer {
	case Current:
		return pair[0]
	case Previous:
		return pair[1]
	case Stranger:
		return "a-secret-of-a-stranger-0000000001"
	case Empty:
	}
	return ""
}

func (s Sent) content(message string) string {
	if s.Body != "" {
		return s.Body
	}
	return message
}

// post is a POST request whose header is a map.
func post(body string, header map[string]string) chat.Request {
	return chat.Request{Method: http.MethodPost, Body: []byte(body), Header: func(name string) string { return header[name] }}
}

func hmacSHA256(secret, text string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// object encodes a JSON object.
func object(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the fixtures encode maps of texts
	}
	return string(text)
}

func read(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s: %w", body, err)
	}
	return nil
}

// either chooses the other value for a message that is foreign.
func either(foreign bool, own, other string) string {
	if foreign {
		return other
	}
	return own
}

// plainTexts checks texts in which a client acts on tags and links alone.
func plainTexts(texts ...string) error {
	for _, text := range texts {
		if strings.Contains(text, "<") || strings.Contains(text, "://") {
			return fmt.Errorf("a tag or a link in %q", text)
		}
	}
	return nil
}
