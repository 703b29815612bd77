package handler_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// asking is a policy by which two people may approve changes of one server, in a room.
const asking = `
people:
  - {name: bot, accounts: [{door: http, user: chat-bot}, {door: slack, tenant: T1, user: UBOT}]}
  - {name: mei, accounts: [{door: http, user: checker}, {door: slack, tenant: T1, user: UMEI}]}
  - {name: night, accounts: [{door: file, user: "158"}]}
servers:
  - {name: one, RegionId: cn-hangzhou, SslVpnServerId: vss-one}
  - {name: two, RegionId: cn-hangzhou, SslVpnServerId: vss-two}
grants:
  - {who: [bot, night], roles: [operator], servers: ["*"]}
  - {who: [mei, bot], roles: [approver], servers: ["*"]}
approvals:
  - {servers: [one], settings: ["*"], need: 1}
notify:
  - {servers: [one], quiet: none, rooms: [{door: slack, tenant: T1, room: C1}]}
`

// message is what a room shows.
type message struct {
	id      string
	room    chat.Room
	card    chat.Card
	updates int
}

// fakeRooms is a platform that writes to rooms. It implements no more of chat.Platform
// than that needs.
type fakeRooms struct {
	chat.Platform

	mu     sync.Mutex
	posted []*message
	fails  func(to chat.Room, update bool) error // nil: nothing fails
	fixed  bool                                  // messages cannot be updated
}

func (*fakeRooms) Name() string            { return "slack" }
func (*fakeRooms) Lang() lang.Tag          { return lang.English }
func (*fakeRooms) Check(_ chat.Room) error { return nil }

func (f *fakeRooms) Post(_ context.Context, _ chat.Doer, to chat.Room, c chat.Card, id string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		if err := f.fails(to, false); err != nil {
			return "", err
		}
	}
	f.posted = append(f.posted, &message{id: id, room: to, card: c})
	if f.fixed {
		return "", nil
	}
	return strconv.Itoa(len(f.posted)), nil
}

func (f *fakeRooms) Update(_ context.Context, _ chat.Doer, to chat.Room, handle string, c chat.Card) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		if err := f.fails(to, true); err != nil {
			return err
		}
	}
	n, err := strconv.Atoi(handle)
	if err != nil || f.posted[n-1].room != to {
		return &chat.SendError{Code: chat.CodeNotUpdatable, Message: "no such message"}
	}
	f.posted[n-1].card = c
	f.posted[n-1].updates++
	return nil
}

// last is the newest message.
func (f *fakeRooms) last(t *testing.T, number int) message {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.posted) != number {
		t.Fatalf("%d messages were posted, want %d", len(f.posted), number)
	}
	if number == 0 {
		return message{}
	}
	return *f.posted[number-1]
}

