package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

func one() change.Target { return change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"} }

func TestATokenMakesTheID(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	now := d.Clock.Now().UTC()
	got := d.post(delivery("msg_1", setPort("one", "1195", "ClientToken: mine")))
	identity := change.SenderTokenIdentity("http chat-bot", one(), "mine")
	if want := now.Format("20060102") + "-" + change.DocumentID(identity); len(got) != 1 || got[0] != want {
		t.Errorf("the id is %q, want %s", got, want)
	}
	e := d.entries()[0]
	if e.Identity != identity || e.ClientToken != "mine" || e.Origin.Kind != change.FromHTTP || e.Origin.Actor != "chat-bot" {
		t.Errorf("in line is %+v", e)
	}
}

// The same token of a sender with the same settings is the same change, whichever
// document it comes in, and whenever.
func TestATokenUsedAgain(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.post(delivery("msg_1", setPort("one", "1195", "ClientToken: mine")))
	stands := fmt.Sprint(d.entries()[0])
	later := d.Clock.Now().Add(3 * time.Hour).UTC().Format(time.RFC3339)
	for name, text := range map[string]string{
		"as it was":           setPort("one", "1195", "ClientToken: mine"),
		"for another reason":  setPort("one", "1195", "ClientToken: mine", "reason: other"),
		"with a later start":  setPort("one", "1195", "ClientToken: mine", "notBefore: "+later),
		"with another expiry": setPort("one", "1195", "ClientToken: mine", "expiresAt: "+later),
	} {
		d.Clock.Advance(time.Minute)
		if got := d.post(delivery("msg-"+strings.ReplaceAll(name, " ", "-"), text)); !slices.Equal(got, first) {
			t.Errorf("%s: the ids are %q, first %q", name, got, first)
		}
	}
	d.queued(first...)
	if again := fmt.Sprint(d.entries()[0]); again != stands {
		t.Errorf("first in line was %s, now %s", stands, again)
	}
}

func TestATokenOfAChangeThatHasEndedQueuesNothing(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.post(delivery("msg_1", setPort("one", "1195", "ClientToken: mine")))
	d.end(first[0])
	d.Clock.Advance(48 * time.Hour)
	if got := d.post(delivery("msg_2", setPort("one", "1195", "ClientToken: mine"))); !slices.Equal(got, first) {
		t.Errorf("posted: the ids are %q, first %q", got, first)
	}
	d.queued()
	if d.created("queue/") != 1 {
		t.Errorf("%d entries were made", d.created("queue/"))
	}
}

// A lost change is queued again with the times of its first delivery, not with the
// times of a later one.
func TestALostChangeWithATokenKeepsItsTimes(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	id := d.post(delivery("msg_1", setPort("one", "1195", "ClientToken: mine")))[0]
	first := d.entries()[0]
	d.lose(id)
	d.Clock.Advance(30 * time.Minute)
	d.post(delivery("msg_2", setPort("one", "1195", "ClientToken: mine")))
	again := d.entries()[0]
	if again.Key != first.Key || !again.AcceptedAt.Equal(first.AcceptedAt) || !again.DueAt.Equal(first.DueAt) || !again.ExpiresAt.Equal(first.ExpiresAt) {
		t.Errorf("first it was due %v to %v, now %v to %v", first.DueAt, first.ExpiresAt, again.DueAt, again.ExpiresAt)
	}
}

func TestATokenWithOtherSettingsIsRefused(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]string{
		"another value":    setPort("one", "1196", "ClientToken: mine"),
		"one setting more": setPort("one", "1195", "ClientToken: mine", "Compress: true"),
		"a confirmation":   setPort("one", "1195", "ClientToken: mine", "confirm: 10m"),
		"a condition":      setPort("one", "1195", "ClientToken: mine", "when: idle(5)"),
		"an expectation":   setPort("one", "1195", "ClientToken: mine", "expect: {Port: 1194}"),
		"among others": "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1195, ClientToken: new}\n" +
			"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1196, ClientToken: mine}\n" +
			"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1197}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			first := d.post(delivery("msg_1", setPort("one", "1195", "ClientToken: mine")))
			claims := d.Keys(t.Context(), "claims/")
			no := d.refused(delivery("msg_2", again))
			if no.Conflict || !slices.Equal(rules(no.Problems), []string{"token-reused"}) || no.Problems[0].Line == 0 || no.Problems[0].Hint == "" {
				t.Errorf("refused for %+v", no.Problems)
			}
			if want := "ClientToken"; !strings.HasSuffix(no.Problems[0].Path, want) {
				t.Errorf("the path is %s", no.Problems[0].Path)
			}
			d.queued(first...)
			if got := d.Keys(t.Context(), "claims/"); !slices.Equal(got, claims) {
				t.Errorf("claimed: %q, before %q", got, claims)
			}
		})
	}
}

