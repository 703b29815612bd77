package chat_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	product "github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
)

// bot is the function's side of one platform, which writes to the emulated service
// through the function's own client.
type bot struct {
	t       *testing.T
	service *chat.Service
	stub    *stub
	clock   *clock
	rooms   product.Rooms
	client  *notify.Client
	env     map[string]string
}

func newBot(t *testing.T, name string) *bot {
	t.Helper()
	c := newClock()
	s, f := newService(t, chat.Options{Now: c.now})
	b := &bot{t: t, service: s, stub: f, clock: c, env: map[string]string{}}
	for _, entry := range s.Env(f.replies.URL) {
		key, value, _ := strings.Cut(entry, "=")
		b.env[key] = value
	}
	var err error
	if b.client, err = notify.NewClient(notify.ClientOptions{Loopback: f.replies.URL}); err != nil {
		t.Fatal(err)
	}
	b.rooms = b.configured(name, func(value string) string { return value })
	return b
}

// configured is the platform with an altered setting.
func (b *bot) configured(name string, alter func(string) string) product.Rooms { //nolint:ireturn // what the platform implements
	b.t.Helper()
	for _, spec := range platforms.Specs() {
		if spec.Name != name {
			continue
		}
		settings, problems := product.ParseSettings(spec, alter(b.env[spec.Variable]))
		p, err := spec.New(settings)
		if err = errors.Join(append(problems, err)...); err != nil {
			b.t.Fatal(err)
		}
		rooms, ok := p.(product.Rooms)
		if !ok {
			b.t.Fatalf("%s writes to no rooms", name)
		}
		return rooms
	}
	b.t.Fatalf("there is no platform %s", name)
	return nil
}

func (b *bot) post(p product.Rooms, room, id string, c product.Card) (string, error) {
	return p.Post(b.t.Context(), b.client, product.Room{Platform: p.Name(), ID: room}, c, id)
}

func (b *bot) update(room, handle string, c product.Card) error {
	return b.rooms.Update(b.t.Context(), b.client, product.Room{Platform: b.rooms.Name(), ID: room}, handle, c)
}

// shown are the bot's messages in the room.
func (b *bot) shown() []chat.Message {
	return slices.DeleteFunc(b.service.Messages(b.rooms.Name(), chat.Room), func(m chat.Message) bool { return m.Kind != chat.Bot })
}

func (b *bot) fails(err error, code product.FailureCode, again bool) {
	b.t.Helper()
	e, ok := errors.AsType[*product.SendError](err)
	if !ok || e.Code != code || e.Again != again {
		b.t.Errorf("got %v, want %s, again %v", err, code, again)
	}
}

func request() product.Text {
	return product.Text{
		Mark: product.Waits, Title: product.Line{product.Words("waits for approval "), product.Code("20261122-psfvgfo4zp")},
		Lines: []product.Line{{product.Words("port: "), product.Code("1194"), product.Words(" → "), product.Code("1195")}, {product.Words("code "), product.Code("k7m2q4xa")}},
		Next: []product.Next{
			{Label: "Approve", Command: "approve 20261122-psfvgfo4zp k7m2q4xa", Warning: "12 people are disconnected"},
			{Label: "Reject", Command: "reject 20261122-psfvgfo4zp"},
		},
	}
}

func ended() product.Card {
	return product.Card{Text: product.Text{Mark: product.Done, Title: product.Line{product.Words("applied "), product.Code("20261122-psfvgfo4zp")}}}
}

// place is a platform's room, and how it behaves.
type place struct {
	room, unknown string
	asks          bool // a button asks
	once          bool // a repetition is dropped
	updates       bool
	code          product.FailureCode // for a room that the bot is not in
	wrong         string              // the key of the setting that is its credential
	denied        product.FailureCode
}

