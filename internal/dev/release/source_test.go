package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// repository is a Git repository with a program in it.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.write("go.mod", "module example.com/program\n\ngo 1.24\n")
	r.write("main.go", "package main\n\nfunc main() {}\n")
	r.write(archived, r.file("../../../"+archived))
	r.write(".gitattributes", r.file("../../../.gitattributes"))
	r.run("git", "init", "-q", "-b", "main")
	r.commit()
	return r
}

func (r repository) file(path string) string {
	r.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(data)
}

func (r repository) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r repository) run(name string, args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), name, args...)
	cmd.Dir = r.dir
	cmd.Env = append(cmd.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_CONFIG_GLOBAL=/dev/null", "GOFLAGS=", "GIT_COMMITTER_DATE=2026-11-28T13:00:00+08:00")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repository) commit() {
	r.t.Helper()
	r.run("git", "add", "-A")
	r.run("git", "commit", "-q", "--allow-empty", "-m", "commit")
}

func (r repository) tag(name string) func(repository) {
	return func(r repository) { r.run("git", "tag", "-a", "-m", name, name) }
}

// TestTheVersionIsThatOfTheGoCommand builds a program in each repository, and compares
// what the go command wrote into it.
func TestTheVersionIsThatOfTheGoCommand(t *testing.T) {
	t.Parallel()
	tag := repository{}.tag
	commit := repository.commit
	for name, tt := range map[string]struct {
		steps []func(repository)
		want  string // with T for the time and the commit
	}{
		"no tag":                   {nil, "v0.0.0-T"},
		"a tag":                    {[]func(repository){tag("v0.1.0")}, "v0.1.0"},
		"after a tag":              {[]func(repository){tag("v0.1.0"), commit}, "v0.1.1-0.T"},
		"after a prerelease":       {[]func(repository){tag("v0.2.0-rc.1"), commit}, "v0.2.0-rc.1.0.T"},
		"two tags":                 {[]func(repository){tag("v0.10.0"), tag("v0.9.0")}, "v0.10.0"},
		"a later tag, lower":       {[]func(repository){tag("v0.10.0"), commit, tag("v0.9.0"), commit}, "v0.10.1-0.T"},
		"a release before":         {[]func(repository){tag("v1.0.0-rc.1"), tag("v1.0.0")}, "v1.0.0"},
		"tags of something else":   {[]func(repository){tag("release-7"), tag("v0.1"), tag("vpnctl/v3.0.0")}, "v0.0.0-T"},
		"a tag of another major":   {[]func(repository){tag("v2.0.0")}, "v0.0.0-T"},
		"changes":                  {[]func(repository){tag("v0.1.0"), func(r repository) { r.write("main.go", "package main\n\nfunc main() { println() }\n") }}, "v0.1.0+dirty"},
		"a new file":               {[]func(repository){func(r repository) { r.write("new.txt", "new") }}, "v0.0.0-T+dirty"},
		"a tag of a later commit":  {[]func(repository){commit, tag("v0.1.0"), func(r repository) { r.run("git", "checkout", "-q", "HEAD~1") }}, "v0.0.0-T"},
		"a tag of another history": {[]func(repository){func(r repository) { r.run("git", "checkout", "-q", "-b", "other") }, commit, tag("v0.1.0"), func(r repository) { r.run("git", "checkout", "-q", "main") }}, "v0.0.0-T"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			for _, step := range tt.steps {
				step(r)
			}
			src, err := readSource(t.Context(), r.dir, "")
			if err != nil {
				t.Fatal(err)
			}
			commit := r.run("git", "rev-parse", "HEAD")
			if want := strings.ReplaceAll(tt.want, "T", "20261128050000-"+commit[:12]); src.version != want || src.commit != commit {
				t.Errorf("it is %+v, want %s of %s", src, want, commit)
			}
			out := filepath.Join(t.TempDir(), "program")
			r.run("go", "build", "-buildvcs=true", "-o", out)
			info := r.run("go", "version", "-m", out)
			built := regexp.MustCompile(`(?m)^\s*mod\s+example.com/program\s+(\S*)`).FindStringSubmatch(info)
			if built == nil || built[1] != src.version {
				t.Errorf("it is %s, and the go command says %q\n%s", src.version, built, info)
			}
			if src.dirty || name == "a later tag, lower" { // an archive names the nearest tag
				return
			}
			archive := r.archive()
			from, err := readSource(t.Context(), archive, "")
			if err != nil || from.stamp() != src.stamp() || !from.time.Equal(src.time) || from.tag != src.tag {
				t.Errorf("a source archive is %+v, want %+v, %v", from, src, err)
			}
		})
	}
}

