package command

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// guard reads the value of confirm, when or proof.
func (r *reader) guard(k Key, s string) {
	var p *change.Problem
	switch k.Name {
	case keyConfirm:
		r.c.Confirm, p = change.ParseConfirmation(inEnglish(s))
	case keyWhen:
		r.c.Idle, p = change.ParseIdle(inEnglish(s))
	case keyProof:
		r.c.Proof, _ = r.flag(k, s)
	}
	if p != nil {
		r.refuse(k, s, *p)
	}
}

// refuse adds a problem that package change finds with the value of a key.
func (r *reader) refuse(k Key, s string, p change.Problem) {
	r.problems = append(r.problems, Problem{
		Rule: Rule(p.Rule), Params: map[string]string{"key": r.typed[k.Name], "value": shown(s)}, cause: &p,
	})
}

// inEnglish replaces the Chinese words of a duration and a condition.
func inEnglish(s string) string {
	return strings.NewReplacer("小时", "h", "分钟", "m", "分", "m", "秒", "s", "探测", "proof", "空闲", "idle").Replace(s)
}

// confirmValue is a confirmation as a value without blanks.
func confirmValue(c change.Confirmation) string { return strings.ReplaceAll(c.String(), " ", "+") }
