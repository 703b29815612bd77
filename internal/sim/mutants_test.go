package sim_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	mutate  = flag.Bool("mutants", false, "build every mutant and look for the seed that catches it")
	shrinks = flag.Bool("shrink", true, "look for the smallest run that still fails")
)

// mutant is a bug that somebody could write: a text of a source file, and what
// stands there instead.
type mutant struct {
	name     string
	file     string
	old, new string
}

func mutants() []mutant {
	return []mutant{
		{
			"an unknown outcome counts as success, without reading back", "reconcile/verify.go",
			"case !v.denied && shows(server.Settings, in.Asked):", "case !v.denied || shows(server.Settings, in.Asked):",
		},
		{
			"a lane that somebody took is taken all the same", "lane/chain.go",
			"return nil, ErrLost\n\t}\n\treturn raw, err", "return raw, nil\n\t}\n\treturn raw, err",
		},
		{
			"a lane is taken before the hold has expired", "lane/chain.go",
			"return h.Held && h.Remaining > 0", "return h.Held && h.Remaining > 4*time.Minute",
		},
		{
			"changes leave the line before their records are written", "reconcile/finish.go",
			"\terr := fanout.Each(ctx, len(mine)",
			"\tif err := d.line.Remove(ctx, keys...); err != nil {\n\t\treturn err\n\t}\n\terr := fanout.Each(ctx, len(mine)",
		},
		{
			"an unknown outcome uses up its token", "reconcile/send.go",
			"\tcase sslvpn.ClassUnknown:\n", "\tcase sslvpn.ClassUnknown:\n\t\td.st.Intent.Token = token(d.target, hold.Token()+1, d.Nonce())\n",
		},
		{
			"an unknown outcome is sent again blindly, under a new token", "reconcile/send.go",
			"\tcase sslvpn.ClassUnknown:\n\t\treturn d.rests(ctx, unsettled, d.waitFor(e))",
			"\tcase sslvpn.ClassUnknown:\n\t\td.st.Intent.Token = token(d.target, hold.Token()+1, d.Nonce())\n\t\tif err := hold.Commit(ctx, d.st); err != nil {\n\t\t\treturn step{err: err}\n\t\t}\n\t\treturn d.rests(ctx, planned, d.waitFor(e))",
		},
		{
			"a lane that is given back forgets what was sent", "reconcile/apply.go",
			"\tif at == planned {\n\t\td.st.Intent = nil", "\tif at != accepted {\n\t\td.st.Intent = nil",
		},
		{
			"a takeover plans afresh instead of settling the intent", "reconcile/drain.go",
			"if d.st.Intent != nil {\n\t\treturn d.resume(ctx)", "if d.st.Intent != nil && !d.head.Held {\n\t\treturn d.resume(ctx)",
		},
		{
			"an entry that came back is applied again", "reconcile/draft.go",
			"\t\tif has[i] {\n", "\t\tif has[i] && i > 1000 {\n",
		},
		{
			"a decision is dropped when its changes are out of sight", "reconcile/drain.go",
			"if open[it.Key] && (unsure || slices.Contains(due.Later, it.Key)) {", "if open[it.Key] && unsure && slices.Contains(due.Later, \"\") {",
		},
		{
			"the lane is given back without the decision", "reconcile/apply.go",
			"d.st.Decided = dec", "d.st.Decided = nil",
		},
		{
			"records are written before the decision is", "reconcile/apply.go",
			"\tif err := d.handBack(ctx, hold); err != nil {\n\t\treturn Report{}, false, err\n\t}\n\tif entries != nil {",
			"\tif err := d.finish(ctx, dec, entries); err != nil {\n\t\treturn Report{}, false, err\n\t}\n\tif err := d.handBack(ctx, hold); err != nil {\n\t\treturn Report{}, false, err\n\t}\n\tif entries != nil {",
		},
		{
			"a busy gateway's refusal counts as final", "reconcile/send.go",
			"\tcase sslvpn.ClassBusy:\n\t\tif at == planned {\n", "\tcase sslvpn.ClassBusy:\n\t\tif at == planned {\n\t\t\treturn d.fails(d.failure(e))\n",
		},
		{
			"the earlier of two merged changes wins", "plan/plan.go",
			"p.Asked = p.Asked.Merge(c.Patch)", "p.Asked = c.Patch.Merge(p.Asked)",
		},
		{
			"a refused merge fails everybody", "reconcile/send.go",
			"len(contributors(d.st.Intent)) > 1\n", "len(contributors(d.st.Intent)) > 1000\n",
		},
		{
			"the sweep does not look for change files", "reconcile/sweep.go",
			"n, err := r.sweepFiles(ctx, &st, in)", "n, err := 0, error(nil)\n\t_ = in",
		},
		{
			"the sweep does not look at lanes", "reconcile/sweep.go",
			"r.DrainAll(ctx, lanes)\n\terrs", "r.DrainAll(ctx, lanes[:0])\n\terrs",
		},
		{
			"a redelivery has a time of its own", "intake/post.go",
			"at = first.At", "_ = first.At",
		},
		{
			"a redelivery puts nothing back", "intake/intake.go",
			"\tif before {\n\t\treturn in.putBack(ctx, changes)", "\tif before {\n\t\treturn Taken{Changes: changes}, nil",
		},
		{
			"verified while the gateway is still at work", "reconcile/verify.go",
			"case seen && d.settled(look):", "case !v.denied && w == nil:",
		},
	}
}

// source reads a mutant's file, which must have its text once.
func (m mutant) source(t *testing.T) (path, text string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), m.old); n != 1 {
		t.Fatalf("%s: %s has its text %d times; adapt the mutant to the code", m.name, m.file, n)
	}
	return path, strings.Replace(string(data), m.old, m.new, 1)
}

var caught = regexp.MustCompile(`seed (\d+) breaks promises`)

// Every mutant is caught by some seed. Building them takes minutes, hence the
// flag; without it the test holds the mutants to the code as it is.
func TestMutantsAreCaught(t *testing.T) {
	t.Parallel()
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			path, text := m.source(t)
			if !*mutate {
				return
			}
			dir := t.TempDir()
			changed, overlay, bin := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
			ov, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string]string{changed: text, overlay: string(ov)} {
				if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", bin, ".").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			out, err := exec.CommandContext(t.Context(), bin, "-test.run", "TestPromisesHold", "-shrink=false", "-seeds", "2000").CombinedOutput()
			found := caught.FindSubmatch(out)
			if err == nil || found == nil {
				t.Fatalf("2000 seeds did not catch it: %v\n%.2000s", err, out)
			}
			seed, err := strconv.Atoi(string(found[1]))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("caught by seed %d", seed)
		})
	}
}
