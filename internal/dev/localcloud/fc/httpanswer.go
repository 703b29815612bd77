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

// httpAnswer is what the function must return for an HTTP event. What the
// platform does with anything else is not documented; here it is an error, so
// that tests find it.
type httpAnswer struct {
	StatusCode      *int              `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	Body            *string           `json:"body"`
}

// answer writes the function's answer as a response, or says what is wrong
// with it before anything is written.
func answer(w http.ResponseWriter, raw []byte) error {
	a, body, err := parseAnswer(raw)
	if err != nil {
		return fmt.Errorf("the function's answer is no HTTP response: %w", err)
	}
	for k, v := range a.Headers {
		if droppedFromAnswer(k, v) {
			continue
		}
		w.Header().Set(k, v)
	}
	w.WriteHeader(*a.StatusCode)
	_, _ = w.Write(body) // the caller may be gone
	return nil
}

func parseAnswer(raw []byte) (*httpAnswer, []byte, error) {
	var a httpAnswer
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return nil, nil, err
	}
	switch {
	case a.StatusCode == nil:
		return nil, nil, errors.New("statusCode is missing")
	case *a.StatusCode < 200 || *a.StatusCode > 599:
		return nil, nil, fmt.Errorf("statusCode %d is out of range: 200 to 599", *a.StatusCode)
	case a.Body == nil:
		return nil, nil, errors.New("body is missing")
	case !a.IsBase64Encoded:
		return &a, []byte(*a.Body), nil
	}
	body, err := base64.StdEncoding.DecodeString(*a.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("body is said to be Base64 and is not: %w", err)
	}
	return &a, body, nil
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
