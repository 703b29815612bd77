package policy

import "strings"

// Account is who somebody is at one door, as that door verified it.
type Account struct {
	Door   string // "dingtalk", "feishu", "wecom", "slack", "http", "file" or "timer"
	Tenant string // of a chat platform: corporation, workspace or tenant key; "" elsewhere
	User   string // the platform's stable user id; webhook sender; RAM principal; trigger name
}

// The doors that are no chat platforms. Their accounts have no tenant.
const (
	doorHTTP  = "http"
	doorFile  = "file"
	doorTimer = "timer"
)

// Doors lists the doors that accounts can be of.
func Doors() []string { return append(chatDoors(), doorHTTP, doorFile, doorTimer) }

// chatDoors are the chat platforms. The configuration's tests hold them to those
// that there are.
func chatDoors() []string { return []string{"dingtalk", "feishu", "slack", "wecom"} }

// chatDoor tells whether a door is a chat platform: what is no other door.
func chatDoor(door string) bool {
	return door != doorHTTP && door != doorFile && door != doorTimer
}

// String renders the account as door:tenant/user, or door:user where there are
// no tenants.
func (a Account) String() string {
	if chatDoor(a.Door) || a.Tenant != "" {
		return a.Door + ":" + a.Tenant + "/" + a.User
	}
	return a.Door + ":" + a.User
}

// complete tells whether the account says who somebody is.
func (a Account) complete() bool {
	return a.Door != "" && !strings.Contains(a.Door, ":") && a.User != "" && chatDoor(a.Door) == (a.Tenant != "")
}
