package config

import (
	"strings"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/chat/platforms"
)

// platforms reads the configured chat platforms, by name.
func (r *reader) platforms() map[string]chat.Platform {
	var out map[string]chat.Platform
	for _, spec := range platforms.Specs() {
		v := r.text(spec.Variable, "")
		if v == "" {
			continue
		}
		settings, errs := chat.ParseSettings(spec, v)
		var p chat.Platform
		if len(errs) == 0 {
			var err error
			if p, err = spec.New(settings); err != nil {
				errs = []error{err}
			}
		}
		if len(errs) > 0 {
			for _, err := range errs {
				r.report(spec.Variable, "%s", strings.TrimSpace(strings.TrimPrefix(err.Error(), spec.Variable)))
			}
			continue
		}
		if out == nil {
			out = map[string]chat.Platform{}
		}
		out[spec.Name] = p
	}
	return out
}

// chatVariables documents the chat platforms.
func chatVariables() []Variable {
	var out []Variable
	for _, spec := range platforms.Specs() {
		var keys []string
		for _, k := range spec.Keys {
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
