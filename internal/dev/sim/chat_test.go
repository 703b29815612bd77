package sim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
)

// messenger is a chat service with a signature that tells what is the
// service's, and nothing more: the real ones are tested over HTTP.
type messenger struct {
	name  string
	later bool          // it does not show what is in the response
	keeps time.Duration // how long a reply address works; 0: for ever
	down  downtime      // of what it takes replies with
}

// downtime is a time in which nothing is taken.
type downtime struct{ from, until time.Time }

func (o downtime) now() bool { return !time.Now().Before(o.from) && time.Now().Before(o.until) }

const signature = "x-sim-signature"

func sign(body []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(body)
	return strconv.FormatUint(h.Sum64(), 16)
}

// utterance is what a messenger sends to the function.
type utterance struct {
	ID    string    `json:"id"`
	User  string    `json:"user"`
	Text  string    `json:"text"`
	Until time.Time `json:"until,omitzero"` // of the reply address
}

// posting is what the function sends to a messenger.
type posting struct {
	ID      string    `json:"id"`
	Address string    `json:"address"` // the message that it is a reply to
	Text    chat.Text `json:"text"`
}

// Name names the door that the policy knows it by.
func (m *messenger) Name() string { return m.name }

// Methods are POST.
func (*messenger) Methods() []string { return []string{http.MethodPost} }

// Lang is English.
func (*messenger) Lang() lang.Tag { return lang.English }

// Receive takes what is signed.
func (m *messenger) Receive(_ context.Context, _ chat.Doer, r chat.Request, _ time.Time) (chat.Delivery, error) {
	var u utterance
	if r.Header(signature) != sign(r.Body) || json.Unmarshal(r.Body, &u) != nil {
		return chat.Delivery{}, &chat.RefusedError{Reason: chat.ReasonNoMatch}
	}
	return chat.Delivery{Message: &chat.Message{
		ID: u.ID, Sender: chat.Identity{Platform: m.name, Tenant: tenant, User: u.User}, Room: room, Text: u.Text,
		Reply: chat.Reply{Platform: m.name, Kind: "sim", Address: u.ID, Room: room, Mention: u.User, Until: u.Until},
	}}, nil
}

// Answer answers in the response, or says that the text goes another way.
func (m *messenger) Answer(_ chat.Delivery, t chat.Text) (res chat.Response, later bool) {
	res = chat.Response{Status: http.StatusOK, ContentType: "application/json", Body: []byte("{}")}
	if m.later {
		return res, true
	}
	data, err := json.Marshal(t)
	if err != nil {
		panic(err)
	}
	res.Body = data
	return res, false
}

// Send posts a reply.
func (m *messenger) Send(ctx context.Context, client chat.Doer, to chat.Reply, t chat.Text, id string) error {
	data, err := json.Marshal(posting{ID: id, Address: to.Address, Text: t})
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+m.name+"/"+id, bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusGone:
		return &chat.SendError{Code: codeGone, Message: "the address works no more"}
	case http.StatusServiceUnavailable:
		return &chat.SendError{Again: true, Code: "HTTP503", Message: "down"}
	}
	return nil
}

const codeGone = "gone"

// Do takes an instance's requests to the messengers.
func (in *instance) Do(r *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	p := decode[posting](data)
	status := 0
	err = in.request(r.Context(), &op{
		name: "send " + r.URL.Host + " " + p.ID + " to " + p.Address,
		fail: func(f fate) error {
			code := "Timeout"
			if f == refused {
				code = "HTTP503"
			}
			return &chat.SendError{Again: true, Code: code, Message: f.String()}
		},
		do: func() { status = in.world.chat.posted(r.URL.Host, p) },
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}}, nil
}

// deliver has a messenger deliver a message, again and again until it is
// answered in time.
func (k *talk) deliver(m *said, try int) {
	w := k.w
	body, err := json.Marshal(m.utterance)
	if err != nil {
		panic(err)
	}
	path := "/chat/" + m.on.name
	payload, err := json.Marshal(map[string]any{
		"version": "v1", "rawPath": path, "body": string(body), "isBase64Encoded": false, "headers": map[string]string{signature: sign(body)},
		"queryParameters": map[string]string{}, "requestContext": map[string]any{
			"http": map[string]any{"method": http.MethodPost, "path": path, "sourceIp": "1.1.1.1"}, "requestId": "",
		},
	})
	if err != nil {
		panic(err)
	}
	in := w.platform.idle()
	w.note("%s says %q as %s on %s to %s, try %d", m.User, m.Text, m.ID, m.on.name, in, try)
	const limit = 4 * time.Second
	sent := time.Now()
	w.after(limit, func() {
		if m.answered {
			return
		}
		if try == 200 {
			w.violated("%s was never answered", m.ID)
			return
		}
		w.after([]time.Duration{time.Second, 15 * time.Second, time.Minute}[min(try, 2)], func() { k.deliver(m, try+1) })
	})
	w.invoke(in, payload, w.platform.timeout, func(out json.RawMessage, err error, ok bool) {
		var res struct {
			StatusCode int    `json:"statusCode"`
			Body       string `json:"body"`
		}
		if ok && err == nil {
			res = decode[struct {
				StatusCode int    `json:"statusCode"`
				Body       string `json:"body"`
			}](out)
		}
		w.note("%s answered %d", m.ID, res.StatusCode)
		switch {
		case res.StatusCode >= 400 && res.StatusCode < 500:
			w.violated("%s was answered %d: %s", m.ID, res.StatusCode, res.Body)
		case res.StatusCode != http.StatusOK, time.Since(sent) > limit, k.loses():
			return // the platform delivers it again
		}
		first := !m.answered
		m.answered = true
		if !m.on.later {
			k.shown(m, decode[chat.Text]([]byte(res.Body)))
		}
		if first && w.rng.IntN(8) == 0 { // though it was answered
			w.after(time.Duration(1+w.rng.IntN(300))*time.Second, func() { k.deliver(m, 3) })
		}
	})
}

// loses draws whether an answer is lost on its way.
func (k *talk) loses() bool {
	w := k.w
	return !w.cfg.calm && time.Since(w.start) < w.cfg.length && w.rng.IntN(10) == 0
}

// posted takes a reply, and shows it in the room.
func (k *talk) posted(platform string, p posting) int {
	m := k.messages[p.Address]
	if m.on.down.now() {
		return http.StatusServiceUnavailable
	}
	if !m.Until.IsZero() && time.Now().After(m.Until) {
		return http.StatusGone
	}
	if id, ok := endOf(p.ID); ok {
		k.told[id+" on "+platform]++
	} else {
		m.replies++
	}
	k.w.note("%s shows %s", platform, p.ID)
	k.shown(m, p.Text)
	return http.StatusOK
}

// endOf is the change whose end a reply tells of.
func endOf(id string) (change string, ok bool) {
	i := strings.LastIndexByte(id, '-')
	if i < 0 {
		return "", false
	}
	return id[:i], strings.Contains(id[:i], "-")
}
