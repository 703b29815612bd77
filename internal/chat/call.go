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

// callAPI sends a request with a JSON body, or without one if body is
// nil, and returns the status and the beginning of the answer. It fails with
// *SendError, whose text does not hold the address: addresses hold tokens.
func callAPI(ctx context.Context, client Doer, method, address, bearer string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, &SendError{Code: "unsendable", Message: "the answer cannot be written as JSON"}
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return 0, nil, &SendError{Code: "invalid-address", Message: "the reply address is not a URL"}
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, lost(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, nil, lost(err)
	}
	return response.StatusCode, text, nil
}

// lost keeps what a Doer says in the contract's form, and hides the
// rest: the text of a failed request holds its address.
func lost(err error) *SendError {
	if known, ok := errors.AsType[*SendError](err); ok {
		return known
	}
	return &SendError{Again: true, Code: "no-answer", Message: "the platform cannot be reached, or its answer broke off"}
}

// statusFailure is the failure of an answer that has no code in it.
func statusFailure(status int) *SendError {
	switch {
	case status >= 200 && status < 300:
		return &SendError{Again: true, Code: "unreadable-answer", Message: "the platform's answer is not of its API's form"}
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return &SendError{Again: true, Code: "HTTP" + strconv.Itoa(status), Message: "the platform is not available or asks for fewer messages"}
	default:
		return &SendError{Code: "HTTP" + strconv.Itoa(status), Message: "the platform refused the request"}
	}
}
