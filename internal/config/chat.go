package config

import (
	"errors"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// platforms reads the configured chat platforms, and the time zones of those that have
// their own, by name.
func (r *reader) platforms() (out map[string]chat.Platform, zones map[string]*time.Location) {
	for _, spec := range platforms.Specs() {
		v := r.text(spec.Variable, "")
		if v == "" {
			continue
		}
		p, loc, errs := newPlatform(spec, v)
		if len(errs) > 0 {
			for _, err := range errs {
				r.report(spec.Variable, "%s", strings.TrimSpace(strings.TrimPrefix(err.Error(), spec.Variable)))
			}
			continue
		}
		if out == nil {
			out, zones = map[string]chat.Platform{}, map[string]*time.Location{}
		}
		out[spec.Name] = p
		if loc != nil {
			zones[spec.Name] = loc
		}
	}
	return out, zones
}

// newPlatform makes a platform of its variable's value; loc is nil for one that has no
// time zone of its own.
//
//nolint:ireturn // platforms are known by the interface alone
func newPlatform(spec chat.Spec, value string) (p chat.Platform, loc *time.Location, errs []error) {
	settings, errs := chat.ParseSettings(spec, value)
	if name := settings.Get(chat.KeyTimeZone); name != "" {
		if loc = zone.Load(name); loc == nil {
			errs = append(errs, errors.New(chat.KeyTimeZone+" is not the name of a time zone: "+zone.Hint(name)))
		}
	}
	if len(errs) > 0 {
		return nil, nil, errs
	}
	p, err := spec.New(settings)
	if err != nil {
		return nil, nil, []error{err}
	}
	return p, loc, nil
}

// chatVariables documents the chat platforms.
func chatVariables() []Variable {
	var out []Variable
	for _, spec := range platforms.Specs() {
		var keys []string
		for _, k := range spec.AllKeys() {
			keys = append(keys, k.Name+"=…")
		}
		out = append(out, Variable{
			Name: spec.Variable, Default: "none: the platform has no bot",
			Meaning: "the bot at " + spec.Name + ": " + strings.Join(keys, ";") + " (docs/chat/" + spec.Name + ".md)",
		})
	}
	return append(out, Variable{
		Name: chatEndpoint, Default: "the platforms themselves", Meaning: "the local cloud's emulation of the chat platforms; loopback addresses only",
	})
}
