package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Room is a conversation of a chat platform that the policy names, and how people are
// told there.
type Room struct {
	Channel string
	Tenant  string
	ID      string // the platform's id of the conversation
	Lang    lang.Tag
	Zone    Zone
	Digest  Clock // when the daily digest is posted; NoClock for never
	Mention bool  // whether people are mentioned
	Remind  bool  // whether people are reminded
	Quiet   Quiet // when nobody is reminded
}

// same reports whether two are one conversation.
func (r Room) same(other Room) bool {
	return r.Channel == other.Channel && r.Tenant == other.Tenant && r.ID == other.ID
}

// notification is a rule by which rooms are told about servers.
type notification struct {
	servers []selector
	rooms   []Room
}

// Clock is a time of the day, in minutes since midnight.
type Clock int

// NoClock is no time of the day.
const NoClock Clock = -1

// On is the time on the day of another time, in its zone.
func (c Clock) On(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, int(c)/60, int(c)%60, 0, 0, day.Location())
}

// Quiet are hours of the day, from one time to the next time that it is To. The same
// time twice is never.
type Quiet struct{ From, To Clock }

// Until is when the quiet hours end that a time is in, in the time's zone; ok is false
// outside of them.
func (q Quiet) Until(t time.Time) (end time.Time, ok bool) {
	if q.From == q.To {
		return time.Time{}, false
	}
	for _, day := range []time.Time{t.AddDate(0, 0, -1), t} {
		from := q.From.On(day)
		end := q.To.On(from)
		if q.To < q.From {
			end = q.To.On(from.AddDate(0, 0, 1))
		}
		if !t.Before(from) && t.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// The defaults of a notification, and the word for no quiet hours.
const (
	quietNone = "none"
	quietFrom = 22 * 60
	quietTo   = 8 * 60
)

// notifications reads the rules by which rooms are told.
func (r *reader) notifications(root *document.Node) {
	for _, e := range r.mappings(root, "", keyNotify, maxNotifications, keyMention, keyRemind, keyQuiet) {
		n := notification{servers: r.selectors(e)}
		like := Room{Mention: r.flag(e, keyMention, true), Remind: r.flag(e, keyRemind, true), Quiet: r.quiet(e)}
		if m, ok := e.Member(keyRooms); ok && m.Value.Kind == document.KindList && len(m.Value.Items) == 0 {
			r.at(e, keyRooms, RuleEmptyList, "rooms is empty", "add a room, or remove the entry")
		}
		for _, item := range r.mappings(e.Node, e.path, keyRooms, maxRooms, keyLang, keyTimeZone, keyDigest) {
			room, ok := r.room(item, like)
			switch {
			case !ok:
			case slices.ContainsFunc(n.rooms, room.same):
				r.on(item, RuleDuplicateEntry, "the room "+shown(room.ID)+" is listed twice in rooms", "keep one of the two")
			default:
				n.rooms = append(n.rooms, room)
			}
		}
		r.policy.notifications = append(r.policy.notifications, n)
	}
}

// room reads one room; ok is false if there is a problem with it.
func (r *reader) room(e entry, like Room) (room Room, ok bool) {
	before := len(r.Problems)
	room = like
	if room.Channel, ok = r.text(e, keyChannel); ok && !isPlatform(room.Channel) {
		r.at(e, keyChannel, RuleDoorUnknown, shown(room.Channel)+" is not a chat platform", nearestIs(r.near(room.Channel, chatPlatforms()))+"the chat platforms are "+strings.Join(chatPlatforms(), ", "))
	}
	room.Tenant = r.part(e, keyTenant)
	room.ID = r.part(e, keyRoom)
	room.Lang = r.lang(e)
	room.Zone = r.zone(e)
	room.Digest = NoClock
	if text, given := r.text(e, keyDigest); given {
		if room.Digest, given = parseClock(text); !given {
			r.at(e, keyDigest, RuleDigestFormat, shown(text)+" is not a time of the day", `write "09:00"`)
		}
	}
	return room, ok && room.Tenant != "" && room.ID != "" && len(r.Problems) == before
}

func isPlatform(channel string) bool { return slices.Contains(chatPlatforms(), channel) }

// flag reads a value that is true or false.
func (r *reader) flag(e entry, key string, fallback bool) bool {
	m, ok := e.Member(key)
	if !ok {
		return fallback
	}
	value, _ := r.Flag(m, e.path)
	return value
}

// quiet reads the quiet hours.
func (r *reader) quiet(e entry) Quiet {
	text, ok := r.text(e, keyQuiet)
	if !ok {
		return Quiet{From: quietFrom, To: quietTo}
	}
	if text == quietNone {
		return Quiet{}
	}
	from, to, _ := strings.Cut(text, "-")
	q := Quiet{}
	q.From, ok = parseClock(from)
	end, okay := parseClock(to)
	if q.To = end; !ok || !okay || q.From == q.To {
		r.at(e, keyQuiet, RuleQuietFormat, shown(text)+" are not hours of the day", `write "22:00-08:00", or none`)
	}
	return q
}

// parseClock reads a time of the day such as 09:00.
func parseClock(text string) (Clock, bool) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return NoClock, false
	}
	return Clock(at.Hour()*60 + at.Minute()), true
}

// Rooms lists the rooms that are told about a server, each as the first rule has it
// that names it for this server.
func (p *Policy) Rooms(t change.Target) []Room {
	var out []Room
	for _, n := range p.notifications {
		if !p.covered(n.servers, t) {
			continue
		}
		for _, room := range n.rooms {
			if !slices.ContainsFunc(out, room.same) {
				out = append(out, room)
			}
		}
	}
	return out
}

// Notifies reports whether the policy names rooms at all.
func (p *Policy) Notifies() bool { return len(p.notifications) > 0 }

// AnyApprovers lists the people who may approve changes of any server.
func (p *Policy) AnyApprovers() []string {
	return slices.DeleteFunc(p.peopleNames(), func(name string) bool {
		return !slices.ContainsFunc(p.grants, func(g grant) bool { return p.gives(g, Approve, name) })
	})
}

// AllRooms lists the rooms that are told about any server, each once.
func (p *Policy) AllRooms() []Room {
	var out []Room
	for _, n := range p.notifications {
		for _, room := range n.rooms {
			if !slices.ContainsFunc(out, room.same) {
				out = append(out, room)
			}
		}
	}
	return out
}

// DigestRooms lists the rooms that get a daily digest, each once.
func (p *Policy) DigestRooms() []Room {
	var out []Room
	for _, n := range p.notifications {
		for _, room := range n.rooms {
			if room.Digest != NoClock && !slices.ContainsFunc(out, room.same) {
				out = append(out, room)
			}
		}
	}
	return out
}

// Tells reports whether a room is told about a server.
func (p *Policy) Tells(room Room, t change.Target) bool {
	return slices.ContainsFunc(p.Rooms(t), room.same)
}

// Users lists the user ids that people have in a tenant of a chat platform, in the
// order of the people. A person may have several, or none.
func (p *Policy) Users(names []string, channel, tenant string) []string {
	var out []string
	for _, name := range names {
		var of []string
		for a, owner := range p.accounts {
			if owner == name && a.Channel == channel && a.Tenant == tenant {
				of = append(of, a.User)
			}
		}
		slices.Sort(of)
		out = append(out, of...)
	}
	return out
}
