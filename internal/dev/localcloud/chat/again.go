package chat

import (
	"context"
	"fmt"
	"time"
)

// How says how a message is delivered again.
type How string

// The ways.
const (
	Redelivered How = "redelivered" // by the platform: the same message id, signed anew
	Replayed    How = "replayed"    // by somebody who has seen it: the same bytes
	Forged      How = "forged"      // signed with another secret
	Expired     How = "expired"     // signed two hours ago
	Tampered    How = "tampered"    // another body with the signature of the old one
)

// Again delivers a person's message once more. The room shows the answer only to
// what the platform itself redelivers.
func (s *Service) Again(ctx context.Context, message string, how How) (Exchange, error) {
	s.mu.Lock()
	m := s.find(func(m *Message) bool { return m.ID == message && m.sent != nil })
	s.mu.Unlock()
	if m == nil {
		return Exchange{}, fmt.Errorf("chat: there is no message %s of a person's", message)
	}
	d, p, now := m.sent, s.platforms[m.Platform], s.opts.Now()
	var q sealed
	switch how {
	case Redelivered:
		q = p.seal(d, s.opts.Secrets, now)
	case Replayed:
		q = d.sealed
	case Forged:
		q = p.seal(d, NewSecrets(), now)
	case Expired:
		q = p.seal(d, s.opts.Secrets, now.Add(-2*time.Hour))
	case Tampered:
		other := *d
		other.plain = append(append([]byte(nil), d.plain...), ' ')
		q = p.seal(&other, s.opts.Secrets, now)
		q.header, q.query = d.sealed.header, d.sealed.query
	default:
		return Exchange{}, fmt.Errorf("chat: %q is no way to deliver a message again", how)
	}
	return s.deliver(ctx, d, q, message, string(how), how == Redelivered)
}

// ExpireReplies ends a platform's reply addresses, as time does. On Feishu, where they
// do not end, the messages that they answer are withdrawn.
func (s *Service) ExpireReplies(platform string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.addresses {
		if a.platform == platform {
			a.until = time.Time{}
		}
	}
	for _, m := range s.messages {
		if platform == Feishu && m.Platform == Feishu && m.Kind != Bot {
			m.Deleted = true
			s.changed(m)
		}
	}
}

// RefuseReplies makes a platform's reply API refuse the next n replies, as it
// does when it is asked too often.
func (s *Service) RefuseReplies(platform string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals[platform] = n
}

// SetDown makes a platform's reply API answer every request with 503, or ends
// that.
func (s *Service) SetDown(platform string, down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down[platform] = down
}
