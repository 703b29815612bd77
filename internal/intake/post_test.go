package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

const threeChanges = `reason: over HTTP
changes:
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195}
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1196}
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1197}
`

func TestAPostedDocumentIsClaimedAndQueued(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	before := d.Clock.Now().UTC()
	taken, err := d.intake().Post(t.Context(), delivery("msg_1", threeChanges))
	if err != nil {
		t.Fatal(err)
	}
	doc := change.DocumentID(change.HTTPIdentity("chat-bot", "msg_1"))
	for i, c := range taken.Changes {
		if want := fmt.Sprintf("%s-%s-%d", before.Format("20060102"), doc, i+1); c.ID != want {
			t.Errorf("id %d is %s, want %s", i+1, c.ID, want)
		}
	}
	if !taken.Added || fmt.Sprint(taken.Lanes) != "[cn-hangzhou/vss-one cn-hangzhou/vss-two]" {
		t.Errorf("taken is %+v", taken)
	}
	d.queued(ids(taken.Changes)...)
	e := d.entries()[0]
	if e.Origin != (change.Origin{Kind: change.FromHTTP, Actor: "chat-bot", Source: "webhook-id msg_1", RequestID: "request-1"}) {
		t.Errorf("the origin is %+v", e.Origin)
	}
	if e.AcceptedAt.Before(before) || !e.ExpiresAt.Equal(e.AcceptedAt.Add(24*time.Hour)) || e.Reason != "over HTTP" {
		t.Errorf("in line is %+v", e)
	}
	claims := d.Keys(t.Context(), "claims/")
	if len(claims) != 1 {
		t.Fatalf("the claims are %q", claims)
	}
	var claim struct {
		Schema, Identity, Hash string
		At                     time.Time
		IDs                    []string
	}
	d.read(claims[0], &claim)
	if claim.Schema != "sslvpn-change/claim/v1" || claim.Identity != change.HTTPIdentity("chat-bot", "msg_1") ||
		!claim.At.Equal(e.AcceptedAt) || !slices.Equal(claim.IDs, ids(taken.Changes)) || len(claim.Hash) != 64 {
		t.Errorf("the claim is %+v", claim)
	}
	d.nothing("wake/", "receipts/") // the caller wakes the lanes
}

func TestTheSameDeliveryAgain(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.post(delivery("msg_1", threeChanges))
	d.Clock.Advance(25 * time.Hour)
	if again := d.post(delivery("msg_1", threeChanges)); !slices.Equal(again, first) {
		t.Errorf("first %q, again %q", first, again)
	}
	d.queued(first...)
	if d.created("queue/") != 3 || d.created("claims/") != 1 {
		t.Errorf("%d entries and %d claims were made", d.created("queue/"), d.created("claims/"))
	}
}

func TestARedeliveryAfterTheExpiryGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	text := setPort("one", "1195", "expiresAt: "+d.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	first := d.post(delivery("msg_1", text))
	d.Clock.Advance(2 * time.Hour)
	if again := d.post(delivery("msg_1", text)); !slices.Equal(again, first) {
		t.Errorf("first %q, again %q", first, again)
	}
	if no := d.refused(delivery("msg_2", text)); !slices.Contains(rules(no.Problems), "expires-in-past") {
		t.Errorf("a new delivery is judged by the present: %+v", no.Problems)
	}
}

func TestARedeliveryRestoresLostEntriesOnly(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.post(delivery("msg_1", threeChanges))
	keys := d.Keys(t.Context(), "queue/")
	d.end(first[0])
	d.lose(first[1])
	d.Clock.Advance(time.Hour)
	taken, err := d.intake().Post(t.Context(), delivery("msg_1", threeChanges))
	if err != nil || !slices.Equal(ids(taken.Changes), first) || !taken.Added {
		t.Fatalf("taken %+v, %v", taken, err)
	}
	d.queued(first[1], first[2])
	for _, k := range d.Keys(t.Context(), "queue/") {
		if !slices.Contains(keys, k) {
			t.Errorf("%s came back under another key than %q", k, keys)
		}
	}
}

func TestTheSameDeliveryWithAnotherBodyIsAConflict(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.post(delivery("msg_1", threeChanges))
	for name, text := range map[string]string{
		"another change":   setPort("one", "1198"),
		"a comment more":   threeChanges + "# later\n",
		"no valid changes": "{",
	} {
		no := d.refused(delivery("msg_1", text))
		if !no.Conflict || !slices.Equal(rules(no.Problems), []string{"webhook-id-reused"}) {
			t.Errorf("%s: %+v", name, no)
		}
	}
	other := delivery("msg_1", setPort("one", "1198"))
	other.Sender = "somebody-else"
	d.queued(append(d.post(other), first...)...)
}

func TestARefusedDocumentStoresNothing(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	for name, text := range map[string]string{
		"unreadable":         "{",
		"invalid":            setPort("one", "443"),
		"names who asks":     setPort("one", "1195", "requestedBy: boss"),
		"one of three wrong": strings.Replace(threeChanges, "1196", "443", 1),
	} {
		if no := d.refused(delivery("msg_1", text)); no.Conflict || len(no.Problems) == 0 {
			t.Errorf("%s: %+v", name, no)
		}
	}
	d.nothing("queue/", "claims/", "wake/", "receipts/", "results/")
	d.queued(d.post(delivery("msg_1", threeChanges))...)
}

