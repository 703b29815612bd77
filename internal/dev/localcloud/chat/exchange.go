package chat

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Exchange is one HTTP request and its answer.
type Exchange struct {
	Number   int       `json:"number"`
	Platform string    `json:"platform"`
	Message  string    `json:"message,omitempty"` // the message that it is about
	At       time.Time `json:"at"`
	Incoming bool      `json:"incoming"` // from the function, to a reply API
	What     string    `json:"what"`     // such as "message", "click", "redelivered" or "reply"

	Method string   `json:"method"`
	URL    string   `json:"url"`
	Header []string `json:"header"`
	Body   string   `json:"body"`
	Plain  string   `json:"plain,omitempty"` // Body, decrypted

	Status       int           `json:"status"` // 0: there was no answer
	AnswerHeader []string      `json:"answerHeader"`
	Answer       string        `json:"answer"`
	AnswerPlain  string        `json:"answerPlain,omitempty"`
	Took         time.Duration `json:"tookNs"`
	Problem      string        `json:"problem,omitempty"` // how the platform reacts to a wrong answer

	Version uint64 `json:"version"`
}

// Exchanges lists the last requests to and from the function, oldest first.
func (s *Service) Exchanges() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Exchange, len(s.exchanges))
	for i, e := range s.exchanges {
		out[i] = *e
	}
	return out
}

// record keeps an exchange.
func (s *Service) record(e Exchange) Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	s.version++
	e.Number, e.Version = s.number, s.version
	s.exchanges = append(s.exchanges, &e)
	if len(s.exchanges) > maxExchanges {
		s.exchanges = slices.Delete(s.exchanges, 0, 1)
	}
	s.wake()
	return e
}

// lines writes a header's fields in order.
func lines(h http.Header) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		out = append(out, name+": "+strings.Join(h[name], ", "))
	}
	return out
}
