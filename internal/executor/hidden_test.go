package executor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// eveIsTold is all that a viewer of one server is told, in both languages.
func (r *harness) eveIsTold(line string) string {
	r.t.Helper()
	cmd, err := command.Parse(line)
	if err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
	d, _ := r.services()
	ans, _, err := d.Do(r.t.Context(), r.from("eve"), cmd)
	if err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
	out, err := json.Marshal([]any{ans, wording.In(lang.English).Answer(ans), wording.In(lang.Chinese).Answer(ans)})
	if err != nil {
		r.t.Fatal(err)
	}
	return string(out)
}

// What somebody may not view is answered as what does not exist, up to what they typed.
func TestHiddenServersDoNotExist(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	waiting := r.accepted("mei", "apply office port=1196").Change.ID
	ended := r.accepted("boss", "apply office proto=tcp").Change.ID
	r.accepted("boss", "cancel "+ended)
	r.drain(r.office)
	const none = "20261122-aaaaaaaaaaaaaaaaaaaaaaaaaa"
	tests := map[string]struct {
		hidden, absent string
		lines          []string
	}{
		"a name":                   {"office", "nowhere", []string{"status X", "history X", "plan X port=1195", "apply X port=1195", "plan X port=1195 expect.port=1"}},
		"a name in another case":   {"OFFICE", "NOWHERE", []string{"status X", "apply X port=1195"}},
		"a name with its region":   {"cn-hangzhou/office", "cn-hangzhou/nowhere", []string{"status X", "apply X port=1195"}},
		"a name in another region": {"cn-beijing/office", "cn-beijing/nowhere", []string{"status X", "history X"}},
		"an id":                    {"vss-office", "vss-absent", []string{"status X", "history X", "plan X port=1195", "apply X port=1195"}},
		"an id with its region":    {"cn-hangzhou/vss-office", "cn-hangzhou/vss-absent", []string{"status X", "apply X port=1195"}},
		"the id of its gateway":    {"vpn-of-vss-office", "vpn-of-vss-absent", []string{"status X", "apply X port=1195"}},
		"a queued change":          {waiting, none, []string{"status X", "approve X", "approve X aaaaaaaa", "reject X", "cancel X", "rollback X"}},
		"an ended change":          {ended, none, []string{"status X", "approve X", "reject X", "cancel X", "rollback X"}},
		"the beginning of an id":   {waiting[:22], none[:22], []string{"status X", "cancel X", "rollback X"}},
	}
	for name, test := range tests {
		for _, line := range test.lines {
			hidden := r.eveIsTold(strings.ReplaceAll(line, "X", test.hidden))
			absent := r.eveIsTold(strings.ReplaceAll(line, "X", test.absent))
			typed := strings.NewReplacer(test.hidden, "X", test.absent, "X", lower(test.hidden), "X", lower(test.absent), "X", bare(test.hidden), "X", bare(test.absent), "X")
			if hidden, absent = typed.Replace(hidden), typed.Replace(absent); hidden != absent {
				t.Errorf("%s, %s\nhidden: %s\nabsent: %s", name, line, hidden, absent)
			}
			for _, secret := range []string{"mei", "jun", "boss", "1196"} {
				if strings.Contains(hidden, secret) {
					t.Errorf("%s, %s tells %q: %s", name, line, secret, hidden)
				}
			}
		}
	}
}

func lower(s string) string { return strings.ToLower(s) }

// bare is what follows the region.
func bare(s string) string { return s[strings.LastIndex(s, "/")+1:] }

func TestHintsNameVisibleServersOnly(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	hint := r.refused("eve", "status nowhere", executor.NotFound, executor.RuleUnknownServer).Problems[0].Hint
	if !strings.Contains(hint, "test") || strings.Contains(hint, "office") {
		t.Errorf("the hint for a viewer of test: %s", hint)
	}
	if hint := r.refused("mei", "status nowhere", executor.NotFound, executor.RuleUnknownServer).Problems[0].Hint; !strings.Contains(hint, "office") {
		t.Errorf("the hint for everybody's operator: %s", hint)
	}
	if list := r.eveIsTold("servers"); strings.Contains(list, "office") {
		t.Errorf("the list has %s", list)
	}
	if list := r.eveIsTold("status"); strings.Contains(list, "office") {
		t.Errorf("the queue has %s", list)
	}
}
