package wording

import (
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// PolicyPut words for a room who put which revision of the policy, with which account, and
// why; reason is "" for none.
func (w Writer) PolicyPut(number int64, by, account, reason string) chat.Text {
	t := w.text(chat.Info, phrase{"The policy was changed", "策略已更新"}, nil)
	w.add(t, phrase{"Revision {n} was put by {who} with the account {account}.", "修订版 {n} 由 {who} 使用账号 {account} 写入。"},
		args{"n", strconv.FormatInt(number, 10), "who", by, "account", account})
	if reason != "" {
		w.add(t, phrase{"Reason: {reason}", "原因：{reason}"}, args{"reason", reason})
	}
	w.add(t, phrase{"If nobody expected this, look at it now: `vpnctl policy history`", "如果这不在预期之内，请立即查看：`vpnctl policy history`"}, nil)
	return *t
}
