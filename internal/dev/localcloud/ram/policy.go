package ram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Policy is a policy of RAM.
type Policy struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement allows or denies actions on resources. Both may have the wildcards * and ?.
type Statement struct {
	Effect   string   `json:"Effect"` // Allow or Deny
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
}

// The effects of a statement.
const (
	Allow = "Allow"
	Deny  = "Deny"
)

// Parse reads a policy.
func Parse(data []byte) (Policy, error) {
	var p Policy
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Policy{}, fmt.Errorf("RAM policy: %w", err)
	}
	if p.Version != "1" {
		return Policy{}, fmt.Errorf("RAM policy: version %q is not 1", p.Version)
	}
	for _, s := range p.Statement {
		if s.Effect != Allow && s.Effect != Deny || len(s.Action) == 0 || len(s.Resource) == 0 {
			return Policy{}, errors.New("RAM policy: a statement has no effect, no action or no resource")
		}
	}
	return p, nil
}

// Permits reports whether the policy permits an action, such as oss:GetObject, on a
// resource, such as acs:oss:*:1234567890123456:bucket/key.
func (p Policy) Permits(action, resource string) bool {
	return p.says(Allow, action, resource) && !p.says(Deny, action, resource)
}

func (p Policy) says(effect, action, resource string) bool {
	return slices.ContainsFunc(p.Statement, func(s Statement) bool {
		return s.Effect == effect && anyMatches(s.Action, action) && anyMatches(s.Resource, resource)
	})
}

func anyMatches(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, text) })
}

// matches reports whether a text has the form of a pattern: * stands for any text, ? for
// one byte. A * of the text, as in the region of the resources of OSS, is a byte like
// others.
func matches(pattern, text string) bool {
	head, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return len(pattern) == len(text) && prefixed(pattern, text)
	}
	if !prefixed(head, text) {
		return false
	}
	for text = text[len(head):]; ; text = text[1:] {
		if matches(rest, text) {
			return true
		}
		if text == "" {
			return false
		}
	}
}

func prefixed(pattern, text string) bool {
	if len(text) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != text[i] {
			return false
		}
	}
	return true
}
