package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// maxAnswer bounds what is read of a platform's answer, in bytes.
const maxAnswer = 64 << 10

// The codes of a SendError that are the function's own.
const (
	codeNetwork    = "Network"
	codeAddress    = "Address"
	codeUnreadable = "Unreadable"
	codeReply      = "Reply"
)

const contentTypeJSON = "application/json; charset=utf-8"

// encoded writes a message. Messages hold texts and flags only, so that it
// cannot fail.
func encoded(message any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// post sends a message and returns the answer to it if its status is good. It
// fails with *SendError; what the client says is not passed on, because it
// names the address. A client that refuses an address says so with *SendError.
func post(ctx context.Context, client Doer, address, token string, message []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(message))
	if err != nil {
		return nil, &SendError{Code: codeAddress, Message: "the reply address is no URL"}
	}
	r.Header.Set("Content-Type", contentTypeJSON)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(r)
	if refused := (*SendError)(nil); errors.As(err, &refused) {
		return nil, refused
	}
	if err != nil {
		return nil, &SendError{Again: true, Code: codeNetwork, Message: "the chat platform could not be reached, or did not answer in time"}
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	code := "HTTP" + strconv.Itoa(res.StatusCode)
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		return nil, &SendError{Again: true, Code: code, Message: "the chat platform asks to be sent less"}
	case res.StatusCode >= http.StatusInternalServerError:
		return nil, &SendError{Again: true, Code: code, Message: "the chat platform is out of order"}
	case res.StatusCode < http.StatusOK || res.StatusCode >= http.StatusMultipleChoices:
		return nil, &SendError{Code: code, Message: "the chat platform refused the message; the reply address may have expired or be used up"}
	case err != nil:
		return nil, &SendError{Again: true, Code: codeNetwork, Message: "the chat platform's answer broke off"}
	default:
		return answer, nil
	}
}
