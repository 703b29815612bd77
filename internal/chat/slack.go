package chat

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sslvpnchange/internal/lang"
)

const slackName = "slack"

func slackSpec() Spec {
	return Spec{
		Name:     slackName,
		Variable: "CHAT_SLACK",
		Keys: []Key{
			{Name: "secret", Required: true, Secret: true, Most: 2, Meaning: "the Signing Secret of the app"},
			{Name: "team", Required: true, Most: 1, Meaning: "the id of the workspace, T…"},
			{Name: "app", Most: 1, Meaning: "the App ID, A…; requests of other apps are refused"},
			{Name: "botToken", Secret: true, Most: 1, Meaning: "the Bot User OAuth Token, xoxb-…; needed to answer mentions and direct messages"},
		},
		New: func(s Settings) (Platform, error) {
			p := &slack{secrets: s["secret"], team: s.Get("team"), app: s.Get("app"), token: s.Get("botToken")}
			if !slackID(p.team) || p.team[0] != 'T' {
				return nil, errors.New("CHAT_SLACK team is not the id of a workspace: it begins with T, and stands in the address of Slack in a browser")
			}
			if p.app != "" && (!slackID(p.app) || p.app[0] != 'A') {
				return nil, errors.New("CHAT_SLACK app is not an App ID: it begins with A, and stands under Basic Information of the app")
			}
			if p.token != "" && !strings.HasPrefix(p.token, "xoxb-") {
				return nil, errors.New("CHAT_SLACK botToken is not a bot's token: it begins with xoxb-, and stands under OAuth & Permissions of the app")
			}
			return p, nil
		},
	}
}

// slack is an app of one workspace: its slash command, its buttons, mentions of
// it and direct messages to it.
type slack struct {
	secrets          []string
	team, app, token string
}

func (*slack) Name() string { return slackName }

func (*slack) Methods() []string { return []string{http.MethodPost} }

func (*slack) Lang() lang.Tag { return lang.English }

// slackForm is the kind of a request, which decides how it is answered.
type slackForm string

const (
	slackCommand slackForm = "command"
	slackButton  slackForm = "button"
	slackEvent   slackForm = "event"
)

func (p *slack) Receive(_ context.Context, _ Doer, r Request, now time.Time) (Delivery, error) {
	if reason := admit(r); reason != "" {
		return deny(reason)
	}
	stamp, signature := r.Header("x-slack-request-timestamp"), r.Header("x-slack-signature")
	if stamp == "" || signature == "" {
		return deny(ReasonMissing)
	}
	at, reason := fresh(stamp, secondsDigits, now)
	if reason != "" {
		return deny(reason)
	}
	encoded, versioned := strings.CutPrefix(signature, "v0=")
	mac, err := hex.DecodeString(encoded)
	number := signedBy(p.secrets, mac, func(string) string { return "v0:" + stamp + ":" + string(r.Body) })
	if number == 0 || err != nil || !versioned {
		return deny(ReasonNoMatch)
	}
	d, reason := p.read(string(r.Body), at)
	if reason != "" {
		return deny(reason)
	}
	d.SecretNumber = number
	return d, nil
}

// read parses verified bytes. Which kind they are is decided by them alone: the
// header that names it is not signed, and words that somebody wrote into one
// kind could be read as the other.
func (p *slack) read(body string, at time.Time) (Delivery, Reason) {
	if strings.HasPrefix(body, "{") {
		return p.event(body)
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return Delivery{}, ReasonUnreadable
	}
	for _, values := range form {
		if len(values) != 1 {
			return Delivery{}, ReasonUnreadable
		}
	}
	switch {
	case form.Has("command") && form.Has("payload"):
		return Delivery{}, ReasonUnreadable
	case form.Has("payload"):
		return p.button(form.Get("payload"), at)
	case form.Has("command"):
		return p.command(form, body, at)
	case form.Get("ssl_check") == "1":
		return Delivery{Direct: slackNothing()}, ""
	default:
		return Delivery{}, ReasonUnreadable
	}
}

// ours tells whether something is of the configured workspace and app.
func (p *slack) ours(team, app string) bool {
	return team == p.team && (p.app == "" || app == p.app)
}

// slackID tells whether a text has the form of Slack's ids.
func slackID(s string) bool {
	return len(s) > 1 && len(s) <= 32 && s[0] >= 'A' && s[0] <= 'Z' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// slackStamp tells whether a text has the form of a message's time.
func slackStamp(s string) bool {
	seconds, rest, ok := strings.Cut(s, ".")
	return ok && len(s) <= 32 && seconds != "" && rest != "" && strings.Trim(seconds+rest, "0123456789") == ""
}

// slackNothing acknowledges and shows nothing.
func slackNothing() *Response {
	return &Response{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8"}
}

func slackIgnored(why string) (Delivery, Reason) {
	return Delivery{Direct: slackNothing(), Ignored: why}, ""
}

// slackChallenge answers the check of an event URL.
func slackChallenge(challenge string) (Delivery, Reason) {
	if !identifier(challenge) {
		return Delivery{}, ReasonUnreadable
	}
	return Delivery{Direct: &Response{Status: http.StatusOK, ContentType: contentTypeJSON, Body: encoded(map[string]string{"challenge": challenge})}}, ""
}