func plain(t chat.Text) string {
	var b strings.Builder
	for _, l := range append([]chat.Line{t.Title}, t.Lines...) {
		for _, s := range l {
			b.WriteString(s.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// newAsking gives a harness with a platform that writes to rooms.
func newAsking(t *testing.T, rules string, opts ...cloudtest.Option) (*harness, *fakeRooms) {
	t.Helper()
	h := newHarness(t, opts...)
	rooms := &fakeRooms{}
	h.cfg.Platforms = map[string]chat.Platform{"slack": rooms}
	h.cfg.NoPolicy = false
	// The emulated API refuses requests of a clock that is 15 minutes ahead.
	h.opts.Approvals = func(t *approval.Times) { t.Remind = []time.Duration{5 * time.Minute, time.Hour} }
	h.Server("vss-one")
	h.Server("vss-two")
	h.rule(rules)
	return h, rooms
}

// later sets the clock ahead.
func (h *harness) later(d time.Duration) {
	h.t.Helper()
	h.Clock.Advance(d)
	h.opts.Skew += d
	h.start()
}

func (h *harness) sweep() {
	h.t.Helper()
	h.deliver(tick("sweep", h.Clock.Now(), `{"task":"sweep"}`))
}

func (h *harness) asked(id string) record.Approval {
	h.t.Helper()
	a, err := record.NewRecords(h.Store).ReadApproval(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// A file's change needs approval: the room is asked, reminded, and told the end, and the
// message is the way to approve it.
func TestARoomIsAskedForApproval(t *testing.T) {
	t.Parallel()
	h, rooms := newAsking(t, asking)
	s := h.deliver(string(oss.EventJSON(h.upload("changes/hotel.yaml", "reason: close 1194\n"+setPort))))
	id := s.Files[0].Changes[0]
	h.count("approvals/open/", 1)
	h.drain("vss-one")
	m := rooms.last(t, 1)
	if m.room != (chat.Room{Platform: "slack", Tenant: "T1", ID: "C1"}) || !slices.Equal(m.card.Mention, []string{"UBOT", "UMEI"}) {
		t.Errorf("posted to %v, mentions %q", m.room, m.card.Mention)
	}
	text := plain(m.card.Text)
	for _, part := range []string{id + " for one waits for approval", "Port: 1194 → 1195", "disconnected", "night: close 1194", "One more approval is required", "Approvers: bot, mei", "as soon as it is approved", "Expires at"} {
		if !strings.Contains(text, part) {
			t.Errorf("the card lacks %q:\n%s", part, text)
		}
	}
	next := m.card.Next
	if len(next) != 2 || !strings.HasPrefix(next[0].Command, "approve "+id+" ") || next[0].Label != "Approve: Port 1195" || next[1].Command != "reject "+id ||
		!strings.Contains(next[0].Warning, "disconnected") || next[1].Warning != "" {
		t.Fatalf("the card offers %+v", next)
	}

	h.sweep() // nothing is due
	rooms.last(t, 1)
	h.later(6 * time.Minute)
	h.sweep()
	r := rooms.last(t, 2)
	if !slices.Equal(r.card.Mention, []string{"UBOT", "UMEI"}) || len(r.card.Next) != 0 || !strings.Contains(plain(r.card.Text), "Still waiting for approval") || !strings.Contains(plain(r.card.Text), next[0].Command) {
		t.Errorf("the reminder is %+v\n%s", r.card, plain(r.card.Text))
	}

	h.told(says(next[0].Command).by(checker), 202, "taken")
	h.drain("vss-one")
	if h.port("vss-one") != 1195 {
		t.Fatal("it was not applied")
	}
	rooms.last(t, 2)
	end := *rooms.posted[0]
	if len(end.card.Next) != 0 || !strings.Contains(plain(end.card.Text), id+" was applied to one") || !strings.Contains(plain(end.card.Text), "Approved by mei") || len(end.card.Mention) != 0 {
		t.Errorf("the last card is %+v\n%s", end.card, plain(end.card.Text))
	}
	h.count("approvals/open/", 0)
	a := h.asked(id)
	if len(a.Rooms) != 1 || !a.Rooms[0].Delivered || a.Rooms[0].Reminders != 1 || a.Rooms[0].Tries != 1 || a.Rooms[0].Stale != "" || a.Rooms[0].UpdatedAt.IsZero() {
		t.Errorf("on record is %+v", a)
	}
	// The event of the file is delivered again: the room is told once.
	h.deliver(string(oss.EventJSON(h.upload("changes/other.yaml", setPort))))
	h.drain("vss-one")
	h.later(48 * time.Hour)
	before := len(rooms.posted)
	h.sweep()
	h.sweep()
	for _, m := range rooms.posted[before:] {
		if strings.Contains(plain(m.card.Text), id) {
			t.Errorf("told after the end:\n%s", plain(m.card.Text))
		}
	}
}

// A vote, a rejection and a cancel update the card.
func TestACardShowsWhatBecameOfItsChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vote  string
		by    string
		shows string
	}{
		"rejected":  {"reject %s reason=no", checker, "mei rejected the change: no"},
		"cancelled": {"cancel %s", chatBot, "was canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, rooms := newAsking(t, asking)
			id := h.told(says("apply one port=1195"), 202, "taken").Change.ID
			h.drain("vss-one")
			if m := rooms.last(t, 1); !slices.Equal(m.card.Mention, []string{"UMEI"}) {
				t.Errorf("mentioned are %q: who asks does not approve", m.card.Mention)
			}
			h.told(says(strings.ReplaceAll(c.vote, "%s", id)).by(c.by), 202, "taken")
			h.drain("vss-one")
			m := rooms.last(t, 1)
			if text := plain(m.card.Text); !strings.Contains(text, c.shows) || len(m.card.Next) != 0 {
				t.Errorf("the card offers %+v\n%s", m.card.Next, text)
			}
			h.count("approvals/open/", 0)
		})
	}
}

// A message that cannot be updated is followed by others.
func TestARoomWithoutUpdatesIsToldTheEnd(t *testing.T) {
	t.Parallel()
	h, rooms := newAsking(t, asking)
	rooms.fixed = true
	id := h.told(says("apply one port=1195"), 202, "taken").Change.ID
	h.drain("vss-one")
	command := rooms.last(t, 1).card.Next[0].Command
	h.told(says(command).by(checker), 202, "taken")
	h.drain("vss-one")
	m := rooms.last(t, 2)
	if len(m.card.Next)+len(m.card.Mention) != 0 || !strings.Contains(plain(m.card.Text), id+" was applied to one") {
		t.Errorf("the last message is\n%s", plain(m.card.Text))
	}
	// Where a room stands for people, every message needs them.
	for _, m := range []message{*rooms.posted[0], m} {
		if !slices.Equal(m.card.For, []string{"UMEI"}) {
			t.Errorf("it is for %q:\n%s", m.card.For, plain(m.card.Text))
		}
	}
	h.count("approvals/open/", 0)
}

// A room that cannot be reached delays nothing, and is on record.
func TestARoomThatCannotBeReachedIsOnRecord(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]*chat.SendError{
		"for good":    {Code: "channel_not_found", Message: "the room does not exist"},
		"for a while": {Again: true, Code: "HTTP503", Message: "try later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, rooms := newAsking(t, asking)
			rooms.fails = func(chat.Room, bool) error { return failure }
			id := h.told(says("apply one port=1195"), 202, "taken").Change.ID
			h.drain("vss-one")
			got := h.told(says("status "+id).by(checker), 200, "shown")
			h.told(says("approve "+id+" "+got.Plan.Code).by(checker), 202, "taken")
			h.drain("vss-one")
			if h.port("vss-one") != 1195 {
				t.Error("it was not applied")
			}
			h.sweep()
			h.count("approvals/open/", 0)
			a := h.asked(id)
			if len(a.Rooms) != 1 || a.Rooms[0].Delivered || a.Rooms[0].Code != string(failure.Code) || a.Rooms[0].Message != failure.Message || a.Rooms[0].Tries == 0 {
				t.Errorf("on record is %+v", a)
			}
			if !strings.Contains(h.log.String(), "room not asked for approval") {
				t.Error("it is not logged")
			}
		})
	}
}

// No room is told about a server without a room, nor about changes that need no approval.
func TestNobodyIsAskedWithoutAReason(t *testing.T) {
	t.Parallel()
	h, rooms := newAsking(t, strings.ReplaceAll(asking, "servers: [one], settings", "servers: [two], settings"))
	h.told(says("apply two port=1195"), 202, "taken")
	h.told(says("apply one port=1195"), 202, "taken")
	h.drain("vss-one")
	h.drain("vss-two")
	h.sweep()
	rooms.last(t, 0)
	h.count("approvals/", 0)
	if !strings.Contains(h.log.String(), "names no room for the server") {
		t.Error("it is not logged that there is no room")
	}
	if h.port("vss-one") != 1195 || h.port("vss-two") != 1194 {
		t.Error("approvals do not count")
	}
}

// Status offers what the policy permits the sender.
func TestStatusOffersWhatTheSenderMayDo(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	id := h.told(says("apply two port=1195"), 202, "taken").Change.ID
	for secret, want := range map[string][]string{chatBot: {"cancel"}, checker: {"approve", "reject"}} {
		text := h.told(saysIn("en", "status "+id).by(secret), 200, "shown").Text
		for _, verb := range []string{"approve", "reject", "cancel"} {
			if offered := strings.Contains(text, verb+" "+id); offered != slices.Contains(want, verb) {
				t.Errorf("%q offers %s: %v\n%s", want, verb, offered, text)
			}
		}
	}
}

// People are asked while the gateway is still at work on another change.
func TestNobodyWaitsForAGatewayToBeAsked(t *testing.T) {
	t.Parallel()
	h, rooms := newAsking(t, strings.Replace(asking, `servers: [one], settings: ["*"]`, "servers: [one], settings: [Port]", 1), cloudtest.Configuring(5*time.Second))
	h.told(says("apply one compress=true"), 202, "taken")
	h.told(says("apply one port=1195"), 202, "taken")
	payload := string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "wake/cn-hangzhou/vss-one"}))
	drained := make(chan error, 1)
	go func() {
		_, err := h.invoke(payload)
		drained <- err
	}()
	for asked := false; !asked; {
		select {
		case err := <-drained:
			t.Fatalf("the lane is drained before anybody is asked: %v", err)
		case <-time.After(20 * time.Millisecond):
			rooms.mu.Lock()
			asked = len(rooms.posted) > 0
			rooms.mu.Unlock()
		}
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
	rooms.last(t, 1)
}
