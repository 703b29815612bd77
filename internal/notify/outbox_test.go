package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// told is a notice that every room was told of.
func told(n int) notify.Report { return notify.Report{Delivered: n} }

func waits(n int) notify.Report { return notify.Report{Waiting: n} }

func given() notify.Report { return notify.Report{GivenUp: 1} }

func TestTheRoomIsToldHowAChangeEnded(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, slack("C1", "mei"))
	b.post(n, n) // a successor posts it again
	const key = "outbox/cn-hangzhou/vss-a/" + id + ".json"
	if keys := b.Keys(t.Context(), "outbox/"); !slices.Equal(keys, []string{key}) {
		t.Fatalf("the outbox is %q", keys)
	}
	var form map[string]any
	if err := json.Unmarshal([]byte(b.stored(key)), &form); err != nil {
		t.Fatal(err)
	}
	if form["schema"] != "sslvpn-change/outbox/v1" || form["id"] != id || form["record"] != "results/2026/11/22/"+id+".json" || form["tries"] != 0.0 {
		t.Errorf("stored is %v", form)
	}
	b.deliver(told(1), n)
	sent := b.sent()
	if len(sent) != 1 || sent[0].Address != "https://hooks.slack.com/commands/T1/C1/mei" || sent[0].Text != "en applied "+id || sent[0].Mention != "mei" {
		t.Errorf("sent is %+v", sent)
	}
	if !strings.HasPrefix(sent[0].ID, id+"-") || len(sent[0].ID) > 50 {
		t.Errorf("its id is %q", sent[0].ID)
	}
	b.empty()
	b.noted(id, record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 1})
	if text := b.stored("results/2026/11/22/" + id + ".notice.json"); strings.Contains(text, "hooks") {
		t.Errorf("the notice record holds an address: %s", text)
	}
	b.deliver(notify.Report{}, n) // nothing is pending any more

	b.post(n) // after its end
	b.advance(time.Minute)
	b.sweep(notify.Report{})
	b.empty()
	if sent := b.sent(); len(sent) > 0 {
		t.Errorf("told again: %+v", sent)
	}
}

func TestARoomGetsOneAnswerAtItsNewestAddress(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	until := func(r notify.Recipient, d time.Duration) notify.Recipient {
		r.Reply.Until = b.Clock.Now().Add(d)
		return r
	}
	none := dingtalk("D1", "zhang")
	none.Reply.Address = ""
	n := b.ended(id,
		until(slack("C1", "mei"), time.Minute), // the asker
		until(slack("C1", "li"), time.Hour),
		until(slack("C1", "late"), -time.Second),
		until(dingtalk("D1", "wang"), time.Hour), none,
		slack("C2", "zhao"),
	)
	b.post(n)
	b.deliver(told(1), n)
	var got []string
	ids := map[string]bool{}
	for _, m := range b.sent() {
		got = append(got, m.Address[strings.LastIndexAny(m.Address, "/=")+1:]+" "+m.Text[:2]+" @"+m.Mention)
		ids[m.ID] = true
	}
	slices.Sort(got)
	// In C1 the asker is spoken to, by the approver's address.
	if want := []string{"D1-wang zh @wang", "li en @mei", "zhao en @zhao"}; !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
	if len(ids) != 3 {
		t.Errorf("the messages to three rooms have the ids %v", ids)
	}
	b.noted(id,
		record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 1},
		record.Delivery{Platform: "dingtalk", Room: "D1", Delivered: true, Tries: 1},
		record.Delivery{Platform: "slack", Room: "C2", Delivered: true, Tries: 1})
}

func TestAnAddressThatIsRefusedGivesWayToAnOlderOne(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.answers(map[string]int{"/li": http.StatusNotFound})
	n := b.ended(id, slack("C1", "mei"), slack("C1", "li"))
	b.post(n)
	b.deliver(told(1), n)
	if sent := b.sent(); len(sent) != 2 || !strings.HasSuffix(sent[1].Address, "/mei") || sent[0].ID != sent[1].ID {
		t.Errorf("sent is %+v", sent)
	}
	b.noted(id, record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 2})
}

