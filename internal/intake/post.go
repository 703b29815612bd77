package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Post is a document that a verified sender posted.
type Post struct {
	Sender    string
	ID        string // the sender's id of the delivery (webhook-id)
	RequestID string // the platform's
	Format    manifest.Format
	Body      []byte
	// Fresh reports that no delivery with this id came before, as Use found: its
	// claim is not looked for.
	Fresh bool
}

// errOvertaken: another delivery of the same document stored its claim first.
var errOvertaken = errors.New("another delivery came first")

// Post accepts a posted document. A redelivery gets the same answer and queues
// nothing twice. It fails with *RefusedError for a document that cannot be
// accepted; any other error means that the outcome is open: post the same
// delivery again. It wakes no lanes.
func (in *Intake) Post(ctx context.Context, p Post) (Accepted, error) {
	d := document{
		delivery: delivery{at: in.Now().UTC(), identity: change.HTTPIdentity(p.Sender, p.ID), origin: change.Origin{
			Kind: change.FromHTTP, Actor: p.Sender, Source: "webhook-id " + p.ID, RequestID: p.RequestID,
		}},
		parse:   in.parserOf(p),
		account: policy.Account{Channel: string(change.FromHTTP), User: p.Sender},
	}
	sum := hash(p.Body)
	var first *claim
	var err error
	if !p.Fresh {
		first, err = in.readClaim(ctx, d.identity)
	}
	switch {
	case err != nil:
		return Accepted{}, err
	case first == nil:
		d.claim = func(ctx context.Context, adm admission, changes []change.Change) error {
			return in.claimPost(ctx, claim{Identity: d.identity, At: d.at, Hash: sum, Admitted: adm, IDs: ids(changes), Document: change.DocumentID(d.identity)})
		}
	case first.Hash != sum:
		return Accepted{}, ReusedID()
	default:
		d.at, d.document = first.At, first.documentID()
		d.admitted, d.queued = &first.Admitted, true
	}
	out, err := in.accept(ctx, d)
	if errors.Is(err, errOvertaken) {
		p.Fresh = false
		return in.Post(ctx, p)
	}
	if err != nil {
		return Accepted{}, err
	}
	in.Log.LogAttrs(ctx, slog.LevelInfo, "document accepted", in.about(out.Changes, slog.String("sender", p.Sender), slog.String("webhook_id", p.ID),
		slog.Int("changes", len(out.Changes)), slog.Bool("again", first != nil))...)
	return out, nil
}

func (in *Intake) parserOf(p Post) parser {
	return parseDocument(p.Body, manifest.Options{Format: p.Format, Regions: in.Regions})
}

// claimPost stores the claim of a posted document.
func (in *Intake) claimPost(ctx context.Context, mine claim) error {
	got, err := in.makeClaim(ctx, mine)
	switch {
	case err != nil:
		return err
	case got.Hash != mine.Hash:
		return ReusedID()
	case !got.At.Equal(mine.At):
		return errOvertaken
	default:
		return nil
	}
}

func ids(changes []change.Change) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.ID
	}
	return out
}

// ReusedID refuses a request whose webhook-id was used for another one.
func ReusedID() *RefusedError {
	return &RefusedError{Conflict: true, Problems: []change.Problem{{
		Path: "webhook-id", Rule: "webhook-id-reused",
		Message: "this webhook-id was used before, for another request",
		Hint:    "use a new webhook-id for each request; repeat a request with the same method, path and body",
	}}}
}

// Checked is a document whose plan is asked for.
type Checked struct {
	Requests []change.Request // to be confirmed as the policy asks

	policy *policy.Policy
}

// TooManyConnected returns why the policy does not permit a request while so many
// clients are connected, nil if it does. Known reports whether their number is known.
func (c Checked) TooManyConnected(r change.Request, connected int, known bool) *change.Problem {
	return c.policy.TooManyConnected(r, connected, known)
}

// Window says whether windows and freezes let a request be sent at a time, and when that
// changes; nil if nothing ever closes, and for a dry run.
func (c Checked) Window(r change.Request, at time.Time) *change.Gate {
	if r.DryRun {
		return nil
	}
	return c.policy.Gate(r, at).Shown()
}

// Check parses and validates a posted document, and asks the policy whether its
// sender may read the servers. It stores nothing. Errors are those of Post.
func (in *Intake) Check(ctx context.Context, p Post) (Checked, error) {
	reqs, problems := in.parserOf(p)(in.Now().UTC(), false)
	if len(problems) > 0 {
		return Checked{}, &RefusedError{Problems: problems}
	}
	rules, err := in.mayRead(ctx, p.Sender, reqs...)
	if err != nil {
		return Checked{}, err
	}
	for i, r := range reqs {
		reqs[i].Confirm = rules.Confirmation(r)
	}
	return Checked{Requests: reqs, policy: rules}, nil
}

// MayRead asks the policy whether a sender may read the servers of requests. It
// fails with *RefusedError where not; any other error means that the policy
// cannot be used, and then nothing is permitted.
func (in *Intake) MayRead(ctx context.Context, sender string, reqs ...change.Request) error {
	_, err := in.mayRead(ctx, sender, reqs...)
	return err
}

// mayRead is MayRead, and returns the policy.
func (in *Intake) mayRead(ctx context.Context, sender string, reqs ...change.Request) (*policy.Policy, error) {
	if in.Policy == nil {
		return policy.Absent(), nil
	}
	p, err := in.Policy(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	who, err := personOf(p, policy.Account{Channel: string(change.FromHTTP), User: sender})
	if err != nil {
		return nil, err
	}
	return p, permitted(p, who, reqs, func(int) (policy.Permission, []change.Field) { return policy.Read, nil })
}
