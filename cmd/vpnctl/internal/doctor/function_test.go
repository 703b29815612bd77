package doctor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// answers is a function with a version, or something else at its address.
type answers struct {
	version string
	get     string
	post    int
	late    time.Duration // how far its Date is behind
}

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", time.Now().Add(-a.late).UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	body := a.get
	switch {
	case r.URL.Path == "/v1/version":
		body = `{"version":"` + a.version + `","go":"go1.26"}`
	case r.Method == http.MethodPost:
		w.WriteHeader(a.post)
		body = `{"type":"urn:sslvpn-change:problem:method","status":405}`
		if a.post != http.StatusMethodNotAllowed {
			body = `{"Code":"FCCommonError"}`
		}
	}
	_, _ = io.WriteString(w, body)
}

func ask(t *testing.T, a answers, own string) map[string]doctor.Result {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	secret, err := webhook.ParseSecret(good)
	if err != nil {
		t.Fatal(err)
	}
	client, err := remote.New(remote.Options{URL: s.URL, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	f := doctor.Function{URL: s.URL, HTTP: s.Client(), Now: time.Now, Remote: client, Own: own}
	return outcomes(f.Check(t.Context(), func() string { return "msg" }))
}

func TestTheFunctionIsAsked(t *testing.T) {
	t.Parallel()
	sound := answers{version: "v0.1.0", get: `{"status":"ok"}`, post: http.StatusMethodNotAllowed}
	for _, r := range ask(t, sound, "v0.1.0") {
		expect(t, r, doctor.OK, "")
	}
	late, closed, foreign := sound, sound, sound
	late.late, closed.post, foreign.get = 4*time.Minute, http.StatusForbidden, "<html>"
	expect(t, ask(t, late, "v0.1.0")["function-clock"], doctor.Finding, "off by 4m")
	expect(t, ask(t, closed, "v0.1.0")["http-methods"], doctor.Finding, "POST /healthz is answered with 403")
	expect(t, ask(t, foreign, "v0.1.0")["http-methods"], doctor.Finding, "GET /healthz is answered with 200")
	expect(t, ask(t, sound, "v0.2.0")["function-version"], doctor.Finding, "the function is v0.1.0, vpnctl is v0.2.0")
	expect(t, ask(t, sound, "devel")["function-version"], doctor.NotChecked, "devel")
	gone := doctor.Function{URL: "http://127.0.0.1:1", HTTP: http.DefaultClient, Now: time.Now, Own: "v0.1.0"}
	for _, r := range gone.Check(t.Context(), func() string { return "msg" }) {
		expect(t, r, doctor.NotChecked, "")
	}
}
