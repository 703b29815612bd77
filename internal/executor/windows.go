package executor

import (
	"context"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// The bounds of an answer about windows.
const (
	// MaxScheduled bounds the servers of which one answer shows the windows.
	MaxScheduled = 20
	// ScheduleAhead is how far the command looks ahead.
	ScheduleAhead = 7 * 24 * time.Hour
	// MaxScheduleAhead is how long a time programs may ask about.
	MaxScheduleAhead = 366 * 24 * time.Hour
)

// Schedule says when changes of a server may be sent, by the policy.
type Schedule struct {
	change.Target

	Name  string `json:"name,omitempty"` // of the server, by the policy
	Parts []Part `json:"parts"`
}

// Part is settings of a server that may be changed at the same times.
type Part struct {
	Settings []change.Field `json:"settings"`
	Windows  []string       `json:"windows,omitempty"` // names of those that apply; none: open except for freezes
	Open     bool           `json:"open"`              // now
	// ClosesAt and OpensAt say when that changes next; zero: not within 366 days.
	ClosesAt time.Time `json:"closesAt,omitzero"`
	OpensAt  time.Time `json:"opensAt,omitzero"`
	Freeze   string    `json:"freeze,omitempty"` // that closes it now
	Reason   string    `json:"reason,omitempty"` // of the freeze
	// TimeZones are those in which the windows are written.
	TimeZones []string       `json:"timeZones,omitempty"`
	Spans     []ScheduleSpan `json:"spans"` // openings of windows, and freezes, in the order of time
}

// ScheduleSpan is an opening of a window, or a freeze.
type ScheduleSpan struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Windows []string  `json:"windows,omitempty"` // that are open; none for a freeze
	Freeze  string    `json:"freeze,omitempty"`  // "" for an opening
	Reason  string    `json:"reason,omitempty"`
	Need    int       `json:"overrideNeeds,omitempty"` // approvals; 0: nobody may override it
}

// ScheduleQuery asks when changes may be sent.
type ScheduleQuery struct {
	Server, Region string // "" for all servers that the asker may view
	From, Until    time.Time
}

// Windows says when changes may be sent, to an account that may view the server: in
// Answer.Schedules. It only reads.
func (e *Executor) Windows(ctx context.Context, from policy.Account, q ScheduleQuery) (Answer, error) {
	return e.read(ctx, from, command.Command{Server: q.Server, Region: q.Region}, func(r *request, ctx context.Context) (Answer, error) {
		return r.schedules(ctx, q.From, q.Until)
	})
}

// windows is the command.
func (r *request) windows(ctx context.Context) (Answer, error) {
	now := r.Now()
	return r.schedules(ctx, now, now.Add(ScheduleAhead))
}

func (r *request) schedules(ctx context.Context, from, until time.Time) (Answer, error) {
	from, until = from.Truncate(time.Second), until.Truncate(time.Second) // no edge is between two seconds
	ans := Answer{Outcome: Shown, Schedules: []Schedule{}}
	if r.cmd.Server != "" {
		t, err := r.readable(ctx)
		if err != nil {
			return Answer{}, err
		}
		ans.Server = r.server(t, nil)
		ans.Schedules = append(ans.Schedules, r.schedule(t, from, until))
		return ans, nil
	}
	servers := r.policy.ServersFor(r.who)
	for _, s := range servers[:min(len(servers), MaxScheduled)] {
		ans.Schedules = append(ans.Schedules, r.schedule(s.Target, from, until))
	}
	ans.MoreServers = max(0, len(servers)-MaxScheduled)
	return ans, nil
}

// schedule groups the settings by the windows that apply to them: freezes are for
// servers, so that the settings of a group open and close together.
func (r *request) schedule(t change.Target, from, until time.Time) Schedule {
	out := Schedule{Target: t, Name: r.policy.NameOf(t)}
	for _, f := range change.Fields() {
		v := r.policy.Gate(change.Request{Target: t, Patch: change.Patch{f: change.Value{}}}, r.Now())
		at := slices.IndexFunc(out.Parts, func(p Part) bool { return slices.Equal(p.Windows, v.Windows) })
		if at >= 0 {
			out.Parts[at].Settings = append(out.Parts[at].Settings, f)
			continue
		}
		p := Part{
			Settings: []change.Field{f}, Windows: v.Windows, TimeZones: r.policy.WindowZones(t, []change.Field{f}), Open: v.Open, Freeze: v.Freeze, Reason: v.Reason,
			Spans: r.spans(t, f, from, until),
		}
		if v.Open {
			p.ClosesAt = v.Closes
		} else {
			p.OpensAt = v.Opens
		}
		if n := len(out.Parts); n > 0 && len(out.Parts[n-1].Windows) == 0 {
			out.Parts = slices.Insert(out.Parts, n-1, p) // what is always open comes last
			continue
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

// beyond is how far outside of the time that is asked about an opening or a freeze is
// followed to its beginning and to its end.
const beyond = 8 * 24 * time.Hour

// spans lists what overlaps with a time, whole: a calendar that is made later has an event
// with the same beginning.
func (r *request) spans(t change.Target, f change.Field, from, until time.Time) []ScheduleSpan {
	settings := []change.Field{f}
	out := []ScheduleSpan{}
	for _, s := range r.policy.Openings(t, settings, from, until) {
		if s.Freeze != "" || len(s.Names) > 0 { // else no window applies: it is always open
			out = append(out, ScheduleSpan{From: s.From, Until: s.Until, Windows: s.Names, Freeze: s.Freeze, Reason: s.Reason, Need: s.Need})
		}
	}
	before, after := r.policy.Openings(t, settings, from.Add(-beyond), from), r.policy.Openings(t, settings, until, until.Add(beyond))
	for i := range out {
		s := &out[i]
		for _, b := range before {
			if b.Freeze == s.Freeze && b.Until.Equal(from) && s.From.Equal(from) {
				s.From = b.From
			}
		}
		for _, a := range after {
			if a.Freeze == s.Freeze && a.From.Equal(until) && s.Until.Equal(until) {
				s.Until = a.Until
			}
		}
	}
	return out
}
