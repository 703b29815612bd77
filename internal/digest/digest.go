// Package digest posts to a room once a day what waits and for whom, what happened since
// the day before, what failed, and which certificates expire soon.
//
// # Once a day
//
// A digest is posted at the time of day that the policy gives the room, in its zone. A
// claim, which is create-only, lets one worker post it. A sweep that comes late posts it
// for three hours; after that, the day is left out. A digest that the platform does not
// take, after a few tries, is left out, too, and logged: the next day brings another one.
package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// Deps are the dependencies for one invocation.
type Deps struct {
	Policy    func(context.Context) (*policy.Policy, error)
	Platforms map[string]chat.Platform // the configured ones, by name
	Client    chat.Doer
	// Claim claims the digest of a room and day. It reports whether nobody did before.
	Claim        func(ctx context.Context, name string) (first bool, err error)
	Waiting      func(ctx context.Context) ([]*reconcile.Position, error)
	Ended        func(ctx context.Context, since time.Time, match func(index.Row) bool) (index.Found, error)
	Certificates func(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error)
	Words        func(Content) chat.Text
	Zone         *time.Location // of rooms without one; nil: UTC
	Memory       *Memory        // the instance's
	Now          func() time.Time
	Log          *slog.Logger
}

// Memory is what an instance remembers: the digests that are done. Its zero value is
// ready to use. It is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	done map[string]bool
}

func (m *Memory) has(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[name]
}

func (m *Memory) keep(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done == nil || len(m.done) > maxRemembered {
		m.done = map[string]bool{}
	}
	m.done[name] = true
}

// Content is what a digest says.
type Content struct {
	Lang    lang.Tag
	Zone    *time.Location
	Now     time.Time
	Policy  *policy.Policy
	Waiting []*reconcile.Position
	Ended   []index.Row // within the last day, the newest first
	More    bool        // more have ended
	// Certificates are those that expire soon, by server.
	Certificates []Expiring
	// Unread are the servers whose certificates could not be read.
	Unread []change.Target
}

// Expiring are the certificates of a server that expire soon.
type Expiring struct {
	Server change.Target
	Names  []string
}

// The bounds of a digest.
const (
	late          = 3 * time.Hour       // how long a digest that was missed is posted
	day           = 24 * time.Hour      // that it is about
	soon          = 30 * 24 * time.Hour // before the end of a certificate
	maxServers    = 20                  // whose certificates are read
	atOnce        = 4
	tries         = 3
	sendTime      = 8 * time.Second
	maxRemembered = 1000
)

// Post posts the digests that are due. It returns how many it posted. A failure of one
// does not stop the others.
func Post(ctx context.Context, d Deps) (int, error) {
	p, err := d.Policy(ctx)
	if err != nil {
		return 0, err
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	n := 0
	var errs []error
	for _, room := range p.DigestRooms() {
		posted, err := d.post(ctx, p, room)
		errs = append(errs, err)
		if posted {
			n++
		}
	}
	return n, errors.Join(errs...)
}

func (d Deps) post(ctx context.Context, p *policy.Policy, room policy.Room) (bool, error) {
	now := d.Now().In(room.Zone.Location(d.Zone))
	due := room.Digest.On(now)
	if now.Before(due) { // shortly after midnight, that of the day before
		due = room.Digest.On(now.AddDate(0, 0, -1))
	}
	name := "digest " + room.Channel + " " + room.Tenant + " " + room.ID + " " + due.Format("2006-01-02")
	if now.Sub(due) >= late || d.Memory.has(name) {
		return false, nil
	}
	platform, ok := d.Platforms[room.Channel].(chat.Rooms)
	if !ok {
		d.Memory.keep(name)
		d.Log.WarnContext(ctx, "digest not posted: the platform is not configured to write to rooms", slog.String("platform", room.Channel), slog.String("room", room.ID))
		return false, nil
	}
	c, err := d.content(ctx, p, room, now)
	if err != nil {
		return false, err // the next sweep tries again
	}
	first, err := d.Claim(ctx, name)
	if err != nil {
		return false, err
	}
	d.Memory.keep(name)
	if !first {
		return false, nil
	}
	if c.Lang = room.Lang; c.Lang == "" {
		c.Lang = platform.Lang()
	}
	if failure := d.send(ctx, platform, room, chat.Card{Text: d.Words(c)}, name); failure != nil {
		d.Log.WarnContext(ctx, "digest not posted", slog.String("platform", room.Channel), slog.String("room", room.ID), slog.String("code", string(failure.Code)))
		return false, nil //nolint:nilerr // a chat platform fails no sweep
	}
	return true, nil
}

// content reads what a digest says.
func (d Deps) content(ctx context.Context, p *policy.Policy, room policy.Room, now time.Time) (Content, error) {
	out := Content{Zone: now.Location(), Now: now, Policy: p}
	waiting, err := d.Waiting(ctx)
	if err != nil {
		return out, err
	}
	for _, pos := range waiting {
		if p.Tells(room, pos.Entry.Target) {
			out.Waiting = append(out.Waiting, pos)
		}
	}
	found, err := d.Ended(ctx, now.Add(-day), func(r index.Row) bool { return p.Tells(room, r.Target) })
	if err != nil {
		return out, err
	}
	out.Ended, out.More = found.Rows, found.More
	d.certificates(ctx, p, room, &out)
	return out, nil
}

// certificates adds the certificates that expire soon, of the servers that the policy
// names.
func (d Deps) certificates(ctx context.Context, p *policy.Policy, room policy.Room, out *Content) {
	var servers []change.Target
	for _, s := range p.Servers() {
		if p.Tells(room, s.Target) && len(servers) < maxServers {
			servers = append(servers, s.Target)
		}
	}
	names, failed := make([][]string, len(servers)), make([]bool, len(servers))
	_ = fanout.Each(ctx, len(servers), atOnce, func(ctx context.Context, i int) error {
		certs, err := d.Certificates(ctx, servers[i])
		failed[i] = err != nil
		for _, c := range certs {
			if c.Status == sslvpn.CertificateExpiringSoon || c.Status != sslvpn.CertificateExpired && !c.End.IsZero() && c.End.Before(out.Now.Add(soon)) {
				names[i] = append(names[i], c.Name)
			}
		}
		return nil // what could not be read is said
	})
	for i, t := range servers {
		if failed[i] {
			out.Unread = append(out.Unread, t)
		}
		if len(names[i]) > 0 {
			slices.Sort(names[i])
			out.Certificates = append(out.Certificates, Expiring{t, names[i]})
		}
	}
}

// send posts a digest, with a few tries.
func (d Deps) send(ctx context.Context, platform chat.Rooms, room policy.Room, c chat.Card, name string) *chat.SendError {
	to := chat.Room{Platform: room.Channel, Tenant: room.Tenant, ID: room.ID}
	if failure := chat.FailureOf(platform.Check(to)); failure != nil {
		return failure
	}
	sum := sha256.Sum256([]byte(name))
	id := "digest-" + hex.EncodeToString(sum[:12])
	waits := backoff.New(backoff.Config{First: time.Second, Max: sendTime})
	for n := 1; ; n++ {
		one, cancel := context.WithTimeout(ctx, sendTime)
		_, err := platform.Post(one, d.Client, to, c, id)
		cancel()
		failure := chat.FailureOf(err)
		if failure == nil || !failure.Again || n == tries || !waits.Wait(ctx) {
			return failure
		}
	}
}
