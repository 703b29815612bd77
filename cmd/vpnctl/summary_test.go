package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
)

// many answers a document of n changes, and each query with the record of its change.
func many(n int, record func(i int) string) func(*http.Request, string) (int, string) {
	id := func(i int) string { return fmt.Sprintf("20261122-aaaaaaaaaa-%d", i) }
	return func(r *http.Request, _ string) (int, string) {
		if r.Method == http.MethodPost {
			var ids []string
			for i := 1; i <= n; i++ {
				ids = append(ids, fmt.Sprintf(`{"id":%q,"status":"queued"}`, id(i)))
			}
			return http.StatusAccepted, `{"changes":[` + strings.Join(ids, ",") + `]}`
		}
		var i int
		if _, err := fmt.Sscanf(r.URL.Path, "/v1/changes/20261122-aaaaaaaaaa-%d", &i); err != nil {
			return http.StatusNotFound, `{}`
		}
		merged := make([]string, 0, n)
		for k := 1; k <= n; k++ {
			merged = append(merged, `"`+id(k)+`"`)
		}
		return http.StatusOK, `{"id":"` + id(i) + `","regionId":"cn-hangzhou","acceptedAt":"2026-11-22T08:30:00Z","mergedWith":[` + strings.Join(merged, ",") + `],` + record(i) + `}`
	}
}

func applied(from, to int) string {
	return fmt.Sprintf(`"status":"applied","verified":true,"sslVpnServerId":"vss-1","changed":[{"field":"Port","from":%d,"to":%d}]`, from, to)
}

func superseded(by string) string {
	return fmt.Sprintf(`"status":"superseded","sslVpnServerId":"vss-1","changed":[],"supersededBy":{"Port":%q}`, by)
}

func TestManyChangesAreSummarizedByServer(t *testing.T) {
	t.Parallel()
	const n = 200
	last := fmt.Sprintf("20261122-aaaaaaaaaa-%d", n)
	tests := []struct {
		name   string
		record func(i int) string
		code   int
		want   []string
		lines  int
	}{
		{"one server, one modification", func(i int) string {
			if i == n {
				return applied(1194, 1195)
			}
			return superseded(last)
		}, exitDone, []string{"vss-1 (cn-hangzhou)  199 superseded, 1 applied", "Port  1194 → 1195"}, 2},
		{"two modifications", func(i int) string {
			switch i {
			case 1:
				return applied(1194, 1195)
			case n:
				return applied(1195, 1196)
			default:
				return superseded(last)
			}
		}, exitDone, []string{"2 applied", "Port  1194 → 1196"}, 2},
		{"two servers", func(i int) string {
			return strings.ReplaceAll(applied(1194, 1195), "vss-1", fmt.Sprintf("vss-%d", i%2))
		}, exitDone, []string{"vss-0 (cn-hangzhou)  100 applied", "vss-1 (cn-hangzhou)  100 applied"}, 4},
		{"some fail", func(i int) string {
			if i == 7 {
				return `"status":"failed","sslVpnServerId":"vss-1","changed":[],"error":{"code":"C","class":"other","message":"refused it"}`
			}
			return applied(1194, 1195)
		}, exitFailed, []string{"199 applied", "1 failed", "20261122-aaaaaaaaaa-7  failed", "refused it"}, 8},
		{"all fail", func(int) string {
			return `"status":"failed","sslVpnServerId":"vss-1","changed":[],"error":{"code":"C","class":"other","message":"refused it"}`
		}, exitFailed, []string{"200 failed", "and 180 others that did not succeed"}, 90},
		{"superseded by another document", func(int) string { return superseded("20261122-bbbbbbbbbb") }, exitFailed, []string{"200 superseded"}, 90},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", function(t, many(n, test.record)), "-")
			if got.code != test.code {
				t.Errorf("exit status %d, want %d: %s", got.code, test.code, got.err)
			}
			wants(t, "the output", got.out, test.want...)
			if lines := strings.Count(got.out, "\n"); lines > test.lines || len(got.out) > 20_000 {
				t.Errorf("%d lines, %d bytes:\n%s", lines, len(got.out), got.out)
			}
		})
	}
}

