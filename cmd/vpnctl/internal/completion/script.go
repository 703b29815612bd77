package completion

import _ "embed"

//go:embed vpnctl.bash
var bash string

//go:embed vpnctl.zsh
var zsh string

//go:embed vpnctl.fish
var fish string

// Script is what a shell has to read; "" for a shell that is not known.
func Script(shell string) string {
	switch shell {
	case "bash":
		return bash
	case "zsh":
		return zsh
	case "fish":
		return fish
	default:
		return ""
	}
}
