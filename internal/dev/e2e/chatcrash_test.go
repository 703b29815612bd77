package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// chatStory is something that people do in a room, with its preparation and the
// expected outcome.
type chatStory struct {
	name     string
	platform string
	prepare  func(context.Context, *talk) error
	act      func(context.Context, *talk) error
	want     chatOutcome
}

// chatOutcome is the outcome of a story's only change.
type chatOutcome struct {
	status change.Status
	server string
	port   int // of the server, in the end
	votes  int // in the record
}

// talk is a room with the change that the story is about.
type talk struct {
	*harness

	platform string
	id       string // of the change; "" until it is known
	offer    chat.Message
	before   int // bot's messages that do not count
}

func chatStories() []chatStory {
	approved := chatOutcome{change.Applied, otherID, 1195, 1}
	applied := chatOutcome{change.Applied, serverID, 1195, 0}
	return []chatStory{
		{"an apply that is answered later", chat.Feishu, nothing, saying(chat.Mei, "apply test port=1195"), applied},
		{"an apply that is answered in the response", chat.WeCom, nothing, saying(chat.Mei, "apply test port=1195"), applied},
		{"an approval", chat.Feishu, asking, offering(chat.Jun, "approve"), approved},
		{"a cancel", chat.WeCom, asking, offering(chat.Mei, "cancel"), chatOutcome{change.Cancelled, otherID, 1194, 1}},
		{"a rejection", chat.Feishu, asking, offering(chat.Jun, "reject"), chatOutcome{change.Rejected, otherID, 1194, 1}},
		{"a late delivery of a pending notification", chat.Feishu, pendingReply, sweeping, applied},
	}
}

func nothing(context.Context, *talk) error { return nil }

// say has the platform deliver a message until it is answered, as platforms do.
func (k *talk) say(ctx context.Context, person, text string) error {
	m, err := k.Chat().Say(ctx, k.platform, person, text)
	if err != nil {
		return err
	}
	failed := m.Failed
	for range 3 {
		if failed == "" {
			return nil
		}
		x, err := k.Chat().Again(ctx, m.ID, chat.Redelivered)
		if err != nil {
			return err
		}
		if failed = ""; x.Status != http.StatusOK {
			failed = fmt.Sprint(x.Status, " ", x.Answer)
		}
	}
	return fmt.Errorf("three redeliveries of %q were answered at last: %s", text, failed)
}

func saying(person, text string) func(context.Context, *talk) error {
	return func(ctx context.Context, k *talk) error { return k.say(ctx, person, text) }
}

// offering sends a command that the answer to the asker offers.
func offering(person, verb string) func(context.Context, *talk) error {
	return func(ctx context.Context, k *talk) error {
		line := offered(k.offer, verb)
		if line == "" {
			line = verb + " " + k.id
		}
		return k.say(ctx, person, line)
	}
}

// asking has Mei ask for a change that another person must approve.
func asking(ctx context.Context, k *talk) error {
	if err := k.say(ctx, chat.Mei, "apply office-hangzhou port=1195"); err != nil {
		return err
	}
	if err := k.FC().Wait(ctx); err != nil {
		return err
	}
	bots := k.bot(k.platform)
	if len(bots) != 1 {
		return fmt.Errorf("the bot said %d things", len(bots))
	}
	k.offer, k.before = bots[0], 1
	k.id = idForm.FindString(said(bots[0]))
	if offered(bots[0], "approve") == "" {
		return fmt.Errorf("nothing to approve in: %s", said(bots[0]))
	}
	return nil
}

// pendingReply lets a change end while the platform refuses replies: the answer and the
// outcome are pending.
func pendingReply(ctx context.Context, k *talk) error {
	k.Chat().SetDown(k.platform, true)
	if err := k.say(ctx, chat.Mei, "apply test port=1195"); err != nil {
		return err
	}
	if err := k.FC().Wait(ctx); err != nil {
		return err
	}
	k.Chat().SetDown(k.platform, false)
	k.OSS().Advance(pastLease)
	if owed := k.keys("outbox/"); len(owed) != 2 || len(k.keys("results/")) != 1 {
		return fmt.Errorf("pending is %q, recorded %q", owed, k.keys("results/"))
	}
	return nil
}

func sweeping(ctx context.Context, k *talk) error { return errors.Join(k.tick(), k.FC().Wait(ctx)) }