func TestOneRoomIsToldNowTheOtherLater(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.answers(map[string]int{"D1-li": http.StatusServiceUnavailable})
	n := b.ended(id, slack("C1", "mei"), dingtalk("D1", "li"))
	b.post(n)
	b.deliver(waits(1), n)
	if sent := b.sent(); len(sent) != 1+3 {
		t.Errorf("%d messages: one room takes it, the other is tried three times: %+v", len(sent), sent)
	}
	b.advance(29 * time.Second)
	b.sweep(waits(1)) // it was tried just now
	b.advance(2 * time.Second)
	b.sweep(waits(1))
	if sent := b.sent(); len(sent) != 3 {
		t.Errorf("%+v", sent)
	}
	b.advance(31 * time.Second)
	b.sweep(waits(1)) // after the second try in vain it rests for a minute
	if sent := b.sent(); len(sent) != 0 {
		t.Errorf("%+v", sent)
	}
	b.answers(nil)
	b.advance(30 * time.Second)
	b.sweep(told(1))
	if sent := b.sent(); len(sent) != 1 || !strings.HasSuffix(sent[0].Address, "D1-li") {
		t.Errorf("%+v", sent)
	}
	b.empty()
	b.noted(id,
		record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 1},
		record.Delivery{Platform: "dingtalk", Room: "D1", Delivered: true, Tries: 7})
}

func TestTheSweepLeavesFreshNoticesToTheirPosters(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.post(b.ended(id, slack("C1", "mei")))
	b.Clock.Advance(time.Hour) // the function's clock is wrong
	b.sweep(waits(1))
	b.Clock.Advance(-2 * time.Hour)
	b.OSS.Advance(31 * time.Second)
	b.sweep(told(1))
	b.empty()
}

func TestRestsGrowToFiveMinutes(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.answers(map[string]int{"mei": http.StatusBadGateway})
	b.post(b.ended(id, slack("C1", "mei")))
	var rests []time.Duration
	rest := time.Duration(0)
	for len(rests) < 7 {
		b.advance(30 * time.Second)
		rest += 30 * time.Second
		b.sweep(waits(1))
		if len(b.sent()) > 0 {
			rests = append(rests, rest)
			rest = 0
		}
	}
	const half = 30 * time.Second
	if want := []time.Duration{half, half, 2 * half, 4 * half, 8 * half, 10 * half, 10 * half}; !slices.Equal(rests, want) {
		t.Errorf("it was tried after %v, want %v", rests, want)
	}
}

func TestWhatCannotBeDeliveredIsGivenUpAndNoted(t *testing.T) {
	t.Parallel()
	soon := slack("C1", "mei")
	foreign := slack("C1", "mei")
	foreign.Reply.Address = "https://evil.example/commands/T1/5e55i0n"
	careless := slack("C1", "mei")
	careless.Reply.Address = "https://hooks.slack.com/commands/5e55i0n\n"
	unknown := slack("C1", "mei")
	unknown.Reply.Platform = "irc"
	for _, tt := range []struct {
		name   string
		to     notify.Recipient
		until  time.Duration
		status int
		after  time.Duration // of a first delivery
		want   record.Delivery
	}{
		{"refused for good", soon, 0, 410, 0, record.Delivery{Code: "HTTP410", Message: "Gone", Tries: 1}},
		{"an address of another host", foreign, 0, 200, 0, record.Delivery{
			Code: "AddressRefused", Message: "the reply address does not belong to the chat platform; nothing was sent", Tries: 1,
		}},
		{"too late for the address from the start", soon, -time.Second, 200, 0, record.Delivery{
			Code: "AddressExpired", Message: "the platform accepts answers to a message for a limited time only, and that time is over",
		}},
		{"too late for the address in the end", soon, 30 * time.Minute, 503, 31 * time.Minute, record.Delivery{
			Code: "AddressExpired", Tries: 3,
			Message: "the platform accepts answers to a message for a limited time only, and that time is over; before that HTTP503: Service Unavailable",
		}},
		{"a platform that is down for a day", soon, 0, 503, 24*time.Hour + time.Second, record.Delivery{
			Code: "TooLate", Message: "it could not be delivered within 24 hours; before that HTTP503: Service Unavailable", Tries: 3,
		}},
		{"a platform that is not configured for a day", unknown, 0, 200, 24*time.Hour + time.Second, record.Delivery{
			Code: "TooLate", Message: "it could not be delivered within 24 hours; before that NotConfigured: the function is not configured for this platform",
		}},
		{"a failure that names the address", careless, 0, 200, 24*time.Hour + time.Second, record.Delivery{
			Code: "TooLate", Tries: 3,
			Message: "it could not be delivered within 24 hours; before that SendFailed: an unexpected failure prevented sending the message",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newHarness(t)
			if tt.until != 0 {
				tt.to.Reply.Until = b.Clock.Now().Add(tt.until)
			}
			b.answers(map[string]int{"/mei": tt.status})
			n := b.ended(id, tt.to)
			b.post(n)
			if tt.after == 0 {
				b.deliver(given(), n)
			} else {
				b.deliver(waits(1), n)
				b.advance(tt.after)
				b.sweep(given())
			}
			b.empty()
			tt.want.Platform, tt.want.Room = tt.to.Reply.Platform, "C1"
			b.noted(id, tt.want)
			log := b.log.String()
			if !strings.Contains(log, "answer given up") || !strings.Contains(log, id) || !strings.Contains(log, "code="+tt.want.Code) {
				t.Errorf("the log is %s", log)
			}
			if all := log + b.stored("results/2026/11/22/"+id+".notice.json"); strings.Contains(all, "://") || strings.Contains(all, "5e55i0n") {
				t.Errorf("an address shows: %s", all)
			}
		})
	}
}

