package change

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	minNameLength  = 2
	maxNameLength  = 100
	maxPort        = 65535
	maxIDaaSLength = 128
)

// checkPatch checks every value of a patch, and then the networks together.
func checkPatch(p Patch) []Problem {
	out := checkKinds(p)
	for _, f := range p.Fields() {
		out = append(out, checkValue(f, p[f])...)
	}
	// The overlap of invalid networks means nothing.
	if slices.ContainsFunc(out, func(p Problem) bool { return p.Path == string(ClientIPPool) || p.Path == string(LocalSubnet) }) {
		return out
	}
	return append(out, checkOverlap(p[ClientIPPool], p[LocalSubnet], ClientIPPool)...)
}

// checkValue checks a value of the right kind.
func checkValue(f Field, v Value) []Problem {
	setting, v := f.Setting(), Normalize(f, v)
	if setting.check == nil || kindOf(v) != setting.Kind {
		return nil
	}
	return setting.check(f, v)
}

// checkKinds finds fields that are not settings, and values whose type is not that
// of their field.
func checkKinds(p map[Field]Value) []Problem {
	var out []Problem
	for f, v := range p {
		switch kind := f.Kind(); {
		case kind == "":
			out = append(out, Problem{
				Path: string(f), Rule: RuleUnknownSetting, Message: quoted(string(f)) + " is not a setting of ModifySslVpnServer",
				Hint: "remove it",
			})
		case kindOf(v) != kind:
			out = append(out, Problem{
				Path: string(f), Rule: RuleWrongType, Message: fmt.Sprintf("%s takes %s", f, kind.phrase()),
				Hint: "write " + kind.phrase(),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func checkName(f Field, v Value) []Problem {
	s, _ := v.Text()
	var out []Problem
	if n := utf8.RuneCountInString(s); n < minNameLength || n > maxNameLength {
		out = append(out, Problem{
			Path: string(f), Rule: RuleNameLength, Message: fmt.Sprintf("the name has %d characters", n),
			Hint: "use 2 to 100 characters",
		})
	}
	bad := strings.IndexFunc(s, func(r rune) bool { return !nameLetter(r) && !strings.ContainsRune("0123456789._-", r) })
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case s == "":
	case strings.HasPrefix(s, "http://"), strings.HasPrefix(s, "https://"):
		out = append(out, Problem{
			Path: string(f), Rule: RuleNameFormat, Message: "the name starts with http:// or https://",
			Hint: "remove the scheme and the slashes",
		})
	case bad >= 0:
		r, _ := utf8.DecodeRuneInString(s[bad:])
		out = append(out, Problem{
			Path: string(f), Rule: RuleNameFormat, Message: fmt.Sprintf("the name %s contains %q", quoted(s), r),
			Hint: "use letters, digits, Chinese characters, periods, underscores and hyphens",
		})
	case !nameLetter(first):
		out = append(out, Problem{
			Path: string(f), Rule: RuleNameFormat, Message: fmt.Sprintf("the name %s starts with %q", quoted(s), first),
			Hint: "start with a letter or a Chinese character",
		})
	}
	return out
}

func nameLetter(r rune) bool { return isLatin(r) || unicode.Is(unicode.Han, r) }

func isLatin(r rune) bool { return isLower(r) || r >= 'A' && r <= 'Z' }

func checkProto(f Field, v Value) []Problem {
	s, _ := v.Text()
	if s == "TCP" || s == "UDP" {
		return nil
	}
	return []Problem{{
		Path: string(f), Rule: RuleProtoUnknown, Message: quoted(s) + " is not a protocol of SSL-VPN", Hint: "use TCP or UDP",
	}}
}

func checkCipher(f Field, v Value) []Problem {
	s, _ := v.Text()
	if slices.Contains(Ciphers(), s) {
		return nil
	}
	return []Problem{{
		Path: string(f), Rule: RuleCipherUnknown, Message: quoted(s) + " is not a cipher of SSL-VPN",
		Hint: "use AES-128-CBC, AES-192-CBC, AES-256-CBC or none",
	}}
}

func checkIDaaS(f Field, v Value) []Problem {
	s, _ := v.Text()
	if len(s) <= maxIDaaSLength && isWord(s, func(r rune) bool { return isLatin(r) || isDigit(r) || strings.ContainsRune("._-", r) }) {
		return nil
	}
	return []Problem{{
		Path: string(f), Rule: RuleIDaaSFormat, Message: fmt.Sprintf("%s is not a value for %s", quoted(s), f),
		Hint: "copy it from the IDaaS console; to switch multi-factor authentication off, set EnableMultiFactorAuth to false",
	}}
}

func checkPort(f Field, v Value) []Problem {
	n, _ := v.Number()
	switch {
	case n < 1 || n > maxPort:
		return []Problem{{
			Path: string(f), Rule: RulePortRange, Message: fmt.Sprintf("%d is not a port", n), Hint: "use 1 to 65535; the default is 1194",
		}}
	case reservedPort(n):
		return []Problem{{
			Path: string(f), Rule: RulePortReserved, Message: fmt.Sprintf("port %d is reserved by the VPN gateway", n),
			Hint: "the nearest free ports are " + freePorts(n),
		}}
	default:
		return nil
	}
}

// reservedPort reports whether the gateway reserves the port, by the parameter table
// of ModifySslVpnServer.
func reservedPort(n int) bool {
	switch n {
	case 22, 2222, 22222, 9000, 9001, 9002, 7505, 80, 443, 53, 68, 123, 4510, 4560, 500, 4500:
		return true
	default:
		return false
	}
}

func freePorts(n int) string {
	below, above := n-1, n+1
	for reservedPort(below) {
		below--
	}
	for reservedPort(above) {
		above++
	}
	return fmt.Sprintf("%d and %d", below, above)
}
