package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

// fill repeats a unit up to about a MiB.
func fill(head, unit, tail string) string {
	return head + strings.Repeat(unit, (1<<20-1000-len(head)-len(tail))/len(unit)) + tail
}

// numbered is fill with units that have a number.
func numbered(head, unit, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len() < 1<<20-1000; i++ {
		fmt.Fprintf(&b, unit, i)
	}
	return b.String() + tail
}

// Documents of 1 MiB cost about as much as others of their size, whoever sends them
// and whatever is in them.
func TestAttackExpensiveDocuments(t *testing.T) {
	t.Parallel()
	a := startAlone(t)
	n := 0
	for name, text := range map[string]string{
		"directives": numbered("", "%%TAG !%d! tag:x,2000:\n", "---\na: b\n"), "aliases": fill("- &a x\n", "- *a\n", ""),
		"merge keys": numbered("a: &a {x: y}\n", "b%d: {<<: *a}\n", ""), "unknown keys": numbered("", "SslVpnServerId%d: v\n", ""),
		"anchors": numbered("", "- &a%d x\n", ""), "lists in lists": fill("", "[", ""), "keys in lines": fill("", "? ", "a\n"),
		"mappings": fill("", "{a: ", ""), "documents": fill("", "---\n", ""), "tabs": fill("", "\t", ""), "comments": fill("- a\n", "# a\n", "- b\n"),
		"networks": fill(single(1195)+"LocalSubnet: ", "10.0.0.0/8,", "10.0.0.0/8\n"), "open quote": fill("reason: \"", "x\n ", ""),
	} {
		n++
		a.costs(t, name, func() {
			a.drop(t, "changes/"+strconv.Itoa(n)+".yaml", text)
			a.quiet(t)
		})
		a.costs(t, name+", as a request", func() {
			if got := a.do(a.signed("bot", "POST", "/v1/changes", "costly-"+strconv.Itoa(n), text)); got.status < 400 || got.status >= 500 {
				t.Errorf("%s: answered %d %.300s", name, got.status, got.body)
			}
		})
	}
	a.queued(0)
	a.peakBelow(t, 200<<20)
}

// Payloads that any caller of the HTTP trigger can make cost little before the
// signature is verified.
func TestAttackExpensiveRequestsOfAnybody(t *testing.T) {
	t.Parallel()
	a := startAlone(t)
	var spelled strings.Builder
	for i := range 1 << 16 {
		letters := []byte("abcdefghijklmnop")
		for bit := range letters {
			if i>>bit&1 == 1 {
				letters[bit] -= 'a' - 'A'
			}
		}
		fmt.Fprintf(&spelled, `,"%s":"%s"`, letters, strings.Repeat("v", 80))
	}
	const event = `{"version":"v1","requestContext":{"http":{"method":"POST","path":"/v1/changes"}},"headers":{"A":"b"`
	for name, payload := range map[string]string{
		"one header in all spellings": event + spelled.String() + "}}", "open lists": fill(`{"events":`, "[", ""), "nested objects": fill("", `{"a":`, ""),
		"many records": fill(`{"events":[{}`, `,{"eventSource":"acs:oss","eventName":"n","oss":{"bucket":{"name":"b"},"object":{"key":"k"}}}`, "]}"),
	} {
		a.costs(t, name, func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if res, err := a.FC().Invoke(ctx, []byte(payload)); err == nil && !strings.Contains(string(res.Body), `"statusCode":4`) {
				t.Errorf("%s: answered %.300s", name, res.Body)
			}
		})
	}
	a.costs(t, "bodies that nobody signed", func() {
		for n, body := range []string{fill("", "[", ""), fill("<a>", "<b/>", "</a>"), fill("", "%TAG !x! tag:x,2000:\n", "")} {
			for _, path := range []string{"/v1/changes", "/chat/slack", "/chat/feishu", "/chat/dingtalk", "/chat/wecom?timestamp=1&nonce=2&msg_signature=3"} {
				got := a.do(request{method: "POST", path: path, body: body, header: []string{"webhook-id", strconv.Itoa(n)}})
				if got.status != http.StatusUnauthorized && got.status != http.StatusRequestEntityTooLarge {
					t.Errorf("%s: answered %d %.300s", path, got.status, got.body)
				}
			}
		}
	})
	a.peakBelow(t, 200<<20)
}

// A member's message that is a bomb costs little, on every platform.
func TestAttackExpensiveMessages(t *testing.T) {
	t.Parallel()
	a := startAlone(t)
	bombs := []string{
		fill("", "[", ""), fill(`{"a":`, `{"a":`, ""), fill("<xml>", "<b>", ""), fill("<xml", ` b=""`, "/>"),
		`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Content>&c;&c;</Content></xml>`,
	}
	for name, f := range chattest.Fixtures() {
		for i, form := range f.Forms {
			for n, bomb := range bombs {
				s := message(100*i+n+1, "help")
				s.At = s.At.Add(time.Duration(10*i+n) * time.Millisecond)
				s.Body = bomb
				a.costs(t, name+", "+form.Name, func() {
					if got := a.do(of(name, form.Request(s))); got.status >= 500 {
						t.Errorf("%s, %s: answered %d %.300s", name, form.Name, got.status, got.body)
					}
				})
			}
		}
	}
	a.queued(0)
	a.peakBelow(t, 200<<20)
}

// Policies as large as they may be are judged in time.
func TestAttackExpensivePolicies(t *testing.T) {
	t.Parallel()
	a := startAlone(t)
	for name, size := range map[string]struct{ grants, approvals, selectors int }{
		"many selectors": {200, 50, 100}, "as many as are allowed": {150, 50, 25},
	} {
		var b strings.Builder
		b.WriteString(strings.Split(members, "grants:")[0] + "grants:\n")
		list := func(kind string, i int) string {
			var out []string
			for n := range size.selectors {
				out = append(out, fmt.Sprintf("'vss-*a*a*a*%s%dx%d'", kind, i, n))
			}
			return strings.Join(out, ", ")
		}
		for i := range size.grants {
			fmt.Fprintf(&b, "- {who: [\"*\"], roles: [admin], servers: [%s]}\n", list("g", i))
		}
		b.WriteString("approvals:\n")
		for i := range size.approvals {
			fmt.Fprintf(&b, "- {servers: [%s], need: 1}\n", list("p", i))
		}
		a.rule(b.String())
		a.do(request{method: "GET", path: "/healthz"}) // starts the new instance
		a.costs(t, name, func() {
			if got := a.do(a.signed("bot", "POST", "/v1/changes", strings.ReplaceAll(name, " ", "-"), single(1195))); got.status != http.StatusServiceUnavailable && got.status != http.StatusForbidden {
				t.Errorf("%s: answered %d %.300s", name, got.status, got.body)
			}
		})
	}
	a.queued(0)
}
