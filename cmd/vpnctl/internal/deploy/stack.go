package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Parameter is a parameter of the stack.
type Parameter struct{ Key, Value string }

// Parameters are the stack's for the file, and what else is given by key. A variable that
// the file has no line for is left out: an update with UsePreviousParameters keeps its
// value (ROS's page "UpdateStack", which makes no exception for NoEcho).
func (f *File) Parameters(template *Manifest, given map[string]string) ([]Parameter, error) {
	var out []Parameter
	var problems []error
	mapped := map[string]string{}
	for _, s := range Settings() {
		if s.Parameter == "" {
			continue
		}
		mapped[s.Parameter] = s.Name
		if _, ok := template.Parameters[s.Parameter]; !ok {
			problems = append(problems, fmt.Errorf("the template has no parameter %s for %s: use the template of the same version", s.Parameter, s.Name))
			continue
		}
		value, ok := f.Value(s.Name)
		if !ok {
			continue
		}
		if value == "" {
			value = s.Default
		}
		value, err := s.content(value)
		if err != nil {
			problems = append(problems, err)
		}
		out = append(out, Parameter{s.Parameter, value})
	}
	for key, value := range given {
		_, ok := template.Parameters[key]
		switch {
		case !ok:
			problems = append(problems, fmt.Errorf("the template has no parameter %s", key))
		case mapped[key] != "":
			problems = append(problems, fmt.Errorf("%s is the variable %s: set it in %s", key, mapped[key], f.Path))
		default:
			out = append(out, Parameter{key, value})
		}
	}
	slices.SortFunc(out, func(a, b Parameter) int { return strings.Compare(a.Key, b.Key) })
	return out, errors.Join(problems...)
}

var plainPath = regexp.MustCompile(`^[A-Za-z0-9._/\\:-]+$`)

// WriteParameters writes each value to a file of its own in a folder that its owner
// alone can read, and the arguments of "aliyun ros" that name these files to the file
// flags, one a line. The command line of aliyun then has no secret: an argument whose
// name ends in -FILE is read from a file, byte for byte (aliyun-cli, openapi/rpc.go).
func WriteParameters(dir string, parameters []Parameter, update bool) error {
	if !plainPath.MatchString(dir) {
		return fmt.Errorf("%q has a character that a shell would treat apart: give a folder of letters, digits, \".\", \"-\", \"_\" and \"/\"", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return errors.Join(err, fmt.Errorf("%s is no folder", dir))
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder
		return err
	}
	var flags []string
	if update {
		flags = append(flags, "--UsePreviousParameters", "true")
	}
	for i, p := range parameters {
		path := filepath.Join(dir, p.Key)
		if err := replace(path, []byte(p.Value)); err != nil {
			return err
		}
		n := "--Parameters." + strconv.Itoa(i+1)
		flags = append(flags, n+".ParameterKey", p.Key, n+".ParameterValue-FILE", path)
	}
	return replace(filepath.Join(dir, "flags"), []byte(strings.Join(flags, "\n")+"\n"))
}
