package demo

import (
	"fmt"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// checklist prints the checks and counts the failed ones.
type checklist struct {
	d     *demonstration
	wrong int
}

func (l *checklist) expect(ok bool, what string, detail ...any) {
	mark := "ok   "
	if !ok {
		mark, l.wrong = "WRONG", l.wrong+1
		what += fmt.Sprintf(": %v", detail)
	}
	l.d.print("  %s  %s", mark, what)
}

// check compares the outcome with the requests.
func (d *demonstration) check(seen observed) error {
	l := &checklist{d: d}
	d.print("Checks\n")
	d.checkServers(l)
	d.checkRecords(l, seen)
	d.checkReceipts(l, seen)
	d.checkTrial(l, seen)
	d.checkProof(l, seen)
	d.checkWindow(l, seen)
	if l.wrong > 0 {
		return fmt.Errorf("%d checks failed", l.wrong)
	}
	d.print("\nAll checks passed in %s.", d.sinceStart())
	return nil
}

// checkServers compares the emulator's servers with the requests.
func (d *demonstration) checkServers(l *checklist) {
	a, _ := d.cloud.VPC().Server(merged)
	l.expect(a.Port == 1195 && a.Proto == "TCP" && a.Cipher == "AES-256-CBC", merged+" listens on TCP/1195 with AES-256-CBC", a)
	l.expect(a.Modified == 1, "its two changes needed one modification: clients were disconnected once", a.Modified)
	b, _ := d.cloud.VPC().Server(office)
	l.expect(b.LocalSubnet == "10.20.0.0/16,172.16.8.0/22,192.168.30.0/24" && b.Modified == 1, office+" reaches the third subnet, by one modification", b)
	l.expect(b.Port == 1194 && b.ClientIPPool == "10.40.0.0/22", "nothing of the rejected file was applied to it", b)
	c, _ := d.cloud.VPC().Server(shanghai)
	l.expect(c.Port == 1196 && c.Modified == 1, shanghai+" listens on port 1196, by one modification", c)
	n, _ := d.cloud.VPC().Server(scheduled)
	l.expect(!n.Compress && n.Modified == 1, scheduled+" has compression off, by one modification", n)
}

func (d *demonstration) checkRecords(l *checklist, seen observed) {
	byKind := map[change.OriginKind]int{}
	bad := map[string]change.Status{}
	for _, e := range seen.records {
		byKind[e.Origin.Kind]++
		if e.Status != change.Applied || !e.Verified {
			bad[e.ID] = e.Status
		}
	}
	l.expect(len(bad) == 0, "every record says applied and verified", bad)
	l.expect(len(seen.records) == expectedRecords && byKind[change.FromFile] == 3 && byKind[change.FromHTTP] == 4 && byKind[change.FromTimer] == 1,
		"there is one record for each change: three by file, three by HTTP, one by timer, and one for the undo", byKind)
	same := len(d.posted) == 1 && len(d.repeated) == 1 && d.posted[0].ID == d.repeated[0].ID
	l.expect(same, "the repeated delivery was answered with the same id and queued nothing", d.posted, d.repeated)
}

func (d *demonstration) checkReceipts(l *checklist, seen observed) {
	taken, refused := seen.receipts[officeKey], seen.receipts[typoKey]
	l.expect(taken.Status == record.FileAccepted && len(taken.Changes) == 3, "the file's receipt names its three changes", taken)
	lines := map[int]bool{}
	for _, p := range refused.Problems {
		lines[p.Line] = true
	}
	l.expect(refused.Status == record.FileRejected && len(refused.Changes) == 0 && lines[5] && lines[6],
		"the other file was rejected as a whole, with its lines 5 and 6 named", refused)
}
