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

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// messenger is a chat platform with a minimal signature. The real platforms are
// tested over HTTP.
type messenger struct {
	name  string
	later bool          // it ignores the response's body: answers are sent separately
	keeps time.Duration // how long a reply address works; 0: forever
	down  downtime      // of its reply API
}

// downtime is a time in which every reply is refused.
type downtime struct{ from, until time.Time }

func (o downtime) now() bool { return !time.Now().Before(o.from) && time.Now().Before(o.until) }

const signature = "x-sim-signature"

func sign(body []byte) string {
	sum := fnv.New64a()
	_, _ = sum.Write(body)
	return strconv.FormatUint(sum.Sum64(), 16)
}

// utterance is a message as a messenger delivers it to the function.
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

// Name returns the platform's name in the policy.
func (m *messenger) Name() string { return m.name }

// Methods returns POST.
func (*messenger) Methods() []string { return []string{http.MethodPost} }

// Lang returns English.
func (*messenger) Lang() lang.Tag { return lang.English }

// Receive accepts signed messages.
func (m *messenger) Receive(_ context.Context, _ chat.Doer, r chat.Request, _ time.Time) (chat.Delivery, error) {
	var u utterance
	if r.Header(signature) != sign(r.Body) || json.Unmarshal(r.Body, &u) != nil {
		return chat.Delivery{}, &chat.RefusedError{Reason: chat.ReasonNoMatch}
	}
	return chat.Delivery{Token: chat.Token(r.Body), Message: &chat.Message{
		ID: u.ID, Sender: chat.Identity{Platform: m.name, Tenant: tenant, User: u.User}, Room: room, Text: u.Text,
		Reply: chat.Reply{Platform: m.name, Kind: "sim", Address: u.ID, Room: room, Mention: u.User, Until: u.Until},
	}}, nil
}

// Answer puts the text into the response, or reports that it is sent later.
func (m *messenger) Answer(_ chat.Delivery, t chat.Text) (res chat.Response, later bool) {
	res = chat.Response{Status: http.StatusOK, ContentType: "application/json", Body: []byte("{}")}
	if m.later {
		return res, true
	}
	data, err := json.Marshal(t) //nolint:musttag // read back below
	if err != nil {
		panic(err)
	}
	res.Body = data
	return res, false
}

// Send posts a reply.
func (m *messenger) Send(ctx context.Context, client chat.Doer, to chat.Reply, t chat.Text, id string) error {
	data, err := json.Marshal(posting{ID: id, Address: to.Address, Text: t}) //nolint:musttag // read back below
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
		return &chat.SendError{Code: codeGone, Message: "the address has expired"}
	case http.StatusServiceUnavailable:
		return &chat.SendError{Again: true, Code: "HTTP503", Message: "down"}
	}
	return nil
}

const codeGone = "gone"

// Do sends an instance's requests to the messengers.
func (in *instance) Do(r *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	if strings.HasPrefix(r.URL.Path, "/rooms/") {
		return in.toRoom(r, data)
	}
	p := decode[posting](data)
	status := 0
	err = in.request(r.Context(), &op{
		name: "send " + r.URL.Host + " " + p.ID + " to " + p.Address,
		fail: func(f fate) error {
			code := chat.CodeTimeout
			if f == refused {
				code = "HTTP503"
			}
			return &chat.SendError{Again: true, Code: code, Message: f.String()}
		},
		do: func() { status = in.harness.chat.posted(r.URL.Host, p) },
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}}, nil
}

// deliver has a messenger deliver a message, repeatedly until it is answered in
// time.
func (k *talk) deliver(m *said, try int) {
	h := k.h
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
	in := h.platform.idle()
	h.note("%s says %q as %s on %s to %s, try %d", m.User, m.Text, m.ID, m.on.name, in, try)
	const limit = 4 * time.Second
	sent := time.Now()
	h.after(limit, func() {
		if m.answered {
			return
		}
		if try == 200 {
			h.violated("%s was never answered", m.ID)
			return
		}
		h.after([]time.Duration{time.Second, 15 * time.Second, time.Minute}[min(try, 2)], func() { k.deliver(m, try+1) })
	})
	h.invoke(in, payload, h.platform.timeout, func(out json.RawMessage, err error, ok bool) {
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
		h.note("%s answered %d", m.ID, res.StatusCode)
		switch {
		case res.StatusCode >= 400 && res.StatusCode < 500:
			h.violated("%s was answered %d: %s", m.ID, res.StatusCode, res.Body)
		case res.StatusCode != http.StatusOK, time.Since(sent) > limit, k.loses():
			return // it is delivered again
		}
		first := !m.answered
		m.answered = true
		if !m.on.later {
			k.shown(m, decode[chat.Text]([]byte(res.Body)))
		}
		if first && h.rng.IntN(8) == 0 { // a duplicate delivery
			h.after(time.Duration(1+h.rng.IntN(300))*time.Second, func() { k.deliver(m, 3) })
		}
	})
}

// loses draws whether a response is lost.
func (k *talk) loses() bool {
	h := k.h
	return !h.cfg.calm && time.Since(h.start) < h.cfg.length && h.rng.IntN(10) == 0
}

// posted accepts a reply, and shows it in the room.
func (k *talk) posted(platform string, p posting) int {
	m := k.messages[p.Address]
	if m.on.down.now() {
		return http.StatusServiceUnavailable
	}
	if !m.Until.IsZero() && time.Now().After(m.Until) {
		return http.StatusGone
	}
	if rest, is := strings.CutPrefix(p.ID, "half"); is {
		_, undo, _ := strings.Cut(rest, "-")
		k.h.reminded(undo)
	} else if id, ok := endOf(p.ID); ok {
		k.told[id+" on "+platform]++
	} else {
		m.replies++
	}
	k.h.note("%s shows %s", platform, p.ID)
	k.shown(m, p.Text)
	return http.StatusOK
}

// endOf returns the change whose outcome a reply reports.
func endOf(id string) (change string, ok bool) {
	i := strings.LastIndexByte(id, '-')
	if i < 0 {
		return "", false
	}
	return id[:i], strings.Contains(id[:i], "-")
}
