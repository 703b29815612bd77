package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../.."

// Every figure on a page is marked by a comment with its name, on the same line,
// and has the file's value.
func TestPagesQuoteTheFile(t *testing.T) {
	t.Parallel()
	figures, err := load(filepath.Join(root, "docs/figures.json"))
	if err != nil {
		t.Fatal(err)
	}
	quoted := map[string]bool{}
	mark := regexp.MustCompile(`<!-- figures?: ([a-z0-9 -]+) -->`)
	for _, page := range []string{"README.md", "README.zh-CN.md", "docs/reliability.md"} {
		data, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			for _, m := range mark.FindAllStringSubmatch(line, -1) {
				for name := range strings.FieldsSeq(m[1]) {
					quoted[name] = true
					f, ok := figures[name]
					if !ok {
						t.Errorf("%s quotes %s, which is not in docs/figures.json", page, name)
					} else if !contains(line, shown(f)) {
						t.Errorf("%s: docs/figures.json has %s %s for %s:\n%s", page, shown(f), f.Unit, name, line)
					}
				}
			}
		}
	}
	for name := range figures {
		if !quoted[name] {
			t.Errorf("no page quotes %s", name)
		}
	}
}

// contains reports whether a line has a number that is not part of another one.
func contains(line, number string) bool {
	return regexp.MustCompile(`(^|[^\d.,])` + regexp.QuoteMeta(number) + `($|[^\d.,]|[.,]($|\D))`).MatchString(line)
}

// shown is a figure as pages write it: durations of a minute and more as minutes
// and seconds.
func shown(f figure) string {
	if f.Unit != "s" || f.Value < 60 {
		return number(f.Value)
	}
	minutes := int(f.Value) / 60
	return number(float64(minutes)) + " min " + number(f.Value-float64(60*minutes)) + " s"
}

// Every figure is measured by a command.
func TestFileHasWhatIsMeasured(t *testing.T) {
	t.Parallel()
	figures, err := load(filepath.Join(root, "docs/figures.json"))
	if err != nil {
		t.Fatal(err)
	}
	commands := map[string]string{}
	for _, s := range sources() {
		for _, q := range s.quantities {
			if commands[q.name] != "" {
				t.Errorf("%s is measured twice", q.name)
			}
			commands[q.name] = s.command
			if _, err := regexp.Compile(q.pattern); err != nil {
				t.Errorf("%s: %v", q.name, err)
			}
			if f, ok := figures[q.name]; !ok || f.Date == "" || f.Commit == "" || f.Machine == "" {
				t.Errorf("%s is not whole in docs/figures.json: %+v", q.name, f)
			}
		}
	}
	for name, f := range figures {
		if commands[name] != f.Command {
			t.Errorf("%s is measured by %q, docs/figures.json says %q", name, commands[name], f.Command)
		}
	}
}

func TestQuantitiesAreRead(t *testing.T) {
	t.Parallel()
	const output = `BenchmarkStart-2    	       1	         4.237 empty_start_ms	         9.032 size_MB
BenchmarkLoad/10000-over-30-in-1 	 1	 601.0 changes/s
    x_test.go:1: 100 changes ended 1m31.04s after the outage; 7 calls of the API during it
`
	for _, tt := range []struct {
		name string
		quantity
		want float64 // 0: an error
	}{
		{"a metric", metric("", "", "Start size_MB"), 9.032},
		{"a metric of a benchmark with a number at its end", metric("", "", "Load/10000-over-30-in-1 changes/s"), 601},
		{"a metric that is missing", metric("", "", "Start other"), 0},
		{"a duration", logged("", "", `changes ended (\S+) after`), 91},
		{"a count", logged("", "", `; (\d+) calls`), 7},
		{"no match", logged("", "", `nothing (\d+)`), 0},
		{"no number", logged("", "", `(\S+) after`), 91},
		{"a word", logged("", "", `after the (\S+);`), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.read(output)
			if (err != nil) != (tt.want == 0) || got != tt.want {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestACheckAllowsTheMargin(t *testing.T) {
	t.Parallel()
	q := bounded("x", "", "", 0.1)
	for _, tt := range []struct {
		value, measured float64
		worse           bool
	}{{10, 9, false}, {10, 11, false}, {10, 11.1, true}} {
		if err := q.compare(figure{Value: tt.value, Command: "c"}, tt.measured); (err != nil) != tt.worse {
			t.Errorf("%v, measured %v: %v", tt.value, tt.measured, err)
		}
	}
	if q.compare(figure{}, 1) == nil {
		t.Error("a figure that is not in the file passes")
	}
	if err := metric("y", "", "").compare(figure{Value: 1, Command: "c"}, 100); err != nil {
		t.Errorf("a time is compared: %v", err)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{1.1814: "1.18", 14: "14", 229464: "229,464", 1234567.5: "1,234,567.5", 999: "999"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
}
