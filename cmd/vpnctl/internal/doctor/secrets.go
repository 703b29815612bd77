package doctor

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// goodBytes is how long a key of HMAC-SHA256 should be.
const goodBytes = 32

// samples are secrets that documentation shows: that of Standard Webhooks and its
// libraries.
func samples() []string {
	return []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "plJ3nmyCDGBKInavdOK15jsl"}
}

// weakSenders lists what is weak about the secrets of WEBHOOK_SECRETS. It names senders,
// and no secret.
func weakSenders(list string) (problems []string) {
	owner := map[string]string{}
	for entry := range strings.SplitSeq(list, ",") {
		name, text, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok {
			continue // the settings say so
		}
		encoded := strings.TrimPrefix(text, "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue // likewise
		}
		if why := weakKey(key); why != "" {
			problems = append(problems, "the secret of "+name+" "+why)
		}
		for _, sample := range samples() {
			if encoded == sample {
				problems = append(problems, "the secret of "+name+" is a sample of the documentation of Standard Webhooks")
			}
		}
		if other, twice := owner[encoded]; twice && other != name {
			problems = append(problems, other+" and "+name+" have the same secret")
		}
		owner[encoded] = name
	}
	return problems
}

// weakKey says why a key is weak; "" if it may be random.
func weakKey(key []byte) string {
	seen := map[byte]bool{}
	printable, steps := true, map[byte]bool{}
	for i, c := range key {
		seen[c] = true
		printable = printable && c >= ' ' && c <= '~'
		if i > 0 {
			steps[c-key[i-1]] = true
		}
	}
	switch {
	case len(key) == 0:
		return "is empty"
	case repeats(key):
		return "repeats a part of itself"
	case len(seen) < len(key)/2, len(steps) < len(key)/4:
		return fmt.Sprintf("has %d different bytes of %d: it is not random", len(seen), len(key))
	case printable: // one random key of 10 to the 12 is
		return "is text that somebody typed: it is not random"
	case len(key) < goodBytes:
		return fmt.Sprintf("has %d bytes, fewer than %d", len(key), goodBytes)
	}
	return ""
}

// repeats reports whether a key is a shorter text, repeated.
func repeats(key []byte) bool {
	for n := 1; n <= len(key)/2; n++ {
		if len(key)%n == 0 && bytes.Equal(bytes.Repeat(key[:n], len(key)/n), key) {
			return true
		}
	}
	return false
}

// weakBot lists what is weak about the secrets of a bot. They come from the platform, so
// only what no platform gives is found.
func weakBot(name, value string) (problems []string) {
	for part := range strings.SplitSeq(value, ";") {
		key, text, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || !isSecret(key) {
			continue
		}
		lower := strings.ToLower(text)
		for _, word := range []string{"example", "changeme", "placeholder", "your-", "your_", "<", "…", "xxxx"} {
			if strings.Contains(lower, word) {
				problems = append(problems, name+": "+key+" is a placeholder")
				break
			}
		}
		if text == "" || strings.Trim(text, text[:1]) == "" {
			problems = append(problems, name+": "+key+" is one character, repeated")
		}
	}
	return problems
}

func isSecret(key string) bool {
	switch key {
	case "secret", "encryptKey", "token", "aesKey", "appSecret", "agentSecret", "botToken":
		return true
	default:
		return false
	}
}
