package webhook

import (
	"errors"
	"fmt"
	"strings"
)

// Sender is a sender of HTTP requests and one of its secrets. A sender whose
// secret is being rotated appears twice.
type Sender struct {
	Name   string // 1 to 64 letters, digits, ".", "_", "-", the first a letter or digit
	Secret Secret
}

// SecretsPerSender is how many secrets one sender may have at a time: the
// current and the previous one.
const SecretsPerSender = 2

const maxSenderName = 64

// ParseSenders reads a comma-separated list of sender=whsec_…, and reports all
// its problems together, by the entry's number and the sender's name. An empty
// list is no senders.
func ParseSenders(list string) ([]Sender, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var senders []Sender
	var problems []error
	versioned := false // the entry before is sender=v1
	for i, entry := range strings.Split(list, ",") {
		name, text, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if versioned && strings.HasPrefix(name, SecretPrefix) {
			versioned = false // the rest of an entry that has been reported
			continue
		}
		if versioned = ok && isVersion(strings.TrimSpace(text)); versioned {
			problems = append(problems, fmt.Errorf("entry %d: leave out %q: signatures begin with it, and secrets begin with %q", i+1, strings.TrimSpace(text)+",", SecretPrefix))
			continue
		}
		if !ok || strings.Contains(name, SecretPrefix) || strings.Trim(text, "=") == "" {
			// The entry may be a secret without a sender, and the "=" its padding, so the
			// error does not repeat it.
			problems = append(problems, fmt.Errorf("entry %d is not of the form sender=%s…", i+1, SecretPrefix))
			continue
		}
		if !validSenderName(name) {
			problems = append(problems, fmt.Errorf("entry %d: the sender's name must be 1 to %d letters, digits, \".\", \"_\" or \"-\", "+
				"and start with a letter or digit", i+1, maxSenderName))
			continue
		}
		secret, err := ParseSecret(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("entry %d (sender %s): %w", i+1, name, err))
			continue
		}
		senders = append(senders, Sender{Name: name, Secret: secret})
	}
	problems = append(problems, checkSenders(senders))
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return senders, nil
}

// isVersion reports whether a text is the version that signatures begin with, which
// some tools show before a secret, too.
func isVersion(text string) bool { return text == "v1" || text == "v1a" }

// checkSenders refuses lists by which a signature could have several senders.
func checkSenders(senders []Sender) error {
	var problems []error
	count := make(map[string]int, len(senders))
	for i, s := range senders {
		switch {
		case !validSenderName(s.Name):
			problems = append(problems, fmt.Errorf("sender %d has no valid name", i+1))
			continue
		case s.Secret.IsZero():
			problems = append(problems, fmt.Errorf("sender %s has no secret", s.Name))
			continue
		}
		if count[s.Name]++; count[s.Name] == SecretsPerSender+1 {
			problems = append(problems, fmt.Errorf("sender %s has more than %d secrets: remove the ones that are rotated out", s.Name, SecretsPerSender))
		}
		for _, other := range senders[:i] {
			if s.Secret.Equal(other.Secret.Text) {
				problems = append(problems, fmt.Errorf("senders %s and %s have the same secret: give each its own, or the sender of a request is ambiguous",
					other.Name, s.Name))
			}
		}
	}
	return errors.Join(problems...)
}

func validSenderName(name string) bool {
	if name == "" || len(name) > maxSenderName || strings.ContainsRune("._-", rune(name[0])) {
		return false
	}
	for _, r := range name {
		if !isAlphanumeric(r) && !strings.ContainsRune("._-", r) {
			return false
		}
	}
	return true
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
