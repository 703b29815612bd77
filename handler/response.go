package handler

import (
	"encoding/json"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// response is an HTTP answer in the form of FC 3.0's HTTP trigger, version v1.
// All four fields are always present: the effect of a missing one is not
// documented.
type response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	Body            string            `json:"body"`

	problem string // the kind of the problem in the body, for the log; "" for none
}

func (r response) encode() json.RawMessage {
	data, err := json.Marshal(r)
	if err != nil { // cannot happen: texts and numbers only
		return json.RawMessage(`{"statusCode":500,"headers":{},"isBase64Encoded":false,"body":""}`)
	}
	return data
}

// reply is an answer with a JSON body.
func reply(status int, v any) response {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return problem(500, "internal", "The answer could not be written.", "")
	}
	return response{
		StatusCode: status, Body: string(data) + "\n",
		Headers: map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"},
	}
}

// problemDocument is an RFC 9457 problem.
type problemDocument struct {
	Type     string           `json:"type"`
	Title    string           `json:"title"`
	Status   int              `json:"status"`
	Detail   string           `json:"detail"`
	Problems []change.Problem `json:"problems"`
}

// problem is an answer with a problem document. docs/errors.md lists the kinds.
func problem(status int, kind, title, detail string, problems ...change.Problem) response {
	if problems == nil {
		problems = []change.Problem{}
	}
	r := reply(status, problemDocument{
		Type: "urn:sslvpn-change:problem:" + kind, Title: title, Status: status, Detail: detail, Problems: problems,
	})
	r.Headers["Content-Type"] = "application/problem+json"
	r.problem = kind
	return r
}

// with adds a header field.
func (r response) with(name, value string) response {
	r.Headers[name] = value
	return r
}

func bodyTooLarge() response {
	return problem(413, "too-large", "The body is too large.", "A document has at most 1 MiB and 1,000 changes; split it.")
}
