package storedtest

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

type inner struct {
	Kind string `json:"kind"`
}

type form struct {
	inner

	Schema string            `json:"schema"`
	At     time.Time         `json:"at"`
	Parts  []*part           `json:"parts"`
	By     map[string]string `json:"by,omitempty"`
	Skip   int               `json:"-"`
	Plain  int
	hidden int
}

type part struct {
	N int `json:"n,omitempty"`
}

func TestNamesOfAType(t *testing.T) {
	t.Parallel()
	want := []string{"Plain", "at", "by", "kind", "parts", "parts[].n", "schema"}
	if got := namesOf(reflect.TypeFor[form]()); !slices.Equal(got, want) {
		t.Errorf("names are %q, want %q", got, want)
	}
	_ = form{hidden: 1}
}

func TestNamesInASample(t *testing.T) {
	t.Parallel()
	got := namesIn(t, reflect.TypeFor[form](), []byte(`{"kind":"","by":{"anybody":"x"},"parts":[{"n":0},{"n":2}],"other":{"x":1},"Plain":0}`))
	want := map[string]bool{"kind": false, "by": true, "parts": true, "parts[].n": true, "other": true, "Plain": false}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("names are %v, want %v", got, want)
	}
}

func TestVersionsGoByTheirNumbers(t *testing.T) {
	t.Parallel()
	got := versions(map[string]int{"v2": 0, "v1.10": 0, "v1": 0, "v1.2": 0})
	if want := []string{"v1", "v1.2", "v1.10", "v2"}; !slices.Equal(got, want) {
		t.Errorf("order is %q, want %q", got, want)
	}
}

func TestDifferenceNamesThePlace(t *testing.T) {
	t.Parallel()
	a := form{Parts: []*part{{1}, {2}}, By: map[string]string{"x": "1"}}
	b := form{Parts: []*part{{1}, {3}}, By: map[string]string{"x": "1"}}
	for _, tt := range []struct {
		got, want form
		at        string
	}{
		{a, a, ""},
		{a, b, ".Parts[1].N is 2, want 3"},
		{form{By: map[string]string{"x": "1"}}, form{By: map[string]string{"x": "2"}}, ".By[x] is 1, want 2"},
		{form{Parts: []*part{}}, form{}, ".Parts is [], want []"},
	} {
		if at := difference(reflect.ValueOf(tt.got), reflect.ValueOf(tt.want), ""); at != tt.at {
			t.Errorf("difference is %q, want %q", at, tt.at)
		}
	}
}
