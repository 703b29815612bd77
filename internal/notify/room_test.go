package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// roomy is a platform that can write to the rooms that do not begin with "x".
type roomy struct{ platform }

var _ chat.Rooms = roomy{}

const byItself = "https://slack.com/api/chat.postMessage"

func (p roomy) Check(to chat.Room) error {
	if to.Platform != p.Name() || strings.HasPrefix(to.ID, "x") {
		return &chat.SendError{Code: chat.CodeNotConfigured, Message: "no"}
	}
	return nil
}

func (p roomy) Post(ctx context.Context, c chat.Doer, to chat.Room, card chat.Card, id string) (string, error) {
	m := message{ID: id, Mention: strings.Join(card.Mention, ",") + " in " + to.ID}
	for _, s := range card.Title {
		m.Text += s.Text
	}
	data, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, byItself, bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", &chat.SendError{Again: resp.StatusCode >= 500, Code: "Slack.not_in_channel", Message: "invite the bot"}
	}
	return "handle", nil
}

func (p roomy) Update(context.Context, chat.Doer, chat.Room, string, chat.Card) error {
	return errors.New("nothing here updates a card")
}

func withRooms(d *notify.Deps, _ *notify.Policy) {
	d.Platforms = map[string]chat.Platform{"slack": roomy{platform("slack")}}
}

func (b *harness) delivers(want notify.Report, notices ...notify.Notice) {
	b.t.Helper()
	rep, err := b.outbox(withRooms).Deliver(b.t.Context(), notices...)
	if err != nil || rep != want {
		b.t.Fatalf("%+v, %v; want %+v", rep, err, want)
	}
}

// until is an address that works until so long from now.
func (b *harness) until(r notify.Recipient, d time.Duration) notify.Recipient {
	r.Reply.Until = b.Clock.Now().Add(d)
	return r
}

func TestARoomWhoseAddressesExpiredIsReachedByThePlatformItself(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, b.until(slack("C1", "U1"), time.Minute), b.until(slack("C1", "U2"), 2*time.Minute))
	b.post(n)
	b.advance(time.Hour)
	b.delivers(notify.Report{Delivered: 1}, n)
	got := b.sent()
	if len(got) != 1 || got[0].Address != byItself || got[0].Mention != "U1 in C1" || got[0].Text != "en applied "+id || !strings.HasPrefix(got[0].ID, id) {
		t.Errorf("got %+v", got)
	}
	b.noted(id, record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 1})
	b.empty()
}

func TestARoomWhoseAddressesRefuseIsReachedByThePlatformItself(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, slack("C1", "U1"))
	b.post(n)
	b.answers(map[string]int{"/U1": http.StatusNotFound})
	b.delivers(notify.Report{Delivered: 1}, n)
	if got := b.sent(); len(got) != 2 || got[1].Address != byItself || got[1].ID != got[0].ID {
		t.Errorf("got %+v", got)
	}
	b.noted(id, record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 2})
}

// An address that may accept the message later is waited for: the message would
// otherwise be there twice.
func TestARoomWhoseAddressFailsForNowIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, slack("C1", "U1"))
	b.post(n)
	b.answers(map[string]int{"/U1": http.StatusServiceUnavailable})
	b.delivers(notify.Report{Waiting: 1}, n)
	for _, m := range b.sent() {
		if m.Address == byItself {
			t.Errorf("got %+v", m)
		}
	}
}

func TestARoomThatThePlatformItselfDoesNotReachIsGivenUp(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	refused, unknown := b.ended(id, slack("C1", "U1")), b.ended(numbered(1), b.until(slack("xC2", "U1"), time.Minute))
	b.post(refused, unknown)
	b.advance(time.Hour)
	b.answers(map[string]int{"/U1": http.StatusGone, "chat.postMessage": http.StatusBadRequest})
	b.delivers(notify.Report{GivenUp: 2}, refused, unknown)
	b.noted(id, record.Delivery{
		Platform: "slack", Room: "C1", Tries: 2, Code: "Slack.not_in_channel", Message: "invite the bot; before that HTTP410: Gone",
	})
	b.noted(numbered(1), record.Delivery{
		Platform: "slack", Room: "xC2", Code: "AddressExpired",
		Message: "the platform accepts answers to a message for a limited time only, and that time is over",
	})
	b.empty()
}

func TestARoomThatThePlatformItselfReachesLaterIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, b.until(slack("C1", "U1"), time.Minute))
	b.post(n)
	b.advance(time.Hour)
	b.answers(map[string]int{"chat.postMessage": http.StatusServiceUnavailable})
	b.delivers(notify.Report{Waiting: 1}, n)
	first := b.sent()
	b.answers(nil)
	b.advance(time.Hour)
	rep, err := b.outbox(withRooms).DeliverAll(t.Context())
	if err != nil || rep != (notify.Report{Delivered: 1}) {
		t.Fatalf("%+v, %v", rep, err)
	}
	if got := b.sent(); len(got) != 1 || got[0].ID != first[0].ID {
		t.Errorf("got %+v after %+v", got, first)
	}
	b.empty()
}
