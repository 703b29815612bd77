package storedtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestStoredFormsHaveSamples looks for every schema that the code names in the
// samples of all packages.
func TestStoredFormsHaveSamples(t *testing.T) {
	t.Parallel()
	schema := regexp.MustCompile(`sslvpn-change/[a-z-]+/v[0-9]+`)
	named, sampled := map[string]string{}, map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(path)
		code := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "../../dev/")
		sample := strings.HasSuffix(name, ".json") && strings.Contains(name, "/testdata/stored/")
		if err != nil || d.IsDir() || !code && !sample {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if sample {
			// The object itself, not one that it has.
			first, _, _ := bytes.Cut(bytes.TrimLeft(data, "{ \n\t"), []byte(","))
			for _, found := range schema.FindAll(first, -1) {
				sampled[string(found)] = true
			}
			return nil
		}
		for _, found := range schema.FindAll(data, -1) {
			named[string(found)] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(named) < 10 {
		t.Errorf("the code names only %d schemas: %v", len(named), named)
	}
	for name, path := range named {
		if !sampled[name] {
			t.Errorf("%s names %s, of which there is no frozen sample", path, name)
		}
	}
}
