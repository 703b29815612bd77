package main

import (
	"os"

	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// narrow is the width of a terminal that does not say its own.
const narrow = 80

// columnsOf asks for the width of a terminal, as it is at each moment; nil if the file is
// not a terminal, or one on which a line cannot be overwritten.
func columnsOf(f *os.File, lookup func(string) (string, bool)) func() int {
	if kind, _ := lookup("TERM"); kind == "dumb" || !isTerminal(f) {
		return nil
	}
	return func() int {
		columns, _, err := term.GetSize(int(f.Fd()))
		if err != nil || columns <= 0 {
			return narrow
		}
		return columns
	}
}
