package importrules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listPackages asks the go command, for the platform that the function runs on.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps,TestImports,XTestImports", module+"/...")
	cmd.Env = append(cmd.Environ(), "GOOS=linux", "GOARCH=amd64")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []pkg
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var p struct {
			pkg

			TestImports  []string `json:"TestImports"`
			XTestImports []string `json:"XTestImports"`
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		p.TestOnly = slices.Concat(p.TestImports, p.XTestImports)
		packages = append(packages, p.pkg)
	}
}

func TestImportsPointInward(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	for _, v := range violations(packages) {
		t.Error(v)
	}
	// A rule about a package that is no longer there would hold for ever.
	for _, path := range []string{
		"/internal/change", "/events", "/internal/intake", "/internal/reconcile", "/internal/policy", "/internal/blob/oss", "/handler",
		"/internal/dev/sim", "/internal/command", "/internal/lang", "/internal/nearest",
	} {
		if !slices.ContainsFunc(packages, func(p pkg) bool { return p.ImportPath == module+path }) {
			t.Errorf("there is no package %s: do the rules still name the right ones?", module+path)
		}
	}
}

func TestEachRuleFindsItsViolation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		pkg  pkg
		want string // "" when allowed
	}{
		{"the domain imports the standard library", pkg{ImportPath: module + "/internal/change", Imports: []string{"net/netip", "strings"}}, ""},
		{"the domain imports another module", pkg{ImportPath: module + "/internal/change", Imports: []string{"golang.org/x/text"}}, "standard library only"},
		{"the domain imports a neighbor", pkg{ImportPath: module + "/internal/change", Imports: []string{module + "/internal/blob"}}, "standard library only"},
		{"the wire formats import the domain", pkg{ImportPath: module + "/events", Imports: []string{module + "/internal/change"}}, "standard library only"},
		{"the grammar imports the domain", pkg{ImportPath: module + "/internal/command", Imports: []string{module + "/internal/change", module + "/internal/lang", module + "/internal/nearest", "regexp"}}, ""},
		{"the grammar imports a platform", pkg{ImportPath: module + "/internal/command", Imports: []string{module + "/internal/chat"}}, "the domain and its words only"},
		{"the nearest word imports the domain", pkg{ImportPath: module + "/internal/nearest", Imports: []string{module + "/internal/change"}}, "standard library only"},
		{"the adapter imports its SDK", pkg{ImportPath: module + "/internal/blob/oss", Imports: []string{"github.com/aliyun/aliyun-oss-go-sdk/oss"}}, ""},
		{"main imports the runtime", pkg{ImportPath: module, Imports: []string{"github.com/aliyun/fc-runtime-go-sdk/fc"}}, ""},
		{"the queue imports an SDK", pkg{ImportPath: module + "/internal/queue", Imports: []string{"github.com/aliyun/aliyun-oss-go-sdk/oss"}}, "a cloud SDK stays"},
		{"a command imports an SDK", pkg{ImportPath: module + "/cmd/vpnctl", Imports: []string{"github.com/alibabacloud-go/tea/tea"}}, "a cloud SDK stays"},
		{"main imports the edge", pkg{ImportPath: module, Imports: []string{module + "/handler"}}, ""},
		{"intake imports the edge", pkg{ImportPath: module + "/internal/intake", Imports: []string{module + "/handler"}}, "nothing imports handler"},
		{"a test imports the edge", pkg{ImportPath: module + "/internal/lane", TestOnly: []string{module + "/handler"}}, "nothing imports handler"},
		{"the edge's own tests import it", pkg{ImportPath: module + "/handler", TestOnly: []string{module + "/handler"}}, ""},
		{"intake imports reconcile", pkg{ImportPath: module + "/internal/intake", Imports: []string{module + "/internal/reconcile"}}, "do not import each other"},
		{"reconcile imports intake", pkg{ImportPath: module + "/internal/reconcile", Imports: []string{module + "/internal/intake"}}, "do not import each other"},
		{"the policy imports the domain", pkg{ImportPath: module + "/internal/policy", Imports: []string{module + "/internal/change"}}, ""},
		{"the policy imports a door", pkg{ImportPath: module + "/internal/policy", Imports: []string{module + "/internal/chat"}}, "knows none of them"},
		{"the function ships an emulator", pkg{ImportPath: module, Deps: []string{module + "/internal/dev/localcloud/oss"}}, "does not ship internal/dev"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(violations([]pkg{tt.pkg}), "\n")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want it to contain %q", got, tt.want)
			}
		})
	}
}
