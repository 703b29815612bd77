package mcp

import (
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

// The bounds of plans that can be proposed.
const (
	planLifetime = 15 * time.Minute
	maxPlans     = 50
)

// planned is a change as a plan showed it.
type planned struct {
	id       string
	apply    command.Command // without reason and ref
	server   string          // for people
	at       time.Time
	delivery string // under which it is proposed: one id is executed once

	mu     sync.Mutex // held while it is proposed
	reason string     // of the first attempt; the body of a delivery must not change
	ref    string
	result *proposal // of the attempt that was answered
}

// plans are the plans of this process, the newest last.
type plans struct {
	mu  sync.Mutex
	all []*planned
}

// add keeps a plan, and forgets the oldest ones.
func (p *plans) add(apply command.Command, server string, now time.Time, delivery string) *planned {
	made := &planned{id: "plan-" + strings.ToLower(rand.Text()[:20]), apply: apply, server: server, at: now, delivery: delivery}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, made)
	p.all = p.all[max(0, len(p.all)-maxPlans):]
	return made
}

// find finds a plan that has not expired.
func (p *plans) find(id string, now time.Time) (found *planned, expired bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.all, func(one *planned) bool { return one.id == id })
	switch {
	case i < 0:
		return nil, false
	case now.Sub(p.all[i].at) > planLifetime:
		return nil, true
	default:
		return p.all[i], false
	}
}

// pace bounds how many changes an assistant proposes: people have to read them.
type pace struct {
	mu   sync.Mutex
	done []time.Time
}

// The bounds of a pace.
const (
	maxProposals = 20
	paceTime     = time.Hour
)

// take counts one more proposal; wait is how long until there may be another.
func (p *pace) take(now time.Time) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = slices.DeleteFunc(p.done, func(at time.Time) bool { return now.Sub(at) >= paceTime })
	if len(p.done) >= maxProposals {
		return paceTime - now.Sub(p.done[0]), false
	}
	p.done = append(p.done, now)
	return 0, true
}

// proposed is the id of the change as which the same command was proposed; "" if it was not.
func (p *plans) proposed(apply command.Command) string {
	p.mu.Lock()
	same := slices.DeleteFunc(slices.Clone(p.all), func(one *planned) bool { return one.apply.String() != apply.String() })
	p.mu.Unlock()
	for _, one := range same {
		one.mu.Lock()
		result := one.result
		one.mu.Unlock()
		if result != nil {
			return result.Change.ID
		}
	}
	return ""
}
