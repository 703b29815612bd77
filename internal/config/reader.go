package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// reader reads variables and collects their problems. After a problem it returns
// a zero value.
type reader struct {
	lookup   func(string) (string, bool)
	problems []error
	names    []string // of the variables with problems
}

func (r *reader) report(name, format string, args ...any) {
	r.names = append(r.names, name)
	r.problems = append(r.problems, errors.New(name+" "+fmt.Sprintf(format, args...)))
}

func (r *reader) failed(name string) bool { return slices.Contains(r.names, name) }

func (r *reader) text(name, fallback string) string {
	v, _ := r.lookup(name)
	if v = strings.TrimSpace(v); v == "" {
		return fallback
	}
	return v
}

// shown quotes a value for an error, shortened to a readable length.
func shown(v string) string {
	const most = 80
	if len(v) > most {
		v = strings.ToValidUTF8(v[:most], "") + "…"
	}
	return strconv.Quote(v)
}

// bucket reads a bucket name by the rules of OSS.
func (r *reader) bucket(name, fallback string) string {
	v := r.text(name, fallback)
	if v == "" || r.failed(name) {
		return ""
	}
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-"
	if len(v) < 3 || len(v) > 63 || v[0] == '-' || v[len(v)-1] == '-' ||
		strings.ContainsFunc(v, func(c rune) bool { return !strings.ContainsRune(allowed, c) }) {
		r.report(name, "is %s: a bucket name has 3 to 63 lower-case letters, digits and hyphens, "+
			"and neither starts nor ends with a hyphen; give the name alone, without oss:// or a domain", shown(v))
		return ""
	}
	return v
}

// endpoint reads a URL with a parser of package endpoint.
func (r *reader) endpoint(name string, parse func(string) (*url.URL, error)) string {
	v := r.text(name, "")
	if v == "" {
		return ""
	}
	u, err := parse(v)
	if err != nil {
		r.report(name, "%s", err)
		return ""
	}
	return u.String()
}

// vpc reads the id of a VPC.
func (r *reader) vpc(name string) string {
	v := r.text(name, "")
	id, ok := strings.CutPrefix(v, "vpc-")
	if v == "" {
		return ""
	}
	if !ok || id == "" || len(v) > 64 || strings.ContainsFunc(id, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
		r.report(name, "is %s: give the id of a VPC, such as vpc-bp1abc, or leave it out", shown(v))
		return ""
	}
	return v
}

// regions reads regions that the published list lacks. They become parts of host
// names.
func (r *reader) regions(name string) change.Regions {
	var out change.Regions
	v := r.text(name, "")
	if v == "" {
		return out
	}
	for id := range strings.SplitSeq(v, ",") {
		if id = strings.TrimSpace(id); !change.ValidRegion(id) {
			r.report(name, "has %s: give region ids in lower case, such as cn-hangzhou, separated by commas", shown(id))
			continue
		}
		out = out.With(id)
	}
	return out
}

// senders reads the senders of HTTP requests. Its errors do not repeat the
// variable's value.
func (r *reader) senders(name string) []webhook.Sender {
	senders, err := webhook.ParseSenders(r.text(name, ""))
	if err == nil {
		return senders
	}
	for line := range strings.Lines(err.Error()) {
		r.report(name, "%s", strings.TrimSpace(line))
	}
	return nil
}

// editors reads names of senders. One without a secret is a mistake: nobody could sign
// as it.
func (r *reader) editors(name string, senders []webhook.Sender) []string {
	v := r.text(name, "")
	if v == "" {
		return nil
	}
	var out []string
	for sender := range strings.SplitSeq(v, ",") {
		sender = strings.TrimSpace(sender)
		switch {
		case slices.Contains(out, sender):
		case strings.Contains(sender, webhook.SecretPrefix):
			r.report(name, "has a secret: write the names of senders alone; the secrets are in %s", webhookSecrets)
		case !slices.ContainsFunc(senders, func(s webhook.Sender) bool { return s.Name == sender }):
			r.report(name, "has %s, which is no sender of %s: write names of its senders, separated by commas, such as admin", shown(sender), webhookSecrets)
		default:
			out = append(out, sender)
		}
	}
	return out
}

func (r *reader) duration(name, fallback string, least, most time.Duration) time.Duration {
	v := r.text(name, fallback)
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		r.report(name, "is %s: give a duration from %s to %s with its unit, such as 90s or %s", shown(v), brief(least), brief(most), fallback)
		return 0
	}
	return d
}

// brief renders whole minutes as 15m instead of 15m0s.
func brief(d time.Duration) string {
	if minutes, whole := strings.CutSuffix(d.String(), "m0s"); whole {
		return minutes + "m"
	}
	return d.String()
}

func (r *reader) number(name, fallback string, least, most int) int {
	v := r.text(name, fallback)
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		r.report(name, "is %s: give a whole number from %d to %d, such as %s", shown(v), least, most, fallback)
		return 0
	}
	return n
}

// choice reads one of two words, the first of which is the default.
func (r *reader) choice(name, fallback, other string) string {
	v := strings.ToLower(r.text(name, fallback))
	if v != fallback && v != other {
		r.report(name, "is %s: give %s or %s", shown(v), fallback, other)
		return fallback
	}
	return v
}

// zone reads a time zone: an offset, or a name of the IANA database.
func (r *reader) zone(name, fallback string) *time.Location {
	v := r.text(name, fallback)
	if at, ok := change.ParseLocal("2026-01-01T00:00:00" + v); ok {
		return at.Location()
	}
	loc := zone.Load(v)
	if loc == nil {
		r.report(name, "is %s, which is neither an offset such as +08:00 nor a time zone: %s", shown(v), zone.Hint(v))
		return time.UTC
	}
	return loc
}

func (r *reader) level(name, fallback string) slog.Level {
	v := r.text(name, fallback)
	switch strings.ToLower(v) {
	case "debug":
		return slog.LevelDebug
	case "info":
		return slog.LevelInfo
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		r.report(name, "is %s: give debug, info, warn or error", shown(v))
		return slog.LevelInfo
	}
}
