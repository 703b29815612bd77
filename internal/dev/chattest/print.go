package chattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// Attacks are texts that would mention, link, format or mislead.
func Attacks() []string {
	return []string{
		"[x](dtmd://dingtalkclient/sendMessage?content=approve%20chg-1)", "![x](https://evil.example/x.png)", "<!channel>", "<!everyone|x>", "<@U1>", "<@all>",
		"<@zhang.san>", `<at user_id="all">all</at>`, "<at id=all></at>", "<https://evil.example|x>", "<a href=\"https://evil.example\">x</a>", "@all", "@manager0417",
		"`code`", "``` x ```", "`", "a`<@all>`b", "*bold* _it_ ~gone~ **b** __i__ ~~y~~", "# title", "> quote", "- list", "+ list", "1. list", "1) list", "---", "===",
		"| a | b |", "\u202eevil\u202c", "a\u2066b\u2069\u200e\u200f\u061c", "a\x00b\x1b[31mc\x7f", "a\nb\r\nc\u2028d\u2029e", "\u200bzero\u200d\ufeffwidth\u00ad", "tab\there",
		"https://evil.example/x", "ht\u200btps:\u200b//evil.example", "www.evil.example", "dtmd://x", "&lt;!channel&gt;", "&#91;x&#93;", "\\[x\\]", ":tada:", "$$x$$", "$x$",
		"com/x.", "/x:/", "x:", "//", "://", "\xff\xfe", "", " ", `\"}],"x":[{"`, "]]><ToUserName>x</ToUserName>", "<font color=\"red\">x</font>",
	}
}

// Everywhere puts a text at every place of an answer that foreign text can get
// to.
func Everywhere(s string) chat.Text {
	return chat.Text{
		Title: chat.Line{chat.Words(s), chat.Code(s), chat.Words(s)},
		Lines: []chat.Line{
			{chat.Words(s)},
			{chat.Code(s)},
			{chat.Words("x"), chat.Code(s), chat.Words("x")},
			{},
			{chat.Code(s), chat.Code(s), chat.Words(s)},
			{chat.Words("  "), chat.Words(s)},
		},
		Next: []chat.Next{{Label: s, Command: s, Warning: s}, {Label: "x", Command: s}, {Label: s, Command: "help", Warning: s}},
	}
}

func sample() chat.Text {
	return chat.Text{
		Mark:  chat.Waits,
		Title: chat.Line{chat.Words("waits "), chat.Code("20261122-psfvgfo4zp")},
		Lines: []chat.Line{{chat.Words("port: "), chat.Code("1194"), chat.Words(" → "), chat.Code("1195")}, {}, {chat.Words("ends")}},
		Next:  []chat.Next{{Label: "Approve", Command: "approve 20261122-psfvgfo4zp code=7F3A"}},
	}
}

// channel is a way by which an answer is shown.
type channel struct {
	name string
	show func(t *testing.T, text chat.Text) (Shown, error)
}

// channels are all ways by which a platform shows answers.
func (s suite) channels() []channel {
	var out []channel
	for _, form := range s.f.Forms {
		if form.Read == nil {
			continue
		}
		out = append(out, channel{"response to " + form.Name, func(t *testing.T, text chat.Text) (Shown, error) {
			t.Helper()
			p := New(t, s.spec, s.f.Settings)
			d, _ := Message(t, p, form.Request(Sent{N: 1, Text: "help", At: Moment()}), Moment())
			res, later := p.Answer(d, text)
			if later || res.Status != 200 {
				t.Fatalf("got %+v, later %v", res, later)
			}
			return form.Read(res)
		}})
	}
	for _, r := range s.f.Replies {
		out = append(out, channel{"message to " + r.Name, func(t *testing.T, text chat.Text) (Shown, error) {
			t.Helper()
			api := &API{reply: r, status: 200, answer: r.Success}
			if err := New(t, s.spec, s.f.Settings).Send(t.Context(), api, r.To, text, strings.Repeat("id", 60)); err != nil {
				t.Fatal(err)
			}
			return r.Read([]byte(api.bodies[0]))
		}})
	}
	for _, r := range s.f.Rooms {
		for _, update := range []bool{false, true} {
			if update && r.Short {
				continue
			}
			out = append(out, channel{fmt.Sprintf("card in %s, updated %v", r.Name, update), func(t *testing.T, text chat.Text) (Shown, error) {
				t.Helper()
				return s.card(t, r, chat.Card{Text: text}, update)
			}})
		}
	}
	return out
}

