package doctor_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/docs/policies"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/ram"
	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
)

// asked collects the rights that requests need: "oss:GetObject changes".
type asked struct {
	mu     sync.Mutex
	rights map[string]bool
	deny   string // the right that is denied
}

func (a *asked) permits(_, action, resource string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	right := action + " " + folder(resource)
	a.rights[right] = true
	return right != a.deny
}

// folder is the first folder of a key in a resource; "" for a bucket.
func folder(resource string) string {
	_, key, _ := strings.Cut(resource, "/")
	key, _, _ = strings.Cut(key, "/")
	return key
}

// account is a doctor in an emulated account whose requests are noted.
func account(t *testing.T) (*doctor.Doctor, *asked, *cloudtest.Cloud) {
	t.Helper()
	a := &asked{rights: map[string]bool{}}
	c := cloudtest.New(t, cloudtest.WithOSS(func(o *oss.Options) { o.Permits = a.permits }))
	return doctor.New(doctor.Deps{Changes: c.Store, Records: c.Store, Now: time.Now}), a, c
}

// documented are the rights that docs/policies/function.json allows.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	p, err := ram.Parse(policies.Function())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, s := range p.Statement {
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				if s.Effect == ram.Allow && strings.HasPrefix(action, "oss:") {
					out[action+" "+folder(resource)] = true
				}
			}
		}
	}
	return out
}

func TestEveryRightOfTheRoleIsTried(t *testing.T) {
	t.Parallel()
	d, a, c := account(t)
	if res := d.Do(t.Context(), doctor.Question{Check: doctor.StoreRights}); res.Outcome != doctor.OK {
		t.Fatalf("%+v", res)
	}
	if want := documented(t); !maps.Equal(a.rights, want) {
		t.Errorf("tried\n%q\nthe role has\n%q", slices.Sorted(maps.Keys(a.rights)), slices.Sorted(maps.Keys(want)))
	}
	if keys := c.Keys(t.Context(), ""); len(keys) > 0 {
		t.Errorf("it left %q", keys)
	}
}

func TestEachMissingRightIsFound(t *testing.T) {
	t.Parallel()
	for right := range documented(t) {
		d, a, _ := account(t)
		a.deny = right
		res := d.Do(t.Context(), doctor.Question{Check: doctor.StoreRights})
		action, prefix, _ := strings.Cut(right, " ")
		if res.Outcome != doctor.Finding || !strings.Contains(res.Found, action+" "+prefix) {
			t.Errorf("without %s: %+v", right, res)
		}
	}
}

// TestNoRightIsTriedAndSurplus has no right among those that must be missing.
func TestNoRightIsTriedAndSurplus(t *testing.T) {
	t.Parallel()
	d, a, c := account(t)
	res := d.Do(t.Context(), doctor.Question{Check: doctor.SurplusRights})
	if res.Outcome != doctor.Finding {
		t.Errorf("a role that may do everything: %+v", res)
	}
	have := documented(t)
	for right := range a.rights {
		if have[right] {
			t.Errorf("%s is a right of the role", right)
		}
		if !strings.Contains(res.Found, right) {
			t.Errorf("%s is not found: %+v", right, res)
		}
	}
	if keys := c.Keys(t.Context(), ""); len(keys) > 0 {
		t.Errorf("it left %q", keys)
	}
}
