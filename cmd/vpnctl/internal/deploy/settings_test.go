package deploy_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

func repositoryFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(repositoryPath(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func repositoryPath(name string) string { return filepath.Join("..", "..", "..", "..", name) }

// TestEveryVariableOfServerlessDevs compares the settings with what s.yaml reads, in
// both directions, with the defaults.
func TestEveryVariableOfServerlessDevs(t *testing.T) {
	t.Parallel()
	read, listed := map[string]string{}, map[string]string{}
	text := repositoryFile(t, "s.yaml") + repositoryFile(t, "s-domain.yaml")
	for _, m := range regexp.MustCompile(`\$\{env\('(\w+)'(?:, '([^']*)')?\)\}`).FindAllStringSubmatch(text, -1) {
		read[m[1]] = m[2]
	}
	for _, s := range deploy.Settings() {
		listed[s.Name] = s.Default
	}
	if !maps.Equal(read, listed) {
		t.Errorf("s.yaml reads %v\nthe settings are %v", read, listed)
	}
}

// templateFile is what these tests need of template.yml.
type templateFile struct {
	Parameters map[string]struct {
		Default any  `yaml:"Default"`
		NoEcho  bool `yaml:"NoEcho"`
	} `yaml:"Parameters"`
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			EnvironmentVariables map[string]map[string]string `yaml:"EnvironmentVariables"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

// readTemplate decodes the resource of the function alone.
func readTemplate(t *testing.T) templateFile {
	t.Helper()
	var whole struct {
		Parameters yaml.Node            `yaml:"Parameters"`
		Resources  map[string]yaml.Node `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(repositoryFile(t, "template.yml")), &whole); err != nil {
		t.Fatal(err)
	}
	var f templateFile
	if err := whole.Parameters.Decode(&f.Parameters); err != nil {
		t.Fatal(err)
	}
	function := whole.Resources["Function"]
	if err := yaml.Unmarshal([]byte("{}"), &f.Resources); err != nil {
		t.Fatal(err)
	}
	one := f.Resources["Function"]
	if err := function.Decode(&one); err != nil {
		t.Fatal(err)
	}
	f.Resources["Function"] = one
	return f
}

// TestEveryVariableOfTheTemplate evaluates the function's environment with the
// parameters of a file: each variable gets the value of its own line, and no other
// parameter is a variable's.
func TestEveryVariableOfTheTemplate(t *testing.T) {
	t.Parallel()
	template := readTemplate(t)
	m, err := deploy.ReadTemplate(repositoryPath("template.yml"))
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, fresh(t))
	for _, s := range deploy.Settings() {
		if !s.Path {
			f.Set(s.Name, "value-of-"+s.Name)
		}
	}
	parameters, err := f.Parameters(m, map[string]string{"CodeBucket": "acme-code", "CodeObject": "1.zip"})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, p := range parameters {
		values[p.Key] = p.Value
	}
	environment := map[string]string{}
	for name, ref := range template.Resources["Function"].Properties.EnvironmentVariables {
		environment[name] = values[ref["Ref"]]
	}
	var function []string
	for _, s := range deploy.Settings() {
		if s.Function {
			function = append(function, s.Name)
			if want := "value-of-" + s.Name; environment[s.Name] != want {
				t.Errorf("%s is %q, want %q", s.Name, environment[s.Name], want)
			}
		}
		if p, ok := template.Parameters[s.Parameter]; s.Parameter != "" && (!ok || p.NoEcho != s.Secret || s.Default != "" && p.Default != s.Default) {
			t.Errorf("%s: the template's parameter %s is %+v", s.Name, s.Parameter, p)
		}
	}
	if got := slices.Sorted(maps.Keys(environment)); !slices.Equal(got, slices.Sorted(slices.Values(function))) {
		t.Errorf("the template sets %v, the settings are %v", got, function)
	}
}
