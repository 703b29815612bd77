package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// confirmStory is what people do about a change that is undone unless somebody
// confirms it, and what must be there in the end.
type confirmStory struct {
	name    string
	prepare func(context.Context, *talk) error
	act     func(context.Context, *talk) error
	undo    change.Status // of the undo's record; "": it waits
	votes   int           // that wait with it
	port    int
	effects int
}

func confirmStories() []confirmStory {
	ask := saying(chat.Mei, "apply test port=1195 confirm=10m")
	return []confirmStory{
		{"arm", nothing, ask, "", 0, 1195, 1},
		{"confirm", armed(ask), telling("confirm", ""), change.Cancelled, 0, 1195, 1},
		{"extend", armed(ask), telling("confirm", " 20m"), "", 1, 1195, 1},
		{"undo", armed(ask), telling("rollback", ""), change.Applied, 0, 1194, 2},
	}
}

// armed has a change applied that is to be confirmed.
func armed(ask func(context.Context, *talk) error) func(context.Context, *talk) error {
	return func(ctx context.Context, k *talk) error {
		if err := errors.Join(ask(ctx, k), k.FC().Wait(ctx)); err != nil {
			return err
		}
		records, err := k.records()
		if err != nil || len(records) != 1 || records[0].Undo == nil {
			return fmt.Errorf("the records are %+v, %w", records, err)
		}
		k.id = records[0].ID
		return nil
	}
}

func telling(verb, rest string) func(context.Context, *talk) error {
	return func(ctx context.Context, k *talk) error { return k.say(ctx, chat.Mei, verb+" "+k.id+rest) }
}

// The function is killed at its n-th request, for every n, while a change is armed,
// confirmed, extended and undone.
func TestTheFunctionMayBeKilledAtAnyRequestOfAConfirmation(t *testing.T) {
	t.Parallel()
	count := newTally(t)
	for _, story := range confirmStories() {
		for _, landed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, effect %v", story.name, landed), func(t *testing.T) {
				t.Parallel()
				count.take(t, killEverywhere(t, landed, story.killAt))
			})
		}
	}
}

// killAt runs the story with one kill and returns where, "" if the story ended before.
func (s confirmStory) killAt(ctx context.Context, function string, r *reaper) (at string, err error) {
	return killTalk(ctx, function, r, chat.Feishu, s.prepare, s.act, s.settle)
}

// settle waits for the outcome, and checks once more after another sweep.
func (s confirmStory) settle(ctx context.Context, k *talk) error {
	if err := k.settle(ctx, func() bool { return s.check(k) == nil }); err != nil {
		return errors.Join(err, s.check(k))
	}
	k.OSS().Advance(pastLease)
	return errors.Join(k.tick(), k.FC().Wait(ctx), s.check(k))
}

// check compares the cloud with what must be there.
func (s confirmStory) check(k *talk) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if got := k.VPC().Snapshot().Effective; got != s.effects {
		wrong("%d effective modifications, want %d", got, s.effects)
	}
	if server, _ := k.VPC().Server(serverID); server.Port != s.port {
		wrong("the server's port is %d, want %d", server.Port, s.port)
	}
	records, err := k.records()
	errs = append(errs, err)
	var applied, undo *record.Record
	for i, rec := range records {
		if rec.Undoes == "" {
			applied = &records[i]
		} else {
			undo = &records[i]
		}
	}
	switch {
	case applied == nil || applied.Status != change.Applied || applied.Undo == nil:
		wrong("the change's record is %+v", applied)
		return errors.Join(errs...)
	case s.undo == "" && undo != nil, s.undo != "" && (undo == nil || undo.Status != s.undo || undo.Undoes != applied.ID || undo.ID != applied.Undo.ID):
		wrong("the undo's record is %+v, want %q", undo, s.undo)
	case len(records) > 2:
		wrong("%d records", len(records))
	}
	waits := 0
	if s.undo == "" {
		waits = 1 + s.votes
	}
	if left := k.keys("queue/"); len(left) != waits {
		wrong("queued is %q, want %d objects", left, waits)
	}
	for _, key := range k.keys("outbox/") {
		if !strings.HasSuffix(key, applied.Undo.ID+".half.json") {
			wrong("pending is %s", key)
		}
	}
	if strings.Contains(k.printed(), `"msg":"panic"`) {
		wrong("the function panicked")
	}
	return errors.Join(errs...)
}
