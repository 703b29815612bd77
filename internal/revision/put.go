package revision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// writeTime is how long after the creation of a revision began its text may be
// written, and graceTime how old it is when nobody writes it any more: by the store's
// clock, which has whole seconds.
const (
	writeTime = 5 * time.Second
	graceTime = 15 * time.Second
)

// Put asks for a policy to be put.
type Put struct {
	From      policy.Account
	Identity  string // of the request; a repetition has the same
	RequestID string // of the invocation
	Again     bool   // an earlier delivery of the request may have put it
	Text      []byte
	Base      string // the digest of the policy that it is based on; "" for none
	Reason    string
	GiveUp    bool // the editor may lose the right to put the next one
}

// Result is what a put has done.
type Result struct {
	Revision *Revision // without its text; nil for an unchanged policy that nobody is known to have put
	// Unchanged: the text was in force already, by whomever.
	Unchanged bool
	// Replaced: another policy is in force since. It is set for a repetition only.
	Replaced   bool
	Comparison *policy.Comparison // with the policy before; nil for a repetition, and for an unchanged policy
	Rooms      []Room             // to be told: those of the policy before, and of this one
}

// Put puts a policy. A repetition gets the result of the first delivery. It fails as
// Current does; a put that is refused has changed nothing. Any other error means that
// the outcome is open: repeat the request unchanged.
func (r *Revisions) Put(ctx context.Context, q Put) (Result, error) {
	q.Identity = Digest([]byte(q.Identity)) // it can be sent again by whoever reads it
	now, err := r.text(ctx)
	if err != nil {
		return Result{}, err
	}
	newest, err := r.newest(ctx)
	if err != nil {
		return Result{}, err
	}
	if newest != nil && newest.identity == q.Identity && newest.Digest == now.digest {
		return Result{Revision: newest.head(), Rooms: now.rooms()}, nil // done, and its answer was lost
	}
	who, err := r.editor(q.From, now)
	if err != nil {
		return Result{}, err
	}
	next, problems := policy.Parse(q.Text, document.YAML)
	if len(problems) > 0 {
		return Result{}, refuse(Invalid, problems...)
	}
	p := put{Revisions: r, q: q, who: who, now: now, next: next, newest: newest}
	if res, known, err := p.earlier(ctx); known || err != nil {
		return res, err
	}
	if err := p.check(); err != nil {
		return Result{}, err
	}
	return p.run(ctx)
}

// put is one put that is being judged and executed.
type put struct {
	*Revisions

	q      Put
	who    editor
	now    text // in force
	next   *policy.Policy
	newest *Revision // nil for none
}

// earlier is the result where there is nothing to do any more.
func (p *put) earlier(ctx context.Context) (Result, bool, error) {
	if Digest(p.q.Text) == p.now.digest {
		res := Result{Unchanged: true}
		if p.newest != nil && p.newest.Digest == p.now.digest {
			res.Revision = p.newest.head()
		}
		return res, true, nil
	}
	if !p.q.Again || p.q.Base == p.now.digest {
		return Result{}, false, nil
	}
	// Somebody may have put another policy since the first delivery.
	page, err := p.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Revisions, Max: foreign})
	if err != nil {
		return Result{}, false, fmt.Errorf("listing the revisions of the policy: %w", err)
	}
	for _, e := range page.Entries {
		rev, err := p.read(ctx, e.Key)
		if err != nil && !errors.Is(err, errDamaged) {
			return Result{}, false, err
		}
		if err == nil && rev.identity == p.q.Identity {
			return Result{Revision: rev.head(), Replaced: true}, true, nil
		}
	}
	return Result{}, false, nil
}

// check judges the put before anything is written.
func (p *put) check() error {
	if p.underWay() && p.newest.identity != p.q.Identity {
		return refuseBy(UnderWay, RulePutUnderWay, fmt.Sprintf("revision %d, put by %s, is coming into force", p.newest.Number, p.newest.By),
			"repeat the request unchanged in a few seconds, with the same webhook-id")
	}
	if p.q.Base != p.now.digest {
		return p.outdated(p.newest)
	}
	return p.lockOut(p.who, p.next, p.q.GiveUp)
}

// underWay reports whether the writer of the newest revision may still put it into force.
func (p *put) underWay() bool {
	return p.newest != nil && p.newest.Digest != p.now.digest && p.newest.age() < graceTime
}

// age is how old a revision is, by the store's clock.
func (r Revision) age() time.Duration { return max(0, r.now.Sub(r.created)) }

// outdated refuses a put that is based on another policy than the one in force.
func (p *put) outdated(newest *Revision) error {
	message := "there is no policy any more"
	switch {
	case newest != nil && (newest.Digest == p.now.digest || newest.age() < graceTime):
		message = fmt.Sprintf("revision %d is the newest, put by %s at %s", newest.Number, newest.author(), newest.At.UTC().Format(time.RFC3339))
	case p.now.digest != "":
		message = "the policy in force was saved in the bucket at " + p.now.saved.UTC().Format(time.RFC3339)
	}
	if p.q.Base == "" {
		message = "there is a policy: " + message
	}
	return refuseBy(Outdated, RuleBaseOutdated, message,
		"get the policy, merge your change into it, and put the result with the digest of the policy that you got as its base")
}

// author names who put a revision.
func (r Revision) author() string {
	if r.By == "" {
		return "nobody known"
	}
	return r.By
}

