package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
)

// postAnswers posts ready answers to rooms of their own.
func (b *harness) postAnswers(count int, to func(room, who string) notify.Recipient) {
	b.t.Helper()
	o := b.outbox()
	var g errgroup.Group
	g.SetLimit(16)
	for i := range count {
		g.Go(func() error {
			r := to(fmt.Sprintf("R%d", i), "mei")
			text := chat.Text{Title: chat.Line{chat.Words("hello")}}
			return o.Post(b.t.Context(), notify.Answer(change.ChatIdentity(r.Reply.Platform, "T1", r.Reply.Room), text, r))
		})
	}
	if err := g.Wait(); err != nil {
		b.t.Fatal(err)
	}
}

func TestAFullOutboxIsDeliveredPageByPage(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.postAnswers(230, slack)
	b.advance(time.Minute)
	before := len(b.OSS.Requests())
	b.sweep(told(230))
	b.empty()
	lists := 0
	for _, r := range b.OSS.Requests()[before:] {
		if strings.HasPrefix(r.Op, "List") {
			lists++
		}
	}
	if lists != 3+1 { // and one of empty
		t.Errorf("%d listings", lists)
	}
	rooms := map[string]bool{}
	sent := b.sent()
	for _, m := range sent {
		rooms[m.Address] = true
	}
	if len(sent) != 230 || len(rooms) != 230 {
		t.Errorf("%d messages to %d rooms", len(sent), len(rooms))
	}
}

// The slow platform answers when the other one has everything: if it held the
// other one up, neither would come to an end.
func TestASlowPlatformDoesNotHoldUpAnother(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	const each = 40
	var now, most, quick int
	done := make(chan struct{})
	b.behave = func(_ http.ResponseWriter, r *http.Request, m message) {
		if strings.Contains(m.Address, "slack") {
			b.mu.Lock()
			defer b.mu.Unlock()
			if quick++; quick == each {
				close(done)
			}
			return
		}
		b.mu.Lock()
		now++
		most = max(most, now)
		b.mu.Unlock()
		select {
		case <-done:
		case <-r.Context().Done():
			t.Error("the slow platform's client gave up first")
		}
		b.mu.Lock()
		now--
		b.mu.Unlock()
	}
	b.postAnswers(each, dingtalk)
	b.postAnswers(each, slack)
	b.advance(time.Minute)
	b.sweep(told(2 * each))
	if most == 0 || most > notify.DefaultPolicy().AtOnce {
		t.Errorf("%d rooms of one platform at once", most)
	}
}

func TestAPlatformThatIsDownIsLeftAloneForTheRestOfTheInvocation(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.postAnswers(30, slack)
	b.postAnswers(30, dingtalk)
	down := map[string]int{}
	for i := range 30 {
		down[fmt.Sprintf("/R%d/mei", i)] = http.StatusServiceUnavailable
	}
	b.answers(down)
	b.advance(time.Minute)
	b.sweep(notify.Report{Delivered: 30, Waiting: 30})
	rooms := map[string]int{}
	for _, m := range b.sent() {
		if strings.Contains(m.Address, "slack") {
			rooms[m.Address]++
		}
	}
	p := notify.DefaultPolicy()
	if most := p.Failures + p.AtOnce - 1; len(rooms) < p.Failures || len(rooms) > most {
		t.Errorf("%d rooms were tried; %d to %d fail before it is left alone", len(rooms), p.Failures, most)
	}
	for room, tries := range rooms {
		if tries != p.Tries {
			t.Errorf("%s was tried %d times", room, tries)
		}
	}
	// Those that were not tried are due as soon as it is back.
	b.answers(nil)
	b.sweep(notify.Report{Delivered: 30 - len(rooms), Waiting: len(rooms)})
	b.advance(time.Minute)
	b.sweep(told(len(rooms)))
	b.empty()
}
