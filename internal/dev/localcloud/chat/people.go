package chat

// The platforms, by the names that routes and the policy use.
const (
	DingTalk = "dingtalk"
	Feishu   = "feishu"
	WeCom    = "wecom"
	Slack    = "slack"
)

// Platforms lists the platforms in the order in which the page shows them.
func Platforms() []string { return []string{DingTalk, Feishu, WeCom, Slack} }

// Person is somebody with an account on every platform.
type Person struct {
	Key      string            `json:"key"`  // the argument of Say
	Name     string            `json:"name"` // the display name
	Accounts map[string]string `json:"-"`    // user id, by platform
}

// The default people.
const (
	Mei   = "mei"  // requests
	Jun   = "jun"  // approves
	Mei2  = "mei2" // Mei again, under another account on every platform
	Guest = "guest"
)

// People are the people in the local cloud's policy, and a guest who is not in
// it.
func People() []Person {
	return []Person{
		{Mei, "梅 Mei", map[string]string{DingTalk: "manager0417", Feishu: "ou_5d3fa1c07be94f2c8a61e0d2b7c9mei1", WeCom: "mei", Slack: "U07MEI0001"}},
		{Jun, "军 Jun", map[string]string{DingTalk: "manager0523", Feishu: "ou_91b7c2e4a8d04c6f9be35a17d0f2jun1", WeCom: "jun", Slack: "U07JUN0001"}},
		{Mei2, "梅 Mei (2)", map[string]string{DingTalk: "temp2208", Feishu: "ou_c08e6f5b1d7a4e3092fa84b6e1d3mei2", WeCom: "mei.oncall", Slack: "U07MEI0002"}},
		{Guest, "客 Guest", map[string]string{DingTalk: "guest9001", Feishu: "ou_e7a3d9c15f2b48606c1d93be04a7gst1", WeCom: "guest", Slack: "U07GUEST01"}},
	}
}

// The tenants and the bot's ids in them. They are no secrets; the policy contains
// them.
const (
	dingCorp     = "ding0123456789abcdef"
	dingRobot    = "dinglocalrobot0001"
	dingKey      = "dinglocalappkey001"
	feishuTenant = "2ca1d211f64f6438"
	feishuApp    = "cli_9f5343c580712544"
	wecomCorp    = "ww0123456789abcdef"
	wecomBot     = "aibLocalCloudBot0001"
	wecomAgent   = 1000002
	wecomChat    = "ALocalCloud0000000000000001" // the end of a group's id, which is that long
	slackTeam    = "T07LOCAL01"
	slackApp     = "A07LOCAL01"
)

const (
	botName  = "VPN bot"
	roomName = "网络变更 Network changes"
	// Room is the room in which Say sends messages.
	Room = "network"
)
