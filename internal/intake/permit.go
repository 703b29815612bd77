package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// An invocation that waits occupies an instance, which then cannot take other requests
// and events. So the number of those that wait is bounded for all instances together:
// each has one of a few claims, which it deletes when it has waited. The claim of a dead
// instance counts until it is stale. So does that of a wait that is longer, as it can be
// with a large WAIT_BUDGET: then one invocation more waits.
type places struct {
	name  string
	most  int
	stale time.Duration // longer than such a wait usually is, and the difference of two clocks
}

// PermitRequest lets a request wait for its changes, for a minute at most, if few enough
// others do. Call release when it has waited. A store that fails lets nobody wait.
func (in *Intake) PermitRequest(ctx context.Context) (release func(), ok bool) {
	return in.permit(ctx, places{name: "request", most: 4, stale: 6 * time.Minute})
}

// PermitDrain lets a drain wait for a gateway for long, as PermitRequest does a
// request.
func (in *Intake) PermitDrain(ctx context.Context) (release func(), ok bool) {
	return in.permit(ctx, places{name: "drain", most: 4, stale: 15 * time.Minute})
}

func (in *Intake) permit(ctx context.Context, p places) (release func(), ok bool) {
	for i := range p.most {
		identity := fmt.Sprintf("permit to wait, %s %d", p.name, i)
		err := in.occupy(ctx, identity)
		if errors.Is(err, blob.ErrExists) && in.older(ctx, identity, p.stale) {
			in.leave(ctx, identity)
			err = in.occupy(ctx, identity)
		}
		switch {
		case err == nil:
			return func() { in.leave(ctx, identity) }, true
		case !errors.Is(err, blob.ErrExists):
			in.Log.WarnContext(ctx, "invocation does not wait", slog.String("for", p.name), slog.Any("error", err))
			return nil, false
		}
	}
	return nil, false
}

// occupy creates the claim of a wait.
func (in *Intake) occupy(ctx context.Context, identity string) error {
	mine := claim{Identity: identity, At: in.Now().UTC(), IDs: []string{}, Hash: hash([]byte(in.Owner))}
	data, err := mine.encode()
	if err != nil {
		return err
	}
	return in.Bucket.Create(ctx, objects.ClaimKey(identity), data)
}

func (in *Intake) leave(ctx context.Context, identity string) {
	if err := in.Bucket.Delete(ctx, objects.ClaimKey(identity)); err != nil {
		in.Log.WarnContext(ctx, "claim of a wait not deleted", slog.Any("error", err))
	}
}

// older reports whether the claim of a wait has an age. One that cannot be read has not.
func (in *Intake) older(ctx context.Context, identity string, age time.Duration) bool {
	old, err := in.readClaim(ctx, identity)
	return err == nil && old != nil && in.Now().Sub(old.At) >= age
}
