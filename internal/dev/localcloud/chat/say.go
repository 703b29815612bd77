package chat

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// Say sends a person's message to the bot, in the room named Room, and returns it
// when the function has answered. A wrong or missing answer is no error: see
// Message.Failed.
func (s *Service) Say(ctx context.Context, platform, person, text string) (Message, error) {
	return s.SayIn(ctx, platform, Room, person, text)
}

// SayIn is Say in another room.
func (s *Service) SayIn(ctx context.Context, platform, room, person, text string) (Message, error) {
	u, err := s.utterance(platform, room, person, text)
	if err != nil {
		return Message{}, err
	}
	d := s.platforms[platform].message(u)
	return s.send(ctx, d, &Message{
		ID: u.id, Kind: Typed, Platform: platform, Room: room, Person: person, At: u.at, Text: text,
		nativeID: d.nativeID, sent: d,
	})
}

// Click clicks a button of a bot's message, by its label. On
// DingTalk the person then sends the button's command; elsewhere the click is
// delivered to the bot.
func (s *Service) Click(ctx context.Context, message, label, person string) (Message, error) {
	s.mu.Lock()
	found := s.find(func(m *Message) bool { return m.ID == message && !m.Deleted })
	if found == nil {
		s.mu.Unlock()
		return Message{}, fmt.Errorf("chat: there is no message %s", message)
	}
	on := *found
	s.mu.Unlock()
	for _, b := range on.Buttons {
		if b.Label != label {
			continue
		}
		if on.Platform == DingTalk {
			return s.SayIn(ctx, on.Platform, on.Room, person, b.Command)
		}
		u, err := s.utterance(on.Platform, on.Room, person, b.Label)
		if err != nil {
			return Message{}, err
		}
		d := s.platforms[on.Platform].click(u, on, b)
		return s.send(ctx, d, &Message{
			ID: u.id, Kind: Clicked, Platform: on.Platform, Room: on.Room, Person: person, At: u.at, Text: b.Label,
			Answers: on.ID, nativeID: d.nativeID, sent: d,
		})
	}
	return Message{}, fmt.Errorf("chat: message %s has no button %q", message, label)
}

func (s *Service) utterance(platform, room, person, text string) (utterance, error) {
	if _, ok := s.platforms[platform]; !ok {
		return utterance{}, fmt.Errorf("chat: there is no platform %q", platform)
	}
	p, err := s.person(person)
	if err != nil {
		return utterance{}, err
	}
	return utterance{
		room: room, user: p.Accounts[platform], name: p.Name, text: text,
		id: token()[:12], at: s.opts.Now(), address: token(),
	}, nil
}

// send shows a person's message, delivers it, and shows the answer.
func (s *Service) send(ctx context.Context, d *delivery, m *Message) (Message, error) {
	d.sealed = s.platforms[d.platform].seal(d, s.opts.Secrets, s.opts.Now())
	s.mu.Lock()
	s.add(m)
	s.mu.Unlock()
	_, err := s.deliver(ctx, d, d.sealed, m.ID, d.what, true)
	s.mu.Lock()
	defer s.mu.Unlock()
	return *m, err
}

// deliver sends one sealed request. With show, the answer is shown in the room,
// as to the platform's own requests.
func (s *Service) deliver(ctx context.Context, d *delivery, q sealed, message, what string, show bool) (Exchange, error) {
	e, err := s.post(ctx, d.platform, q)
	if err != nil {
		return e, err
	}
	e.Message, e.What = message, what
	if what != "forged" && what != "tampered" {
		e.Plain = plainOf(q, d.plain)
	}
	var shown []draft
	failed := ""
	switch {
	case e.Status == 0:
		failed = "late"
	case e.Status != http.StatusOK:
		failed = strconv.Itoa(e.Status)
	default:
		e.AnswerPlain, shown, e.Problem = s.platforms[d.platform].answer(d, s.opts.Secrets, e)
	}
	e = s.record(e)
	if !show {
		return e, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.find(func(m *Message) bool { return m.ID == message })
	if asked == nil {
		return e, nil // it was dropped meanwhile: there were too many
	}
	if asked.Failed != failed {
		asked.Failed = failed
		s.changed(asked)
	}
	for _, dr := range shown {
		s.add(dr.message(asked.Platform, asked.Room, asked.ID, "answer", s.opts.Now()))
	}
	return e, nil
}

// post makes the request, and waits as long as the platform does.
func (s *Service) post(ctx context.Context, name string, q sealed) (Exchange, error) {
	return s.request(ctx, name, http.MethodPost, q)
}

func (s *Service) request(ctx context.Context, name, method string, q sealed) (Exchange, error) {
	bounded, cancel := context.WithTimeout(ctx, s.limit(name))
	defer cancel()
	url := s.opts.FunctionURL + "/chat/" + name
	if q.query != "" {
		url += "?" + q.query
	}
	r, err := http.NewRequestWithContext(bounded, method, url, bytes.NewReader(q.body))
	if err != nil {
		return Exchange{}, fmt.Errorf("chat: %w", err)
	}
	r.Header = q.header.Clone()
	e := Exchange{
		Platform: name, At: s.opts.Now(), Method: method, URL: r.URL.RequestURI(),
		Header: lines(q.header), Body: string(q.body),
	}
	began := time.Now()
	resp, err := s.client.Do(r)
	if err == nil {
		var data []byte
		data, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		_ = resp.Body.Close() // it was read
		e.Status, e.AnswerHeader, e.Answer = resp.StatusCode, lines(resp.Header), string(data)
	}
	e.Took = time.Since(began)
	if err != nil {
		if ctx.Err() != nil {
			return Exchange{}, ctx.Err()
		}
		e.Status, e.Problem = 0, "no answer within "+s.limit(name).String()
		if bounded.Err() == nil {
			e.Problem = "the function cannot be reached"
		}
	}
	return e, nil
}

// plainOf is what is in a request's body, where it is encrypted.
func plainOf(q sealed, plain []byte) string {
	if bytes.Equal(q.body, plain) {
		return ""
	}
	return string(plain)
}
