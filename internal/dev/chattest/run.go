package chattest

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// Run runs the conformance suite.
func Run(t *testing.T, spec chat.Spec, f Fixture) {
	t.Helper()
	s := suite{spec, f}
	for _, form := range f.Forms {
		t.Run("receives "+form.Name, func(t *testing.T) { t.Parallel(); s.receive(t, form) })
		t.Run("refuses "+form.Name, func(t *testing.T) { t.Parallel(); s.refuse(t, form) })
	}
	for _, r := range f.Replies {
		t.Run("sends to "+r.Name, func(t *testing.T) { t.Parallel(); s.send(t, r) })
	}
	for _, r := range f.Rooms {
		t.Run("writes to "+r.Name, func(t *testing.T) { t.Parallel(); s.room(t, r) })
	}
	t.Run("prints", func(t *testing.T) { t.Parallel(); s.print(t) })
	t.Run("hides its secrets", func(t *testing.T) { t.Parallel(); s.redact(t) })
	t.Run("is configured", func(t *testing.T) { t.Parallel(); s.configure(t) })
}

type suite struct {
	spec chat.Spec
	f    Fixture
}

// New makes a platform from the value of its variable.
func New(tb testing.TB, spec chat.Spec, value string) chat.Platform { //nolint:ireturn // a Spec makes nothing else
	tb.Helper()
	settings, problems := chat.ParseSettings(spec, value)
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	p, err := spec.New(settings)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// Reason is why a request was refused; "" if err is something else.
func Reason(err error) chat.Reason {
	if refused, ok := errors.AsType[*chat.RefusedError](err); ok {
		return refused.Reason
	}
	return ""
}

// Refused fails the test unless a request is refused for that reason, which
// nothing outside of the log shows.
func Refused(t *testing.T, p chat.Platform, r chat.Request, now time.Time, want chat.Reason) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, r, now)
	if err == nil || Reason(err) != want {
		t.Fatalf("got %+v, %v (%s), want %s", d, err, Reason(err), want)
	}
	if d.Message != nil || d.Direct != nil {
		t.Errorf("got %+v beside the refusal", d)
	}
	if err.Error() != "unauthorized" || !errors.Is(err, chat.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
}

// Message returns the delivery of a request, which must hold a message.
func Message(t *testing.T, p chat.Platform, r chat.Request, now time.Time) (chat.Delivery, chat.Message) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, r, now)
	if err != nil {
		t.Fatalf("refused: %s", Reason(err))
	}
	if d.Message == nil || d.Direct != nil {
		t.Fatalf("got %+v, want a message", d)
	}
	return d, *d.Message
}

// Direct returns the response to a request that needs no command, and why it is
// ignored.
func Direct(t *testing.T, p chat.Platform, r chat.Request, now time.Time) (body string, ignored chat.Ignored) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, r, now)
	if err != nil {
		t.Fatalf("refused: %s", Reason(err))
	}
	if d.Message != nil || d.Direct == nil || d.Direct.Status != 200 {
		t.Fatalf("got %+v, want a response", d)
	}
	return string(d.Direct.Body), d.Ignored
}

// Stamps are timestamps of an invalid form.
func Stamps(good string) []string {
	return []string{
		"0", "foo", "+" + good[1:], " " + good, good + " ", good + "0", good[1:], "-" + good[1:], good[:len(good)-1] + "x",
		strings.Repeat("9", 400), "１" + good[3:], "0x" + good[2:], good[:len(good)-2] + ".0",
	}
}

