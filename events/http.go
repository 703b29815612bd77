package events

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// httpContext is what an HTTP event says of its request. Its path is decoded,
// rawPath beside it is not (vendor's page "Invoke a function with an HTTP
// trigger").
type httpContext struct {
	HTTP *struct {
		Method   text `json:"method"`
		Path     text `json:"path"`
		SourceIP text `json:"sourceIp"`
	} `json:"http"`
	RequestID text `json:"requestId"`
}

// hasHTTPContext looks for the mark of HTTP events. Whether the version is one
// that this package reads is decided later, so that an event of another version
// is refused for its version.
func hasHTTPContext(obj object) bool {
	raw, ok := obj["requestContext"]
	if !ok {
		return false
	}
	var inner object
	return json.Unmarshal(raw, &inner) == nil && inner.has("http")
}

func decodeHTTP(obj object) (Event, error) {
	if obj.text("version") != "v1" {
		return Event{}, unknownObject(obj, `it is an HTTP event whose version is not "v1"`)
	}
	var c httpContext
	if err := json.Unmarshal(obj["requestContext"], &c); err != nil {
		return Event{}, malformed("HTTP", errors.New("requestContext has a value of the wrong type"))
	}
	if c.HTTP == nil || c.HTTP.Method == "" {
		return Event{}, malformed("HTTP", errors.New("requestContext.http.method is missing"))
	}
	req := &HTTPRequest{
		Method:    strings.ToUpper(string(c.HTTP.Method)),
		Path:      string(c.HTTP.Path),
		RawPath:   obj.text("rawPath"),
		SourceIP:  string(c.HTTP.SourceIP),
		RequestID: string(c.RequestID),
	}
	if req.Path == "" {
		path, err := url.PathUnescape(req.RawPath)
		if err != nil {
			return Event{}, malformed("HTTP", errors.New("rawPath is not percent-encoded"))
		}
		req.Path = path
	}
	if req.Path == "" {
		req.Path = "/"
	}
	fields, err := textMap(obj["headers"])
	if err != nil {
		return Event{}, malformed("HTTP", errors.New("headers is not an object of texts"))
	}
	req.Header = lowerNames(fields)
	if req.Query, err = textMap(obj["queryParameters"]); err != nil {
		return Event{}, malformed("HTTP", errors.New("queryParameters is not an object of texts"))
	}
	if req.Body, err = decodeBody(obj); err != nil {
		return Event{}, malformed("HTTP", err)
	}
	return Event{HTTP: req}, nil
}

// decodeBody undoes the base64 that the platform wraps binary bodies in:
// signatures are over the bytes that the client sent.
func decodeBody(obj object) ([]byte, error) {
	var body string
	if obj.has("body") {
		if err := json.Unmarshal(obj["body"], &body); err != nil {
			return nil, errors.New("body is not text")
		}
	}
	if obj.text("isBase64Encoded") != "true" {
		return []byte(body), nil
	}
	b, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return nil, errors.New("body is not base64 although isBase64Encoded is true")
	}
	return b, nil
}

func textMap(raw json.RawMessage) (map[string]string, error) {
	if raw == nil {
		return map[string]string{}, nil
	}
	var m map[string]text
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = string(v)
	}
	return out, nil
}

// lowerNames makes look-ups independent of case. Names that differ in case only
// are one field, joined as the platform joins values; in sorted order, so that
// one event always reads the same. Each field is joined once: the number of
// spellings is the sender's choice, and joining them one by one would cost the
// square of it.
func lowerNames(fields map[string]string) Header {
	spellings := make(map[string][]string, len(fields))
	for name := range fields {
		lower := strings.ToLower(name)
		spellings[lower] = append(spellings[lower], name)
	}
	h := make(Header, len(spellings))
	for lower, names := range spellings {
		slices.Sort(names)
		for i, name := range names {
			names[i] = fields[name]
		}
		h[lower] = strings.Join(names, ",")
	}
	return h
}
