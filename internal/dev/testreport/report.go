package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// event is one line of "go test -json"; see "go doc test2json".
type event struct {
	Action      string  `json:"Action"`
	Package     string  `json:"Package"`
	ImportPath  string  `json:"ImportPath"` // of build output
	Test        string  `json:"Test"`
	Elapsed     float64 `json:"Elapsed"`
	Output      string  `json:"Output"`
	FailedBuild string  `json:"FailedBuild"`
}

// report collects events. Not usable as its zero value; call newReport.
type report struct {
	out     io.Writer
	now     func() time.Time
	began   time.Time
	running map[string]bool
	output  map[[2]string][]string // by package and test; "" for the package itself
	builds  map[string][]string    // what the compiler printed, by import path
	done    int
	failed  []string
	tests   map[string]int // how many passed, failed, were skipped
}

func newReport(out io.Writer, now func() time.Time) *report {
	return &report{
		out: out, now: now, began: now(), running: map[string]bool{}, output: map[[2]string][]string{},
		builds: map[string][]string{}, tests: map[string]int{},
	}
}

// event takes one line and reports whether something was printed. What is not
// JSON is passed on.
func (r *report) event(line []byte) bool {
	var e event
	if json.Unmarshal(line, &e) != nil {
		r.printf("%s\n", line)
		return true
	}
	e.Package = strings.TrimPrefix(e.Package, "github.com/sslvpn-change/sslvpn-change/") // lines stay short
	at := [2]string{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
	case "start":
		r.running[e.Package] = true
	case "output":
		r.output[at] = append(r.output[at], e.Output)
	case "pass", "skip", "fail":
		if e.Test == "" {
			r.finish(e)
			return true
		}
		r.tests[e.Action]++
		if e.Action == "fail" {
			r.print(r.output[at])
		}
		delete(r.output, at)
		return e.Action == "fail"
	}
	return false
}

// finish prints the line of a package.
func (r *report) finish(e event) {
	delete(r.running, e.Package)
	r.done++
	word := "ok  "
	switch e.Action {
	case "skip":
		word = "none" // no test files
	case "fail":
		word = "FAIL"
		r.failed = append(r.failed, e.Package)
		r.print(r.builds[e.FailedBuild])
		for _, at := range slices.SortedFunc(maps.Keys(r.output), compare) {
			if at[0] == e.Package { // of the package, and of tests that did not end
				r.print(r.output[at])
			}
		}
	}
	maps.DeleteFunc(r.output, func(at [2]string, _ []string) bool { return at[0] == e.Package })
	r.printf("%5s %3d  %s  %-36s %7.1f s\n", clock(r.now().Sub(r.began)), r.done, word, e.Package, e.Elapsed)
}

// progress names the packages that run.
func (r *report) progress() {
	names := slices.Sorted(maps.Keys(r.running))
	what := "compiling"
	if len(names) > 0 {
		what = "running " + strings.Join(names, ", ")
	}
	r.printf("%5s      ...   %s\n", clock(r.now().Sub(r.began)), what)
}

// end prints the sums.
func (r *report) end() {
	if len(r.failed) > 0 {
		r.printf("failed: %s\n", strings.Join(r.failed, " "))
	}
	r.printf("%d packages, %d of them failed; %d tests passed, %d failed, %d skipped; %s min\n",
		r.done, len(r.failed), r.tests["pass"], r.tests["fail"], r.tests["skip"], clock(r.now().Sub(r.began)))
}

func (r *report) print(lines []string) {
	for _, l := range lines {
		_, _ = io.WriteString(r.out, l)
	}
}

func (r *report) printf(format string, args ...any) { r.print([]string{fmt.Sprintf(format, args...)}) }

func compare(a, b [2]string) int { return slices.Compare(a[:], b[:]) }

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
