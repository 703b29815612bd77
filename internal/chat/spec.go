package chat

// Spec says how a platform is configured: by one environment variable of the
// form key=value;key=value. A key that may repeat does so while a secret is
// rotated, the current one first.
type Spec struct {
	Name     string // the platform's
	Variable string // such as CHAT_SLACK
	Keys     []Key
	// New makes the platform of checked settings: required keys are there, and no
	// key is that Keys does not have. It fails with an error that names the key and
	// the way out and repeats no secret.
	New func(Settings) (Platform, error)
}

// Specs lists the platforms, by name.
func Specs() []Spec {
	return []Spec{
		dingTalkSpec(),
		feishuSpec(),
		slackSpec(),
		wecomSpec(),
	}
}

// Key is one key of a platform's settings.
type Key struct {
	Name     string
	Required bool
	Secret   bool // never shown, and at least MinSecret bytes
	Most     int  // how often it may stand; 1 unless secrets are rotated; 0 means 1
	Meaning  string
}

// Settings are the values of a platform's keys, in the order in which they
// stand.
type Settings map[string][]string

// Get is the first value of a key; "" when there is none.
func (s Settings) Get(key string) string {
	if v := s[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}
