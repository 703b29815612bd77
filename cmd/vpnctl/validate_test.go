package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const validDocument = `changes:
  - RegionId: cn-hangzhou
    SslVpnServerId: vss-bp18q7hzj6largv4vk2fe
    Port: 1195
`

const brokenDocument = `requestedBy: zhang.san
changes:
  - RegionId: cn-hangzhou
    SslVpnServerId: vss-bp18q7hzj6largv4vk2fe
    Port: 443
    ClientIpPool: 10.30.30.0/2
`

func TestValidateNamesFileLineAndRule(t *testing.T) {
	t.Parallel()
	good, bad := file(t, "good.yaml", validDocument), file(t, "bad.yaml", brokenDocument)
	got := vpnctl(t, nil, "", "validate", good, bad)
	if got.code != exitFailed {
		t.Errorf("exit status %d, want %d", got.code, exitFailed)
	}
	wants(t, "the output", got.out,
		good+": valid, 1 change\n",
		bad+":5: changes[0].Port: ", "[port-reserved]",
		bad+":6: changes[0].ClientIpPool: ", "10.30.30.0/24")
}

func TestValidateReadsStandardInput(t *testing.T) {
	t.Parallel()
	got := vpnctl(t, nil, `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-bp18q7hzj6largv4vk2fe","Port":1195}`, "validate", "-")
	if got.code != exitDone || got.out != "-: valid, 1 change\n" {
		t.Errorf("got %+v", got)
	}
}

func TestValidateAsJSON(t *testing.T) {
	t.Parallel()
	bad := file(t, "bad.yaml", brokenDocument)
	got := vpnctl(t, nil, "", "validate", "--json", bad)
	var reports []report
	if err := json.Unmarshal([]byte(got.out), &reports); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	if got.code != exitFailed || len(reports) != 1 || reports[0].File != bad || len(reports[0].Problems) < 2 || reports[0].Problems[0].Line == 0 {
		t.Errorf("exit status %d, reports %+v", got.code, reports)
	}
}

func TestValidateContinuesAfterAnUnreadableFile(t *testing.T) {
	t.Parallel()
	missing, good := filepath.Join(t.TempDir(), "none.yaml"), file(t, "good.yaml", validDocument)
	got := vpnctl(t, nil, "", "validate", missing, good)
	if got.code != exitFailed {
		t.Errorf("exit status %d, want %d", got.code, exitFailed)
	}
	wants(t, "the messages", got.err, missing)
	wants(t, "the output", got.out, "valid, 1 change")
	got = vpnctl(t, nil, "", "validate", "--json", missing, good)
	var reports []struct {
		Error *errorJSON `json:"error"`
	}
	if err := json.Unmarshal([]byte(got.out), &reports); err != nil || got.code != exitFailed || len(reports) != 2 || reports[0].Error == nil || reports[1].Error != nil {
		t.Errorf("%v: %+v", err, got)
	}
}

const validPolicy = `people:
  - name: zhang.san
    accounts: [{door: http, user: bot}]
grants:
  - {who: [zhang.san], roles: [operator], servers: ["*"]}
`

const brokenPolicy = `people:
  - name: zhang.san
    accounts: [{door: http, user: bot}]
grants:
  - {who: [zhang.si], roles: [operator], servers: ["*"]}
`

func TestValidateRecognizesAPolicyByItsKeys(t *testing.T) {
	t.Parallel()
	good, bad, changes := file(t, "good.yaml", validPolicy), file(t, "bad.yaml", brokenPolicy), file(t, "changes.yaml", validDocument)
	got := vpnctl(t, nil, "", "validate", good, bad, changes)
	if got.code != exitFailed {
		t.Errorf("exit status %d, want %d", got.code, exitFailed)
	}
	wants(t, "the output", got.out,
		good+": valid, policy for 1 person\n",
		bad+":5: grants[0].who[0]: ", "[person-unknown]", "zhang.san",
		changes+": valid, 1 change\n")
}