func TestCheckingStoresNothing(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	checked, err := d.intake().Check(t.Context(), delivery("msg_1", threeChanges))
	reqs := checked.Requests
	if err != nil || len(reqs) != 3 {
		t.Errorf("%d requests, %v", len(reqs), err)
	}
	if _, err := d.intake().Check(t.Context(), delivery("msg_1", setPort("one", "443"))); err == nil || !strings.Contains(err.Error(), "port-reserved") {
		t.Errorf("invalid: %v", err)
	}
	if n := len(d.OSS.Requests()); n != 0 {
		t.Errorf("%d requests to the store", n)
	}
}

func TestTwoFirstDeliveriesAtOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	got := make([][]string, 6)
	var g sync.WaitGroup
	for i := range got {
		g.Go(func() {
			taken, err := d.intake().Post(t.Context(), delivery("msg_1", threeChanges))
			if err != nil {
				t.Error(err)
			}
			got[i] = ids(taken.Changes)
		})
	}
	g.Wait()
	for _, other := range got {
		if !slices.Equal(other, got[0]) {
			t.Errorf("one delivery says %q, another %q", got[0], other)
		}
	}
	d.queued(got[0]...)
	if d.created("queue/") != 3 || d.created("claims/") != 1 {
		t.Errorf("%d entries and %d claims were made", d.created("queue/"), d.created("claims/"))
	}
}

func TestTwoBodiesUnderOneIDAtOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	results := make([]error, 6)
	var g sync.WaitGroup
	for i := range results {
		g.Go(func() {
			_, results[i] = d.intake().Post(t.Context(), delivery("msg_1", setPort("one", strconv.Itoa(1195+i%2))))
		})
	}
	g.Wait()
	taken := 0
	for _, err := range results {
		no, refused := errors.AsType[*intake.RefusedError](err)
		switch {
		case err == nil:
			taken++
		case !refused || !no.Conflict:
			t.Errorf("neither taken nor a conflict: %v", err)
		}
	}
	if taken != 3 || len(d.entries()) != 1 {
		t.Errorf("%d of 6 were accepted, %d changes are queued", taken, len(d.entries()))
	}
}

// Every write for a request fails in every possible way.
func TestARedeliveryCompletesARequest(t *testing.T) {
	t.Parallel()
	text := "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195, ClientToken: t1}\n" +
		"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Port: 1196}\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Name: hotel}\n"
	for name, f := range map[string]oss.Fault{
		"claims cannot be read":           {Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Op: "GetObject", Times: -1},
		"the token's claim is refused":    {Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Op: "PutObject", Times: -1},
		"the delivery's claim is refused": {Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Op: "PutObject", Skip: 1, Times: -1},
		"the claims' answers are lost":    {Kind: oss.DropAfter, KeyPrefix: "claims/", Op: "PutObject", Times: -1},
		"a claim's answer is lost":        {Kind: oss.DropAfter, KeyPrefix: "claims/", Op: "PutObject", Skip: 1},
		"claims land unknown":             {Kind: oss.DropAfter, KeyPrefix: "claims/", Skip: 3, Times: -1},
		"the second entry is refused":     {Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"the second entry never arrives":  {Kind: oss.DropBefore, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"an entry's answer is lost":       {Kind: oss.DropAfter, KeyPrefix: "queue/", Op: "PutObject", Skip: 1},
		"entries land unknown":            {Kind: oss.DropAfter, KeyPrefix: "queue/", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			d.fault(f)
			taken, err := d.intake().Post(t.Context(), delivery("msg_1", text))
			if err != nil && !errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("the error is %v", err)
			}
			d.OSS.ClearFaults()
			d.Clock.Advance(26 * time.Hour) // the sender retries late
			half := d.Keys(t.Context(), "queue/")
			again := d.post(delivery("msg_1", text))
			if err == nil && !slices.Equal(ids(taken.Changes), again) {
				t.Errorf("first %q, again %q", ids(taken.Changes), again)
			}
			d.queued(again...)
			for _, key := range half {
				if !slices.Contains(d.Keys(t.Context(), "queue/"), key) {
					t.Errorf("%s was made by the first delivery and is gone", key)
				}
			}
			if d.created("queue/") != 3 || d.created("claims/") != 2 {
				t.Errorf("%d entries and %d claims were made", d.created("queue/"), d.created("claims/"))
			}
		})
	}
}

func TestADamagedClaimIsAnError(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	d.post(delivery("msg_1", threeChanges))
	key := d.Keys(t.Context(), "claims/")[0]
	for _, text := range []string{"", "{", "{}", `{"schema":"sslvpn-change/claim/v1","identity":"other"}`} {
		d.put(key, text)
		_, err := d.intake().Post(t.Context(), delivery("msg_1", threeChanges))
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestJSONIsParsedAsJSON(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	p := delivery("msg_1", `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1195}`)
	p.Format = manifest.JSON
	d.queued(d.post(p)...)
	p = delivery("msg_2", setPort("one", "1195"))
	p.Format = manifest.JSON
	if no := d.refused(p); !slices.Equal(rules(no.Problems), []string{"json-syntax"}) {
		t.Errorf("YAML as JSON: %+v", no.Problems)
	}
}
