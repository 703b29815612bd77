package intake

import (
	"context"
	"fmt"
	"log/slog"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/manifest"
	"sslvpnchange/internal/policy"
)

// Post is a document that a verified sender posted.
type Post struct {
	Sender    string
	ID        string // the sender's id of the delivery (webhook-id)
	RequestID string // the platform's
	Format    manifest.Format
	Body      []byte
}

// RefusedError says why a document was not taken; nothing of it was stored.
type RefusedError struct {
	Conflict  bool // the delivery's id was used for another document
	Forbidden bool // the policy does not permit it
	Problems  []change.Problem
}

// Error names the first problem.
func (e *RefusedError) Error() string {
	if len(e.Problems) == 0 {
		return "document refused"
	}
	return fmt.Sprintf("document refused: %s (%d in all)", e.Problems[0], len(e.Problems))
}

// Post takes a posted document. The same delivery again gets the same answer
// and puts nothing in line twice. It fails with *RefusedError for a document
// that cannot be taken; any other error means that the object store failed and
// nothing is settled: post the same delivery again.
func (in *Intake) Post(ctx context.Context, p Post) (Taken, error) {
	identity := change.HTTPIdentity(p.Sender, p.ID)
	first, err := in.readClaim(ctx, identity)
	if err != nil {
		return Taken{}, err
	}
	at, again := in.Now().UTC(), first != nil
	if again {
		at = first.At
	}
	sum := hash(p.Body)
	if again && first.Hash != sum {
		return Taken{}, usedForOther()
	}
	reqs, problems := manifest.Parse(p.Body, manifest.Options{Format: p.Format, Now: at})
	if len(problems) > 0 {
		return Taken{}, &RefusedError{Problems: problems}
	}
	d := delivery{at: at, identity: identity, origin: change.Origin{
		Kind: change.FromHTTP, Actor: p.Sender, Source: "webhook-id " + p.ID, RequestID: p.RequestID,
	}}
	adm, err := in.admitPost(ctx, p, first, reqs)
	if err != nil {
		return Taken{}, err
	}
	tokens, err := in.claimTokens(ctx, adm.admitted(number(reqs, d)))
	if err != nil {
		return Taken{}, err
	}
	if len(tokens.problems) > 0 {
		return Taken{}, &RefusedError{Problems: tokens.problems}
	}
	if !again {
		mine := claim{Identity: identity, At: at, Hash: sum, Admitted: adm}
		for _, c := range tokens.changes {
			mine.IDs = append(mine.IDs, c.ID)
		}
		got, err := in.makeClaim(ctx, mine)
		if err != nil {
			return Taken{}, err
		}
		if got.Hash != sum {
			return Taken{}, usedForOther()
		}
		if !got.At.Equal(at) { // another delivery of the same came first
			return in.Post(ctx, p)
		}
	}
	taken, err := in.queueOrPutBack(ctx, tokens.changes, again || tokens.before)
	if err != nil {
		return Taken{}, err
	}
	in.Log.InfoContext(ctx, "document accepted", slog.String("sender", p.Sender), slog.String("webhook_id", p.ID),
		slog.Int("changes", len(taken.Changes)), slog.Bool("again", again))
	return taken, nil
}

// admitPost asks the policy, once for each delivery: what was admitted goes on
// as it was admitted.
func (in *Intake) admitPost(ctx context.Context, p Post, first *claim, reqs []change.Request) (admission, error) {
	if first != nil {
		return first.Admitted, nil
	}
	adm, problems, err := in.admit(ctx, policy.Account{Channel: string(change.FromHTTP), User: p.Sender}, reqs)
	if err == nil && len(problems) > 0 {
		err = &RefusedError{Forbidden: true, Problems: problems}
	}
	return adm, err
}

func usedForOther() *RefusedError {
	return &RefusedError{Conflict: true, Problems: []change.Problem{{
		Path: "webhook-id", Rule: "webhook-id-reused",
		Message: "this webhook-id was used before, for another document",
		Hint:    "use a new webhook-id for a new document, and repeat a delivery with its document as it was",
	}}}
}

// Check parses and validates a document whose changes the sender wants to see
// planned, without storing anything.
func (in *Intake) Check(ctx context.Context, p Post) ([]change.Request, error) {
	reqs, problems := manifest.Parse(p.Body, manifest.Options{Format: p.Format, Now: in.Now().UTC()})
	if len(problems) > 0 {
		return nil, &RefusedError{Problems: problems}
	}
	return reqs, in.MayRead(ctx, p.Sender, reqs...)
}
