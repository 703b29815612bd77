package policy_test

import (
	"reflect"
	"slices"
	"testing"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
	"sslvpnchange/internal/policy"
)

// FuzzParse checks that no input makes Parse panic, that every problem is complete,
// and that an accepted policy passes the schema, is parsed as the same in the other
// format, and decides without contradiction.
func FuzzParse(f *testing.F) {
	for _, d := range slices.Concat(validDocuments(), invalidDocuments()) {
		if len(d.text) < 4096 {
			f.Add([]byte(d.text), d.format == document.JSON)
		}
	}
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, data []byte, inJSON bool) {
		format := document.YAML
		if inJSON {
			format = document.JSON
		}
		p, problems := policy.Parse(data, format)
		if len(problems) > 0 {
			for _, problem := range problems {
				if problem.Rule == "" || problem.Message == "" || problem.Hint == "" || p != nil {
					t.Fatalf("refused with %+v and %v", problem, p)
				}
			}
			return
		}
		text := data
		if !inJSON {
			var err error
			if text, err = asJSON(data); err != nil {
				t.Fatalf("%v", err)
			}
		}
		if err := validates(schema, text); err != nil {
			t.Fatalf("taken, and the schema says %v", err)
		}
		again, problems := policy.Parse(text, document.JSON)
		if len(problems) > 0 || !reflect.DeepEqual(p, again) {
			t.Fatalf("%s\ncame back as %+v, problems %v, was %+v", text, again, problems, p)
		}
		agrees(t, p)
	})
}

// agrees compares the decisions of a policy with each other.
func agrees(t *testing.T, p *policy.Policy) {
	t.Helper()
	looked := []change.Target{{}, {RegionID: "cn-hangzhou", ServerID: "vss-bp1"}}
	for _, s := range p.Servers() {
		if found, ok := p.Server(s.Name); !ok || found != s.Target || p.NameOf(found) != s.Name {
			t.Fatalf("%q finds %v, %v", s.Name, found, ok)
		}
		looked = append(looked, s.Target)
	}
	port := []change.Field{change.Port}
	for _, target := range looked[:min(len(looked), 4)] {
		if p.Approvals(target, port) > p.Approvals(target, change.Fields()) {
			t.Fatalf("all settings of %v need less than one", target)
		}
		people := append(p.People(), policy.Person{Name: "nobody:here"})
		for _, who := range people[:min(len(people), 8)] {
			approvers := p.Approvers(askedBy(who.Name, target, port))
			for _, other := range people[:min(len(people), 8)] {
				agrees := p.May(other, policy.Approve, target, port) == nil && other.Name != who.Name
				if agrees != slices.Contains(approvers, other.Name) {
					t.Fatalf("approvers of %s: %q, and of %s it is %v", who.Name, approvers, other.Name, agrees)
				}
			}
		}
	}
	if p.May(policy.Person{Name: "nobody:here"}, policy.Read, change.Target{}, nil) == nil {
		t.Fatal("nobody may read")
	}
}
