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

// listPackages lists the module's packages for the platform that the function
// runs on.
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
	// A rule about a package that does not exist would hold forever.
	for _, path := range []string{
		"/internal/change", "/events", "/internal/intake", "/internal/reconcile", "/internal/policy", "/internal/blob/oss", "/handler",
		"/internal/dev/sim", "/internal/command", "/internal/lang", "/internal/nearest", "/internal/objects", "/internal/secret",
		"/internal/endpoint", "/internal/backoff", "/internal/function", "/internal/window", "/internal/zone",
	} {
		if !slices.ContainsFunc(packages, func(p pkg) bool { return p.ImportPath == module+path }) {
			t.Errorf("the rules name %s, which does not exist", module+path)
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
		{"the wiring imports the edge", pkg{ImportPath: module + "/internal/function", Imports: []string{module + "/handler"}}, ""},
		{"intake imports the edge", pkg{ImportPath: module + "/internal/intake", Imports: []string{module + "/handler"}}, "import handler"},
		{"intake imports the wiring", pkg{ImportPath: module + "/internal/intake", Imports: []string{module + "/internal/function"}}, "only main imports internal/function"},
		{"a test imports the edge", pkg{ImportPath: module + "/internal/lane", TestOnly: []string{module + "/handler"}}, "import handler"},
		{"the edge's own tests import it", pkg{ImportPath: module + "/handler", TestOnly: []string{module + "/handler"}}, ""},
		{"intake imports reconcile", pkg{ImportPath: module + "/internal/intake", Imports: []string{module + "/internal/reconcile"}}, "do not import each other"},
		{"reconcile imports intake", pkg{ImportPath: module + "/internal/reconcile", Imports: []string{module + "/internal/intake"}}, "do not import each other"},
		{"the policy imports the domain", pkg{ImportPath: module + "/internal/policy", Imports: []string{module + "/internal/change"}}, ""},
		{"the policy imports a channel", pkg{ImportPath: module + "/internal/policy", Imports: []string{module + "/internal/chat"}}, "imports none of them"},
		{"the keys import the domain", pkg{ImportPath: module + "/internal/objects", Imports: []string{module + "/internal/change"}}, ""},
		{"the keys import a store", pkg{ImportPath: module + "/internal/objects", Imports: []string{module + "/internal/queue"}}, "leaves"},
		{"a secret imports the domain", pkg{ImportPath: module + "/internal/secret", Imports: []string{module + "/internal/change"}}, "leaves"},
		{"the backoff imports its library", pkg{ImportPath: module + "/internal/backoff", Imports: []string{"github.com/cenkalti/backoff/v4"}}, ""},
		{"an endpoint imports another module", pkg{ImportPath: module + "/internal/endpoint", Imports: []string{"golang.org/x/net/idna"}}, "leaves"},
		{"a zone imports the nearest word", pkg{ImportPath: module + "/internal/zone", Imports: []string{module + "/internal/nearest"}}, ""},
		{"a zone imports the policy", pkg{ImportPath: module + "/internal/zone", Imports: []string{module + "/internal/policy"}}, "leaves"},
		{"a platform imports the contract", pkg{ImportPath: module + "/internal/chat/slack", Imports: []string{module + "/internal/chat", module + "/internal/chat/text"}}, ""},
		{"a platform imports another", pkg{ImportPath: module + "/internal/chat/slack", Imports: []string{module + "/internal/chat/feishu"}}, "do not import each other"},
		{"a window imports the domain and its zones", pkg{ImportPath: module + "/internal/window", Imports: []string{module + "/internal/change", module + "/internal/zone"}}, ""},
		{"a window imports the policy", pkg{ImportPath: module + "/internal/window", Imports: []string{module + "/internal/policy"}}, "leaves"},
		{"the policy imports its windows", pkg{ImportPath: module + "/internal/policy", Imports: []string{module + "/internal/window"}}, ""},
		{"the function ships an emulator", pkg{ImportPath: module, Deps: []string{module + "/internal/dev/localcloud/oss"}}, "nothing that ships"},
		{"the function ships a module of vpnctl", pkg{ImportPath: module, Deps: []string{"golang.org/x/term"}}, "not in the function"},
		{"the command line imports it", pkg{ImportPath: module + "/cmd/vpnctl", Imports: []string{"golang.org/x/term"}, Deps: []string{"golang.org/x/term"}}, ""},
		{"intake imports an emulator", pkg{ImportPath: module + "/internal/intake", Imports: []string{module + "/internal/dev/localcloud/oss"}}, "nothing that ships"},
		{"a test imports an emulator", pkg{ImportPath: module + "/internal/intake", TestOnly: []string{module + "/internal/dev/localcloud/oss"}}, ""},
		{"the command imports the local cloud", pkg{ImportPath: module + "/cmd/vpnctl", Imports: []string{module + "/internal/dev/localcloud"}}, ""},
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
