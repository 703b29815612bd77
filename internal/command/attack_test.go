package command_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// TestAttackACommandThatSaysMoreThanItShows hides a character in every part of a line.
func TestAttackACommandThatSaysMoreThanItShows(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{
		0x07, 0x0B, 0x0C, 0x1B, 0x7F, 0x85, 0xAD, 0x34F, 0x61C, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x202E, 0x2028, 0x2029,
		0x2060, 0x2066, 0x2800, 0x3164, 0xE000, 0xFDD0, 0xFE0F, 0xFEFF, 0xFFFE, 0xE0041, 0xE0100, 0x10FFFD, 0x378,
	} {
		for _, text := range []string{
			"apply vss-a port=1195%c cipher=none", "ap%cply vss-a port=1195", "apply vss-a po%crt=1195", "apply vss-a%cb port=1195",
			"apply vss-a port=1195 reason=“a%cb”", "apply vss-a port=1195 reason=a%cb", "approve 20261122-7f3akqxcd2 k7m2%cq4xa",
		} {
			line := fmt.Sprintf(text, r)
			_, err := command.Parse(line)
			problem, ok := errors.AsType[*command.Error](err)
			column := 1 + strings.Count(text[:strings.IndexByte(text, '%')], "") - 1
			for _, tag := range []lang.Tag{lang.English, lang.Chinese} {
				if !ok || len(problem.Problems) != 1 || !strings.Contains(problem.Text(tag), fmt.Sprintf("%U", r)) || !strings.Contains(problem.Text(tag), strconv.Itoa(column)) {
					t.Errorf("%q: %v, want %U and column %d", line, err, r, column)
				}
			}
		}
	}
}

// TestAttackLinesAreBounded reads lines of every size and of the worst kinds.
func TestAttackLinesAreBounded(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"@bot ", "a ", "x=", "“", "端囗=1 ", "expect.expect.", "\u200b", " ", "--", "@", "@\u200b", "\xff", "、"} {
		parse := func(line string) { _, _ = command.Parse(line) }
		growth.Linear(t, 1<<18, func(n int) string { return strings.Repeat(part, n/len(part)) }, parse)
		growth.Within(t, 300*time.Millisecond, "apply vss-a "+strings.Repeat(part, (command.MaxBytes-20)/len(part)), parse)
	}
}

func TestGuessesAreNear(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"serverz": "servers", "please": "", "lan": "", "lan vss-a port=1": "plan", "dog vss-a": "log", "aplly vss-a port=1": "apply", "stauts": "status", "thanks": "", "hello": "", "ok": "", "早上好": "", "roll": "", "rollbak 1": "rollback",
	} {
		_, err := command.Parse(line)
		problem, ok := errors.AsType[*command.Error](err)
		if !ok || problem.Rule != command.RuleUnknownVerb || problem.Problems[0].Params["near"] != want {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}
