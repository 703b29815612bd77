package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// opsRoom is the room that the policy names, on every platform.
const opsRoom = "ops"

// rooms are the messages that the function has posted to rooms on its own.
type rooms struct {
	h        *harness
	messages []*roomMessage
	approved map[string]record.Approval // by change id
	open     map[string]bool            // the requests that were ever stored, by name
}

// roomMessage is a message in a room.
type roomMessage struct {
	platform string
	id       string // of the post
	card     chat.Card
	updates  int
	answered int // posts of it that the function saw succeed
}

// about is the name of the request for approval that a message is about.
func (m *roomMessage) about() string { return aboutOf(m.id) }

// aboutOf reads the name of the request out of the id of a post: a kind, the name, and a
// digest of the room.
func aboutOf(id string) string {
	parts := strings.Split(id, "-")
	if len(parts) < 3 {
		return ""
	}
	return strings.Join(parts[len(parts)-3:len(parts)-1], "-")
}

// roomMessenger is a messenger that the function can write to on its own. Feishu
// recognizes a repeated post and lets messages be updated; WeCom does neither.
type roomMessenger struct{ *messenger }

// Check refuses every other room.
func (m roomMessenger) Check(to chat.Room) error {
	if to.ID != opsRoom {
		return &chat.SendError{Code: "no-room", Message: "there is no such room"}
	}
	return nil
}

// Post posts a card.
func (m roomMessenger) Post(ctx context.Context, client chat.Doer, _ chat.Room, c chat.Card, id string) (string, error) {
	return m.send(ctx, client, "post/"+id, c)
}

// Update replaces a card.
func (m roomMessenger) Update(ctx context.Context, client chat.Doer, _ chat.Room, handle string, c chat.Card) error {
	_, err := m.send(ctx, client, "update/"+handle, c)
	return err
}

func (m roomMessenger) send(ctx context.Context, client chat.Doer, path string, c chat.Card) (string, error) {
	data, err := json.Marshal(c) //nolint:musttag // read back below
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+m.name+"/rooms/"+path, bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusServiceUnavailable:
		return "", &chat.SendError{Again: true, Code: "HTTP503", Message: "down"}
	case http.StatusNotFound:
		return "", &chat.SendError{Code: chat.CodeNotUpdatable, Message: "no such message"}
	}
	handle, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	return string(handle), nil
}

// toRoom sends a request of an instance to a room.
func (in *instance) toRoom(r *http.Request, data []byte) (*http.Response, error) {
	h := in.harness
	host, path := r.URL.Host, strings.TrimPrefix(r.URL.Path, "/rooms/")
	status, handle, sent := 0, "", time.Now()
	err := in.request(r.Context(), &op{
		name: "send " + host + " " + path,
		fail: func(f fate) error {
			code := chat.CodeTimeout
			if f == refused {
				code = "HTTP503"
			}
			return &chat.SendError{Again: true, Code: code, Message: f.String()}
		},
		do: func() {
			if status = http.StatusServiceUnavailable; time.Since(sent) < idleConnection {
				status, handle = h.chat.rooms.take(host, path, decode[chat.Card](data))
			}
		},
		sends:    func() { h.chat.rooms.sends(path) },
		answered: func() { h.chat.rooms.answer(host, path) },
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(handle)), Header: http.Header{}}, nil
}

// idleConnection is after how long a platform has closed a connection on which nothing
// came: a request of an instance that was frozen for longer does not arrive.
const idleConnection = 110 * time.Second

// stalled is how long a worker may need from reading how far a change is to sending a
// message: its lease ends then.
const stalled = 75 * time.Second

// sends checks a message when it is sent: nobody is reminded of what has ended.
func (r *rooms) sends(path string) {
	id, isPost := strings.CutPrefix(path, "post/")
	if !isPost || !strings.HasPrefix(id, "remind-") {
		return
	}
	open := false
	for change, e := range r.h.seen.entries {
		if name, _ := objects.ApprovalOf(change); name != aboutOf(id) || e.approvals == 0 {
			continue
		}
		rec, ended := r.h.seen.records[change]
		open = open || !ended || time.Since(rec.at) < stalled
	}
	if !open {
		r.h.violated("%s is sent, and all its changes have ended", id)
	}
}

