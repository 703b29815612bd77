package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/ram"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
)

// broken is a promise of the platform that the local cloud breaks.
type broken struct {
	name  string
	found []doctor.Check // what the doctor finds, and nothing else
	do    func(h *harness) error
	// beside are checks that cannot be made then, or that find it as well, depending on
	// the moment.
	beside []doctor.Check
}

// breaks has one way at least to break each assumption that the function checks.
func breaks() []broken {
	store := func(change func(*oss.Broken)) func(*harness) error {
		return func(h *harness) error { h.OSS().Break(change); return nil }
	}
	platform := func(change func(*fc.Broken)) func(*harness) error {
		return func(h *harness) error { h.FC().Break(change); return nil }
	}
	api := func(change func(*vpc.Broken)) func(*harness) error {
		return func(h *harness) error { h.VPC().Break(change); return nil }
	}
	role := func(change func([]ram.Statement) []ram.Statement) func(*harness) error {
		return func(h *harness) error { h.Role().Change(change); return nil }
	}
	without := func(action, resource string) func(*harness) error {
		return role(func(s []ram.Statement) []ram.Statement {
			return append(s, ram.Statement{Effect: ram.Deny, Action: []string{action}, Resource: []string{resource}})
		})
	}
	mute := func(ids ...string) func(*harness) error {
		return func(h *harness) error {
			for _, id := range ids {
				if err := h.Tunnels().Set(id, tunnel.Mute); err != nil {
					return err
				}
			}
			return nil
		}
	}
	servers := localcloud.Servers()
	return []broken{
		{name: "x-oss-forbid-overwrite has no effect", found: []doctor.Check{doctor.CreateOnly}, do: store(func(b *oss.Broken) { b.Overwrites = true })},
		{name: "the bucket was versioned", found: []doctor.Check{doctor.NeverVersioned, doctor.CreateOnly}, beside: []doctor.Check{doctor.SweepTimer}, do: func(h *harness) error {
			return h.OSS().SetVersioning(localcloud.Bucket, "Suspended")
		}},
		{name: "new objects are read late", found: []doctor.Check{doctor.ReadAfterWrite}, do: store(func(b *oss.Broken) { b.LateReads, b.LatePrefix = 2*time.Second, "claims/doctor/" })},
		{name: "listings are stale", found: []doctor.Check{doctor.ListAfterWrite}, do: func(h *harness) error {
			return h.OSS().Inject(oss.Fault{Kind: oss.StaleList, KeyPrefix: "claims/doctor/", AgeSeconds: 2, Times: -1})
		}},
		{name: "listings are not sorted", found: []doctor.Check{doctor.ListingOrder}, do: store(func(b *oss.Broken) { b.Unsorted = true })},
		{name: "listings ignore where they begin", found: []doctor.Check{doctor.ListingOrder}, do: store(func(b *oss.Broken) { b.Restarts = true })},
		{name: "Last-Modified is wrong", found: []doctor.Check{doctor.StoreClock}, do: store(func(b *oss.Broken) { b.Stamps = time.Hour })},
		{name: "Date goes back", found: []doctor.Check{doctor.StoreClock}, do: store(func(b *oss.Broken) { b.DateTurns = true })},
		{name: "the clock of the instance is late", found: []doctor.Check{doctor.InstanceClock}, do: func(h *harness) error { h.OSS().Advance(10 * time.Minute); return nil }},
		{name: "a right is missing", found: []doctor.Check{doctor.StoreRights}, do: without("oss:PutObject", "*/holds/*")},
		{name: "digests are not checked", found: []doctor.Check{doctor.StoreRights}, do: store(func(b *oss.Broken) { b.Verbatim = true })},
		{name: "a right to call the API is missing", found: []doctor.Check{doctor.APIRights}, do: without("vpc:DescribeSslVpnClientCerts", "*")},
		{name: "records can be deleted", found: []doctor.Check{doctor.SurplusRights}, do: role(func(s []ram.Statement) []ram.Statement {
			s = slices.DeleteFunc(s, func(s ram.Statement) bool { return s.Effect == ram.Deny && s.Action[0] == "oss:DeleteObject" })
			return append(s, ram.Statement{Effect: ram.Allow, Action: []string{"oss:DeleteObject"}, Resource: []string{"*/results/*"}})
		})},
		{name: "private keys can be read", found: []doctor.Check{doctor.SurplusRights}, do: role(func(s []ram.Statement) []ram.Statement {
			s = slices.DeleteFunc(s, func(s ram.Statement) bool { return s.Action[0] == "vpc:DescribeSslVpnClientCert" })
			return append(s, ram.Statement{Effect: ram.Allow, Action: []string{"vpc:*"}, Resource: []string{"*"}})
		})},
		{
			name: "the API does not answer", found: []doctor.Check{doctor.APIEndpoint},
			beside: []doctor.Check{doctor.APIRights, doctor.SurplusRights, doctor.ClientList, doctor.DryRun, doctor.UDP, doctor.TCP}, do: func(h *harness) error {
				return h.VPC().Inject(vpc.Fault{Kind: vpc.FaultHTML, Times: -1})
			},
		},
		{name: "a gateway lacks VisuallySsl", found: []doctor.Check{doctor.ClientList}, do: func(h *harness) error {
			yes := true
			return h.VPC().Control(vpc.GatewayControl{ID: gatewayID, NotVisualized: &yes})
		}},
		{name: "a dry run is carried out", found: []doctor.Check{doctor.DryRun}, do: api(func(b *vpc.Broken) { b.DryRunApplies = true })},
		{name: "a dry run is answered like a modification", found: []doctor.Check{doctor.DryRun}, do: api(func(b *vpc.Broken) { b.DryRunSilent = true })},
		{name: "delays are ignored", found: []doctor.Check{doctor.Delay}, do: platform(func(b *fc.Broken) { b.NoDelays = true })},
		{name: "the function may not invoke itself", found: []doctor.Check{doctor.Delay, doctor.Retry}, do: func(h *harness) error { h.FC().Deny(true); return nil }},
		{name: "a retry has another request id", found: []doctor.Check{doctor.Retry}, do: platform(func(b *fc.Broken) { b.FreshRetries = true })},
		{name: "nothing is tried again", found: []doctor.Check{doctor.Retry}, do: platform(func(b *fc.Broken) { b.NoRetries = true })},
		{name: "the trigger of wake objects is silent", found: []doctor.Check{doctor.WakeTrigger}, do: platform(func(b *fc.Broken) { b.Silent = append(b.Silent, "wake") })},
		{name: "the trigger of answers is silent", found: []doctor.Check{doctor.AnswerTrigger}, do: platform(func(b *fc.Broken) { b.Silent = append(b.Silent, "answers") })},
		{name: "the timer is silent", found: []doctor.Check{doctor.SweepTimer}, do: platform(func(b *fc.Broken) { b.Silent = append(b.Silent, localcloud.SweepName) })},
		{name: "UDP is blocked", found: []doctor.Check{doctor.UDP}, do: mute(servers[0].ID, servers[1].ID)},
		{name: "TCP is blocked", found: []doctor.Check{doctor.TCP}, do: mute(servers[2].ID)},
	}
}

