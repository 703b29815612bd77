package handler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// A room gets its digest once a day, at its time in its zone, by one of the sweeps.
func TestADigestIsPostedOnceADay(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 8*3600) // Asia/Shanghai
	minute := time.Now().In(zone).Add(2 * time.Minute)
	rules := strings.Replace(asking, "room: C1}]}", fmt.Sprintf("room: C1, timeZone: Asia/Shanghai, digest: %q}]}", minute.Format("15:04")), 1)
	h, rooms := newAsking(t, rules)
	for _, c := range []vpc.Certificate{
		{ID: "vsc-1", ServerID: "vss-one", Name: "zhang", EndsAt: time.Now().Add(20 * 24 * time.Hour)}, {ID: "vsc-2", ServerID: "vss-one", Name: "li"},
	} {
		if err := h.VPC.AddCertificate(c); err != nil {
			t.Fatal(err)
		}
	}
	applied := h.told(says("apply two port=1195"), 202, "taken").Change.ID
	h.drain("vss-two")
	waiting := h.told(says("apply one port=1195"), 202, "taken").Change.ID
	h.drain("vss-one")
	rooms.last(t, 1) // the card
	h.later(3 * time.Minute)
	h.sweep()
	m := rooms.last(t, 2)
	text := plain(m.card.Text)
	for _, part := range []string{"Digest of " + minute.Format("2006-01-02"), waiting + " for one, requested by bot: It waits for approval. Approvers: mei", "Ended in the last 24 hours: 0", "Certificates of one that expire within 30 days: zhang"} {
		if !strings.Contains(text, part) {
			t.Errorf("the digest lacks %q:\n%s", part, text)
		}
	}
	if strings.Contains(text, applied) || len(m.card.Next)+len(m.card.Mention) != 0 {
		t.Errorf("the room is told about a server of others, or people are mentioned:\n%s", text)
	}
	h.sweep()
	h.start() // an instance that remembers nothing
	h.sweep()
	rooms.last(t, 2)
	h.later(24 * time.Hour)
	h.sweep()
	digests := 0
	for _, m := range rooms.posted {
		if strings.HasPrefix(plain(m.card.Text), "Digest of") {
			digests++
		}
	}
	if digests != 2 {
		t.Errorf("%d digests were posted in two days", digests)
	}
}

// A digest that nobody posted for three hours is left out.
func TestADigestThatIsLateIsLeftOut(t *testing.T) {
	t.Parallel()
	passed := time.Now().UTC().Add(-190 * time.Minute)
	h, rooms := newAsking(t, strings.Replace(asking, "room: C1}]}", fmt.Sprintf("room: C1, timeZone: UTC, digest: %q}]}", passed.Format("15:04")), 1))
	h.sweep()
	rooms.last(t, 0)
	missed := time.Now().UTC().Add(-170 * time.Minute)
	h.rule(strings.Replace(asking, "room: C1}]}", fmt.Sprintf("room: C1, timeZone: UTC, digest: %q}]}", missed.Format("15:04")), 1))
	rooms.fails = func(chat.Room, bool) error { return &chat.SendError{Code: "no", Message: "no"} }
	h.sweep()
	rooms.fails = nil
	h.sweep() // it was claimed
	rooms.last(t, 0)
	if !strings.Contains(h.log.String(), `"digest not posted"`) {
		t.Error("it is not logged")
	}
}
