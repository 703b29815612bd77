package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// message is what a chat service was sent.
type message struct {
	Address string `json:"-"`
	ID      string `json:"id"`
	Text    string `json:"text"`
	Mention string `json:"mention"`
}

// harness is an emulated account, and a server that stands for every chat
// platform.
type harness struct {
	*cloudtest.Cloud

	t       *testing.T
	client  *notify.Client
	log     *bytes.Buffer
	logger  *slog.Logger
	undoDue time.Time // when undos are due; zero: they have ended

	mu       sync.Mutex
	behave   func(w http.ResponseWriter, r *http.Request, m message) // nil: takes everything
	requests []message
	taken    []message
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	b := &harness{Cloud: cloudtest.New(t), t: t, log: &bytes.Buffer{}}
	b.logger = slog.New(slog.NewTextHandler(b.log, nil))
	s := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(s.Close)
	b.client = client(t, notify.ClientOptions{Loopback: s.URL})
	return b
}

func (b *harness) serve(w http.ResponseWriter, r *http.Request) {
	m := message{Address: r.Header.Get("X-Forwarded-Proto") + "://" + r.Host + r.RequestURI}
	data, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	b.requests = append(b.requests, m)
	behave := b.behave
	b.mu.Unlock()
	seen := &status{ResponseWriter: w, code: http.StatusOK}
	if behave != nil {
		behave(seen, r, m)
	}
	if seen.code == http.StatusOK {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.taken = append(b.taken, m)
	}
}

// status notes the status of an answer.
type status struct {
	http.ResponseWriter

	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// answers has the service answer with a status where an address ends in a text.
func (b *harness) answers(codes map[string]int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.behave = func(w http.ResponseWriter, _ *http.Request, m message) {
		for end, code := range codes {
			if strings.HasSuffix(m.Address, end) {
				w.WriteHeader(code)
			}
		}
	}
}

// sent gives the messages that were tried so far, and forgets them.
func (b *harness) sent() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.requests
	b.requests, b.taken = nil, nil
	return out
}

func policy() notify.Policy {
	p := notify.DefaultPolicy()
	p.FirstWait = 2 * time.Millisecond
	return p
}

// outbox is that of a new invocation.
func (b *harness) outbox(edit ...func(*notify.Deps, *notify.Policy)) *notify.Outbox {
	d := notify.Deps{
		Bucket: b.Store, Records: record.NewRecords(b.Store), Client: b.client,
		Platforms: map[string]chat.Platform{"slack": platform("slack"), "dingtalk": platform("dingtalk")},
		Render: func(_ context.Context, r record.Record, l lang.Reader) chat.Text {
			return chat.Text{Mark: chat.Done, Title: chat.Line{chat.Words(string(l.Lang) + " " + string(r.Status) + " "), chat.Code(r.ID)}}
		},
		RenderReminder: func(_ context.Context, r record.Record, due time.Time, l lang.Reader) chat.Text {
			return chat.Text{Mark: chat.Waits, Title: chat.Line{chat.Words(string(l.Lang) + " confirm before " + due.Format(time.RFC3339) + " "), chat.Code(r.ID)}}
		},
		Undo: func(context.Context, string) (time.Time, bool, error) { return b.undoDue, !b.undoDue.IsZero(), nil },
		Now:  b.Clock.Now, Log: b.logger,
	}
	p := policy()
	for _, e := range edit {
		e(&d, &p)
	}
	return notify.New(d, p)
}

// advance sets all clocks ahead.
func (b *harness) advance(d time.Duration) {
	b.Clock.Advance(d)
	b.OSS.Advance(d)
}

func server() change.Target {
	return change.Target{RegionID: cloudtest.Region, ServerID: "vss-a"}
}

const id = "20261122-rvj2hy3hffdl3abm2ibx6hk5vc" // of the identity "hotel"

// numbered makes change ids.
func numbered(i int) string { return fmt.Sprintf("%s-%d", id, i+1) }

// ended writes a change's record and gives its notice.
func (b *harness) ended(changeID string, to ...notify.Recipient) notify.Notice {
	b.t.Helper()
	if _, err := record.NewRecords(b.Store).Write(b.t.Context(), record.Record{ID: changeID, Identity: "hotel", Status: change.Applied, FinishedAt: time.Unix(1, 0)}); err != nil {
		b.t.Fatal(err)
	}
	return notify.Ended(server(), changeID, to...)
}

