package executor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/nearest"
	"sslvpnchange/internal/policy"
)

// Question asks who may change settings of a server, and who must agree.
type Question struct {
	Server, Region string
	Settings       []change.Field // at least one
	Person         string         // "" for everybody
}

// Permissions answers a question for somebody who may view the server. It changes
// nothing and claims nothing.
func (e *Executor) Permissions(ctx context.Context, from policy.Account, q Question) (Answer, error) {
	p, err := e.Policy(ctx)
	if err != nil {
		return Answer{}, err
	}
	who, known := p.Person(from)
	if !known {
		return Answer{}.refuse(Forbidden, *p.Unknown(from)), nil
	}
	r := &request{Executor: e, beginning: beginning{policy: p}, who: who, cmd: command.Command{Server: q.Server, Region: q.Region}}
	ans, err := r.permissions(ctx, q)
	if no, ok := errors.AsType[*refusal](err); ok {
		return Answer{}.refuse(no.kind, no.problems...), nil
	}
	ans.By = who.Name
	return ans, err
}

func (r *request) permissions(ctx context.Context, q Question) (Answer, error) {
	t, err := r.readable(ctx)
	if err != nil {
		return Answer{}, err
	}
	person, problems := q.Person, []change.Problem(nil)
	if person != "" && !r.policy.Absent() {
		person, problems = r.named(t, person)
	}
	found := r.policy.Permissions(t, q.Settings, person)
	return Answer{Outcome: Shown, Permissions: &found, Problems: problems}, nil
}

// named finds a person by name, in any case, among those who have a permission for a
// server. A name of nobody else is confirmed or denied.
func (r *request) named(t change.Target, name string) (string, []change.Problem) {
	people := r.policy.Who(policy.Read, t, nil)
	if i := slices.IndexFunc(people, func(known string) bool { return strings.EqualFold(known, name) }); i >= 0 {
		return people[i], nil
	}
	hint := "the people with a permission for this server: " + strings.Join(people[:min(len(people), MaxListed)], ", ")
	if near := nearest.Word(name, people); near != "" {
		hint = "the nearest name is " + near
	}
	return name, []change.Problem{{
		Path: "person", Rule: policy.RulePersonUnknown, Message: "the policy gives nobody called " + name + " a permission for this server", Hint: hint,
	}}
}
