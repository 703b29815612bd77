package slack

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const name = "slack"

// Spec describes the configuration.
func Spec() chat.Spec {
	return chat.Spec{
		Name:     name,
		Variable: "CHAT_SLACK",
		Keys: []chat.Key{
			{Name: "secret", Required: true, Secret: true, Most: 2, Meaning: "the Signing Secret of the app"},
			{Name: "team", Required: true, Most: 1, Meaning: "the id of the workspace, T…"},
			{Name: "app", Most: 1, Meaning: "the App ID, A…; requests of other apps are refused"},
			{Name: "botToken", Secret: true, Most: 1, Meaning: "the Bot User OAuth Token, xoxb-…; needed to answer mentions and direct messages, and to write to rooms of the policy"},
		},
		Destinations: []chat.Destination{
			{Method: http.MethodPost, Host: "hooks.slack.com", Path: "/commands/", Rest: hookPath},
			{Method: http.MethodPost, Host: "hooks.slack.com", Path: "/actions/", Rest: hookPath},
			{Method: http.MethodPost, Host: "hooks.slack.com", Path: "/app/", Rest: hookPath},
			{Method: http.MethodPost, Host: apiHost, Path: postPath},
			{Method: http.MethodPost, Host: apiHost, Path: updatePath},
		},
		New: newPlatform,
	}
}

// hookPath reports whether a text can be the rest of a response URL's path: up
// to eight segments.
func hookPath(rest string) bool {
	segments := strings.Split(rest, "/")
	for _, s := range segments {
		if !chat.PlainID(s, "_-", 64) {
			return false
		}
	}
	return len(segments) <= 8
}

// Platform is an app of one workspace.
type Platform struct {
	secrets   []secret.Text
	team, app string
	token     secret.Text
}

var _ chat.Platform = (*Platform)(nil)

func newPlatform(s chat.Settings) (chat.Platform, error) { //nolint:ireturn // Spec.New makes a Platform
	p := &Platform{secrets: s.Secrets("secret"), team: s.Get("team"), app: s.Get("app"), token: s.Secret("botToken")}
	var problems []error
	if !isID(p.team) || p.team[0] != 'T' {
		problems = append(problems, errors.New("team is not the id of a workspace: it begins with T, and is part of Slack's address in a browser"))
	}
	if p.app != "" && (!isID(p.app) || p.app[0] != 'A') {
		problems = append(problems, errors.New("app is not an App ID: it begins with A, and is under Basic Information of the app"))
	}
	if !p.token.IsZero() && !strings.HasPrefix(p.token.Reveal(), "xoxb-") {
		problems = append(problems, errors.New("botToken is not a bot's token: it begins with xoxb-, and is under OAuth & Permissions of the app"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return p, nil
}

// Name is slack.
func (*Platform) Name() string { return name }

// Methods is POST.
func (*Platform) Methods() []string { return []string{http.MethodPost} }

// Lang is English.
func (*Platform) Lang() lang.Tag { return lang.English }

// form is the form of a request, which decides how it is answered.
type form string

const (
	formCommand form = "command"
	formButton  form = "button"
	formEvent   form = "event"
)

// Receive verifies a request of any of the three forms, then parses it.
func (p *Platform) Receive(_ context.Context, _ chat.Doer, r chat.Request, now time.Time) (chat.Delivery, error) {
	if reason := chat.Admit(r, p.Methods()...); reason != "" {
		return chat.Deny(reason)
	}
	stamp, signature := r.Header("x-slack-request-timestamp"), r.Header("x-slack-signature")
	if stamp == "" || signature == "" {
		return chat.Deny(chat.ReasonMissing)
	}
	at, reason := chat.Fresh(stamp, chat.Seconds, now)
	if reason != "" {
		return chat.Deny(reason)
	}
	encoded, versioned := strings.CutPrefix(signature, "v0=")
	mac, err := hex.DecodeString(encoded)
	number := chat.SignedBy(p.secrets, mac, func(key string) []byte { return chat.HMAC(key, "v0:"+stamp+":"+string(r.Body)) })
	if number == 0 || err != nil || !versioned {
		return chat.Deny(chat.ReasonNoMatch)
	}
	d, err := p.read(string(r.Body), at)
	return chat.Verified(d, err, number, mac)
}

// read parses verified bytes. The bytes alone decide which form it is: the
// Content-Type header is not signed, and text that somebody wrote in a request
// of one form could be parsed as another.
func (p *Platform) read(body string, at time.Time) (chat.Delivery, error) {
	if strings.HasPrefix(body, "{") {
		return p.event(body)
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	for _, v := range values {
		if len(v) != 1 {
			return chat.Deny(chat.ReasonUnreadable)
		}
	}
	switch {
	case values.Has("command") && values.Has("payload"):
		return chat.Deny(chat.ReasonUnreadable)
	case values.Has("payload"):
		return p.button(values.Get("payload"), at)
	case values.Has("command"):
		return p.command(values, body, at)
	case values.Get("ssl_check") == "1":
		return chat.Ignore(acknowledged(), "")
	default:
		return chat.Deny(chat.ReasonUnreadable)
	}
}

// ours reports whether a request is of the configured workspace and app.
func (p *Platform) ours(team, app string) bool {
	return team == p.team && (p.app == "" || app == p.app)
}

// isID reports whether a text has the form of Slack's ids.
func isID(s string) bool {
	return len(s) > 1 && len(s) <= 32 && s[0] >= 'A' && s[0] <= 'Z' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isTimestamp reports whether a text has the form of a message's timestamp.
func isTimestamp(s string) bool {
	seconds, rest, ok := strings.Cut(s, ".")
	return ok && len(s) <= 32 && seconds != "" && rest != "" && strings.Trim(seconds+rest, "0123456789") == ""
}

// sentAt reads when a message was written or a button clicked; the zero time for
// none.
func sentAt(stamp string) (time.Time, bool) {
	if stamp == "" {
		return time.Time{}, true
	}
	seconds, _, _ := strings.Cut(stamp, ".")
	at, ok := chat.UnixTime(seconds, chat.Seconds)
	return at, ok && isTimestamp(stamp)
}

// acknowledged is the response that shows nothing in the conversation.
func acknowledged() chat.Response {
	return chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeText}
}

// challenge answers the check of an event URL.
func challenge(text string) (chat.Delivery, error) {
	if !chat.Identifier(text) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	return chat.Ignore(chat.Response{
		Status: http.StatusOK, ContentType: chat.ContentTypeJSON, Body: chat.Encode(map[string]string{"challenge": text}),
	}, "")
}
