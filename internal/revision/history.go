package revision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// maxRevision bounds the object of a revision: in JSON, a text can be twice as long.
const maxRevision = 2*maxText + 64<<10

// MaxNumber is the largest number of a revision.
const MaxNumber = objects.MaxRevision

// The bounds of a page of the history.
const (
	DefaultPage = 20
	MaxPage     = 50
)

// parallel is how many revisions are read at once.
const parallel = 8

// foreign is how many objects below policy/history/ that are no revisions are passed over.
const foreign = 10

// History is a page of the revisions, the newest first, without their texts.
type History struct {
	Revisions []Listed `json:"revisions"`
	// Next is Before of the next page; 0 at the end.
	Next int64 `json:"next,omitempty"`
}

// Listed is one revision of a page.
type Listed struct {
	Revision

	InForce bool `json:"inForce,omitempty"`
	// Damaged: the object cannot be read as a revision.
	Damaged bool `json:"damaged,omitempty"`
}

// History lists at most limit revisions with numbers below before; 0 begins with the
// newest. It fails as Current does. It costs two requests, and one for each revision.
func (r *Revisions) History(ctx context.Context, from policy.Account, before int64, limit int) (History, error) {
	now, err := r.text(ctx)
	if err != nil {
		return History{}, err
	}
	if _, err := r.editor(from, now); err != nil {
		return History{}, err
	}
	after := ""
	if before > 0 {
		after = objects.RevisionKey(before)
	}
	page, err := r.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Revisions, After: after, Max: limit})
	if err != nil {
		return History{}, fmt.Errorf("listing the revisions of the policy: %w", err)
	}
	var keys []string
	for _, e := range page.Entries {
		if _, ok := objects.ParseRevisionKey(e.Key); ok {
			keys = append(keys, e.Key)
		}
	}
	out := History{Revisions: make([]Listed, len(keys))}
	err = fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		rev, err := r.read(ctx, keys[i])
		out.Revisions[i].Revision = *rev.head()
		if errors.Is(err, errDamaged) {
			out.Revisions[i].Number, _ = objects.ParseRevisionKey(keys[i])
			out.Revisions[i].Damaged = true
			return nil
		}
		return err
	})
	for i := range out.Revisions {
		if l := &out.Revisions[i]; l.Digest == now.digest && !l.Damaged && now.digest != "" {
			l.InForce = true // an earlier one with the same text is not
			break
		}
	}
	if n := len(keys); page.Next != "" && n > 0 {
		out.Next, _ = objects.ParseRevisionKey(keys[n-1])
	}
	return out, err
}

// Revision reads one revision. It fails as Current does, and with a refusal of the kind
// NotFound.
func (r *Revisions) Revision(ctx context.Context, from policy.Account, number int64) (Revision, error) {
	now, err := r.text(ctx)
	if err != nil {
		return Revision{}, err
	}
	if _, err := r.editor(from, now); err != nil {
		return Revision{}, err
	}
	if number < 1 || number > MaxNumber {
		return Revision{}, Unknown(strconv.FormatInt(number, 10))
	}
	rev, err := r.read(ctx, objects.RevisionKey(number))
	if errors.Is(err, blob.ErrNotFound) {
		return Revision{}, Unknown(strconv.FormatInt(number, 10))
	}
	if errors.Is(err, errDamaged) {
		return Revision{}, refuseBy(NotFound, RuleRevisionUnknown, err.Error(), "look at the object in the bucket; the revisions beside it can be read")
	}
	return rev, err
}

// Unknown refuses a number of no revision.
func Unknown(number string) error {
	const most = 20
	if len(number) > most {
		number = number[:most] + "…"
	}
	return refuse(NotFound, change.Problem{
		Rule: RuleRevisionUnknown, Message: "there is no revision " + strconv.Quote(number) + " of the policy", Hint: "GET /v1/policy/history lists the numbers",
	})
}

// read reads a revision. It fails with blob.ErrNotFound and errDamaged.
func (r *Revisions) read(ctx context.Context, key string) (Revision, error) {
	object, err := r.Bucket.Get(ctx, key, blob.GetOptions{Limit: maxRevision})
	if errors.Is(err, blob.ErrTooLarge) {
		return Revision{}, fmt.Errorf("%s %w", key, errDamaged)
	}
	if err != nil {
		return Revision{}, fmt.Errorf("reading a revision of the policy: %w", err)
	}
	rev, err := decode(key, object.Data)
	rev.created, rev.now = object.LastModified, object.Now
	return rev, err
}

// newest reads the newest revision; nil where there is none. Objects that are none are
// passed over.
func (r *Revisions) newest(ctx context.Context) (*Revision, error) {
	page, err := r.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Revisions, Max: foreign})
	if err != nil {
		return nil, fmt.Errorf("listing the revisions of the policy: %w", err)
	}
	for _, e := range page.Entries {
		if _, ok := objects.ParseRevisionKey(e.Key); !ok {
			continue
		}
		rev, err := r.read(ctx, e.Key)
		switch {
		case err == nil:
			return &rev, nil
		case !errors.Is(err, errDamaged):
			return nil, err
		}
		r.Log.WarnContext(ctx, "object passed over that is no revision of the policy", slog.String("key", e.Key))
	}
	return nil, nil //nolint:nilnil // no revision is an answer, not an error
}
