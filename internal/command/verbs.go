package command

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// Verbs lists every verb, in the order in which help shows them.
func Verbs() []Verb {
	return []Verb{Plan, Apply, Status, Servers, History, Windows, Rollback, Approve, Reject, Cancel, Confirm, Help}
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
	case Servers:
		return []string{"servers", "list", "服务端", "列表"}
	case History:
		return []string{"history", "log", "历史", "记录"}
	case Windows:
		return []string{"windows", "freezes", "维护窗口", "窗口", "封网"}
	case Rollback:
		return []string{"rollback", "revert", "回滚"}
	case Approve:
		return []string{"approve", "批准", "同意"}
	case Reject:
		return []string{"reject", "驳回", "拒绝"}
	case Cancel:
		return []string{"cancel", "取消", "撤销"}
	case Confirm:
		return []string{"confirm", "keep", "确认", "保留"}
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
	aServerOrNone operand = "server or nothing"
	aVerb         operand = "verb"
	nothing       operand = "nothing"
)

func (v Verb) operand() operand {
	switch v {
	case Plan, Apply:
		return aServer
	case History, Windows:
		return aServerOrNone
	case Rollback, Approve, Reject, Cancel, Confirm:
		return aChange
	case Status:
		return aChangeOrNone
	case Help:
		return aVerb
	case Servers:
		return nothing
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

// nearestVerb finds the verb that was probably meant; "" where no verb is near. What
// people write to each other is often near a verb by chance ("reply", "project"). So
// where nothing else of the line looks like a command, it takes a nearer word: one
// typing error, two in a long word, and none in a short one.
func nearestVerb(typed string, isCommand bool) string {
	typed = strings.ToLower(typed)
	word, edits := "", 3
	var words []string
	for _, v := range Verbs() {
		for _, w := range v.Words() {
			if w == "?" {
				continue
			}
			if lostBlank(typed, w) {
				return w
			}
			words = append(words, w)
			length := min(utf8.RuneCountInString(w), utf8.RuneCountInString(typed))
			if _, n := nearest.To(typed, []string{w}); n < edits && n*4 <= length {
				word, edits = w, n
			}
		}
	}
	if isCommand {
		return nearest.Word(typed, words)
	}
	return word
}

// looksLikeCommand reports whether a word is one that stands behind a verb: a setting,
// the id of a server or of a change.
func looksLikeCommand(t token) bool {
	it := itemOf(t)
	return it.hasVal && it.key != "" || strings.HasPrefix(strings.ToLower(it.value), "vss-") || isChangeID(it.value)
}

// lostBlank reports whether a text begins with a verb that is not the beginning of
// another word: the blank after it is missing, as in "planvss-bp18q7" and "预览vss-bp18q7".
func lostBlank(typed, verb string) bool {
	rest, ok := strings.CutPrefix(typed, verb)
	if !ok || rest == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(rest)
	last, _ := utf8.DecodeLastRuneInString(verb)
	if unicode.Is(unicode.Han, last) {
		return !unicode.Is(unicode.Han, first)
	}
	return strings.HasPrefix(rest, "vss-") || unicode.IsDigit(first) || unicode.Is(unicode.Han, first)
}

func readVerb(tokens []token) (Verb, *Problem) {
	t := tokens[0]
	word := strings.TrimPrefix(t.text(), "/")
	if v, ok := verbOf(word); ok {
		return v, nil
	}
	if it := itemOf(t); it.hasVal {
		word = it.key + "=" // a value may be a secret
	}
	return "", problem(RuleUnknownVerb, "verb", shown(word), "near", nearestVerb(word, slices.ContainsFunc(tokens[1:], looksLikeCommand)))
}
