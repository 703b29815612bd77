package intake

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/queue"
)

// Message is a command that somebody sent, before it is read.
type Message struct {
	Identity string // what makes it the same one when it is delivered again
	Content  []byte // what it says: the same identity may not come with anything else
	// Once may come with one body only: a signature that does not cover it. "" when
	// there is no such thing. A redelivery may bring another.
	Once string
	Body []byte
}

// Claimed is a message that was taken.
type Claimed struct {
	Identity string
	At       time.Time // when it was first taken: the acceptance time of what it asks for
	Again    bool      // another delivery came before
}

// Claim takes a message. A redelivery gets the claim of the first delivery. It
// fails with *RefusedError for an identity that came with another body; any
// other error means that the object store failed and nothing is settled.
func (in *Intake) Claim(ctx context.Context, m Message) (Claimed, error) {
	at := in.Now().UTC()
	mine := claim{Identity: m.Identity, At: at, Hash: hash(m.Content), IDs: []string{}}
	var got claim
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		got, err = in.claimFor(ctx, mine)
		return err
	})
	if m.Once != "" {
		once := mine
		once.Identity, once.Hash = onceIdentity(m.Once), hash(m.Body)
		g.Go(func() error {
			_, err := in.claimFor(ctx, once)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return Claimed{}, err
	}
	return Claimed{Identity: m.Identity, At: got.At, Again: !got.At.Equal(at)}, nil
}

// onceIdentity is the identity of what may come with one message only.
func onceIdentity(once string) string { return "once " + hash([]byte(once)) }

// claimFor claims an identity for a body.
func (in *Intake) claimFor(ctx context.Context, mine claim) (claim, error) {
	got, err := in.makeClaim(ctx, mine)
	if err == nil && got.Hash != mine.Hash {
		err = &RefusedError{Conflict: true, Problems: []change.Problem{{
			Rule: "message-reused", Message: "this message's id or signature was used before, for another message",
			Hint: "send the command again, as a new message",
		}}}
	}
	return got, err
}

// Command is one change that somebody asks for by a command. The policy was
// asked before.
type Command struct {
	Claimed

	Request   change.Request
	Origin    change.Origin // with the person
	Approvals int
	Reply     json.RawMessage // where to say how it ends; a secret
}

// ID is the id of the change that the message asks for, if it asks for one.
func (c Claimed) ID() string {
	return change.ID(c.At, change.DocumentID(c.Identity), 1, 1)
}

// Command puts the change of a command in line. The same message again puts
// nothing in line twice.
func (in *Intake) Command(ctx context.Context, c Command) (Taken, error) {
	changes := number([]change.Request{c.Request}, delivery{origin: c.Origin, identity: c.Identity, at: c.At})
	changes[0].Approvals, changes[0].Reply = c.Approvals, c.Reply
	taken, err := in.queueOrPutBack(ctx, changes, c.Again)
	if err != nil {
		return Taken{}, err
	}
	in.Log.InfoContext(ctx, "command accepted", slog.String("change", c.ID()), slog.String("person", c.Origin.Person),
		slog.String("account", c.Origin.Actor), slog.Bool("again", c.Again))
	return taken, nil
}

// Vote notes what somebody says of a change in line. Ring its lane after it.
func (in *Intake) Vote(ctx context.Context, t change.Target, id string, v queue.Vote) error {
	if err := in.queue.Vote(ctx, t, id, v); err != nil {
		return err
	}
	in.Log.InfoContext(ctx, "vote taken", slog.String("change", id), slog.String("word", string(v.Kind)),
		slog.String("person", v.Person), slog.String("account", v.Account))
	return nil
}