// What is written of a try in vain is an event as the answer itself was.
func TestANewAnswerIsTriedOnceAndItsRestIsKept(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	text := chat.Text{}
	b.post(notify.Answer("m1", text, slack("C1", "mei")), notify.Answer("m2", text, slack("D1", "li")))
	keys := b.Keys(t.Context(), objects.Answers)
	b.answers(map[string]int{"li": http.StatusServiceUnavailable})
	news := func(want notify.Report, messages int) {
		t.Helper()
		rep, err := b.outbox().DeliverNew(t.Context(), keys)
		if sent := b.sent(); err != nil || rep != want || len(sent) != messages {
			t.Errorf("%+v and %d messages, want %+v and %d (%v)", rep, len(sent), want, messages, err)
		}
	}
	news(notify.Report{Delivered: 1, Waiting: 1}, 1+3)
	news(waits(1), 0)
	b.answers(nil)
	b.advance(31 * time.Second)
	b.sweep(told(1))
	b.empty()
}

func TestSomeRoomsToldAndSomeGivenUp(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.answers(map[string]int{"D1-li": http.StatusForbidden})
	n := b.ended(id, dingtalk("D1", "li"), slack("C1", "mei"))
	b.post(n)
	b.deliver(given(), n)
	b.noted(id,
		record.Delivery{Platform: "dingtalk", Room: "D1", Code: "HTTP403", Message: "Forbidden", Tries: 1},
		record.Delivery{Platform: "slack", Room: "C1", Delivered: true, Tries: 1})
}

func TestANoticeWaitsForItsRecord(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n, never := notify.Ended(server(), id, slack("C1", "mei")), notify.Ended(server(), numbered(1), slack("C2", "mei"))
	b.post(n, never)
	b.deliver(waits(2), n, never)
	b.ended(id)
	b.deliver(told(1), n)
	b.advance(25 * time.Hour)
	b.sweep(given())
	b.empty()
	b.noted(numbered(1), record.Delivery{Platform: "slack", Room: "C2", Code: "TooLate", Message: "it could not be delivered within 24 hours"})
	if sent := b.sent(); len(sent) != 1 {
		t.Errorf("sent is %+v", sent)
	}
}

func TestAnAnswerThatIsReady(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	text := chat.Text{Mark: chat.Info, Title: chat.Line{chat.Words("可以"), chat.Code("help")}}
	n := notify.Answer(change.ChatIdentity("slack", "T1", "m1"), text, slack("C1", "mei"))
	other := notify.Answer(change.ChatIdentity("slack", "T1", "m2"), text, slack("C1", "mei"))
	b.post(n, n, other)
	keys := b.Keys(t.Context(), "outbox/")
	if len(keys) != 2 || !strings.HasPrefix(keys[0], "outbox/answers/") || strings.Contains(strings.Join(keys, ""), "m1") {
		t.Fatalf("the outbox is %q", keys)
	}
	b.deliver(told(1), n)
	b.advance(time.Minute)
	b.sweep(told(1))
	b.empty()
	if sent := b.sent(); len(sent) != 2 || sent[0].Text != "可以help" || sent[0].ID == sent[1].ID || len(sent[0].ID) > 50 {
		t.Errorf("sent is %+v", sent)
	}
	if keys := b.Keys(t.Context(), "results/"); len(keys) > 0 {
		t.Errorf("it left %q", keys)
	}
}