// check compares the cloud with the outcome.
func (o chatOutcome) check(k *talk) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	effects := 0
	if o.status == change.Applied {
		effects = 1
	}
	if got := k.VPC().Snapshot().Effective; got != effects {
		wrong("%d effective modifications, want %d", got, effects)
	}
	if s, _ := k.VPC().Server(o.server); s.Port != o.port {
		wrong("the server's port is %d, want %d", s.Port, o.port)
	}
	records, err := k.records()
	errs = append(errs, err)
	if len(records) != 1 {
		wrong("%d records: %q", len(records), k.keys("results/"))
		return errors.Join(errs...)
	}
	rec := records[0]
	if rec.Status != o.status || len(rec.Votes) != o.votes || rec.Origin.Person != "Mei" || k.id != "" && rec.ID != k.id {
		wrong("the record of %s, for %s, says %s, %+v: %+v", rec.ID, k.id, rec.Status, rec.Votes, rec.Error)
	}
	o.checkTold(k, rec, wrong)
	for _, folder := range []string{"queue/", "outbox/"} {
		if left := k.keys(folder); len(left) > 0 {
			wrong("left in %s: %q", folder, left)
		}
	}
	if strings.Contains(k.printed(), `"msg":"panic"`) {
		wrong("the function panicked")
	}
	return errors.Join(errs...)
}

// checkTold checks the room's answer and the notice.
func (o chatOutcome) checkTold(k *talk, rec record.Record, wrong func(string, ...any)) {
	told := 0
	for _, m := range k.bot(k.platform)[k.before:] {
		if strings.Contains(said(m), rec.ID) {
			told++
		}
	}
	if told == 0 {
		wrong("nothing in the room names %s", rec.ID)
	}
	var notices []record.Notice
	for _, key := range k.keys("results/") {
		if strings.HasSuffix(key, ".notice.json") {
			n, err := readOne[record.Notice](k.harness, key)
			if err != nil {
				wrong("%v", err)
			}
			notices = append(notices, n)
		}
	}
	if len(notices) != 1 || notices[0].ID != rec.ID || len(notices[0].Deliveries) != 1 {
		wrong("the notices are %+v", notices)
		return
	}
	// WeCom accepts one reply to an address. An instance that is killed after the
	// acceptance leaves a successor whose reply is refused.
	if d := notices[0].Deliveries[0]; !d.Delivered && (k.platform != chat.WeCom || d.Code == "" || told < 2) {
		wrong("it was told %d times, and the notice says %+v", told, d)
	}
}

// The function is killed at its n-th request, for every n, while people chat;
// the platform delivers unanswered messages again.
func TestTheFunctionMayBeKilledAtAnyRequestOfAConversation(t *testing.T) {
	t.Parallel()
	count := newTally(t)
	for _, story := range chatStories() {
		for _, landed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, effect %v", story.name, landed), func(t *testing.T) {
				t.Parallel()
				count.take(t, killEverywhere(t, landed, story.killAt))
			})
		}
	}
}

// killAt runs the story with one kill and returns where, "" if the story ended
// before.
func (s chatStory) killAt(ctx context.Context, function string, r *reaper) (at string, err error) {
	return killTalk(ctx, function, r, s.platform, s.prepare, s.act, s.want.settle)
}

// killTalk has people do something in a room, and kills the function once while they
// act and until the outcome is there. It returns where, "" if it was there before.
func killTalk(ctx context.Context, function string, r *reaper, platform string, prepare, act, settle func(context.Context, *talk) error) (at string, err error) {
	h, err := open(ctx, function, func(o *localcloud.Options) {
		o.Policy = withRooms()
		r.tune(o)
	})
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\nthe function printed:\n%s", err, h.printed())
		}
		err = errors.Join(err, h.Close())
	}()
	r.platform.Store(h.FC())
	k := &talk{harness: h, platform: platform}
	if err = prepare(ctx, k); err != nil {
		return "", fmt.Errorf("prepare: %w", err)
	}
	r.counting.Store(true)
	if err = act(ctx, k); err == nil {
		err = settle(ctx, k)
	}
	return r.where(), err
}

// settle waits for the outcome, and checks once more after another sweep.
func (o chatOutcome) settle(ctx context.Context, k *talk) error {
	if err := k.settle(ctx, func() bool { return o.check(k) == nil }); err != nil {
		return errors.Join(err, o.check(k))
	}
	k.OSS().Advance(pastLease)
	return errors.Join(k.tick(), k.FC().Wait(ctx), o.check(k))
}
