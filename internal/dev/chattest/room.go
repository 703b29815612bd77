package chattest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// Room is one way of writing to a room that nobody wrote in.
type Room struct {
	Name   string
	To     chat.Room
	Bad    []chat.Room // which Check refuses
	People []string    // accounts to mention
	Hidden string      // the secret part of the requests
	// Silent reports that the platform cannot mention people here.
	Silent bool
	// Whom reports that the room is the people whom a card mentions.
	Whom bool
	// Short reports that a card shows the beginning of a text only. Before reads the
	// messages with the whole text that precede it.
	Short  bool
	Before func(body []byte) (Shown, error)
	// Token answers requests for an access token; nil where there are none.
	Token func(r *http.Request) (answer string, isToken bool)

	Posted     string // the API's answer to a card
	Handle     string // what Post then returns; "" where cards cannot be updated
	BadHandles []string
	Updated    string // the API's answer to an update
	Codes      []Code // of both
	Over       []Code // of an update alone

	// Read reads the request by which a card is posted or updated, the last one where
	// there are several.
	Read func(r *http.Request, body []byte) (Shown, error)
	// ID is the id in the request by which the platform detects a repetition; nil where
	// it detects none.
	ID func(body []byte) string
}

func (s suite) rooms(t *testing.T) chat.Rooms { //nolint:ireturn // what the platform implements
	t.Helper()
	rooms, ok := New(t, s.spec, s.f.Settings).(chat.Rooms)
	if !ok {
		t.Fatalf("%s writes to no rooms", s.f.Name)
	}
	return rooms
}

func (r Room) api(status int, answer string) *API {
	return &API{reply: Reply{Token: r.Token}, status: status, answer: answer}
}

// card posts or updates a card, and reads what the platform shows.
func (s suite) card(t *testing.T, r Room, c chat.Card, update bool) (Shown, error) {
	t.Helper()
	api, rooms := r.api(200, r.Posted), s.rooms(t)
	if r.Whom && c.Mention == nil {
		c.Mention = r.People
	}
	if !update || r.Handle == "" {
		if handle, err := rooms.Post(t.Context(), api, r.To, c, strings.Repeat("id", 60)); err != nil || handle != r.Handle {
			t.Fatalf("got %q, %v", handle, err)
		}
	} else {
		api.answer = r.Updated
		if err := rooms.Update(t.Context(), api, r.To, r.Handle, c); err != nil {
			t.Fatal(err)
		}
	}
	last := len(api.got) - 1
	for _, got := range api.got {
		if got.Header.Get("Content-Type") != chat.ContentTypeJSON || !s.allowed(got) {
			t.Errorf("%s %s is no destination of the platform", got.Method, got.URL.Path)
		}
	}
	shown, err := r.Read(api.got[last], []byte(api.bodies[last]))
	for _, body := range api.bodies[:last] {
		before, errBefore := r.Before([]byte(body))
		shown.Texts, shown.Typed = append(before.Texts, shown.Texts...), before.Typed
		err = errors.Join(err, errBefore)
	}
	return shown, err
}

