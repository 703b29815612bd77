package main

import (
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	var out strings.Builder
	r := newReport(&out, func() time.Time { return now })
	for line := range strings.Lines(`
{"Action":"start","Package":"a"}
{"Action":"start","Package":"b"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"a good test says\n"}
{"Action":"pass","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestBad","Output":"a bad test says\n"}
{"Action":"fail","Package":"a","Test":"TestBad"}
{"Action":"output","Package":"a","Output":"-test.shuffle 7\n"}
{"Action":"output","Package":"a","Test":"TestCut","Output":"panic: in a test that did not end\n"}
{"Action":"fail","Package":"a","Elapsed":61}
{"Action":"build-output","ImportPath":"c [c.test]","Output":"c/x.go:1: does not compile\n"}
{"Action":"fail","Package":"c","FailedBuild":"c [c.test]"}
{"Action":"skip","Package":"d"}
no JSON
`) {
		if line = strings.TrimSpace(line); line != "" {
			r.event([]byte(line))
		}
	}
	now = now.Add(75 * time.Second)
	r.progress()
	r.event([]byte(`{"Action":"pass","Package":"b","Elapsed":75}`))
	r.end()
	got := out.String()
	for _, want := range []string{
		"a bad test says\n", "-test.shuffle 7\n", "panic: in a test that did not end\n", "c/x.go:1: does not compile\n", "no JSON\n",
		"1:15      ...   running b\n", "FAIL  a ", "none  d ", "ok    b ",
		"failed: a c\n", "4 packages, 2 of them failed; 1 tests passed, 1 failed, 0 skipped; 1:15 min\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "a good test says") {
		t.Errorf("the output of a test that passed is printed:\n%s", got)
	}
}

func TestReportSaysThatItCompiles(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	newReport(&out, time.Now).progress()
	if !strings.Contains(out.String(), "compiling") {
		t.Errorf("got %q", out.String())
	}
}
