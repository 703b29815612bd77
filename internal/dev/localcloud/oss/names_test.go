package oss_test

import (
	"io"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"changes/a b.yaml": "changes/a b.yaml",
		"工单/é.json":        "工单/é.json",
		"50%":              "50%25",
		"../x":             "%2E./x",
		".hidden/.x":       "%2Ehidden/%2Ex",
		"a.b./c~":          "a.b./c%7E",
		"dir/":             "dir/%!",
		"a//b":             "a/%!/b",
		"a\x01\\":          "a%01%5C",
	} {
		if got := oss.FileName(key); got != want {
			t.Errorf("%q: got %q, want %q", key, got, want)
		}
	}
	for name, want := range map[string]string{"50% off": "50% off", "a%!": "a", "a%!/b%!": "a/b", "%zz%4": "%zz%4"} {
		if got := oss.KeyOf(name); got != want {
			t.Errorf("key of %q: got %q, want %q", name, got, want)
		}
	}
}

// FuzzFileName: any key comes back from its file name, which stays below its
// folder and could be stored.
func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a", "a/b", "../..", "%!", "%+/x", "a%!%!", strings.Repeat("界", 300), "~", ".", "//", "a%2", "\x00", strings.Repeat("x", 200) + ".0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" || len(key) > 1023 {
			return
		}
		name := oss.FileName(key)
		if got := oss.KeyOf(name); got != key {
			t.Fatalf("%q became %q became %q", key, name, got)
		}
		if path.Clean("/bucket/"+name) != "/bucket/"+name {
			t.Fatalf("%q became %q, which is no clean path", key, name)
		}
		for e := range strings.SplitSeq(name, "/") {
			if len(e) > 255 || strings.HasPrefix(e, ".") || strings.HasSuffix(e, "~") || strings.ContainsRune(e, 0) {
				t.Fatalf("%q became %q: element %q", key, name, e)
			}
		}
	})
}