func (b *harness) post(notices ...notify.Notice) {
	b.t.Helper()
	for _, n := range notices {
		if err := b.outbox().Post(b.t.Context(), n); err != nil {
			b.t.Fatal(err)
		}
	}
}

// deliver delivers notices and asserts what became of them.
func (b *harness) deliver(want notify.Report, notices ...notify.Notice) {
	b.t.Helper()
	rep, err := b.outbox().Deliver(b.t.Context(), notices...)
	if err != nil || rep != want {
		b.t.Fatalf("%+v, %v; want %+v", rep, err, want)
	}
}

// sweep delivers what is due and asserts what became of it.
func (b *harness) sweep(want notify.Report) {
	b.t.Helper()
	rep, err := b.outbox().DeliverAll(b.t.Context())
	if err != nil || rep != want {
		b.t.Fatalf("%+v, %v; want %+v", rep, err, want)
	}
}

// empty asserts that nothing is pending any more.
func (b *harness) empty() {
	b.t.Helper()
	if keys := b.Keys(b.t.Context(), "outbox/"); len(keys) > 0 {
		b.t.Errorf("left in the outbox: %q", keys)
	}
}

// notice reads the notice record of a change, with times left out.
func (b *harness) notice(changeID string) []record.Delivery {
	b.t.Helper()
	n, err := record.NewRecords(b.Store).ReadNotice(b.t.Context(), changeID)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := range n.Deliveries {
		if age := b.Clock.Now().Sub(n.Deliveries[i].At); age < 0 || age > 25*time.Hour {
			b.t.Errorf("it was at %s", n.Deliveries[i].At)
		}
		n.Deliveries[i].At = time.Time{}
	}
	return n.Deliveries
}

func (b *harness) noted(changeID string, want ...record.Delivery) {
	b.t.Helper()
	if got := b.notice(changeID); !slices.Equal(got, want) {
		b.t.Errorf("noted is\n%+v, want\n%+v", got, want)
	}
}

func (b *harness) stored(key string) string {
	b.t.Helper()
	obj, err := b.Store.Get(b.t.Context(), key, blob.GetOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return string(obj.Data)
}

func (b *harness) fault(f oss.Fault) {
	b.t.Helper()
	if err := b.OSS.Inject(f); err != nil {
		b.t.Fatal(err)
	}
}

// slack is somebody in a room on Slack; the address has the name of who wrote.
func slack(room, who string) notify.Recipient {
	return notify.Recipient{Reader: lang.Reader{Lang: lang.English}, Reply: chat.Reply{
		Platform: "slack", Kind: "response", Address: "https://hooks.slack.com/commands/T1/" + room + "/" + who, Room: room, Mention: who,
	}}
}

func dingtalk(room, who string) notify.Recipient {
	return notify.Recipient{Reader: lang.Reader{Lang: lang.Chinese}, Reply: chat.Reply{
		Platform: "dingtalk", Kind: "session", Address: "https://oapi.dingtalk.com/robot/sendBySession?session=" + room + "-" + who, Room: room, Mention: who,
	}}
}

// platform posts texts as JSON, as all of them do, by the reply's address.
type platform string

var _ chat.Platform = platform("")

func (p platform) Name() string { return string(p) }

func (p platform) Methods() []string { return []string{http.MethodPost} }

func (p platform) Lang() lang.Tag { return lang.English }

func (p platform) Receive(context.Context, chat.Doer, chat.Request, time.Time) (chat.Delivery, error) {
	return chat.Delivery{}, &chat.RefusedError{Reason: chat.ReasonMissing}
}

func (p platform) Answer(chat.Delivery, chat.Text) (chat.Response, bool) {
	return chat.Response{}, true
}

func (p platform) Send(ctx context.Context, c chat.Doer, to chat.Reply, t chat.Text, id string) error {
	m := message{ID: id, Mention: to.Mention}
	for _, s := range t.Title {
		m.Text += s.Text
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Address, bytes.NewReader(data))
	if err != nil {
		return err // names the address, as a careless platform would
	}
	resp, err := c.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return &chat.SendError{Again: resp.StatusCode >= 500, Code: chat.FailureCode(fmt.Sprintf("HTTP%d", resp.StatusCode)), Message: http.StatusText(resp.StatusCode)}
	}
	return nil
}
