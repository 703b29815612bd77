package oss

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	blankMark  = "%!" // at the end of a name: not part of it
	goesOnMark = "%+" // at the end of a folder's name: no slash follows
	pieceBytes = 200  // of 255 that file systems allow
)

// fileName is the path below the bucket's folder for a key, with slashes.
func fileName(key string) string {
	elements := strings.Split(key, "/")
	for i, e := range elements {
		elements[i] = escapeElement(e)
	}
	return strings.Join(elements, "/")
}

func escapeElement(e string) string {
	if e == "" {
		return blankMark
	}
	var b strings.Builder
	for i := range len(e) {
		c := e[i]
		switch {
		case c < 0x20, c == 0x7f, c == '%', c == '\\', c == '.' && i == 0, c == '~' && i == len(e)-1:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	name := b.String()
	var pieces []string
	for len(name) > pieceBytes {
		pieces = append(pieces, name[:pieceBytes]+goesOnMark)
		name = name[pieceBytes:]
		if rest, ok := strings.CutPrefix(name, "."); ok {
			name = "%2E" + rest // a piece must not be a hidden file either
		}
	}
	return strings.Join(append(pieces, name), "/")
}

// keyOf is the key of a file by its path below the bucket's folder. Names that
// people chose may be escaped incorrectly: an invalid escape is read literally.
func keyOf(name string) string {
	var key strings.Builder
	piece := ""
	elements := strings.Split(name, "/")
	for i, e := range elements {
		last := i == len(elements)-1
		if rest, ok := strings.CutSuffix(e, goesOnMark); ok && !last {
			piece += rest
			continue
		}
		for strings.HasSuffix(e, blankMark) {
			e = strings.TrimSuffix(e, blankMark)
		}
		key.WriteString(unescapeElement(piece + e))
		piece = ""
		if !last {
			key.WriteByte('/')
		}
	}
	return key.String()
}

func unescapeElement(e string) string {
	var b strings.Builder
	for i := 0; i < len(e); i++ {
		if e[i] == '%' && i+2 < len(e) {
			if c, err := strconv.ParseUint(e[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(e[i])
	}
	return b.String()
}

// isIgnored reports names that are never objects: hidden files and backups.
func isIgnored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
}
