package fc

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of HTTP triggers (vendor page "HTTP triggers", overview), in bytes.
const (
	maxHeaders = 8 << 10
	maxURL     = 4 << 10
)

// httpEvent is the HTTP event, version v1 (vendor page "Invoke a function with
// an HTTP trigger").
type httpEvent struct {
	Version         string            `json:"version"`
	RawPath         string            `json:"rawPath"` // still URL-encoded
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	Headers         map[string]string `json:"headers"`
	QueryParameters map[string]string `json:"queryParameters"`
	RequestContext  httpContext       `json:"requestContext"`
}

type httpContext struct {
	AccountID    string `json:"accountId"`
	DomainName   string `json:"domainName"`
	DomainPrefix string `json:"domainPrefix"`
	HTTP         struct {
		Method    string `json:"method"`
		Path      string `json:"path"` // decoded
		Protocol  string `json:"protocol"`
		SourceIP  string `json:"sourceIp"`
		UserAgent string `json:"userAgent"`
	} `json:"http"`
	RequestID string `json:"requestId"`
	Time      string `json:"time"`
	TimeEpoch string `json:"timeEpoch"` // milliseconds
}

// HTTPTrigger is the function's URL: each request becomes an HTTP event, and the
// function's answer becomes the response. With X-Fc-Invocation-Type: Async the
// caller gets 202 at once and failures are retried, as on the platform.
func (e *Emulator) HTTPTrigger() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req := request{id: newRequestID(), source: "http"}
		w.Header().Set("X-Fc-Request-Id", req.id)
		if !e.lists(r.Method) {
			w.Header().Set("X-Fc-Error-Type", "FCCommonError")
			refuse(w, http.StatusForbidden, "AccessDenied", "the HTTP trigger does not list the method "+r.Method)
			return
		}
		event, status, err := e.httpEvent(r, req.id)
		if err != nil {
			refuse(w, status, "InvalidArgument", err.Error())
			return
		}
		if req.payload, err = json.Marshal(event); err != nil {
			refuse(w, http.StatusInternalServerError, "InternalServerError", err.Error())
			return
		}
		if strings.EqualFold(r.Header.Get("X-Fc-Invocation-Type"), "Async") {
			e.acceptAsync(w, req.payload)
			return
		}
		res, err := e.invoke(r.Context(), req)
		if err != nil {
			refuseFailure(w, err)
			return
		}
		if err := answer(w, res.Body); err != nil {
			refuse(w, http.StatusBadGateway, "BadResponse", err.Error())
		}
	})
}

// lists reports whether the trigger lists a method. The platform refuses others before
// the function, with 403 and the error type FCCommonError (observed; the words of the
// error are an own choice).
func (e *Emulator) lists(method string) bool {
	return len(e.opts.Methods) == 0 || slices.Contains(e.opts.Methods, method)
}

func (e *Emulator) acceptAsync(w http.ResponseWriter, payload []byte) {
	id, err := e.enqueue("http", payload)
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "InvalidArgument", err.Error())
		return
	}
	w.Header().Set("X-Fc-Request-Id", id)
	w.WriteHeader(http.StatusAccepted)
}

// httpEvent renders a request, or returns the status with which it is refused.
func (e *Emulator) httpEvent(r *http.Request, id string) (*httpEvent, int, error) {
	if len(r.URL.RequestURI()) > maxURL {
		return nil, http.StatusBadRequest, fmt.Errorf("path and query are longer than %d bytes", maxURL)
	}
	headers, size := requestHeaders(r)
	if size > maxHeaders {
		return nil, http.StatusBadRequest, fmt.Errorf("headers are larger than %d bytes", maxHeaders)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxSyncPayload+1))
	if err != nil {
		return nil, http.StatusBadRequest, fmt.Errorf("read the request's body: %w", err)
	}
	if len(body) > MaxSyncPayload {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("body is larger than %d bytes", MaxSyncPayload)
	}
	now := time.Now().UTC()
	ev := &httpEvent{
		Version: "v1", RawPath: r.URL.EscapedPath(), Headers: headers, QueryParameters: joined(r.URL.Query()),
		Body: string(body),
		RequestContext: httpContext{
			AccountID: e.opts.AccountID, DomainName: "local." + e.opts.Region + ".fcapp.run", DomainPrefix: "local",
			RequestID: id, Time: now.Format(time.RFC3339), TimeEpoch: strconv.FormatInt(now.UnixMilli(), 10),
		},
	}
	if !textual(r.Header.Get("Content-Type"), body) {
		ev.Body, ev.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	h := &ev.RequestContext.HTTP
	h.Method, h.Path, h.Protocol, h.UserAgent = r.Method, r.URL.Path, r.Proto, r.UserAgent()
	h.SourceIP, _, _ = net.SplitHostPort(r.RemoteAddr)
	return ev, 0, nil
}

// requestHeaders joins values with commas, drops what the platform drops, and
// counts the bytes.
func requestHeaders(r *http.Request) (map[string]string, int) {
	out := map[string]string{"Host": r.Host}
	for k, v := range joined(r.Header) {
		if !dropped(k) {
			out[k] = v
		}
	}
	size := 0
	for k, v := range out {
		size += len(k) + len(v)
	}
	return out, size
}

// joined makes several values one, as the platform does.
func joined[M http.Header | url.Values](values M) map[string]string {
	out := make(map[string]string, len(values))
	for k, v := range values {
		out[k] = strings.Join(v, ",")
	}
	return out
}

// dropped reports whether a header is never passed on, in either direction.
func dropped(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "x-fc-") || name == "connection" || name == "keep-alive"
}

// textual reports whether a body is passed on as text; others are passed on as
// Base64. The platform's own list is not published. Here YAML is binary, so that
// the function's decoding is used in every test.
func textual(contentType string, body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media == "" {
		return contentType == ""
	}
	switch media {
	case "application/json", "application/xml", "application/x-www-form-urlencoded":
		return true
	default:
		return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
	}
}

// refuseFailure answers with how the function failed, details included, as the
// platform does.
func refuseFailure(w http.ResponseWriter, err error) {
	var fe *FunctionError
	switch {
	case errors.As(err, &fe):
		w.Header().Set("X-Fc-Error-Type", string(fe.Kind))
		writeJSON(w, http.StatusBadGateway, fe)
	case errors.Is(err, ErrClosed):
		refuse(w, http.StatusServiceUnavailable, "ServiceUnavailable", err.Error())
	default:
		refuse(w, http.StatusInternalServerError, "InternalServerError", err.Error())
	}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]string{"ErrorCode": code, "ErrorMessage": message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		data, status = []byte("{}"), http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the caller may be gone
}
