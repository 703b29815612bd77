package events_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/events"
)

func TestRefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	const accepted = "; accepted are"
	tests := []struct {
		name, in, want string
	}{
		{"an empty payload", " \n", "got an empty payload: there is nothing to read" + accepted},
		{"broken JSON", `{"a":`, "got 5 bytes that are not JSON: it cannot be parsed" + accepted},
		{"text", `hello`, "got 5 bytes that are not JSON: it cannot be parsed" + accepted},
		{"a number", `12`, "got a JSON value that is no object: every event is an object" + accepted},
		{"an array", `[{"triggerName":"n","triggerTime":"2025-11-22T18:40:00Z"}]`, "got a JSON value that is no object: every event is an object"},
		{"an empty object", `{}`, "got a JSON object: it has the fields of no trigger" + accepted},
		{"a direct invocation, by its keys and no value", `{"b":"secret","a":{"c":1}}`, `a JSON object with the keys "a", "b": it has`},
		{"a CloudEvent", `{"specversion":"1.0","source":"acs.oss","data":{}}`, "it has the fields of no trigger"},
		{"HTTP of another version", `{"version":"v2","requestContext":{"http":{"method":"GET"}}}`, `whose version is not "v1"`},
		{"no OSS records", `{"events":[]}`, "its events are an empty list"},
		{"records of another source", `{"events":[{"eventSource":"acs:oss","eventName":"n","oss":{"bucket":{"name":"b"},"object":{"key":"k"}}},{"eventSource":"acs:log"}]}`, `the eventSource of events[1] is not "acs:oss"`},
		{"two shapes at once", `{"triggerName":"n","triggerTime":"2025-11-22T18:40:00Z","events":[{"eventSource":"acs:oss"}]}`, "the fields of OSS and of timer events"},
		{"an HTTP event that is also a tick", `{"version":"v1","requestContext":{"http":{"method":"GET"}},"triggerName":"n","triggerTime":"t"}`, "the fields of HTTP and of timer events"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := events.Decode([]byte(tt.in))
			if _, ok := errors.AsType[*events.UnknownError](err); !ok {
				t.Fatalf("got %+v and error %v, want an UnknownError", got, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to contain %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats a value: %q", err)
			}
		})
	}
}

func TestUnknownErrorIsBounded(t *testing.T) {
	t.Parallel()
	obj := map[string]int{strings.Repeat("k", 5000): 1}
	for i := range 500 {
		obj[fmt.Sprintf("x%03d", i)] = i
	}
	raw, err := json.Marshal(obj)
	if err != nil {
		t.Fatal(err)
	}
	_, err = events.Decode(raw)
	if err == nil || len(err.Error()) > 700 {
		t.Fatalf("got %d bytes: %v", len(err.Error()), err)
	}
	if !strings.Contains(err.Error(), `"x008" and 491 more`) {
		t.Errorf("got %q", err)
	}
}

func TestNamesTheMissingPartOfAKnownEvent(t *testing.T) {
	t.Parallel()
	record := func(oss string) string {
		return `{"events":[{"eventSource":"acs:oss","eventName":"ObjectCreated:PutObject"` + oss + `}]}`
	}
	tests := []struct {
		name, in, want string
	}{
		{"HTTP without a method", `{"version":"v1","requestContext":{"http":{}}}`, "malformed HTTP event: requestContext.http.method is missing"},
		{"HTTP with a broken context", `{"version":"v1","requestContext":{"http":"GET"}}`, "requestContext has a value of the wrong type"},
		{"HTTP with a null that follows under another case", `{"version":"v1","requestContext":{"http":{"method":"GET"},"HTTP":null}}`, "requestContext.http.method is missing"},
		{"HTTP with a broken body", `{"version":"v1","body":"*","isBase64Encoded":true,"requestContext":{"http":{"method":"GET"}}}`, "body is not base64"},
		{"HTTP with an object as body", `{"version":"v1","body":{},"requestContext":{"http":{"method":"GET"}}}`, "body is not text"},
		{"HTTP with headers that are a list", `{"version":"v1","headers":["a"],"requestContext":{"http":{"method":"GET"}}}`, "headers is not an object of texts"},
		{"HTTP with a query of objects", `{"version":"v1","queryParameters":{"a":{}},"requestContext":{"http":{"method":"GET"}}}`, "queryParameters is not an object of texts"},
		{"events that are an object", `{"events":{}}`, "malformed OSS event: events is not a list of OSS records"},
		{"a record without oss", record(``), "events[0]: oss is missing"},
		{"a record without bucket", record(`,"oss":{"object":{"key":"k"}}`), "events[0]: oss.bucket.name is missing"},
		{"a record without key", record(`,"oss":{"bucket":{"name":"b"}}`), "events[0]: oss.object.key is missing"},
		{"a record with a negative size", record(`,"oss":{"bucket":{"name":"b"},"object":{"key":"k","size":-1}}`), "oss.object.size is not a size"},
		{"a record without name", `{"events":[{"eventSource":"acs:oss","oss":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}`, "events[0]: eventName is missing"},
		{"a tick without a name", `{"triggerName":"","triggerTime":"2025-11-22T18:40:00Z"}`, "malformed timer event: triggerName is empty"},
		{"a tick at no time", `{"triggerName":"n","triggerTime":"noon"}`, "triggerTime is not an RFC 3339 time"},
		{"a tick whose payload is an object", `{"triggerName":"n","triggerTime":"2025-11-22T18:40:00Z","payload":{"task":"sweep"}}`, "payload is not text: JSON belongs into a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := events.Decode([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %+v and error %v, want an error with %q", got, err, tt.want)
			}
			if _, ok := errors.AsType[*events.UnknownError](err); ok {
				t.Errorf("got an UnknownError, want a malformed event: %v", err)
			}
		})
	}
}

func TestHTTPHeadersAreFoundInAnyCase(t *testing.T) {
	t.Parallel()
	const raw = `{"version":"v1","headers":{"WEBHOOK-ID":"a","Webhook-Id":"b","X-Count":3,"X-List":["p","q"],"X-None":null},` +
		`"requestContext":{"http":{"method":"get"}},"rawPath":"/v1/%E5%8F%98"}`
	e, err := events.Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	h := e.HTTP.Header
	for name, want := range map[string]string{"webhook-id": "a,b", "Webhook-ID": "a,b", "x-count": "3", "X-LIST": "p,q", "x-none": "", "absent": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("Get(%q) = %q, want %q", name, got, want)
		}
	}
	if e.HTTP.Method != http.MethodGet || e.HTTP.Path != "/v1/变" {
		t.Errorf("got %s %s, want GET /v1/变", e.HTTP.Method, e.HTTP.Path)
	}
}

func TestBodiesOfSeveralMegabytesAreReadWhole(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789abcdef", 6<<20/16)
	raw := `{"version":"v1","isBase64Encoded":true,"body":"` + base64.StdEncoding.EncodeToString([]byte(body)) +
		`","requestContext":{"http":{"method":"POST","path":"/v1/changes"}}}`
	e, err := events.Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if string(e.HTTP.Body) != body {
		t.Errorf("got a body of %d bytes, want the %d sent", len(e.HTTP.Body), len(body))
	}
}
