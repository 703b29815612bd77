package sim_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	mutate  = flag.Bool("mutants", false, "build every mutant and look for the seed that catches it")
	shrinks = flag.Bool("shrink", true, "look for the smallest run that still fails")
)

// mutant is a bug that somebody could write: a text of a source file, and what
// stands there instead. What is guarded several times is broken several times: the
// other guards' files, texts, and what stands there instead.
type mutant struct {
	name     string
	file     string
	old, new string
	also     [][3]string
}

func mutants() []mutant {
	var no [][3]string
	return []mutant{
		{
			"what was accepted counts as refused as before", "reconcile/apply.go",
			"d.journal.Intent.Accepted, d.journal.Intent.Answers = true, nil", "d.journal.Intent.Accepted = true", no,
		},
		{
			"an undo is not queued", "reconcile/records.go",
			"a != nil && a.Of == e.ID {", "a != nil && a.Of == \"\" {", no,
		},
		{
			"an undo is not part of the lane", "reconcile/release.go",
			"d.journal.Armed = d.journal.Armed.after(dec)", "_ = d.journal.Armed.after(dec)", no,
		},
		{
			"others are applied before a change is confirmed or undone", "reconcile/armed.go",
			"return e.Key != a.Key && e.Err == nil", "return e.Key == \"\" && e.Err == nil", no,
		},
		{
			"a change that was confirmed is undone", "plan/approval.go",
			"return confirmed(c, v), true", "continue", no,
		},
		{
			"an undo is not due at its time", "plan/approval.go",
			"!now.Before(c.UndoAt(votes).Add(change.UndoGrace))", "!now.Before(c.AcceptedAt)",
			[][3]string{{"queue/due.go", "if !c.DueAt.After(latest) ||", "if c.Index == 0 || !c.DueAt.After(latest) ||"}, {"queue/due.go", "e.Due(l.now) ||", "e.Undoes != nil || e.Due(l.now) ||"}},
		},
		{
			"an undo ends when the API answers with errors", "reconcile/answers.go",
			"&& s.unchanged && !s.undo", "&& s.unchanged", no,
		},
		{
			"an undo is waited for by nobody", "reconcile/armed.go",
			"d.waiter.sleepUntil(ctx, at, ahead) {", "d.waiter.sleepUntil(ctx, at, 0) {", no,
		},
		{
			"a chain of wake-ups goes on when another one has begun", "reconcile/poll.go",
			"chainOf(d.journal.Waits.Wait) != d.visit.gen {", "chainOf(d.journal.Waits.Wait) < 0 {", no,
		},
		{
			"a wait that is written again has one more wake-up", "reconcile/wakes.go",
			"if c == nil || !c.at.Equal(at) ||", "if c == nil || at.After(c.at.Add(-time.Hour)) ||", no,
		},
		{
			"a look of a wake-up is the last one of its chain", "reconcile/poll.go",
			"\tif d.visit.again() {\n\t\trep.WakeAt = at\n", "\tif d.visit.again() && d.visit.gen < 0 {\n\t\trep.WakeAt = at\n", no,
		},
		{
			"a lane whose wake-up was lost is looked at by nobody", "reconcile/poll.go",
			"d.limits.policy.LeaveUndos || d.visit.by == byEvent &&", "d.limits.policy.LeaveUndos || !d.visit.again() || d.visit.by == byEvent &&",
			[][3]string{{"reconcile/poll.go", "old := d.visit.by == bySweep &&", "old := d.visit.by == bySweep && d.visit.gen != 0 &&"}},
		},
		{
			"an unknown outcome counts as success, without reading back", "reconcile/recovery.go",
			"case !o.denied && shows(server.Settings, in.Asked):", "case !o.denied || shows(server.Settings, in.Asked):", no,
		},
		{
			"a change overtakes one of the same settings that waits for few clients", "reconcile/idle.go",
			"if id, blocks = b[f]; blocks {", "if id, blocks = b[f]; blocks && len(p) > 1000 {", no,
		},
		{
			"what may have been sent is sent again however many clients are connected", "reconcile/idle.go",
			"if in.Idle == 0 {", "if in.Idle < 1000 {", no,
		},
		{
			"a lane is acquired although another worker was first", "lane/chain.go",
			"return nil, ErrLost\n\t}\n\tif err == nil {", "return raw, nil\n\t}\n\tif err == nil {", no,
		},
		{
			"a lane is acquired before the lease has expired", "lane/chain.go",
			"return h.Held && h.Remaining > 0", "return h.Held && h.Remaining > 20*time.Second", no,
		},
		{
			"a worker that waits does not renew its lease", "reconcile/renewal.go",
			"if !d.journal.renewalDue() {", "if !d.journal.renewalDue() || d.journal.Waits.Wait != nil {", no,
		},
		{
			"a renewal without an answer is believed", "lane/lease.go",
			"\t\treturn fmt.Errorf(\"renew the lease of %s: %w\", l.chain.name, err)\n",
			"\t\tif l.lost = errors.Is(err, ErrLost); l.lost {\n\t\t\treturn err\n\t\t}\n", no,
		},
		{
			"a row of the index that could not be written is forgotten", "reconcile/records.go",
			"g.Go(func() error { return r.index.Add(both, row) })",
			"g.Go(func() error { _ = r.index.Add(both, row); return nil })", no,
		},
		{
			"changes leave the queue before their records are written", "reconcile/records.go",
			"\terr := each(ctx, len(mine)",
			"\tif err := r.queue.Remove(ctx, keys...); err != nil {\n\t\treturn err\n\t}\n\terr := each(ctx, len(mine)", no,
		},
		{
			"an unknown outcome uses up its token", "reconcile/send.go",
			"\tcase sslvpn.ClassUnknown:\n", "\tcase sslvpn.ClassUnknown:\n\t\tm.journal.Intent.Token += \"x\"\n", no,
		},
		{
			"an unknown outcome is sent again blindly, under a new token", "reconcile/send.go",
			"\t\tm.answered(e)\n\t\treturn step{to: unknown, wait: m.remote.waitFor(e)}",
			"\t\treturn step{to: planned, wait: m.remote.waitFor(e), newToken: true}", no,
		},
		{
			"a lane that is released forgets what was sent", "reconcile/release.go",
			"at == planned && in != nil && in.Answers == nil {", "at != accepted && in != nil {", no,
		},
		{
			"a takeover plans afresh instead of recovering the intent", "reconcile/drain.go",
			"case d.journal.Intent != nil:\n\t\treturn d.takeOver(ctx)", "case d.journal.Intent != nil && !d.journal.head.Held:\n\t\treturn d.takeOver(ctx)", no,
		},
		{
			"an entry that came back is applied again", "reconcile/due.go",
			"\t\tif has[i] {\n", "\t\tif has[i] && i > 1000 {\n", no,
		},
		{
			"a decision is dropped when its changes are not listed", "reconcile/due.go",
			"if missing[it.Key] && (unsure || slices.Contains(due.Later, it.Key)) {", "if missing[it.Key] && unsure && slices.Contains(due.Later, \"\") {", no,
		},
		{
			"the lane is released without the decision", "reconcile/release.go",
			"d.journal.Decided = dec", "d.journal.Decided = nil", no,
		},
		{
			"records are written before the decision is", "reconcile/release.go",
			"\tif err := d.journal.release(ctx); err != nil {\n\t\treturn Report{}, false, err\n\t}\n\tif entries != nil {",
			"\tif err := d.records.write(ctx, dec, entries); err != nil {\n\t\treturn Report{}, false, err\n\t}\n\tif err := d.journal.release(ctx); err != nil {\n\t\treturn Report{}, false, err\n\t}\n\tif entries != nil {", no,
		},
		{
			"a busy gateway's refusal counts as final", "reconcile/send.go",
			"\tcase sslvpn.ClassBusy:\n\t\tif at == planned {\n", "\tcase sslvpn.ClassBusy:\n\t\tif at == planned {\n\t\t\treturn m.fails(m.remote.failure(e), m.journal.Intent.Before)\n", no,
		},
		{
			"the earlier of two merged changes wins", "plan/plan.go",
			"p.Asked = p.Asked.Merge(c.Patch)", "p.Asked = c.Patch.Merge(p.Asked)", no,
		},
		{
			"a refused merge fails everybody", "reconcile/send.go",
			"len(contributors(in)) > 1\n", "len(contributors(in)) > 1000\n", no,
		},
		{
			"the sweep does not look for change files", "reconcile/sweep.go",
			"n, err := r.sweepFiles(ctx, &st, in)", "n, err := 0, error(nil)\n\t_ = in", no,
		},
		{
			"the sweep does not look at lanes", "reconcile/sweep.go",
			"r.drainAll(ctx, visits(r.inTurn(lanes), bySweep))\n\terrs", "r.drainAll(ctx, visits(lanes[:0], bySweep))\n\terrs", no,
		},
		{
			"a redelivery has a time of its own", "intake/post.go",
			"d.at, d.document = first.At,", "_, d.document = first.At,", no,
		},
		{
			"a redelivery puts nothing back", "intake/accept.go",
			"\tif before {\n\t\treturn in.putBack(ctx, changes)", "\tif before {\n\t\treturn Accepted{Changes: changes}, nil", no,
		},
		{
			"verified while the gateway is still at work", "reconcile/verify.go",
			"case seen && m.conclusive():", "case !o.denied:", no,
		},
		{
			"an asker's own approval counts", "plan/approval.go",
			"v.Lapsed(now) || isOwn(c, v)", "v.Lapsed(now) || isOwn(c, v) && c.Approvals == 0",
			[][3]string{
				{"executor/vote.go", "if r.policy.Own(c, r.from.Account) {", "if r.policy.Own(c, r.from.Account) && c.Approvals == 0 {"},
				{"policy/acting.go", "twice || voter.same(asker) ||", "twice || voter.same(asker) && need > 1000 ||"},
			},
		},
		{
			"an approval is of the change, whatever the server is like", "plan/approval.go",
			"case !s.Agreed[0].Approves(c, turn):", "case s.Agreed[0].Digest == \"\":", no,
		},
		{
			"a person with two accounts counts twice", "plan/approval.go",
			"return other.Person == v.Person", "return other.Account == v.Account",
			[][3]string{
				{"objects/queue.go", "hash(v.Person+\"\\x00\"", "hash(v.Account+\"\\x00\""},
				{"policy/acting.go", "twice := slices.ContainsFunc(counted, voter.same)", "twice := false"},
			},
		},
		{
			"the policy is not evaluated again before the intent", "reconcile/permission.go",
			"\t\t\tout[e.ID] = *no\n", "\t\t\t_ = no\n", no,
		},
		{
			"what may have been sent is sent again whatever the policy says", "reconcile/permission.go",
			"\tcase why == \"\":\n\t\treturn step{}, true", "\tcase true:\n\t\treturn step{}, true", no,
		},
		{
			"a modification that fails is dropped before it can have taken effect", "reconcile/answers.go",
			"landed := a.Definite || !s.at.Before(a.Landed)", "landed := a.Sends > 0", no,
		},
		{
			"a modification that fails is sent again after it was cancelled", "reconcile/answers.go",
			"case s.withdrawn: // it must not be sent again\n", "case s.withdrawn && a.Sends > 1000:\n",
			[][3]string{
				{"reconcile/answers.go", "case (s.withdrawn || s.expired || hopeless) && !landed:", "case (s.expired || hopeless) && !landed:"},
				{"reconcile/answers.go", "case s.withdrawn && s.unchanged && landed:", "case s.withdrawn && s.unchanged && landed && a.Sends > 1000:"},
			},
		},
		{
			"what may have been accepted is sent again under a new token, after a refusal", "reconcile/answers.go",
			"\t\tout.Unchanged, out.Definite = false, false\n\t\tlanding", "\t\tout.Unchanged = false\n\t\tlanding", no,
		},
		{
			"a modification that fails is sent again without pauses", "reconcile/answers.go",
			"case s.at.Before(a.Next):", "case s.at.Before(a.First):", no,
		},
		{
			"an unusable policy is no reason to wait", "reconcile/draft.go",
			"if refused, w = d.refused(ctx, batch, &server); w != nil {", "if refused, w = d.refused(ctx, batch, &server); w != nil && len(batch) == 0 {", no,
		},
		{
			"a cancel is not heeded", "plan/approval.go",
			"Status: change.Cancelled, Votes: []change.Vote{v}}, true", "Status: change.Cancelled, Votes: []change.Vote{v}}, false", no,
		},
		{
			"what was agreed to goes together with other changes", "reconcile/approval.go",
			"return (e.Approvals > 0 ||", "return (e.Approvals > 1000 ||", no,
		},
		{
			"a notification is pending only when the change has left the queue", "reconcile/records.go",
			"if err := r.notify(ctx, e); err != nil {", "if err := ctx.Err(); err != nil {",
			[][3]string{{
				"reconcile/records.go", "\treturn r.queue.Remove(ctx, keys...)\n}",
				"\tif err := r.queue.Remove(ctx, keys...); err != nil {\n\t\treturn err\n\t}\n" +
					"\tfor _, e := range mine {\n\t\tif err := r.notify(ctx, e); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil\n}",
			}},
		},
		{
			"a notice is written and its answer was not", "notify/deliver.go",
			"case failure.Again:\n\t\t\tr.wait(o.Now(), failure.Code, failure.Message)\n\t\t\treturn", "case failure.Again:\n\t\t\tr.end(o.Now(), \"\", \"\")\n\t\t\treturn", no,
		},
		{
			"another identity's record counts as a change's own", "record/judge.go",
			"\t\treturn identity == want\n", "\t\treturn identity != \"\"\n", no,
		},
		{
			"a record is dropped if there is an object at its key", "record/store.go",
			"\t\tif who == itsOwn {\n\t\t\treturn stored, nil\n\t\t}\n\t\tr.report", "\t\tif who != unclear {\n\t\t\treturn stored, nil\n\t\t}\n\t\tr.report", no,
		},
		{
			"requests for approval are worked on without a lease", "approval/visit.go",
			"lease, err := v.chain.Acquire(ctx, head, v.times.Lease, v.state.stored())", "lease, err := lane.OpenAt(lane.Worker{Store: v.Bucket, Owner: v.Owner, Now: v.Now, Nonce: v.Nonce}, objects.ApprovalPrefix(v.request.Name)+v.Nonce()+\"/\", \"mutant\").Acquire(ctx, lane.Head{Gen: head.Gen}, v.times.Lease, v.state.stored())", no,
		},
		{
			"people are reminded of what they were asked for, whether it waits or not", "approval/remind.go",
			"now.Before(r.RemindAt) || !waits(changes) {", "now.Before(r.RemindAt) {",
			[][3]string{{"approval/tell.go", "case r.updatable() && r.News != digest(phases(changes)), r.updatable() && v.doubts(r, now):", "case v.remindNow(r, seen, now):\n\t\treturn remind\n\tcase r.updatable() && r.News != digest(phases(changes)), r.updatable() && v.doubts(r, now):"}},
		},
		{
			"approval is not requested", "intake/accept.go",
			"asked, err := in.Approvals.Request(ctx, changes)", "asked, err := false, error(nil)",
			[][3]string{{"approval/sweep.go", "if err := a.createAll(ctx, lacking); err != nil {", "if err := a.createAll(ctx, lacking[:0]); err != nil {"}},
		},
		{
			"a window that closes after the intent does not hold", "reconcile/send.go",
			"switch w := m.closed(); {\n", "switch w := m.closed(); {\n\tcase at == planned:\n", no,
		},
		{
			"what was sent is not repeated when its window has closed", "reconcile/send.go",
			"case w != nil && at == planned:", "case w != nil:", no,
		},
		{
			"a window does not hold for what a worker may have sent that died", "reconcile/send.go",
			"case w != nil && !in.Sent:", "case w != nil && !in.Sent && in.Idle > 1000:",
			[][3]string{{"reconcile/permission.go", "closed != nil && !in.Sent {", "closed != nil && !in.Sent && in.Idle > 1000 {"}},
		},
		{
			"the votes of an override do not count", "policy/opening.go",
			"need = max(need, f.Need)", "_ = f.Need", no,
		},
		{
			"no wake-up is set for an opening", "reconcile/wakes.go",
			"case at.IsZero():\n", "case at.IsZero(), w != nil && w.Cause == causeWindow:\n", no,
		},
		{
			"windows hold for merged changes, and not for each of them", "reconcile/idle.go",
			"next := gate.closed(e.Request)", "var next *wait\n\t\t_ = gate", no,
		},
		{
			"windows hold for undos", "reconcile/gate.go",
			"return !e.DryRun && d.needsPermission(e)", "return !e.DryRun && (e.Undoes != nil || d.needsPermission(e))", no,
		},
		{
			"a lane that waits for its window is written by every sweep", "reconcile/wait.go",
			"return w.Opens.Equal(other.Opens) // Why has the rest", "return w.Since.Equal(other.Since)", no,
		},
		{
			"a change overtakes one of the same settings that waits for its window", "reconcile/idle.go",
			"case blocked.blocks(e.Request):", "case blocked.blocks(e.Request) && gate.closed(e.Request) != nil:", no,
		},
		{
			"a message that comes again asks again", "../handler/chat.go",
			"change.ChatIdentity(id.Platform, id.Tenant, m.ID)", "change.ChatIdentity(id.Platform, id.Tenant, m.ID+requestID)", no,
		},
	}
}

