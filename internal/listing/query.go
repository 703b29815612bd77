package listing

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// Query asks for a page of the list. The zero Query asks for the first page of everything.
type Query struct {
	Statuses []change.Status // one of them; Waits and Ends stand for several; none: all
	Server   string          // as typed: its id, or its name in the policy; "": all
	RegionID string          // of Server, where it was given
	By       string          // a person or an account; "": everybody
	Since    change.Bound    // changes that ended from then on, or were accepted while they wait
	Until    change.Bound    // and before then
	Limit    int             // of changes on a page; 0: DefaultLimit
	Cursor   string          // Next of the page before; "": the first page
}

// The words that stand for several statuses.
const (
	Waits change.Status = "waiting" // queued, waiting and applying
	Ends  change.Status = "ended"
)

// The bounds of Limit.
const (
	DefaultLimit = 20
	MaxLimit     = 100
)

// Has reports whether the query asks for changes with a status.
func (q Query) Has(s change.Status) bool {
	if len(q.Statuses) == 0 {
		return true
	}
	return slices.ContainsFunc(q.Statuses, func(one change.Status) bool {
		return s == one || one == Ends && s.Final() || one == Waits && !s.Final()
	})
}

// Waiting reports whether the query asks for changes that have not ended.
func (q Query) Waiting() bool { return q.Has(change.Waiting) }

// Ended reports whether the query asks for changes that have ended.
func (q Query) Ended() bool { return slices.ContainsFunc(finals(), q.Has) }

// IsStatus reports whether a word is one that Statuses can have.
func IsStatus(word string) bool { return slices.Contains(Words(), word) }

func finals() []change.Status {
	return []change.Status{
		change.Applied, change.Unchanged, change.Planned, change.Rejected, change.Superseded, change.Failed, change.Expired, change.Cancelled,
	}
}

// Words lists what Statuses can have.
func Words() []string {
	out := []string{string(Waits), string(Ends)}
	for _, s := range finals() {
		out = append(out, string(s))
	}
	return out
}

// The rules that refuse parameters.
const (
	RuleParameterValue = "parameter-value"
	RuleCursor         = "cursor"
)

// The parameters of GET /v1/changes.
const (
	paramStatus = "status"
	paramServer = "server"
	paramBy     = "by"
	paramSince  = "since"
	paramUntil  = "until"
	paramLimit  = "limit"
	paramCursor = "cursor"
)

// maxText bounds the text of a parameter.
const maxText = 256

// Parse reads the parameters of GET /v1/changes. It gives all their problems.
func Parse(params map[string]string) (Query, []change.Problem) {
	r := reader{}
	known := []string{paramStatus, paramServer, paramBy, paramSince, paramUntil, paramLimit, paramCursor}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		value := params[name]
		switch {
		case !slices.Contains(known, name):
			r.add(change.Problem{Path: shown(name), Rule: document.RuleUnknownKey, Message: "there is no parameter " + shown(name), Hint: near(name, known)})
		case value == "":
			r.bad(name, value, "give a value, or leave the parameter out")
		case len(value) > maxText && name != paramCursor:
			r.bad(name, value, "use at most "+strconv.Itoa(maxText)+" bytes")
		default:
			r.param(name, value)
		}
	}
	return r.q, document.Bounded(r.problems)
}

type reader struct {
	q        Query
	problems []change.Problem
}

func (r *reader) add(p change.Problem) { r.problems = append(r.problems, p) }

func (r *reader) bad(name, value, hint string) {
	r.add(change.Problem{Path: name, Rule: RuleParameterValue, Message: name + " is " + shown(value), Hint: hint})
}

func (r *reader) param(name, value string) {
	switch name {
	case paramStatus:
		r.statuses(value)
	case paramServer:
		r.server(value)
	case paramBy:
		r.q.By = value
	case paramSince, paramUntil:
		b, ok := change.ParseBound(value)
		if !ok {
			r.bad(name, value, "use a time with its zone, such as 2026-11-23T02:00:00+08:00, or how long ago, such as 24h and 7d; write the + as %2B")
		}
		if name == paramSince {
			r.q.Since = b
		} else {
			r.q.Until = b
		}
	case paramLimit:
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > MaxLimit || strconv.Itoa(n) != value {
			r.bad(name, value, fmt.Sprintf("use a whole number from 1 to %d", MaxLimit))
		}
		r.q.Limit = n
	case paramCursor:
		r.q.Cursor = value
		if _, problem := r.q.place(false); problem != nil {
			r.add(*problem)
		}
	}
}

func (r *reader) statuses(value string) {
	for word := range strings.SplitSeq(value, ",") {
		if word = strings.ToLower(strings.TrimSpace(word)); !IsStatus(word) {
			r.add(change.Problem{Path: paramStatus, Rule: RuleParameterValue, Message: "there is no status " + shown(word), Hint: near(word, Words())})
			continue
		}
		r.q.Statuses = append(r.q.Statuses, change.Status(word))
	}
}

func (r *reader) server(value string) {
	region, id, both := strings.Cut(value, "/")
	if !both {
		region, id = "", value
	}
	r.q.RegionID, r.q.Server = strings.ToLower(region), id
	if id == "" || both && region == "" || strings.Contains(id, "/") {
		r.bad(paramServer, value, "use a server's name, its id, or <region>/<id>")
	}
}

func near(word string, known []string) string {
	if found := nearest.Word(word, known); found != "" {
		return "the nearest is " + found
	}
	return "use one of " + strings.Join(known, ", ")
}

// shown quotes a value for a message, shortened.
func shown(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
