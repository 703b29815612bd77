package change_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
)

// A new setting is a constant, a place in Fields and an entry of the table. The
// places outside of this package are listed by internal/dev/docscheck.
func TestEverySettingIsDescribed(t *testing.T) {
	t.Parallel()
	var fields []string
	for _, f := range change.Fields() {
		fields = append(fields, string(f))
	}
	if declared := gosource.Constants(t, ".", "Field"); !slices.Equal(fields, declared) {
		t.Errorf("Fields lists %q, the constants are %q", fields, declared)
	}
	words := map[string]change.Field{}
	for _, f := range change.Fields() {
		s := f.Setting()
		for what, missing := range map[string]bool{
			"Kind": s.Kind == "", "Group": s.Group == "", "English": s.English == "", "Chinese": s.Chinese == "", "Example": s.Example == "", "Advice": s.Advice == "",
			"a client that need not reconnect and cannot": s.ClientFile && !s.Disconnects,
		} {
			if missing {
				t.Errorf("the entry of %s in Field.Setting lacks %s", f, what)
			}
		}
		for _, word := range append(strings.Fields(s.English+" "+s.Chinese), strings.ToLower(string(f))) {
			if other, ok := words[word]; ok && other != f {
				t.Errorf("%s and %s are both called %s", f, other, word)
			}
			words[word] = f
		}
		if problems := change.Validate([]change.Request{request(change.Patch{f: example(t, f)})}, noon()); len(problems) > 0 {
			t.Errorf("the example of %s is refused: %v", f, problems)
		}
		for _, c := range f.Companions(change.Settings{change.EnableMultiFactorAuth: change.Flag(true)}) {
			if c.Setting().Group != s.Group {
				t.Errorf("%s is sent with %s, which is of another group", f, c)
			}
		}
	}
	if change.Field("DnsServers").Setting().Kind != "" {
		t.Error("a field that is not a setting has an entry")
	}
}

// example is the value that the table gives as an example.
func example(t *testing.T, f change.Field) change.Value {
	t.Helper()
	text := f.Setting().Example
	if f.Kind() == change.KindText {
		return change.Text(text)
	}
	var v change.Value
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEffectsOfSettings(t *testing.T) {
	t.Parallel()
	for _, f := range change.Fields() {
		s := f.Setting()
		if s.Disconnects == (f == change.Name) {
			t.Errorf("%s: Disconnects is %t", f, s.Disconnects)
		}
		file := slices.Contains([]change.Field{change.Proto, change.Port, change.Cipher, change.Compress, change.EnableMultiFactorAuth}, f)
		if s.ClientFile != file {
			t.Errorf("%s: ClientFile is %t", f, s.ClientFile)
		}
		if alone := (change.Patch{f: example(t, f)}); alone.Synchronous() != (f == change.Name) {
			t.Errorf("%s alone: Synchronous is %t", f, alone.Synchronous())
		}
	}
	if (change.Patch{change.Name: change.Text("ab"), change.Port: change.Number(1)}).Synchronous() || (change.Patch{}).Synchronous() {
		t.Error("a patch of two settings or of none is synchronous")
	}
}

func TestCompanions(t *testing.T) {
	t.Parallel()
	on := change.Settings{change.EnableMultiFactorAuth: change.Flag(true)}
	for name, tt := range map[string]struct {
		field change.Field
		after change.Settings
		want  []change.Field
	}{
		"a pool goes with the subnets":                {change.ClientIPPool, nil, []change.Field{change.LocalSubnet}},
		"subnets go with the pool":                    {change.LocalSubnet, on, []change.Field{change.ClientIPPool}},
		"multi-factor authentication goes with IDaaS": {change.EnableMultiFactorAuth, on, []change.Field{change.IDaaSInstanceID, change.IDaaSRegionID, change.IDaaSApplicationID}},
		"switched off, it goes alone":                 {change.EnableMultiFactorAuth, nil, nil},
		"IDaaS goes with multi-factor authentication": {change.IDaaSRegionID, on, []change.Field{change.EnableMultiFactorAuth, change.IDaaSInstanceID, change.IDaaSApplicationID}},
		"a port goes alone":                           {change.Port, on, nil},
	} {
		if got := tt.field.Companions(tt.after); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
