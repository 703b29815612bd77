package nearest_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

func TestTo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, typed string
		known       []string
		word        string
		edits       int
	}{
		{"the word itself, in another case", "PORT", []string{"proto", "port"}, "port", 0},
		{"a letter is missing", "prot", []string{"cipher", "proto", "port"}, "proto", 1},
		{"a letter too many", "ports", []string{"proto", "port"}, "port", 1},
		{"the first of two that are as near", "ab", []string{"ac", "ad"}, "ac", 1},
		{"a Chinese character is one edit, whatever its bytes", "端囗", []string{"协议", "端口"}, "端口", 1},
		{"nothing typed", "", []string{"port", "at"}, "at", 2},
		{"nothing known", "port", nil, "", 0},
		{"only the beginning of a long text is looked at", strings.Repeat("x", 1<<20), []string{"port"}, "port", 64},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if word, edits := nearest.To(tt.typed, tt.known); word != tt.word || edits != tt.edits {
				t.Errorf("To(%.20q) = %q, %d, want %q, %d", tt.typed, word, edits, tt.word, tt.edits)
			}
		})
	}
}