// Plain fails the test if a foreign text is anything but text in any answer of
// the platform.
func Plain(t *testing.T, spec chat.Spec, f Fixture, foreign string) {
	t.Helper()
	s := suite{spec, f}
	for _, c := range s.channels() {
		shown, err := c.show(t, Everywhere(foreign))
		if err != nil {
			t.Errorf("%s, %s: %.200q: %v", f.Name, c.name, foreign, err)
		}
		for _, text := range shown.Texts {
			if !utf8.ValidString(text) || strings.ContainsFunc(text, hidden) {
				t.Errorf("%s, %s: %.200q became %.200q", f.Name, c.name, foreign, text)
			}
		}
		for i, command := range shown.Commands {
			if says := visible(shown.Says[i]); !strings.Contains(says, visible(command)) && !shows(shown.Texts, command) {
				t.Errorf("%s, %s: %.300q is sent, and %.300q is shown of it", f.Name, c.name, command, says)
			}
			if command != foreign && command != "help" {
				t.Errorf("%s, %s: %.200q is offered as %.200q", f.Name, c.name, foreign, command)
			}
		}
	}
}

// shows reports whether texts have every word of a command, apart from the verb, for
// which its label stands, and the code of a plan.
func shows(texts []string, command string) bool {
	all, code := visible(strings.Join(texts, "\n")), regexp.MustCompile(`^[a-z2-7]{8}$`)
	for i, word := range strings.Fields(command) {
		if i > 0 && !code.MatchString(word) && !strings.Contains(all, visible(word)) {
			return false
		}
	}
	return true
}

// visible is a text as a person reads it: platforms show some characters in their
// full-width forms.
func visible(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - ('！' - '!')
		}
		return r
	}, s))
}