func (s suite) receive(t *testing.T, form Form) {
	t.Helper()
	p, now := New(t, s.spec, s.f.Settings), Moment()
	first := Sent{N: 1, Text: "plan vss-1 port=1195", At: now}
	check := func(name string, do func(t *testing.T)) { t.Run(name, func(t *testing.T) { t.Parallel(); do(t) }) }
	check("a message", func(t *testing.T) {
		d, m := Message(t, p, form.Request(first), now)
		if m.Text != first.Text || m.ID == "" || m.Sender.Platform != s.f.Name || m.Sender.Tenant == "" || m.Sender.User == "" || m.Room == "" || m.Problem != "" {
			t.Errorf("got %#v", m)
		}
		if d.SecretNumber != 1 || d.Token == "" || m.Reply.Platform != s.f.Name || m.Reply.Room != m.Room || !m.Reply.Usable(now) {
			t.Errorf("got %+v of %#v", d, m)
		}
	})
	check("during a rotation", func(t *testing.T) {
		sent := first
		sent.Signer = Previous
		if d, m := Message(t, p, form.Request(sent), now); d.SecretNumber != 2 || m.Text != first.Text {
			t.Errorf("got %+v", d)
		}
	})
	check("at the edges of the window", func(t *testing.T) {
		for _, skew := range []time.Duration{chat.Window, -chat.Window} {
			Message(t, p, form.Request(first), now.Add(skew))
		}
	})
	check("a redelivery", func(t *testing.T) {
		_, m := Message(t, p, form.Request(first), now)
		again, other := first, first
		again.At, other.N = now.Add(time.Minute), 2
		if _, got := Message(t, p, form.Request(again), now); got.ID != m.ID {
			t.Errorf("the same message, signed again, has the ids %q and %q", m.ID, got.ID)
		}
		if _, got := Message(t, p, form.Request(other), now); got.ID == m.ID {
			t.Errorf("two messages have the id %q", m.ID)
		}
	})
	check("a replay", func(t *testing.T) {
		r := form.Request(first)
		d, m := Message(t, p, r, now)
		if again, got := Message(t, p, r, now.Add(time.Minute)); got.ID != m.ID || again.Token != d.Token {
			t.Errorf("the same bytes are %q and %q, with the tokens %q and %q", m.ID, got.ID, d.Token, again.Token)
		}
		other := form.Request(Sent{N: 2, Text: "apply vss-1 port=1", At: now})
		r.Body = other.Body
		if !form.Unsigned {
			if d, err := p.Receive(t.Context(), nil, r, now); err == nil {
				t.Errorf("another body is accepted with the signature: %+v", d)
			}
		} else if other, _ := Message(t, p, r, now); other.Token != d.Token {
			t.Errorf("another body with the signature is not detected by its token")
		}
	})
	check("the longest text", func(t *testing.T) {
		long := Sent{N: 1, Text: strings.Repeat("a", chat.MaxText), At: now}
		if _, m := Message(t, p, form.Request(long), now); len(m.Text) != chat.MaxText || m.Problem != "" {
			t.Errorf("got %d bytes, %s", len(m.Text), m.Problem)
		}
		long.Text = "端" + long.Text[2:] // as many bytes more as it has fewer characters
		if _, m := Message(t, p, form.Request(long), now); m.Text != "" || m.Problem != chat.ProblemTooLong {
			t.Errorf("got %d bytes, %q; the limit is in bytes", len(m.Text), m.Problem)
		}
	})
	check("Chinese text", func(t *testing.T) {
		if _, m := Message(t, p, form.Request(Sent{N: 1, Text: "计划 杭州 端口=1195", At: now}), now); m.Text != "计划 杭州 端口=1195" {
			t.Errorf("got %q", m.Text)
		}
	})
	check("when it was written", func(t *testing.T) {
		old := first
		old.Written = now.Add(-6 * time.Hour)
		_, m := Message(t, p, form.Request(old), now)
		if form.Dated != m.SentAt.Equal(old.Written) || !form.Dated && now.Sub(m.SentAt) > chat.Window && !m.SentAt.IsZero() {
			t.Errorf("written %s, got %s", old.Written, m.SentAt)
		}
	})
	check("a command with marks around it", func(t *testing.T) { s.marks(t, form, p) })
	if form.Last != nil {
		check("the bot mentioned last", func(t *testing.T) {
			if _, m := Message(t, p, form.Last(first), now); m.Text != first.Text {
				t.Errorf("got %q, want %q", m.Text, first.Text)
			}
		})
	}
	for _, o := range form.Others {
		check(o.Name, func(t *testing.T) {
			d, err := p.Receive(t.Context(), nil, o.Request(first), now)
			if err != nil || d.Token == "" {
				t.Errorf("got %+v, %v: whatever is verified has a token", d, err)
			}
			if o.Problem != "" {
				if _, m := Message(t, p, o.Request(first), now); m.Problem != o.Problem || m.Text != "" {
					t.Errorf("got %#v", m)
				}
				return
			}
			if _, ignored := Direct(t, p, o.Request(first), now); ignored != o.Ignored {
				t.Errorf("ignored because of %q, want %q", ignored, o.Ignored)
			}
		})
	}
}

// marks checks that the marks of code and bold text that clients put around
// commands and values are dropped, and that nothing else changes.
func (s suite) marks(t *testing.T, form Form, p chat.Platform) {
	t.Helper()
	const command = "plan vss-1 port=1195"
	for text, want := range map[string]string{
		"`plan vss-1 port=1195`":                      command,
		"plan `vss-1` port=`1195`":                    command,
		"```plan vss-1 port=1195```":                  command,
		"```\nplan vss-1 port=1195\n```":              command,
		"*plan vss-1 port=1195*":                      command,
		"**plan** vss-1 **port=1195**":                command,
		"*plan* `vss-1` *port=1195*":                  command,
		"plan vss-1 `port=1195`":                      command,
		`apply vss-1 reason="*not* ` + "`this`" + `"`: `apply vss-1 reason="*not* ` + "`this`" + `"`,
		"apply vss-1 name=a*b*c":                      "apply vss-1 name=a*b*c",
		"status * x*":                                 "status * x*",
	} {
		if form.Clicked {
			want = text
		}
		if _, m := Message(t, p, form.Request(Sent{N: 1, Text: text, At: Moment()}), Moment()); m.Text != want || m.Problem != "" {
			t.Errorf("%q is read as %q, want %q", text, m.Text, want)
		}
	}
}