// archive unpacks a source archive of the repository.
func (r repository) archive() string {
	r.t.Helper()
	dir := r.t.TempDir()
	tar := filepath.Join(dir, "source.tar")
	r.run("git", "archive", "--prefix=source/", "-o", tar, "HEAD")
	r.run("tar", "-xf", tar, "-C", dir)
	return filepath.Join(dir, "source")
}

func TestWhatIsReleasable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		src      source
		snapshot bool
		want     string // of the error; "": none
	}{
		"a tag":                        {source{version: "v0.1.0", tag: "v0.1.0"}, false, ""},
		"no tag":                       {source{version: "v0.1.1-0.20261128050000-fd60090b1ea5"}, false, "the commit has no tag"},
		"a version without a tag":      {source{version: "v0.1.0"}, false, "the commit has no tag"},
		"another version than the tag": {source{version: "v0.2.0", tag: "v0.1.0"}, false, "leave VERSION out"},
		"changes":                      {source{version: "v0.1.0+dirty", tag: "v0.1.0", dirty: true}, false, "the work tree has changes"},
		"a snapshot":                   {source{version: "v0.1.1-0.20261128050000-fd60090b1ea5"}, true, ""},
		"a snapshot with changes":      {source{version: "v0.1.0", dirty: true}, true, "the work tree has changes"},
		"a snapshot of nothing":        {source{version: "devel"}, true, "say VERSION="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.src.releasable(tt.snapshot)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it says %v, want %q", err, tt.want)
			}
		})
	}
}

func TestExplicitVersions(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	for _, v := range []string{"0.1.0", "v0.1", "v0.1.0+meta", "latest", "v01.0.0", "v0.1.0-", "v0.1.0 ", "v0.1.0;id"} {
		if src, err := readSource(t.Context(), r.dir, v); err == nil || !strings.Contains(err.Error(), "VERSION") {
			t.Errorf("%q: %+v, %v", v, src, err)
		}
	}
	src, err := readSource(t.Context(), r.dir, "v0.2.0-rc.1")
	if err != nil || src.stamp() != "v0.2.0-rc.1@"+r.run("git", "rev-parse", "HEAD") {
		t.Errorf("it is %+v, %v", src, err)
	}
}

// A folder without Git's data and without the file of an archive has no version.
func TestSourceWithoutAVersion(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(repository){
		"a copy of a clone": func(r repository) {
			if err := os.RemoveAll(filepath.Join(r.dir, ".git")); err != nil {
				r.t.Fatal(err)
			}
		},
		"without the file": func(r repository) {
			for _, name := range []string{".git", ".ci"} {
				if err := os.RemoveAll(filepath.Join(r.dir, name)); err != nil {
					r.t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			prepare(r)
			src, err := readSource(t.Context(), r.dir, "")
			if err != nil || src.stamp() != "devel" {
				t.Errorf("it is %+v, %v", src, err)
			}
		})
	}
}

// An archive that is unpacked inside of another clone is not that clone.
func TestAnArchiveInsideOfAnotherClone(t *testing.T) {
	t.Parallel()
	r, outer := newRepository(t), newRepository(t)
	r.tag("v0.3.0")(r)
	outer.tag("v0.7.0")(outer)
	inner := filepath.Join(outer.dir, "inner")
	outer.run("cp", "-r", r.archive(), inner)
	src, err := readSource(t.Context(), inner, "")
	if err != nil || src.version != "v0.3.0" || src.commit != r.run("git", "rev-parse", "HEAD") {
		t.Errorf("it is %+v, %v", src, err)
	}
}