// hidden reports whether a character is invisible.
func hidden(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// Exact are names and values that people read, copy and type: no platform may show
// them with other characters.
func Exact() []string {
	return []string{
		"policy/policy.yaml", "changes/night/hotel_1.yaml", "scheduled/a.json", "20261122-psfvgfo4zpkq3mzr5w7bxa4nhc-2", "cn-hangzhou/vss-bp18q7hzj6largv4vk2fe",
		"10.30.30.0/24,192.168.0.0/16", "AES-256-CBC", "client_ip_pool=10.30.30.0/24", "expect.Port", "app_mkv7rgt4d7i4u7zqtzev2mxxxx", "NO_POLICY=allow",
		"vpc:DescribeSslVpnServers", "2026-11-23 02:00:00 +08:00 (in 3 h)", "2026-11-23T02:00:00+08:00", "办公网", "approve 20261122-psfvgfo4zp k7m2q4xa",
		"apply cn-hangzhou/vss-bp18q7 port=1195 reason=OPS-4211", "remote … 1194", ";comp-lzo", "auth-user-pass",
	}
}

// exact checks that names and values are shown as they are, wherever they stand.
func (s suite) exact(t *testing.T, c channel) {
	t.Helper()
	for _, value := range Exact() {
		shown, err := c.show(t, chat.Text{
			Title: chat.Line{chat.Code(value)},
			Lines: []chat.Line{{chat.Words("a "), chat.Code(value), chat.Words(" b")}, {chat.Words("a："), chat.Code(value), chat.Words("。")}, {chat.Code(value)}},
		})
		if n := strings.Count(strings.Join(shown.Texts, "\n"), value); err != nil || n < 4 {
			t.Errorf("%s, %s: %q is shown %d times of 4: %q, %v", s.f.Name, c.name, value, n, shown.Texts, err)
		}
	}
}

func (s suite) print(t *testing.T) {
	t.Helper()
	t.Run("foreign text as text", func(t *testing.T) {
		t.Parallel()
		for _, foreign := range Attacks() {
			Plain(t, s.spec, s.f, foreign)
			Plain(t, s.spec, s.f, foreign+strings.Repeat("&", 2000))
		}
	})
	t.Run("names and values as they are", func(t *testing.T) {
		t.Parallel()
		for _, c := range s.channels() {
			s.exact(t, c)
		}
	})
	for _, c := range s.channels() {
		check := func(name string, do func(t *testing.T)) {
			t.Run(c.name+": "+name, func(t *testing.T) { t.Parallel(); do(t) })
		}
		check("marks", func(t *testing.T) {
			for mark, want := range map[chat.Mark]string{chat.Done: "✅ x", chat.Waits: "⏳ x", chat.Refused: "⛔ x", chat.Info: "ℹ️ x", "": "ℹ️ x"} {
				if shown, err := c.show(t, chat.Text{Mark: mark, Title: chat.Line{chat.Words("x")}}); err != nil || shown.Texts[0] != want {
					t.Errorf("%q shows %q, %v", mark, shown.Texts, err)
				}
			}
		})
		check("everything", func(t *testing.T) {
			shown, err := c.show(t, sample())
			all := strings.Join(shown.Texts, "\n")
			if err != nil || !strings.Contains(all, "20261122-psfvgfo4zp") || !strings.Contains(all, "Approve") || !strings.Contains(all, "\n\nends") {
				t.Errorf("shown is %q, %v", all, err)
			}
			if !strings.Contains(strings.ReplaceAll(all, "`", ""), "port: 1194 → 1195") {
				t.Errorf("shown is %q", all)
			}
		})
		check("an empty value", func(t *testing.T) {
			shown, err := c.show(t, chat.Text{Title: chat.Line{chat.Words("x")}, Lines: []chat.Line{{chat.Words("name: "), chat.Code("")}}})
			if all := strings.Join(shown.Texts, "\n"); err != nil || !strings.Contains(strings.ReplaceAll(all, "`", ""), `name: ""`) {
				t.Errorf("shown is %q, %v", all, err)
			}
		})
		check("a command to be typed", func(t *testing.T) {
			shown, err := c.show(t, chat.Text{Title: chat.Line{chat.Words("x")}, Next: []chat.Next{
				{Label: "撤销", Command: "apply 杭州\u200e port=1195"}, {Label: "Undo", Command: "apply 南京\u200e port=1195"},
			}})
			if typed := strings.ReplaceAll(shown.Typed, "`", ""); err != nil || !strings.Contains(typed, "撤销：apply 杭州 port=1195") || !strings.Contains(typed, "Undo: apply 南京 port=1195") {
				t.Errorf("shown is %q, %v", shown.Typed, err)
			}
		})
		check("the longest answer", func(t *testing.T) { long(t, c) })
	}
}

// long checks that an answer of any length fits, and that no command is cut.
func long(t *testing.T, c channel) {
	t.Helper()
	for _, piece := range []string{"a", `"`, "端", "<&𝔸", "\x00", "`"} {
		foreign := strings.Repeat(piece, 1<<10)
		text := chat.Text{Title: chat.Line{chat.Words(foreign), chat.Code(foreign)}}
		for range 120 {
			text.Lines = append(text.Lines, chat.Line{chat.Words("x "), chat.Code(foreign)})
		}
		for range 20 {
			text.Next = append(text.Next, chat.Next{Label: "plan " + foreign, Command: "plan " + foreign}, chat.Next{Label: "go", Command: "approve 20261122-psfvgfo4zp"})
		}
		shown, err := c.show(t, text)
		if err != nil {
			t.Errorf("%q: %v", piece, err)
		}
		all := strings.Join(shown.Texts, "\n")
		if (piece != "\x00" && !strings.Contains(all, "…")) || !strings.Contains(all, "go") {
			t.Errorf("%q: shown is %.300q", piece, all)
		}
		if len(shown.Commands) == 0 && !strings.Contains(strings.ReplaceAll(shown.Typed, "`", ""), "go: approve 20261122-psfvgfo4zp") {
			t.Errorf("%q: there is no command in %.300q", piece, shown.Typed)
		}
		for _, command := range shown.Commands {
			if command != "approve 20261122-psfvgfo4zp" && command != "plan "+foreign {
				t.Errorf("%q: a command was cut: %.100q", piece, command)
			}
		}
	}
}

func (s suite) redact(t *testing.T) {
	t.Helper()
	p := New(t, s.spec, s.f.Settings)
	settings, _ := chat.ParseSettings(s.spec, s.f.Settings)
	d, m := Message(t, p, s.f.Forms[0].Request(Sent{N: 1, Text: "help", At: Moment()}), Moment())
	hide := s.secrets()
	if m.Reply.Address != m.ID { // which is no secret
		hide = append(hide, m.Reply.Address)
	}
	for name, value := range map[string]any{
		"the platform": p, "the settings": settings, "a message": m, "a pointer to a message": &m, "a reply": m.Reply, "a pointer to a reply": &m.Reply,
		"a delivery": d, "a map of platforms": map[string]chat.Platform{s.f.Name: p},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				fmt.Fprintf(&out, verb+"\n", value)
			}
			if data, err := json.Marshal(value); err == nil {
				out.Write(data)
			}
			for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
				slog.New(h).Info("x", slog.Any("value", value))
			}
			for _, secret := range hide {
				for _, form := range []string{secret, fmt.Sprintf("%x", secret)} {
					if strings.Contains(out.String(), form) {
						t.Errorf("%.8s… shows in %s", secret, out.String())
					}
				}
			}
		})
	}
}