// examined is the report of vpnctl doctor.
type examined struct {
	Checks   int `json:"checks"`
	Findings int `json:"findings"`
	Results  []struct {
		Check     string `json:"check"`
		Result    string `json:"result"`
		Found     string `json:"found"`
		Rests     string `json:"rests"`
		Do        string `json:"do"`
		Statement string `json:"statement"`
	} `json:"results"`
}

// findings are the names of the checks that found something.
func (e examined) named(outcome doctor.Outcome) map[doctor.Check]bool {
	out := map[doctor.Check]bool{}
	for _, r := range e.Results {
		if r.Result == string(outcome) {
			out[doctor.Check(r.Check)] = true
		}
	}
	return out
}

// clinic starts a cloud for a doctor: with a policy, a sweep and the platform's retries.
func clinic(t *testing.T) *harness {
	t.Helper()
	return start(t, func(o *localcloud.Options) {
		o.Policy, o.SweepEvery, o.People = localcloud.Policy(), time.Second, true
		also(o, func(o *fc.Options) { o.RetryDelay = func(int) time.Duration { return 1200 * time.Millisecond } })
	})
}

// examine runs vpnctl doctor --live.
func (h *harness) examine(t *testing.T) examined {
	t.Helper()
	c := h.vpnctl(t, "doctor", "--live", "--yes", "--json", "--server", "test", "--patience", "1s")
	var out examined
	if err := json.Unmarshal([]byte(c.out), &out); err != nil || out.Checks == 0 {
		t.Fatalf("%v\n%s%s", err, c.out, c.err)
	}
	if want := map[bool]int{false: 0, true: 1}[out.Findings > 0]; c.code != want {
		t.Errorf("exit status %d with %d findings", c.code, out.Findings)
	}
	return out
}

