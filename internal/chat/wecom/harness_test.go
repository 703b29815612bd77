package wecom

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// moment is the time of the vectors that were made up.
var moment = time.Unix(1763836800, 0)

// vectors reads a file of vectors.
func vectors(tb testing.TB) map[string]map[string]string {
	tb.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	var out map[string]map[string]string
	if err := json.Unmarshal(text, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// refused asserts how a request was refused.
func refused(t *testing.T, d chat.Delivery, err error, want chat.Reason) {
	t.Helper()
	no, ok := errors.AsType[*chat.RefusedError](err)
	if !ok || no.Reason != want || !errors.Is(err, chat.ErrUnauthorized) {
		t.Fatalf("got %+v, %#v, want refused because of %s", d, err, want)
	}
	if d.Message != nil || d.Direct != nil {
		t.Fatalf("a refused request brought %+v", d)
	}
}

// ignored asserts that a delivery has no message.
func ignored(t *testing.T, d chat.Delivery, err error, want chat.Ignored) {
	t.Helper()
	if err != nil || d.Message != nil || d.Direct == nil || d.Direct.Status != http.StatusOK || d.Ignored != want {
		t.Fatalf("got %+v, %v, want it ignored as %q", d, err, want)
	}
}

func testText() chat.Text {
	return chat.Text{
		Mark: chat.Done, Title: chat.Line{chat.Words("applied "), chat.Code("chg-7F3A")},
		Lines: []chat.Line{{chat.Words("port: "), chat.Code("1194"), chat.Words(" → "), chat.Code("1195")}},
		Next:  []chat.Next{{Label: "Undo", Command: "rollback 20261122-psfvgfo4zp"}},
	}
}

func testJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
