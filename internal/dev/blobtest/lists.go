package blobtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
)

// oddNames are keys that break naive escaping, XML, URLs and file systems.
func oddNames() []string {
	return []string{
		"plain", "with space", " leading and trailing ", "plus+plus", "per%cent", "per%2Fcent", "50%", "hash#hash", "what?",
		"a&b=c", `"quotes" 'and'`, "<xml>", "]]>", "工单/变更 1042.yaml", "emoji 🔧", "semi;colon", "comma,", "at@", "col:on",
		"back\\slash", "tilde~", ".hidden", "a/../b", "a/./b", "..", "new\nline", "tab\there", "control\x01", "del\x7f",
		"both", "both/below", "both/below/deeper", "slash/", "slash//double", "*", "|", "$HOME", "`tick`", "%!", "%!/x", "%+", "%+/x",
		"é (composed)", "e\u0301 (decomposed)", "UPPER", "upper", strings.Repeat("long", 100) + "/" + strings.Repeat("界", 120),
	}
}

func testOddKeys(t *testing.T, s *scope) {
	want := oddNames()
	for _, name := range want {
		if err := s.Create(t.Context(), s.key(name), []byte("is "+name)); err != nil {
			t.Fatalf("create %q: %v", name, err)
		}
	}
	for _, name := range want {
		s.wantContent(t, name, "is "+name)
		if e, err := s.Head(t.Context(), s.key(name)); err != nil || e.Key != s.key(name) {
			t.Errorf("head %q: got %q, %v", name, e.Key, err)
		}
	}
	slices.Sort(want)
	if got, _ := s.list(t, blob.ListOptions{Max: 7}); !slices.Equal(got, want) {
		t.Errorf("list:\n got %q\nwant %q", got, want)
	}
	for _, name := range want {
		if err := s.Delete(t.Context(), s.key(name)); err != nil {
			t.Errorf("delete %q: %v", name, err)
		}
	}
	if got, _ := s.list(t, blob.ListOptions{}); len(got) != 0 {
		t.Errorf("left after delete: %q", got)
	}
}

func testListOrder(t *testing.T, s *scope) {
	want := []string{"A", "B", "a", "a!", "a/", "a/b", "a0", "b", "é", "工", "🔧"}
	for _, i := range []int{4, 10, 0, 7, 2, 9, 1, 8, 3, 6, 5} {
		s.put(t, want[i], strings.Repeat("x", i))
	}
	page, err := s.List(t.Context(), blob.ListOptions{Prefix: s.prefix})
	if err != nil || page.Next != "" {
		t.Fatalf("list: next %q, %v", page.Next, err)
	}
	for i, e := range page.Entries {
		if i >= len(want) || e.Key != s.key(want[i]) || e.Size != int64(i) || len(e.ETag) != 32 || strings.ToUpper(e.ETag) != e.ETag {
			t.Fatalf("entry %d: got %+v, want %q of %d bytes", i, e, want[i], i)
		}
	}
	if len(page.Entries) != len(want) {
		t.Fatalf("got %d entries, want %d", len(page.Entries), len(want))
	}
	if got, _ := s.list(t, blob.ListOptions{Prefix: "a"}); !slices.Equal(got, want[2:7]) {
		t.Fatalf("with a prefix: got %q, want %q", got, want[2:7])
	}
}

func testListPages(t *testing.T, s *scope) {
	var want []string
	for i := range 11 {
		want = append(want, fmt.Sprintf("%02d", i))
		s.put(t, want[i], "x")
	}
	for maximum, pages := range map[int]int{1: 11, 3: 4, 5: 3, 10: 2, 11: 1, 12: 1, 1000: 1, 0: 1} {
		got, n := s.list(t, blob.ListOptions{Max: maximum})
		if !slices.Equal(got, want) || n != pages {
			t.Errorf("pages of %d: got %q in %d pages, want all in %d", maximum, got, n, pages)
		}
	}
}

func testListAfter(t *testing.T, s *scope) {
	for _, name := range []string{"a", "b+", "c", "d"} {
		s.put(t, name, "x")
	}
	for after, want := range map[string][]string{
		"": {"a", "b+", "c", "d"}, "a": {"b+", "c", "d"}, "b+": {"c", "d"}, "bb": {"c", "d"}, "d": nil, "zz": nil,
	} {
		page, err := s.List(t.Context(), blob.ListOptions{Prefix: s.prefix, After: s.key(after)})
		if err != nil {
			t.Fatalf("list after %q: %v", after, err)
		}
		var got []string
		for _, e := range page.Entries {
			got = append(got, e.Key[len(s.prefix):])
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %q: got %q, want %q", after, got, want)
		}
	}
}

func testListEmpty(t *testing.T, s *scope) {
	page, err := s.List(t.Context(), blob.ListOptions{Prefix: s.prefix})
	if err != nil || len(page.Entries) != 0 || page.Next != "" {
		t.Fatalf("got %+v, %v, want an empty page", page, err)
	}
	if page.Now.IsZero() {
		t.Error("an empty page has no Now")
	}
}