// run creates the revision and puts its text into force.
func (p *put) run(ctx context.Context) (Result, error) {
	c := policy.Compare(p.now.before(p.Optional), p.next)
	res := Result{Comparison: &c, Rooms: append(p.now.rooms(), roomsOf(p.next)...)}
	if p.underWay() { // an earlier delivery of this request has created it
		left := writeTime - p.newest.age()
		if left <= 0 {
			return Result{}, refuseBy(UnderWay, RulePutUnderWay, fmt.Sprintf("an earlier delivery of this request may still put revision %d into force", p.newest.Number),
				"repeat the request unchanged in a few seconds, with the same webhook-id")
		}
		res.Revision = p.newest.head()
		return res, p.write(ctx, *p.newest, left)
	}
	if err := p.keepFound(ctx); err != nil {
		return Result{}, err
	}
	began := p.Now()
	rev, err := p.create(ctx, Revision{
		At: began.UTC(), By: p.who.name, Account: p.q.From.String(), Digest: Digest(p.q.Text), Previous: p.now.digest,
		Reason: p.q.Reason, Text: string(p.q.Text), identity: p.q.Identity, requestID: p.q.RequestID,
	})
	if err != nil {
		return Result{}, err
	}
	p.log(ctx, rev, c)
	res.Revision = rev.head()
	// The monotonic clock of a frozen instance stands still, and the wall clock may be set.
	passed := max(p.Now().Sub(began), p.Now().Round(0).Sub(began.Round(0)))
	return res, p.write(ctx, rev, writeTime-passed)
}

// keepFound keeps the text that is about to be replaced, where no revision has it.
func (p *put) keepFound(ctx context.Context) error {
	known := p.newest != nil && p.newest.Digest == p.now.digest
	if known || p.now.digest == "" || !utf8.Valid(p.now.data) {
		return nil
	}
	found := Revision{At: p.now.saved.UTC(), Digest: p.now.digest, Text: string(p.now.data)}
	if p.newest != nil {
		found.Previous = p.newest.Digest
	}
	rev, err := p.create(ctx, found)
	if err == nil {
		p.newest = &rev
	}
	return err
}

// create creates the next revision. It is refused if somebody else created it. Objects that
// are no revisions are passed over.
func (p *put) create(ctx context.Context, rev Revision) (Revision, error) {
	rev.Number = 1
	if p.newest != nil {
		rev.Number = p.newest.Number + 1
	}
	for last := rev.Number + foreign; rev.Number < last && rev.Number <= objects.MaxRevision; rev.Number++ {
		data, err := rev.encode()
		if err != nil {
			return Revision{}, fmt.Errorf("encoding a revision of the policy: %w", err)
		}
		err = p.Bucket.Create(ctx, objects.RevisionKey(rev.Number), data)
		if err == nil {
			return rev, nil
		}
		if !errors.Is(err, blob.ErrExists) {
			return Revision{}, fmt.Errorf("creating revision %d of the policy: %w", rev.Number, err)
		}
		other, err := p.read(ctx, objects.RevisionKey(rev.Number))
		switch {
		case err == nil && rev.identity == "" && other.Digest == rev.Digest:
			return other, nil // another put keeps the same text
		case err == nil && rev.identity != "" && other.identity == rev.identity:
			return Revision{}, refuseBy(UnderWay, RulePutUnderWay, fmt.Sprintf("another delivery of this request is putting revision %d into force", other.Number),
				"repeat the request unchanged in a few seconds, with the same webhook-id")
		case err == nil:
			return Revision{}, p.outdated(&other)
		case !errors.Is(err, errDamaged):
			return Revision{}, err
		}
	}
	return Revision{}, fmt.Errorf("creating a revision of the policy: there are objects at all keys up to %s", objects.RevisionKey(rev.Number))
}

// write puts the text of a revision into force.
func (p *put) write(ctx context.Context, rev Revision, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := p.Bucket.Put(ctx, objects.PolicyFile, []byte(rev.Text)); err != nil {
		return fmt.Errorf("putting revision %d of the policy into force: %w", rev.Number, err)
	}
	return nil
}

// log says who put which policy, before it comes into force.
func (p *put) log(ctx context.Context, rev Revision, c policy.Comparison) {
	p.Log.WarnContext(ctx, "policy put", slog.Int64("revision", rev.Number), slog.String("by", rev.By), slog.String("account", rev.Account),
		slog.String("digest", rev.Digest), slog.String("previous", rev.Previous), slog.String("reason", rev.Reason), slog.Bool("recovery", p.who.listed),
		slog.Int("gained", len(c.Gained)), slog.Int("lost", len(c.Lost)), slog.Int("accounts", len(c.Accounts)), slog.Int("rules", len(c.Rules)))
}

// Room is a room to be told that a policy was put.
type Room struct {
	policy.Room

	// Approvers are the user ids of the people who may approve, of the room's tenant.
	Approvers []string
}

// rooms lists the rooms of a valid policy.
func (t text) rooms() []Room {
	if t.policy == nil {
		return nil
	}
	return roomsOf(t.policy)
}

func roomsOf(p *policy.Policy) []Room {
	var out []Room
	for _, room := range p.AllRooms() {
		out = append(out, Room{room, p.Users(p.AnyApprovers(), room.Channel, room.Tenant)})
	}
	return out
}
