package deploy

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// New is the text of a new file: every variable, with its meaning on the line before,
// a fresh secret for each sender, and the given values.
func New(values map[string]string, names []string) ([]byte, error) {
	given := maps.Clone(values)
	list := make([]string, 0, len(names))
	for _, name := range names {
		list = append(list, name+"="+newSecret())
	}
	given[senders] = strings.Join(list, ",")
	if _, err := webhook.ParseSenders(given[senders]); err != nil {
		return nil, fmt.Errorf("the senders %s: %w", strings.Join(names, ", "), err)
	}
	var b strings.Builder
	b.WriteString("# Settings of the deployed function. Keep this file: nothing else shows the secrets again.\n" +
		"# A value is taken as it is, without quotes, and a comment has a line of its own.\n")
	for _, s := range Settings() {
		value, ok := given[s.Name]
		if !ok {
			value = s.Default
		}
		delete(given, s.Name)
		if rule := refused(value); rule != "" {
			return nil, fmt.Errorf("%s %s", s.Name, rule)
		}
		fmt.Fprintf(&b, "\n# %s\n%s=%s\n", comment(s), s.Name, value)
	}
	delete(given, policyEditors) // of a version that does not have it
	if len(given) > 0 {
		return nil, fmt.Errorf("there is no variable %s", strings.Join(slices.Sorted(maps.Keys(given)), ", "))
	}
	return []byte(b.String()), nil
}

// comment is the line before a variable.
func comment(s Setting) string {
	if s.Default != "" {
		return s.Meaning + " (default: " + s.Default + ")"
	}
	return s.Meaning
}

// newSecret makes a secret of 32 random bytes.
func newSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	return webhook.SecretPrefix + base64.StdEncoding.EncodeToString(key[:])
}
