package docscheck_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// chinese ends the names of pages in Chinese: policy.zh-CN.md is policy.md in Chinese.
const chinese = ".zh-CN.md"

// pair is a page of docs in both languages.
type pair struct{ english, chinese string }

func pairs(t *testing.T) []pair {
	t.Helper()
	var out []pair
	for _, page := range pages(t) {
		page, _ = strings.CutPrefix(filepath.ToSlash(page), root+"/")
		if name, ok := strings.CutSuffix(page, chinese); ok && strings.HasPrefix(page, "docs/") {
			out = append(out, pair{name + ".md", page})
		}
	}
	if len(out) < 10 {
		t.Errorf("only %d pages are in both languages", len(out))
	}
	return out
}

// part is a piece of a page that a translation keeps: the level of a heading, the
// codes of the first cell of a row, the kind of a code block, a line of a command.
type part struct {
	line int
	kept string
}

// outline lists these pieces. The comments of commands are translated.
func outline(page string) []part {
	var out []part
	number, block := 0, ""
	for line := range strings.Lines(page) {
		number++
		line = strings.TrimSpace(line)
		kept := ""
		switch info, fence := strings.CutPrefix(line, "```"); {
		case fence && block != "":
			block = ""
		case fence:
			block, kept = line, "a block "+info
		case block == "```sh":
			kept = withoutComment(line)
		case block != "":
		case strings.HasPrefix(line, "#"):
			level, _, _ := strings.Cut(line, " ")
			kept = "a heading " + level
		case strings.HasPrefix(line, "|"):
			first, _, _ := strings.Cut(line[1:], "|")
			kept = strings.Join(append([]string{"a row"}, inCode.FindAllString(first, -1)...), " ")
		}
		if kept != "" {
			out = append(out, part{number, kept})
		}
	}
	return out
}

func withoutComment(command string) string {
	if strings.HasPrefix(command, "#") {
		return ""
	}
	command, _, _ = strings.Cut(command, " #")
	return strings.TrimSpace(command)
}

// apart finds the first pieces in which two pages differ: the end of a page differs
// from every piece.
func apart(a, b string) (inA, inB part, differ bool) {
	x, y := append(outline(a), part{0, "its end"}), append(outline(b), part{0, "its end"})
	for i := range min(len(x), len(y)) {
		if x[i].kept != y[i].kept {
			return x[i], y[i], true
		}
	}
	return part{}, part{}, false
}

func TestPagesInBothLanguagesHaveTheSameParts(t *testing.T) {
	t.Parallel()
	for _, p := range pairs(t) {
		if en, zh, differ := apart(read(t, p.english), read(t, p.chinese)); differ {
			t.Errorf("%s:%d has %s,\n%s:%d has %s", p.english, en.line, en.kept, p.chinese, zh.line, zh.kept)
		}
	}
}

func TestDifferentPartsAreFound(t *testing.T) {
	t.Parallel()
	const page = "# A\n\n| `a` | b |\n| --- | --- |\n| `c`, `d` | e |\n\n```sh\nls -l   # list\n```\n\n## B\n\n```text\nhello\n```\n"
	for _, tt := range []struct {
		old, changed string
		differ       bool
	}{
		{"# A", "# 甲", false},
		{"| e |", "| 戊 |", false},
		{"`c`, `d`", "`c`、`d`", false},
		{"# list", "# 列出文件", false},
		{"hello", "你好", false},
		{"## B", "### 乙", true},
		{"## B\n", "", true},
		{"`c`, `d`", "`d`、`c`", true},
		{"`c`, `d`", "`c`", true},
		{"| `c`, `d` | e |\n", "", true},
		{"ls -l ", "ls ", true},
		{"ls -l   # list\n", "", true},
		{"```text", "```yaml", true},
		{"```text\nhello\n```\n", "", true},
		{"hello\n```\n", "hello\n```\n\n## C\n", true},
	} {
		changed := strings.Replace(page, tt.old, tt.changed, 1)
		if _, _, differ := apart(page, changed); differ != tt.differ {
			t.Errorf("%q for %q: different: %v, want %v", tt.changed, tt.old, differ, tt.differ)
		}
	}
}

// TestPagesInBothLanguagesLinkToEachOther has the link to the other language below
// the title, and links between pages in Chinese where there are such pages.
func TestPagesInBothLanguagesLinkToEachOther(t *testing.T) {
	t.Parallel()
	inChinese := map[string]bool{}
	for _, p := range pairs(t) {
		inChinese[p.english] = true
		for page, want := range map[string]string{
			p.english: "[中文](" + filepath.Base(p.chinese) + ")",
			p.chinese: "[English](" + filepath.Base(p.english) + ")",
		} {
			if _, rest, _ := strings.Cut(read(t, page), "\n\n"); !strings.HasPrefix(rest, want+"\n") {
				t.Errorf("%s does not have %s below its title", page, want)
			}
		}
	}
	for _, page := range pages(t) {
		name, ok := strings.CutSuffix(page, chinese)
		if !ok {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(load(t, page), ""), -1) {
			file, _, _ := strings.Cut(m[1], "#")
			target := filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
			relative, _ := strings.CutPrefix(filepath.ToSlash(target), root+"/")
			if target != name+".md" && inChinese[relative] {
				t.Errorf("%s links to %s: link to the page in Chinese", page, m[1])
			}
		}
	}
}