func TestTheSameTokenOfAnotherServerIsAnotherToken(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	a := d.post(delivery("msg_1", setPort("one", "1195", "ClientToken: mine")))
	b := d.post(delivery("msg_2", setPort("two", "1196", "ClientToken: mine")))
	d.queued(a[0], b[0])
}

func TestChangesWithTokensStayInTheirDocumentsOrder(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	var doc strings.Builder
	doc.WriteString("changes:\n")
	for i := range 12 {
		fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: %d", 1195+i)
		if i%3 > 0 {
			fmt.Fprintf(&doc, ", ClientToken: token-%d", i)
		}
		doc.WriteString("}\n")
	}
	u := d.upload("changes/a.yaml", doc.String())
	d.accept(u, intake.FileAccepted)
	due, err := queue.New(d.Store).Due(t.Context(), one(), d.Clock.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var ports []string
	for _, e := range due.Entries {
		ports = append(ports, e.Patch[change.Port].String())
	}
	if len(ports) != 12 || !slices.IsSorted(ports) {
		t.Errorf("in line in the order %q", ports)
	}
}

// A token is its sender's: nobody else can use it up, or be given its change. A dry
// run, which takes the right to read alone, uses up none.
func TestAttackATokenIsItsSenders(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	by := func(sender, id, text string) intake.Post {
		p := delivery(id, text)
		p.Sender = sender
		return p
	}
	dry := setPort("one", "1195", "ClientToken: mine", "dryRun: true")
	a, b := d.post(by("viewer", "msg_1", dry)), d.post(by("operator", "msg_2", dry))
	mine := d.post(by("operator", "msg_3", setPort("one", "1196", "ClientToken: mine")))
	theirs := d.post(by("viewer", "msg_4", setPort("one", "1197", "ClientToken: mine")))
	file := d.accept(d.upload("changes/a.yaml", setPort("one", "1198", "ClientToken: mine")), intake.FileAccepted).IDs
	d.queued(a[0], b[0], mine[0], theirs[0], file[0])
	if again := d.post(by("operator", "msg_5", setPort("one", "1196", "ClientToken: mine"))); !slices.Equal(again, mine) {
		t.Errorf("repeated: %q, first %q", again, mine)
	}
	if dryAgain := d.post(by("operator", "msg_6", dry)); dryAgain[0] == b[0] || dryAgain[0] == mine[0] {
		t.Errorf("a dry run again is %q", dryAgain)
	}
	if no := d.refused(by("operator", "msg_7", setPort("one", "1199", "ClientToken: mine"))); !slices.Equal(rules(no.Problems), []string{"token-reused"}) {
		t.Errorf("refused for %+v", no.Problems)
	}
	// Another uploader's file is the same sender's, and the sweep's, too.
	u := d.upload("changes/b.yaml", setPort("one", "1198", "ClientToken: mine"))
	u.Actor = ""
	if res := d.accept(u, intake.FileAccepted); !slices.Equal(res.IDs, file) {
		t.Errorf("by file again: %q, first %q", res.IDs, file)
	}
}
