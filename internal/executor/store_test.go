package executor_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
)

// While the store fails, the command fails instead of giving a wrong answer. The
// same message succeeds when the store works again.
func TestCommandsWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ who, line, prefix string }{
		{"mei", "apply test port=1196", "claims/"},
		{"mei", "apply test port=1196", "queue/"},
		{"mei", "rollback $ENDED", "results/"},
		{"mei", "rollback $QUEUED", "queue/"},
		{"mei", "status $QUEUED", "queue/"},
		{"mei", "status $ENDED", "results/"},
		{"mei", "status $QUEUED", "lanes/"},
		{"mei", "status", "queue/"},
		{"mei", "status test", "queue/"},
		{"mei", "history test", "lanes/"},
		{"mei", "history test", "results/"},
		{"mei", "cancel $QUEUED", "queue/"},
		{"lan", "reject $ASKED", "queue/"},
		{"jun", "approve $ASKED $CODE", "queue/"},
	} {
		t.Run(tt.line+" without "+tt.prefix, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			ended := r.accepted("mei", "apply test port=1195").Change.ID
			r.drain(r.test)
			queued := r.accepted("mei", "apply test cipher=none").Change.ID
			requested := r.accepted("mei", "apply office port=1195")
			cmd, err := command.Parse(filled(tt.line, ended, queued, requested.Change.ID, requested.Plan.Code))
			if err != nil {
				t.Fatal(err)
			}
			a := r.from(tt.who)
			if err := r.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: tt.prefix, Times: -1}); err != nil {
				t.Fatal(err)
			}
			d, _ := r.services()
			if ans, _, err := d.Do(t.Context(), a, cmd); err == nil || ans.Outcome != "" {
				t.Errorf("it is answered %+v, %v", ans, err)
			}
			r.OSS.ClearFaults()
			d, _ = r.services()
			if ans, _, err := d.Do(t.Context(), a, cmd); err != nil || ans.Outcome == executor.Refused && ans.Refusal != executor.TooLate {
				t.Errorf("when the store is back: %+v, %v", ans, err)
			}
		})
	}
}

// A redelivery finds the queued change, or fails: it never queues a second one.
func TestARedeliveryWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"apply test port=1196", "rollback $ENDED"} {
		r := newHarness(t)
		ended := r.accepted("mei", "apply test port=1195").Change.ID
		r.drain(r.test)
		a := r.from("mei")
		cmd, err := command.Parse(filled(line, ended, "", "", ""))
		if err != nil {
			t.Fatal(err)
		}
		d, _ := r.services()
		first, _, err := d.Do(t.Context(), a, cmd)
		if err != nil || first.Outcome != executor.Accepted {
			t.Fatalf("%s is %+v, %v", line, first, err)
		}
		for _, prefix := range []string{"results/", "queue/", "lanes/"} {
			if err := r.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: prefix, Times: -1}); err != nil {
				t.Fatal(err)
			}
			if ans, _, err := d.Do(t.Context(), a, cmd); err == nil {
				t.Errorf("%s without %s is answered %+v", line, prefix, ans)
			}
			r.OSS.ClearFaults()
		}
		r.count("queue/", 1)
	}
}

// Nobody can vote on a queue entry that cannot be read.
func TestAChangeThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id := r.accepted("mei", "apply test port=1195").Change.ID
	keys := r.Keys(t.Context(), "queue/")
	if err := r.Store.Put(t.Context(), keys[0], []byte("{")); err != nil {
		t.Fatal(err)
	}
	cmd, err := command.Parse("cancel " + id)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := r.services()
	if ans, _, err := d.Do(t.Context(), r.from("mei"), cmd); err == nil {
		t.Errorf("it is answered %+v", ans)
	}
	r.drain(r.test)
	if rec := r.ended(id, change.Failed); rec.Error.Code != "entry-unreadable" {
		t.Errorf("it ended with %+v", rec.Error)
	}
}

func TestUnknownServers(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, line := range []string{"history nowhere", "status nowhere", "apply nowhere port=1195", "plan nowhere port=1195"} {
		r.refused("mei", line, executor.NotFound, executor.RuleUnknownServer)
	}
	if ans := r.says("mei", "status vss-none"); ans.Outcome != executor.Refused || ans.Refusal != executor.NotFound || len(ans.Problems) == 0 {
		t.Errorf("it is %+v", ans)
	}
	r.down()
	if ans := r.says("mei", "status test"); ans.Outcome != executor.Shown || ans.Plan == nil || ans.Plan.Unseen == nil {
		t.Errorf("while the API is away: %+v", ans)
	}
}