func (s suite) configure(t *testing.T) {
	t.Helper()
	check := func(name string, do func(t *testing.T)) { t.Run(name, func(t *testing.T) { t.Parallel(); do(t) }) }
	check("by its name and language", func(t *testing.T) {
		p := New(t, s.spec, s.f.Settings)
		if s.spec.Name != s.f.Name || p.Name() != s.f.Name || p.Lang() != s.f.Lang || s.spec.Variable != "CHAT_"+strings.ToUpper(s.f.Name) || len(p.Methods()) == 0 {
			t.Errorf("got %s, %s, %s, %v", s.spec.Name, p.Name(), p.Lang(), p.Methods())
		}
	})
	check("by keys that are described", func(t *testing.T) {
		signs := false
		for _, k := range s.spec.Keys {
			signs = signs || (k.Secret && k.Required)
			if k.Name == "" || k.Meaning == "" || k.Most < 1 || k.Most > 8 {
				t.Errorf("got %+v", k)
			}
		}
		if !signs || len(s.spec.Destinations) == 0 {
			t.Error("it has no required secret, or no destination")
		}
	})
	for _, k := range s.spec.Keys {
		check("without "+k.Name, func(t *testing.T) {
			var entries []string
			for entry := range strings.SplitSeq(s.f.Settings, ";") {
				if !strings.HasPrefix(entry, k.Name+"=") {
					entries = append(entries, entry)
				}
			}
			settings, problems := chat.ParseSettings(s.spec, strings.Join(entries, ";"))
			if (len(problems) > 0) != k.Required {
				t.Errorf("got %v", problems)
			}
			if len(problems) == 0 {
				_, err := s.spec.New(settings)
				problems = append(problems, err)
			}
			s.silent(t, errors.Join(problems...))
		})
		check("with an odd "+k.Name, func(t *testing.T) {
			for _, odd := range []string{"", " ", "hunter2", "h unter2", "\u202ehunter2-hunter2-hunter2", strings.Repeat("hunter2", 100)} {
				settings, problems := chat.ParseSettings(s.spec, s.f.Settings+";"+k.Name+"="+odd)
				if len(problems) == 0 {
					_, err := s.spec.New(settings)
					problems = append(problems, err)
				}
				err := errors.Join(problems...)
				s.silent(t, err)
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error repeats a value: %v", err)
				}
			}
		})
	}
}

// silent fails the test if an error repeats a secret.
func (s suite) silent(t *testing.T, err error) {
	t.Helper()
	for _, secret := range s.secrets() {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats a secret: %v", err)
		}
	}
}