func TestATextThatIsReadyGoesToEveryRoomOnce(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	var raw []json.RawMessage
	for _, r := range []notify.Recipient{slack("C1", "mei"), slack("C1", "li"), dingtalk("D1", "wang")} {
		r.Zone = "Asia/Tokyo"
		data, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, data)
	}
	raw = append(raw, json.RawMessage(`{}`))
	for range 2 {
		err := b.outbox().PostReady(t.Context(), "proof of "+id, raw, func(l lang.Reader) chat.Text {
			return chat.Text{Mark: chat.Info, Title: chat.Line{chat.Words(string(l.Lang) + l.Zone)}}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.advance(time.Minute)
	b.sweep(told(2))
	b.empty()
	var got []string
	for _, m := range b.sent() {
		got = append(got, m.Text+" @"+m.Mention)
	}
	slices.Sort(got)
	if want := []string{"enAsia/Tokyo @mei", "zhAsia/Tokyo @wang"}; !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
	if log := b.log.String(); !strings.Contains(log, "address not readable") {
		t.Errorf("the log is %q", log)
	}
}

func TestNoticesThatAreNone(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	to := slack("C1", "mei")
	text := chat.Text{}
	both := notify.Answer("m", text, to)
	both.Change, both.Target = id, server()
	textless := notify.Answer("m", text, to)
	textless.Text = nil
	for _, n := range []notify.Notice{
		{},
		both, textless, notify.Answer("", text, to), notify.Ended(server(), "../x", to), notify.Ended(change.Target{}, id, to),
		notify.Ended(change.Target{RegionID: "a/b", ServerID: "c"}, id, to),
	} {
		if err := b.outbox().Post(t.Context(), n); err == nil || strings.Contains(err.Error(), "hooks") {
			t.Errorf("%s is posted: %v", n, err)
		}
		if _, err := b.outbox().Deliver(t.Context(), n); err == nil {
			t.Errorf("%s is delivered", n)
		}
	}
	nobody := notify.Ended(server(), id)
	b.post(nobody)
	b.deliver(notify.Report{}, nobody)
	b.empty()
}

func TestAnInvocationDeliversInItsTime(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, slack("C1", "mei"))
	b.post(n)
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	if rep, err := b.outbox().Deliver(ctx, n); err != nil || rep != waits(1) || len(b.sent()) > 0 {
		t.Errorf("with less time than a delivery may take: %+v, %v", rep, err)
	}
	// A service that never answers is left after the window.
	b.behave = func(w http.ResponseWriter, r *http.Request, _ message) {
		<-r.Context().Done()
		w.WriteHeader(http.StatusGatewayTimeout)
	}
	rep, err := b.outbox(func(_ *notify.Deps, p *notify.Policy) { p.Window = 50 * time.Millisecond }).Deliver(t.Context(), n)
	if err != nil || rep != waits(1) || len(b.sent()) > 1 {
		t.Errorf("a service that hangs: %+v, %v", rep, err)
	}
	if text := b.stored("outbox/cn-hangzhou/vss-a/" + id + ".json"); !strings.Contains(text, `"code":"Timeout"`) || !strings.Contains(text, `"tries":1`) {
		t.Errorf("kept is %s", text)
	}
}

func TestWhatWasTriedIsWrittenDownAfterTheInvocationsEnd(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	n := b.ended(id, slack("C1", "mei"))
	b.post(n)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.behave = func(w http.ResponseWriter, r *http.Request, _ message) {
		cancel()
		<-r.Context().Done()
		w.WriteHeader(http.StatusGatewayTimeout)
	}
	if rep, err := b.outbox().Deliver(ctx, n); err != nil || rep != waits(1) {
		t.Errorf("%+v, %v", rep, err)
	}
	if text := b.stored("outbox/cn-hangzhou/vss-a/" + id + ".json"); !strings.Contains(text, `"code":"Timeout"`) || !strings.Contains(text, `"tries":1`) {
		t.Errorf("kept is %s", text)
	}
}

func TestSeveralWorkersAtOnce(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	var notices []notify.Notice
	for i := range 10 {
		notices = append(notices, b.ended(numbered(i), slack("C1", "mei"), dingtalk("D1", "li")))
	}
	b.post(notices...)
	b.advance(time.Minute)
	var g errgroup.Group
	for range 3 {
		g.Go(func() error {
			_, err := b.outbox().DeliverAll(t.Context())
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	b.empty()
	if sent := b.sent(); len(sent) < 20 {
		t.Errorf("%d messages", len(sent))
	}
	for i := range notices {
		if got := b.notice(numbered(i)); len(got) != 2 || !got[0].Delivered || !got[1].Delivered {
			t.Errorf("noted is %+v", got)
		}
	}
}

func TestTheStoreFails(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]oss.Fault{
		"listing":                  {Op: "ListObjectsV2"},
		"reading the entry":        {Op: "GetObject", KeyPrefix: "outbox/"},
		"reading the record":       {Op: "GetObject", KeyPrefix: "results/", Skip: 1},
		"reading the notice":       {Op: "GetObject", KeyPrefix: "results/"},
		"writing the notice":       {Op: "PutObject", KeyPrefix: "results/"},
		"deleting":                 {Op: "DeleteObject", KeyPrefix: "outbox/"},
		"keeping what is not over": {Op: "PutObject", KeyPrefix: "outbox/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newHarness(t)
			b.post(b.ended(id, slack("C1", "mei")))
			b.advance(time.Minute)
			if strings.HasPrefix(name, "keeping") {
				b.answers(map[string]int{"mei": 503})
			}
			f.Kind, f.Times = oss.AccessDenied, -1
			b.fault(f)
			if rep, err := b.outbox().DeliverAll(t.Context()); !errors.Is(err, blob.ErrDenied) || strings.Contains(err.Error(), "hooks") {
				t.Fatalf("%+v, %v", rep, err)
			}
			b.OSS.ClearFaults()
			b.answers(nil)
			b.advance(time.Minute)
			if _, err := b.outbox().DeliverAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.empty()
			if got := b.notice(id); len(got) != 1 || !got[0].Delivered {
				t.Errorf("noted is %+v", got)
			}
		})
	}
	b := newHarness(t)
	b.fault(oss.Fault{Kind: oss.AccessDenied, Times: -1, Op: "PutObject", KeyPrefix: "outbox/"})
	if err := b.outbox().Post(t.Context(), b.ended(id, slack("C1", "mei"))); !errors.Is(err, blob.ErrDenied) || strings.Contains(err.Error(), "hooks") {
		t.Errorf("posting: %v", err)
	}
}

func TestWhatIsNoNoticeIsReportedAndHoldsUpNothing(t *testing.T) {
	t.Parallel()
	b := newHarness(t)
	b.post(b.ended(id, slack("C1", "mei")))
	for i, text := range []string{
		"{", `{"schema":"sslvpn-change/outbox/v2"}`, `{"schema":"sslvpn-change/outbox/v1","id":"x","record":"results/x","to":[]}`,
		`{"schema":"sslvpn-change/outbox/v1","id":"x","text":{"mark":"info","title":null},"to":[]}`,
		`{"schema":"sslvpn-change/outbox/v1","id":"x","createdAt":"https://hooks.slack.com/x"}`,
	} {
		if err := b.Store.Put(t.Context(), fmt.Sprintf("outbox/answers/%d.json", i), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	b.advance(time.Minute)
	rep, err := b.outbox().DeliverAll(t.Context())
	if rep != (notify.Report{Delivered: 1, Waiting: 5}) || err == nil || strings.Contains(err.Error(), "hooks") {
		t.Errorf("%+v, %v", rep, err)
	}
	for i := range 5 {
		if !strings.Contains(err.Error(), fmt.Sprintf("outbox/answers/%d.json is no pending notification", i)) {
			t.Errorf("%d is not named: %v", i, err)
		}
	}
}

func TestAddressesAreNeverShown(t *testing.T) {
	t.Parallel()
	to := slack("C1", "5e55i0n")
	n := notify.Ended(server(), id, to)
	var log strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "n", n, "p", &n, "to", to, "all", n.To)
	}
	text, err := json.Marshal(map[string]any{"n": n})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{log.String(), string(text), fmt.Sprint(n, to, n.To), fmt.Sprintf("%v %+v %#v %s", n, n, n, n), fmt.Sprintf("%+v %#v", n.To, to)} {
		if strings.Contains(s, "5e55i0n") || strings.Contains(s, "hooks") {
			t.Errorf("shown: %s", s)
		}
	}
	if !strings.Contains(log.String(), id) {
		t.Errorf("the log does not name the notice: %s", log.String())
	}
}
