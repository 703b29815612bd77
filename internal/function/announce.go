package function

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/revision"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// The bounds of an announcement: the editor waits for it.
const (
	maxAnnounced = 20 // rooms
	announceTime = 4 * time.Second
	announcing   = 8 // at once
)

// administration sets up what reads and puts the policy, and reads receipts.
func (f *Function) administration(s *handler.Services, b Buckets, log *slog.Logger) {
	s.Receipts = record.NewReceipts(b.Changes)
	s.Revisions = revision.New(revision.Deps{
		Bucket: b.Changes, Editors: f.cfg.Editors, Senders: f.senders(), Optional: f.cfg.NoPolicy, Now: f.opts.Now, Log: log,
	})
	s.Announce = f.announce(*s, log)
}

// senders lists the names of those who may sign requests.
func (f *Function) senders() []string {
	out := make([]string, 0, len(f.cfg.Senders))
	for _, s := range f.cfg.Senders {
		out = append(out, s.Name)
	}
	return out
}

// announce gives the function that tells rooms who put a policy. Each room is told once,
// also when the request is repeated. A message that a platform does not take is left: the
// log names the editor in any case.
func (f *Function) announce(s handler.Services, log *slog.Logger) func(context.Context, revision.Revision, []revision.Room) {
	if len(f.cfg.Platforms) == 0 {
		return nil
	}
	return func(ctx context.Context, put revision.Revision, rooms []revision.Room) {
		ctx, cancel := context.WithTimeout(ctx, announceTime)
		defer cancel()
		rooms = once(rooms)
		_ = fanout.Each(ctx, min(len(rooms), maxAnnounced), announcing, func(ctx context.Context, i int) error {
			room := rooms[i]
			if err := f.tell(ctx, s, put, room); err != nil {
				log.WarnContext(ctx, "room not told that a policy was put", slog.Int64("revision", put.Number),
					slog.String("platform", room.Channel), slog.String("room", room.ID), slog.Any("error", err))
			}
			return nil // one room does not keep the others from being told
		})
	}
}

// tell tells one room, unless it was told before.
func (f *Function) tell(ctx context.Context, s handler.Services, put revision.Revision, room revision.Room) error {
	platform, ok := f.cfg.Platforms[room.Channel].(chat.Rooms)
	if !ok {
		return fmt.Errorf("the platform %s is not configured to write to rooms", room.Channel)
	}
	to := chat.Room{Platform: room.Channel, Tenant: room.Tenant, ID: room.ID}
	if err := platform.Check(to); err != nil {
		return err
	}
	name := fmt.Sprintf("policy %d %s %s %s %s", put.Number, put.Digest, room.Channel, room.Tenant, room.ID)
	first, err := s.Intake.Use(ctx, intake.Delivery{Token: name, Method: "ANNOUNCE", Path: name})
	if err != nil || !first {
		return err
	}
	w := wording.In(cmp.Or(room.Lang, platform.Lang())).At(f.opts.Now(), room.Zone.Location(cmp.Or(f.cfg.Zones[room.Channel], f.cfg.TimeZone, time.UTC)))
	card := chat.Card{Text: w.PolicyPut(put.Number, put.By, put.Account, put.Reason), For: room.Approvers}
	_, err = platform.Post(ctx, f.opts.Chat, to, card, "policy-"+revision.Digest([]byte(name))[:24])
	return err
}

// once lists each room once.
func once(rooms []revision.Room) []revision.Room {
	seen := map[chat.Room]bool{}
	var out []revision.Room
	for _, room := range rooms {
		if to := (chat.Room{Platform: room.Channel, Tenant: room.Tenant, ID: room.ID}); !seen[to] {
			seen[to] = true
			out = append(out, room)
		}
	}
	return out
}
