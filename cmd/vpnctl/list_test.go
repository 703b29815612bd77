package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

func manyChanges() []listing.Change {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	return []listing.Change{
		{
			ID: "20261127-7f3akq2cd2kq3mzr5w7bxa4nhc-12", Status: change.Waiting, Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, Name: "办公室-杭州-办公室-杭州-办公室", By: "mei",
			Wait: &listing.Wait{AgeMs: 754_000, Cause: "approval", Why: "waits", Until: now.Add(48 * time.Hour), Approvers: []string{"jun", "lin"}},
		},
		{ID: "20261127-8f3akq2cd2", Status: change.Waiting, Name: "two", By: "http:ci", DueAt: now.Add(time.Hour), Wait: &listing.Wait{Cause: "not-due"}},
		{
			ID: "20261126-psfvgfo4zpkq3mzr5w7bxa4nhc", Status: change.Failed, Target: change.Target{ServerID: "vss-b"}, By: "a very long name \x1b[31m of somebody",
			Changed: []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}},
			End:     &listing.End{EndedAt: now.Add(-73 * time.Hour), Code: "Forbidden"},
		},
	}
}

func TestAListSaysWhenAWindowOpens(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	for want, g := range map[string]change.Gate{
		"opens 11:20, window nights (in 3h)":                     {OpensAt: now.Add(200 * time.Minute), Windows: []string{"nights"}},
		"opens 11-28 08:00, freeze move (in 24h)":                {OpensAt: now.Add(24 * time.Hour), Windows: []string{"nights"}, Freeze: "move"},
		"window nights, weekends, does not open within 366 days": {Windows: []string{"nights", "weekends"}},
		"it is closed, until 08:01":                              {Open: true},
	} {
		page := listing.Page{Changes: []listing.Change{{ID: "20261127-8f3akq2cd2", Status: change.Waiting, Wait: &listing.Wait{Cause: "window", Why: "it is closed", Until: now.Add(time.Minute), Window: &g}}}}
		wants(t, "the list", renderList(page, 200, now), want)
	}
}

func TestAListNeverWraps(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	for _, columns := range []int{40, 80, 200} {
		text := renderList(listing.Page{Changes: manyChanges()}, columns, now)
		for line := range strings.Lines(text) {
			if n := columnsOfText(strings.TrimSuffix(line, "\n")); n >= columns {
				t.Errorf("%d of %d columns: %s", n, columns, line)
			}
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("a terminal would act on %q", text)
		}
		if columns == 200 {
			wants(t, "the list", text, "20261127-7f3akq2cd2-12", "waiting", "12m", "approval by jun, lin, until 11-29 08:00", "20261127-8f3akq2cd2", "due 09:00", "20261126-psfvgfo4zp", "failed", "3d", "Forbidden, Port 1194→1195", "vss-b")
		}
	}
	if got := renderList(listing.Page{}, 80, now); got != "no changes" {
		t.Errorf("an empty list is %q", got)
	}
}

// TestListFollowsPages has pages of one change each, and one without any.
func TestListFollowsPages(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	ids := map[string]bool{}
	url := function(t, func(r *http.Request, _ string) (int, string) {
		q := r.URL.Query()
		if r.Method != http.MethodGet || r.URL.Path != "/v1/changes" || q.Get("server") != "office" || q.Get("status") != "waiting,failed" || q.Get("since") != "7d" || q.Get("limit") != "20" {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		if id := r.Header.Get("Webhook-Id"); ids[id] {
			t.Errorf("the webhook-id %s is used for several pages", id)
		} else {
			ids[id] = true
		}
		n := asked.Add(1)
		page := listing.Page{Changes: manyChanges()[:n%2], Next: fmt.Sprint("page", n+1)}
		if n == 5 {
			page.Next = ""
		}
		data, err := json.Marshal(page)
		if err != nil {
			t.Error(err)
		}
		return 200, string(data)
	})
	args := []string{"list", "--url", url, "--server", "office", "--status", "waiting,failed", "--since", "7d"}
	got := vpnctl(t, secretEnv(), "", args...)
	if got.code != exitDone || asked.Load() != 1 {
		t.Errorf("exit %d after %d pages: %s%s", got.code, asked.Load(), got.out, got.err)
	}
	wants(t, "stderr", got.err, "there may be more", "--cursor page2")
	asked.Store(0)
	got = vpnctl(t, secretEnv(), "", append(args, "--all", "--json")...)
	var all listing.Page
	if err := json.Unmarshal([]byte(got.out), &all); err != nil || len(all.Changes) != 3 || all.Next != "" || asked.Load() != 5 { //nolint:musttag // its parts write themselves
		t.Errorf("%d pages, %d changes, error %v", asked.Load(), len(all.Changes), err)
	}
}

func TestListRefusesWhatTheFunctionWould(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--limit", "0"}, {"--status", "faild"}, {"--since", "yesterday"}, {"--cursor", "x"}} {
		got := vpnctl(t, secretEnv(), "", append([]string{"list"}, args...)...)
		if got.code != exitUsage || got.err == "" {
			t.Errorf("%v: exit %d, %s", args, got.code, got.err)
		}
	}
}

func TestReindexGoesOnUntilAllIsDone(t *testing.T) {
	t.Parallel()
	var bodies []string
	url := function(t, func(r *http.Request, body string) (int, string) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/reindex" {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		bodies = append(bodies, body)
		return 200, []string{`{"records":900,"next":"results/x"}`, `{"records":1,"next":"merge"}`, `{"records":0,"next":"merge"}`, `{"records":0}`}[len(bodies)-1]
	})
	got := vpnctl(t, secretEnv(), "", "reindex", "--url", url, "--since", "2026-01-01")
	if got.code != exitDone || !strings.Contains(got.out, "901 records in the index") {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.err)
	}
	want := []string{`{"since":"2026-01-01"}`, `{"next":"results/x"}`, `{"next":"merge"}`, `{"next":"merge"}`}
	if fmt.Sprint(bodies) != fmt.Sprint(want) {
		t.Errorf("sent %q, want %q", bodies, want)
	}
}
