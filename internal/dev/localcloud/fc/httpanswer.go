package fc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// httpAnswer is what a function returns for an HTTP event.
type httpAnswer struct {
	StatusCode      *int              `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	Body            *string           `json:"body"`
}

// answer writes the function's answer as a response, or says what is wrong
// with it before anything is written.
func answer(w http.ResponseWriter, raw []byte) error {
	status, headers, body, err := parseAnswer(raw)
	if err != nil {
		return fmt.Errorf("the function's answer is no HTTP response: %w", err)
	}
	for k, v := range headers {
		if droppedFromAnswer(k, v) {
			continue
		}
		w.Header().Set(k, v)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller may be gone
	return nil
}

// parseAnswer reads an answer. What has no statusCode is a plain value: the body of a
// response with the status 200 (documented; that a text is sent without its quotation
// marks, and the types of the contents, are an own choice). Of an answer with a
// statusCode that is not in the documented form the platform's treatment is not known;
// here it is an error, so that tests find it.
func parseAnswer(raw []byte) (status int, headers map[string]string, body []byte, err error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members["statusCode"] == nil {
		return plainAnswer(raw)
	}
	var a httpAnswer
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return 0, nil, nil, err
	}
	switch {
	case a.StatusCode == nil:
		return 0, nil, nil, errors.New("statusCode is null")
	case *a.StatusCode < 200 || *a.StatusCode > 599:
		return 0, nil, nil, fmt.Errorf("statusCode %d is out of range: 200 to 599", *a.StatusCode)
	case a.Body == nil: // an empty one
	case !a.IsBase64Encoded:
		body = []byte(*a.Body)
	default:
		if body, err = base64.StdEncoding.DecodeString(*a.Body); err != nil {
			return 0, nil, nil, fmt.Errorf("body is said to be Base64 and is not: %w", err)
		}
	}
	return *a.StatusCode, a.Headers, body, nil
}

func plainAnswer(raw []byte) (int, map[string]string, []byte, error) {
	var text string
	switch {
	case !json.Valid(raw):
		return http.StatusOK, map[string]string{"Content-Type": "application/octet-stream"}, raw, nil
	case json.Unmarshal(raw, &text) == nil && !bytes.Equal(bytes.TrimSpace(raw), []byte("null")):
		return http.StatusOK, map[string]string{"Content-Type": "text/plain; charset=utf-8"}, []byte(text), nil
	default:
		return http.StatusOK, map[string]string{"Content-Type": "application/json"}, raw, nil
	}
}

// droppedFromAnswer reports whether the platform removes or sets a header itself.
func droppedFromAnswer(name, value string) bool {
	switch strings.ToLower(name) {
	case "content-length", "date", "server":
		return true
	case "content-disposition":
		return strings.EqualFold(strings.TrimSpace(value), "attachment")
	default:
		return dropped(name)
	}
}
