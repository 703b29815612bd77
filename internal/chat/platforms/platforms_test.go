package platforms_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	localcloud "github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

// TestEveryPlatformIsComplete names what a platform lacks.
func TestEveryPlatformIsComplete(t *testing.T) {
	t.Parallel()
	var names []string
	fixtures, emulators := chattest.Fixtures(), localcloud.Platforms()
	overview := file(t, "docs/chat/README.md") + file(t, "docs/chat/README.zh-CN.md")
	for _, s := range platforms.Specs() {
		names = append(names, s.Name)
		if _, err := os.Stat(filepath.Join("..", s.Name)); err != nil {
			t.Errorf("%s: there is no package internal/chat/%s", s.Name, s.Name)
		}
		if _, ok := fixtures[s.Name]; !ok {
			t.Errorf("%s: there is no conformance fixture in internal/dev/chattest", s.Name)
		}
		delete(fixtures, s.Name)
		if test := "internal/chat/" + s.Name + "/conformance_test.go"; !strings.Contains(file(t, test), "chattest.Run(t, "+s.Name+".Spec(), chattest.Fixtures()[\""+s.Name+"\"])") {
			t.Errorf("%s: %s does not run the conformance suite", s.Name, test)
		}
		if !slices.Contains(emulators, s.Name) {
			t.Errorf("%s: there is no emulator in internal/dev/localcloud/chat", s.Name)
		}
		for _, page := range []string{s.Name + ".md", s.Name + ".zh-CN.md"} {
			if !strings.Contains(file(t, "docs/chat/"+page), s.Variable) {
				t.Errorf("%s: docs/chat/%s does not mention %s", s.Name, page, s.Variable)
			}
			if !strings.Contains(overview, "("+page+")") {
				t.Errorf("%s: docs/chat/README has no link to %s", s.Name, page)
			}
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("the platforms %q are not sorted, or one is there twice", names)
	}
	for name := range fixtures {
		t.Errorf("%s is a fixture of no platform", name)
	}
	dirs, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.IsDir() && d.Name() != "platforms" && d.Name() != "testdata" && !slices.Contains(names, d.Name()) {
			t.Errorf("internal/chat/%s is not in the list of Specs", d.Name())
		}
	}
}

// TestADestinationHasOneReading covers what no platform's destination may
// accept.
func TestADestinationHasOneReading(t *testing.T) {
	t.Parallel()
	for _, s := range platforms.Specs() {
		for _, d := range s.Destinations {
			if !slices.Contains([]string{http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut}, d.Method) || d.Host == "" || d.Host != strings.ToLower(d.Host) || strings.ContainsAny(d.Host, ":@/") || !strings.HasPrefix(d.Path, "/") {
				t.Errorf("%s: got %+v", s.Name, d)
			}
			for _, rest := range []string{"", "/", "../x", "x/../y", "x//y", "x/", "%2e", "x?y", "x#y", "x y", "x\n", strings.Repeat("x/", 20) + "x"} {
				if d.Rest != nil && d.Rest(rest) {
					t.Errorf("%s: %s accepts %q", s.Name, d.Path, rest)
				}
			}
			if d.Rest == nil && (d.Covers(d.Path+"/x") || !d.Covers(d.Path)) {
				t.Errorf("%s: %s is not the whole path", s.Name, d.Path)
			}
		}
	}
	if d := (chat.Destination{Path: "/x/", Rest: func(string) bool { return true }}); d.Covers("/y/z") || d.Covers("/x/") || !d.Covers("/x/y") {
		t.Error("a prefix is not matched as one")
	}
}

func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", path))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
