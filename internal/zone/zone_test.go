package zone

import (
	"archive/zip"
	"bytes"
	"cmp"
	"flag"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write table.go from the database of the Go distribution")

// database reads the zones of the Go distribution's copy of the database that have a
// name of the form Area/City, and UTC.
func database(t *testing.T) map[string][]byte {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string][]byte{}
	for _, f := range z.File {
		area, _, ok := strings.Cut(f.Name, "/")
		if old := []string{"Etc", "SystemV", "US", "Canada", "Brazil", "Chile", "Mexico"}; !ok && f.Name != "UTC" || slices.Contains(old, area) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 0 {
			out[f.Name] = data
		}
	}
	return out
}

// tableOf has a line for each rule, with the zones that have it.
func tableOf(all map[string][]byte) string {
	byRule := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := bytes.TrimSuffix(all[name], []byte("\n"))
		rule := string(text[bytes.LastIndexByte(text, '\n')+1:])
		byRule[rule] = append(byRule[rule], name)
	}
	var b strings.Builder
	for _, rule := range slices.SortedFunc(maps.Keys(byRule), cmp.Compare[string]) {
		b.WriteString(rule + "\t" + strings.Join(byRule[rule], " ") + "\n")
	}
	return b.String()
}

func TestTableIsThatOfTheDatabase(t *testing.T) {
	t.Parallel()
	all := database(t)
	if *update {
		var b strings.Builder
		b.WriteString("package zone\n\n// table has a line for each rule: the rule, and the zones that have it now. The test\n// of this package writes it (go test ./internal/zone -update).\nconst table = \"\"")
		for line := range strings.Lines(tableOf(all)) {
			rule, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			b.WriteString(" +\n\t\"" + rule + `\t` + names + `\n"`)
		}
		if err := os.WriteFile("table.go", []byte(b.String()+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	known := map[string]string{}
	for line := range strings.Lines(table) {
		rule, names, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for name := range strings.SplitSeq(names, " ") {
			known[name] = rule
		}
	}
	for name, data := range all {
		rule, ok := known[name]
		if !ok {
			t.Errorf("%s is not in the table: go test ./internal/zone -update", name)
			continue
		}
		if name == "Africa/Casablanca" || name == "Africa/El_Aaiun" {
			continue // Ramadan has no rule that can be written
		}
		want, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Fatal(err)
		}
		got := ofTable(name, rule)
		if got == nil {
			t.Errorf("%s: %q is not a rule", name, rule)
			continue
		}
		if at := differ(got, want); !at.IsZero() {
			t.Errorf("%s at %s: the table says %s, the database %s", name, at.UTC(), at.In(got), at.In(want))
		}
	}
	for name := range known {
		if all[name] == nil {
			t.Errorf("%s is not in the database", name)
		}
	}
}

// differ finds a time at which two zones have different offsets; zero for none.
func differ(a, b *time.Location) time.Time {
	for at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2031; at = at.Add(time.Hour) {
		_, x := at.In(a).Zone()
		_, y := at.In(b).Zone()
		if x != y {
			return at
		}
	}
	return time.Time{}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Shanghai", "Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"} {
		if loc := Load(name); !Known(name) || loc == nil || loc.String() != name {
			t.Errorf("%s is %v", name, loc)
		}
	}
	for typed, hint := range map[string]string{
		"asia/shanghai":         "write Asia/Shanghai",
		"Shanghai":              "write Asia/Shanghai",
		"new york":              "write America/New_York",
		"Asia/Shangai":          "did you mean Asia/Shanghai?",
		"Shangai":               "did you mean Asia/Shanghai?",
		"Asia/Beijing":          "write Asia/Shanghai",
		"北京时间":                  "write Asia/Shanghai",
		"China Standard Time":   "write Asia/Shanghai",
		"Pacific Standard Time": "this is a name of Windows",
		"+08:00":                "an offset does not say when the clocks change",
		"UTC+8":                 "an offset does not say when the clocks change",
		"GMT-0530":              "an offset does not say when the clocks change",
		"Local":                 "write a name of the IANA database",
		"../../etc/passwd":      "write a name of the IANA database",
		"":                      "write a name of the IANA database",
		"Asia/Shanghai UTC":     "write a name of the IANA database",
		"CST-8":                 "write a name of the IANA database",
		"Asia/Shanghai\n":       "write Asia/Shanghai",
	} {
		if loc := Load(typed); Known(typed) || loc != nil {
			t.Errorf("%q is the zone %v", typed, loc)
		}
		if got := Hint(typed); !strings.HasPrefix(got, hint) {
			t.Errorf("%q: %q, want %q", typed, got, hint)
		}
	}
}

func FuzzHint(f *testing.F) {
	f.Add("Asia/Shanghai")
	f.Add("utc+8")
	f.Fuzz(func(t *testing.T, typed string) {
		if Known(typed) != (Load(typed) != nil) || Hint(typed) == "" {
			t.Errorf("%q", typed)
		}
	})
}
