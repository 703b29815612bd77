package deploy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
)

// maxVariables is how many bytes all variables of a function may have together (Function
// Compute's page "Configure environment variables").
const maxVariables = 4096

// Whole fails if the file lacks a variable: it would be deployed as empty or as its
// default.
func (f *File) Whole() error {
	missing := f.Missing()
	if len(missing) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s does not set everything, and an unset variable would be deployed as empty or as its default. Add:", f.Path)
	for _, s := range missing {
		fmt.Fprintf(&b, "\n# %s\n%s=%s", comment(s), s.Name, s.Default)
	}
	return errors.New(b.String())
}

// Check fails for what the function would refuse at its start, and for what cannot be
// deployed. A variable that the file lacks counts as unset.
func (f *File) Check() error {
	var problems []error
	_, err := config.Load(func(name string) (string, bool) {
		if s, ok := setting(name); !ok || !s.Function {
			return "", false
		}
		return f.Value(name)
	})
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			problems = append(problems, fmt.Errorf("%s: %s", f.Path, strings.TrimSpace(line)))
		}
	}
	if region := f.Region(); !change.ValidRegion(region) {
		problems = append(problems, fmt.Errorf("%s: %s is %q: give the id of a region, such as cn-hangzhou", f.Path, Region, region))
	}
	if size := f.size(); size > maxVariables {
		problems = append(problems, fmt.Errorf("%s: names and values have %d bytes, and all variables of a function have at most %d: "+
			"remove secrets that are rotated out, or a bot", f.Path, size, maxVariables))
	}
	return errors.Join(errors.Join(problems...), f.checkDomain())
}

// size is the bytes of the function's variables.
func (f *File) size() int {
	n := 0
	for _, s := range Settings() {
		if s.Function {
			n += len(s.Name) + len(f.values[s.Name])
		}
	}
	return n
}

// Region is the region of the deployment.
func (f *File) Region() string {
	if v := f.values[Region]; v != "" {
		return v
	}
	s, _ := setting(Region)
	return s.Default
}
