package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// examined runs vpnctl doctor in an empty folder, with an answer typed on a terminal;
// "" for no terminal. It reports how many checks the function was asked for.
func examined(t *testing.T, typed string, args ...string) (r result, asked int) {
	t.Helper()
	url := function(t, func(r *http.Request, body string) (int, string) {
		if r.URL.Path != "/v1/doctor" {
			return 200, `{"version":"devel"}`
		}
		asked++
		if strings.Contains(body, `"store-clock"`) {
			return 200, `{"check":"store-clock","result":"finding","found":"Date went back by 5s"}`
		}
		return 200, `{"check":"x","result":"ok","found":"fine"}`
	})
	var out, errs bytes.Buffer
	env := secretEnv()
	term := &terminal{
		in: strings.NewReader(typed), out: &out, err: &errs, asks: typed != "",
		lookup: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
	}
	code := execute(t.Context(), term, append([]string{"doctor", "--url", url, "--file", t.TempDir() + "/.env.deploy"}, args...))
	return result{code, out.String(), errs.String()}, asked
}

func TestTheAccountIsCheckedWithConsentOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typed string
		args  []string
		code  int
		asked int
		says  string
	}{
		{"", []string{"--live"}, exitUsage, 0, "give --yes"},
		{"y\n", []string{"--live", "--json"}, exitUsage, 0, "give --yes"},
		{"n\n", []string{"--live", "--only", "udp"}, exitFailed, 0, "the account was not checked"},
		{"y\n", []string{"--live", "--only", "udp"}, exitDone, 1, "0 findings of 1 check, 0 not checked"},
		{"y\n", []string{"--live", "--only", "udp"}, exitDone, 1, "Nothing is modified on any VPN server"},
		{"", []string{"--live", "--yes", "--only", "udp"}, exitDone, 1, "fine"},
		{"", []string{"--live", "--yes", "--only", "store-clock"}, exitFailed, 1, "what to do: check OSS_ENDPOINT"},
		{"", []string{"--live", "--yes", "--only", "store-clock", "--json"}, exitFailed, 1, `"findings": 1`},
		{"", []string{"--only", "store-klock"}, exitUsage, 0, "there is no check store-klock"},
		{"", []string{"--only", "settings"}, exitDone, 0, "not-checked  settings"},
	} {
		r, asked := examined(t, tt.typed, tt.args...)
		if r.code != tt.code || asked != tt.asked || !strings.Contains(r.out+r.err, tt.says) {
			t.Errorf("%q: exit status %d, %d checks asked:\n%s%s", tt.args, r.code, asked, r.out, r.err)
		}
	}
}
