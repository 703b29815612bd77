package deploy_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
)

// files are the texts of the deploy files by path, so that tests can edit them.
type files map[string]string

func readFiles(t *testing.T) files {
	t.Helper()
	f := files{}
	for _, path := range []string{"s.yaml", "s-domain.yaml", "template.yml", "Makefile"} {
		f[path] = repositoryFile(t, path)
	}
	for _, name := range policyFiles() {
		f["docs/policies/"+name] = repositoryFile(t, "docs/policies/"+name)
	}
	return f
}

var binaryName = regexp.MustCompile(`(?m)^BINARY := (\S+)$`)

// check returns every error in the files.
func (f files) check() []string {
	s, problems := readServerless(f["s.yaml"])
	domain, more := readServerlessDomain(f["s-domain.yaml"])
	s.Domain = domain
	problems = append(problems, more...)
	t, more := readTemplate(f["template.yml"])
	problems = append(problems, more...)
	binary := ""
	if m := binaryName.FindStringSubmatch(f["Makefile"]); m != nil {
		binary = m[1]
	}
	problems = append(problems, checkFunction("s.yaml", s, binary)...)
	problems = append(problems, checkFunction("template.yml", t.deployment, binary)...)
	problems = append(problems, checkTriggers("s.yaml", s.Triggers)...)
	problems = append(problems, checkTriggers("template.yml", t.Triggers)...)
	problems = append(problems, checkDomain("s-domain.yaml", s)...)
	problems = append(problems, checkDomain("template.yml", t.deployment)...)
	problems = append(problems, compare(s, t.deployment)...)
	for _, of := range t.Observed {
		if of != t.Indexed {
			problems = append(problems, fmt.Sprintf("template.yml: a query is of %q, and the index of %q", of, t.Indexed))
		}
	}
	if len(t.Observed) < 20 {
		problems = append(problems, fmt.Sprintf("template.yml: %d queries", len(t.Observed)))
	}
	if want := t.Function.Log.Project + "/" + t.Function.Log.Logstore; t.Indexed != want {
		problems = append(problems, fmt.Sprintf("template.yml: the index is of %q, and the function logs to %q", t.Indexed, want))
	}
	documents := map[string]string{}
	for _, name := range policyFiles() {
		documents[name] = f["docs/policies/"+name]
	}
	return append(problems, checkPolicies(documents, t.Policies)...)
}

func TestTheDeployFilesAreRight(t *testing.T) {
	t.Parallel()
	for _, p := range readFiles(t).check() {
		t.Error(p)
	}
}

// TestTheRecordsShareTheBucketUnlessAskedOtherwise resolves the template with
// its own default for the record bucket.
func TestTheRecordsShareTheBucketUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	text := strings.Replace(readFiles(t)["template.yml"], "[{ Ref: RecordBucketName }, '']", "[{ Ref: RecordBucketName }, "+recordBucket+"]", 1)
	got, problems := readTemplate(text)
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	want := "acs:oss:*:" + account + ":" + changeBucket + "/results/*"
	if !slices.ContainsFunc(got.Policies["function.json"].Statement, func(s statement) bool { return slices.Contains(s.Resource, want) }) {
		t.Errorf("nothing grants %s", want)
	}
}

// TestEveryPlatformHasAVariable compares the test's own list with the platforms.
func TestEveryPlatformHasAVariable(t *testing.T) {
	t.Parallel()
	world := secretVariables()
	for _, s := range platforms.Specs() {
		if world[s.Variable] == "" {
			t.Errorf("nothing here sets %s", s.Variable)
		}
		delete(world, s.Variable)
	}
	if len(world) != 1 || world["WEBHOOK_SECRETS"] == "" {
		t.Errorf("beside the platforms' there are %d variables", len(world))
	}
}

// TestNobodyMayAskUnlessTheyAreGivenASecret deploys with a bucket only.
func TestNobodyMayAskUnlessTheyAreGivenASecret(t *testing.T) {
	t.Parallel()
	var file serverlessFile
	text := regexp.MustCompile(`\$\{env\('[A-Z_]+', ''\)\}`).ReplaceAllString(readFiles(t)["s.yaml"], "''")
	if err := strictText([]byte(expandMagic(text, map[string]string{"bucket": changeBucket})), &file); err != nil {
		t.Fatal(err)
	}
	env := file.Resources.Function.Props.EnvironmentVariables
	c, err := config.Load(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil || len(c.Senders) != 0 || len(c.Platforms) != 0 || c.RecordBucket != changeBucket {
		t.Errorf("got %d senders, %d platforms, records in %s, error %v", len(c.Senders), len(c.Platforms), c.RecordBucket, err)
	}
}

// TestPlantedErrorsAreFound breaks one file at a time in ways that the vendors'
// checks accept.
func TestPlantedErrorsAreFound(t *testing.T) {
	t.Parallel()
	sound := readFiles(t)
	for _, tt := range plantedErrors() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := maps.Clone(sound)
			if !strings.Contains(f[tt.file], tt.old) {
				t.Fatalf("%s does not contain %q: the case plants nothing", tt.file, tt.old)
			}
			f[tt.file] = strings.Replace(f[tt.file], tt.old, tt.planted, 1)
			problems := strings.Join(f.check(), "\n")
			if !strings.Contains(problems, tt.want) {
				t.Errorf("got %q, want it to contain %q", problems, tt.want)
			}
		})
	}
}