func TestTheDoctorFindsNothingOnASoundCloud(t *testing.T) {
	t.Parallel()
	h := clinic(t)
	got := h.examine(t)
	ok := got.named(doctor.OK)
	for _, c := range doctor.Checks() {
		if !ok[c] {
			t.Errorf("%s is not ok", c)
		}
	}
	if got.Findings > 0 || got.Checks < len(doctor.Checks()) {
		t.Errorf("%+v", got)
	}
	h.quiet(t)
	if keys := h.keys("claims/doctor/"); len(keys) > 0 {
		t.Errorf("it left %q", keys)
	}
	if n := h.VPC().Snapshot().Effective; n != 0 {
		t.Errorf("%d modifications", n)
	}
}

// TestTheDoctorFindsWhatIsBroken breaks each assumption, alone.
func TestTheDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	all := breaks()
	var mu sync.Mutex
	found, lines := map[doctor.Check]bool{}, make([]string, len(all))
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		t.Cleanup(func() {
			total := len(doctor.Checks())
			t.Logf("\n%s\ndoctor found %d of %d assumptions, broken in %d ways", strings.Join(lines, "\n"), len(found), total, len(all))
			if len(found) != total && !t.Failed() {
				t.Errorf("not broken: all but %v", slices.Sorted(maps.Keys(found)))
			}
		})
		for i, b := range all {
			t.Run(b.name, func(t *testing.T) {
				t.Parallel()
				got := diagnose(t, b)
				mu.Lock()
				defer mu.Unlock()
				for _, c := range b.found {
					found[c] = found[c] || got[c]
				}
				lines[i] = fmt.Sprintf("%-45s found: %v", b.name, slices.Sorted(maps.Keys(got)))
			})
		}
	})
}

// ill starts a cloud for a doctor, and breaks it. The addresses of its servers are random,
// so that they may be those of another cloud on this machine.
func ill(t *testing.T, all []broken) *harness {
	t.Helper()
	for try := 0; ; try++ {
		h := clinic(t)
		var err error
		for _, b := range all {
			err = errors.Join(err, b.do(h))
		}
		if err == nil {
			return h
		}
		if try == 2 {
			t.Fatal(err)
		}
	}
}

// diagnose breaks some assumptions, and checks that exactly these are found.
func diagnose(t *testing.T, all ...broken) map[doctor.Check]bool {
	t.Helper()
	h := ill(t, all)
	want, beside := map[doctor.Check]bool{}, map[doctor.Check]bool{}
	for _, b := range all {
		for _, c := range b.found {
			want[c] = true
		}
		for _, c := range b.beside {
			beside[c] = true
		}
	}
	report := h.examine(t)
	got, ok := report.named(doctor.Finding), report.named(doctor.OK)
	for _, r := range report.Results {
		c := doctor.Check(r.Check)
		if r.Result == string(doctor.Finding) && (r.Found == "" || r.Rests == "" || r.Do == "" || r.Statement == "") {
			t.Errorf("%s says too little: %+v", c, r)
		}
		if got[c] && !want[c] && !beside[c] {
			t.Errorf("%s is found, and is not broken: %s", c, r.Found)
		}
	}
	for c := range want {
		if !got[c] && !beside[c] || ok[c] {
			t.Errorf("%s is broken, and is not found", c)
		}
	}
	return got
}

// TestTheDoctorFindsTwoAtOnce breaks two assumptions at once.
func TestTheDoctorFindsTwoAtOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short")
	}
	all := breaks()
	for i, a := range all {
		b := all[(i+7)%len(all)]
		if slices.ContainsFunc(a.found, func(c doctor.Check) bool { return slices.Contains(b.found, c) }) {
			continue
		}
		t.Run(a.name+", "+b.name, func(t *testing.T) {
			t.Parallel()
			diagnose(t, a, b)
		})
	}
}

// TestChangesGoOnWhileTheAccountIsChecked requests changes meanwhile.
func TestChangesGoOnWhileTheAccountIsChecked(t *testing.T) {
	t.Parallel()
	h := clinic(t)
	var changes sync.WaitGroup
	var done atomic.Bool
	applied := 0
	changes.Go(func() {
		for port := 2000; !done.Load(); port++ {
			h.vpnctl(t, "submit", "--region", region, "--server", serverID, "--set", fmt.Sprintf("Port=%d", port)).ends(t, 0, "applied")
			applied++
		}
	})
	got := h.examine(t)
	done.Store(true)
	changes.Wait()
	for _, r := range got.Results {
		if r.Result == string(doctor.Finding) {
			t.Errorf("%+v", r)
		}
	}
	if s := h.VPC().Snapshot(); s.Effective != applied || applied == 0 {
		t.Errorf("%d modifications of %d changes", s.Effective, applied)
	}
}
