package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// Message is a message that may hold a command, before it is parsed.
type Message struct {
	Identity string // the same for every delivery of the message
	Content  []byte // what it says; an identity is refused with other content
	// Use claims what the message's sender proved their identity with (see
	// Intake.Use). Claim calls it beside its own request. nil: it is claimed already.
	Use func() (first bool, err error)
}

// Claimed is a message whose identity is claimed.
type Claimed struct {
	Identity string
	Document string    // of its ids; "" for change.DocumentID of the identity
	At       time.Time // of the first claim: the acceptance time of what it asks for
	Again    bool      // another delivery came before
}

// Claim claims a message. A redelivery gets the claim of the first delivery. It
// fails with *RefusedError for an identity that came with other content; any
// other error means that the outcome is open.
func (in *Intake) Claim(ctx context.Context, m Message) (Claimed, error) {
	at := in.Now().UTC()
	mine := claim{Identity: m.Identity, At: at, Hash: hash(m.Content), IDs: []string{}, Document: change.DocumentID(m.Identity)}
	var got claim
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		got, err = in.claimFor(ctx, mine)
		return err
	})
	if m.Use != nil {
		g.Go(func() error {
			_, err := m.Use()
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return Claimed{}, err
	}
	return Claimed{Identity: m.Identity, Document: got.documentID(), At: got.At, Again: !got.At.Equal(at)}, nil
}

// claimFor claims an identity for the content that is hashed in the claim.
func (in *Intake) claimFor(ctx context.Context, mine claim) (claim, error) {
	got, err := in.makeClaim(ctx, mine)
	if err == nil && got.Hash != mine.Hash {
		err = reusedMessage()
	}
	return got, err
}

func reusedMessage() *RefusedError {
	return &RefusedError{Conflict: true, Problems: []change.Problem{{
		Rule: "message-reused", Message: "this message's id or signature was used before, for another message",
		Hint: "send the command again, as a new message",
	}}}
}

// ID is the id of the change that the message asks for, if it asks for one.
func (c Claimed) ID() string {
	return change.ID(c.At, cmp.Or(c.Document, change.DocumentID(c.Identity)), 1, 1)
}

// Command is one change that somebody asks for by a command. The caller has
// asked the policy.
type Command struct {
	Claimed

	Request   change.Request
	Origin    change.Origin // with the person
	Account   change.Account
	Approvals int
	Window    *change.Gate // whether windows and freezes let it be sent when it is due; nil: nothing closes
	// Certificates are those concerned by the change, where they are known.
	Certificates []string
	Reply        json.RawMessage // where to say how it ends; a secret
}

// Command queues the change of a command. A redelivery of the message queues
// nothing twice.
func (in *Intake) Command(ctx context.Context, c Command) (Accepted, error) {
	out, err := in.accept(ctx, document{
		delivery: delivery{origin: c.Origin, identity: c.Identity, document: c.Document, at: c.At, reply: c.Reply, certificates: c.Certificates},
		parse:    func(time.Time, bool) ([]change.Request, []change.Problem) { return []change.Request{c.Request}, nil },
		account:  c.Account,
		admitted: &admission{Person: c.Origin.Person, Assistant: c.Origin.Assistant, Approvals: []int{c.Approvals}, Confirm: []change.Confirmation{c.Request.Confirm}, Windows: []*change.Gate{c.Window}},
		queued:   c.Again,
		answers:  true,
	})
	if err != nil {
		return Accepted{}, err
	}
	in.Log.LogAttrs(ctx, slog.LevelInfo, "command accepted", in.about(out.Changes, slog.String("account", c.Origin.Actor), slog.Bool("again", c.Again))...)
	return out, nil
}

// Vote stores a vote on a queued change. Wake its lane afterwards.
func (in *Intake) Vote(ctx context.Context, t change.Target, id string, v queue.Vote) error {
	if err := in.queue.Vote(ctx, t, id, v); err != nil {
		return err
	}
	attrs := []slog.Attr{
		slog.String("change", id), slog.String("word", string(v.Kind)),
		slog.String("person", v.Person), slog.String("account", v.Account),
	}
	in.Log.LogAttrs(ctx, slog.LevelInfo, "vote taken", append(attrs, logline.Server(t, in.nameOf(t))...)...)
	return nil
}
