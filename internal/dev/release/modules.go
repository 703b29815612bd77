package main

import (
	"bytes"
	"cmp"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// library is a module that is part of a program, or Go's standard library.
type library struct {
	path, version string
	sum           string // "h1:…", as in go.sum; "" for the standard library
	licence       licence
}

func (l library) purl() string { return "pkg:golang/" + l.path + "@" + l.version }

// libraries are those of a binary, by the build information in it, in order.
func libraries(binary string) ([]library, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("read what %s was built from: %w", binary, err)
	}
	var found []library
	for _, m := range info.Deps {
		if m.Replace != nil {
			return nil, fmt.Errorf("%s is replaced: a release has what go.mod says", m.Path)
		}
		found = append(found, library{path: m.Path, version: m.Version, sum: m.Sum})
	}
	found = append(found, library{path: "std", version: info.GoVersion})
	slices.SortFunc(found, func(a, b library) int { return strings.Compare(a.path, b.path) })
	return found, nil
}

// licensed adds the licences, from the module cache and from Go's own folder.
func licensed(ctx context.Context, dir string, all []library) ([]library, error) {
	folders, err := moduleFolders(ctx, dir)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(all)
	for i, l := range out {
		if out[i].licence, err = licenceOf(folders[l.path]); err != nil {
			return nil, fmt.Errorf("%s: %w", l.path, err)
		}
	}
	return out, nil
}

// moduleFolders are the folders of all modules of the build, by path.
func moduleFolders(ctx context.Context, dir string) (map[string]string, error) {
	root, err := goCommand(ctx, dir, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	list, err := goCommand(ctx, dir, "list", "-m", "-json=Path,Dir", "all")
	if err != nil {
		return nil, err
	}
	out := map[string]string{"std": strings.TrimSpace(string(root))}
	for dec := json.NewDecoder(bytes.NewReader(list)); dec.More(); {
		var m struct {
			Path string `json:"Path"`
			Dir  string `json:"Dir"`
		}
		if err := dec.Decode(&m); err != nil {
			return nil, fmt.Errorf("go list -m: %w", err)
		}
		out[m.Path] = m.Dir
	}
	return out, nil
}

func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // G204: subcommands of this package
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, stderr.Bytes())
	}
	return out, nil
}

// together is every library of some programs once, in order.
func together(programs []program) []library {
	all := map[string]library{}
	for _, p := range programs {
		for _, l := range p.libraries {
			all[l.purl()] = l
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b library) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.version, b.version))
	})
}

// notices is the text with the licences of all libraries.
func notices(libs []library) []byte {
	var b strings.Builder
	b.WriteString("The programs of this release contain these modules, under these licences.\n")
	for _, l := range libs {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n\n%s", strings.Repeat("=", 80), l.path, l.version, l.licence.id, l.licence.text)
	}
	return []byte(b.String())
}
