package ram_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/ram"
)

func TestPermits(t *testing.T) {
	t.Parallel()
	p, err := ram.Parse([]byte(`{"Version":"1","Statement":[
		{"Effect":"Allow","Action":["oss:GetObject","oss:Put*"],"Resource":["acs:oss:*:1:bucket/a/*"]},
		{"Effect":"Allow","Action":["oss:ListObjects"],"Resource":["acs:oss:*:1:bucket"]},
		{"Effect":"Deny","Action":["oss:PutObject"],"Resource":["acs:oss:*:*:*/a/private/??"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r := ram.NewRole(p)
	for _, tt := range []struct {
		action, resource string
		want             bool
	}{
		{"oss:GetObject", "acs:oss:*:1:bucket/a/b", true},
		{"oss:GetObject", "acs:oss:cn-hangzhou:1:bucket/a/", true},
		{"oss:GetObject", "acs:oss:*:1:bucket/a", false},
		{"oss:GetObject", "acs:oss:*:2:bucket/a/b", false},
		{"oss:GetObjects", "acs:oss:*:1:bucket/a/b", false},
		{"oss:PutObject", "acs:oss:*:1:bucket/a/private/x", true},
		{"oss:PutObject", "acs:oss:*:1:bucket/a/private/xy", false},
		{"oss:PutObjectAcl", "acs:oss:*:1:bucket/a/private/xy", true},
		{"oss:ListObjects", "acs:oss:*:1:bucket", true},
		{"oss:ListObjects", "acs:oss:*:1:bucket/", false},
		{"oss:DeleteObject", "acs:oss:*:1:bucket/a/b", false},
	} {
		if got := r.Permits(tt.action, tt.resource); got != tt.want {
			t.Errorf("%s on %s: %t", tt.action, tt.resource, got)
		}
	}
	r.Change(func(s []ram.Statement) []ram.Statement { return s[1:] })
	if r.Permits("oss:GetObject", "acs:oss:*:1:bucket/a/b") || !r.Permits("oss:ListObjects", "acs:oss:*:1:bucket") {
		t.Error("the change of the statements has no effect")
	}
}

func TestWhatIsNotEmulatedIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{"Version":"2","Statement":[]}`, `{"Version":"1","Statement":[{"Effect":"Allow","Action":["a"]}]}`,
		`{"Version":"1","Statement":[{"Effect":"Maybe","Action":["a"],"Resource":["*"]}]}`,
		`{"Version":"1","Statement":[{"Effect":"Allow","Action":["a"],"Resource":["*"],"Condition":{}}]}`,
	} {
		if _, err := ram.Parse([]byte(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