func (s suite) refuse(t *testing.T, form Form) {
	t.Helper()
	p, now := New(t, s.spec, s.f.Settings), Moment()
	sent := func(edit func(*Sent)) chat.Request {
		out := Sent{N: 1, Text: "help", At: now}
		edit(&out)
		return form.Request(out)
	}
	good := func(*Sent) {}
	check := func(name string, r chat.Request, now time.Time, want chat.Reason) {
		t.Run(name, func(t *testing.T) { t.Parallel(); Refused(t, p, r, now, want) })
	}
	check("no signature", sent(func(s *Sent) { s.Bare = true }), now, chat.ReasonMissing)
	check("a stranger's signature", sent(func(s *Sent) { s.Signer = Stranger }), now, chat.ReasonNoMatch)
	check("the signature of an empty secret", sent(func(s *Sent) { s.Signer = Empty }), now, chat.ReasonNoMatch)
	check("just too old", sent(good), now.Add(chat.Window+1), chat.ReasonTooOld)
	check("just too new", sent(good), now.Add(-chat.Window-1), chat.ReasonTooNew)
	digits := chat.Seconds
	if s.f.Name == "dingtalk" {
		digits = chat.Milliseconds
	}
	for _, stamp := range Stamps(Sent{At: now}.stamp(digits)) {
		check("timestamp "+stamp[:min(len(stamp), 16)], sent(func(s *Sent) { s.Stamp = stamp }), now, chat.ReasonTimestamp)
	}
	check("another tenant or app", sent(func(s *Sent) { s.Foreign = true }), now, chat.ReasonForeign)
	t.Run("another tenant or app, with a token", func(t *testing.T) {
		t.Parallel()
		_, err := p.Receive(t.Context(), nil, sent(func(s *Sent) { s.Foreign = true }), now)
		if refused, ok := errors.AsType[*chat.RefusedError](err); !ok || refused.Token == "" {
			t.Errorf("got %#v: whatever is verified has a token", err)
		}
		_, err = p.Receive(t.Context(), nil, sent(func(s *Sent) { s.Signer = Stranger }), now)
		if refused, ok := errors.AsType[*chat.RefusedError](err); !ok || refused.Token != "" {
			t.Errorf("got %#v: what is not verified has no token", err)
		}
	})
	for name, body := range map[string]string{"no message": "hello", "half a message": `{"a":`, "an array": "[]"} {
		check(name, sent(func(s *Sent) { s.Body = body }), now, chat.ReasonUnreadable)
	}
	large := sent(good)
	large.Body = append(large.Body, strings.Repeat(" ", chat.MaxBody)...)
	check("a large body", large, now, chat.ReasonTooLarge)
	put := sent(good)
	put.Method = "PUT"
	check("another method", put, now, chat.ReasonMethod)
	t.Run("secrets that are empty", func(t *testing.T) {
		t.Parallel()
		values := map[string][]string{}
		for entry := range strings.SplitSeq(s.f.Settings, ";") {
			key, value, _ := strings.Cut(entry, "=")
			for _, pair := range s.f.Hidden {
				if (value == pair[0] || value == pair[1]) && key != "aesKey" {
					value = ""
				}
			}
			values[key] = append(values[key], value)
		}
		empty, err := s.spec.New(chat.NewSettings(values))
		if err == nil {
			Refused(t, empty, sent(func(s *Sent) { s.Signer = Empty }), now, chat.ReasonNoMatch)
		}
	})
	if form.Unsigned {
		return
	}
	t.Run("an altered body", func(t *testing.T) {
		t.Parallel()
		for i := range sent(good).Body {
			r := sent(good)
			r.Body[i] ^= 1
			if d, err := p.Receive(t.Context(), nil, r, now); err == nil || d.Message != nil {
				// Around the encrypted part there is what no signature covers.
				if original, _ := p.Receive(t.Context(), nil, sent(good), now); d.Message == nil || d.Message.Text != original.Message.Text || d.Message.ID != original.Message.ID {
					t.Fatalf("byte %d: got %+v", i, d)
				}
			}
		}
	})
}

// WellFormed fails the test unless a delivery has the properties of all
// deliveries, whatever the request was.
func WellFormed(t *testing.T, d chat.Delivery, err error, tenant chat.Identity) {
	t.Helper()
	if err != nil {
		if Reason(err) == "" || d.Message != nil || d.Direct != nil {
			t.Fatalf("refused with %v and %+v", err, d)
		}
		return
	}
	if (d.Message == nil) == (d.Direct == nil) || d.SecretNumber != 1 {
		t.Fatalf("got %+v", d)
	}
	m := d.Message
	if m == nil {
		return
	}
	tenant.User = m.Sender.User
	if m.Sender != tenant || m.Sender.User == "" || m.ID == "" || len(m.ID) > 512 || len(m.Text) > chat.MaxText || !utf8.ValidString(m.Text) ||
		(m.Problem != "" && m.Text != "") || utf8.RuneCountInString(m.Nick) > 64 {
		t.Fatalf("got %#v", *m)
	}
}