func places() map[string]place {
	return map[string]place{
		chat.Slack:    {"C" + strings.ToUpper(chat.Room), "C0ELSEWHERE", true, false, true, "Slack.channel_not_found", "botToken=xoxb-", "Slack.invalid_auth"},
		chat.Feishu:   {"oc_" + chat.Room, "oc_elsewhere", true, true, true, "230002", "appSecret=", "10014"},
		chat.DingTalk: {"cid" + chat.Room + "==", "cidelsewhere==", false, true, true, "DingTalk.invalidParameter.openConversationId.invalid", "appKey=", "DingTalk.invalidClientIdOrSecret"},
		chat.WeCom:    {"@approvers", "nobody", false, true, true, "81013", "agentSecret=", "40001"},
	}
}

// accountOfJun is Jun's account on a platform.
func accountOfJun(name string) string {
	for _, p := range chat.People() {
		if p.Key == chat.Jun {
			return p.Accounts[name]
		}
	}
	return ""
}

func TestRooms(t *testing.T) {
	t.Parallel()
	for name, at := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, name)
			jun := accountOfJun(name)
			card := product.Card{Text: request(), Mention: []string{jun}}
			handle, err := b.post(b.rooms, at.room, "notice-1", card)
			if err != nil || handle == "" {
				t.Fatalf("got %q, %v", handle, err)
			}
			m := b.shown()[len(b.shown())-1]
			all := strings.Join(texts(b.shown()), "\n")
			if m.Way != "card" || !strings.Contains(all, "20261122-psfvgfo4zp") || len(m.Buttons) != 2 || !strings.Contains(m.Buttons[0].Command, "approve 20261122-psfvgfo4zp k7m2q4xa") {
				t.Errorf("got %+v", m)
			}
			if told := append(slices.Clone(m.Mentions), m.OnlyFor); !slices.Contains(told, jun) {
				t.Errorf("%q is not told: %+v", jun, m)
			}
			if c := m.Buttons[0].Confirm; at.asks != (c != nil) || c != nil && c.Text != "12 people are disconnected" || m.Buttons[1].Confirm != nil {
				t.Errorf("the buttons ask %+v and %+v", c, m.Buttons[1].Confirm)
			} else if !at.asks && !strings.Contains(all, "12 people are disconnected") {
				t.Errorf("%q does not warn", all)
			}
			before := len(b.shown())
			if again, err := b.post(b.rooms, at.room, "notice-1", card); err != nil || at.once && (again != handle || len(b.shown()) != before) {
				t.Errorf("a repetition gives %q, %v and %d messages", again, err, len(b.shown()))
			}
			if err := b.update(at.room, handle, ended()); err != nil {
				t.Fatal(err)
			}
			all = strings.Join(texts(b.shown()), "\n")
			now := b.shown()[slices.IndexFunc(b.shown(), func(s chat.Message) bool { return s.ID == m.ID })]
			if now.Edits != 1 || len(now.Buttons) != 0 || !strings.Contains(all, "✅ applied") || now.OnlyFor != m.OnlyFor {
				t.Errorf("got %+v", now)
			}
		})
	}
}

func texts(messages []chat.Message) []string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return out
}

