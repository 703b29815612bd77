package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// maxFile is the largest file of settings, in bytes. The variables of a function have
// 4 KB together.
const maxFile = 64 << 10

// File is a file of settings.
type File struct {
	Path   string
	lines  []string // as they are, without their ends
	end    string   // of lines
	values map[string]string
	at     map[string]int // the index of a variable's line
}

var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// Parse reads the text of a file: lines of NAME=value, comments that begin with "#",
// and empty lines. It reports all problems together.
func Parse(path string, data []byte) (*File, error) {
	f := &File{Path: path, end: "\n", values: map[string]string{}, at: map[string]int{}}
	text, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	if strings.Contains(text, "\r\n") {
		f.end = "\r\n"
	}
	var problems []error
	f.lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range f.lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := f.add(i, line); err != nil {
			problems = append(problems, fmt.Errorf("%s, line %d: %w", path, i+1, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return f, nil
}

// decode is the text of a file, without a byte order mark, which editors on Windows
// write.
func decode(data []byte) (string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > maxFile:
		return "", fmt.Errorf("has more than %d KiB: it is no file of settings", maxFile>>10)
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "", errors.New("is UTF-16: save it as UTF-8")
	case !utf8.Valid(data):
		return "", errors.New("is not UTF-8: save it as UTF-8")
	}
	return string(data), nil
}

// add takes a line that is no comment.
func (f *File) add(i int, line string) error {
	name, value, ok := strings.Cut(line, "=")
	if !ok || !variableName.MatchString(name) {
		return errors.New("not of the form NAME=value; a comment begins with \"#\", and a value has one line")
	}
	if _, known := setting(name); !known {
		if near := nearest.Word(name, names()); near != "" {
			return fmt.Errorf("there is no variable %s: did you mean %s?", name, near)
		}
		return fmt.Errorf("there is no variable %s in this version: correct the name, or remove the line", name)
	}
	if first, twice := f.at[name]; twice {
		return fmt.Errorf("%s is on line %d already: remove one of the lines", name, first+1)
	}
	if rule := refused(value); rule != "" {
		return fmt.Errorf("%s %s", name, rule)
	}
	f.at[name], f.values[name] = i, value
	return nil
}

// refused is the rule that a value breaks, or "".
func refused(value string) string {
	first, _ := utf8.DecodeRuneInString(value)
	last, _ := utf8.DecodeLastRuneInString(value)
	hidden := func(r rune) bool { return r != ' ' && (unicode.IsSpace(r) || change.HiddenName(r) != "") }
	quote := func(r rune) bool { return strings.ContainsRune("\"'`“”‘’", r) }
	switch {
	case value == "":
		return ""
	case strings.ContainsFunc(value, hidden):
		return "has a character that cannot be seen: remove it"
	case unicode.IsSpace(first), unicode.IsSpace(last):
		return "begins or ends with a blank: remove it"
	case quote(first), quote(last):
		return "begins or ends with a quote: a value is taken as it is, so remove the quotes"
	case strings.Contains(value, " #"):
		return "has a comment behind it: give the comment a line of its own"
	case strings.Contains(value, "${"):
		return "contains \"${\", which Serverless Devs replaces by something else: choose another value"
	default:
		return ""
	}
}

// Value is the value of a variable; ok is false if the file has no line for it.
func (f *File) Value(name string) (value string, ok bool) {
	value, ok = f.values[name]
	return value, ok
}

// Set gives a variable a value, on its line, or on a new one at the end.
func (f *File) Set(name, value string) {
	if _, has := f.at[name]; !has {
		f.at[name] = len(f.lines)
		f.lines = append(f.lines, "")
	}
	f.values[name] = value
	f.lines[f.at[name]] = name + "=" + value
}

// Bytes is the text of the file.
func (f *File) Bytes() []byte { return []byte(strings.Join(f.lines, f.end)) }

// Missing lists the variables that the file has no line for.
func (f *File) Missing() []Setting {
	return slices.DeleteFunc(Settings(), func(s Setting) bool {
		_, ok := f.values[s.Name]
		return ok
	})
}
