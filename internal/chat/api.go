package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// maxAnswer bounds what is read of a platform's answer, in bytes.
const maxAnswer = 64 << 10

// MaxAddress bounds a reply address, in bytes.
const MaxAddress = 2 << 10

// Call is one request to a platform's API.
type Call struct {
	Method  string
	Address string
	Bearer  secret.Text // the access token in the header Authorization, if any
	Token   secret.Text // the access token in the header TokenHeader, if any
	// TokenHeader is the name of a platform's own header for access tokens.
	TokenHeader string
	Message     any // the body, as JSON; nil for none
}

// Do sends the call. It fails with *SendError, whose text does not contain the
// address: addresses hold secrets. An answer that breaks off is a failure
// whatever its status, because the platform's code may be in the missing part.
func (c Call) Do(ctx context.Context, client Doer) (Answer, error) {
	var body io.Reader
	if c.Message != nil {
		body = bytes.NewReader(Encode(c.Message))
	}
	r, err := http.NewRequestWithContext(ctx, c.Method, c.Address, body)
	if err != nil {
		return Answer{}, &SendError{Code: CodeAddressRefused, Message: "the reply address is not a URL; nothing was sent"}
	}
	if body != nil {
		r.Header.Set("Content-Type", ContentTypeJSON)
	}
	if !c.Bearer.IsZero() {
		r.Header.Set("Authorization", "Bearer "+c.Bearer.Reveal())
	}
	if !c.Token.IsZero() {
		r.Header.Set(c.TokenHeader, c.Token.Reveal())
	}
	res, err := client.Do(r)
	if err != nil {
		return Answer{}, unanswered(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return Answer{}, unanswered(err)
	}
	return Answer{res.StatusCode, text}, nil
}

// unanswered passes on a *SendError of the Doer, and hides any other error: its
// text contains the address.
func unanswered(err error) error {
	if known, ok := errors.AsType[*SendError](err); ok {
		return known
	}
	return &SendError{Again: true, Code: CodeNoAnswer, Message: "the chat platform could not be reached, or its answer broke off"}
}

// Answer is what a platform's API answered.
type Answer struct {
	Status int
	Body   []byte // its beginning
}

// Decode decodes the body of an answer. It returns the zero value when the body
// is not JSON of that form.
func Decode[T any](a Answer) T {
	var v, zero T
	if json.Unmarshal(a.Body, &v) != nil {
		return zero
	}
	return v
}

// Meaning says what a platform's code means.
type Meaning struct {
	Again   bool // whether a retry may help
	Message string
}

// Failure classifies an answer that is no success. The platform's code decides,
// where there is one and explain knows it, and the status otherwise.
func (a Answer) Failure(code FailureCode, explain func(FailureCode) (m Meaning, known bool)) error {
	if code == "" {
		return a.byStatus()
	}
	m, known := explain(code)
	if !known {
		m.Again = busy(a.Status)
	}
	return &SendError{Again: m.Again, Code: code, Message: m.Message}
}

// byStatus classifies an answer that has no code.
func (a Answer) byStatus() *SendError {
	e := &SendError{Again: busy(a.Status), Code: FailureCode("HTTP" + strconv.Itoa(a.Status))}
	switch {
	case a.Status >= 200 && a.Status < 300:
		e.Again, e.Code, e.Message = true, CodeUnreadable, "the chat platform's answer is not of its API's form"
	case a.Status == http.StatusTooManyRequests:
		e.Message = "the chat platform asks for fewer messages"
	case e.Again:
		e.Message = "the chat platform is not available"
	default:
		e.Message = "the chat platform refused the message; the reply address may have expired"
	}
	return e
}

// busy reports whether a status is temporary.
func busy(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// NumericCode is the failure code of a platform that numbers its errors; "" for
// an answer that has none.
func NumericCode(code *int64) FailureCode {
	if code == nil {
		return ""
	}
	return FailureCode(strconv.FormatInt(*code, 10))
}

// Encode writes a message as JSON. Messages hold texts, numbers and flags only,
// so that it cannot fail.
func Encode(message any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
