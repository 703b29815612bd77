package change

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of the guards of a change.
const (
	DefaultConfirm = 10 * time.Minute // of a confirmation that names no duration
	MinConfirm     = time.Minute
	MaxConfirm     = 24 * time.Hour
	MaxIdle        = 10000

	MaxOverrideLength = 64
)

// Confirmation says that a change is undone unless somebody confirms it in time. The
// zero value asks for none.
type Confirmation struct {
	For time.Duration // from the verification of the change until it is undone
	// Proof has the change undone early when the server answered a probe before the
	// change and refuses it afterwards.
	Proof bool
}

// IsZero reports whether no confirmation is needed.
func (c Confirmation) IsZero() bool { return c == Confirmation{} }

// confirmProof is the word for Confirmation.Proof.
const confirmProof = "proof"

// String renders a confirmation as ParseConfirmation reads it: "10m", "20m proof"; ""
// for none.
func (c Confirmation) String() string {
	switch {
	case c.IsZero():
		return ""
	case c.Proof:
		return Span(c.For) + " " + confirmProof
	default:
		return Span(c.For)
	}
}

// MarshalText renders a confirmation as String does.
func (c Confirmation) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// ParseConfirmation reads a duration, the word proof, or both with a blank or a plus
// sign between them. The word alone stands for DefaultConfirm. It checks the notation;
// Validate checks the limits.
func ParseConfirmation(s string) (Confirmation, *Problem) {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '+' })
	var c Confirmation
	if n := len(words); n > 0 && words[n-1] == confirmProof {
		c.Proof, words = true, words[:n-1]
		if n == 1 {
			c.For = DefaultConfirm
			return c, nil
		}
	}
	if len(words) == 1 {
		if d, ok := ParseSpan(words[0]); ok {
			c.For = d
			return c, nil
		}
	}
	return Confirmation{}, &Problem{
		Path: "confirm", Rule: RuleConfirmFormat, Message: quoted(s) + " is not a duration, proof, or both",
		Hint: "write how long somebody may confirm the change before it is undone: 10m, 1h30m, proof, or 20m proof",
	}
}

// ParseIdle reads "idle(5)" and "idle(<5)" as 5: the change waits until fewer clients
// are connected. It checks the notation; Validate checks the limits.
func ParseIdle(s string) (int, *Problem) {
	text, ok := strings.CutPrefix(strings.ToLower(s), "idle(")
	text, closed := strings.CutSuffix(text, ")")
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "<"))
	if n, err := strconv.Atoi(text); ok && closed && err == nil && strconv.Itoa(n) == text && n > 0 {
		return n, nil
	}
	return 0, &Problem{
		Path: "when", Rule: RuleWhenFormat, Message: quoted(s) + " is not idle with a number of clients",
		Hint: "write idle(5) to wait until fewer than 5 clients are connected",
	}
}

// Idle renders the number of a request's Idle as ParseIdle reads it; "" for 0.
func Idle(n int) string {
	if n == 0 {
		return ""
	}
	return "idle(" + strconv.Itoa(n) + ")"
}

// Guarded reports whether the request has a key that has no meaning in a dry run.
func (r Request) Guarded() bool {
	return !r.Confirm.IsZero() || r.Idle != 0 || r.Proof || r.Override != ""
}

// WantsProof reports whether the function probes the server before and after the
// change.
func (r Request) WantsProof() bool { return r.Proof || !r.Confirm.IsZero() }

// ValidOverride reports whether a text can be the name of a freeze.
func ValidOverride(name string) bool {
	odd := func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("._-", c) || HiddenName(c) != ""
	}
	return name != "" && utf8.RuneCountInString(name) <= MaxOverrideLength && utf8.ValidString(name) && !strings.ContainsFunc(name, odd)
}

// OverrideProblem is why a text cannot be the name of a freeze.
func OverrideProblem(name string) Problem {
	return Problem{
		Path: "override", Rule: RuleOverrideFormat, Message: quoted(name) + " is not the name of a freeze",
		Hint: "write the freeze's name in the policy, such as double-eleven, or remove override",
	}
}

// checkOverride checks the key override. Who approves the change has to know why it
// cannot wait until the freeze ends.
func checkOverride(r Request) []Problem {
	var out []Problem
	if r.Override != "" && !ValidOverride(r.Override) {
		out = append(out, OverrideProblem(r.Override))
	}
	if r.Override != "" && r.Reason == "" {
		out = append(out, Problem{
			Path: "reason", Rule: RuleOverrideReason, Message: "a change that overrides a freeze has no reason",
			Hint: "add reason: why it cannot wait until the freeze ends",
		})
	}
	return out
}

// checkGuards checks the keys confirm, when, proof and override.
func checkGuards(r Request) []Problem {
	var out []Problem
	if d := r.Confirm.For; !r.Confirm.IsZero() && (d < MinConfirm || d > MaxConfirm || d%time.Second != 0) {
		out = append(out, Problem{
			Path: "confirm", Rule: RuleConfirmRange, Message: "the time to confirm is " + d.String(),
			Hint: "use 1m to 24h, in whole seconds",
		})
	}
	if r.Idle < 0 || r.Idle > MaxIdle {
		out = append(out, Problem{
			Path: "when", Rule: RuleWhenRange, Message: "the number of clients is " + strconv.Itoa(r.Idle),
			Hint: "use 1 to " + strconv.Itoa(MaxIdle),
		})
	}
	out = append(out, checkOverride(r)...)
	if !r.DryRun {
		return out
	}
	for _, k := range []struct {
		key string
		set bool
	}{{"confirm", !r.Confirm.IsZero()}, {"when", r.Idle != 0}, {"proof", r.Proof}, {"override", r.Override != ""}} {
		if k.set {
			out = append(out, Problem{
				Path: k.key, Rule: RuleGuardOfDryRun, Message: k.key + " has no meaning in a dry run, which sends nothing",
				Hint: "remove " + k.key + ", or dryRun",
			})
		}
	}
	return out
}

// ParseSpan reads a positive duration of whole hours, minutes and seconds, each at
// most once: "10m", "1h30m", "90s". time.ParseDuration also accepts fractions, signs
// and other units.
func ParseSpan(s string) (time.Duration, bool) {
	var sum time.Duration
	units := "hms"
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		if digits == 0 || digits > 6 || digits == len(s) {
			return 0, false
		}
		i := strings.IndexByte(units, s[digits])
		n, err := strconv.Atoi(s[:digits])
		if i < 0 || err != nil {
			return 0, false
		}
		sum += time.Duration(n) * unit(units[i])
		units, s = units[i+1:], s[digits+1:]
	}
	return sum, sum > 0
}

// Span renders a duration as ParseSpan reads it, without units that are zero. It drops
// fractions of seconds.
func Span(d time.Duration) string {
	var out strings.Builder
	for _, u := range []byte("hms") {
		if n := d / unit(u); n > 0 {
			out.WriteString(strconv.FormatInt(int64(n), 10))
			out.WriteByte(u)
			d %= unit(u)
		}
	}
	return out.String()
}

func unit(letter byte) time.Duration {
	switch letter {
	case 'h':
		return time.Hour
	case 'm':
		return time.Minute
	default:
		return time.Second
	}
}
