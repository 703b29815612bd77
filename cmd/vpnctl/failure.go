package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// The codes of errors that vpnctl itself finds. The function's own are the kinds of
// its problem documents, and those of requests without an answer are in package remote.
const (
	codeUsage   = "usage"   // the command line is invalid
	codeSetting = "setting" // the URL or the secret is missing or invalid
	codeInvalid = "invalid" // the command breaks rules, as the function would say
	codeFailed  = "failed"  // anything else
)

// commandError is an error in the one form in which every command reports errors.
type commandError struct {
	code     string
	message  string
	hint     string // the way out, if it is known
	problems []change.Problem
	lines    []string // for people, before the message
	exit     int
	raw      json.RawMessage // the function's problem document
}

func (f *commandError) Error() string { return f.message }

// misused is an error of the command line.
func misused(format string, args ...any) error {
	return &commandError{code: codeUsage, message: fmt.Sprintf(format, args...), exit: exitUsage}
}

// unset is an error of a setting that every request needs.
func unset(message, hint string) error {
	return &commandError{code: codeSetting, message: message, hint: hint, exit: exitUsage}
}

// foreign is an answer that is not this function's.
func foreign(message string) error {
	return &commandError{code: remote.CodeForeign, message: message, hint: "check that the URL belongs to this function", exit: exitFailed}
}

// explain classifies an error. It returns a copy.
func explain(err error) *commandError {
	if f, ok := errors.AsType[*commandError](err); ok {
		mine := *f
		return &mine
	}
	if no, ok := errors.AsType[*remote.RefusedError](err); ok {
		return &commandError{code: no.Kind(), message: no.Message(), hint: no.Hint, problems: no.Problems, exit: exitFailed, raw: no.Raw}
	}
	if no, ok := errors.AsType[*remote.NoAnswerError](err); ok {
		return &commandError{code: no.Code, message: no.Error(), hint: no.Hint, exit: exitFailed}
	}
	if _, ok := errors.AsType[*kong.ParseError](err); ok {
		return &commandError{code: codeUsage, message: err.Error(), hint: "see vpnctl --help", exit: exitUsage}
	}
	return &commandError{code: codeFailed, message: err.Error(), exit: exitFailed}
}

// advise adds to the hint.
func (f *commandError) advise(hint string) *commandError {
	f.hint = strings.TrimPrefix(f.hint+"; "+hint, "; ")
	return f
}

// report prints an error: as JSON on standard output where --json is given, so that a
// program finds the answer or the error in one place; otherwise as text on standard error.
func (f *commandError) report(t *terminal) {
	if t.json {
		_ = printJSON(t, f) // texts only
		return
	}
	for _, line := range f.explained() {
		t.note("%s", line)
	}
	between := "; "
	if strings.HasSuffix(f.message, "?") { // it has suggested a name
		between = " "
	}
	t.note("vpnctl: %s", strings.TrimSuffix(f.message+between+f.hint, between))
}

// explained is what stands before the message: the lines of the command, or else the
// problems that the function names.
func (f *commandError) explained() []string {
	if len(f.lines) > 0 {
		return f.lines
	}
	var lines []string
	for _, p := range f.problems {
		lines = append(lines, p.String())
	}
	return lines
}

// MarshalJSON is {"error":{"code","message","hint","problems"}}. The members of the
// function's problem document are beside it, where earlier versions had them.
func (f *commandError) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	whole := map[string]json.RawMessage{}
	if json.Unmarshal(f.raw, &whole) == nil {
		for k, v := range maps.All(whole) {
			out[k] = v
		}
	}
	out["error"] = f.body()
	return json.Marshal(out)
}

// errorJSON is an error for programs.
type errorJSON struct {
	Code     string           `json:"code"`
	Message  string           `json:"message"`
	Hint     string           `json:"hint"`
	Problems []change.Problem `json:"problems"`
}

func (f *commandError) body() *errorJSON {
	return &errorJSON{f.code, f.message, f.hint, some(f.problems)}
}
