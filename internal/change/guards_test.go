package change_test

import (
	"testing"
	"time"

	"sslvpnchange/internal/change"
)

func TestConfirmations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10m": "10m", "90s": "1m30s", "1h30m": "1h30m", "1H 30m": "", "24h": "24h", "proof": "10m proof", "20m proof": "20m proof", "20m+Proof": "20m proof",
		"1h0m5s": "1h5s", "60m": "1h",
		"": "", " ": "", "10": "", "0m": "", "-10m": "", "1.5h": "", "10ms": "", "10m10m": "", "10s10m": "", "m": "", "10m ": "10m", "proof 10m": "",
		"proof proof": "", "10m 20m": "", "9999999s": "", "999999h": "999999h", "１０m": "",
	} {
		c, p := change.ParseConfirmation(text)
		if c.String() != want || (p == nil) != (want != "") || c.IsZero() != (want == "") {
			t.Errorf("%q is %q, %v; want %q", text, c, p, want)
		}
		again, p := change.ParseConfirmation(c.String())
		if want != "" && (p != nil || again != c) {
			t.Errorf("%q came back as %+v, %v", c, again, p)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"idle(5)": 5, "idle(<5)": 5, "IDLE( < 5 )": 5, "idle(10001)": 10001,
		"": 0, "5": 0, "idle": 0, "idle()": 0, "idle(0)": 0, "idle(-1)": 0, "idle(+1)": 0, "idle(05)": 0, "idle(5": 0, "idle(>5)": 0, "idle(<<5)": 0, "idle(99999999999999999999)": 0,
	} {
		if n, p := change.ParseIdle(text); n != want || (p == nil) != (want > 0) {
			t.Errorf("%q is %d, %v; want %d", text, n, p, want)
		}
	}
	if change.Idle(5) != "idle(5)" || change.Idle(0) != "" {
		t.Errorf("rendered as %q and %q", change.Idle(5), change.Idle(0))
	}
}

func TestWhoWantsAProof(t *testing.T) {
	t.Parallel()
	for want, list := range map[bool][]change.Request{
		true:  {{Proof: true}, {Confirm: change.Confirmation{For: time.Minute}}, {Confirm: change.Confirmation{For: time.Minute, Proof: true}}},
		false: {{}, {Idle: 5}},
	} {
		for _, r := range list {
			if r.WantsProof() != want {
				t.Errorf("%+v: %t", r, !want)
			}
		}
	}
}
