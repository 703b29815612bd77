package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// licence is under what a module may be used.
type licence struct {
	id   string // an SPDX expression, such as "MIT AND Apache-2.0"
	text string // of the module's files
}

// texts finds licences by sentences that each of them has, and no other. A module with
// another licence needs somebody who decides whether it may be used.
func texts() map[string]func(text string) bool {
	has := func(sentences ...string) func(string) bool {
		return func(text string) bool {
			return !slices.ContainsFunc(sentences, func(s string) bool { return !strings.Contains(text, s) })
		}
	}
	const bsd = "redistribution and use in source and binary forms, with or without modification, are permitted"
	clause3 := func(text string) bool { return strings.Contains(text, "neither the name of") }
	return map[string]func(string) bool{
		"MIT":          has("permission is hereby granted, free of charge, to any person obtaining a copy"),
		"ISC":          has("permission to use, copy, modify, and/or distribute this software for any purpose"),
		"Apache-2.0":   has("apache license", "version 2.0", "www.apache.org/licenses/"),
		"BSD-3-Clause": func(text string) bool { return has(bsd)(text) && clause3(text) },
		"BSD-2-Clause": func(text string) bool { return has(bsd)(text) && !clause3(text) },
	}
}

// identify gives the licences that a text is of, joined by AND.
func identify(text string) (string, error) {
	plain := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, word := range []string{"general public license", "mozilla public license", "business source license", "sspl"} {
		if strings.Contains(plain, word) {
			return "", fmt.Errorf("it names the %s: only permissive licences are used", word)
		}
	}
	var ids []string
	for id, is := range texts() {
		if is(plain) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return "", errors.New("its licence is none of MIT, ISC, BSD and Apache-2.0: read it, and add it to internal/dev/release if it is permissive")
	}
	slices.Sort(ids)
	return strings.Join(ids, " AND "), nil
}

// licenceOf reads the licence of the module in a folder.
func licenceOf(dir string) (licence, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return licence{}, err
	}
	var l licence
	for _, f := range files {
		name := strings.ToUpper(f.Name())
		is := strings.HasPrefix(name, "LICENSE") || strings.HasPrefix(name, "LICENCE") || strings.HasPrefix(name, "COPYING")
		if f.IsDir() || !is && !strings.HasPrefix(name, "NOTICE") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name())) //nolint:gosec // G304: of a module
		if err != nil {
			return licence{}, err
		}
		l.text += strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n")) + "\n"
	}
	if l.text == "" {
		return licence{}, fmt.Errorf("there is no licence in %s", dir)
	}
	if l.id, err = identify(l.text); err != nil {
		return licence{}, fmt.Errorf("the licence in %s: %w", dir, err)
	}
	return l, nil
}
