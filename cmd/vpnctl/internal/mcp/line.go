package mcp

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

// line writes a command in the words of the grammar. The function has to read the line as
// the command that it was made from: a value that would become another key, another
// setting or a second command is refused here, whatever it is.
func line(c command.Command) (string, error) {
	text := c.String()
	back, err := command.Parse(text)
	if err != nil {
		return "", fmt.Errorf("the arguments break rules: %s", bounded(err.Error()))
	}
	back.Lang = c.Lang
	if sameValues(back.Patch, c.Patch) && sameValues(back.Expect, c.Expect) {
		back.Patch, back.Expect = c.Patch, c.Expect // a value may have been spelled as the API does
	}
	if !back.NotBefore.Equal(c.NotBefore) || !back.ExpiresAt.Equal(c.ExpiresAt) {
		return "", errors.New("the times cannot be sent as they are: use RFC 3339 in whole seconds, such as 2026-11-28T22:00:00+08:00")
	}
	back.NotBefore, back.ExpiresAt = c.NotBefore, c.ExpiresAt // the same instants
	if !reflect.DeepEqual(back, c) {
		return "", errors.New("the arguments cannot be sent as they are: names of servers have no blanks and signs, and texts are plain")
	}
	return text, nil
}

// sameValues reports whether two patches set the same settings to values of the same
// kinds, which mean the same.
func sameValues(a, b change.Patch) bool {
	if !slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))) {
		return false
	}
	for f, v := range a {
		if !change.Equal(f, v, b[f]) {
			return false
		}
	}
	return true
}