func TestRoomsThatFail(t *testing.T) {
	t.Parallel()
	for name, at := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, name)
			card := product.Card{Text: request(), Mention: []string{accountOfJun(name)}}
			_, err := b.post(b.rooms, at.unknown, "1", card)
			b.fails(err, at.code, false)
			b.service.RefuseReplies(name, 1)
			if _, err := b.post(b.rooms, at.room, "2", card); err == nil {
				t.Error("a refused card is taken")
			} else if e, ok := errors.AsType[*product.SendError](err); !ok || !e.Again {
				t.Errorf("got %v", err)
			}
			b.service.SetDown(name, true)
			_, err = b.post(b.rooms, at.room, "2", card)
			b.fails(err, "HTTP503", true)
			b.service.SetDown(name, false)
			other := b.configured(name, func(value string) string { return strings.Replace(value, at.wrong, at.wrong+"wrong", 1) })
			_, err = b.post(other, at.room, "2", card)
			b.fails(err, at.denied, false)
			if len(b.shown()) != 0 {
				t.Errorf("got %+v", b.shown())
			}
			if _, err := b.post(b.rooms, at.room, "2", card); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCardsThatCannotBeUpdatedAnyMore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		life  time.Duration
		times int // that one may be updated; 0: any number
	}{chat.Feishu: {14 * 24 * time.Hour, 0}, chat.WeCom: {72 * time.Hour, 1}, chat.Slack: {}, chat.DingTalk: {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, room := newBot(t, name), places()[name].room
			card := product.Card{Text: request(), Mention: []string{accountOfJun(name)}}
			handle, err := b.post(b.rooms, room, "1", card)
			if err != nil {
				t.Fatal(err)
			}
			for n := range 3 {
				err := b.update(room, handle, card)
				if tt.times > 0 && n >= tt.times {
					b.fails(err, product.CodeNotUpdatable, false)
				} else if err != nil {
					t.Error(err)
				}
			}
			if tt.life > 0 {
				if handle, err = b.post(b.rooms, room, "2", ended2(card)); err != nil {
					t.Fatal(err)
				}
				b.clock.advance(tt.life + time.Second)
				b.fails(b.update(room, handle, card), product.CodeNotUpdatable, false)
			}
			other := map[string]string{chat.Slack: "C" + strings.ToUpper(chat.Room) + "/1.2", chat.Feishu: "om_other", chat.DingTalk: strings.Repeat("a", 40), chat.WeCom: "other"}[name]
			b.fails(b.update(room, other, card), product.CodeNotUpdatable, false)
		})
	}
}

// ended2 is another card, which WeCom does not take for a repetition.
func ended2(c product.Card) product.Card {
	c.Title = append(slices.Clone(c.Title), product.Words(" again"))
	return c
}

// A group of WeCom is reached by its robot, which updates nothing.
func TestGroupOfWeCom(t *testing.T) {
	t.Parallel()
	b := newBot(t, chat.WeCom)
	handle, err := b.post(b.rooms, "#"+chat.Room, "1", product.Card{Text: request(), Mention: []string{accountOfJun(chat.WeCom)}})
	if m := b.shown(); err != nil || handle != "" || len(m) != 1 || !slices.Equal(m[0].Mentions, []string{"jun"}) || !strings.Contains(m[0].Text, "approve 20261122-psfvgfo4zp k7m2q4xa") {
		t.Errorf("got %q, %+v, %v", handle, m, err)
	}
	b.fails(b.rooms.Check(product.Room{Platform: chat.WeCom, ID: "#elsewhere"}), product.CodeNotConfigured, true)
}

// A click on a card of WeCom's app is a signed event in XML; one on DingTalk's sends
// the command as a message.
func TestClicksOnCards(t *testing.T) {
	t.Parallel()
	for name, at := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBot(t, name)
			var got []product.Message
			b.stub.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
				query := map[string]string{}
				for key := range r.URL.Query() {
					query[key] = r.URL.Query().Get(key)
				}
				d, err := b.rooms.Receive(r.Context(), b.client, product.Request{Method: r.Method, Query: query, Header: r.Header.Get, Body: body}, b.clock.now())
				if err != nil || d.Message == nil {
					t.Errorf("got %+v, %v", d, err)
					return
				}
				got = append(got, *d.Message)
				res, _ := b.rooms.Answer(d, product.Text{Title: product.Line{product.Words("ok")}})
				w.Header().Set("Content-Type", res.ContentType)
				_, _ = w.Write(res.Body)
			}
			if _, err := b.post(b.rooms, at.room, "1", product.Card{Text: request(), Mention: []string{accountOfJun(name)}}); err != nil {
				t.Fatal(err)
			}
			m := b.shown()[len(b.shown())-1]
			if _, err := b.service.Click(t.Context(), m.ID, "Approve", chat.Jun); err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Text != "approve 20261122-psfvgfo4zp k7m2q4xa" || got[0].Sender.User != accountOfJun(name) || !got[0].Reply.Usable(b.clock.now()) {
				t.Errorf("got %+v", got)
			}
			if name == chat.WeCom {
				if err := b.rooms.Send(t.Context(), b.client, got[0].Reply, product.Text{Title: product.Line{product.Words("later")}}, "x"); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
