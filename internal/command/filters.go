package command

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// filter reads the value of a key that narrows a list.
func (r *reader) filter(k Key, s string) {
	switch k.Name {
	case keyBy:
		r.c.By = s
	case keyMore:
		r.c.More = s
	case keySince:
		b, ok := change.ParseBound(strings.NewReplacer("分钟", "m", "小时", "h", "天", "d", "日", "d", "周", "w").Replace(s))
		if !ok {
			r.add(RuleSinceFormat, "key", r.typed[k.Name], "value", shown(s))
		}
		r.c.Since = b
	case keyStatus:
		for word := range strings.SplitSeq(strings.ReplaceAll(s, "、", ","), ",") {
			status, ok := statusOf(word)
			if !ok {
				r.add(RuleUnknownStatus, "key", r.typed[k.Name], "value", shown(word))
				return
			}
			r.c.Statuses = append(r.c.Statuses, status)
		}
	}
}

// filters reports whether an item is a key that narrows a list.
func (r *reader) filters(m joined) bool {
	k, _, _ := r.keys.find(m.key)
	switch k.Name {
	case keyBy, keyMore, keySince, keyStatus, keyLimit:
		return true
	default:
		return false
	}
}

// The words that stand for several statuses.
const (
	waits change.Status = "waiting"
	ends  change.Status = "ended"
)

// statusOf reads a status in either language, as answers write it or shorter.
func statusOf(word string) (change.Status, bool) {
	switch word = strings.ToLower(strings.TrimSpace(word)); word {
	case "waiting", "等待中", "等待", "未结束":
		return waits, true
	case "ended", "已结束", "结束":
		return ends, true
	case "applied", "已应用":
		return change.Applied, true
	case "unchanged", "无需变更":
		return change.Unchanged, true
	case "planned", "试运行":
		return change.Planned, true
	case "rejected", "已驳回", "驳回":
		return change.Rejected, true
	case "superseded", "已被取代", "被取代":
		return change.Superseded, true
	case "failed", "失败":
		return change.Failed, true
	case "expired", "已过期", "过期":
		return change.Expired, true
	case "cancelled", "canceled", "已取消", "取消":
		return change.Cancelled, true
	default:
		return "", false
	}
}

// statuses renders statuses as filter reads them.
func statuses(list []change.Status) string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return strings.Join(out, ",")
}
