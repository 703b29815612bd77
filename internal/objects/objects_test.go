package objects_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/objecttable"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// TestArchitectureListsEveryKey compares the table in docs/architecture.md with
// the comments of this package.
func TestArchitectureListsEveryKey(t *testing.T) {
	t.Parallel()
	objecttable.CheckPage(t, "../..")
}

// TestNoOtherPackageSpellsAKey looks for prefixes in the text literals of the code
// that ships.
func TestNoOtherPackageSpellsAKey(t *testing.T) {
	t.Parallel()
	rows, err := objecttable.Rows("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch name := filepath.ToSlash(path); {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || name == "../../internal/dev" || name == "../../cmd" || name == "../../internal/objects"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok {
				return true
			}
			for _, row := range rows {
				if strings.HasPrefix(lit.Value, `"`+row.Prefix()+"/") {
					t.Errorf("%s spells the key %s", path, lit.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func server() change.Target { return change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"} }

func TestKeys(t *testing.T) {
	t.Parallel()
	const id = "20261122-7f3akq2cd2-12"
	at := time.Date(2026, 11, 22, 8, 35, 2, 0, time.FixedZone("UTC+8", 8*3600))
	c := change.Change{Request: change.Request{Target: server()}, ID: id, Document: "7f3akq2cd2", Index: 12, DueAt: time.UnixMilli(1795348800123)}
	record, _ := objects.RecordKey(id)
	notice, _ := objects.NoticeKey(id)
	for want, got := range map[string]string{
		"receipts/a/b.yaml@20261122T003502Z-E.json":                                         objects.ReceiptKey("changes/a/b.yaml", "E", at),
		"claims/689f6a627384c7dcb2dcc1487e540223e77bdf9dcd0d8be8a326eda65b0ce9a4.json":      objects.ClaimKey(`identity`),
		"queue/cn-hangzhou/vss-a/1795348800123-7f3akq2cd2-0012-20261122-7f3akq2cd2-12.json": objects.EntryKey(c),
		"queue/cn-hangzhou/vss-a/-20261122-7f3akq2cd2-12-approve-8027997faa00bf90.json":     objects.VoteKey(server(), id, change.Vote{Kind: change.Approval, Person: "jun", Digest: "s"}),
		"policy/history/999999999999998.json":                                               objects.RevisionKey(1),
		"policy/history/000000000000000.json":                                               objects.RevisionKey(objects.MaxRevision),
		"wake/cn-hangzhou/vss-a.vss-b":                                                      objects.WakeKey("cn-hangzhou", "vss-a", "vss-b"),
		"lanes/cn-hangzhou/vss-a/9223372036854775806.json":                                  objects.GenerationKey(server(), 1),
		"holds/cn-hangzhou.json":                                                            objects.CircuitKey("cn-hangzhou"),
		"outbox/cn-hangzhou/vss-a/20261122-7f3akq2cd2-12.json":                              objects.OutboxKey(server(), id),
		"outbox/answers/ab530a13e45914982b79f9b7e3fba994.json":                              objects.AnswerKey("message"),
		"results/2026/11/22/20261122-7f3akq2cd2-12.json":                                    record,
		"results/2026/11/22/20261122-7f3akq2cd2-12.notice.json":                             notice,
	} {
		if got != want {
			t.Errorf("key is %s, want %s", got, want)
		}
	}
	for _, id := range []string{"", "20261122", "../20261122-7f3akq2cd2", "20261122-7f3akq2cd2.notice", "20260231-7f3akq2cd2"} {
		if key, ok := objects.RecordKey(id); ok {
			t.Errorf("%q has the record %s", id, key)
		}
		if key, ok := objects.NoticeKey(id); ok {
			t.Errorf("%q has the notice %s", id, key)
		}
	}
}

// FuzzParse checks that whatever is read as a key is the key of what it is read
// as.
func FuzzParse(f *testing.F) {
	for _, key := range []string{
		"queue/cn-hangzhou/vss-a/1795348800123-7f3akq2cd2-0012-20261122-7f3akq2cd2-12.json",
		"queue/cn-hangzhou/vss-a/0000000000000-abcdefghij-0000-20260229-abcdefghij.json",
		"queue/cn-hangzhou/vss-a/9999999999999-abcdefghij-9999-20260228-abcdefghij-9999.json",
		"queue/cn-hangzhou/vss-a/-20261122-abcdefghij-approve-0123456789abcdef.json",
		"queue/cn-hangzhou/vss-a/-20261122-abcdefghij-12-cancel-0123456789abcdef.json",
		"queue/cn-hangzhou/vss-a/-20261122-abcdefghij-0-reject-0123456789abcdef.json",
		"queue/-20261122-abcdefghij-reject-0123456789abcdef.json", "queue//", "queue/", "",
		"lanes/cn-hangzhou/vss-a/9223372036854775807.json", "lanes/cn-hangzhou/vss-a/+223372036854775800.json",
		"lanes/cn-hangzhou/vss-a/9223372036854775806.json", "wake/cn-hangzhou/vss-a.vss-b", "wake/cn-hangzhou/", "wake/",
	} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		c, entry := objects.ParseEntryKey(key)
		if entry && objects.EntryKey(c) != key {
			t.Errorf("%q is read as the entry %q", key, objects.EntryKey(c))
		}
		target, id, word, vote := objects.ParseVoteKey(key)
		if vote && (entry || !strings.HasPrefix(key, objects.QueuePrefix(target)+"-"+id+"-"+string(word)+"-")) {
			t.Errorf("%q is read as a vote %s on %q in %s", key, word, id, target)
		}
		if _, _, _, ok := change.ParseID(id); vote != ok {
			t.Errorf("%q is a vote: %v; on %q, which is an id: %v", key, vote, id, ok)
		}
		if gen, ok := objects.ParseGenerationKey(key); ok &&
			(gen < 1 || !strings.HasSuffix(objects.GenerationKey(server(), gen), key[strings.LastIndexByte(key, '/')+1:])) {
			t.Errorf("%q is read as generation %d", key, gen)
		}
		if lanes, ok := objects.ParseWakeKey(key); ok {
			var servers []string
			for _, l := range lanes {
				servers = append(servers, l.ServerID)
			}
			if len(lanes) == 0 || objects.WakeKey(lanes[0].RegionID, servers...) != key {
				t.Errorf("%q is read as %v", key, lanes)
			}
		}
	})
}

// FuzzReceiptKey checks that the key of a receipt fits the store, whatever the
// file is called, and that two uploads do not share one.
func FuzzReceiptKey(f *testing.F) {
	f.Add("changes/hotel.yaml", "changes/hotel.yaml@20261122T083502Z-A.json", int64(1_795_336_502))
	f.Add("changes/"+strings.Repeat("办", 300), "changes/"+strings.Repeat("办", 301), int64(0))
	f.Add("changes/"+strings.Repeat("a", 900), "changes/"+strings.Repeat("a", 901), int64(1))
	f.Add("changes/a", "a", int64(-1))
	f.Fuzz(func(t *testing.T, a, b string, seconds int64) {
		const tag = "7D73E1052AF595535DE90994F4C3E6D5"
		const longest = 1023 // of a key, in bytes, as OSS has it
		for _, file := range []string{a, b} {
			if !strings.HasPrefix(file, "changes/") || len(file) > longest || !utf8.ValidString(file) {
				return
			}
		}
		at := time.Unix(seconds, 0)
		if y := at.UTC().Year(); y < 1970 || y > 9999 {
			return
		}
		x, y := objects.ReceiptKey(a, tag, at), objects.ReceiptKey(b, tag, at)
		if len(x) > longest || !utf8.ValidString(x) || (x == y) != (a == b) {
			t.Fatalf("%q and %q have %q and %q", a, b, x, y)
		}
		if z := objects.ReceiptKey(a, tag, at.Add(time.Second)); z == x {
			t.Fatalf("another upload of %q has %q as well", a, z)
		}
	})
}