func TestValidateRecognizesAPolicyByItsPathOrTheFlag(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policy")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	placed := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(placed, []byte("peoples: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"validate", placed}, {"validate", "--policy", file(t, "other.yaml", "peoples: []\n")}} {
		got := vpnctl(t, nil, "", args...)
		if got.code != exitFailed {
			t.Errorf("exit status %d, want %d", got.code, exitFailed)
		}
		wants(t, "the output", got.out, "peoples: ", "[unknown-key]", "the nearest known key is people", "grants: grants is missing [key-missing]")
	}
	got := vpnctl(t, nil, validPolicy, "validate", "--json", "-")
	var reports []report
	if err := json.Unmarshal([]byte(got.out), &reports); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	if got.code != exitDone || len(reports) != 1 || !reports[0].Policy || reports[0].People != 1 || len(reports[0].Problems) != 0 {
		t.Errorf("exit status %d, reports %+v", got.code, reports)
	}
}

func TestValidateWarnsOfWindowsAndFreezesThatHavePassed(t *testing.T) {
	t.Parallel()
	name := file(t, "good.yaml", validPolicy+`windows:
  - {name: nights, servers: ["*"], timeZone: Asia/Shanghai, open: [{days: [last sat], from: "22:00", to: "06:00"}]}
  - {name: festival, servers: ["*"], timeZone: Asia/Shanghai, also: [2020-02-08]}
freezes:
  - {name: double-eleven, servers: ["*"], timeZone: Asia/Shanghai, from: 2020-11-10T00:00, until: 2020-11-12T12:00}
  - {name: far, servers: ["*"], timeZone: Asia/Shanghai, from: 2220-11-10T00:00, until: 2220-11-12T12:00}
`)
	got := vpnctl(t, nil, "", "validate", name)
	want := name + ": valid, policy for 1 person\n" +
		name + ": warning: the window festival does not open within 366 days; look at its dates, or remove it\n" +
		name + ": warning: the freeze double-eleven has ended; look at its year, or remove it\n"
	if got.code != exitDone || got.out != want {
		t.Errorf("exit status %d, %s", got.code, got.out)
	}
	var reports []report
	if got = vpnctl(t, nil, "", "validate", "--json", name); json.Unmarshal([]byte(got.out), &reports) != nil || len(reports) != 1 || len(reports[0].Warnings) != 2 {
		t.Errorf("exit status %d, %s", got.code, got.out)
	}
}

func TestValidateChecksTheTestsOfAPolicy(t *testing.T) {
	t.Parallel()
	servers := "servers:\n  - {name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-a}\n"
	good := file(t, "good.yaml", validPolicy+servers+"tests: [zhang.san may apply port=1195 to office, port of office needs 0]\n")
	one := file(t, "one.yaml", validPolicy+servers+"tests: [zhang.san may apply port=1195 to office]\n")
	bad := file(t, "bad.yaml", validPolicy+servers+"tests:\n  - zhang.san may not apply port to office\n  - port of office needs 1\n")
	got := vpnctl(t, nil, "", "validate", good, one, bad)
	if got.code != exitFailed {
		t.Errorf("exit status %d, want %d", got.code, exitFailed)
	}
	wants(t, "the output", got.out,
		good+": valid, policy for 1 person, 2 tests hold\n",
		one+": valid, policy for 1 person, 1 test holds\n",
		bad+":9: tests[0]: ", "zhang.san may apply Port to office, by grants[0] [test-failed]: narrow grants[0]",
		bad+":10: tests[1]: ", "Port of office needs no approval [test-failed]: correct approvals")
	got = vpnctl(t, nil, "", "validate", "--json", good)
	var reports []report
	if err := json.Unmarshal([]byte(got.out), &reports); err != nil || got.code != exitDone || len(reports) != 1 || reports[0].Tests != 2 {
		t.Errorf("%v: %+v", err, got)
	}
}
