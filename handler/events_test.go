package handler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// summary is what an invocation by an event returns.
type summary struct {
	Trigger, Task, Rejected string
	Files                   []struct {
		File, Status, Receipt string
		Changes               []string
		Problems              []change.Problem
	}
	Lanes []struct {
		Lane, Standing string
		Ended          int
	}
	Sweep    *struct{ Files, Collected int }
	Changes  []string
	Ignored  []string
	Problems []change.Problem
}

// deliver is one invocation by an event that succeeds.
func (h *harness) deliver(payload string) summary {
	h.t.Helper()
	out, err := h.invoke(payload)
	if err != nil {
		h.t.Fatal(err)
	}
	var s summary
	decode(h.t, out, &s)
	return s
}

// upload puts a file into the bucket, and gives its event.
func (h *harness) upload(key, text string) oss.Event {
	h.t.Helper()
	if err := h.Store.Put(h.t.Context(), key, []byte(text)); err != nil {
		h.t.Fatal(err)
	}
	e, err := h.Store.Head(h.t.Context(), key)
	if err != nil {
		h.t.Fatal(err)
	}
	return oss.Event{
		Name: oss.PutObjectEvent, Region: cloudtest.Region, AccountID: cloudtest.Account, Bucket: cloudtest.Bucket,
		Key: key, ETag: e.ETag, Size: e.Size, Time: e.LastModified, Principal: "158", RequestID: "W",
	}
}

func tick(name string, at time.Time, payload string) string {
	return fmt.Sprintf(`{"triggerName":%q,"triggerTime":%q,"payload":%q}`, name, at.UTC().Format(time.RFC3339), payload)
}

func TestAChangeFileAndItsWakeObject(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.Server("vss-two")
	s := h.deliver(string(oss.EventJSON(h.upload("changes/hotels.yaml", twoServers))))
	if s.Trigger != "oss" || len(s.Files) != 1 || s.Files[0].File != "changes/hotels.yaml" || s.Files[0].Status != "accepted" || len(s.Files[0].Changes) != 3 {
		t.Fatalf("the summary is %+v", s)
	}
	h.count("receipts/", 1)
	if h.sent() != 0 {
		t.Error("the intake of a file works off nothing")
	}
	wakes := h.Keys(t.Context(), "wake/")
	if len(wakes) != 2 {
		t.Fatalf("the wakes are %q", wakes)
	}
	for i, wake := range wakes {
		s := h.deliver(string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: wake})))
		if len(s.Lanes) != 1 || s.Lanes[0].Standing != "empty" || "wake/"+s.Lanes[0].Lane != wake || s.Lanes[0].Ended != 2-i {
			t.Errorf("%s: the summary is %+v", wake, s)
		}
	}
	for _, id := range s.Files[0].Changes {
		rec := h.record(id)
		if rec.Status != change.Applied || rec.Origin.Actor != "158" || rec.Origin.Source != "oss://change-bucket/changes/hotels.yaml" || rec.Origin.RequestID != "W" {
			t.Errorf("the record is %+v", rec)
		}
	}
	if h.sent() != 2 {
		t.Errorf("%d modifications for two servers", h.sent())
	}
}

func TestAWakeObjectOfSeveralLanes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.Server("vss-two")
	h.deliver(string(oss.EventJSON(h.upload("changes/hotels.yaml", twoServers))))
	s := h.deliver(string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "wake/cn-hangzhou/vss-one.vss-two"})))
	if len(s.Lanes) != 2 || s.Lanes[0].Ended != 2 || s.Lanes[1].Ended != 1 || len(s.Ignored) != 0 {
		t.Errorf("the summary is %+v", s)
	}
	if h.sent() != 2 {
		t.Errorf("%d modifications for two servers", h.sent())
	}
}

