package main

import (
	"github.com/alecthomas/kong"
)

// The environment variables that stand for flags and for the secret. A flag with the
// secret would expose it in the process list and in the shell's history.
const (
	variableURL        = "SSLVPN_URL"
	variableSecret     = "SSLVPN_SECRET"      //nolint:gosec // a name, no secret
	variableSecretFile = "SSLVPN_SECRET_FILE" //nolint:gosec // a name, no secret
	variableSender     = "SSLVPN_SENDER"
	variableLang       = "SSLVPN_LANG"
	variableRegions    = "VPC_REGIONS" // as the function has it
)

// variable reads an environment variable. An empty one is as one that is not set: a
// script clears a variable that way.
func (t *terminal) variable(name string) string {
	value, _ := t.lookup(name)
	return value
}

// variables takes flags that are not given from the environment. Kong's own tag "env"
// reads the process's environment, and takes an empty variable as a value.
func (t *terminal) variables() kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if name := flag.Tag.Get("variable"); name != "" {
			if value := t.variable(name); value != "" {
				return value, nil
			}
		}
		return nil, nil // kong's way to say that there is no value
	}
}

// withVariable is the help of a flag, with its variable.
func withVariable(v *kong.Value) string {
	if name := v.Tag.Get("variable"); name != "" {
		return v.Help + " ($" + name + ")"
	}
	return v.Help
}
