package chat

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Options configure a Service. Only FunctionURL is required.
type Options struct {
	FunctionURL string           // of the HTTP trigger; requests go to FunctionURL + "/chat/{platform}"
	Secrets     Secrets          // zero: made by New
	People      []Person         // nil: People()
	Now         func() time.Time // the services' clock; nil: time.Now
	// Speak has the bot answer people in a language, with times in a zone, where their
	// messages do not show another language; nil where that cannot be set.
	Speak func(l lang.Tag, zone string) error
	// Limits are how long a platform waits for an answer, by platform; the default is
	// the platform's own limit.
	Limits map[string]time.Duration
	Beside string // the path of a page that stands beside this one; "" for none
	// Before is called before a request to a reply API is processed, After when it
	// has had its effect and was not answered yet. Both may block, to delay the
	// request or its answer, and panic with http.ErrAbortHandler, to cut the
	// connection.
	Before, After func(platform, path string)
}

// Service is the four chat services. It is safe for concurrent use.
type Service struct {
	opts      Options
	client    *http.Client
	platforms map[string]platform

	mu        sync.Mutex
	version   uint64
	number    int
	messages  []*Message
	exchanges []*Exchange
	addresses []*address
	tokens    map[string]time.Time // Feishu's access tokens, and when they end
	onces     map[string]*Message  // Feishu's messages by their idempotency key
	cards     map[string]*Message  // DingTalk's cards by their id, WeCom's messages by their content
	refusals  map[string]int       // how many replies a platform still refuses
	down      map[string]bool      // whose reply API is down
	waking    chan struct{}        // closed at the next change
}

// platform is one service's wire format.
type platform interface {
	limit() time.Duration
	// message makes the delivery of a typed message, click that of a click.
	message(u utterance) *delivery
	click(u utterance, on Message, b Button) *delivery
	// seal signs a delivery, and encrypts it where the platform does.
	seal(d *delivery, k Secrets, at time.Time) sealed
	// answer reads what the function answered in the HTTP response.
	answer(d *delivery, k Secrets, a Exchange) (plain string, shown []draft, problem string)
	// reply serves the platform's reply API.
	reply(r apiRequest) apiAnswer
}

// utterance is one thing that a person does in a room.
type utterance struct {
	room, user, name, text string
	id                     string // unique
	at                     time.Time
	address                string // a fresh reply address's secret
}

// delivery is one event for the function. It stays the same when it is delivered
// again, apart from how it is sealed.
type delivery struct {
	platform, what string
	plain          []byte
	nativeID       string
	user           string
	xml            bool   // of WeCom: it is for the own app
	sealed         sealed // as it was sent first
}

// knows reports whether the bot is in a room: in the room named Room, and in every
// room in which somebody wrote to it. The caller holds s.mu.
func (s *Service) knows(platform, room string) bool {
	return room == Room || s.find(func(m *Message) bool { return m.Platform == platform && m.Room == room && m.Kind == Typed }) != nil
}

// card shows a message that the bot sends of its own accord. The caller holds s.mu.
func (s *Service) card(platform, room string, dr draft) *Message {
	m := dr.message(platform, room, "", "card", s.opts.Now())
	s.add(m)
	return m
}

// named keeps a message under a name. The caller holds s.mu.
func (s *Service) named(name string, m *Message) {
	if len(s.cards) >= maxAddresses {
		clear(s.cards)
	}
	s.cards[name] = m
}

// update replaces the content of a bot's message. The caller holds s.mu.
func (s *Service) update(m *Message, dr draft) {
	onlyFor := m.OnlyFor
	dr.fill(m)
	m.OnlyFor = onlyFor
	m.Edits++
	s.changed(m)
}

// sealed is a signed request.
type sealed struct {
	query  string
	header http.Header
	body   []byte
}

// New makes a Service.
func New(opts Options) (*Service, error) {
	if opts.Secrets == (Secrets{}) {
		opts.Secrets = NewSecrets()
	}
	if key, err := base64.StdEncoding.DecodeString(opts.Secrets.WeComAESKey + "="); err != nil || len(key) != 32 {
		return nil, errors.New("chat: WeComAESKey must be 43 characters of base64, 32 bytes")
	}
	if opts.People == nil {
		opts.People = People()
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Before == nil {
		opts.Before = func(string, string) {}
	}
	if opts.After == nil {
		opts.After = func(string, string) {}
	}
	s := &Service{
		opts: opts,
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: 20 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		tokens: map[string]time.Time{}, onces: map[string]*Message{}, cards: map[string]*Message{},
		refusals: map[string]int{}, down: map[string]bool{}, waking: make(chan struct{}),
	}
	s.platforms = map[string]platform{DingTalk: dingTalk{s}, Feishu: feishu{s}, WeCom: weCom{s}, Slack: slack{s}}
	return s, nil
}

// Close drops the connections to the function.
func (s *Service) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// wake wakes everybody who waits for a change. The caller holds s.mu.
func (s *Service) wake() {
	close(s.waking)
	s.waking = make(chan struct{})
}

// WaitFor returns the first message, old or new, for which match is true. It
// fails when ctx ends.
func (s *Service) WaitFor(ctx context.Context, match func(Message) bool) (Message, error) {
	for {
		s.mu.Lock()
		waking := s.waking
		for _, m := range s.messages {
			if match(*m) {
				found := *m
				s.mu.Unlock()
				return found, nil
			}
		}
		s.mu.Unlock()
		select {
		case <-waking:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("chat: no such message came: %w", ctx.Err())
		}
	}
}

func (s *Service) person(key string) (Person, error) {
	i := slices.IndexFunc(s.opts.People, func(p Person) bool { return p.Key == key })
	if i < 0 {
		return Person{}, fmt.Errorf("chat: there is no person %q", key)
	}
	return s.opts.People[i], nil
}

func (s *Service) limit(name string) time.Duration {
	if d, ok := s.opts.Limits[name]; ok {
		return d
	}
	return s.platforms[name].limit()
}

// Limit is how long a platform waits for the answer to a message.
func (s *Service) Limit(platform string) time.Duration { return s.limit(platform) }

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
func seconds(t time.Time) string      { return strconv.FormatInt(t.Unix(), 10) }