func TestEventsThatAreNotForTheFunctionAreIgnored(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	e := h.upload("changes/a.yaml", setPort)
	with := func(edit func(*oss.Event)) string {
		c := e
		edit(&c)
		return string(oss.EventJSON(c))
	}
	before := len(h.OSS.Requests())
	for name, tt := range map[string]struct{ payload, why string }{
		"another bucket":                  {with(func(e *oss.Event) { e.Bucket = "other-bucket" }), `not "change-bucket"`},
		"a wake object of another bucket": {with(func(e *oss.Event) { e.Bucket, e.Key = "other-bucket", "wake/cn-hangzhou/vss-one" }), `not "change-bucket"`},
		"another prefix":                  {with(func(e *oss.Event) { e.Key = "scheduled/a.yaml" }), "not a change file"},
		"our own writing":                 {with(func(e *oss.Event) { e.Key = "results/2026/11/22/x.json" }), "not a change file"},
		"an append":                       {with(func(e *oss.Event) { e.Name = oss.AppendObjectEvent }), "does not create a complete file"},
		"a link":                          {with(func(e *oss.Event) { e.Name = "ObjectCreated:PutSymlink" }), "does not create a complete file"},
		"a part":                          {with(func(e *oss.Event) { e.Name = "ObjectCreated:UploadPart" }), "does not create a complete file"},
		"a removal":                       {with(func(e *oss.Event) { e.Name = "ObjectRemoved:DeleteObject" }), "does not create a complete file"},
		"an answer's lookalike":           {with(func(e *oss.Event) { e.Key = "outbox/cn-hangzhou/vss-one/20261122-aaaaaaaaaa.json" }), "not a change file"},
		"a wake object of no lane":        {with(func(e *oss.Event) { e.Key = "wake/../state" }), "not a change file"},
		"a wake object of a deeper lane":  {with(func(e *oss.Event) { e.Key = "wake/cn-hangzhou/vss-one/x" }), "not a change file"},
		"a wake object of all lanes":      {with(func(e *oss.Event) { e.Key = "wake/" }), "not a change file"},
	} {
		s := h.deliver(tt.payload)
		if len(s.Files)+len(s.Lanes) != 0 || len(s.Ignored) != 1 || !strings.Contains(s.Ignored[0], tt.why) {
			t.Errorf("%s: the summary is %+v", name, s)
		}
	}
	if n := len(h.OSS.Requests()) - before; n != 0 {
		t.Errorf("%d requests to the store for nothing", n)
	}
	for _, event := range []string{"PutObject", "PostObject", "CompleteMultipartUpload", "CopyObject"} {
		if s := h.deliver(with(func(e *oss.Event) { e.Name = "ObjectCreated:" + event })); len(s.Files) != 1 || s.Files[0].Status != "accepted" {
			t.Errorf("%s: %+v", event, s)
		}
	}
}

func TestSeveralRecordsInOneEvent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-two")
	h.accepted(post("/v1/changes", strings.ReplaceAll(setPort, "vss-one", "vss-two")))
	var records []string
	for _, e := range []oss.Event{
		h.upload("changes/a.yaml", setPort), h.upload("changes/b.txt", "x"), h.upload("changes/c.yaml", "{"), h.upload("scheduled/d.yaml", setPort),
		{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "wake/cn-hangzhou/vss-two"},
		{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "changes/gone.yaml", ETag: "E"},
		h.upload("changes/folder/", ""),
	} {
		text := string(oss.EventJSON(e))
		records = append(records, text[len(`{"events":[`):len(text)-len(`]}`)])
	}
	s := h.deliver(`{"events":[` + strings.Join(records, ",") + `]}`)
	var got []string
	for _, f := range s.Files {
		got = append(got, f.File+" "+f.Status)
	}
	want := []string{"changes/a.yaml accepted", "changes/b.txt rejected", "changes/c.yaml rejected", "changes/gone.yaml replaced", "changes/folder/ ignored"}
	if !slices.Equal(got, want) || len(s.Ignored) != 1 || len(s.Lanes) != 2 || s.Lanes[0].Ended+s.Lanes[1].Ended != 2 {
		t.Errorf("the summary is %+v", s)
	}
	if f := s.Files[1]; len(f.Problems) != 1 || f.Problems[0].Rule != "file-extension" || f.Receipt == "" {
		t.Errorf("the refused file is %+v", f)
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.accepted(post("/v1/changes", setPort))
	at := h.Clock.Now().Add(-time.Minute)
	for _, payload := range []string{"", " ", `{"task":"sweep"}`, ` { "task" : "sweep" } `} {
		if s := h.deliver(tick("sweep", at, payload)); s.Trigger != "timer" || s.Task != "sweep" || s.Sweep == nil {
			t.Errorf("%q: %+v", payload, s)
		}
	}
	h.count("queue/", 0)
	h.count("results/", 1)
	h.upload("scheduled/night.yaml", strings.Replace(setPort, "1195", "1196", 1))
	document := `{"task":"apply","document":"scheduled/night.yaml"}`
	first := h.deliver(tick("night", at, document))
	if twice := h.deliver(tick("night", at, document)); first.Task != "apply" || len(first.Changes) != 1 || !slices.Equal(twice.Changes, first.Changes) {
		t.Errorf("first %+v, again %+v", first, twice)
	}
	inline := h.deliver(tick("morning", at, `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Compress":true}`))
	asYAML := h.deliver(tick("noon", at, strings.Replace(setPort, "1195", "1197", 1)))
	if len(inline.Changes) != 1 || len(asYAML.Changes) != 1 {
		t.Errorf("inline %+v, as YAML %+v", inline, asYAML)
	}
	h.count("queue/", 3)
}

func TestTicksThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	at := h.Clock.Now().Add(-time.Minute)
	for payload, rule := range map[string]string{
		`{"task":"apply"}`: "schedule-document", `{"task":"apply","document":"changes/a.yaml"}`: "schedule-document",
		`{"task":"apply","document":"scheduled/none.yaml"}`: "schedule-document", "hello": "wrong-type", `{"task":7}`: "unknown-key",
		`{"task":null}`: "unknown-key", "[]": "wrong-type", "{": "json-syntax", strings.Replace(setPort, "1195", "443", 1): "port-reserved",
	} {
		s := h.deliver(tick("tick-"+rule+payload[:1], at, payload))
		if s.Rejected == "" || len(s.Changes) != 0 || !slices.ContainsFunc(s.Problems, func(p change.Problem) bool { return p.Rule == rule }) {
			t.Errorf("%q: %+v, want %s", payload, s, rule)
			continue
		}
		if rec := h.record(s.Rejected); rec.Status != change.Rejected || rec.Origin.Kind != change.FromTimer {
			t.Errorf("%q: %+v", payload, rec)
		}
	}
	s := h.deliver(tick("odd", at, `{"task":"reboot"}`))
	if s.Task != "reboot" || len(s.Problems) != 1 || s.Problems[0].Rule != "timer-task" || s.Problems[0].Hint == "" || s.Rejected != "" {
		t.Errorf("an unknown task: %+v", s)
	}
	h.count("queue/", 0)
}

func TestWhatIsNoEventIsAnError(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, payload := range []string{
		"", " ", "hello", "{", "{}", "[]", "null", "12", `"text"`, `{"events":[]}`, `{"secret":"do-not-repeat"}`, "\x00\xff",
		`{"triggerName":"n","triggerTime":"noon"}`, `{"version":"v1","requestContext":{"http":{}}}`, strings.Repeat("[", 100_000),
	} {
		out, err := h.invoke(payload)
		if err == nil || out != "" || strings.Contains(err.Error(), "do-not-repeat") || len(err.Error()) > 1000 {
			t.Errorf("%.40q: %s, %v", payload, out, err)
		}
	}
	if n := len(h.OSS.Requests()); n != 0 {
		t.Errorf("%d requests to the store", n)
	}
}

// The sweep accepts a file whose event was lost. It is unknown who uploaded it:
// where a policy asks for that, the file is refused, and says what to do.
func TestTheSweepAcceptsAFileWhoseEventWasLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, policy string
		ended        int
		receipt      string
	}{
		{"without a policy", "", 1, `"status": "accepted"`},
		{"with a policy", people, 0, "upload the file again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.Server("vss-one")
			if tt.policy != "" {
				h.rule(tt.policy)
			}
			h.upload("changes/lost.yaml", setPort)
			h.OSS.Advance(2 * time.Minute) // the event has had its time
			h.deliver(tick("sweep", h.Clock.Now(), ""))
			h.count("results/", tt.ended)
			receipts := h.Keys(t.Context(), "receipts/")
			if len(receipts) != 1 {
				t.Fatalf("receipts: %q", receipts)
			}
			obj, err := h.Store.Get(t.Context(), receipts[0], blob.GetOptions{})
			if err != nil || !strings.Contains(string(obj.Data), tt.receipt) {
				t.Errorf("%v\n%s", err, obj.Data)
			}
		})
	}
}

func TestAFileOfAStoreWhoseClockIsAheadIsAppliedAtOnce(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		h := newHarness(t)
		h.Server("vss-one")
		h.OSS.Advance(5 * time.Minute)
		ev := h.upload("changes/a.yaml", setPort)
		if lost {
			h.OSS.Advance(2 * time.Minute) // beyond the time in which the sweep leaves files to their events
			h.deliver(tick("sweep", h.Clock.Now(), `{"task":"sweep"}`))
		} else {
			h.deliver(string(oss.EventJSON(ev)))
			wake := h.upload("wake/cn-hangzhou/vss-one", "x")
			h.deliver(string(oss.EventJSON(wake)))
		}
		h.count("results/", 1)
		h.count("queue/", 0)
	}
}

// A full wake object stands for a document with more lanes than its wake objects name.
func TestAFullWakeObjectWakesOthersToo(t *testing.T) {
	t.Parallel()
	for _, named := range []int{objects.MaxWoken - 1, objects.MaxWoken} {
		h := newHarness(t)
		const others = 20
		var doc strings.Builder
		doc.WriteString("changes:\n")
		ids := make([]string, 0, named)
		for i := range named + others {
			id := fmt.Sprintf("vss-%d", i)
			h.Server(id)
			fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: %s, Name: office}\n", id)
			if i < named {
				ids = append(ids, id)
			}
		}
		h.accepted(post("/v1/changes", doc.String()))
		h.deliver(string(oss.EventJSON(h.upload(objects.WakeKey("cn-hangzhou", ids...), "x"))))
		left := others
		if named == objects.MaxWoken {
			left = 0
		}
		h.count("queue/", left)
	}
}