// sources reads a mutant's files, each of which must have its text once, and
// gives their mutated texts by their paths.
func (m mutant) sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, edit := range append([][3]string{{m.file, m.old, m.new}}, m.also...) {
		file, old, instead := edit[0], edit[1], edit[2]
		path, err := filepath.Abs(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		text, edited := out[path]
		if !edited {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		if n := strings.Count(text, old); n != 1 {
			t.Fatalf("%s: %s has its text %d times; adapt the mutant to the code", m.name, file, n)
		}
		out[path] = strings.Replace(text, old, instead, 1)
	}
	return out
}

var caught = regexp.MustCompile(`seed (\d+) breaks promises`)

// Every mutant is caught by some seed. Building them takes minutes, hence the
// flag; without it the test holds the mutants to the code as it is.
func TestMutantsAreCaught(t *testing.T) {
	t.Parallel()
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			texts := m.sources(t)
			if !*mutate {
				return
			}
			dir := t.TempDir()
			overlay, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
			replaced := map[string]string{}
			for path, text := range texts {
				changed := filepath.Join(dir, fmt.Sprintf("mutant%d.go", len(replaced)))
				if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				replaced[path] = changed
			}
			ov, err := json.Marshal(map[string]any{"Replace": replaced})
			if err == nil {
				err = os.WriteFile(overlay, ov, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", bin, ".").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			// Chat has its own bugs, so many of the first seeds have people; the others
			// are those of make sim.
			for _, seeds := range [][]string{{"-seeds", "2000", "-chats", "4"}, {"-first", "2001", "-seeds", "18000"}} {
				args := append([]string{"-test.run", "TestPromisesHold|TestWhatWaits", "-shrink=false"}, seeds...)
				out, err := exec.CommandContext(t.Context(), bin, args...).CombinedOutput()
				if found := caught.FindSubmatch(out); err != nil && found != nil {
					t.Logf("caught by seed %s", found[1])
					return
				} else if err != nil {
					t.Fatalf("%v\n%.2000s", err, out)
				}
			}
			t.Error("20,000 seeds did not catch it")
		})
	}
}
