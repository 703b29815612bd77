package deploy

import (
	"fmt"
	"os"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Manifest is what this package needs of a deploy file.
type Manifest struct {
	Triggers   []string        // their names
	Parameters map[string]bool // of a template: whether NoEcho hides the value
}

var envCall = regexp.MustCompile(`\$\{env\('(\w+)'`)

// ReadServerless reads s.yaml. It fails if s.yaml reads a variable that is not one of
// Settings: it would be deployed as empty.
func ReadServerless(path string) (*Manifest, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: run the command in the folder of s.yaml", err)
	}
	var file struct {
		Resources map[string]struct {
			Props struct {
				Triggers []struct {
					Name string `yaml:"triggerName"`
				} `yaml:"triggers"`
			} `yaml:"props"`
		} `yaml:"resources"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, call := range envCall.FindAllSubmatch(text, -1) {
		if name := string(call[1]); !slices.Contains(names(), name) {
			return nil, fmt.Errorf("%s reads %s, which this version of vpnctl does not know: use the vpnctl of the same version (make vpnctl)", path, name)
		}
	}
	m := &Manifest{}
	for _, resource := range file.Resources {
		for _, t := range resource.Props.Triggers {
			m.Triggers = append(m.Triggers, t.Name)
		}
	}
	return m, m.check(path)
}

// ReadTemplate reads template.yml.
func ReadTemplate(path string) (*Manifest, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: give the path of template.yml with --template", err)
	}
	var file struct {
		Parameters map[string]struct {
			NoEcho bool `yaml:"NoEcho"`
		} `yaml:"Parameters"`
		Resources map[string]struct {
			Type       string         `yaml:"Type"`
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m := &Manifest{Parameters: map[string]bool{}}
	for name, p := range file.Parameters {
		m.Parameters[name] = p.NoEcho
	}
	for _, resource := range file.Resources {
		if name, ok := resource.Properties["TriggerName"].(string); ok && resource.Type == "ALIYUN::FC3::Trigger" {
			m.Triggers = append(m.Triggers, name)
		}
	}
	return m, m.check(path)
}

// check fails for a file that has no triggers: it is another one.
func (m *Manifest) check(path string) error {
	if slices.Sort(m.Triggers); len(m.Triggers) == 0 {
		return fmt.Errorf("%s has no triggers: it is not the file of this function", path)
	}
	return nil
}
