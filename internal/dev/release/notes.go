package main

import (
	"fmt"
	"strings"
)

// notesOf is the section of a version in the changelog, with its heading. A snapshot has
// the section of what is not released.
func notesOf(changelog, version string, tagged bool) (string, error) {
	heading := "Unreleased"
	if tagged {
		heading = strings.TrimPrefix(version, "v")
	}
	var out []string
	for line := range strings.Lines(changelog) {
		title, is := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "## ")
		switch {
		case is && len(out) > 0:
			return strings.TrimSpace(strings.Join(out, "")) + "\n", nil
		case is && (title == heading || strings.HasPrefix(title, heading+" - ")), len(out) > 0:
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return "", fmt.Errorf("CHANGELOG.md has no section \"## %s\": rename \"Unreleased\", with the date", heading)
	}
	return strings.TrimSpace(strings.Join(out, "")) + "\n", nil
}