func TestManyPlansIDsAndProblemsAreSummarized(t *testing.T) {
	t.Parallel()
	const n = 1000
	url := function(t, func(r *http.Request, body string) (int, string) {
		var all []string
		for i := 1; i <= n; i++ {
			switch {
			case strings.Contains(body, "broken"):
				all = append(all, fmt.Sprintf(`{"path":"changes[%d].Port","line":%d,"rule":"port-reserved","message":"reserved"}`, i-1, i))
			case r.URL.Path == "/v1/plans" && i == 7:
				all = append(all, `{"index":7,"regionId":"cn-hangzhou","sslVpnServerId":"vss-1","changed":[],"problems":[{"rule":"expect-mismatch","message":"the port is another"}]}`)
			case r.URL.Path == "/v1/plans":
				all = append(all, fmt.Sprintf(`{"index":%d,"regionId":"cn-hangzhou","sslVpnServerId":"vss-%d","changed":[{"field":"Port","from":1194,"to":%d}],"problems":[]}`, i, i%2, 1194+i))
			default:
				all = append(all, fmt.Sprintf(`{"id":"c%d","status":"queued"}`, i))
			}
		}
		if strings.Contains(body, "broken") {
			return http.StatusUnprocessableEntity, `{"title":"no","status":422,"problems":[` + strings.Join(all, ",") + `]}`
		}
		return http.StatusOK, `{"changes":[` + strings.Join(all, ",") + `]}`
	})
	got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "--plan", "-")
	want := `vss-1 (cn-hangzhou)  499 planned, 1 would be refused
  Port  1194 → 2193
vss-0 (cn-hangzhou)  500 planned
  Port  1194 → 2194
change 7: vss-1 (cn-hangzhou)
  the port is another [expect-mismatch]
`
	if got.code != exitFailed || got.out != want {
		t.Errorf("%+v, want\n%s", got, want)
	}
	got = vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "--wait", "0s", "-")
	if got.code != exitDone || strings.Count(got.out, "\n") != 21 || !strings.HasSuffix(got.out, "c20  queued\nand 980 others; --json prints all\n") {
		t.Errorf("%+v", got)
	}
	got = vpnctl(t, secretEnv(), "broken", "submit", "--url", url, "-")
	if got.code != exitFailed || strings.Count(got.err, "\n") != 22 || !strings.Contains(got.err, "-:20: changes[19].Port") || !strings.Contains(got.err, "and 980 other problems; --json prints all\n") {
		t.Errorf("%+v", got)
	}
	got = vpnctl(t, secretEnv(), "broken", "submit", "--json", "--url", url, "-")
	if _, _, _, problems := failed(t, got); len(problems) != n {
		t.Errorf("%d problems in JSON", len(problems))
	}
}

func TestSupersededInsideADocumentIsSuccess(t *testing.T) {
	t.Parallel()
	for by, code := range map[string]int{"20261122-aaaaaaaaaa-2": exitDone, "20261122-bbbbbbbbbb": exitFailed} {
		url := function(t, many(2, func(i int) string {
			if i == 1 {
				return superseded(by)
			}
			return applied(1194, 1195)
		}))
		if got := vpnctl(t, secretEnv(), validDocument, "submit", "--url", url, "-"); got.code != code {
			t.Errorf("superseded by %s: exit status %d, want %d", by, got.code, code)
		}
	}
}

func TestTheExitStatusOfManyChanges(t *testing.T) {
	t.Parallel()
	one := func(text string) remote.Change {
		var ch remote.Change
		if err := json.Unmarshal([]byte(text), &ch); err != nil {
			t.Fatal(err)
		}
		return ch
	}
	applied, failed, waiting := one(`{"id":"a","status":"applied"}`), one(`{"id":"f","status":"failed"}`), one(`{"id":"w","status":"waiting"}`)
	unapproved := one(`{"id":"u","status":"waiting","approval":{"need":1,"agreed":[]}}`)
	for _, tt := range []struct {
		changes []remote.Change
		want    int
	}{
		{nil, exitDone},
		{[]remote.Change{applied}, exitDone},
		{[]remote.Change{applied, unapproved}, exitUnapproved},
		{[]remote.Change{unapproved, waiting}, exitUnended},
		{[]remote.Change{waiting, unapproved}, exitUnended},
		{[]remote.Change{unapproved, waiting, failed, applied}, exitFailed},
	} {
		if got := exitOfChanges(tt.changes); got != tt.want {
			t.Errorf("%+v: exit status %d, want %d", tt.changes, got, tt.want)
		}
	}
}

func TestStatusOfAChangeThatLacksApprovals(t *testing.T) {
	t.Parallel()
	expires := time.Now().Add(24*time.Hour + time.Second).UTC().Truncate(time.Second)
	position := func(cause, approval string) string {
		return `{"id":"20261122-aaaaaaaaaa","status":"waiting","why":"waits to be approved by one other person","cause":"` + cause + `","acceptedAt":"2026-11-22T08:30:00Z","nextAttemptAt":"` +
			expires.Format(time.RFC3339) + `"` + approval + `}`
	}
	const unapproved, ready = `,"approval":{"need":1,"agreed":[]}`, `,"approval":{"need":1,"agreed":[{"person":"jun"}]}`
	tests := []struct {
		name, cause, approval string
		commands              int // status of POST /v1/commands; 0 for a function that has none
		wants, without        string
	}{
		{"the function's answer", "approval", unapproved, 200, "code 7f3akq2c", "next attempt"},
		{"not due either", "not-due", unapproved, 200, "code 7f3akq2c", "expires"},
		{"a function of an earlier version", "approval", unapproved, 404, "expires " + expires.Local().Format("2006-01-02"), "next attempt"},
		{"approved", "gateway", ready, 200, "next attempt", "code"},
		{"no approval needed", "gateway", "", 200, "next attempt", "expires"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := function(t, func(r *http.Request, body string) (int, string) {
				switch {
				case r.Method == http.MethodGet:
					return http.StatusOK, position(test.cause, test.approval)
				case test.commands != http.StatusOK:
					return test.commands, `{"title":"Not Found","status":404}`
				case !strings.Contains(body, "status 20261122-aaaaaaaaaa"):
					t.Errorf("sent %s", body)
				}
				return http.StatusOK, `{"verb":"status","outcome":"shown","text":"Port 1194 to 1195, code 7f3akq2c"}`
			})
			got := vpnctl(t, secretEnv(), "", "status", "--url", url, "20261122-aaaaaaaaaa")
			if got.code != exitDone || !strings.Contains(got.out, test.wants) || strings.Contains(got.out, test.without) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
