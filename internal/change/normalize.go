package change

import (
	"slices"
	"strings"
)

// Ciphers lists the values of Cipher as the API spells them.
func Ciphers() []string { return []string{"AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "none"} }

// spellCipher returns a cipher in the API's spelling, and any other text as it is.
func spellCipher(s string) string {
	for _, c := range Ciphers() {
		if strings.EqualFold(s, c) {
			return c
		}
	}
	return s
}

// trimList removes the blanks around the commas of a list.
func trimList(s string) string {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.Trim(parts[i], " \t")
	}
	return strings.Join(parts, ",")
}

// sameNetworks reports whether two texts name the same set of networks.
func sameNetworks(a, b string) bool {
	left, ok := networks(a)
	right, ok2 := networks(b)
	if ok && ok2 {
		return slices.Equal(left, right)
	}
	return trimList(a) == trimList(b)
}

// Normalize returns the value as the API spells it: Proto in upper case, Cipher
// in the API's spelling, LocalSubnet without blanks around its commas. A value
// that it does not recognize stays as it is, for the rules to judge.
func Normalize(f Field, v Value) Value {
	s, ok := v.Text()
	if normalize := f.Setting().normalize; ok && normalize != nil {
		return Text(normalize(s))
	}
	return v
}

// Equal reports whether two values of a setting mean the same: networks as sets,
// in any order and with any host bits; Proto and Cipher in any case. A flag that
// is not set equals false, and a text that is not set equals the empty text,
// because the API leaves both out of its answers.
func Equal(f Field, a, b Value) bool {
	setting := f.Setting()
	a, b = orDefault(setting.Kind, a), orDefault(setting.Kind, b)
	left, ok := a.Text()
	right, ok2 := b.Text()
	if ok && ok2 && setting.equal != nil {
		return setting.equal(left, right)
	}
	return a == b
}

func orDefault(k Kind, v Value) Value {
	switch {
	case !v.IsZero():
		return v
	case k == KindFlag:
		return Flag(false)
	case k == KindText:
		return Text("")
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
