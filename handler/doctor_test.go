package handler_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
)

func check(body string) call {
	return call{method: "POST", path: "/v1/doctor", body: body, header: map[string]string{"Content-Type": "application/json"}}
}

func TestWhoMayCheckTheAccount(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	p := h.problem(check(`{"check":"create-only"}`), 403, "forbidden")
	if len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Message, "on *") {
		t.Errorf("got %+v", p)
	}
	h.count("claims/doctor/", 0)
}

func TestQuestionsAboutTheAccountAreReadStrictly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for body, says := range map[string]string{
		``: "problems", `[]`: "a question is an object", `{}`: "the checks are create-only, never-versioned", `{"check":"x"}`: "there is no check of this name",
		`{"check":5}`: "problems", `{"check":"udp","other":""}`: "other", `{"check":"udp","run":"../../policy/policy.yaml"}`: "not the run of a check",
		`{"check":"udp","server":"nowhere"}`: "the policy names no such server",
	} {
		if out := h.ask(check(body), 422+map[bool]int{true: 400 - 422}[body == ""]); !strings.Contains(out.Body, says) {
			t.Errorf("%s is answered %s", body, out.Body)
		}
	}
	h.problem(check(`{}`).with("Content-Type", "application/yaml"), 415, "media-type")
	h.count("claims/doctor/", 0)
}

// TestChecksLeaveNothing makes each check that needs no other invocation.
func TestChecksLeaveNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	for _, c := range doctor.Checks() {
		if slices.Contains([]doctor.Check{doctor.Delay, doctor.Retry, doctor.WakeTrigger, doctor.AnswerTrigger, doctor.SweepTimer, doctor.SurplusRights}, c) {
			continue // these need triggers or a role, which the local cloud has
		}
		var got doctor.Result
		decode(t, h.ask(check(`{"check":"`+string(c)+`","server":"cn-hangzhou/vss-one"}`), 200).Body, &got)
		want := doctor.OK
		if c == doctor.UDP || c == doctor.TCP {
			want = doctor.NotChecked // nothing listens
		}
		if got.Check != c || got.Outcome != want || got.Found == "" {
			t.Errorf("%s: %+v", c, got)
		}
	}
	h.count("claims/doctor/", 0)
	if n := h.VPC.Snapshot().Effective; n != 0 {
		t.Errorf("%d modifications", n)
	}
}

// TestACheckWorksWhereThePreflightFails checks a bucket that must not be used.
func TestACheckWorksWhereThePreflightFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.OSS.SetVersioning("change-bucket", "Suspended"); err != nil {
		t.Fatal(err)
	}
	h.problem(post("/v1/changes", setPort), 503, "unavailable")
	for _, c := range []doctor.Check{doctor.NeverVersioned, doctor.CreateOnly} {
		var got doctor.Result
		decode(t, h.ask(check(`{"check":"`+string(c)+`"}`), 200).Body, &got)
		if got.Outcome != doctor.Finding {
			t.Errorf("%s: %+v", c, got)
		}
	}
}
