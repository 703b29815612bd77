package change

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// Restorable returns a value that a server had, as it can be set again. It is
// judged by the API's own rules, which are wider than those for new values: a
// server made long ago or in the console may have a name with blanks, or host bits
// in its networks. Networks are returned without host bits and without repetitions,
// which means the same. ok is false for a value that the API does not accept.
func Restorable(f Field, v Value) (restored Value, ok bool) {
	if v.IsZero() || kindOf(v) != f.Kind() {
		return v, false
	}
	switch f {
	case Name:
		s, _ := v.Text()
		n := utf8.RuneCountInString(s)
		web := strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
		return v, n >= minNameLength && n <= maxNameLength && !web && len(checkHidden(string(f), s)) == 0
	case ClientIPPool, LocalSubnet:
		v = maskNetworks(v)
	case Proto, Port, Cipher, Compress, EnableMultiFactorAuth, IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID:
	}
	return v, len(checkValue(f, v)) == 0
}

// maskNetworks removes host bits and repetitions from a list of networks, and keeps
// its order. A text that is no such list stays as it is.
func maskNetworks(v Value) Value {
	s, _ := v.Text()
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(part))
		if err != nil {
			return v
		}
		if network := p.Masked().String(); !slices.Contains(out, network) {
			out = append(out, network)
		}
	}
	return Text(strings.Join(out, ","))
}

// checkRestored checks a patch whose values the server had before.
func checkRestored(p Patch) []Problem {
	if _, ok := Restorable(Name, p[Name]); ok {
		p = maps.Clone(p)
		delete(p, Name)
	}
	return checkPatch(p)
}
