package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func (d *harness) tick(tk intake.Tick) intake.TickResult {
	d.t.Helper()
	res, err := d.intake().Tick(d.t.Context(), tk)
	if err != nil {
		d.t.Fatal(err)
	}
	return res
}

// night is one tick of a trigger, a while ago in whole seconds.
func (d *harness) night() intake.Tick {
	return intake.Tick{Name: "night", Time: d.Clock.Now().Add(-5 * time.Second).UTC().Truncate(time.Second), RequestID: "request-1"}
}

func TestTicksAcceptTheirDocument(t *testing.T) {
	t.Parallel()
	inJSON := `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Compress":false}`
	for name, tt := range map[string]struct{ inline, document, stored string }{
		"inline JSON":         {inline: " \n" + inJSON},
		"inline YAML":         {inline: setPort("one", "1195", "requestedBy: night shift")},
		"a document in YAML":  {document: "scheduled/nightly/办公网.yaml", stored: setPort("one", "1195")},
		"a document in JSON":  {document: "scheduled/night.JSON", stored: inJSON},
		"a key with percents": {document: "scheduled/50%20.yml", stored: setPort("one", "1195")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			tk := d.night()
			tk.Inline, tk.Document = []byte(tt.inline), tt.document
			if tt.document != "" {
				d.put(tt.document, tt.stored)
			}
			res := d.tick(tk)
			identity := change.TimerIdentity("night", tk.Time)
			want := tk.Time.Format("20060102") + "-" + change.DocumentID(identity)
			if res.Rejected != "" || len(res.Changes) != 1 || res.Changes[0].ID != want {
				t.Fatalf("got %+v, want the id %s", res, want)
			}
			d.queued(want)
			e := d.entries()[0]
			if e.Identity != identity || !e.AcceptedAt.Equal(tk.Time) || !e.DueAt.Equal(tk.Time) || !e.ExpiresAt.Equal(tk.Time.Add(24*time.Hour)) {
				t.Errorf("in line is %+v", e)
			}
			if e.Origin.Kind != change.FromTimer || e.Origin.Actor != "timer night" || e.Origin.RequestID != "request-1" ||
				!strings.HasPrefix(e.Origin.Source, tk.Time.Format(time.RFC3339)) || strings.Contains(e.Origin.Source, "oss://change-bucket/"+tt.document) != (tt.document != "") {
				t.Errorf("the origin is %+v", e.Origin)
			}
			if got := d.Keys(t.Context(), "wake/"); !slices.Equal(got, []string{"wake/cn-hangzhou/vss-one"}) {
				t.Errorf("the wake objects are %q", got)
			}
			d.nothing("receipts/", "results/")
		})
	}
}

func TestEachTickQueuesOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.night()
	first.Inline = []byte(threeChanges)
	a := ids(d.tick(first).Changes)
	d.end(a[0])
	d.lose(a[1])
	if again := ids(d.tick(first).Changes); !slices.Equal(again, a) {
		t.Errorf("first %q, delivered again %q", a, again)
	}
	d.queued(a[1], a[2])
	next := first
	next.Time = first.Time.Add(time.Second)
	other := first
	other.Name = "morning"
	b, c := ids(d.tick(next).Changes), ids(d.tick(other).Changes)
	d.queued(slices.Concat(a[1:], b, c)...)
}

func TestTicksWithInvalidDocuments(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ inline, document, stored, rule string }{
		"no such document":         {document: "scheduled/none.yaml", rule: "schedule-document"},
		"outside scheduled":        {document: "changes/a.yaml", stored: setPort("one", "1195"), rule: "schedule-document"},
		"a way out of scheduled":   {document: "/scheduled/a.yaml", rule: "schedule-document"},
		"another extension":        {document: "scheduled/a.txt", stored: setPort("one", "1195"), rule: "schedule-document"},
		"too long a name":          {document: "scheduled/" + strings.Repeat("a", 1020) + ".yaml", rule: "schedule-document"},
		"too large":                {document: "scheduled/a.yaml", stored: strings.Repeat("#", 1<<20+1), rule: "too-large"},
		"a rule is broken":         {inline: setPort("one", "443"), rule: "port-reserved"},
		"a rule of a document":     {document: "scheduled/a.yaml", stored: setPort("one", "443"), rule: "port-reserved"},
		"it is no document":        {inline: "hello", rule: "wrong-type"},
		"it is broken JSON":        {inline: "{", rule: "json-syntax"},
		"it is over by then":       {inline: setPort("one", "1195", "expiresAt: 2020-01-01T00:00:00Z"), rule: "expires-in-past"},
		"one of three breaks rule": {inline: strings.Replace(threeChanges, "1196", "443", 1), rule: "port-reserved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			if tt.stored != "" {
				d.put(tt.document, tt.stored)
			}
			tk := d.night()
			tk.Inline, tk.Document = []byte(tt.inline), tt.document
			res := d.tick(tk)
			if res.Rejected == "" || len(res.Changes) != 0 || !slices.Contains(rules(res.Problems), tt.rule) {
				t.Fatalf("got %+v, want the rule %s", res, tt.rule)
			}
			rec, err := record.NewRecords(d.Store).Read(t.Context(), res.Rejected)
			if err != nil {
				t.Fatal(err)
			}
			if rec.Status != change.Rejected || rec.Origin.Kind != change.FromTimer || !rec.AcceptedAt.Equal(tk.Time) || rec.Identity != change.TimerIdentity("night", tk.Time) || rec.Version != "v1.2.3" {
				t.Errorf("the record is %+v", rec)
			}
			if rec.Error == nil || rec.Error.Code != rec.Problems[0].Rule || rec.Error.Hint == "" || !slices.Equal(rec.Problems, res.Problems) {
				t.Errorf("it says %+v, %+v", rec.Error, rec.Problems)
			}
			d.nothing("queue/", "wake/", "receipts/")
			if again := d.tick(tk); again.Rejected != res.Rejected || d.created("results/") != 1 {
				t.Errorf("delivered again: %+v, %d records", again, d.created("results/"))
			}
		})
	}
}

func TestATokenInAScheduledDocumentQueuesOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	tk := d.night()
	tk.Inline = []byte(setPort("one", "1195", "ClientToken: mine"))
	first := ids(d.tick(tk).Changes)
	d.end(first[0])
	tk.Time = tk.Time.Add(time.Second)
	if again := ids(d.tick(tk).Changes); !slices.Equal(again, first) {
		t.Errorf("first %q, again %q", first, again)
	}
	tk.Inline = []byte(setPort("one", "1196", "ClientToken: mine"))
	tk.Time = tk.Time.Add(time.Second)
	if res := d.tick(tk); !slices.Equal(rules(res.Problems), []string{"token-reused"}) || res.Rejected == "" {
		t.Errorf("with other settings: %+v", res)
	}
	d.queued()
}

// A document may be changed between two deliveries of one tick. The first
// reading counts: otherwise one tick would queue twice, or a queued change would
// get the record of a rejection and never be applied.
func TestADocumentThatChangesBetweenTwoDeliveriesOfOneTick(t *testing.T) {
	t.Parallel()
	const key = "scheduled/night.yaml"
	for name, tt := range map[string]struct {
		first, then string // "" for no document
		accepted    bool
	}{
		"becomes invalid":    {setPort("one", "1195"), setPort("one", "443"), true},
		"is deleted":         {setPort("one", "1195"), "", true},
		"asks for more":      {setPort("one", "1195"), threeChanges, true},
		"asks for less":      {threeChanges, setPort("one", "1195"), true},
		"asks for others":    {setPort("one", "1195"), setPort("two", "1196"), true},
		"becomes valid":      {setPort("one", "443"), setPort("one", "1195"), false},
		"comes too late":     {"", threeChanges, false},
		"is wrong otherwise": {setPort("one", "443"), "{", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			have := func(text string) {
				if text != "" {
					d.put(key, text)
				} else if err := d.Store.Delete(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			tk := d.night()
			tk.Document = key
			have(tt.first)
			first := d.tick(tk)
			if (first.Rejected == "") != tt.accepted {
				t.Fatalf("first %+v", first)
			}
			have(tt.then)
			again := d.tick(tk)
			if again.Rejected != first.Rejected || !slices.Equal(ids(again.Changes), ids(first.Changes)) {
				t.Errorf("first %+v, again %+v", first, again)
			}
			d.queued(ids(first.Changes)...)
			if tt.accepted {
				d.nothing("results/")
			}
		})
	}
}

func TestARedeliveryCompletesATick(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]oss.Fault{
		"the document cannot be read":    {Kind: oss.ServiceUnavailable, KeyPrefix: "scheduled/", Times: -1},
		"the claim is refused":           {Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Op: "PutObject", Times: -1},
		"the claim's answers are lost":   {Kind: oss.DropAfter, KeyPrefix: "claims/", Times: -1},
		"records cannot be looked for":   {Kind: oss.ServiceUnavailable, KeyPrefix: "results/", Times: -1},
		"the second entry is refused":    {Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"the second entry never arrives": {Kind: oss.DropBefore, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"entries land unknown":           {Kind: oss.DropAfter, KeyPrefix: "queue/", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			d.put("scheduled/night.yaml", threeChanges)
			tk := d.night()
			tk.Document = "scheduled/night.yaml"
			d.fault(f)
			if res, err := d.intake().Tick(t.Context(), tk); !errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("%+v, %v", res, err)
			}
			d.OSS.ClearFaults()
			d.queued(ids(d.tick(tk).Changes)...)
			if d.created("queue/") != 3 {
				t.Errorf("%d entries were made", d.created("queue/"))
			}
		})
	}
}
