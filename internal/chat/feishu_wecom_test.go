package chat

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// feishuWecomNow is the time of the vectors that were made up.
var feishuWecomNow = time.Unix(1763836800, 0)

// feishuWecomVectors reads a file of vectors.
func feishuWecomVectors(tb testing.TB, name string) map[string]map[string]string {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	var vectors map[string]map[string]string
	if err := json.Unmarshal(text, &vectors); err != nil {
		tb.Fatal(err)
	}
	return vectors
}

// feishuWecomRefused asserts how a request was refused.
func feishuWecomRefused(t *testing.T, d Delivery, err error, want Reason) {
	t.Helper()
	refused, ok := errors.AsType[*RefusedError](err)
	if !ok || refused.Reason != want || !errors.Is(err, ErrUnauthorized) {
		t.Fatalf("got %+v, %#v, want refused because of %s", d, err, want)
	}
	if d.Message != nil || d.Direct != nil {
		t.Fatalf("a refused request brought %+v", d)
	}
}

// feishuWecomIgnored asserts that a delivery has no message.
func feishuWecomIgnored(t *testing.T, d Delivery, err error, want string) {
	t.Helper()
	if err != nil || d.Message != nil || d.Direct == nil || d.Direct.Status != http.StatusOK || d.Ignored != want {
		t.Fatalf("got %+v, %v, want it ignored as %q", d, err, want)
	}
}

// feishuWecomServer is an API, and the client that reaches nothing else.
type feishuWecomServer struct {
	client *http.Client
	mu     sync.Mutex
	asked  []string // method, host, path
	bodies []string
	header []http.Header
}

type feishuWecomRoute func(*http.Request) (*http.Response, error)

func (f feishuWecomRoute) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newFeishuWecomServer(t *testing.T, answer func(r *http.Request, body string) (int, string)) *feishuWecomServer {
	t.Helper()
	s := &feishuWecomServer{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body strings.Builder
		buffer := make([]byte, 4096)
		for {
			n, err := r.Body.Read(buffer)
			body.Write(buffer[:n])
			if err != nil {
				break
			}
		}
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.Host+r.URL.RequestURI())
		s.bodies = append(s.bodies, body.String())
		s.header = append(s.header, r.Header.Clone())
		s.mu.Unlock()
		status, text := answer(r, body.String())
		w.WriteHeader(status)
		w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.client = &http.Client{Transport: feishuWecomRoute(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme != "https" {
			return nil, errors.New("not by https")
		}
		out := r.Clone(r.Context())
		out.Host, out.URL.Scheme, out.URL.Host = r.URL.Host, "http", at.Host
		return http.DefaultTransport.RoundTrip(out)
	})}
	return s
}

// feishuWecomNasty are texts that would mention, link, format or mislead.
var feishuWecomNasty = []string{
	`<at user_id="all">all</at>`, `<at id=all></at>`, "<@all>", "<@zhang.san>", "<a href=\"https://evil.example\">x</a>",
	"[approve](https://evil.example)", "https://evil.example/a", "ht\u200btps:\u200b//evil.example", "**bold** _x_ ~~y~~ `code`",
	"``` ", "`", "a`<@all>`b", "# heading", "> quote", "- item", "1. item", "---", "| a | b |", "\u202egnp.exe", "\u2066x\u2069", "a\u200bb",
	"line\nbreak\r\n# x", "tab\there", "nul\x00\x1b[31m", "\xff\xfe", "\u2028x", `\"}],"x":[{"`, "]]><ToUserName>x</ToUserName>", "&lt;@all&gt;",
	"![i](https://evil.example/i.png)", "<font color=\"red\">x</font>", "$x$",
}

// feishuWecomHarmless asserts what no rendered text may have.
func feishuWecomHarmless(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	if strings.ContainsAny(text, "<") || strings.Contains(text, "://") {
		t.Errorf("a tag or a link in %q", text)
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%U in %q", r, text)
		}
	}
}

func TestFeishuWecomFresh(t *testing.T) {
	t.Parallel()
	now := time.Unix(1763836800, 0)
	for text, want := range map[string]Reason{
		"1763836800": "", "1763836500": "", "1763837100": "",
		"1763836499": ReasonTooOld, "0000000000": ReasonTooOld, "1763837101": ReasonTooNew, "9999999999": ReasonTooNew,
		"": ReasonTimestamp, "0": ReasonTimestamp, "foo": ReasonTimestamp, "176383680": ReasonTimestamp, "17638368000": ReasonTimestamp,
		"1763836800000": ReasonTimestamp, "+176383680": ReasonTimestamp, "-176383680": ReasonTimestamp, " 176383680": ReasonTimestamp,
		"1763836800 ": ReasonTimestamp, "17638368.0": ReasonTimestamp, "１７６": ReasonTimestamp, "0x69220000": ReasonTimestamp,
	} {
		if _, got := fresh(text, secondsDigits, now); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, got := fresh("1763836500", secondsDigits, now.Add(time.Nanosecond)); got != ReasonTooOld {
		t.Errorf("a nanosecond past the edge: got %q", got)
	}
	if _, got := fresh("1763837100", secondsDigits, now.Add(-time.Nanosecond)); got != ReasonTooNew {
		t.Errorf("a nanosecond before the edge: got %q", got)
	}
}

func TestFeishuWecomCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abcdef", 6, "abcdef"}, {"abcdefg", 6, "abc…"}, {"端口端口", 9, "端口…"}, {"端口端口", 10, "端口…"}, {"端口端口", 12, "端口端口"}, {"abc", 0, "…"},
	} {
		if got := cutBytes(tt.in, tt.limit); got != tt.want {
			t.Errorf("%q to %d: got %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}
