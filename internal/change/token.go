package change

import (
	"fmt"
	"strings"
)

// checkToken checks a ClientToken; "" is none.
func checkToken(token string) []Problem {
	var out []Problem
	if n := len([]rune(token)); n > MaxTokenLength {
		out = append(out, Problem{
			Path: "ClientToken", Rule: RuleTokenLength, Message: fmt.Sprintf("the token has %d characters", n),
			Hint: "use at most 64 characters; a UUID has 36",
		})
	}
	if strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		out = append(out, Problem{
			Path: "ClientToken", Rule: RuleTokenASCII, Message: "the token contains a blank or a character that is not printable ASCII",
			Hint: "use letters, digits and hyphens, such as a UUID",
		})
	}
	return out
}

// checkTokenReuse finds a token that a document uses twice for one server. With
// different settings the token would identify two changes; with equal settings one
// change would have two ids.
func checkTokenReuse(reqs []Request) []Problem {
	type use struct {
		target Target
		token  string
	}
	var out []Problem
	first := map[use]Request{}
	for _, r := range reqs {
		if r.ClientToken == "" {
			continue
		}
		u := use{r.Target, r.ClientToken}
		earlier, again := first[u]
		if !again {
			first[u] = r
			continue
		}
		p := Problem{
			Path: joinPath(r.Path, "ClientToken"), Rule: RuleTokenReused,
			Message: "the token is already used for other settings of this server, at " + place(earlier),
			Hint:    "use a different token for each change, or none",
		}
		if earlier.Patch.Equal(r.Patch) {
			p.Rule = RuleTokenDuplicate
			p.Message = "the same change with the same token is already at " + place(earlier)
			p.Hint = "remove one of the two; the token makes them one change"
		}
		out = append(out, p)
	}
	return out
}

func place(r Request) string {
	if r.Line > 0 {
		return fmt.Sprintf("%s (line %d)", r.Path, r.Line)
	}
	return r.Path
}
