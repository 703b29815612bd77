package command

import (
	"slices"
	"strings"

	"sslvpnchange/internal/nearest"
)

// Verbs lists every verb, in the order in which help shows them.
func Verbs() []Verb {
	return []Verb{Plan, Apply, Status, History, Rollback, Approve, Reject, Cancel, Help}
}

// Words lists the spellings of the verb: its name first, then the other English
// words, then the Chinese ones.
func (v Verb) Words() []string {
	switch v {
	case Plan:
		return []string{"plan", "diff", "预览", "计划"}
	case Apply:
		return []string{"apply", "set", "变更", "修改", "执行"}
	case Status:
		return []string{"status", "show", "get", "状态", "查看"}
	case History:
		return []string{"history", "log", "历史", "记录"}
	case Rollback:
		return []string{"rollback", "revert", "回滚"}
	case Approve:
		return []string{"approve", "同意", "批准"}
	case Reject:
		return []string{"reject", "拒绝", "驳回"}
	case Cancel:
		return []string{"cancel", "取消", "撤销"}
	case Help:
		return []string{"help", "?", "帮助"}
	default:
		return nil
	}
}

// operand is the kind of word after a verb.
type operand string

const (
	aServer       operand = "server"
	aChange       operand = "change"
	aChangeOrNone operand = "server or change" // or nothing
	aVerb         operand = "verb"
)

func (v Verb) operand() operand {
	switch v {
	case Plan, Apply, History:
		return aServer
	case Rollback, Approve, Reject, Cancel:
		return aChange
	case Status:
		return aChangeOrNone
	case Help:
		return aVerb
	default:
		return ""
	}
}

// sets reports whether the verb needs at least one setting.
func (v Verb) sets() bool { return v == Plan || v == Apply }

func verbOf(word string) (Verb, bool) {
	word = strings.ToLower(word)
	for _, v := range Verbs() {
		if slices.Contains(v.Words(), word) {
			return v, true
		}
	}
	return "", false
}

// nearestVerb finds the verb that was probably meant; "" where no verb is near.
func nearestVerb(typed string) string {
	var words []string
	for _, v := range Verbs() {
		words = append(words, v.Words()...)
	}
	typed = strings.ToLower(typed)
	for _, w := range words {
		if w != "?" && strings.HasPrefix(typed, w) { // the blank after it is missing
			return w
		}
	}
	if word := nearest.Word(typed, words); word != "?" {
		return word
	}
	return ""
}

func readVerb(t token) (Verb, *Problem) {
	word := strings.TrimPrefix(t.text(), "/")
	if v, ok := verbOf(word); ok {
		return v, nil
	}
	if it := itemOf(t); it.hasVal {
		word = it.key + "=" // a value may be a secret
	}
	return "", problem(RuleUnknownVerb, "verb", shown(word), "near", nearestVerb(word))
}
