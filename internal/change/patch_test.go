package change_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

func TestEqualFollowsTheMeaningOfAField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		f    change.Field
		a, b change.Value
		want bool
	}{
		{"subnets in another order", change.LocalSubnet, change.Text("10.1.0.0/16,10.2.0.0/16"), change.Text("10.2.0.0/16, 10.1.0.0/16"), true},
		{"a subnet with host bits", change.LocalSubnet, change.Text("10.1.2.3/16"), change.Text("10.1.0.0/16"), true},
		{"a subnet less", change.LocalSubnet, change.Text("10.1.0.0/16,10.2.0.0/16"), change.Text("10.1.0.0/16"), false},
		{"unreadable subnets", change.LocalSubnet, change.Text("a,b"), change.Text("a, b"), true},
		{"another mask", change.ClientIPPool, change.Text("10.1.0.0/16"), change.Text("10.1.0.0/17"), false},
		{"proto in another case", change.Proto, change.Text("udp"), change.Text("UDP"), true},
		{"cipher in another case", change.Cipher, change.Text("NONE"), change.Text("none"), true},
		{"name in another case", change.Name, change.Text("A1"), change.Text("a1"), false},
		{"a missing flag is off", change.Compress, change.Value{}, change.Flag(false), true},
		{"a missing flag is not on", change.Compress, change.Value{}, change.Flag(true), false},
		{"a missing text is empty", change.IDaaSInstanceID, change.Value{}, change.Text(""), true},
		{"a missing number is no number", change.Port, change.Value{}, change.Number(0), false},
		{"a missing subnet is none", change.LocalSubnet, change.Value{}, change.Text("10.1.0.0/16"), false},
		{"another type", change.Name, change.Number(1), change.Text("1"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := change.Equal(tt.f, tt.a, tt.b); got != tt.want {
				t.Errorf("Equal = %t, want %t", got, tt.want)
			}
			if got := change.Equal(tt.f, tt.b, tt.a); got != tt.want {
				t.Errorf("the other way round: Equal = %t, want %t", got, tt.want)
			}
		})
	}
}

func TestNormalizeSpellsAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	got := change.Patch{
		change.Proto: change.Text("udp"), change.Cipher: change.Text("aes-256-cbc"),
		change.LocalSubnet: change.Text(" 10.1.0.0/16 ,\t10.2.0.0/16"), change.Name: change.Text(" a "), change.Port: change.Number(1),
	}.Normalize()
	want := change.Patch{
		change.Proto: change.Text("UDP"), change.Cipher: change.Text("AES-256-CBC"),
		change.LocalSubnet: change.Text("10.1.0.0/16,10.2.0.0/16"), change.Name: change.Text(" a "), change.Port: change.Number(1),
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if change.Patch(nil).Normalize() != nil {
		t.Error("nil became a patch")
	}
	if v := change.Normalize(change.Cipher, change.Text("rot13")); v != change.Text("rot13") {
		t.Errorf("an unknown cipher became %v", v)
	}
}

func TestDiffListsOnlyWhatDiffersInOrder(t *testing.T) {
	t.Parallel()
	before := change.Settings{change.Port: change.Number(1194), change.Name: change.Text("a1"), change.Proto: change.Text("UDP")}
	got := change.Diff(before, change.Patch{
		change.Compress: change.Flag(true), change.Port: change.Number(1195), change.Proto: change.Text("udp"),
		change.Name: change.Text("b1"), change.EnableMultiFactorAuth: change.Flag(false),
	})
	want := []change.Difference{
		{Field: change.Name, From: change.Text("a1"), To: change.Text("b1")},
		{Field: change.Port, From: change.Number(1194), To: change.Number(1195)},
		{Field: change.Compress, To: change.Flag(true)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if change.Diff(before, nil) != nil {
		t.Error("no patch made a difference")
	}
}

func TestMergePrefersTheLaterAndChangesNeither(t *testing.T) {
	t.Parallel()
	first := change.Patch{change.Port: change.Number(1), change.Proto: change.Text("TCP")}
	later := change.Patch{change.Port: change.Number(2), change.Compress: change.Flag(true)}
	got := first.Merge(later)
	want := change.Patch{change.Port: change.Number(2), change.Proto: change.Text("TCP"), change.Compress: change.Flag(true)}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if first[change.Port] != change.Number(1) || len(first) != 2 || len(later) != 2 {
		t.Errorf("merging altered its parts: %v, %v", first, later)
	}
	if fields := got.Fields(); !slices.Equal(fields, []change.Field{change.Proto, change.Port, change.Compress}) {
		t.Errorf("fields: %v", fields)
	}
	if !got.Equal(change.Patch{change.Port: change.Number(2), change.Proto: change.Text("tcp"), change.Compress: change.Flag(true)}) {
		t.Error("patches that mean the same are not equal")
	}
	if first.Equal(later) || first.Equal(got) || (change.Patch{change.Compress: change.Flag(false)}).Equal(change.Patch{change.EnableMultiFactorAuth: change.Flag(false)}) {
		t.Error("patches that differ are equal")
	}
}

func TestStoredSettingsAreReadStrictly(t *testing.T) {
	t.Parallel()
	patch := change.Patch{change.Port: change.Number(1195), change.Name: change.Text("a1"), change.Compress: change.Flag(false)}
	data, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	var back change.Patch
	if err := json.Unmarshal(data, &back); err != nil || !maps.Equal(back, patch) {
		t.Errorf("%s came back as %v, %v", data, back, err)
	}
	var none change.Patch
	if err := json.Unmarshal([]byte("null"), &none); err != nil || none != nil {
		t.Errorf("null came back as %v, %v", none, err)
	}
	for text, want := range map[string]string{
		`{"Port":"1194"}`: "Port", `{"Name":1}`: "Name", `{"Compress":"true"}`: "Compress", `{"Color":"red"}`: "Color", `{"Port":null}`: "Port", `{"Port":1.5}`: "whole number",
	} {
		if err := json.Unmarshal([]byte(text), &change.Patch{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("patch %s: error %v, want one that names %s", text, err, want)
		}
	}
	var s change.Settings
	if err := json.Unmarshal([]byte(`{"Port":1194,"Name":null}`), &s); err != nil || !maps.Equal(s, change.Settings{change.Port: change.Number(1194)}) {
		t.Errorf("settings: %v, %v", s, err)
	}
	if err := json.Unmarshal([]byte(`{"Port":true}`), &s); err == nil {
		t.Error("settings took a flag for a port")
	}
}
