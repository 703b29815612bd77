package doctor_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// examine has an account checked by a function that answers with answer.
func examine(t *testing.T, wanted func(string) bool, answer func(remote.Check) (status int, body string)) ([]doctor.Result, error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ask remote.Check
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			t.Error(err)
		}
		status, body := answer(ask)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	secret, err := webhook.ParseSecret(good)
	if err != nil {
		t.Fatal(err)
	}
	client, err := remote.New(remote.Options{URL: s.URL, Secret: secret, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	a := doctor.Account{Remote: client, Function: "vpn", Patience: 20 * time.Millisecond, Delivery: func() string { return "msg" }}
	return a.Check(t.Context(), wanted)
}

func everything(string) bool { return true }

func TestAnAccountIsChecked(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	runs := map[string][]string{}
	results, err := examine(t, everything, func(ask remote.Check) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		runs[ask.Check] = append(runs[ask.Check], ask.Run)
		switch {
		case ask.Check == "delay" && ask.Run == "":
			return 200, `{"check":"delay","result":"waiting","found":"w","run":"abc"}`
		case ask.Check == "retry":
			return 200, `{"check":"retry","result":"waiting","found":"not tried again yet","run":"abc"}`
		case ask.Check == "udp":
			return 422, `{"type":"urn:sslvpn-change:problem:invalid","status":422}`
		}
		return 200, `{"check":"` + ask.Check + `","result":"ok","found":"f"}`
	})
	if err != nil {
		t.Fatal(err)
	}
	got := outcomes(results)
	expect(t, got["delay"], doctor.OK, "f")
	expect(t, got["retry"], doctor.Finding, "not tried again yet, after ")
	expect(t, got["udp"], doctor.NotChecked, "no such check")
	expect(t, got["event-age"], doctor.NotChecked, "--functionName vpn")
	if !slices.Equal(runs["delay"], []string{"", "abc"}) {
		t.Errorf("delay was asked with the runs %q", runs["delay"])
	}
	var names []string
	for _, a := range doctor.Catalogue() {
		if a.Where != doctor.Local {
			names = append(names, a.Check)
		}
	}
	for i, r := range results {
		if i >= len(names) || r.Check != names[i] {
			t.Errorf("result %d is %s", i, r.Check)
		}
	}
}

func TestAFunctionThatChecksNothing(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{404: "of an earlier version", 403: "403", 401: "401", 503: "503"} {
		_, err := examine(t, func(c string) bool { return c == "udp" }, func(remote.Check) (int, string) { return status, `{}` })
		if no, ok := errors.AsType[*remote.RefusedError](err); !ok || !strings.Contains(no.Error(), says) {
			t.Errorf("%d: %v", status, err)
		}
	}
}