func (s suite) room(t *testing.T, r Room) {
	t.Helper()
	check := func(name string, do func(t *testing.T)) { t.Run(name, func(t *testing.T) { t.Parallel(); do(t) }) }
	check("a card", func(t *testing.T) {
		if err := s.rooms(t).Check(r.To); err != nil {
			t.Fatal(err)
		}
		shown, err := s.card(t, r, chat.Card{Text: sample(), Mention: r.People}, false)
		want := r.People
		if r.Silent {
			want = nil
		}
		if err != nil || !slices.Equal(shown.Mentions, want) || !strings.Contains(strings.Join(shown.Texts, "\n"), "20261122-psfvgfo4zp") {
			t.Errorf("got %+v, %v", shown, err)
		}
	})
	check("a room of the configured tenant", func(t *testing.T) {
		own := r.To
		own.Tenant = ""
		if err := s.rooms(t).Check(own); err != nil {
			t.Error(err)
		}
	})
	check("an update", func(t *testing.T) {
		if r.Handle == "" {
			err := s.rooms(t).Update(t.Context(), never(), r.To, "", chat.Card{Text: sample()})
			s.failed(t, err, false, chat.CodeNotUpdatable)
			return
		}
		done := chat.Card{Text: chat.Text{Mark: chat.Done, Title: chat.Line{chat.Words("done")}}}
		shown, err := s.card(t, r, done, true)
		if err != nil || len(shown.Commands) > 0 || !strings.Contains(strings.Join(shown.Texts, "\n"), "✅ done") {
			t.Errorf("got %+v, %v", shown, err)
		}
	})
	if r.Whom {
		check("people who are not mentioned", func(t *testing.T) {
			shown, err := s.card(t, r, chat.Card{Text: sample(), Mention: []string{}, For: r.People}, false)
			if err != nil || !slices.Equal(shown.Mentions, r.People) {
				t.Errorf("got %q, %v", shown.Mentions, err)
			}
			_, err = s.rooms(t).Post(t.Context(), never(), r.To, chat.Card{Text: sample()}, "id")
			s.failed(t, err, false, chat.CodeAddressRefused)
		})
	}
	check("mentions of no account", func(t *testing.T) { s.mentions(t, r) })
	check("a warning", func(t *testing.T) { s.warns(t, r) })
	check("a repetition", func(t *testing.T) { s.repeats(t, r) })
	s.roomFails(t, r)
	for i, to := range r.Bad {
		check(fmt.Sprintf("room %d that is not the platform's", i), func(t *testing.T) {
			rooms := s.rooms(t)
			_, err := rooms.Post(t.Context(), never(), to, chat.Card{Text: sample(), Mention: r.People}, "id")
			for _, err := range []error{err, rooms.Check(to), rooms.Update(t.Context(), never(), to, r.Handle, chat.Card{Text: sample()})} {
				s.failed(t, err, false, chat.CodeAddressRefused)
			}
		})
	}
	for _, handle := range r.BadHandles {
		check("the handle "+handle, func(t *testing.T) {
			s.failed(t, s.rooms(t).Update(t.Context(), never(), r.To, handle, chat.Card{Text: sample()}), false, chat.CodeNotUpdatable)
		})
	}
}

// never is a client that must not be used.
func never() doer {
	return func(*http.Request) (*http.Response, error) { return nil, errors.New("it was sent") }
}

// mentions checks that what is no account mentions nobody, and that no card mentions
// more people than one may.
func (s suite) mentions(t *testing.T, r Room) {
	t.Helper()
	c := chat.Card{Text: sample(), Mention: append([]string{"all", "@all", "!channel", "@everyone", "", "a|b", "U2> <!channel", "ou_x></at><at id=all", "x\n@all"}, r.People[0])}
	shown, err := s.card(t, r, c, false)
	if err != nil || len(shown.Mentions) > 1 || (len(shown.Mentions) == 1 && shown.Mentions[0] != r.People[0]) {
		t.Errorf("got %q, %v", shown.Mentions, err)
	}
	c.Mention = nil
	for i := range 100 {
		c.Mention = append(c.Mention, r.People[0]+strings.Repeat(r.People[0][len(r.People[0])-1:], i), r.People[0])
	}
	if shown, err := s.card(t, r, c, false); err != nil || len(shown.Mentions) > chat.MaxMentions {
		t.Errorf("%d mentions, %v", len(shown.Mentions), err)
	}
}

// warns checks that what a command does to people is shown, and asked where the
// platform can ask.
func (s suite) warns(t *testing.T, r Room) {
	t.Helper()
	const warning = "12 people are disconnected"
	text := sample()
	text.Next = []chat.Next{
		{Label: "Approve", Command: "approve 20261122-psfvgfo4zp", Warning: warning},
		{Label: "Status", Command: "status 20261122-psfvgfo4zp"},
		{Label: "Apply", Command: "apply office port=1196", Warning: strings.Repeat(warning+" ", 40)},
	}
	shown, err := s.card(t, r, chat.Card{Text: text}, false)
	if all := strings.Join(shown.Texts, "\n"); err != nil || !strings.Contains(all, warning) {
		t.Fatalf("%q does not warn, %v", all, err)
	}
	if !s.f.Asks {
		return
	}
	if len(shown.Says) != 3 || shown.Says[0] != warning || shown.Says[1] != "" || !strings.Contains(shown.Says[2], "apply office port=1196") || !strings.HasPrefix(shown.Says[2], warning) {
		t.Errorf("the buttons ask %q", shown.Says)
	}
}

