package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Tick is one tick of a timer trigger that asks for changes.
type Tick struct {
	Name      string // the trigger's
	Time      time.Time
	RequestID string
	Inline    []byte // the document itself, or
	Document  string // its key below scheduled/
}

// TickResult is the outcome of a tick.
type TickResult struct {
	Accepted

	Rejected string // the id of the record that says why it was rejected; "" when accepted
	Problems []change.Problem
}

// Tick accepts a scheduled document. Every tick asks again; one tick asks once,
// however often it is delivered. Scheduled runs have no caller, so an invalid
// document is recorded as rejected. An error means that the outcome is open:
// deliver the tick again.
func (in *Intake) Tick(ctx context.Context, t Tick) (TickResult, error) {
	d := document{
		delivery: delivery{at: t.Time.UTC(), identity: change.TimerIdentity(t.Name, t.Time), origin: change.Origin{
			Kind: change.FromTimer, Actor: "timer " + t.Name, RequestID: t.RequestID,
			Source: t.Time.UTC().Format(time.RFC3339),
		}},
		account: policy.Account{Channel: string(change.FromTimer), User: t.Name},
		queued:  true, // the claim does not show whether this delivery is the first
		conclude: func(ctx context.Context, a Accepted) (bool, error) {
			in.Log.LogAttrs(ctx, slog.LevelInfo, "scheduled document accepted", in.about(a.Changes, slog.String("trigger", t.Name), slog.Int("changes", len(a.Changes)))...)
			return true, nil
		},
	}
	doc, document, err := in.firstReading(ctx, t, d.identity)
	if err != nil {
		return TickResult{}, err
	}
	d.document = document
	d.late = document == "" && in.Now().Sub(d.at) > freshFile
	if doc.Problem != nil {
		d.parse = unreadable(*doc.Problem)
	} else {
		d.parse = parseDocument(doc.Data, manifest.Options{Format: doc.Format, AllowRequestedBy: true, Regions: in.Regions})
		if t.Document != "" {
			d.origin.Source += " oss://" + in.BucketName + "/" + t.Document
		}
	}
	out, err := in.accept(ctx, d)
	problems := refusal(err)
	if problems == nil {
		return TickResult{Accepted: out}, err
	}
	before, err := in.queuedBefore(ctx, d)
	switch {
	case err != nil:
		return TickResult{}, err
	case before:
		d.admitted = &admission{} // the policy is asked again before the changes are sent
		out, err = in.accept(ctx, d)
		return TickResult{Accepted: out}, err
	default:
		return in.rejectTick(ctx, d.delivery, problems)
	}
}

// refusal is why a tick is rejected, nil if it is not. A tick is not repeated for
// days, so an invalid policy rejects it, with a record.
func refusal(err error) []change.Problem {
	if no, ok := errors.AsType[*RefusedError](err); ok {
		return no.Problems
	}
	if bad, ok := errors.AsType[*policy.InvalidError](err); ok {
		return bad.Problems
	}
	return nil
}

// firstReading is the document of a tick as its first delivery read it. The
// tick's claim keeps it, and the document of its ids, which is "" without a claim. Otherwise a later delivery could read a document that
// was changed since, and ask for other changes or reject those that are queued.
func (in *Intake) firstReading(ctx context.Context, t Tick, identity string) (doc reading, document string, err error) {
	if t.Document == "" {
		return reading{Data: t.Inline, Format: inlineFormat(t.Inline)}, "", nil
	}
	first, err := in.readClaim(ctx, identity)
	if err != nil {
		return reading{}, "", err
	}
	if first == nil {
		doc, err := in.readTick(ctx, t.Document)
		if err != nil {
			return reading{}, "", err
		}
		mine, err := in.makeClaim(ctx, claim{
			Identity: identity, At: t.Time.UTC(), Hash: hash(doc.Data), Document: change.DocumentID(identity), Read: &doc,
		})
		if err != nil {
			return reading{}, "", err
		}
		first = &mine
	}
	if first.Read == nil {
		return reading{}, "", fmt.Errorf("claim %s lacks the document that was read: only the function may write below claims/", objects.ClaimKey(identity))
	}
	return *first.Read, first.documentID(), nil
}

// readTick reads the document that a tick names.
func (in *Intake) readTick(ctx context.Context, key string) (reading, error) {
	format, ok := manifest.FormatOf(key)
	if !ok || !strings.HasPrefix(key, objects.Scheduled) {
		return reading{Problem: noSchedule(key)}, nil
	}
	obj, err := in.Bucket.Get(ctx, key, blob.GetOptions{Limit: manifest.MaxSize})
	switch {
	case errors.Is(err, blob.ErrRefused): // such as a key that no object can have
		return reading{Problem: noSchedule(key)}, nil
	case errors.Is(err, blob.ErrNotFound):
		return reading{Problem: &change.Problem{
			Path: "document", Rule: ruleSchedule,
			Message: "there is no " + key + " in the change bucket",
			Hint:    "upload it, or correct the timer trigger's payload",
		}}, nil
	case errors.Is(err, blob.ErrTooLarge):
		return reading{Problem: &change.Problem{
			Path: "document", Rule: manifest.RuleTooLarge,
			Message: fmt.Sprintf("%s has more than %d bytes", key, manifest.MaxSize),
			Hint:    "split it into several documents, with a timer trigger each",
		}}, nil
	case err != nil:
		return reading{}, fmt.Errorf("read %s: %w", key, err)
	}
	return reading{Data: obj.Data, Format: format}, nil
}

const ruleSchedule = "schedule-document"

func noSchedule(key string) *change.Problem {
	return &change.Problem{
		Path: "document", Rule: ruleSchedule,
		Message: fmt.Sprintf("%q does not name a scheduled document", key),
		Hint:    "name a .yaml, .yml or .json file below " + objects.Scheduled + " in the change bucket",
	}
}

// inlineFormat gives the format of a document in a trigger's payload: JSON if it
// begins like a JSON object.
func inlineFormat(data []byte) manifest.Format {
	if strings.HasPrefix(strings.TrimSpace(string(data)), "{") {
		return manifest.JSON
	}
	return manifest.YAML
}

// rejectTick writes the record of a scheduled document that cannot be accepted.
func (in *Intake) rejectTick(ctx context.Context, d delivery, problems []change.Problem) (TickResult, error) {
	id := change.ID(d.at, cmp.Or(d.document, change.DocumentID(d.identity)), 1, 1)
	p := problems[0]
	// Another delivery may have been first: the row is that of the record that is stored.
	rec, err := in.Records.Write(ctx, record.Record{
		ID: id, Status: change.Rejected, Origin: d.origin, Identity: d.identity,
		Requested: change.Patch{}, Changed: []change.Difference{}, Attempts: []record.Attempt{},
		Problems: problems, AcceptedAt: d.at, DueAt: d.at, FinishedAt: in.Now().UTC(),
		Error: &record.Failure{Code: p.Rule, Class: string(change.Rejected), Message: p.String(), Hint: p.Hint},
		Cost:  record.Cost{Invocations: 1}, Version: in.Version,
	})
	if err == nil {
		err = in.index.Add(ctx, index.RowOf(rec))
	}
	if err != nil {
		return TickResult{}, err
	}
	in.Log.WarnContext(ctx, "scheduled document rejected", slog.String("trigger", d.origin.Actor), slog.String("record", id),
		slog.String("channel", string(d.origin.Kind)), slog.Int("problems", len(problems)), slog.String("code", codeOf(problems)))
	return TickResult{Rejected: id, Problems: problems}, nil
}
