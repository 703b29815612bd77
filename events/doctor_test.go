package events_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/events"
)

func TestDoctorEvents(t *testing.T) {
	t.Parallel()
	run := strings.Repeat("a2", 13)
	for payload, want := range map[string]*events.Doctor{
		`{"doctor":{"run":"` + run + `"}}`:                    {Run: run},
		`{"doctor":{"run":"` + run + `","fail":true,"x":1}}`:  {Run: run, Fail: true},
		`{"doctor":{"run":"` + run[1:] + `"}}`:                nil,
		`{"doctor":{"run":"../policy/policy.yaml/../../aa"}}`: nil,
		`{"doctor":{"run":"` + strings.ToUpper(run) + `"}}`:   nil,
		`{"doctor":{"run":5}}`:                                nil,
		`{"doctor":"` + run + `"}`:                            nil,
		`{"doctor":{"run":"` + run + `"},"wake":{"at":"2026-11-28T00:00:00Z","lanes":[{"lane":"a/b"}]}}`: nil,
	} {
		ev, err := events.Decode([]byte(payload))
		switch {
		case want == nil && err == nil:
			t.Errorf("%s is decoded to %+v", payload, ev)
		case want != nil && (err != nil || ev.Doctor == nil || *ev.Doctor != *want):
			t.Errorf("%s: %+v, %v", payload, ev, err)
		}
	}
}
