package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/completion"
)

func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		words []string
		want  []string
	}{
		{[]string{"ap"}, []string{"apply", "approve"}},
		{[]string{"--vers"}, []string{"--version"}},
		{[]string{"apply", "off"}, nil},
		{[]string{"apply", "office", "po"}, []string{":nospace", "port="}},
		{[]string{"apply", "office", "port=1195", "pro"}, []string{":nospace", "proto="}},
		{[]string{"apply", "--lang", "zh", "office", "po"}, []string{":nospace", "port="}},
		{[]string{"apply", "--json", "office", "po"}, []string{":nospace", "port="}},
		{[]string{"apply", "--lang", ""}, []string{"en", "zh"}},
		{[]string{"apply", "--lang=z"}, []string{"--lang=zh"}},
		{[]string{"apply", "--rea"}, []string{"--reason"}},
		{[]string{"apply", "-y", "--rea"}, []string{"--reason"}},
		{[]string{"apply", "--", "--rea"}, nil},
		{[]string{"apply", "--reason", "--re"}, nil},
		{[]string{"status", "--secret-file", ""}, []string{":files"}},
		{[]string{"submit", ""}, []string{":files"}},
		{[]string{"submit", "a.yaml", ""}, nil},
		{[]string{"validate", "a.yaml", ""}, []string{":files"}},
		{[]string{"pol"}, []string{"policy"}},
		{[]string{"policy", ""}, []string{"get", "check", "put", "history"}},
		{[]string{"policy", "put", ""}, []string{":files"}},
		{[]string{"policy", "put", "--give"}, []string{"--give-up-right"}},
		{[]string{"policy", "get", "-o", ""}, []string{":files"}},
		{[]string{"help", "rol"}, []string{"rollback"}},
		{[]string{"completion", ""}, []string{"bash", "zsh", "fish"}},
		{[]string{"nonsense", "x"}, nil},
		{[]string{"__comp"}, nil},
		{nil, nil},
	}
	for _, tt := range tests {
		got := vpnctl(t, nil, "", append([]string{"__complete", "--"}, tt.words...)...)
		var words []string
		for line := range strings.Lines(got.out) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			words = append(words, word)
		}
		if got.code != exitDone || got.err != "" || !slices.Equal(words, tt.want) {
			t.Errorf("%q: got %q, want %q: %+v", tt.words, words, tt.want, got)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := vpnctl(t, nil, "", "completion", shell); got.code != exitDone || got.out != completion.Script(shell)+"\n" || len(got.out) < 100 {
			t.Errorf("%s: %+v", shell, got)
		}
	}
	if got := vpnctl(t, nil, "", "completion", "tcsh"); got.code != exitUsage {
		t.Errorf("%+v", got)
	}
}

// installed is a folder with vpnctl, its completion in each shell, and two files.
func installed(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("vpnctl", "#!/bin/sh\nexec env "+runVariable+"=1 "+self+" \"$@\"\n", 0o755)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		write("completion."+shell, completion.Script(shell), 0o600)
	}
	write("hotel.yaml", "", 0o600)
	write("a file.yaml", "", 0o600)
	return dir
}

// typed is a line with a tab, and what the shell makes of it.
type typed struct{ keys, want string }

func completed() []typed {
	return []typed{
		{"vpnctl roll\t", "vpnctl rollback"},
		{"vpnctl apply office compr\t", "vpnctl apply office compress="},
		{"vpnctl apply office compress=true --rea\t", "vpnctl apply office compress=true --reason"},
		{"vpnctl apply --lang=z\t", "vpnctl apply --lang=zh"},
		{"vpnctl status --lang z\t", "vpnctl status --lang zh"},
		{"vpnctl submit hot\t", "vpnctl submit hotel.yaml"},
		{"vpnctl submit --secret-file a\t", `vpnctl submit --secret-file a\ file.yaml`},
		{"./vpnctl completion fi\t", "./vpnctl completion fish"},
	}
}

// TestCompletionInShells types into real shells, on a terminal.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	for shell, start := range map[string]string{
		"bash": "PS1='$ ' exec bash --norc --noprofile",
		"zsh":  "PS1='$ ' exec zsh -f",
		"fish": "exec fish --no-config --init-command 'function fish_prompt; echo -n \"\\$ \"; end; function fish_right_prompt; end; set -g fish_autosuggestion_enabled 0'",
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell); err != nil {
				t.Skip("there is no " + shell)
			}
			dir := installed(t)
			x := startTmux(t, "cd "+dir+"; PATH="+dir+":$PATH HOME="+dir+" "+start)
			x.until("the prompt", func(s string) bool { return strings.HasSuffix(s, "$") })
			ready := "source ./completion." + shell + "; echo ready"
			if shell == "zsh" {
				ready = "autoload -U compinit; compinit -u -d zcompdump; " + ready
			}
			x.types(ready + "\n")
			x.until("the script", func(s string) bool { return strings.HasSuffix(s, "\nready\n$") })
			for _, line := range completed() {
				x.types(line.keys)
				x.until(line.keys, func(s string) bool { return strings.HasSuffix(s, "$ "+line.want) })
				x.types("\x15") // clears the line
				x.until("an empty line", func(s string) bool { return strings.HasSuffix(s, "$") })
			}
		})
	}
}
