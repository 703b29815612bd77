package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
)

// section reads the cells of the table below a heading.
func section(t *testing.T, page, heading string) [][]string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("there is no section %q", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	var out [][]string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| `") {
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
			}
			out = append(out, cells)
		}
	}
	return out
}

// column has one column of a table.
func column(rows [][]string, n int) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r[n])
	}
	return out
}

// exits reads the exit statuses from the code.
func exits(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("exit.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\texit\w+ += (\d+)`).FindAllStringSubmatch(string(data), -1) {
		out = append(out, m[1])
	}
	return out
}

func TestThePagesListWhatTheCodeHas(t *testing.T) {
	t.Parallel()
	var cmds commands
	parser, err := (&terminal{}).parser(t.Context(), &cmds, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var names, helps, flags []string
	for _, node := range parser.Model.Children {
		if node.Hidden {
			continue
		}
		names, helps = append(names, node.Name), append(helps, node.Help)
		for _, f := range node.Flags {
			if name := f.Tag.Get("variable"); name != "" {
				flags = append(flags, name+" --"+f.Name)
			}
		}
	}
	slices.Sort(flags)
	flags = slices.Compact(flags)
	codes := append(gosource.Constants(t, ".", "code"), gosource.Constants(t, filepath.Join("internal", "remote"), "Code")...)
	for _, page := range []struct{ file, commands, settings, exits, errors string }{
		{"vpnctl.md", "Commands", "Settings", "Exit status", "Errors"},
		{"vpnctl.zh-CN.md", "命令", "设置", "退出码", "错误"},
	} {
		data, err := os.ReadFile(filepath.Join("..", "..", "docs", page.file))
		if err != nil {
			t.Fatal(err)
		}
		same := func(what string, got, want []string) {
			if !slices.Equal(got, want) {
				t.Errorf("docs/%s has the %s\n%q\nthe code\n%q", page.file, what, got, want)
			}
		}
		text := string(data)
		same("commands", column(section(t, text, page.commands), 0), names)
		if page.file == "vpnctl.md" {
			same("descriptions", column(section(t, text, page.commands), 1), helps)
		}
		settings := section(t, text, page.settings)
		same("variables", column(settings, 0), gosource.Constants(t, ".", "variable"))
		var documented []string
		for _, r := range settings {
			if strings.HasPrefix(r[1], "--") {
				documented = append(documented, r[0]+" "+r[1])
			}
		}
		slices.Sort(documented)
		same("flags", documented, flags)
		same("exit statuses", column(section(t, text, page.exits), 0), exits(t))
		same("codes", column(section(t, text, page.errors), 0), append(slices.Clone(codes), "http-404"))
	}
	if n := len(exits(t)); strconv.Itoa(n-1) != strconv.Itoa(exitUnended) {
		t.Errorf("%d exit statuses are read", n)
	}
}
