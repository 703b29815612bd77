package gosource_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
)

func TestConstants(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go":      "package p\n\ntype Rule string\n\nconst (\n\tRuleB = \"b\"\n\tRuleA Rule = \"a\"\n\tOther Rule = \"c\"\n\tNone = \"d\"\n\tRuleN = 1\n\tRuleX = RuleB\n)\n",
		"a_test.go": "package p\n\nconst RuleT = \"t\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := gosource.Constants(t, dir, "Rule"); !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("got %q", got)
	}
}
