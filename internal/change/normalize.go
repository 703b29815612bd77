package change

import (
	"slices"
	"strings"
)

// ciphers lists the values of Cipher as the API spells them.
func ciphers() []string { return []string{"AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "none"} }

// Normalize returns the value as the API spells it: Proto in upper case, Cipher
// in the API's spelling, LocalSubnet without blanks around its commas. What it
// does not know it returns as it is, for the rules to judge.
func Normalize(f Field, v Value) Value {
	s, ok := v.Text()
	if !ok {
		return v
	}
	switch f {
	case Proto:
		return Text(strings.ToUpper(s))
	case Cipher:
		for _, c := range ciphers() {
			if strings.EqualFold(s, c) {
				return Text(c)
			}
		}
		return v
	case LocalSubnet:
		parts := strings.Split(s, ",")
		for i := range parts {
			parts[i] = strings.Trim(parts[i], " \t")
		}
		return Text(strings.Join(parts, ","))
	case Name, ClientIPPool, Port, Compress, EnableMultiFactorAuth, IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID:
		return v
	default:
		return v
	}
}

// Equal tells whether two values of a setting mean the same: networks as sets,
// in whatever order and with whatever host bits; Proto and Cipher in any case.
// A flag that is not set counts as false and a text that is not set as empty,
// because the API leaves both out of its answers.
func Equal(f Field, a, b Value) bool {
	a, b = orDefault(f, a), orDefault(f, b)
	if kindOf(a) != KindText || kindOf(b) != KindText {
		return a == b
	}
	switch f {
	case Proto, Cipher:
		return strings.EqualFold(a.String(), b.String())
	case ClientIPPool, LocalSubnet:
		left, ok := networks(a)
		right, ok2 := networks(b)
		if ok && ok2 {
			return slices.Equal(left, right)
		}
		return Normalize(f, a) == Normalize(f, b)
	case Name, Port, Compress, EnableMultiFactorAuth, IDaaSInstanceID, IDaaSRegionID, IDaaSApplicationID:
		return a == b
	default:
		return a == b
	}
}

func orDefault(f Field, v Value) Value {
	if !v.IsZero() {
		return v
	}
	switch f.Kind() {
	case KindFlag:
		return Flag(false)
	case KindText:
		return Text("")
	case KindNumber:
		return v
	default:
		return v
	}
}

// kindOf is the type that the value has; "" when not set.
func kindOf(v Value) Kind {
	switch v.v.(type) {
	case string:
		return KindText
	case int:
		return KindNumber
	case bool:
		return KindFlag
	default:
		return ""
	}
}
