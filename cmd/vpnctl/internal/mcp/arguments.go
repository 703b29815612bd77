package mcp

import (
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

// planArguments describe a change.
type planArguments struct {
	Server    string       `json:"server"`
	Settings  change.Patch `json:"settings"`
	Expect    change.Patch `json:"expect"`
	Confirm   string       `json:"confirm"`
	When      string       `json:"when"`
	Proof     bool         `json:"proof"`
	NotBefore string       `json:"notBefore"`
	ExpiresAt string       `json:"expiresAt"`
}

// command is the command that plans the change.
func (a planArguments) command() (command.Command, error) {
	c := command.Command{Verb: command.Plan, Patch: change.Patch{}, Proof: a.Proof}
	c.Region, c.Server = serverOf(a.Server)
	for f, v := range a.Settings {
		c.Patch[f] = change.Normalize(f, v)
	}
	if len(a.Expect) > 0 {
		c.Expect = a.Expect
	}
	var err error
	if a.Confirm != "" {
		var no *change.Problem
		if c.Confirm, no = change.ParseConfirmation(a.Confirm); no != nil {
			return command.Command{}, problemError(*no)
		}
	}
	if a.When != "" {
		var no *change.Problem
		if c.Idle, no = change.ParseIdle(a.When); no != nil {
			return command.Command{}, problemError(*no)
		}
	}
	if c.NotBefore, err = timeOf("notBefore", a.NotBefore); err != nil {
		return command.Command{}, err
	}
	c.ExpiresAt, err = timeOf("expiresAt", a.ExpiresAt)
	return c, err
}

// serverOf splits region/id.
func serverOf(text string) (region, server string) {
	if region, server, ok := strings.Cut(text, "/"); ok {
		return region, server
	}
	return "", text
}

func timeOf(key, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a time with its offset: write it as 2026-11-28T22:00:00+08:00", key)
	}
	return at, nil
}

func problemError(p change.Problem) error {
	return fmt.Errorf("the arguments break a rule: %s", bounded(p.String()))
}