// take is what a platform does with a message that arrives.
func (r *rooms) take(platform, path string, c chat.Card) (status int, handle string) {
	h := r.h
	on := h.chat.wecom
	if platform == h.chat.feishu.name {
		on = h.chat.feishu
	}
	if on.down.now() {
		return http.StatusServiceUnavailable, ""
	}
	if number, is := strings.CutPrefix(path, "update/"); is {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(r.messages) || r.messages[n-1].platform != platform {
			return http.StatusNotFound, ""
		}
		h.note("%s updates %s: %s, %d commands", platform, r.messages[n-1].id, title(c), len(c.Next))
		r.messages[n-1].card.Text = c.Text
		r.messages[n-1].updates++
		return http.StatusOK, ""
	}
	id := strings.TrimPrefix(path, "post/")
	if on == h.chat.feishu {
		if i := slices.IndexFunc(r.messages, func(m *roomMessage) bool { return m.platform == platform && m.id == id }); i >= 0 {
			return http.StatusOK, strconv.Itoa(i + 1)
		}
	}
	r.messages = append(r.messages, &roomMessage{platform: platform, id: id, card: c})
	h.note("%s shows %s: %s, mentions %q", platform, id, title(c), c.Mention)
	if kind, _, _ := strings.Cut(id, "-"); kind == "ask" {
		h.reach("a room is asked for approval")
		r.react(c)
	} else {
		h.reach("a message about an approval: " + kind)
	}
	if on == h.chat.feishu {
		return http.StatusOK, strconv.Itoa(len(r.messages))
	}
	return http.StatusOK, ""
}

// answer notes that the function knows that a message was posted.
func (r *rooms) answer(platform, path string) {
	for _, m := range r.messages {
		if m.platform == platform && "post/"+m.id == path {
			m.answered++
		}
	}
}

// react has somebody press a button of a card, now and then.
func (r *rooms) react(c chat.Card) {
	h := r.h
	if h.chat.budget <= 0 || len(c.Next) == 0 || h.rng.IntN(3) == 0 {
		return
	}
	next := c.Next[h.rng.IntN(len(c.Next))]
	h.after(time.Duration(1+h.rng.IntN(1200))*time.Second, func() {
		on, user := h.chat.draw("jun", "lan", "boss")
		h.chat.say(on, user, next.Command)
	})
}

func title(c chat.Card) string {
	var b strings.Builder
	for _, s := range c.Title {
		b.WriteString(s.Text)
	}
	return b.String()
}

// requested observes a request for approval.
func (r *rooms) requested(key string) {
	if r.open == nil {
		r.open = map[string]bool{}
	}
	name, _ := objects.ParseOpenApprovalKey(key)
	r.open[name] = true
}

// recorded observes what the rooms were told, as it is stored.
func (r *rooms) recorded(data []byte) {
	a := decode[record.Approval](data)
	if r.approved == nil {
		r.approved = map[string]record.Approval{}
	}
	r.approved[a.ID] = a
	for _, room := range a.Rooms {
		r.h.reachIf(!room.Delivered, "a request for approval that cannot be delivered")
	}
}

// check checks at the end of a run that every request for approval was delivered, or
// that its failure is on record, and that the last state of every card is the end.
func (r *rooms) check() {
	if r == nil {
		return
	}
	h := r.h
	for _, id := range slices.Sorted(maps.Keys(h.seen.records)) {
		e := h.seen.entries[id]
		if e.approvals == 0 || e.undoes != "" {
			continue
		}
		a, ok := r.approved[id]
		if !ok {
			// A worker may die between the end of a change that was cancelled at once, and the
			// repair of a request that intake could not store.
			name, _ := objects.ApprovalOf(id)
			if !h.damage.entryOf(id) && (r.open[name] || h.faults == 0) {
				h.violated("%s needed approval and has ended, and nothing says who was asked", id)
			}
			continue
		}
		r.checkRooms(id, e, a)
	}
	for _, m := range r.messages {
		if strings.HasPrefix(m.id, "ask-") && h.faults == 0 && m.answered > 1 {
			h.violated("%s was posted on %s %d times, without a fault", m.id, m.platform, m.answered)
		}
	}
	for _, key := range h.store.keys {
		if strings.HasPrefix(key, "approvals/open/") {
			h.violated("%s is still open", key)
		}
	}
}

// checkRooms compares what is on record for a change with what its rooms show.
func (r *rooms) checkRooms(id string, e entry, a record.Approval) {
	name, _ := objects.ApprovalOf(id)
	want := 1
	if e.target.ServerID == "vss-sim0" {
		want = 2
	}
	if len(a.Rooms) != want && !r.h.cfg.reforms {
		r.h.violated("%s: the record has %d rooms, want %d", id, len(a.Rooms), want)
	}
	for _, room := range a.Rooms {
		var asked []*roomMessage
		for _, m := range r.messages {
			if m.platform == room.Platform && m.about() == name && strings.HasPrefix(m.id, "ask-") {
				asked = append(asked, m)
			}
		}
		switch {
		case room.Delivered && len(asked) == 0:
			r.h.violated("%s: the record says that %s was asked, which it was not", id, room.Platform)
		case !room.Delivered && (room.Code == "" || room.Message == ""):
			r.h.violated("%s: %s was not asked, and the record does not say why", id, room.Platform)
		case room.Delivered && room.Stale == "" && room.Platform == r.h.chat.feishu.name:
			for _, m := range asked {
				if len(m.card.Next) > 0 || strings.Contains(title(m.card), "waits for approval") {
					r.h.violated("%s has ended as %s, and %s shows %q with %d commands", id, r.h.seen.records[id].Status, m.platform, title(m.card), len(m.card.Next))
				}
			}
		}
	}
}
