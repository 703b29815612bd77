package change

import "strings"

// Account identifies somebody in one channel, as that channel verified it.
type Account struct {
	Channel string // "dingtalk", "feishu", "wecom", "slack", "http", "file" or "timer"
	Tenant  string // of a chat platform: corporation, workspace or tenant key; "" elsewhere
	User    string // the platform's stable user id; webhook sender; RAM principal; trigger name
}

// InChat reports whether the account is one of a chat platform: of any channel that
// is not one of the others.
func (a Account) InChat() bool {
	switch OriginKind(a.Channel) {
	case FromFile, FromHTTP, FromTimer:
		return false
	case FromChat:
		return true
	default:
		return true
	}
}

// String renders the account as channel:tenant/user, or channel:user where there
// are no tenants.
func (a Account) String() string {
	if a.InChat() || a.Tenant != "" {
		return a.Channel + ":" + a.Tenant + "/" + a.User
	}
	return a.Channel + ":" + a.User
}

// wecom is the one platform whose user ids are equal in any case: it checks their
// uniqueness without regard to case. The ids of the other platforms are assigned by
// the platform, or their case is documented nowhere; they are compared as they are.
const wecom = "wecom"

// Principal is the form of an account in which equal accounts are equal: WeCom's
// user ids in lower case, and a RAM role without the name of its session. Whoever
// may assume a role chooses that name.
func (a Account) Principal() Account {
	switch a.Channel {
	case wecom:
		a.User = strings.ToLower(a.User)
	case string(FromFile):
		a.User, _, _ = strings.Cut(a.User, ":")
	}
	return a
}

// Same reports whether both are one account. An account without a user is nobody's.
func (a Account) Same(other Account) bool {
	return a.User != "" && a.Principal() == other.Principal()
}

// Requester is the account that requested the change. Entries of earlier versions
// lack it; their origin has the same in words.
func (c Change) Requester() Account {
	if c.Account != (Account{}) {
		return c.Account
	}
	switch c.Origin.Kind {
	case FromChat, FromHTTP:
		return accountOf(c.Origin.Actor)
	case FromTimer:
		return Account{Channel: string(FromTimer), User: strings.TrimPrefix(c.Origin.Actor, "timer ")}
	case FromFile:
		a := Account{Channel: string(FromFile), User: c.Origin.Actor}
		if strings.HasPrefix(a.User, "unknown:") { // the event of the upload was lost
			a.User = ""
		}
		return a
	default:
		return Account{}
	}
}

// From is the account that cast the vote.
func (v Vote) From() Account { return accountOf(v.Account) }

// accountOf reads an account as origins and votes name it: channel:tenant/user at a
// chat platform, else the name of a sender of signed requests, which has no colon.
func accountOf(text string) Account {
	if channel, rest, ok := strings.Cut(text, ":"); ok {
		tenant, user, _ := strings.Cut(rest, "/")
		return Account{Channel: channel, Tenant: tenant, User: user}
	}
	return Account{Channel: string(FromHTTP), User: text}
}