func (s suite) repeats(t *testing.T, r Room) {
	t.Helper()
	if r.ID == nil {
		return
	}
	var ids []string
	for _, id := range []string{"notice-1", "notice-1", "notice-2", strings.Repeat("x", 200)} {
		api := r.api(200, r.Posted)
		if _, err := s.rooms(t).Post(t.Context(), api, r.To, chat.Card{Text: sample(), Mention: r.People}, id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID([]byte(api.bodies[len(api.bodies)-1])))
	}
	if ids[0] == "" || ids[0] != ids[1] || ids[0] == ids[2] || ids[3] == "" || len(ids[3]) > 128 {
		t.Errorf("got the ids %q", ids)
	}
}

func (s suite) roomFails(t *testing.T, r Room) {
	t.Helper()
	check := func(name string, client func() chat.Doer, again bool, code chat.FailureCode, ways ...string) {
		for _, way := range ways {
			if way == "update" && r.Handle == "" {
				continue
			}
			t.Run(way+": "+name, func(t *testing.T) {
				t.Parallel()
				rooms, c := s.rooms(t), chat.Card{Text: sample(), Mention: r.People}
				var err error
				if way == "post" {
					_, err = rooms.Post(t.Context(), client(), r.To, c, "id")
				} else {
					err = rooms.Update(t.Context(), client(), r.To, r.Handle, c)
				}
				s.failed(t, err, again, code, r.Hidden)
			})
		}
	}
	answers := func(status int, answer string, broken bool) func() chat.Doer {
		return func() chat.Doer { api := r.api(status, answer); api.broken = broken; return api }
	}
	for status, again := range statuses() {
		check(fmt.Sprintf("status %d", status), answers(status, "<html>oracle</html>", false), again, chat.FailureCode(fmt.Sprintf("HTTP%d", status)), "post", "update")
	}
	check("an answer of another form", answers(200, "[]", false), true, chat.CodeUnreadable, "post", "update")
	check("an answer that breaks off", answers(200, r.Posted, true), true, chat.CodeNoAnswer, "post", "update")
	for _, c := range r.Codes {
		check(fmt.Sprintf("code %d %s", c.Status, c.Answer), answers(c.Status, c.Answer, false), c.Again, c.Code, "post")
	}
	for _, c := range r.Codes {
		if !slices.ContainsFunc(r.Over, func(o Code) bool { return o.Answer == c.Answer }) {
			check(fmt.Sprintf("code %d %s", c.Status, c.Answer), answers(c.Status, c.Answer, false), c.Again, c.Code, "update")
		}
	}
	for _, c := range r.Over {
		check(fmt.Sprintf("code %d %s", c.Status, c.Answer), answers(c.Status, c.Answer, false), c.Again, c.Code, "update")
	}
	check("no answer", func() chat.Doer {
		return doer(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("dial %s: refused", r.URL) })
	}, true, chat.CodeNoAnswer, "post", "update")
	check("a client that refuses", func() chat.Doer {
		return doer(func(*http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("post: %w", &chat.SendError{Code: chat.CodePrivateAddress, Message: "not public"})
		})
	}, false, chat.CodePrivateAddress, "post", "update")
	t.Run("after the end of its time", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.rooms(t).Post(ctx, r.api(200, r.Posted), r.To, chat.Card{Text: sample(), Mention: r.People}, "id")
		if e, ok := errors.AsType[*chat.SendError](err); !ok || !e.Again {
			t.Errorf("got %v", err)
		}
	})
}
