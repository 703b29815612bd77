package approval

import (
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// state is what the rooms of a request were told.
type state struct {
	Rooms    []*room
	Next     time.Time // when to look without an event
	Looks    int       // at a request whose changes are not queued
	ClosedAt time.Time // zero: it is open
}

// room is what one room was told.
type room struct {
	Platform  string
	Tenant    string
	ID        string
	Lang      lang.Tag
	Zone      string
	Changes   []string // the ids of those that it is told about
	Told      bool
	Over      bool      // it is not told any more: it was given up, or has the end
	At        time.Time // when it was told, or given up
	Code      string    // why not
	Message   string
	Tries     int       // messages sent with the request
	Failures  int       // visits in a row that failed
	Again     time.Time // not before, after a failure
	Handle    string    // of the message; "" where it cannot be updated
	Fixed     bool      // the message cannot be updated any more
	Shown     string    // the digest of the card that the room shows
	News      string    // the digest of the phases that the room knows
	Doubt     time.Time // when an update failed whose effect is unknown; zero: none
	UpdatedAt time.Time
	Stale     string // why the message cannot be updated
	Reminders int
	RemindAt  time.Time // zero: no more
}

// at is the room as platforms know it.
func (r *room) at() chat.Room { return chat.Room{Platform: r.Platform, Tenant: r.Tenant, ID: r.ID} }

// is reports whether a room of the policy is this one.
func (r *room) is(p policy.Room) bool {
	return r.Platform == p.Channel && r.Tenant == p.Tenant && r.ID == p.ID
}

// updatable reports whether the room's message can be updated.
func (r *room) updatable() bool { return r.Handle != "" && !r.Fixed }

// doubtAll notes that every message may be updated late.
func (s *state) doubtAll(now time.Time) {
	for _, r := range s.Rooms {
		if r.Told && r.updatable() {
			r.Doubt = now.UTC()
		}
	}
}

// fails notes that a message could not be sent, and when to try again.
func (r *room) fails(now time.Time, t Times) {
	wait := t.Backoff
	for i := 0; i < r.Failures && wait < t.MaxWait; i++ {
		wait *= 2
	}
	r.Failures++
	r.Again = now.Add(min(wait, t.MaxWait)).UTC()
}

// giveUp ends a room that was not told.
func (r *room) giveUp(now time.Time) { r.At, r.Over, r.RemindAt = now.UTC(), true, time.Time{} }

// find returns the room of the state that is one of the policy, and adds it where it is
// new.
func (s *state) find(p policy.Room) *room {
	if i := slices.IndexFunc(s.Rooms, func(r *room) bool { return r.is(p) }); i >= 0 {
		return s.Rooms[i]
	}
	r := &room{Platform: p.Channel, Tenant: p.Tenant, ID: p.ID, Lang: p.Lang, Zone: string(p.Zone)}
	s.Rooms = append(s.Rooms, r)
	return r
}
