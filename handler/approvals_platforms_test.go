package handler_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	service "github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// room is the room of a platform's emulated service, with the people in it.
type room struct{ tenant, id, mei, jun string }

func emulated() map[string]room {
	account := func(platform, person string) string {
		people := service.People()
		return people[slices.IndexFunc(people, func(p service.Person) bool { return p.Key == person })].Accounts[platform]
	}
	out := map[string]room{
		service.Slack: {tenant: "T07LOCAL01", id: "CNETWORK"}, service.Feishu: {tenant: "2ca1d211f64f6438", id: "oc_network"},
		service.DingTalk: {tenant: "ding0123456789abcdef", id: "cidnetwork=="}, service.WeCom: {tenant: "ww0123456789abcdef", id: `"@approvers"`},
	}
	for name, r := range out {
		r.mei, r.jun = account(name, service.Mei), account(name, service.Jun)
		out[name] = r
	}
	return out
}

// newEmulated gives a harness with the emulated service of one platform, whose room is
// asked for approval. The service's clock is the harness's.
func newEmulated(t *testing.T, name string) (*harness, *service.Service) {
	t.Helper()
	h := newHarness(t)
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.forward(w, r) }))
	t.Cleanup(function.Close)
	s, err := service.New(service.Options{FunctionURL: function.URL, Now: h.Clock.Now, Limits: map[string]time.Duration{name: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	apis := httptest.NewServer(s.Handler())
	t.Cleanup(func() { _ = s.Close(); apis.Close() })
	h.cfg.ChatEndpoint, h.cfg.Platforms = apis.URL, map[string]chat.Platform{}
	for _, spec := range platforms.Specs() {
		for _, entry := range s.Env(apis.URL) {
			if value, ok := strings.CutPrefix(entry, spec.Variable+"="); ok && spec.Name == name {
				h.cfg.Platforms[name] = chattest.New(t, spec, value)
			}
		}
	}
	h.cfg.NoPolicy = false
	h.opts.Approvals = func(t *approval.Times) { t.Remind = []time.Duration{5 * time.Minute, time.Hour} }
	h.Server("vss-one")
	r := emulated()[name]
	h.rule(fmt.Sprintf(`
people:
  - {name: mei, lang: en, accounts: [{door: %[1]s, tenant: %[2]s, user: %[3]s}]}
  - {name: jun, lang: en, accounts: [{door: %[1]s, tenant: %[2]s, user: %[4]s}]}
  - {name: night, accounts: [{door: file, user: "158"}]}
servers:
  - {name: one, RegionId: cn-hangzhou, SslVpnServerId: vss-one}
grants:
  - {who: [night], roles: [operator], servers: ["*"]}
  - {who: [jun], roles: [approver], servers: ["*"]}
  - {who: [mei], roles: [viewer], servers: ["*"]}
approvals:
  - {servers: [one], settings: ["*"], need: 1}
notify:
  - {servers: [one], quiet: none, rooms: [{door: %[1]s, tenant: %[2]s, room: %[5]s, lang: en}]}
`, name, r.tenant, r.mei, r.jun, r.id))
	return h, s
}

// forward invokes the function with a request, as the HTTP trigger does.
func (h *harness) forward(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	c := call{method: r.Method, path: r.URL.Path, body: string(body), secret: "none", header: map[string]string{}, query: map[string]string{}}
	for key := range r.Header {
		c.header[key] = r.Header.Get(key)
	}
	for key, values := range r.URL.Query() {
		c.query[key] = values[0]
	}
	out, err := h.invoke(h.payload(c)) //nolint:contextcheck // an invocation outlives the request of a platform
	var a struct {
		Status  int               `json:"statusCode"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(out), &a)
	}
	if err != nil {
		h.t.Error(err)
		return
	}
	for key, value := range a.Headers {
		w.Header().Set(key, value)
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
}

// words is what a message says.
func words(m service.Message) string { return m.Title + "\n" + m.Text }

// A file's change needs approval: the room of each platform is asked, reminded, and told
// the end, and the card is the way to approve it.
func TestRoomsOfAllPlatforms(t *testing.T) {
	t.Parallel()
	for name, at := range emulated() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s := newEmulated(t, name)
			shown := func() []service.Message {
				return slices.DeleteFunc(s.Messages(name, service.Room), func(m service.Message) bool { return m.Way != "card" })
			}
			id := h.deliver(string(oss.EventJSON(h.upload("changes/hotel.yaml", "reason: close 1194\n"+setPort)))).Files[0].Changes[0]
			h.drain("vss-one")
			asked := shown()
			if len(asked) == 0 {
				t.Fatalf("nobody was asked:\n%s", h.log.String())
			}
			card := asked[len(asked)-1]
			told := append(slices.Clone(card.Mentions), card.OnlyFor)
			if !slices.Contains(told, at.jun) || slices.Contains(told, at.mei) || len(card.Buttons) != 2 || !strings.Contains(words(asked[0]), id) {
				t.Fatalf("the card is %+v", card)
			}

			h.later(6 * time.Minute)
			h.sweep()
			reminded := shown()[len(asked):]
			last := reminded[len(reminded)-1]
			if told := append(slices.Clone(last.Mentions), last.OnlyFor); !strings.Contains(words(reminded[0]), "Still waiting for approval") || !slices.Contains(told, at.jun) || len(last.Buttons) != 0 {
				t.Errorf("the reminder is %+v", reminded)
			}
			h.sweep() // not reminded again
			if n := len(shown()); n != len(asked)+len(reminded) {
				t.Errorf("%d messages after two sweeps", n)
			}

			if m, err := s.Click(t.Context(), card.ID, card.Buttons[0].Label, service.Jun); err != nil || m.Failed != "" {
				t.Fatal(err, m.Failed)
			}
			h.drain("vss-one")
			if h.port("vss-one") != 1195 {
				t.Fatalf("it was not applied:\n%s", h.log.String())
			}
			now := shown()[slices.IndexFunc(shown(), func(m service.Message) bool { return m.ID == card.ID })]
			if now.Edits == 0 || len(now.Buttons) != 0 || !strings.Contains(words(now), "was applied") {
				t.Errorf("the card is %+v", now)
			}
			h.count("approvals/open/", 0)
			if a := h.asked(id); len(a.Rooms) != 1 || !a.Rooms[0].Delivered || a.Rooms[0].Reminders != 1 || a.Rooms[0].Stale != "" {
				t.Errorf("on record is %+v", a)
			}
			h.later(26 * time.Hour)
			before := len(shown())
			h.sweep()
			if len(shown()) != before {
				t.Errorf("told after the end: %+v", shown()[before:])
			}
		})
	}
}
